"""Finding and reading references in a resource."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.references import read, walk

BASE = "https://acc21.example/api/v1/zorgvoorbeeld/fhir/r4"


def test_every_reference_is_found_with_its_path_and_place() -> None:
    resource = {
        "resourceType": "CareTeam",
        "identifier": [{"system": "s", "value": "v"}],
        "extension": [{"url": "http://x/origin", "valueReference": {"reference": "Device/1"}}],
        "subject": {"reference": "Patient/1", "type": "Patient"},
        "participant": [
            {"member": {"reference": "Practitioner/1"}},
            {"member": {"identifier": {"system": "s", "value": "v"}}},
            {"role": [{"coding": [{"code": "c"}]}]},
        ],
        "contained": [{"resourceType": "Task", "for": {"reference": "Patient/2"}}],
    }
    found = {place: path for path, place, _ in walk(resource)}
    assert found == {
        "extension('http://x/origin')[0].valueReference": "extension('http://x/origin').valueReference",
        "subject": "subject",
        "participant[0].member": "participant.member",
        "participant[1].member": "participant.member",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"reference": "Patient/ab-1"}, ("literal", "Patient", "ab-1")),
        ({"reference": "Task/1/_history/3"}, ("literal", "Task", "1")),
        ({"reference": f"{BASE}/Patient/1"}, ("literal", "Patient", "1")),
        ({"reference": "https://elsewhere.example/Patient/1"}, ("elsewhere", None, None)),
        ({"reference": "urn:uuid:1"}, ("elsewhere", None, None)),
        ({"reference": "#a"}, ("contained", None, None)),
        ({"reference": "Patient"}, ("malformed", None, None)),
        ({"reference": ""}, ("malformed", None, None)),
        ({"reference": "/Patient/1"}, ("malformed", None, None)),
        ({"identifier": {"value": "v"}}, ("logical", None, None)),
        ({"identifier": {"value": "v"}, "reference": "Patient/1"}, ("literal", "Patient", "1")),
    ],
)
def test_forms(value: dict[str, object], expected: tuple[str, str | None, str | None]) -> None:
    assert read(value, BASE) == expected


def test_without_a_base_an_absolute_reference_is_elsewhere() -> None:
    assert read({"reference": f"{BASE}/Patient/1"}, None) == ("elsewhere", None, None)


# ---- whatever the resource looks like, every reference in it is found ----------------------------------------------

NAMES = st.sampled_from(["extension", "participant", "member", "for", "owner", "what", "valueReference"])
LEAVES = st.none() | st.integers() | st.text(max_size=3)
PLAIN = st.recursive(
    LEAVES,
    lambda part: st.dictionaries(NAMES, part, max_size=3) | st.lists(st.dictionaries(NAMES, part), max_size=2),
    max_leaves=6,
)
Step = tuple[str, int | None]


@given(
    st.dictionaries(NAMES, PLAIN, max_size=3),
    st.lists(st.lists(st.tuples(NAMES, st.none() | st.integers(0, 2)), min_size=1, max_size=5), max_size=4),
)
def test_walk_finds_every_injected_reference(resource: dict[str, Any], ways: list[list[Step]]) -> None:
    injected = []
    for number, way in enumerate(ways):
        if _inject(resource, way, {"reference": f"Patient/{number}"}):
            injected.append(f"Patient/{number}")
    found = [value["reference"] for _, _, value in walk(resource)]
    assert sorted(found) == sorted(injected)
    places = [place for _, place, _ in walk(resource)]
    assert len(places) == len(set(places))
    assert [re.sub(r"\[\d+\]", "", place) for place in places] == [path for path, _, _ in walk(resource)]


def _inject(resource: dict[str, Any], way: list[Step], reference: dict[str, str]) -> bool:
    """Put a reference at a place in a resource, and make the place when it is not there; not inside another one."""
    here = resource
    for name, position in way:
        if "reference" in here:
            return False
        if position is None:
            if not isinstance(here.get(name), dict):
                if name in here:
                    return False
                here[name] = {}
            here = here[name]
        else:
            if not isinstance(here.get(name), list):
                if name in here:
                    return False
                here[name] = []
            here[name] += [{} for _ in range(position + 1 - len(here[name]))]
            here = here[name][position]
    if here:
        return False
    here.update(reference)
    return True
