"""Finding and reading references in a resource."""

from __future__ import annotations

import pytest

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
