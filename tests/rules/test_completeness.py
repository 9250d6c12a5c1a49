"""Area *volledigheid*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ktcheck.facts import SourceMatch, Target
from ktcheck.rules import Examination, Problem
from tests.building import CONTEXT, ID, LINK, MIGRATION, match, migrated, number, say, source, target

CLEAN = Examination(scope="Patient", application="epd")
SUB = source("CarePlanSubActivity", app="portaal")
REFERRED = source(basis="reference")


def missing(kind: str, application: str) -> Examination:
    problem = Problem(source=LINK, path="identifier", expected={"identifier": LINK}, words={"type": kind})
    return Examination(scope=kind, application=application, problems=(problem,))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(expected=False, holders=()), None, id="need not move"),
        pytest.param(match(REFERRED, holders=()), None, id="only referred to: told by completeness.referred"),
        pytest.param(match(SUB, holders=()), None, id="a sub-activity: told by completeness.sub-activity"),
        pytest.param(match(holders=(), visible=False), None, id="not found where the suite cannot see all"),
        pytest.param(match(), CLEAN, id="there"),
        pytest.param(match(visible=False), CLEAN, id="there, although the suite cannot see all"),
        pytest.param(match(holders=("Patient/a", "Patient/b")), CLEAN, id="twice: told by completeness.once"),
        pytest.param(match(holders=()), missing("Patient", "epd"), id="not there"),
    ],
)
def test_present(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("completeness.present", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(holders=()), None, id="no sub-activity"),
        pytest.param(match(SUB, expected=False, holders=()), None, id="need not move"),
        pytest.param(match(SUB), Examination(scope="CarePlanSubActivity", application="portaal"), id="there"),
        pytest.param(match(SUB, holders=()), missing("CarePlanSubActivity", "portaal"), id="not there"),
    ],
)
def test_sub_activity(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("completeness.sub-activity", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(holders=()), None, id="has content"),
        pytest.param(match(source(basis="companion"), holders=()), None, id="has content, from a companion"),
        pytest.param(match(REFERRED, expected=False, holders=()), None, id="need not move"),
        pytest.param(match(REFERRED), CLEAN, id="there"),
        pytest.param(match(REFERRED, holders=()), missing("Patient", "epd"), id="not there"),
    ],
)
def test_referred(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("completeness.referred", fact) == outcome


def _too_often(holders: list[str], wanted: int) -> Examination:
    words = {"type": "Patient", "count": len(holders), "expected": wanted}
    problem = Problem(source=LINK, resource=holders[0], path="identifier", expected=wanted, actual=holders, words=words)
    return Examination(scope="Patient", application="epd", problems=(problem,))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(expected=False, holders=("Patient/a", "Patient/b")), None, id="need not move"),
        pytest.param(match(source("Other(Onbekend)")), None, id="the mapping does not know it"),
        pytest.param(match(holders=()), None, id="not there: told by completeness.present"),
        pytest.param(match(), CLEAN, id="once"),
        pytest.param(match(holders=("Patient/a", "Patient/b"), alike=2), CLEAN, id="two records share the key"),
        pytest.param(match(holders=("Patient/a", "Patient/b")), _too_often(["Patient/a", "Patient/b"], 1), id="twice"),
        pytest.param(
            match(holders=("Patient/a", "Patient/b", "Person/c"), alike=2),
            _too_often(["Patient/a", "Patient/b", "Person/c"], 2),
            id="more often than there are records",
        ),
    ],
)
def test_once(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("completeness.once", fact) == outcome


def test_a_record_that_moves_is_examined_for_presence_by_exactly_one_rule() -> None:
    rules = ("completeness.present", "completeness.sub-activity", "completeness.referred")
    for record in (source(), source("CarePlanActivity"), REFERRED, SUB):
        said = [say(rule, match(record, holders=())) for rule in rules]
        assert sum(outcome is not None for outcome in said) == 1, record


NOBODYS = migrated(system=f"{MIGRATION}Patient", value=f"{LINK}/_history/1")
NOBODYS_PROBLEM = Problem(
    resource=f"Patient/{ID}",
    source=LINK,
    path="identifier",
    actual={"system": f"{MIGRATION}Patient", "value": f"{LINK}/_history/1"},
    words={"type": "Patient"},
)
STAYING = replace(migrated(system=f"{MIGRATION}CarePlan", value=LINK), staying=("CarePlan",))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Task", STAYING), Examination(scope="Task"), id="KT1 had it: told by completeness.stays"),
        pytest.param(target(), None, id="no migration identifier: told by completeness.unaccounted"),
        pytest.param(target("Patient", migrated(source())), Examination(scope="Patient"), id="KT1 had it"),
        pytest.param(
            target("Patient", NOBODYS),
            Examination(scope="Patient", problems=(NOBODYS_PROBLEM,)),
            id="KT1 did not have it",
        ),
        pytest.param(
            target("Patient", migrated(source()), NOBODYS),
            Examination(scope="Patient", problems=(NOBODYS_PROBLEM,)),
            id="one that KT1 had and one that it had not",
        ),
    ],
)
def test_unexpected(fact: Target, outcome: Examination | None) -> None:
    assert say("completeness.unexpected", fact) == outcome


UNACCOUNTED = Examination(
    scope="RelatedPerson",
    problems=(
        Problem(
            resource=f"RelatedPerson/{number(2)}",
            path="identifier",
            words={"type": "RelatedPerson"},
        ),
    ),
)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Task"), None, id="no migration identifier"),
        pytest.param(target("Patient", migrated(source())), Examination(scope="Patient"), id="it moves"),
        pytest.param(target("Patient", NOBODYS), Examination(scope="Patient"), id="KT1 did not have it"),
        pytest.param(
            target("Task", STAYING),
            Examination(
                scope="Task",
                problems=(
                    Problem(
                        resource=f"Task/{ID}",
                        source=LINK,
                        path="identifier",
                        actual={"system": f"{MIGRATION}CarePlan", "value": LINK},
                        words={"type": "Task", "kt1": "CarePlan"},
                    ),
                ),
            ),
            id="a plan that became a task",
        ),
    ],
)
def test_stays(fact: Target, outcome: Examination | None) -> None:
    assert say("completeness.stays", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "version", "outcome"),
    [
        pytest.param(target("Device"), "0.16.3", None, id="a type that is not migrated"),
        pytest.param(target("AuditEvent"), "0.16.3", None, id="a type that KT1 did not have"),
        pytest.param(target("RelatedPerson", identity=number(2)), "0.8", None, id="not migrated in this release"),
        pytest.param(target("RelatedPerson", identity=number(2)), "0.16.3", UNACCOUNTED, id="says nothing"),
        pytest.param(target("Patient", migrated(source())), "0.16.3", Examination(scope="Patient"), id="says it"),
        pytest.param(target("Patient", NOBODYS), "0.16.3", Examination(scope="Patient"), id="says it wrongly"),
    ],
)
def test_unaccounted(fact: Target, version: str, outcome: Examination | None) -> None:
    assert say("completeness.unaccounted", fact, replace(CONTEXT, profile_version=version)) == outcome


ONE, TWO = (migrated(source("CarePlanActivity", key, app="portaal")) for key in ("act-1", "act-2"))
SAME = migrated(source("CarePlanActivity", "act-1", app="portaal"), value="act-1/_history/1")
FIRST, SECOND = (migrated(source(key=f"{LINK}{which}")) for which in range(2))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Task"), None, id="no migration identifier"),
        pytest.param(target("Task", migrated(system=f"{MIGRATION}CarePlanActivity")), None, id="KT1 did not have it"),
        pytest.param(target("Patient", FIRST, SECOND), None, id="two links of one person may meet"),
        pytest.param(target("Task", ONE), Examination(scope="Task"), id="one activity"),
        pytest.param(target("Task", ONE, SAME), Examination(scope="Task"), id="one activity, told twice"),
        pytest.param(
            target("Task", TWO, ONE),
            Examination(
                scope="Task",
                problems=(
                    Problem(
                        resource=f"Task/{ID}",
                        path="identifier",
                        expected=1,
                        actual=["act-1", "act-2"],
                        words={"type": "Task", "count": 2},
                    ),
                ),
            ),
            id="two activities in one task",
        ),
    ],
)
def test_own(fact: Target, outcome: Examination | None) -> None:
    assert say("completeness.own", fact) == outcome
