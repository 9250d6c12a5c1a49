"""The order of publication: nothing before what it refers to, and who waits for himself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.facts import Context, PublicationGroup, Referred, SourceMatch, SourceReference
from ktcheck.publication import Publication, clusters
from tests.building import CONTEXT, agreed, match, source

KINDS = {"CarePlanActivity": "Task", "CarePlanSubActivity": "Task"}
Unit = tuple[str | None, str]


def record(
    kind: str, key: str, app: str | None = "epd", *, expected: bool = True, **references: Sequence[Referred]
) -> SourceMatch:
    """A KT1 record with references that lead to records."""
    links = {name: tuple(found.key for found in leads) for name, leads in references.items()}
    refers = tuple(
        SourceReference(name=name, value=found.key, found=(found,))
        for name, leads in references.items()
        for found in leads
    )
    return replace(match(source(kind, key, app=app, references=links), expected=expected), refers=refers)


def to(kind: str, key: str, app: str | None = "epd", *, moves: bool = True) -> Referred:
    """A record that a reference leads to."""
    return Referred(kind=kind, key=key, type=KINDS.get(kind, kind) if moves else None, application=app)


def publish(
    matches: Iterable[SourceMatch], context: Context = CONTEXT
) -> tuple[list[PublicationGroup], dict[str, Any]]:
    """What ``Publication`` makes of records."""
    publication = Publication(context)
    given = list(matches)
    assert list(publication.watch(given)) == given
    return list(publication.groups()), publication.plan()


def order(plan: Mapping[str, Any]) -> list[tuple[int, str | None, str, int | None]]:
    return [(row["round"], row["application"], row["type"], row["records"]) for row in plan["order"]]


def waits(plan: Mapping[str, Any], kind: str) -> dict[Unit, int]:
    """What the (only) unit of a type waits for."""
    (row,) = (row for row in plan["order"] if row["type"] == kind)
    return {(item["application"], item["type"]): item["references"] for item in row["waits_for"]}


def test_nothing_before_what_it_refers_to() -> None:
    groups, plan = publish(
        [
            record("CarePlanActivity", "a", "portaal", patient=[to("Patient", "p")], requester=[DOCTOR]),
            record("CareTeam", "t", "portaal", subject=[to("Patient", "p")], member=[DOCTOR, to("RelatedPerson", "r")]),
            record("RelatedPerson", "r", patient=[to("Patient", "p")]),
            record("Patient", "p", managingOrganization=[to("Organization", "o")]),
            record("Practitioner", "d", "portaal", organization=[to("Organization", "o")]),
            record("Organization", "o"),
        ]
    )
    assert order(plan) == [
        (1, "epd", "Organization", 1),
        (1, "portaal", "Practitioner", 1),
        (2, "epd", "Patient", 1),
        (3, "epd", "RelatedPerson", 1),
        (3, "portaal", "Task", 1),
        (4, "portaal", "CareTeam", 1),
    ]
    # The patient is whom the Task is for, and who does it.
    assert waits(plan, "Task") == {("epd", "Patient"): 2, ("portaal", "Practitioner"): 1}
    assert waits(plan, "Practitioner") == {}
    assert plan["waiting"] == [{"application": "portaal", "waits_for": "epd", "references": 4}]
    assert plan["cycles"] == []
    assert sum(group.records for group in groups) == 6
    assert not any(group.circle for group in groups)


DOCTOR = to("Practitioner", "d", "portaal")


def test_only_what_moves_counts() -> None:
    _, plan = publish(
        [
            record("Patient", "p", managingOrganization=[to("Organization", "o", moves=False)]),
            record("Organization", "o", expected=False),
            record("CarePlan", "c", patient=[to("Patient", "p")]),
            record("Other(Onbekend)", "x", patient=[to("Patient", "p")]),
        ]
    )
    assert order(plan) == [(1, "epd", "Patient", 1)]


def test_a_reference_of_a_wrong_kind_is_no_reason_to_wait() -> None:
    _, plan = publish([record("Patient", "p", managingOrganization=[DOCTOR]), record("Practitioner", "d", "portaal")])
    assert waits(plan, "Patient") == {}


def test_an_application_that_nobody_knows_is_a_unit_too() -> None:
    _, plan = publish(
        [
            record("Patient", "p", managingOrganization=[to("Organization", "o", None)]),
            record("Organization", "o", None),
        ]
    )
    assert order(plan) == [(1, None, "Organization", 1), (2, "epd", "Patient", 1)]
    assert plan["waiting"] == [{"application": "epd", "waits_for": None, "references": 1}]


@pytest.mark.parametrize(("answer", "needed"), [("endpoint", "Endpoint"), ("device", "Device")])
def test_a_definition_waits_for_what_launches_it(answer: str, needed: str) -> None:
    _, plan = publish([record("ActivityDefinition", "d", "module")], agreed(definition_application=answer))
    assert order(plan) == [(1, "module", needed, None), (2, "module", "ActivityDefinition", 1)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("care-team", {("epd", "Patient"): 1, ("portaal", "Practitioner"): 2, ("portaal", "CareTeam"): 1}),
        ("task-each", {("epd", "Patient"): 1, ("portaal", "Practitioner"): 2}),
        ("first", {("epd", "Patient"): 1, ("portaal", "Practitioner"): 1}),
    ],
)
def test_several_performers(answer: str, expected: dict[Unit, int]) -> None:
    activity = record(
        "CarePlanActivity",
        "a",
        "portaal",
        patient=[to("Patient", "p")],
        performer=[DOCTOR, to("Practitioner", "e", "portaal")],
        careTeam=[to("CareTeam", "t", "portaal")],
    )
    _, plan = publish([activity], agreed(several_performers=answer))
    assert waits(plan, "Task") == expected


def test_what_was_agreed_to_drop_is_not_waited_for() -> None:
    team = record("CareTeam", "t", member=[DOCTOR], managingOrganization=[to("Organization", "o")])
    _, plan = publish([team], agreed(participants="drop", team_organizations="drop"))
    assert waits(plan, "CareTeam") == {}


def test_records_of_one_unit_that_wait_for_each_other_have_rounds_of_their_own() -> None:
    tree = [record("Organization", "0"), *(_branch(number) for number in range(1, 6))]
    groups, plan = publish(tree)
    assert order(plan) == [(number, "epd", "Organization", 1) for number in range(1, 7)]
    assert groups == [PublicationGroup(application="epd", type="Organization", records=6)]


def _branch(number: int) -> SourceMatch:
    return record("Organization", str(number), partOf=[to("Organization", str(number - 1))])


def test_units_that_wait_for_each_other_take_turns_when_their_records_do_not() -> None:
    groups, plan = publish(
        [
            record("Organization", "1", "epd"),
            record("Organization", "2", "portaal", partOf=[to("Organization", "1", "epd")]),
            record("Organization", "3", "epd", partOf=[to("Organization", "2", "portaal")]),
            record("Organization", "4", "epd", partOf=[to("Organization", "2", "portaal")]),
            record("Patient", "p", managingOrganization=[to("Organization", "3", "epd")]),
        ]
    )
    assert order(plan) == [
        (1, "epd", "Organization", 1),
        (2, "portaal", "Organization", 1),
        (3, "epd", "Organization", 2),
        (4, "epd", "Patient", 1),
    ]
    assert plan["cycles"] == []
    assert not any(group.circle for group in groups)


def test_records_that_wait_for_themselves_are_named_one_by_one() -> None:
    groups, plan = publish(
        [
            record("Organization", "1", "epd", partOf=[to("Organization", "2", "portaal")]),
            record("Organization", "2", "portaal", partOf=[to("Organization", "1", "epd")]),
            record("Organization", "3", "epd", partOf=[to("Organization", "1", "epd")]),
            record("Organization", "4", "epd"),
        ]
    )
    circular = PublicationGroup(
        application="epd",
        type="Organization",
        records=1,
        key="1",
        circle=2,
        through=("Organization", "Organization"),
    )
    assert [group for group in groups if group.circle] == [
        circular,
        replace(circular, application="portaal", key="2"),
    ]
    assert sum(group.records for group in groups) == 4
    assert plan["cycles"] == [
        [{"application": "epd", "type": "Organization"}, {"application": "portaal", "type": "Organization"}]
    ]
    assert Counter(row["application"] for row in plan["order"]) == {"epd": 2, "portaal": 1}
    assert sum(row["records"] for row in plan["order"]) == 4


def test_a_record_that_refers_to_itself() -> None:
    groups, plan = publish([record("Organization", "1", partOf=[to("Organization", "1")])])
    circular, rest = groups
    assert (circular.key, circular.circle, circular.through) == ("1", 1, ("Organization",))
    assert rest.records == 0
    assert plan["cycles"] == [[{"application": "epd", "type": "Organization"}]]


def test_a_long_chain_and_a_long_circle_are_followed() -> None:
    chain, _ = publish([record("Organization", "0"), *(_branch(number) for number in range(1, 3000))])
    assert not any(group.circle for group in chain)
    first = record("Organization", "0", partOf=[to("Organization", "2999")])
    ring, _ = publish([first, *(_branch(number) for number in range(1, 3000))])
    assert Counter((group.circle, len(group.through)) for group in ring if group.circle) == {(3000, 8): 3000}


def test_without_records_there_is_nothing_to_publish() -> None:
    groups, plan = publish([])
    assert groups == []
    assert plan == {"order": [], "cycles": [], "waiting": []}


# ---- any graph ------------------------------------------------------------------------------------------------------

APPS = ("epd", "portaal", "module")


@st.composite
def organizations(draw: st.DrawFn) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Organizations by key, with their application and what they are part of; real ones have one, these up to two."""
    keys = [str(number) for number in range(draw(st.integers(1, 9)))]
    return {
        key: (draw(st.sampled_from(APPS)), tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))))
        for key in keys
    }


def _on_a_circle(graph: Mapping[str, Sequence[str]], key: str) -> bool:
    reached: set[str] = set()
    todo = list(graph[key])
    while todo:
        one = todo.pop()
        if one not in reached:
            reached.add(one)
            todo += graph[one]
    return key in reached


@given(organizations())
def test_a_circle_is_found_when_there_is_one_and_only_its_records_are_in_it(
    made: dict[str, tuple[str, tuple[str, ...]]],
) -> None:
    graph = {key: parents for key, (_, parents) in made.items()}
    groups, plan = publish(
        record("Organization", key, app, partOf=[to("Organization", parent, made[parent][0]) for parent in parents])
        for key, (app, parents) in made.items()
    )
    circular = [group.key for group in groups if group.circle]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        assert circular
    else:
        assert not circular
    assert bool(circular) == bool(plan["cycles"])
    assert len(circular) == len(set(circular))
    assert all(_on_a_circle(graph, key) for key in circular if key)
    assert sum(group.records for group in groups) == len(made)
    held = Counter(app for app, _ in made.values())
    told: Counter[str] = Counter()
    for row in plan["order"]:
        told[row["application"]] += row["records"]
    assert told == held


@given(organizations())
def test_in_the_rounds_there_is_room_for_every_record_after_what_it_refers_to(
    made: dict[str, tuple[str, tuple[str, ...]]],
) -> None:
    """Fill the rounds one by one with the records that are ready, those of one application together."""
    acyclic = {key: (app, tuple(one for one in parents if one < key)) for key, (app, parents) in made.items()}
    _, plan = publish(
        record("Organization", key, app, partOf=[to("Organization", parent, made[parent][0]) for parent in parents])
        for key, (app, parents) in acyclic.items()
    )
    published: set[str] = set()
    for number in sorted({row["round"] for row in plan["order"]}):
        before = set(published)
        for app in (row["application"] for row in plan["order"] if row["round"] == number):
            mine: set[str] = set()
            for key, (own, parents) in sorted(acyclic.items()):
                if own == app and set(parents) <= before | mine:
                    mine.add(key)
            published |= mine
        for app in APPS:
            assert sum(acyclic[key][0] == app for key in published) >= _promised(plan, app, number)
    assert published == set(acyclic)


def _promised(plan: Mapping[str, Any], app: str, number: int) -> int:
    return sum(row["records"] for row in plan["order"] if row["application"] == app and row["round"] <= number)


@given(st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7))))
def test_clusters_hold_what_can_reach_each_other(graph: dict[int, set[int]]) -> None:
    graph = {node: others & graph.keys() for node, others in graph.items()}
    text = {str(node): [str(other) for other in others] for node, others in graph.items()}
    found = clusters(graph)
    assert sorted(node for group in found for node in group) == sorted(graph)
    for group in found:
        assert len(group) == 1 or all(_on_a_circle(text, str(node)) for node in group)
    where = {node: group for group in found for node in group}
    contracted = {group: {where[other] for node in group for other in graph[node]} - {group} for group in found}
    assert len(list(TopologicalSorter(contracted).static_order())) == len(found)
