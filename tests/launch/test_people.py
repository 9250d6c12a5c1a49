"""Whose a test account is, learnt from facts that pass."""

from __future__ import annotations

import pytest

from ktcheck.facts import MigrationIdentifier, Source, Target
from ktcheck.idp.facts import Account, UserAccounts
from ktcheck.launch.people import People
from tests.launch.test_choose import domain

USER = {"user_type": "Patient", "username": "u-1", "password_env": "KTCHECK_U"}


def people(*facts: UserAccounts | Target, **account: str) -> tuple[People, str | None]:
    tested = domain(accounts=[{**USER, **account}])
    assert tested.launch
    found = People(tested)
    for fact in facts:
        found.add(fact)
    return found, found.person(tested.launch.accounts[0])


def accounts(person: str, *names: str, enabled: bool = True, application: str | None = None) -> UserAccounts:
    return UserAccounts(
        user_type="Patient",
        application=application,
        person=person,
        accounts=tuple(Account(name=name, enabled=enabled) for name in names),
    )


def test_an_account_is_of_whom_the_directory_says() -> None:
    known, person = people(accounts("Patient/p2", "u-2"), accounts("Patient/p1", "u-1"))
    assert person == "Patient/p1"
    assert known.has_one_account("Patient", "Patient/p1", None) is True
    assert known.has_one_account("Patient", "Patient/p1", "Rustwijzer") is None


@pytest.mark.parametrize(
    ("fact", "one"),
    [
        (accounts("Patient/p1", "u-1", "u-2"), False),
        (accounts("Patient/p1", "u-1", enabled=False), False),
        (accounts("Patient/p1"), False),
    ],
)
def test_one_enabled_account_is_what_it_takes(fact: UserAccounts, one: bool) -> None:
    known, _ = people(fact, person="Patient/p1")
    assert known.has_one_account("Patient", "Patient/p1", None) is one


def test_who_is_meant_may_be_unknown() -> None:
    assert people()[1] is None
    assert people(accounts("Patient/p1", "u-1"), accounts("Patient/p2", "u-1"))[1] is None
    assert people(accounts("Patient/p1", "u-1"), person="Patient/p3")[1] == "Patient/p3"


def test_an_application_has_accounts_of_its_own() -> None:
    known, _ = people(accounts("Patient/p1", "u-1", application="Rustwijzer"))
    assert known.has_one_account("Patient", "Patient/p1", "Rustwijzer") is True
    assert known.has_one_account("Patient", "Patient/p1", None) is None


def test_migrated_is_what_stands_for_a_record() -> None:
    source = Source(
        type="Patient",
        key="k",
        link="l",
        application=None,
        basis="message",
        identifiers=(),
        references={},
        notes=(),
        content={},
    )
    held, unknown = (
        Target(
            type="Patient",
            id=own,
            resource={},
            migrated=(MigrationIdentifier(system="s", value="v", use=None, key="k", sources=sources, rows=()),),
            references=(),
            expected=(),
        )
        for own, sources in (("p1", (source,)), ("p2", ()))
    )
    known, _ = people(held, unknown)
    assert known.is_migrated("Patient/p1")
    assert not known.is_migrated("Patient/p2")
