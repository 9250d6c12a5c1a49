"""Area *volledigheid*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ktcheck import scope
from ktcheck.facts import Context, SourceMatch, Target
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from tests.building import CONTEXT, ID, LINK, MIGRATION, agreed, answers, match, migrated, number, say, source, target

CLEAN = Examination(scope="Patient", application="epd")
SUB = source("CarePlanSubActivity", app="portaal")
REFERRED = source(basis="reference")


def missing(kind: str, application: str) -> Examination:
    problem = Problem(source=LINK, path="identifier", expected={"identifier": LINK}, words={"type": kind})
    return Examination(scope=kind, application=application, problems=(problem,))


OWN = {"wanted_nl": "een eigen Task", "wanted_en": "a Task of its own"}
CONTAINED = {
    "wanted_nl": "een contained Task in de Task van haar activiteit",
    "wanted_en": "a contained Task in the Task of its activity",
}


def not_like(words: dict[str, str], *holders: str, severity: Severity | None = None) -> Examination:
    """A sub-activity that is not there in the form that these words say."""
    (problem,) = missing("CarePlanSubActivity", "portaal").problems
    changed = replace(problem, words={**problem.words, **words}, actual=list(holders) or None, severity=severity)
    return Examination(scope="CarePlanSubActivity", application="portaal", problems=(changed,))


def contained(fact: SourceMatch) -> SourceMatch:
    """The same where it was agreed that sub-activities are contained."""
    assert fact.row is not None
    return replace(fact, row=replace(fact.row, inside=True))


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
        pytest.param(match(SUB, holders=()), not_like(OWN), id="not there"),
        pytest.param(
            replace(match(SUB, holders=("Task/a",)), inside=("Task/a",)),
            not_like(OWN, "Task/a", severity=Severity.ADVICE),
            id="contained, which is the memo's reading",
        ),
        pytest.param(
            replace(match(SUB, holders=("Task/b",)), inside=("Task/a",)),
            Examination(scope="CarePlanSubActivity", application="portaal"),
            id="both",
        ),
        pytest.param(contained(match(SUB, holders=())), not_like(CONTAINED), id="agreed to be contained, and is not"),
        pytest.param(
            contained(replace(match(SUB, holders=("Task/a",)), inside=("Task/a",))),
            Examination(scope="CarePlanSubActivity", application="portaal"),
            id="agreed to be contained",
        ),
    ],
)
def test_sub_activity(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("completeness.sub-activity", fact) == outcome


def test_what_is_missing_names_the_question_that_it_rests_on() -> None:
    for rule, record in (("completeness.present", source()), ("completeness.referred", REFERRED)):
        said = say(rule, replace(match(record, holders=()), agreement="referred-only"))
        assert said is not None
        assert [problem.agreement for problem in said.problems] == ["referred-only"]


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


@pytest.mark.parametrize(
    ("holders", "unserved", "wrong"),
    [
        pytest.param(["Task/a", "Task/b"], 0, False, id="one for each"),
        pytest.param(["Task/a", "Task/b"], 1, True, id="two for the same"),
        pytest.param(["Task/a"], 1, True, id="one has none"),
        pytest.param(["Task/a", "Task/b", "Task/c"], 0, True, id="more than performers"),
        pytest.param([], 0, None, id="not there: told by completeness.present"),
    ],
)
def test_where_each_performer_has_a_task_there_are_as_many(
    holders: list[str], unserved: int, wrong: bool | None
) -> None:
    fact = replace(match(source("CarePlanActivity"), holders=holders), copies=2, unserved=unserved)
    said = say("completeness.once", fact)
    assert (said is None) == (wrong is None)
    problems = said.problems if said else ()
    assert [problem.agreement for problem in problems] == ["several-performers"] * bool(wrong)


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


def test_what_stays_names_the_question() -> None:
    said = say("completeness.stays", target("Task", replace(STAYING, agreement="main-task")))
    assert said is not None
    assert [problem.agreement for problem in said.problems] == ["main-task"]


@pytest.mark.parametrize(
    ("context", "wrong"),
    [
        pytest.param(CONTEXT, False, id="nothing agreed"),
        pytest.param(agreed(sub_activities="contained"), False, id="agreed"),
        pytest.param(agreed(sub_activities="own-task"), True, id="agreed otherwise"),
        pytest.param(agreed(sub_activities="not-migrated"), True, id="agreed to stay"),
    ],
)
def test_contained_tasks_are_sub_activities(context: Context, wrong: bool) -> None:
    activity = migrated(source("CarePlanActivity", "act-1"))
    for contained_task, there in (({"resourceType": "Task"}, True), ({"resourceType": "Patient"}, False)):
        fact = target("Task", activity, contained=[contained_task])
        said = say("completeness.stays", fact, context)
        assert said is not None
        assert [problem.agreement for problem in said.problems] == ["sub-activities"] * (wrong and there)


def test_a_type_that_was_agreed_not_to_move_need_not_account_for_itself() -> None:
    assert say("completeness.unaccounted", target("RelatedPerson"), agreed(related_persons="no")) is None


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


def test_people_with_several_links_are_apart_when_that_was_agreed() -> None:
    row = scope.rows(answers(several_links="one-each"))["Patient"]
    one, two = (replace(item, rows=(row,)) for item in (FIRST, SECOND))
    said = say("completeness.own", target("Patient", one, two))
    assert said is not None
    assert [problem.agreement for problem in said.problems] == ["several-links"]
    alone = say("completeness.own", target("Patient", one))
    assert alone is not None
    assert alone.problems == ()


def test_an_activity_under_both_its_keys_is_one_activity() -> None:
    by_id = replace(ONE, value="plan#a-1", key="plan#a-1")
    assert say("completeness.own", target("Task", ONE, by_id)) == Examination(scope="Task")
