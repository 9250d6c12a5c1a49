"""Users at the identity provider, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ktcheck.findings import Severity
from ktcheck.idp.facts import (
    Account,
    AccountUsers,
    DirectoryCount,
    RelatedPatient,
    UserAccounts,
    UserIdentifiers,
    UserTypeProviders,
)
from ktcheck.rules import Examination, Problem
from tests.building import say

GOOD = Account(name="u1", enabled=True)
CLEAN = Examination(scope="Patient")


def said(outcome: Examination | None) -> tuple[int, list[dict[str, Any]]] | None:
    """How many were examined, and the words of each problem."""
    if outcome is None:
        return None
    return outcome.examined, [dict(problem.words) for problem in outcome.problems]


def choices(persons: int, *made: tuple[str | None, str]) -> UserTypeProviders:
    return UserTypeProviders(user_type="Patient", persons=persons, choices=made)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(choices(0), None, id="nobody of that type"),
        pytest.param(choices(3, (None, "a")), CLEAN, id="a provider"),
        pytest.param(
            choices(3),
            Examination(scope="Patient", problems=(Problem(words={"user_type": "Patient", "persons": 3}),)),
            id="people and no provider",
        ),
    ],
)
def test_configured(fact: UserTypeProviders, outcome: Examination | None) -> None:
    assert say("idp.configured", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "examined", "told"),
    [
        pytest.param(choices(3, (None, "a")), 1, [], id="a default"),
        pytest.param(choices(3, (None, "a"), (None, "b"), ("Lijst", "a")), 3, [], id="an ordered list, one besides"),
        pytest.param(choices(3, ("Lijst", "a")), 1, ["there is no default for the domain"], id="no default"),
        pytest.param(
            choices(3, (None, "a"), (None, "a")),
            2,
            ["the same choice for the default is there more than once"],
            id="the default twice",
        ),
        pytest.param(
            choices(3, (None, "a"), ("Lijst", "b"), ("Lijst", "b")),
            3,
            ["the same choice for Lijst is there more than once"],
            id="one of an application twice",
        ),
    ],
)
def test_choice(fact: UserTypeProviders, examined: int, told: list[str]) -> None:
    outcome = said(say("idp.choice", fact))
    assert outcome is not None
    assert (outcome[0], [words["problem_en"] for words in outcome[1]]) == (examined, told)


def test_no_choice_is_for_another_rule() -> None:
    assert say("idp.choice", choices(3)) is None


def identifiers(number: int, **changes: Any) -> UserIdentifiers:
    fine: dict[str, Any] = {"user_type": "Patient", "person": "Patient/1", "system": "s", "number": number}
    return UserIdentifiers(**{**fine, "active": True, "migrated": True, **changes})


@pytest.mark.parametrize(
    ("fact", "number"),
    [
        pytest.param(identifiers(0, active=False), None, id="inactive"),
        pytest.param(identifiers(0, migrated=False), None, id="not migrated"),
        pytest.param(identifiers(1), 1, id="one"),
        pytest.param(identifiers(0), 0, id="none"),
        pytest.param(identifiers(2), 2, id="two"),
    ],
)
def test_identifier(fact: UserIdentifiers, number: int | None) -> None:
    outcome = say("idp.identifier", fact)
    if number is None:
        assert outcome is None
        return
    words = {"user_type": "Patient", "number": number, "system": "s"}
    problem = Problem(resource="Patient/1", path="identifier", expected=1, actual=number, words=words)
    assert outcome == (CLEAN if number == 1 else Examination(scope="Patient", problems=(problem,)))


def user(*accounts: Account, **changes: Any) -> UserAccounts:
    fine: dict[str, Any] = {"user_type": "Patient", "application": None, "person": "Patient/1"}
    state = {"active": True, "migrated": True, "needed": True, "identified": True}
    return UserAccounts(**{**fine, **state, "accounts": accounts, **changes})


UNREAD = UserAccounts(user_type="Patient", application=None, person=None, unread="geen directory")
GAP = Examination(scope="Patient", examined=0, gap="geen directory")
WORDS = {"user_type": "Patient", "provider_nl": "", "provider_en": ""}


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(UNREAD, GAP, id="nobody could read the accounts"),
        pytest.param(user(active=False), None, id="inactive"),
        pytest.param(user(migrated=False), None, id="not migrated"),
        pytest.param(user(identified=False), None, id="no single identifier"),
        pytest.param(user(needed=False), None, id="no task for the application"),
        pytest.param(user(GOOD), CLEAN, id="an account"),
        pytest.param(user(GOOD, needed=False), CLEAN, id="an account, though without a task"),
    ],
)
def test_account(fact: UserAccounts, outcome: Examination | None) -> None:
    assert say("idp.account", fact) == outcome


@pytest.mark.parametrize(
    ("near", "told"),
    [
        (None, ""),
        ("case", "; there is one that differs in case only"),
        ("blanks", "; there is one that differs in blanks only"),
        ("zeros", "; there is one that differs in leading zeros only"),
        ("spelling", "; there is one that differs in spelling only"),
    ],
)
def test_account_is_missing(near: Any, told: str) -> None:
    outcome = say("idp.account", user(near=near, application="Lijst"))
    assert outcome is not None
    (problem,) = outcome.problems
    assert (problem.resource, problem.words["near_en"]) == ("Patient/1", told)
    assert problem.words["provider_en"] == " of Lijst"


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(UNREAD, GAP, id="nobody could read the accounts"),
        pytest.param(user(), None, id="none"),
        pytest.param(user(GOOD), CLEAN, id="one"),
        pytest.param(user(GOOD, GOOD, active=False), None, id="inactive"),
        pytest.param(
            user(GOOD, replace(GOOD, name="u2")),
            Examination(
                scope="Patient",
                problems=(
                    Problem(resource="Patient/1", expected=1, actual=["u1", "u2"], words={**WORDS, "number": 2}),
                ),
            ),
            id="two",
        ),
    ],
)
def test_one_account(fact: UserAccounts, outcome: Examination | None) -> None:
    assert say("idp.one-account", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(UNREAD, GAP, id="nobody could read the accounts"),
        pytest.param(user(), None, id="none"),
        pytest.param(user(GOOD), CLEAN, id="enabled"),
        pytest.param(user(replace(GOOD, enabled=False), GOOD), CLEAN, id="one of two enabled"),
        pytest.param(user(replace(GOOD, enabled=False), active=False), None, id="inactive"),
        pytest.param(
            user(replace(GOOD, enabled=False)),
            Examination(
                scope="Patient",
                problems=(Problem(resource="Patient/1", source="u1", expected=True, actual=False, words=WORDS),),
            ),
            id="disabled",
        ),
    ],
)
def test_enabled(fact: UserAccounts, outcome: Examination | None) -> None:
    assert say("idp.enabled", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "examined", "told"),
    [
        pytest.param(user(), None, [], id="active, without an account"),
        pytest.param(user(GOOD), 1, [], id="active"),
        pytest.param(user(active=False), 1, [], id="inactive, without an account"),
        pytest.param(user(replace(GOOD, enabled=False), active=False), 1, [], id="inactive, disabled"),
        pytest.param(user(GOOD, active=False), 1, ["is inactive"], id="inactive, enabled"),
        pytest.param(user(GOOD, migrated=False), 1, ["was not migrated"], id="not migrated, enabled"),
        pytest.param(user(replace(GOOD, others=True), active=False), 1, [], id="the account is also somebody else's"),
    ],
)
def test_barred(fact: UserAccounts, examined: int | None, told: list[str]) -> None:
    outcome = said(say("idp.barred", fact))
    assert outcome == (None if examined is None else outcome)
    if outcome is not None:
        assert (outcome[0], [words["why_en"] for words in outcome[1]]) == (examined, told)
    assert say("idp.barred", UNREAD) == GAP


def account(users: int, *active: tuple[Any, tuple[str, ...]], **changes: Any) -> AccountUsers:
    fine: dict[str, Any] = {"user_types": ("Patient",), "name": "u1", "enabled": True, "users": users}
    return AccountUsers(**{**fine, "active": active, **changes})


TWO = ("RelatedPerson/1", "RelatedPerson/2")


@pytest.mark.parametrize(
    ("fact", "severities"),
    [
        pytest.param(account(0), None, id="nobody's"),
        pytest.param(account(1, ("Patient", ("Patient/1",))), [], id="of one"),
        pytest.param(account(2, ("Patient", ("Patient/1",))), [], id="of one who is active"),
        pytest.param(
            account(2, ("Patient", ("Patient/1",)), ("Practitioner", ("Practitioner/1",))), [], id="of two types"
        ),
        pytest.param(account(2, ("Patient", ("Patient/1", "Patient/2"))), [None], id="of two patients"),
        pytest.param(account(2, ("RelatedPerson", TWO)), [None], id="of two related persons of one patient"),
        pytest.param(
            account(2, ("RelatedPerson", TWO), patients=True),
            [Severity.MAJOR],
            id="of related persons of different patients",
        ),
    ],
)
def test_shared(fact: AccountUsers, severities: list[Severity | None] | None) -> None:
    outcome = say("idp.shared", fact)
    if severities is None:
        assert outcome is None
        return
    assert outcome is not None
    assert [problem.severity for problem in outcome.problems] == severities
    assert all(problem.source == "u1" for problem in outcome.problems)


def test_shared_by_related_persons_tells_what_the_standard_does_not_say() -> None:
    outcome = say("idp.shared", account(2, ("RelatedPerson", TWO), patients=True))
    assert outcome is not None
    assert "does not say how such a person logs in" in str(outcome.problems[0].words["remark_en"])


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(account(0, enabled=False), None, id="disabled"),
        pytest.param(account(0, near=True), None, id="almost somebody's"),
        pytest.param(account(1), CLEAN, id="of somebody"),
        pytest.param(
            account(0),
            Examination(scope="Patient", problems=(Problem(source="u1", words={"user_types": "Patient"}),)),
            id="of nobody",
        ),
    ],
)
def test_stranger(fact: AccountUsers, outcome: Examination | None) -> None:
    assert say("idp.stranger", fact) == outcome


def count(**changes: Any) -> DirectoryCount:
    fine: dict[str, Any] = {"user_types": ("Patient",), "kind": "csv", "read": 7, "total": 7, "enabled": 6}
    return DirectoryCount(**{**fine, **changes})


def _counted(read: int, total: int) -> Examination:
    words = {"read": read, "total": total, "user_types": "Patient"}
    return Examination(scope="Patient", problems=(Problem(expected=total, actual=read, words=words),))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(count(), CLEAN, id="as many as it says"),
        pytest.param(count(read=6), _counted(6, 7), id="fewer"),
        pytest.param(count(read=8), _counted(8, 7), id="more"),
        pytest.param(count(unread="geen directory"), GAP, id="it was not read"),
        pytest.param(
            count(total=None),
            Examination(
                scope="Patient", examined=0, gap="de directory voor Patient zegt niet hoeveel accounts zij heeft"
            ),
            id="it does not say",
        ),
    ],
)
def test_counted(fact: DirectoryCount, outcome: Examination | None) -> None:
    assert say("idp.counted", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(count(unread="geen directory"), None, id="it was not read"),
        pytest.param(count(enabled=0), None, id="nothing enabled"),
        pytest.param(count(), Examination(scope="Patient", examined=6), id="all of them"),
        pytest.param(
            count(without_claim=2),
            Examination(
                scope="Patient",
                examined=6,
                problems=(Problem(actual=2, words={"number": 2, "enabled": 6, "user_types": "Patient"}),),
            ),
            id="two without",
        ),
    ],
)
def test_claim(fact: DirectoryCount, outcome: Examination | None) -> None:
    assert say("idp.claim", fact) == outcome


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"exists": True, "active": True, "migrated": True}, []),
        ({}, ["is not there"]),
        ({"exists": True, "migrated": True}, ["is inactive"]),
        ({"exists": True, "active": True}, ["was not migrated"]),
    ],
)
def test_relation(state: dict[str, bool], told: list[str]) -> None:
    outcome = say("idp.relation", RelatedPatient(person="RelatedPerson/1", patient="Patient/1", **state))
    assert outcome is not None
    assert outcome.scope == "RelatedPerson"
    assert [problem.words["why_en"] for problem in outcome.problems] == told
