"""With which test accounts a practice domain is launched: of who is there, at the moment of choosing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ktcheck.sandbox.accounts import ISSUERS, Account
from ktcheck.sandbox.materialised import Materialised

Json = dict[str, Any]

_STATUSES = {"ready", "in-progress"}
_ACTIVE_PATIENTS = 2


def choose(domain: Materialised) -> tuple[Account, ...]:
    """Two active patients, a practitioner and a related person, each with a task of his own, and an inactive patient.

    As far as they are there; in a small domain, or one with defects, they may not be.
    """
    own = _owners(domain)
    accounts = list(_default_accounts(domain))
    chosen = [
        *_take(accounts, lambda item: item.enabled and _is(item, "Patient") and item.person in own, _ACTIVE_PATIENTS),
        *_take(accounts, lambda item: item.enabled and _is(item, "Practitioner") and item.person in own, 1),
        *_take(accounts, lambda item: item.enabled and _is(item, "RelatedPerson") and item.person in own, 1),
    ]
    inactive = _take(accounts, lambda item: not item.enabled and _is(item, "Patient") and item.person in own, 1)
    return (*chosen, *inactive)


def _default_accounts(domain: Materialised) -> Iterator[Account]:
    """The accounts at the providers that are the default of a user type."""
    for account in domain.accounts:
        user_type, application = ISSUERS.get(account.issuer, ("", None))
        if application is None and account.person and account.person.startswith(f"{user_type}/"):
            yield account


def _is(account: Account, user_type: str) -> bool:
    return bool(account.person) and str(account.person).startswith(f"{user_type}/")


def _take(accounts: list[Account], where: Callable[[Account], bool], number: int) -> list[Account]:
    return [account for account in accounts if where(account)][:number]


def _owners(domain: Materialised) -> set[str]:
    """Who has a task that can be launched."""
    return {task["owner"]["reference"] for task in launchable(domain)}


def launchable(domain: Materialised) -> tuple[Json, ...]:
    """The tasks of somebody that can be launched now."""
    return tuple(
        task
        for task in domain.resources.get("Task", {}).values()
        if task.get("status") in _STATUSES and "partOf" not in task and "reference" in task.get("owner", {})
    )
