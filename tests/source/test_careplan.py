"""Care plans: activities, sub-activities, their keys, statuses and teams (kt1-source.md sections 4.6, 5.7 and 11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.source.links import NS
from tests.source.kt1 import (
    V1,
    V2,
    Json,
    activity,
    coding,
    entry,
    extension,
    link,
    message,
    one,
    other,
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


def participant(member: str | None, *teams: str, role: str | None = None) -> Json:
    found: Json = {}
    if member is not None:
        found["member"] = reference(member)
    if role:
        found["role"] = {"coding": [coding(role)]}
    if teams:
        found["extension"] = [extension("CarePlan#ParticipantCareTeam", reference(team), "Resource") for team in teams]
    return found


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


def test_an_activity_keeps_its_own_id_beside_its_identifier_and_so_do_its_parts(tmp_path: Path) -> None:
    own = activity("k", "Waiting", sub("les-1"), id=" a-1 ")
    found = records(tmp_path, message(entry(PLAN, plan(own, activity("l", "Waiting", sub("les-2"))))))
    assert found["CarePlanActivity", "k"].content["id"] == "a-1"
    assert found["CarePlanSubActivity", "k#les-1"].content["activityId"] == "a-1"
    assert "id" not in found["CarePlanActivity", "l"].content
    assert "activityId" not in found["CarePlanSubActivity", "l#les-2"].content


def test_a_local_id_that_is_new_in_every_message_makes_no_other_content(tmp_path: Path) -> None:
    said = [
        message(
            entry(PLAN, plan(activity("k", "Waiting", id=own), activity(None, "Waiting", id="b"))), name=f"{own}.json"
        )
        for own in ("ref001", "ref002")
    ]
    for order in (said, said[::-1]):
        found = records(tmp_path, *order)
        assert found["CarePlan", PLAN].notes == ()
        assert found["CarePlanActivity", "k"].content["id"] == "ref002"
        assert found["CarePlanActivity", f"{PLAN}#b"].notes == ("key-from-id",)


def test_the_id_is_the_key_without_an_identifier_so_another_one_is_other_content(tmp_path: Path) -> None:
    said = [message(entry(PLAN, plan(activity(None, "Waiting", id=own))), name=f"{own}.json") for own in ("a", "b")]
    assert records(tmp_path, *said)["CarePlan", PLAN].notes == ("order-guessed",)
