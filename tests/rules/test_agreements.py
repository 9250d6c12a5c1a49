"""The agreements, rule by rule: what the rule says of which answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ktcheck import tables
from ktcheck.agreements import Agreements, Answer, Question, questions
from ktcheck.facts import Agreed, Context
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from tests.building import CONTEXT, agreed, say

CLEAN = Examination(scope="Afspraken")
PREPARING = replace(CONTEXT, migrated=False)


def found(*problems: Problem) -> Examination:
    return Examination(scope="Afspraken", problems=problems)


def words(key: str, option: str, **others: object) -> dict[str, object]:
    question = questions()[key]
    return {
        "key": key,
        "option": option,
        "title_nl": question.title_nl,
        "title_en": question.title_en,
        **others,
    }


def _open(severity: Severity) -> Examination:
    decides = {"decides_nl": "VZVZ", "decides_en": "VZVZ"}
    filled = words("status-waiting", "draft", **decides)
    return found(Problem(path="status-waiting", words=filled, severity=severity))


@pytest.mark.parametrize(
    ("context", "outcome"),
    [
        pytest.param(agreed(status_waiting="draft"), CLEAN, id="agreed, as proposed"),
        pytest.param(agreed(status_waiting="on-hold"), CLEAN, id="agreed, otherwise"),
        pytest.param(replace(agreed(status_waiting="draft"), migrated=False), CLEAN, id="agreed, not migrated yet"),
        pytest.param(CONTEXT, _open(Severity.MAJOR), id="not agreed, and migrated"),
        pytest.param(PREPARING, _open(Severity.ADVICE), id="not agreed, not migrated yet"),
        pytest.param(agreed(status_expired="failed"), _open(Severity.MAJOR), id="another question was"),
    ],
)
def test_answered(context: Context, outcome: Examination) -> None:
    assert say("agreements.answered", Agreed(key="status-waiting"), context) == outcome


def _against(key: str, option: str, other: str, needed: str, actual: str, severity: Severity | None) -> Examination:
    filled = words(key, option, other=other, actual=actual, needed=needed)
    return found(Problem(path=key, expected=(needed,), actual=actual, words=filled, severity=severity))


NO_TEAM = ("several-performers", "care-team", "care-teams", "yes", "no")


@pytest.mark.parametrize(
    ("key", "context", "outcome"),
    [
        pytest.param("several-performers", CONTEXT, CLEAN, id="the proposals go together"),
        pytest.param("status-waiting", CONTEXT, CLEAN, id="it needs nothing of others"),
        pytest.param(
            "care-teams", agreed(care_teams="no", participants="drop"), CLEAN, id="others need it, told there"
        ),
        pytest.param(
            "several-performers",
            agreed(several_performers="care-team", care_teams="no"),
            _against(*NO_TEAM, None),
            id="two agreements",
        ),
        pytest.param(
            "several-performers",
            agreed(care_teams="no"),
            _against(*NO_TEAM, Severity.MAJOR),
            id="an agreement and a proposal",
        ),
        pytest.param(
            "several-performers",
            replace(agreed(care_teams="no"), migrated=False),
            _against(*NO_TEAM, Severity.ADVICE),
            id="an agreement and a proposal, not migrated yet",
        ),
        pytest.param(
            "several-performers",
            replace(agreed(several_performers="care-team", care_teams="no"), migrated=False),
            _against(*NO_TEAM, None),
            id="two agreements, not migrated yet",
        ),
        pytest.param(
            "several-performers", agreed(several_performers="first", care_teams="no"), CLEAN, id="answered otherwise"
        ),
        pytest.param(
            "definition-description",
            agreed(definition_description="title", definition_name="title"),
            _against("definition-description", "title", "definition-name", "name", "title", None),
            id="two texts in one title",
        ),
    ],
)
def test_consistent(key: str, context: Context, outcome: Examination) -> None:
    assert say("agreements.consistent", Agreed(key=key), context) == outcome


def _prohibited(key: str, option: str, release: str, severity: Severity | None) -> Examination:
    reasons = {
        "reason_nl": f"profielversie {release} van Koppeltaal 2.0 laat dat niet toe",
        "reason_en": f"profile release {release} of Koppeltaal 2.0 does not allow that",
    }
    return found(Problem(path=key, words=words(key, option, **reasons), severity=severity))


def _release(release: str, **options: str) -> Context:
    return replace(agreed(**options), profile_version=release)


@pytest.mark.parametrize(
    ("key", "context", "outcome"),
    [
        pytest.param("planned-dates", CONTEXT, CLEAN, id="the proposal can be done"),
        pytest.param(
            "planned-dates",
            agreed(planned_dates="restriction"),
            _prohibited("planned-dates", "restriction", "0.16.3", None),
            id="what the profiles prohibit",
        ),
        pytest.param("related-persons", agreed(related_persons="yes"), CLEAN, id="a release that has the type"),
        pytest.param(
            "related-persons",
            _release("0.8", related_persons="yes"),
            _prohibited("related-persons", "yes", "0.8", None),
            id="a release that has not",
        ),
        pytest.param(
            "related-persons",
            _release("0.8"),
            _prohibited("related-persons", "yes", "0.8", Severity.MAJOR),
            id="a release that has not, nobody agreed",
        ),
        pytest.param(
            "related-persons",
            replace(_release("0.8"), migrated=False),
            _prohibited("related-persons", "yes", "0.8", Severity.ADVICE),
            id="a release that has not, nobody agreed, not migrated yet",
        ),
        pytest.param("related-persons", _release("0.8", related_persons="no"), CLEAN, id="agreed to do without"),
    ],
)
def test_possible(key: str, context: Context, outcome: Examination) -> None:
    assert say("agreements.possible", Agreed(key=key, migrated_by="2026-03-01"), context) == outcome


@pytest.mark.parametrize(
    ("option", "read_on", "too_early"),
    [
        pytest.param("keep", "2026-03-01", False, id="never"),
        pytest.param("remove 2026-03-02", "2026-03-01", False, id="the next day"),
        pytest.param("remove 2026-03-01", "2026-03-01", True, id="the same day"),
        pytest.param("remove 2025-12-31", "2026-03-01", True, id="before"),
        pytest.param("remove 2025-12-31", None, False, id="nobody knows when the domain was read"),
    ],
)
def test_migration_identifiers_stay_until_the_approval(option: str, read_on: str | None, too_early: bool) -> None:
    fact = Agreed(key="temporary-identifiers", migrated_by=read_on)
    said: Any = say("agreements.possible", fact, agreed(temporary_identifiers=option))
    assert said.examined == 1
    assert bool(said.problems) == too_early
    for problem in said.problems:
        assert (problem.actual, problem.severity) == (option.partition(" ")[2], None)
        assert problem.words["reason_en"].endswith("is not after the day on which the domain was read (2026-03-01)")


def test_a_date_that_only_chooses_what_moves_may_be_past() -> None:
    fact = Agreed(key="activities-in-scope", migrated_by="2026-03-01")
    assert say("agreements.possible", fact, agreed(activities_in_scope="open-since 2020-01-01")) == CLEAN


@pytest.mark.parametrize("release", tables.migration().profile_versions)
@pytest.mark.parametrize("question", questions().values(), ids=questions())
def test_every_answer_can_be_judged_in_every_release(question: Question, release: str) -> None:
    fact = Agreed(key=question.key, migrated_by="2026-03-01")
    for option in question.options.values():
        context = replace(
            CONTEXT,
            agreements=Agreements({question.key: Answer(option=option.name, value="2026-03-02")}),
            profile_version=release,
        )
        possible: Any = say("agreements.possible", fact, context)
        consistent: Any = say("agreements.consistent", fact, context)
        assert say("agreements.answered", fact, context) == CLEAN
        assert bool(possible.problems) == (release in option.not_in)
        against = [key for key, names in option.needs.items() if questions()[key].default not in names]
        assert [problem.words["other"] for problem in consistent.problems] == against
