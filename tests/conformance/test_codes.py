"""Codes that are told by their system and checked by their form only."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.conformance.check_digits import CHECKS, eleven, mod10, verhoeff
from ktcheck.conformance.codes import code_systems, uses
from ktcheck.suite import PROFILES

Json = dict[str, Any]

TABLE = yaml.safe_load((PROFILES / "code-systems.yaml").read_text(encoding="utf-8"))
ADDRESSES = {name: row["systems"][0] for kind in ("codes", "numbers") for name, row in TABLE[kind].items()}


FORMS: tuple[tuple[str, list[str], list[str]], ...] = (
    # The codes are those of public documentation; the last bad ones of a row have a digit changed.
    ("snomed-ct", ["405623001", "310391000146105", "62071000"], ["405623002", "310391000146115", "4056", "x"]),
    (
        "snomed-ct",
        ["405623001+62071000", "386053000|Evaluation procedure 1234567|:363698007=62071000", "62071000|Buddy|"],
        ["405623001+62071001", "405623001 62071000", "1000000"],
    ),
    ("loinc", ["8480-6", "2951-2", "LA6113-0"], ["8480-5", "8480", "84806"]),
    ("icd-10", ["F32.1", "F321", "Z99", "U07.1", "F00*", "A17.0+"], ["32.1", "F3", "F32.", "f32.1"]),
    ("atc", ["N06AB03", "N06A", "N"], ["N6AB03", "06AB03", "N06AB3"]),
    ("ucum", ["mm[Hg]", "kg/m2", "%"], ["mm Hg", ""]),
    ("language", ["nl", "nl-NL", "zh-Hant-TW", "de-CH-1901"], ["n", "nederlands-", "nl_NL", "nl NL"]),
    (
        "mime-type",
        ["application/fhir+json", "text/html; charset=utf-8", "image/png"],
        ["json", "a/", "text / html"],
    ),
    ("currency", ["EUR"], ["euro", "eur", "€"]),
    ("country", ["NL", "NLD", "528"], ["Nederland", "nl", "31"]),
    ("gba-land", ["6030"], ["NL", "603"]),
    ("bsn", ["111222333"], ["111222334", "000000000", "11122233"]),
    ("agb", ["01020304"], ["1020304", "0102030A"]),
    ("uzi", ["900000001"], ["90000001", "9000000012"]),
    ("ura", ["00000001"], ["1"]),
    ("big", ["19012345601"], ["190123456"]),
    ("oid", ["2.16.840.1.113883.2.4.6.3"], ["2.16.840.01", "3.1", "2"]),
    ("uuid", ["c757873d-ec9a-4326-a141-556f43239520"], ["c757873d", "C757873D-EC9A-4326-A141-556F43239520"]),
)


@pytest.mark.parametrize(("name", "good", "bad"), FORMS)
def test_forms(name: str, good: list[str], bad: list[str]) -> None:
    system = code_systems()[name]
    assert [code for code in good if not system.formed(code)] == []
    assert [code for code in bad if system.formed(code)] == []
    assert not system.formed(1)


def test_every_row_is_a_form_that_is_tested_and_every_element_names_one() -> None:
    assert {row[0] for row in FORMS} == set(code_systems())
    assert set(TABLE["elements"].values()) <= set(code_systems())
    assert {row.check for row in code_systems().values() if row.check} == set(CHECKS)


@given(st.from_regex(r"[1-9][0-9]{3,14}10", fullmatch=True))
def test_one_digit_checks_a_snomed_code_and_no_other_does(begin: str) -> None:
    assert sum(verhoeff(f"{begin}{digit}") for digit in range(10)) == 1


@given(st.from_regex(r"[1-9][0-9]{0,6}", fullmatch=True))
def test_one_digit_checks_a_loinc_code_and_no_other_does(begin: str) -> None:
    assert sum(mod10(f"{begin}-{digit}") for digit in range(10)) == 1


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True))
def test_at_most_one_digit_checks_a_citizen_service_number(begin: str) -> None:
    assert sum(eleven(f"{begin}{digit}") for digit in range(10)) <= 1


def found(resource: Json) -> list[tuple[str | None, str, str, bool, bool]]:
    return [(use.system, use.element, use.path, use.formed, use.required) for use in uses("0.16.3", resource)]


def tagged(*tags: Json) -> Json:
    return {"resourceType": "Task", "meta": {"tag": list(tags)}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        pytest.param(
            {"resourceType": "Subscription", "channel": {"payload": "a/b"}},
            [("mime-type", "Subscription.channel.payload", "channel.payload", True, True)],
            id="an element of a resource",
        ),
        pytest.param({"resourceType": "Task", "channel": {"payload": "a/b"}}, [], id="the same of another type"),
        pytest.param(
            {"resourceType": "Patient", "photo": [{"contentType": "a/b"}, {"contentType": "png"}]},
            [
                ("mime-type", "Attachment.contentType", "photo[0].contentType", True, True),
                ("mime-type", "Attachment.contentType", "photo[1].contentType", False, True),
            ],
            id="an element of a datatype, twice",
        ),
        pytest.param({"resourceType": "Patient", "address": [{"country": "NL"}]}, [], id="a text"),
        pytest.param(
            {
                "resourceType": "Patient",
                "address": [{"_country": {"extension": [{"url": "x", "valueCodeableConcept": {}}]}}],
            },
            [(
                None,
                "Address.country.extension.value[x]",
                "address[0]._country.extension[0].valueCodeableConcept",
                True,
                True,
            )],
            id="beside a primitive, without a code",
        ),
        pytest.param(
            {"resourceType": "Patient", "communication": [{"language": {"coding": [
                {"system": "urn:ietf:bcp:47", "code": "nl"}, {"system": "urn:ietf:bcp:47", "code": "n l"},
            ]}}]},
            [
                ("language", "Patient.communication.language", "communication[0].language.coding[0]", True, True),
                ("language", "Patient.communication.language", "communication[0].language.coding[1]", False, True),
            ],
            id="codings of a required value set",
        ),
        pytest.param(
            tagged({"system": ADDRESSES["snomed-ct"], "code": "386053000"}),
            [("snomed-ct", "Task.meta.tag", "meta.tag[0]", True, False)],
            id="a code of a large system anywhere",
        ),
        pytest.param(
            tagged({"system": ADDRESSES["snomed-ct"], "code": "405623001"}), [], id="one that a value set lists"
        ),
        pytest.param(tagged({"system": "https://example.org", "code": "x"}), [], id="of a system that is not known"),
        pytest.param(tagged({"system": ADDRESSES["snomed-ct"], "display": "x"}), [], id="without a code"),
        pytest.param(
            {"resourceType": "Task", "identifier": [{"system": ADDRESSES["agb"], "value": "01020304"}]},
            [],
            id="a number with its form is no code that goes unchecked",
        ),
        pytest.param(
            {"resourceType": "Task", "identifier": [{"system": ADDRESSES["agb"], "value": "1"}]},
            [("agb", "Task.identifier", "identifier[0]", False, False)],
            id="a number without its form",
        ),
        pytest.param(
            tagged({"system": "urn:oid:1.2.03", "code": "x"}, {"system": "urn:oid:1.2.3", "code": "x"}),
            [("oid", "Task.meta.tag.system", "meta.tag[0].system", False, False)],
            id="a system that is no OID",
        ),
        pytest.param(
            {"resourceType": "Task", "jansen": {"system": ADDRESSES["snomed-ct"], "code": "1"}},
            [],
            id="an element that FHIR does not know is not told",
        ),
        pytest.param(
            {"resourceType": "Task", "photo": [{"contentType": 5}], "identifier": "x", "meta": {"tag": [None, 3]}},
            [("mime-type", "Attachment.contentType", "photo[0].contentType", False, True)],
            id="wrong JSON types",
        ),
    ],
)  # fmt: skip
def test_what_is_told_of_a_resource(resource: Json, expected: list[Any]) -> None:
    assert found(resource) == expected
