"""What moves under the answers of a cluster: truth tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck import scope, tables
from ktcheck.agreements import Agreements, questions
from ktcheck.facts import Source
from ktcheck.source.record import SourceRecord
from tests.building import KT1, answers, source

TEAM = source("CareTeam", f"{KT1}/CareTeam/1", references={"subject": (f"{KT1}/Patient/1",)})
PLAN = f"{KT1}/CarePlan/1"
NOTHING = Agreements()


def record(
    kind: str, *, key: str = "k", references: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> SourceRecord:
    content = more.pop("content", {})
    return SourceRecord(type=kind, key=key, link=PLAN, references=references or {}, content=content, **more)


@pytest.mark.parametrize(
    ("record", "version", "fate"),
    [
        pytest.param(source("Patient"), "0.16.3", "moves", id="moves"),
        pytest.param(source("Patient", basis="reference"), "0.16.3", "moves", id="only referred to"),
        pytest.param(source("CarePlan"), "0.16.3", "stays", id="does not move"),
        pytest.param(source("Other(Onbekend)"), "0.16.3", "stays", id="the mapping does not know it"),
        pytest.param(source("RelatedPerson"), "0.16.3", "moves", id="the release has the type"),
        pytest.param(source("RelatedPerson"), "0.8", "stays", id="the release does not have the type"),
        pytest.param(TEAM, "0.16.3", "moves", id="has the reference it needs"),
        pytest.param(source("CareTeam"), "0.16.3", "may-move", id="does not have the reference it needs"),
        pytest.param(source("CareTeam", references={"subject": ()}), "0.16.3", "may-move", id="an empty one"),
        pytest.param(source("CareTeam", basis="reference"), "0.16.3", "moves", id="nobody knows what it has"),
        pytest.param(replace(source("Patient"), stays=True), "0.16.3", "stays", id="left behind by an answer"),
    ],
)
def test_what_has_to_move_when_nothing_was_agreed(record: Source, version: str, fate: scope.Fate) -> None:
    row = scope.row_of(record, scope.rows(NOTHING), NOTHING)
    assert scope.fate(record, row, version, NOTHING) == fate


def test_without_answers_the_tables_are_as_they_stand() -> None:
    assert dict(scope.rows(NOTHING)) == dict(tables.migration().rows)
    assert scope.reference_rows("Task", NOTHING) == tables.references().following("Task")


@pytest.mark.parametrize("question", sorted({row.agreement for row in tables.migration().stays}))
def test_the_proposals_leave_nothing_behind(question: str) -> None:
    default = questions()[question].default
    assert all(default not in row.answers for row in tables.migration().stays if row.agreement == question)


def _asked() -> list[tuple[str, str]]:
    changes = [row.answers for row in tables.migration().rows.values()]
    changes += [row.answers for row in tables.references().rows.values()]
    named = [(question, answer) for change in changes for question, answers in change.items() for answer in answers]
    return [*named, *((row.agreement, answer) for row in tables.migration().stays for answer in row.answers)]


@pytest.mark.parametrize(("question", "answer"), _asked())
def test_the_tables_name_questions_and_answers_that_there_are(question: str, answer: str) -> None:
    assert answer in questions()[question].options


@pytest.mark.parametrize("table", [tables.migration().rows, tables.references().rows])
def test_rows_name_questions_that_there_are(table: dict[str, Any]) -> None:
    names = ("agreement", "named", "lacking", "several")
    named = {getattr(row, name, None) for row in table.values() for name in names} - {None}
    assert named
    assert named <= set(questions())


def test_a_question_that_was_answered_leaves_no_other_reading() -> None:
    also = {row.path: row.also for row in scope.reference_rows("Task", answers(participants="care-team"))}
    assert also["owner"] == ()
    assert tables.references().rows["Task", "owner"].also == ("participant",)


STATUS = {"effectiveStatus": {"code": "Completed"}}


@pytest.mark.parametrize(
    ("content", "since", "stays"),
    [
        ({}, None, False),
        ({"effectiveStatus": {"code": None}}, None, False),
        ({"effectiveStatus": {"code": "InProgress"}}, None, False),
        *(
            ({"effectiveStatus": {"code": code}}, None, True)
            for code in ("Completed", "Cancelled", "Expired", "SkippedByUser")
        ),
        (STATUS, "2021-06-01", False),
        ({**STATUS, "#Finished": ["2021-05-31T23:59:59+02:00"]}, "2021-06-01", True),
        ({**STATUS, "#Finished": ["2021-06-01T00:00:00+02:00"]}, "2021-06-01", False),
        ({**STATUS, "#Cancelled": ["2021-05-31"]}, "2021-06-01", True),
        ({**STATUS, "#EndDate": ["2021-05-31"]}, "2021-06-01", True),
        ({**STATUS, "#EndDate": ["2021-05-31"], "#Finished": ["2021-07-01"]}, "2021-06-01", False),
        ({**STATUS, "#Finished": ["2021"]}, "2021-06-01", False),
        ({**STATUS, "#Finished": ["2020"]}, "2021-06-01", True),
    ],
)
def test_which_activities_are_in_scope(content: dict[str, Any], since: str | None, stays: bool) -> None:
    agreements = answers(activities_in_scope=f"open-since {since}" if since else "open")
    question, left = scope.stays(record("CarePlanActivity", content=content), agreements)
    open_still = content.get("effectiveStatus", {}).get("code") in {None, "InProgress"}
    assert (question, left) == (None if open_still else "activities-in-scope", stays)


@pytest.mark.parametrize(
    ("kind", "more", "question", "answer"),
    [
        ("RelatedPerson", {}, "related-persons", "no"),
        ("CareTeam", {"references": {"subject": ("p",)}}, "care-teams", "no"),
        ("CareTeam", {}, "teams-without-subject", "leave-out"),
        ("CarePlanSubActivity", {}, "sub-activities", "not-migrated"),
        ("Organization", {"basis": "reference"}, "referred-only", "leave-out"),
        ("ActivityDefinition", {"content": {"#LaunchType": ["None"]}}, "unlaunchable-definitions", "leave-out"),
        ("ActivityDefinition", {"content": {"#IsArchived": [True]}}, "archived-definitions", "referred"),
    ],
)
def test_which_records_stay_by_an_answer(kind: str, more: dict[str, Any], question: str, answer: str) -> None:
    assert scope.stays(record(kind, **more), NOTHING) == (question, False)
    assert scope.stays(record(kind, **more), answers(**{question: answer})) == (question, True)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("Patient", {}),
        ("Other(Onbekend)", {"basis": "reference"}),
        ("ActivityDefinition", {"content": {"#LaunchType": ["Web", "None"]}}),
        ("ActivityDefinition", {"content": {"#LaunchType": []}}),
        ("ActivityDefinition", {"content": {"#IsArchived": [False]}}),
    ],
)
def test_which_records_no_question_is_about(kind: str, more: dict[str, Any]) -> None:
    assert scope.stays(record(kind, **more), NOTHING) == (None, False)


def test_a_kind_that_does_not_move_rests_on_its_own_question() -> None:
    table = scope.rows(NOTHING)
    referred = replace(source("UserMessage", basis="reference"), rests_on="referred-only")
    assert scope.question(referred, table["UserMessage"]) == "user-messages"
    assert scope.question(source("Device"), table["Device"]) is None
    assert scope.question(source("Other(Onbekend)"), None) is None
    assert scope.question(source("CareTeam"), table["CareTeam"]) == "teams-without-subject"


TEXT = st.text(min_size=1, max_size=8)


@given(TEXT, st.none() | TEXT, TEXT)
def test_the_two_keys_of_an_activity_change_places(text: str, own: str | None, part: str) -> None:
    by_text, by_id = answers(activity_identifier="text"), answers(activity_identifier="id")
    activity = record("CarePlanActivity", key=text, content={"id": own} if own else {})
    sub = record(
        "CarePlanSubActivity",
        key=f"{text}#{part}",
        references={"activity": (text,)},
        content={"activityId": own} if own else {},
    )
    for agreements, opposite in ((by_text, by_id), (by_id, by_text)):
        key, other, parent = scope.keys(activity, agreements)
        assert parent is None
        assert scope.keys(sub, agreements) == (f"{key}#{part}", f"{other}#{part}" if other else None, key)
        assert {key, other} - {None} == {*scope.keys(activity, opposite)} - {None}
        assert own is not None or (key, other) == (text, None)
    assert scope.keys(record("Patient", key=text), by_id) == (text, None, None)
