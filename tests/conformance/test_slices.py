"""Slices that a snapshot tells of in an unusual way."""

from __future__ import annotations

from typing import Any

from ktcheck.conformance.build import build
from ktcheck.conformance.package import Package
from tests.conformance.official import R4, package
from tests.conformance.test_profile import EXTENSION, NICK, STRING, URL, element, profiles

PATIENT = {"resourceType": "Patient"}
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"


def test_extensions_are_sliced_by_url_also_when_the_snapshot_does_not_say_so(tmp_path: Any) -> None:
    slices = {"min": 1, "max": "1", "type": [{"code": "Extension", "profile": [EXTENSION]}]}
    release = profiles(tmp_path, element("Patient.extension:nick", **slices))
    other = {"url": "u:x", "valueCode": "x"}
    assert release.is_valid(PATIENT | {"extension": [NICK, other]}, URL)
    assert not release.is_valid(PATIENT | {"extension": [other]}, URL)
    assert not release.is_valid(PATIENT | {"extension": [NICK, NICK]}, URL)
    assert not release.is_valid(PATIENT | {"extension": [{**other, "url": EXTENSION}]}, URL)


def test_a_slice_with_the_name_of_its_element_is_about_its_own_items_only(tmp_path: Any) -> None:
    by_value = {"discriminator": [{"type": "value", "path": "$this"}], "rules": "open"}
    binding = {"strength": "required", "valueSet": GENDER}
    kinds = [{"code": "CodeableConcept"}]
    release = profiles(
        tmp_path,
        element("Patient.contact.relationship", slicing=by_value),
        element("Patient.contact.relationship:relationship", max="*", binding=binding, type=kinds),
    )
    codes = [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}, {"system": "u:x", "code": "x"}]
    relationships = [{"coding": [code]} for code in codes]
    other = {"contact": [{"name": {"family": "a"}, "relationship": relationships}]}
    assert release.is_valid(PATIENT | other, URL)


def test_slices_that_nothing_tells_apart_are_named(tmp_path: Any) -> None:
    core = package(R4)
    patient = next(item for item in core.definitions if item["url"].endswith("/StructureDefinition/Patient"))
    elements = [*patient["snapshot"]["element"], element("Patient.name.given:first", max="1", type=STRING)]
    own = {**patient, "url": URL, "derivation": "constraint", "snapshot": {"element": elements}}
    left = build(Package(name="t", version="1", definitions=(own,)), [core])["not-compiled.json"]["not_compiled"]
    assert {
        "profile": URL,
        "element": "Patient.name.given:first",
        "what": "slice by nothing cannot be said in a schema",
    } in left
