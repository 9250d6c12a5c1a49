"""Real messages of KT1 clients, from the folder in ``KT_DATA``; what is in them was read by hand.

The files never enter the repository, and no name or identifier of a person in them is in these tests.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from ktcheck.source.inventory import Inventory, build
from ktcheck.source.messages import messages_in
from ktcheck.source.record import SourceRecord

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / os.environ.get("KT_DATA", "../shared/data") / "kt1" / "messages"

pytestmark = pytest.mark.skipif(
    not MESSAGES.is_dir(), reason=f"no real KT1 messages: set KT_DATA ({MESSAGES.name} is absent)"
)

JS = "http://jsportal.nl/FHIR/Koppeltaal"
MINDDISTRICT = "https://app.minddistrict.com/fhir/Koppeltaal"
SERVER = "https://edgekoppeltaal.vhscloud.nl/FHIR/Koppeltaal"
JS_ACTIVITY = f"{JS}/CarePlan/123458761454#21232123523"
UUID_ACTIVITY = "5029602eb70344509657729a75f3479b"
CARERS = tuple(f"{MINDDISTRICT}/Practitioner/{number}" for number in (1394433065, 1394433032, 1394432922))
TEAMS = ("https://demo.koppeltaal.nl/CareTeam/1", "https://demo.koppeltaal.nl/CareTeam/2")


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return build(messages_in([MESSAGES]), tmp_path_factory.mktemp("real") / "inventory.ndjson")


@pytest.fixture(scope="module")
def found(inventory: Inventory) -> dict[tuple[str, str], SourceRecord]:
    return {(record.type, record.key): record for record in inventory.records()}


def test_counts(inventory: Inventory) -> None:
    counts = inventory.counts
    assert (counts.files, counts.messages, counts.duplicates, counts.searches, counts.empty) == (6, 3, 1, 1, 1)
    assert (counts.rejected, counts.acknowledgements, counts.header_only, inventory.rejects) == (0, 0, 0, ())
    assert counts.domains == {"Javascript Clients": 1, "Koppeltaal Samples": 1, "MindDistrict": 2}
    assert counts.resources == {
        "ActivityDefinition": 2,
        "CarePlan": 2,
        "CarePlanActivity": 2,
        "CarePlanActivityStatus": 1,
        "CarePlanSubActivity": 2,
        "CareTeam": 2,
        "Device": 1,
        "Other(BlackBoxState)": 1,
        "Patient": 3,
        "Practitioner": 4,
    }


def test_what_each_record_rests_on(found: dict[tuple[str, str], SourceRecord]) -> None:
    assert Counter(record.basis for record in found.values()) == {"focal": 9, "companion": 9, "reference": 2}
    assert found["Patient", "http://antes.emhp.nl/Patient/124121"].basis == "reference"
    assert found["Device", f"{SERVER}/Device/11"].basis == "reference"


def test_the_care_plan_in_xml(found: dict[tuple[str, str], SourceRecord]) -> None:
    plan = found["CarePlan", f"{JS}/CarePlan/123458761454"]
    assert plan.version == "2015-07-01T11:31:21:868.5330"
    assert (plan.application, plan.notes) == ("Koppeltaal Samples", ("base-version",))
    assert plan.first_seen == plan.last_seen == "2015-07-01T11:39:54.000Z"
    assert plan.content["goal"][0]["status"] == "in progress"
    activity = found["CarePlanActivity", JS_ACTIVITY]
    assert activity.content["effectiveStatus"] == {"code": "Available", "from": "plan", "other": None}
    assert activity.content["#StartDate"] == ["2015-07-01T13:39:54+02:00"]
    assert activity.content["#ActivityKind"][0]["code"] == "Game"
    assert activity.content["prohibited"] is False
    assert activity.content["goal"] == ["1"]
    assert activity.references == {
        "carePlan": (f"{JS}/CarePlan/123458761454",),
        "patient": (f"{JS}/Patient/215325",),
        "performer": (f"{JS}/Patient/215325",),
        "participant": (f"{JS}/Practitioner/187534",),
        "requester": (f"{JS}/Practitioner/187534",),
        "definition": ("JWG",),
    }
    parts = {key: record for (kind, key), record in found.items() if kind == "CarePlanSubActivity"}
    assert {key: record.content["effectiveStatus"]["code"] for key, record in parts.items()} == {
        f"{JS_ACTIVITY}#mission 1": "InProgress",
        f"{JS_ACTIVITY}#mission3": "Available",
    }
    person = found["Patient", f"{JS}/Patient/215325"]
    assert (person.basis, person.version, person.content["#Age"]) == ("companion", None, [43])
    assert person.content["birthDate"] == "1972-02-28T00:00:00+01:00"
    assert person.content["gender"]["coding"][0]["code"] == "M"


def test_the_status_without_source(found: dict[tuple[str, str], SourceRecord]) -> None:
    status = found["CarePlanActivityStatus", "http://test.mijnapplicatie.nl/fhir/CarePlanActivityStatus/872413224"]
    assert status.version == "2015-04-02T13:27:45:792.8153"
    assert status.application is None
    assert status.references == {"activity": ("http://test.mijnapplicatie.nl/fhir/CarePlan/464#12345667",)}
    assert status.content["#PercentageCompleted"] == [10]
    assert status.content["#ActivityStatus"][0]["code"] == "InProgress"
    parts = [
        (item["#SubActivityIdentifier"][0], item["#SubActivityStatus"][0]["code"])
        for item in status.content["#SubActivity"]
    ]
    assert parts == [("mission 1", "InProgress"), ("mission 3", "Available")]
    assert status.content["extension"] == [
        {"url": "http://test.mijnapplicatie.nl/fhir/Activity#BlackBoxState", "valueResource": {"reference": "124124"}}
    ]
    assert status.notes == ("base-version", "relative-reference", "status-activity-unknown", "unknown-extension")
    box = found["Other(BlackBoxState)", "http://test.mijnapplicatie.nl/fhir/BlackBox/124124"]
    assert (box.basis, box.notes) == ("companion", ("unknown-kind",))


def test_two_copies_of_one_message_with_different_content(found: dict[tuple[str, str], SourceRecord]) -> None:
    plan = found["CarePlan", f"{MINDDISTRICT}/CarePlan/1394433533"]
    assert plan.version == "2016-07-15T11:50:24:072.7548"
    assert plan.notes == ("order-guessed", "same-version-different-content")
    assert plan.seen == {"focal": 1, "companion": 0, "reference": 0}
    assert plan.references["participant"] == CARERS
    assert plan.references["careTeam"] == TEAMS
    activity = found["CarePlanActivity", UUID_ACTIVITY]
    assert activity.content["#StartDate"] == ["2016-07-15T08:48:27+00:00"]
    assert activity.content["effectiveStatus"]["code"] == "Available"
    assert activity.references["definition"] == ("RANJKA",)
    assert "performer" not in activity.references
    for team in TEAMS:
        record = found["CareTeam", team]
        assert (record.basis, record.content["#Status"][0]["code"]) == ("companion", "active")
        assert record.content["#Period"] == [{"start": "2018-05-23", "end": "2019-05-27"}]
        assert record.references["subject"] == (f"{MINDDISTRICT}/Patient/1394433515",)
        assert set(record.references["member"]) == set(CARERS)
    person = found["Patient", f"{MINDDISTRICT}/Patient/1394433515"]
    assert (person.content["active"], len(person.content["identifier"])) == (True, 2)


def test_the_definitions_of_the_search(found: dict[tuple[str, str], SourceRecord]) -> None:
    game = found["ActivityDefinition", f"{SERVER}/Other/ActivityDefinition:1433"]
    assert (game.application, game.basis, game.first_seen) == ("RANJKA", "focal", None)
    assert game.version == "2016-07-04T09:04:24:679.3465"
    assert game.references == {"application": (f"{SERVER}/Device/11",)}
    parts = [item["#SubActivityIdentifier"][0] for item in game.content["#SubActivity"]]
    assert parts == [f"scenario_{number}" for number in range(1, 13)]
    assert all(item["#SubActivityIsActive"] == [False] for item in game.content["#SubActivity"])
    test = found["ActivityDefinition", f"{SERVER}/Other/ActivityDefinition:3"]
    assert (test.application, test.references) == ("KTSTESTGAME", {})
    assert test.version == "2016-07-04T07:49:01:742.1933"
    assert (test.content["#IsActive"], test.content["#IsArchived"]) == ([False], [False])


def test_one_domain_of_the_three(tmp_path: Path) -> None:
    found = build(messages_in([MESSAGES]), tmp_path / "i", kt1_domain="minddistrict")
    counts = found.counts
    assert (counts.messages, counts.duplicates, counts.searches, counts.other_domain) == (1, 1, 1, 2)
    assert counts.resources == {
        "ActivityDefinition": 2,
        "CarePlan": 1,
        "CarePlanActivity": 1,
        "CareTeam": 2,
        "Device": 1,
        "Patient": 1,
        "Practitioner": 3,
    }
