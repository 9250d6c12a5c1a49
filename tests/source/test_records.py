"""The records: parser rules, references, and notes (kt1-source.md sections 5, 8 and 12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.source.links import NS
from ktcheck.source.notes import NOTES
from ktcheck.source.record import SourceRecord
from tests.source.kt1 import (
    V1,
    Json,
    coding,
    entry,
    example,
    extension,
    link,
    message,
    one,
    other,
    patient,
    plan,
    records,
    reference,
)

PLAN = link("CarePlan", 1)
PATIENT = link("Patient", 1)
PRACTITIONER = link("Practitioner", 31)
RELATED = link("RelatedPerson", 7)
STATUS = link("CarePlanActivityStatus", 1)


def about(target: str, content: Json, folder: Path) -> SourceRecord:
    """The record of the focal resource of one message."""
    found = records(folder, message(entry(target, content)))
    return next(record for record in found.values() if record.link == target and record.type != "CarePlanActivity")


def test_the_examples_are_read_as_they_say(tmp_path: Path) -> None:
    found = records(tmp_path, *(example(f"{name}.xml") for name in ("patient", "careplan", "status", "definition")))
    key = "https://portaal.zorgvoorbeeld.example/kt/CarePlan/c-771#a-9001"
    person = found["Patient", "https://epd.zorgvoorbeeld.example/fhir/Koppeltaal/Patient/48213"]
    assert person.version == "2021-02-11T13:04:51:038.4417"
    assert (person.application, person.basis, person.notes) == ("Voorbeeld EPD", "focal", ("base-version",))
    assert person.seen == {"focal": 1, "companion": 1, "reference": 1}
    assert person.content["identifier"][0] == {
        "use": "official",
        "label": "BSN",
        "system": "http://fhir.nl/fhir/NamingSystem/bsn",
        "value": "999911120",
    }
    assert person.content["birthDate"] == "1979-11-23T00:00:00+01:00"
    assert person.content["#Age"] == [41]
    assert len(person.content["telecom"]) == 2
    assert person.content["active"] is True
    first = found["CarePlanActivity", key]
    assert first.content["effectiveStatus"] == {"code": "InProgress", "from": "status", "other": "Available"}
    assert first.content["goal"] == ["1"]
    assert first.references["definition"] == ("RUSTWIJZER",)
    second = found["CarePlanActivity", "3f0c2b7e9d5148a6a1c4e0d97b6a5521"]
    assert second.content["effectiveStatus"] == {"code": "Completed", "from": "plan", "other": None}
    assert "performer" not in second.references
    parts = {name: record for (kind, name), record in found.items() if kind == "CarePlanSubActivity"}
    assert parts[f"{key}#les-1"].content["effectiveStatus"]["code"] == "Completed"
    assert parts[f"{key}#les 3"].content["effectiveStatus"]["code"] is None
    assert parts[f"{key}#les 3"].notes == ("sub-activity-unknown",)
    organization = found["Organization", "https://epd.zorgvoorbeeld.example/fhir/Koppeltaal/Organization/9"]
    assert (organization.basis, organization.content, organization.application) == ("reference", {}, None)
    definition = found["ActivityDefinition", "https://koppeltaal.example/FHIR/Koppeltaal/Other/ActivityDefinition:2075"]
    assert definition.application == "RUSTAPP"
    assert definition.content["#SubActivity"][0]["#SubActivityIsActive"] == [True]
    assert len(found) == 12


def test_the_difficult_example_is_read_as_it_says(tmp_path: Path) -> None:
    found = records(tmp_path, example("difficult.json"), example("decimal.xml"))
    key = "http://games.example/CarePlan/55#7"
    assert found["CarePlan", "http://games.example/CarePlan/55"].version == "2020-11-19T12:10:09:015.2210"
    assert found["CarePlan", "http://games.example/CarePlan/55"].notes == (
        "base-version",
        "empty-reference",
        "swapped-link",
    )
    task = found["CarePlanActivity", key]
    assert task.content["effectiveStatus"] == {"code": "SkippedByUser", "from": "status", "other": "Waiting"}
    assert "no-start-date" in task.notes
    assert task.references["participant"] == ("http://games.example/Practitioner/404",)
    assert found["CarePlanSubActivity", f"{key}#missie 1"].content["#SubActivityIdentifier"] == ["missie 1"]
    assert found["Practitioner", "http://games.example/Practitioner/404"].basis == "reference"
    team = found["CareTeam", "http://games.example/CareTeam/3"]
    assert team.content["#CareTeamIdentifier"] == [{"value": "3"}]
    assert team.references == {
        "subject": ("http://games.example/Patient/9",),
        "member": ("http://games.example/Practitioner/404",),
    }
    report = found["CarePlanActivityStatus", "http://games.example/CarePlanActivityStatus/81"]
    assert report.content["#PercentageCompleted"] == [12.5]
    assert (report.application, report.references) == (None, {"activity": (key,)})


def test_content_has_no_anchors_empty_values_or_narrative(tmp_path: Path) -> None:
    content = patient(
        id="ref003",
        text={"status": "generated", "div": "<div>x</div>"},
        telecom=[{"id": "ref1", "value": "", "use": " "}],
        address=[],
        contact=[{}],
        photo=[{"url": "https://x.example/p.png", "id": "r"}],
        maritalStatus={"text": "gehuwd"},
    )
    assert about(PATIENT, content, tmp_path).content == {
        "resourceType": "Patient",
        "name": [{"family": ["Vos"]}],
        "photo": [{"url": "https://x.example/p.png"}],
        "maritalStatus": {"text": "gehuwd"},
    }


def test_extension_urls_in_all_their_spellings(tmp_path: Path) -> None:
    found = about(
        PLAN,
        plan(
            {
                "extension": [
                    {"url": f"{NS}Profile/CarePlan#ActivityIdentifier", "valueString": "k"},
                    {"url": "http://vzvz.nl/fhir/Koppeltaal/CarePlan#StartDate", "valueDate": "2021-03-01"},
                    {"url": f"{NS}CarePlan#Activity\u200bStatus", "valueCode": "Waiting"},
                    {"url": f"{NS}CarePlan#Nieuw", "valueString": "x"},
                    {"url": f"{NS}CarePlan#Participant", "valueResource": reference(PRACTITIONER)},
                    {"url": "https://app.example/eigen", "valueString": "y", "id": "ref"},
                    {"url": f"{NS}CarePlan#Started"},
                ]
            }
        ),
        tmp_path,
    )
    assert found.notes == ("unknown-extension",)
    assert found.content["activity"] == [
        {
            "#ActivityIdentifier": ["k"],
            "#StartDate": ["2021-03-01"],
            "#ActivityStatus": [{"code": "Waiting"}],
            "#Nieuw": ["x"],
            "#Participant": [{"#ParticipantMember": [reference(PRACTITIONER)]}],
            "extension": [{"url": "https://app.example/eigen", "valueString": "y"}],
        }
    ]


def test_unqualified_and_misprinted_activity(tmp_path: Path) -> None:
    unqualified = other("CarePlanActivityResult", {"url": "Activity", "valueString": "k"})
    assert about(link("X", 1), unqualified, tmp_path).content["#Activity"] == ["k"]
    misprint = other(
        "CarePlanActivityStatus",
        extension("CarePlanActivityStatus#ActivityStatus", "k-1"),
        extension("CarePlanActivityStatus#ActivityStatus", coding("Completed"), "Coding"),
    )
    assert about(STATUS, misprint, tmp_path).references == {"activity": ("k-1",)}
    assert about(STATUS, misprint, tmp_path).content["#ActivityStatus"] == [coding("Completed")]


def test_references_lose_versions_and_empties_are_absent(tmp_path: Path) -> None:
    content = patient(
        managingOrganization=reference(f"{link('Organization', 9)}/_history/{V1}"),
        careProvider=[reference("http://x.example/Practitioner/"), reference(""), reference("Organization/4")],
    )
    found = about(PATIENT, content, tmp_path)
    assert found.content["managingOrganization"] == reference(link("Organization", 9))
    assert found.content["careProvider"] == [reference("Organization/4")]
    assert found.references == {"managingOrganization": (link("Organization", 9),)}
    assert found.notes == ("empty-reference", "relative-reference")


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (["CareTeam"], "CareTeam"),
        (["CareTeam", "CareTeam"], "CareTeam"),
        (["BlackBoxState"], "Other(BlackBoxState)"),
        (["CareTeam", "BlackBoxState"], "Other(BlackBoxState.CareTeam)"),
        (["Jan de Vries"], "Other(unknown)"),
        ([], "Other(unknown)"),
    ],
)
def test_the_kind_of_an_other_is_its_code(codes: list[str], kind: str, tmp_path: Path) -> None:
    content = {"resourceType": "Other", "code": {"coding": [coding(code) for code in codes]}}
    found = about(link("UserMessage", 1), content, tmp_path)
    assert found.type == kind
    assert found.notes == (("unknown-kind",) if kind.startswith("Other(") else ())


def test_a_type_that_kt1_does_not_have(tmp_path: Path) -> None:
    found = about(link("Observation", 1), {"resourceType": "Observation", "status": "final"}, tmp_path)
    assert (found.type, found.notes, found.content["status"]) == ("Other(Observation)", ("unknown-kind",), "final")


def test_references_by_type(tmp_path: Path) -> None:
    cases: list[tuple[str, Json, dict[str, tuple[str, ...]]]] = [
        (
            PATIENT,
            patient(careProvider=[reference(PRACTITIONER), reference(PRACTITIONER)]),
            {"careProvider": (PRACTITIONER,)},
        ),
        (
            PRACTITIONER,
            {"resourceType": "Practitioner", "organization": reference(link("Organization", 9))},
            {"organization": (link("Organization", 9),)},
        ),
        (RELATED, {"resourceType": "RelatedPerson", "patient": reference(PATIENT)}, {"patient": (PATIENT,)}),
        (
            link("Organization", 9),
            {"resourceType": "Organization", "partOf": reference(link("Organization", 1))},
            {"partOf": (link("Organization", 1),)},
        ),
        (
            link("UserMessage", 1),
            other(
                "UserMessage",
                extension("UserMessage#From", reference(link("Device", 64)), "Resource"),
                extension("UserMessage#To", reference(PRACTITIONER), "Resource"),
                extension("UserMessage#Context", f"{PLAN}/_history/{V1}", "Uri"),
            ),
            {"from": (link("Device", 64),), "to": (PRACTITIONER,), "context": (PLAN,)},
        ),
    ]
    for target, content, expected in cases:
        assert about(target, content, tmp_path).references == expected


@pytest.mark.parametrize(
    ("gender", "notes"),
    [
        ({"coding": [coding("M")]}, ()),
        ("female", ()),
        ({"text": "vrouw"}, ("gender-unknown",)),
        ({"coding": [coding("X")]}, ("gender-unknown",)),
        ({"coding": [coding("X"), coding("F")]}, ("gender-several-codings",)),
    ],
)
def test_odd_genders(gender: object, notes: tuple[str, ...], tmp_path: Path) -> None:
    assert about(PATIENT, patient(gender=gender), tmp_path).notes == notes


def test_a_relationship_from_another_list(tmp_path: Path) -> None:
    content = {"resourceType": "RelatedPerson", "relationship": {"coding": [coding("WORK")]}}
    assert about(RELATED, content, tmp_path).notes == ("relationship-other-list",)
    content["relationship"] = {"coding": [{"system": "http://hl7.org/fhir/v3/RoleCode", "code": "SIS"}]}
    assert about(RELATED, content, tmp_path).notes == ()


def test_the_application_is_the_sources_name_or_else_its_software(tmp_path: Path) -> None:
    named = message(entry(PATIENT, patient()))
    assert one(tmp_path, "Patient", named).application == "Portaal"
    soft = message(entry(PATIENT, patient()), source={"name": "", "software": "Adapter; EPD", "endpoint": ""})
    assert one(tmp_path, "Patient", soft).application == "Adapter; EPD"
    silent = message(entry(PATIENT, patient()), source={})
    assert one(tmp_path, "Patient", silent).application is None


def test_a_link_that_is_only_referred_to(tmp_path: Path) -> None:
    box = "http://x.example/BlackBox/1"
    content = patient(link=[{"other": reference(box), "type": "refer"}])
    found = records(tmp_path, message(entry(PATIENT, content)), message(entry(PATIENT, content)))
    record = found["Other(BlackBox)", box]
    assert (record.basis, record.notes) == ("reference", ("unknown-kind",))
    assert record.seen == {"focal": 0, "companion": 0, "reference": 2}


def test_every_note_has_a_dutch_and_an_english_text() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "ktcheck" / "source").glob("*.py")
    )
    for code, (nl, en) in NOTES.items():
        assert nl != en
        assert source.count(f'"{code}"') > 1, f"{code} is never given"
