"""The records: parser rules, references, notes and the care plans' parts (kt1-source.md sections 4.6, 5, 8 and 12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.source.links import NS
from ktcheck.source.notes import NOTES
from ktcheck.source.record import SourceRecord
from tests.source.kt1 import (
    V1,
    V2,
    Json,
    activity,
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
    status,
)

PLAN = link("CarePlan", 1)
PATIENT = link("Patient", 1)
PRACTITIONER = link("Practitioner", 31)
RELATED = link("RelatedPerson", 7)
TEAM = link("CareTeam", "t-5")
STATUS = link("CarePlanActivityStatus", 1)
DEFINITION = "https://koppeltaal.example/FHIR/Koppeltaal/Other/ActivityDefinition:7"


def about(target: str, content: Json, folder: Path) -> SourceRecord:
    """The record of the focal resource of one message."""
    found = records(folder, message(entry(target, content)))
    return next(record for record in found.values() if record.link == target and record.type != "CarePlanActivity")


def participant(member: str | None, *teams: str, role: str | None = None) -> Json:
    found: Json = {}
    if member is not None:
        found["member"] = reference(member)
    if role:
        found["role"] = {"coding": [coding(role)]}
    if teams:
        found["extension"] = [extension("CarePlan#ParticipantCareTeam", reference(team), "Resource") for team in teams]
    return found


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


def test_plan_activity_and_sub_activity_references(tmp_path: Path) -> None:
    other_team = link("CareTeam", "t-6")
    inner = extension(
        "CarePlan#Participant",
        [
            extension("CarePlan#ParticipantMember", reference(RELATED), "Resource"),
            extension("CarePlan#ParticipantRole", {"coding": [coding("Requester")]}, "CodeableConcept"),
            extension("CarePlan#ParticipantCareTeam", reference(other_team), "Resource"),
        ],
    )
    part = extension("CarePlan#SubActivity", [extension("CarePlan#SubActivityIdentifier", "les-1")])
    act = activity("k", "Available", inner, part, extension("CarePlan#ActivityDefinition", "RUST"))
    act["simple"] = {"category": "procedure", "performer": [reference(PRACTITIONER)]}
    content = plan(
        act,
        patient=reference(PATIENT),
        participant=[participant(PRACTITIONER, TEAM, role="Requester"), participant(PATIENT, TEAM)],
    )
    team = entry(TEAM, other("CareTeam"))
    second = message(entry(link("CarePlan", 2), plan(patient=reference(link("Patient", 2)))))
    found = records(tmp_path, message(entry(PLAN, content), team), second)
    assert found["CarePlan", PLAN].references == {
        "patient": (PATIENT,),
        "participant": (PRACTITIONER, PATIENT),
        "careTeam": (TEAM,),
    }
    assert found["CarePlanActivity", "k"].references == {
        "carePlan": (PLAN,),
        "patient": (PATIENT,),
        "performer": (PRACTITIONER,),
        "participant": (PRACTITIONER, PATIENT, RELATED),
        "requester": (PRACTITIONER, RELATED),
        "careTeam": (TEAM, other_team),
        "definition": ("RUST",),
    }
    assert found["CarePlanSubActivity", "k#les-1"].references == {
        "activity": ("k",),
        "carePlan": (PLAN,),
        "patient": (PATIENT,),
        "performer": (PRACTITIONER,),
    }
    assert found["CareTeam", TEAM].references == {"subject": (PATIENT,), "member": (PRACTITIONER,)}
    assert found["CareTeam", other_team].basis == "reference"


def test_the_patient_of_a_team_when_two_plans_name_it(tmp_path: Path) -> None:
    def of(number: int) -> Json:
        return entry(
            link("CarePlan", number),
            plan(patient=reference(link("Patient", number)), participant=[participant(RELATED, TEAM)]),
        )

    team = entry(TEAM, other("CareTeam"))
    assert one(tmp_path, "CareTeam", message(of(1), team), message(of(2))).references == {"member": (RELATED,)}
    assert one(tmp_path, "CareTeam", message(of(1), team)).references["subject"] == (link("Patient", 1),)
    own = entry(TEAM, other("CareTeam", extension("CareTeam#Subject", reference(PATIENT), "Resource")))
    assert one(tmp_path, "CareTeam", message(of(2), own)).references["subject"] == (PATIENT,)


def test_a_plan_without_patient_takes_the_headers_if_it_is_one(tmp_path: Path) -> None:
    def header(target: str) -> list[Json]:
        return [extension("MessageHeader#Patient", reference(target), "Resource")]

    content = plan(activity("k"))
    found = records(tmp_path, message(entry(PLAN, content), extension=header(PATIENT)))
    assert found["CarePlanActivity", "k"].references["patient"] == (PATIENT,)
    assert found["Patient", PATIENT].basis == "reference"
    found = records(tmp_path, message(entry(PLAN, content), extension=header(PRACTITIONER)))
    assert "patient" not in found["CarePlanActivity", "k"].references


def test_keys_of_activities(tmp_path: Path) -> None:
    content = plan(
        activity("k"),
        activity(None, id="a-2"),
        activity(None),
        activity("k"),
        activity(
            "p", "Available", extension("CarePlan#SubActivity", [extension("CarePlan#SubActivityStatus", "Waiting")])
        ),
    )
    other_plan = message(entry(link("CarePlan", 2), plan(activity("p"))))
    found = records(tmp_path, message(entry(PLAN, content)), other_plan)
    notes = {key: record.notes for (kind, key), record in found.items() if kind.startswith("CarePlan")}
    assert notes == {
        "k": ("duplicate-key",),
        f"{PLAN}#a-2": ("key-from-id",),
        f"{PLAN}#3": ("key-from-position",),
        "p": ("duplicate-key",),
        "p#1": ("key-from-position",),
        PLAN: (),
        link("CarePlan", 2): (),
    }


def test_activities_that_left_the_newest_plan_are_gone(tmp_path: Path) -> None:
    old = message(entry(PLAN, plan(activity("a"), activity("b")), V1), received=True)
    new = message(entry(PLAN, plan(activity("b")), V2), received=True)
    found = records(tmp_path, new, old)
    assert [key for kind, key in found if kind == "CarePlanActivity"] == ["b"]
    assert found["CarePlanActivity", "b"].seen == {"focal": 2, "companion": 0, "reference": 0}
    assert found["CarePlanActivity", "b"].version == V2


@pytest.mark.parametrize(
    ("codes", "newer", "expected", "notes"),
    [
        (("Available", "InProgress"), True, ("InProgress", "status", "Available"), {"status-differs"}),
        (("Completed", "Completed"), True, ("Completed", "status", "Completed"), set()),
        (("Available", "InProgress"), False, ("Available", "plan", "InProgress"), {"status-differs"}),
        (("Available", "Completed"), False, ("Available", "plan", "Completed"), {"status-differs", "status-went-back"}),
        (("Cancelled", "Completed"), False, ("Cancelled", "plan", "Completed"), {"status-differs"}),
        ((None, "Completed"), False, ("Completed", "status", None), set()),
    ],
)
def test_the_effective_status(
    codes: tuple[str | None, str], newer: bool, expected: tuple[str | None, ...], notes: set[str], tmp_path: Path
) -> None:
    plan_version, status_version = (V1, V2) if newer else (V2, V1)
    files = [
        message(entry(PLAN, plan(activity("k", codes[0])), plan_version), received=True),
        message(entry(STATUS, status("k", codes[1]), status_version), received=True),
    ]
    found = one(tmp_path, "CarePlanActivity", *files)
    assert found.content["effectiveStatus"] == dict(zip(("code", "from", "other"), expected, strict=True))
    assert set(found.notes) == notes


def test_a_plan_that_was_sent_later_than_the_status(tmp_path: Path) -> None:
    sent = message(entry(PLAN, plan(activity("k", "Cancelled")), V1), at="2021-03-05T12:00:00Z")
    report = message(entry(STATUS, status("k", "InProgress"), V2), received=True)
    assert one(tmp_path, "CarePlanActivity", sent, report).content["effectiveStatus"]["from"] == "plan"


def test_the_newest_of_several_status_resources_counts(tmp_path: Path) -> None:
    def part(name: str, code: str) -> Json:
        prefix = "CarePlanActivityStatus#"
        return extension(
            f"{prefix}SubActivity",
            [
                extension(f"{prefix}SubActivityIdentifier", name),
                extension(f"{prefix}SubActivityStatus", coding(code), "Coding"),
            ],
        )

    first = link("CarePlanActivityStatus", "z")
    files = [
        message(
            entry(PLAN, plan(activity("k", "Waiting", sub("Les 1"), sub("les-2"))), "2020-01-01T00:00:00:000.1"),
            received=True,
        ),
        message(
            entry(first, status("k", "InProgress", part("les1", "Completed"), part("les-2", "Waiting")), V1),
            received=True,
        ),
        message(entry(STATUS, status("k", "Completed", part("LES-2", "Completed")), V2), received=True),
    ]
    found = records(tmp_path, *files)
    assert found["CarePlanActivity", "k"].content["effectiveStatus"]["code"] == "Completed"
    assert found["CarePlanSubActivity", "k#Les 1"].content["effectiveStatus"]["code"] == "Completed"
    assert found["CarePlanSubActivity", "k#les-2"].content["effectiveStatus"]["code"] == "Completed"


def sub(name: str) -> Json:
    return extension("CarePlan#SubActivity", [extension("CarePlan#SubActivityIdentifier", name)])


def test_a_status_of_an_unknown_activity(tmp_path: Path) -> None:
    report = message(entry(STATUS, status("RUST", "Completed"), V1), received=True)
    assert one(tmp_path, "CarePlanActivityStatus", report).notes == ("status-activity-unknown",)
    known = message(entry(PLAN, plan(activity("RUST"))))
    assert one(tmp_path, "CarePlanActivityStatus", report, known).notes == ()


def test_sub_activities_beside_their_definition(tmp_path: Path) -> None:
    definition = other(
        "ActivityDefinition",
        extension("ActivityDefinition#ActivityDefinitionIdentifier", "RUST"),
        *(
            extension("ActivityDefinition#SubActivity", [extension("ActivityDefinition#SubActivityIdentifier", name)])
            for name in ("mission1", "mission2")
        ),
    )
    named = extension("CarePlan#ActivityDefinition", "RUST")
    content = plan(activity("k", "Waiting", named, sub("mission1"), sub("Mission 2"), sub("mission3")))
    files = [message(entry(PLAN, content)), message(entry(DEFINITION, definition))]
    found = {
        key: record.notes for (kind, key), record in records(tmp_path, *files).items() if kind == "CarePlanSubActivity"
    }
    assert found == {
        "k#mission1": (),
        "k#Mission 2": ("sub-activity-spelling",),
        "k#mission3": ("sub-activity-unknown",),
    }


def test_a_definition_by_its_deprecated_identifier(tmp_path: Path) -> None:
    definition = other(
        "ActivityDefinition",
        extension("ActivityDefinition#Application", {"display": "RUSTAPP"}, "Resource"),
        extension("ActivityDefinition#SubActivity", [extension("ActivityDefinition#SubActivityIdentifier", "les-1")]),
    )
    definition["identifier"] = [
        {"system": f"{NS}Profile/ActivityDefinition#ActivityDefinitionIdentifier", "value": "RUST"}
    ]
    content = plan(activity("k", "Waiting", extension("CarePlan#ActivityDefinition", "RUST"), sub("Les-1")))
    found = records(tmp_path, message(entry(PLAN, content)), message(entry(DEFINITION, definition)))
    assert found["CarePlanSubActivity", "k#Les-1"].notes == ("sub-activity-spelling",)
    assert found["ActivityDefinition", DEFINITION].application == "RUSTAPP"
    assert found["ActivityDefinition", DEFINITION].references == {}


def test_uncertainty_about_a_plan_holds_for_its_activities(tmp_path: Path) -> None:
    found = records(
        tmp_path,
        message(entry(PLAN, plan(activity("k", "Waiting"))), name="a"),
        message(entry(PLAN, plan(activity("k", "Completed"))), name="b"),
    )
    assert found["CarePlanActivity", "k"].notes == ("order-guessed",)


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
