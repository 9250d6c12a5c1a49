"""Logging in for a launch, rule by rule."""

from __future__ import annotations

import pytest

from ktcheck.rules import Examination
from tests.building import say
from tests.rules.launches import CLEAN, ISSUER, PERSON, attempt, login


def test_a_test_account_that_logs_in_where_agreed() -> None:
    assert say("login.works", login()) == CLEAN
    assert say("login.provider", login()) == CLEAN
    assert say("login.works", login(attempt=attempt(user_type="Patient"))) == Examination(scope="Patient")


@pytest.mark.parametrize(
    ("reason", "told"), [(("geen inlogformulier", "no login form"), ": no login form"), ((None, None), "")]
)
def test_works(reason: tuple[str | None, str | None], told: str) -> None:
    outcome = say("login.works", login(logged_in=False, reason_nl=reason[0], reason_en=reason[1]))
    assert outcome is not None
    assert [(problem.resource, problem.words["reason_en"]) for problem in outcome.problems] == [(PERSON, told)]


@pytest.mark.parametrize("seen", ["https://other.example", None])
def test_provider(seen: str | None) -> None:
    outcome = say("login.provider", login(seen=seen))
    assert outcome is not None
    assert [(problem.expected, problem.actual) for problem in outcome.problems] == [(ISSUER, seen)]


def test_where_a_person_logged_in_by_hand_nobody_saw() -> None:
    outcome = say("login.provider", login(kind="manual", seen=None))
    assert outcome is not None
    assert (outcome.examined, outcome.problems) == (0, ())
    assert outcome.gap
