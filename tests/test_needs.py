"""Whether patients have what the applications of their activities cannot do without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ktcheck import tables
from ktcheck.agreements import Agreements
from ktcheck.domain import Application, Domain
from ktcheck.facts import Need
from ktcheck.index import Index
from ktcheck.needs import has
from ktcheck.source.record import SourceRecord
from tests.building import EPD, KT1, LINK, MODULE, OTHER_MODULE, PORTAL, answers
from tests.test_index import inventory, record

EMAIL = {"telecom": [{"system": "email", "value": "n@berg.example"}]}


def needs(
    path: Path, records: Sequence[SourceRecord], *applications: Application, agreements: Agreements | None = None
) -> list[Need]:
    domain = Domain.model_validate({"domain": {"name": "z"}, "application": [EPD, PORTAL, *applications]})
    index = Index(path / "index.sqlite", domain, inventory(path / "i.ndjson", records), None, agreements)
    index.build()
    try:
        return list(index.needs())
    finally:
        index.close()


def wants(application: Application, *names: str) -> Application:
    return application.model_copy(update={"requires": names})


def definition(text: str, application: str = "module") -> SourceRecord:
    content: dict[str, Any] = {"#ActivityDefinitionIdentifier": [text]}
    found = record("ActivityDefinition", f"{KT1}/ActivityDefinition/{text}", **content)
    return replace(found, application=application)


def activity(key: str, text: str, patient: str = LINK, status: str = "Available") -> SourceRecord:
    references: dict[str, tuple[str, ...]] = {"patient": (patient,), "definition": (text,)}
    content: dict[str, Any] = {"effectiveStatus": {"code": status}}
    return record("CarePlanActivity", f"{KT1}/CarePlan/1#{key}", references=references, **content)


def patient(**content: Any) -> SourceRecord:
    return record("Patient", LINK, **content)


def test_an_application_that_requires_nothing_needs_nothing(tmp_path: Path) -> None:
    assert needs(tmp_path, [patient(), definition("QUEST"), activity("1", "QUEST")], MODULE) == []


@pytest.mark.parametrize("content", [{}, EMAIL])
def test_a_patient_with_an_activity_for_an_application_needs_what_it_requires(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    records = [patient(**content), definition("QUEST"), activity("1", "QUEST"), activity("2", "QUEST")]
    (need,) = needs(tmp_path, records, wants(MODULE, "email"))
    assert need == Need(application="module", name="email", patient=LINK, source="epd", met=bool(content))


def test_only_patients_with_an_activity_for_that_application(tmp_path: Path) -> None:
    records = [
        patient(),
        record("Patient", f"{KT1}/Patient/2"),
        definition("QUEST"),
        definition("GAME", "andere"),
        activity("1", "GAME"),
        activity("2", "NOBODY KNOWS"),
    ]
    found = needs(tmp_path, records, wants(MODULE, "email"), wants(OTHER_MODULE, "phone", "email"))
    assert [(need.application, need.name) for need in found] == [("andere", "phone"), ("andere", "email")]


def test_an_activity_that_stays_behind_needs_nothing(tmp_path: Path) -> None:
    records = [patient(), definition("QUEST"), activity("1", "QUEST", status="Completed")]
    assert needs(tmp_path, records, wants(MODULE, "email"), agreements=answers(activities_in_scope="open")) == []
    (tmp_path / "all").mkdir()
    assert len(needs(tmp_path / "all", records, wants(MODULE, "email"))) == 1


def test_whom_kt1_only_refers_to_has_nothing(tmp_path: Path) -> None:
    unknown = replace(patient(), basis="reference")
    (need,) = needs(tmp_path, [unknown, definition("QUEST"), activity("1", "QUEST")], wants(MODULE, "birthDate"))
    assert not need.met


@pytest.mark.parametrize(
    ("name", "kind", "reference"), [("CareTeam", "CareTeam", "subject"), ("RelatedPerson", "RelatedPerson", "patient")]
)
def test_a_record_around_the_patient(tmp_path: Path, name: str, kind: str, reference: str) -> None:
    start = [patient(), definition("QUEST"), activity("1", "QUEST")]
    theirs = record(kind, f"{KT1}/{kind}/1", references={reference: (LINK,)})
    others = record(kind, f"{KT1}/{kind}/1", references={reference: (f"{KT1}/Patient/2",)})
    for place, (around, met) in enumerate([([], False), ([others], False), ([theirs], True), ([theirs, others], True)]):
        folder = tmp_path / str(place)
        folder.mkdir()
        (need,) = needs(folder, [*start, *around], wants(MODULE, name))
        assert need.met is met


def test_a_record_around_the_patient_that_stays_behind_does_not_help(tmp_path: Path) -> None:
    theirs = record("RelatedPerson", f"{KT1}/RelatedPerson/1", references={"patient": (LINK,)})
    records = [patient(), definition("QUEST"), activity("1", "QUEST"), theirs]
    (need,) = needs(tmp_path, records, wants(MODULE, "RelatedPerson"), agreements=answers(related_persons="no"))
    assert not need.met


@pytest.mark.parametrize(
    ("name", "content", "there"),
    [
        pytest.param("email", EMAIL, True, id="email"),
        pytest.param("email", {"telecom": [{"system": "Email", "value": "x"}]}, True, id="email in capitals"),
        pytest.param("email", {"telecom": [{"system": "email"}]}, False, id="email without a value"),
        pytest.param("phone", EMAIL, False, id="another system"),
        pytest.param("phone", {"telecom": [{"value": "x"}]}, False, id="no system"),
        pytest.param("phone", {"telecom": ["x"]}, False, id="no object"),
        pytest.param("name", {"name": [{"given": ["A"]}]}, False, id="no family name"),
        pytest.param("name", {"name": [{"given": ["A"]}, {"family": ["B"]}]}, True, id="in another name"),
        pytest.param("given", {"name": [{"given": ["A"]}]}, True, id="given name"),
        pytest.param("birthDate", {"birthDate": "1980"}, True, id="birth date"),
        pytest.param("birthDate", {}, False, id="no birth date"),
        pytest.param("address", {"address": [{"city": "x"}]}, True, id="address"),
        pytest.param("identifier", {"identifier": [{"system": "s", "value": "v"}]}, True, id="identifier"),
        pytest.param("identifier", {"identifier": [{"value": "v"}]}, False, id="identifier without a system"),
        pytest.param("managingOrganization", {"managingOrganization": {"reference": "o"}}, True, id="organization"),
    ],
)
def test_an_element_of_the_patient(name: str, content: dict[str, Any], there: bool) -> None:
    assert has(tables.needs()[name], content) is there


@pytest.mark.parametrize(("value", "met"), [("999900006", True), ("000000000", False)])
def test_a_number_is_one_that_counts(tmp_path: Path, value: str, met: bool) -> None:
    given = patient(identifier=[{"system": "bsn", "value": value}])
    (need,) = needs(tmp_path, [given, definition("QUEST"), activity("1", "QUEST")], wants(MODULE, "bsn"))
    assert need.met is met


@pytest.mark.parametrize("row", tables.needs().values(), ids=tables.needs())
def test_a_row_says_in_one_way_how_it_is_found(row: tables.Needed) -> None:
    assert sum(item is not None for item in (row.element, row.identifier, row.record)) == 1
    assert (row.record is None) == (row.by is None)
    assert row.nl
    assert row.en
