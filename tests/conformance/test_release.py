"""What a violation means: whose demand it is, of what kind, and that every kind has its words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ktcheck import tables
from ktcheck.conformance.release import KT2, explain, memo_texts, release
from tests.conformance.breaking import broken
from tests.conformance.rows import demands, reason
from tests.conformance.samples import resource as sample
from tests.conformance.test_rows import canonical
from tests.conformance.test_same_verdict import Json, mutated

RELEASES = tables.migration().profile_versions
KINDS = tables.read("texts/violations.yaml")["kinds"]


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_is_read_once(version: str) -> None:
    assert release(version) is release(version)
    assert release(version).has(f"{KT2}Patient")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_words_in_two_languages(kind: str) -> None:
    texts = KINDS[kind]
    assert set(texts) == {"what_nl", "what_en", "remedy_nl", "remedy_en"}
    assert not any(tables.placeholders(text) for text in texts.values())


def test_the_memo_has_words_in_two_languages() -> None:
    assert {tables.placeholders(memo_texts()[language]) for language in ("nl", "en")} == {frozenset({"element"})}


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_every_violation_is_of_a_known_kind(resource: Json) -> None:
    profiles = release("0.16.3")
    for violation in profiles.violations(resource, KT2 + resource["resourceType"]):
        told = explain(profiles, violation)
        assert told.kind != "other"
        assert told.level in {"KT2", "nl-core", "zib", "R4"}
        assert (told.kind == "advised") == violation.warning
        assert told.element == "" or "[" not in told.element


@pytest.mark.parametrize("version", RELEASES)
def test_what_breaks_a_row_of_the_tables_has_its_kind(version: str) -> None:
    profiles = release(version)
    found = set()
    for demand in demands(version):
        if reason(demand) is None:
            for bad in broken(sample(version, demand.row.profile), demand):
                for item in profiles.violations(bad, canonical(demand.row)):
                    found.add((demand.kind, explain(profiles, item).kind))
    if not found:
        pytest.skip("the tables of constraints are not beside the data")
    assert not {kinds for kinds in found if kinds[1] == "other"}
    assert {("max", "prohibited"), ("min", "missing"), ("target", "reference")} <= found


def test_two_missing_elements_are_two_violations() -> None:
    profiles = release("0.16.3")
    found = [explain(profiles, item) for item in profiles.violations({"resourceType": "Endpoint"}, f"{KT2}Endpoint")]
    missing = {told.path for told in found if told.kind == "missing"}
    assert {"connectionType", "payloadType", "address", "status"} <= missing


def test_what_is_beside_a_primitive_is_named_as_json_has_it() -> None:
    profiles = release("0.16.3")
    name = {"use": "official", "family": "Voorbeeld", "given": ["An"]}
    found = [explain(profiles, item) for item in profiles.violations({"name": [name]}, f"{KT2}Patient")]
    assert "name[0]._given" in {told.path for told in found if told.kind == "missing"}
