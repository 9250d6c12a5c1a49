"""Row by row of the tables of constraints: what KT2 itself demands is accepted where it is met and found where not."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from ktcheck import tables
from ktcheck.conformance.validator import Profiles, Violation
from ktcheck.suite import PROFILES
from tests.conformance.breaking import Place, broken
from tests.conformance.rows import REASONS, Demand, Row, demands, reason, rows
from tests.conformance.samples import INSTANTIATES, KT2, resource

Json = dict[str, Any]

RELEASES = tables.migration().profile_versions
ABSENT = pytest.mark.skip(reason="the tables of constraints are not beside the data")


@cache
def release(version: str) -> Profiles:
    return Profiles(PROFILES / f"kt2-{version}")


def canonical(row: Row) -> str:
    return INSTANTIATES if INSTANTIATES.endswith(f"/{row.profile}") else KT2 + row.profile


def named(demand: Demand) -> Any:
    row = demand.row
    return pytest.param(demand, id=f"{row.version} {row.profile} {row.element} {demand.kind}")


TESTED = [named(demand) for version in RELEASES for demand in demands(version) if reason(demand) is None]


def plain(path: str) -> str:
    """A place without list positions, and what is beside a primitive under the name of that primitive."""
    return re.sub(r"\[\d+\]", "", path).replace("._", ".").removeprefix("_")


def at(violation: Violation, demand: Demand) -> bool:
    """Whether a violation is where a demand is: at or below the element, or above it where something is absent.

    That a choice has only some of its types, and that an extension has no extensions, is said of what has them.
    """
    row, path = demand.row, plain(violation.path)
    above = demand.kind in {"min", "type"} or (row.is_extension and row.path == "extension")
    choice = row.element.endswith("[x]") or f"[x]:{row.slice_name}" in row.element
    if above and path == row.path.rpartition(".")[0]:
        return True
    return path == row.path or path.startswith(row.path if choice else f"{row.path}.")


def own(violation: Violation, demand: Demand) -> bool:
    """Whether it is KT2 that asks for it, or what KT2 only names: an extension's own profile, a slice of a parent."""
    index = release(demand.row.version).index
    level = index["profiles"].get(violation.profile, {}).get("level")
    return level == index["package"]["name"] or demand.kind == "typeProfile" or demand.row.fields == "sliceName"


@pytest.mark.parametrize("demand", TESTED or [pytest.param(None, marks=ABSENT)])
def test_what_a_row_demands_is_accepted_and_what_breaks_it_is_found(demand: Demand) -> None:
    row, profiles = demand.row, release(demand.row.version)
    url = canonical(row)
    good = resource(row.version, row.profile)
    assert Place(good, row).found == (row.most != "0")
    assert list(profiles.violations(good, url)) == []
    assert profiles.is_valid(good, url)
    ways = 0
    for bad in broken(good, demand):
        ways += 1
        found = list(profiles.violations(bad, url))
        advised = demand.kind == "binding" and row.strength == "extensible" and row.fixed is None
        assert any(at(item, demand) and own(item, demand) and item.warning == advised for item in found)
        assert [item for item in found if not at(item, demand)] == []
        if row.most == "0":  # nothing else is wrong with what is added
            assert [item for item in found if not own(item, demand)] == []
        assert profiles.is_valid(bad, url) == advised
    assert ways


CARRIED = [
    named(demand)
    for version in RELEASES
    for demand in demands(version)
    if demand.row.is_extension and demand.row.path != "url" and reason(demand) is None
]


@pytest.mark.parametrize("demand", CARRIED or [pytest.param(None, marks=ABSENT)])
def test_what_an_extension_demands_is_found_in_what_carries_it(demand: Demand) -> None:
    extension, version = demand.row, demand.row.version
    url = canonical(extension)
    user = next(row for row in rows(version) if row.type_profile == url and row.path == "extension")
    profiles = release(version)
    whole = resource(version, user.profile)
    number = next(number for number, item in enumerate(whole["extension"]) if item["url"] == url)
    for bad in broken(whole["extension"][number], demand):
        carried = [*whole["extension"][:number], bad, *whole["extension"][number + 1 :]]
        found = list(profiles.violations(whole | {"extension": carried}, canonical(user)))
        assert {item.path.partition(".")[0] for item in found} == {f"extension[{number}]"}
        assert url in {item.profile for item in found}


@pytest.mark.parametrize("version", RELEASES)
def test_every_row_is_tested_or_there_is_a_reason(version: str) -> None:
    if not rows(version):
        pytest.skip("the tables of constraints are not beside the data")
    told = Counter(reason(demand) or "tested" for demand in demands(version))
    assert {demand.row for demand in demands(version)} == set(rows(version))
    assert told.total() == sum(len(row.differs_in) for row in rows(version))
    assert told["tested"] > 0.85 * told.total()


def test_every_reason_is_one_of_some_row() -> None:
    if not any(map(rows, RELEASES)):
        pytest.skip("the tables of constraints are not beside the data")
    told = Counter(reason(demand) for version in RELEASES for demand in demands(version))
    assert {why: told[why] for why in REASONS if not told[why]} == {}
