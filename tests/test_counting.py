"""The completeness table: what adds up, and how things are counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck import tables
from ktcheck.counting import COLUMNS, UNDECIDED, Counting
from ktcheck.facts import Comparison, Fact, Message, Outcome, Result, SourceMatch, Target
from tests.building import LINK, MIGRATION, answers, match, migrated, number, source, target

KINDS = [*tables.migration().rows, "Other(Onbekend)"]


def rows(*facts: Fact, version: str = "0.16.3") -> dict[str, dict[str, Any]]:
    counting = Counting(version)
    for fact in facts:
        counting.add(fact)
    return {row["source_type"]: row for row in counting.rows()}


def numbers(row: dict[str, Any]) -> dict[str, int]:
    """What is not zero."""
    return {name: row[name] for name in COLUMNS if row[name]}


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        pytest.param(match(), {"source": 1, "expected": 1, "migrated": 1}, id="migrated"),
        pytest.param(match(holders=()), {"source": 1, "expected": 1, "missing": 1}, id="missing"),
        pytest.param(
            match(holders=(), visible=False), {"source": 1, "expected": 1, "not_comparable": 1}, id="cannot be seen"
        ),
        pytest.param(
            match(visible=False), {"source": 1, "expected": 1, "migrated": 1}, id="seen among what cannot all be seen"
        ),
        pytest.param(
            match(holders=("Patient/a", "Patient/b")),
            {"source": 1, "expected": 1, "migrated": 1, "duplicate": 1},
            id="twice",
        ),
        pytest.param(
            match(holders=("Patient/a", "Patient/b"), alike=2),
            {"source": 1, "expected": 1, "migrated": 1},
            id="twice, for two records",
        ),
        pytest.param(
            replace(match(holders=("Patient/a", "Patient/b")), copies=2),
            {"source": 1, "expected": 1, "migrated": 1},
            id="twice, as was agreed",
        ),
        pytest.param(match(expected=False, holders=()), {"source": 1, "not_migrated": 1}, id="need not move"),
        pytest.param(match(expected=False), {"source": 1, "not_migrated": 1}, id="need not move but did"),
    ],
)
def test_a_record_counts_as(fact: SourceMatch, counted: dict[str, int]) -> None:
    row = rows(fact)["Patient"]
    assert numbers(row) == counted
    assert row["applications"] == [{"name": "epd", **{name: row[name] for name in COLUMNS}}]


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        pytest.param(target(), "Patient", id="without a migration identifier"),
        pytest.param(target("Patient", migrated()), "Patient", id="with one that KT1 did not have"),
        pytest.param(target("Task"), "CarePlanActivity", id="a task: an activity, unless it says otherwise"),
        pytest.param(
            target("Task", migrated(system=f"{MIGRATION}CarePlanSubActivity")),
            "CarePlanSubActivity",
            id="a task that says it was a sub-activity",
        ),
        pytest.param(
            target("Task", migrated(system="urn:koppeltaal.nl/migration/x")), "CarePlanActivity", id="a strange system"
        ),
    ],
)
def test_a_resource_that_kt1_did_not_have_is_unexpected(fact: Target, kind: str) -> None:
    assert {name: numbers(row) for name, row in rows(fact).items()} == {kind: {"unexpected": 1}}


@pytest.mark.parametrize(
    ("fact", "version"),
    [
        pytest.param(target("Patient", migrated(source())), "0.16.3", id="that KT1 had"),
        pytest.param(target("Patient", migrated(), migrated(source())), "0.16.3", id="that KT1 had, among others"),
        pytest.param(target("Device"), "0.16.3", id="of a type that does not come from KT1"),
        pytest.param(target("RelatedPerson"), "0.8", id="of a type that does not move in this release"),
    ],
)
def test_other_resources_are_not_counted(fact: Target, version: str) -> None:
    assert rows(fact, version=version) == {}


def test_other_facts_are_not_counted() -> None:
    assert rows(Message(reject=None)) == {}


def test_kinds_are_in_the_order_of_the_mapping_what_moves_first_what_is_unknown_last() -> None:
    facts = [
        match(source(kind), expected=False, holders=()) for kind in ("Other(B)", "Other(A)", *reversed(KINDS[:-1]))
    ]
    table = tables.migration().rows
    moving = [kind for kind in table if table[kind].kt2]
    staying = [kind for kind in table if not table[kind].kt2]
    assert moving
    assert staying
    counting = Counting("0.16.3")
    for fact in facts:
        counting.add(fact)
    assert [row["source_type"] for row in counting.rows()] == [*moving, *staying, "Other(A)", "Other(B)"]


def test_what_does_not_move_is_explained_and_the_rest_is_not() -> None:
    table = rows(
        match(source("CarePlan"), expected=False, holders=()),
        match(source("CareTeam")),
        match(source("Other(Onbekend)"), expected=False, holders=()),
    )
    assert table["CarePlan"]["resource_type"] is None
    assert table["CarePlan"]["explanation_nl"] == tables.migration().rows["CarePlan"].why_nl
    assert table["CarePlan"]["explanation_en"] == tables.migration().rows["CarePlan"].why_en
    assert table["CareTeam"]["resource_type"] == "CareTeam"
    assert table["CareTeam"]["explanation_nl"] is None
    assert table["CareTeam"]["explanation_en"] is None
    assert table["Other(Onbekend)"]["explanation_nl"] is None
    left_behind = match(source("CareTeam"), expected=False, holders=())
    assert rows(left_behind)["CareTeam"]["explanation_nl"] == tables.migration().rows["CareTeam"].why_nl


def compared(*outcomes: tuple[str, Result], also: tuple[str, ...] = ()) -> Comparison:
    """A resource of a record with these outcomes by key of the record; ``also`` are more records behind it."""
    records = [source(), *(source(key=key, app="portaal") for key in also)]
    return Comparison(
        target=target("Patient", *(migrated(record) for record in records)),
        outcomes=tuple(Outcome(row="r", result=result, path="p", source=key) for key, result in outcomes),
    )


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        pytest.param(compared(), {}, id="nothing to compare"),
        pytest.param(compared((LINK, "equal"), (LINK, "other-answer"), (LINK, "added")), {}, id="as it should be"),
        pytest.param(compared((LINK, "different"), (LINK, "different")), {"different": 1}, id="different twice"),
        pytest.param(compared((LINK, "not-comparable")), {"not_comparable": 1}, id="not to be compared"),
        pytest.param(
            compared((LINK, "different"), (LINK, "not-comparable")), {"different": 1, "not_comparable": 1}, id="both"
        ),
        pytest.param(
            compared((LINK, "different"), ("2", "different"), also=("2", "3")), {"different": 2}, id="of two in three"
        ),
    ],
)
def test_a_comparison_counts_for_its_records(fact: Comparison, counted: dict[str, int]) -> None:
    row = rows(fact)["Patient"]
    assert numbers(row) == counted
    assert sum(application["different"] for application in row["applications"]) == row["different"]


def test_what_was_left_behind_is_explained_by_the_answers() -> None:
    def left(kind: str, agreement: str | None, *, stays: bool) -> SourceMatch:
        return replace(match(replace(source(kind), stays=stays), expected=False, holders=()), agreement=agreement)

    counting = Counting("0.16.3", answers(related_persons="no"))
    for fact in (
        left("RelatedPerson", "related-persons", stays=True),
        left("CareTeam", "teams-without-subject", stays=False),
        left("Organization", None, stays=True),
    ):
        counting.add(fact)
    told = {row["source_type"]: row["explanation_en"] for row in counting.rows()}
    assert told == {
        "RelatedPerson": "These records do not move (rests on agreement related-persons: no)",
        "CareTeam": f"{tables.migration().rows['CareTeam'].why_en} "
        "(rests on assumption teams-without-subject: owner-supplies, not agreed)",
        "Organization": None,
    }


MATCHES = st.builds(
    lambda kind, app, expected, holders, alike, visible: match(
        source(kind, app=app),
        expected=expected,
        holders=[f"Patient/{number(which)}" for which in range(holders)],
        alike=alike,
        visible=visible,
    ),
    st.sampled_from(KINDS),
    st.sampled_from(["epd", "portaal", None]),
    st.booleans(),
    st.integers(0, 3),
    st.integers(1, 3),
    st.booleans(),
)
TARGETS = st.builds(
    lambda kind, had: target(kind, *([migrated(source())] if had else [])),
    st.sampled_from(["Patient", "Task", "Device"]),
    st.booleans(),
)


@given(st.lists(MATCHES | TARGETS, max_size=30))
def test_the_figures_add_up(facts: list[SourceMatch | Target]) -> None:
    table = rows(*facts)
    for row in table.values():
        applications = row["applications"]
        for figures in (row, *applications):
            assert figures["source"] == figures["expected"] + figures["not_migrated"]
            assert figures["expected"] == figures["migrated"] + figures["missing"] + figures["not_comparable"]
            assert figures["duplicate"] <= figures["migrated"]
            assert figures["different"] == 0  # nothing was compared
        for name in set(COLUMNS) - {"unexpected"}:
            assert row[name] == sum(application[name] for application in applications)
        assert all(application["unexpected"] == 0 for application in applications)
    assert sum(row["source"] for row in table.values()) == sum(isinstance(fact, SourceMatch) for fact in facts)
    names = {application["name"] for row in table.values() for application in row["applications"]}
    assert names <= {"epd", "portaal", UNDECIDED}
