"""Whose the test accounts are, and what of the domain was migrated: learnt from the facts of the run as they pass."""

from __future__ import annotations

from dataclasses import dataclass

from ktcheck.domain import Domain, TestAccount, UserType
from ktcheck.facts import Fact, Target
from ktcheck.idp.facts import UserAccounts

_LAUNCHED_WITH = frozenset({"Task", "Patient", "Practitioner", "RelatedPerson"})


@dataclass(frozen=True, slots=True)
class _Place:
    """The directory of a user type: that of an application, or the default."""

    user_type: UserType
    application: str | None


class People:
    """Listens to facts; answers when all of them have passed."""

    def __init__(self, domain: Domain) -> None:
        self._accounts = domain.launch.accounts if domain.launch else ()
        self._names = {(account.user_type, account.username) for account in self._accounts}
        self._told = {account.person for account in self._accounts if account.person}
        self._persons: dict[tuple[UserType, str], set[str]] = {}
        self._enabled: dict[tuple[_Place, str], int] = {}
        self._migrated: set[str] = set()

    def add(self, fact: Fact) -> None:
        """Take in a fact."""
        if isinstance(fact, Target):
            if fact.type in _LAUNCHED_WITH and fact.sources:
                self._migrated.add(fact.name)
        elif isinstance(fact, UserAccounts) and fact.person is not None:
            self._add_accounts(fact, fact.person)

    def _add_accounts(self, fact: UserAccounts, person: str) -> None:
        named = {(fact.user_type, account.name) for account in fact.accounts} & self._names
        for key in named:
            self._persons.setdefault(key, set()).add(person)
        if named or person in self._told:
            enabled = sum(account.enabled for account in fact.accounts)
            self._enabled[_Place(fact.user_type, fact.application), person] = enabled

    def person(self, account: TestAccount) -> str | None:
        """Whose account it is (``<Type>/<id>``), None when nobody says, or several could be meant."""
        if account.person:
            return account.person
        found = self._persons.get((account.user_type, account.username), set())
        return next(iter(found)) if len(found) == 1 else None

    def has_one_account(self, user_type: UserType, person: str, application: str | None) -> bool | None:
        """Whether a person has exactly one enabled account in a directory; None when there is none that tells.

        ``application`` is the one whose own directory it is, None for the domain's default.
        """
        number = self._enabled.get((_Place(user_type, application), person))
        return None if number is None else number == 1

    def is_migrated(self, name: str) -> bool:
        """Whether a resource (``<Type>/<id>``) carries a migration identifier of a record that KT1 held."""
        return name in self._migrated
