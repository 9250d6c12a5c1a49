"""Every kind of constraint of a profile: what it allows is accepted, what it does not allow is found at its place."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.conformance.build import build
from ktcheck.conformance.package import Package
from ktcheck.conformance.validator import Profiles
from ktcheck.output import json_bytes
from tests.conformance.official import R4, package

Json = dict[str, Any]

URL = "http://example.org/fhir/StructureDefinition/Strict"
EXTENSION = "http://example.org/fhir/StructureDefinition/Nickname"
BSN = "http://fhir.nl/fhir/NamingSystem/bsn"
BY_SYSTEM = {"slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}}
BY_URL = {"slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}}


def element(identity: str, **facts: Any) -> Json:
    """An element of a profile on Patient: what R4 says, with these facts changed."""
    path = ".".join(part.partition(":")[0] for part in identity.split("."))
    core = next(item for item in package(R4).definitions if item["url"].endswith("/StructureDefinition/Patient"))
    known: Json = next((item for item in core["snapshot"]["element"] if item["id"] == path), {})
    return {"min": 0, "max": "1", **known, "id": identity, "path": path, **facts}


def profiles(tmp_path: Any, *elements: Json) -> Profiles:
    """A release with one profile on Patient, and an extension that it may use."""
    core = package(R4)
    by_name = {item["url"].rpartition("/")[2]: item for item in core.definitions}
    patient = {item["id"]: item for item in by_name["Patient"]["snapshot"]["element"]}
    patient |= {item["id"]: item for item in elements}
    nickname = {item["id"]: item for item in by_name["Extension"]["snapshot"]["element"]}
    nickname["Extension.url"] = {**nickname["Extension.url"], "fixedUri": EXTENSION}
    nickname["Extension.value[x]"] = {**nickname["Extension.value[x]"], "min": 1, "type": [{"code": "string"}]}
    own = [
        _definition(URL, "Patient", "resource", patient),
        _definition(EXTENSION, "Extension", "complex-type", nickname),
    ]
    made = build(Package(name="test", version="1", definitions=tuple(own)), [core])
    for name, content in made.items():
        (tmp_path / name).write_bytes(json_bytes(content))
    return Profiles(tmp_path)


def _definition(url: str, kind: str, what: str, elements: dict[str, Json]) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": url.rpartition("/")[2],
        "kind": what,
        "type": kind,
        "derivation": "constraint",
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "snapshot": {"element": list(elements.values())},
    }


NICK = {"url": EXTENSION, "valueString": "Tess"}
STRING = [{"code": "string"}]
CASES = [
    pytest.param([("Patient.photo", {"max": "0"})], {}, {"photo": [{"title": "x"}]}, "photo", id="prohibited"),
    pytest.param([("Patient.active", {"min": 1})], {"active": True}, {}, "", id="mandatory"),
    pytest.param(
        [("Patient.active", {"min": 1})],
        {"_active": {"extension": [{"url": "u:x", "valueCode": "x"}]}},
        {"gender": "male"},
        "",
        id="mandatory, with an extension for its value",
    ),
    pytest.param(
        [("Patient.deceased[x]", {"min": 1})], {"deceasedBoolean": False}, {"active": True}, "", id="a mandatory choice"
    ),
    pytest.param(
        [("Patient.deceased[x]", {"type": [{"code": "boolean"}]})],
        {"deceasedBoolean": True},
        {"deceasedDateTime": "2020"},
        "",
        id="a choice that is narrowed",
    ),
    pytest.param(
        [("Patient.name", {"max": "1"})],
        {"name": [{"family": "a"}]},
        {"name": [{"family": "a"}, {"family": "b"}]},
        "name",
        id="at most one",
    ),
    pytest.param(
        [("Patient.language", {"fixedCode": "nl"})],
        {"language": "nl"},
        {"language": "en"},
        "language",
        id="a fixed value",
    ),
    pytest.param(
        [("Patient.maritalStatus", {"patternCodeableConcept": {"coding": [{"system": "u:m", "code": "M"}]}})],
        {"maritalStatus": {"coding": [{"system": "u:x", "code": "x"}, {"system": "u:m", "code": "M", "display": "d"}]}},
        {"maritalStatus": {"coding": [{"system": "u:m", "code": "S"}]}},
        "maritalStatus.coding",
        id="a pattern",
    ),
    pytest.param(
        [
            (
                "Patient.maritalStatus",
                {"binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"}},
            )
        ],
        {"maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}]}},
        {"maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "man"}]}},
        "maritalStatus.coding",
        id="a required binding",
    ),
    pytest.param(
        [
            (
                "Patient.generalPractitioner",
                {
                    "type": [
                        {"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Practitioner"]}
                    ]
                },
            )
        ],
        {"generalPractitioner": [{"reference": "Practitioner/1"}]},
        {"generalPractitioner": [{"reference": "Organization/1"}]},
        "generalPractitioner[0].reference",
        id="fewer target types",
    ),
    pytest.param(
        [
            ("Patient.identifier", BY_SYSTEM),
            ("Patient.identifier:bsn", {"min": 1, "max": "*", "type": [{"code": "Identifier"}]}),
            ("Patient.identifier:bsn.system", {"min": 1, "fixedUri": BSN, "type": [{"code": "uri"}]}),
        ],
        {"identifier": [{"system": "u:x"}, {"system": BSN, "value": "999900006"}]},
        {"identifier": [{"system": "u:x"}]},
        "identifier",
        id="a mandatory slice",
    ),
    pytest.param(
        [
            ("Patient.identifier", BY_SYSTEM),
            ("Patient.identifier:bsn", {"max": "1", "type": [{"code": "Identifier"}]}),
            ("Patient.identifier:bsn.system", {"min": 1, "fixedUri": BSN, "type": [{"code": "uri"}]}),
        ],
        {"identifier": [{"system": BSN, "value": "a"}, {"system": "u:x"}, {"system": "u:x", "value": "b"}]},
        {"identifier": [{"system": BSN, "value": "a"}, {"system": BSN, "value": "b"}]},
        "identifier",
        id="a slice at most once",
    ),
    pytest.param(
        [
            ("Patient.identifier", BY_SYSTEM),
            ("Patient.identifier:bsn", {"max": "0", "type": [{"code": "Identifier"}]}),
            ("Patient.identifier:bsn.system", {"min": 1, "fixedUri": BSN, "type": [{"code": "uri"}]}),
        ],
        {"identifier": [{"system": "u:x"}]},
        {"identifier": [{"system": "u:x"}, {"system": BSN}]},
        "identifier[1]",
        id="a prohibited slice",
    ),
    pytest.param(
        [
            ("Patient.identifier", BY_SYSTEM),
            ("Patient.identifier:bsn", {"max": "*", "type": [{"code": "Identifier"}]}),
            ("Patient.identifier:bsn.system", {"min": 1, "fixedUri": BSN, "type": [{"code": "uri"}]}),
            ("Patient.identifier:bsn.use", {"patternCode": "official", "type": [{"code": "code"}]}),
        ],
        {"identifier": [{"system": BSN, "use": "official"}, {"system": "u:x", "use": "temp"}]},
        {"identifier": [{"system": "u:x"}, {"system": BSN, "use": "temp"}]},
        "identifier[1].use",
        id="what a slice asks for",
    ),
    pytest.param(
        [
            ("Patient.identifier", {"slicing": {**BY_SYSTEM["slicing"], "rules": "closed"}}),
            ("Patient.identifier:bsn", {"max": "*", "type": [{"code": "Identifier"}]}),
            ("Patient.identifier:bsn.system", {"min": 1, "fixedUri": BSN, "type": [{"code": "uri"}]}),
        ],
        {"identifier": [{"system": BSN}]},
        {"identifier": [{"system": BSN}, {"system": "u:x"}]},
        "identifier[1]",
        id="closed slicing",
    ),
    pytest.param(
        [
            ("Patient.extension", BY_URL),
            ("Patient.extension:nick", {"min": 1, "type": [{"code": "Extension", "profile": [EXTENSION]}]}),
        ],
        {"extension": [NICK, {"url": "u:x", "valueCode": "x"}]},
        {"extension": [{"url": "u:x", "valueCode": "x"}]},
        "extension",
        id="a mandatory extension",
    ),
    pytest.param(
        [
            ("Patient.extension", BY_URL),
            ("Patient.extension:nick", {"max": "*", "type": [{"code": "Extension", "profile": [EXTENSION]}]}),
        ],
        {"extension": [NICK]},
        {"extension": [{"url": EXTENSION, "valueCode": "x"}]},
        "extension[0]",
        id="the value type of an extension",
    ),
    pytest.param(
        [
            ("Patient.birthDate.extension", {"max": "*", "min": 1, "type": [{"code": "Extension"}], **BY_URL}),
            ("Patient.birthDate.extension:nick", {"min": 1, "type": [{"code": "Extension", "profile": [EXTENSION]}]}),
        ],
        {"birthDate": "1990-01-01", "_birthDate": {"extension": [NICK]}},
        {"birthDate": "1990-01-01"},
        "",
        id="a mandatory extension of a primitive",
    ),
    pytest.param(
        [
            (
                "Patient.name",
                {"constraint": [{"key": "t-1", "severity": "error", "human": "", "expression": "family.exists()"}]},
            )
        ],
        {"name": [{"family": "a"}]},
        {"name": [{"given": ["a"]}]},
        "name[0]",
        id="an invariant",
    ),
]


@pytest.mark.parametrize(("changes", "good", "bad", "path"), CASES)
def test_a_constraint_accepts_what_it_allows_and_finds_what_it_does_not(
    changes: list[tuple[str, Json]], good: Json, bad: Json, path: str, tmp_path: Any
) -> None:
    release = profiles(tmp_path, *(element(identity, **facts) for identity, facts in changes))
    head = {"resourceType": "Patient", "id": "a"}
    assert [item for item in release.violations(head | good, URL) if not item.warning] == []
    assert release.is_valid(head | good, URL)
    found = [item for item in release.violations(head | bad, URL) if not item.warning]
    assert path in {item.path for item in found}
    assert not release.is_valid(head | bad, URL)


def test_an_extensible_binding_only_advises(tmp_path: Any) -> None:
    binding = {"strength": "extensible", "valueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"}
    release = profiles(tmp_path, element("Patient.maritalStatus", binding=binding))
    other = {"resourceType": "Patient", "maritalStatus": {"coding": [{"system": "u:x", "code": "x"}]}}
    assert release.is_valid(other, URL)
    assert [item.warning for item in release.violations(other, URL)] == [True]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        pytest.param({"managingOrganization": {"reference": "#o"}}, "managingOrganization.reference", id="ref-1"),
        pytest.param({"contained": [{"resourceType": "Organization", "id": "o"}]}, "contained[0]", id="dom-3"),
    ],
)
def test_invariants_that_look_beyond_their_element_are_checked_too(resource: Json, path: str, tmp_path: Any) -> None:
    release = profiles(tmp_path)
    whole = {
        "resourceType": "Patient",
        "managingOrganization": {"reference": "#o"},
        "contained": [{"resourceType": "Organization", "id": "o"}],
    }
    assert release.is_valid(whole, URL)
    assert path in {item.path for item in release.violations({"resourceType": "Patient", **resource}, URL)}


def test_a_value_set_that_cannot_be_listed_is_named(tmp_path: Any) -> None:
    binding = {"strength": "required", "valueSet": "http://snomed.example/everything"}
    core = package(R4)
    patient = next(item for item in core.definitions if item["url"].endswith("/StructureDefinition/Patient"))
    elements = {item["id"]: item for item in patient["snapshot"]["element"]}
    elements["Patient.maritalStatus"] = element("Patient.maritalStatus", binding=binding)
    own = _definition(URL, "Patient", "resource", elements)
    left = build(Package(name="t", version="1", definitions=(own,)), [core])["not-compiled.json"]["not_compiled"]
    assert any(item["profile"] == URL and "http://snomed.example/everything" in item["what"] for item in left)
