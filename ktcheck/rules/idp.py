"""Area *idp*: can every migrated person log in with one account, and nobody else?"""

from __future__ import annotations

from typing import Any

from ktcheck.facts import Context
from ktcheck.findings import Severity
from ktcheck.idp.facts import (
    AccountUsers,
    DirectoryCount,
    Nearness,
    RelatedPatient,
    UserAccounts,
    UserIdentifiers,
    UserTypeProviders,
)
from ktcheck.rules.base import Examination, Problem, rule

_NEAR: dict[Nearness | None, tuple[str, str]] = {
    None: ("", ""),
    "case": ("; wel een die alleen in hoofdletters verschilt", "; there is one that differs in case only"),
    "blanks": ("; wel een die alleen in spaties verschilt", "; there is one that differs in blanks only"),
    "zeros": ("; wel een die alleen in voorloopnullen verschilt", "; there is one that differs in leading zeros only"),
    "spelling": ("; wel een die alleen in schrijfwijze verschilt", "; there is one that differs in spelling only"),
}


@rule("idp.configured", UserTypeProviders)
def configured(choices: UserTypeProviders, _: Context) -> Examination | None:
    """A user type of which there are persons has an identity provider (IAM-001, IAM-005, TOP-KT-023)."""
    if not choices.persons:
        return None
    found: tuple[Problem, ...] = ()
    if not choices.choices:
        found = (Problem(words={"user_type": choices.user_type, "persons": choices.persons}),)
    return Examination(scope=choices.user_type, problems=found)


@rule("idp.choice", UserTypeProviders)
def choice(choices: UserTypeProviders, _: Context) -> Examination | None:
    """Each choice of provider is made once, and beside those per application there is a default (IAM-007, KT2-IDP-006).

    The standard allows an ordered list: several providers for one combination are no problem, the same one twice is.
    """
    if not choices.choices:
        return None
    twice = [made for made in dict.fromkeys(choices.choices) if choices.choices.count(made) > 1]
    found = [_choice(choices, *_made_twice(application)) for application, _ in twice]
    if all(application for application, _ in choices.choices):
        found.append(_choice(choices, "er is geen standaard voor het domein", "there is no default for the domain"))
    return Examination(scope=choices.user_type, problems=tuple(found), examined=len(choices.choices))


def _made_twice(application: str | None) -> tuple[str, str]:
    nl, en = (application, application) if application else ("de standaard", "the default")
    return f"dezelfde keuze voor {nl} staat er meer dan een keer", f"the same choice for {en} is there more than once"


def _choice(choices: UserTypeProviders, nl: str, en: str) -> Problem:
    return Problem(words={"user_type": choices.user_type, "problem_nl": nl, "problem_en": en})


@rule("idp.identifier", UserIdentifiers)
def identifier(user: UserIdentifiers, _: Context) -> Examination | None:
    """An active migrated person has one identifier under the system that is matched on (KT2-IDP-001)."""
    if not (user.active and user.migrated):
        return None
    found: tuple[Problem, ...] = ()
    if user.number != 1:
        words = {"user_type": user.user_type, "number": user.number, "system": user.system}
        found = (Problem(resource=user.person, path="identifier", expected=1, actual=user.number, words=words),)
    return Examination(scope=user.user_type, problems=found)


def _unknown(user: UserAccounts) -> Examination | None:
    """What is said of a user type whose accounts nobody could read."""
    return Examination(scope=user.user_type, examined=0, gap=user.unread) if user.unread else None


def _words(user: UserAccounts, **more: object) -> dict[str, object]:
    return {
        "user_type": user.user_type,
        "provider_nl": f" van {user.application}" if user.application else "",
        "provider_en": f" of {user.application}" if user.application else "",
        **more,
    }


def _has_to_log_in(user: UserAccounts) -> bool:
    return user.active and user.migrated and (user.needed or bool(user.accounts))


@rule("idp.account", UserAccounts)
def account(user: UserAccounts, _: Context) -> Examination | None:
    """An active migrated person has an account whose claim equals his identifier (KT2-IDP-001, KT2-IDP-003).

    Who has no single identifier cannot have one; that is told by ``idp.identifier``.
    """
    if user.unread or not _has_to_log_in(user) or not user.identified:
        return _unknown(user)
    found: tuple[Problem, ...] = ()
    if not user.accounts:
        nl, en = _NEAR[user.near]
        found = (Problem(resource=user.person, words=_words(user, near_nl=nl, near_en=en)),)
    return Examination(scope=user.user_type, problems=found)


@rule("idp.one-account", UserAccounts)
def one_account(user: UserAccounts, _: Context) -> Examination | None:
    """An active migrated person has no second account (KT2-IDP-001: the value is unique)."""
    if user.unread or not _has_to_log_in(user) or not user.accounts:
        return _unknown(user)
    number = len(user.accounts)
    found: tuple[Problem, ...] = ()
    if number > 1:
        names = [account.name for account in user.accounts]
        found = (Problem(resource=user.person, expected=1, actual=names, words=_words(user, number=number)),)
    return Examination(scope=user.user_type, problems=found)


@rule("idp.enabled", UserAccounts)
def enabled(user: UserAccounts, _: Context) -> Examination | None:
    """The account of an active migrated person is enabled (KT2-IDP-003)."""
    if user.unread or not _has_to_log_in(user) or not user.accounts:
        return _unknown(user)
    found: tuple[Problem, ...] = ()
    if not any(account.enabled for account in user.accounts):
        name = user.accounts[0].name
        found = (Problem(resource=user.person, source=name, expected=True, actual=False, words=_words(user)),)
    return Examination(scope=user.user_type, problems=found)


@rule("idp.barred", UserAccounts)
def barred(user: UserAccounts, _: Context) -> Examination | None:
    """An inactive person, or one that was not migrated, has no enabled account (KT2-IDP-004, TOP-KT-023).

    An account that an active migrated other person has too is that person's.
    """
    expected = user.active and user.migrated
    if user.unread or (expected and not user.accounts):
        return _unknown(user)
    nl, en = ("niet actief is", "is inactive") if not user.active else ("niet gemigreerd is", "was not migrated")
    problems = tuple(
        Problem(
            resource=user.person,
            source=account.name,
            expected=False,
            actual=True,
            words=_words(user, why_nl=nl, why_en=en),
        )
        for account in user.accounts
        if account.enabled and not account.others and not expected
    )
    return Examination(scope=user.user_type, problems=problems)


@rule("idp.shared", AccountUsers)
def shared(account: AccountUsers, _: Context) -> Examination | None:
    """No account is that of two active persons of a user type (KT2-IDP-001: unique for each user type in the domain).

    Who is close to two patients is two RelatedPersons. By the standard these may not share a value, but nothing is
    said of how such a person logs in then; so that weighs less.
    """
    if not account.users:
        return None
    problems = tuple(_shared(account, kind, names) for kind, names in account.active if len(names) > 1)
    return Examination(scope=account.user_types[0], problems=problems)


_REMARK_NL = (
    "; het zijn naasten van verschillende patiënten, misschien één mens: de standaard eist een unieke waarde per "
    "gebruikerstype en zegt niet hoe zo iemand inlogt"
)
_REMARK_EN = (
    "; they are related persons of different patients, perhaps one human being: the standard wants a value that is "
    "unique for each user type and does not say how such a person logs in"
)


def _shared(account: AccountUsers, kind: str, names: tuple[str, ...]) -> Problem:
    related = kind == "RelatedPerson" and account.patients
    words = {
        "user_type": kind,
        "number": len(names),
        "remark_nl": _REMARK_NL if related else "",
        "remark_en": _REMARK_EN if related else "",
    }
    severity = Severity.MAJOR if related else None
    return Problem(resource=names[0], source=account.name, actual=list(names), words=words, severity=severity)


@rule("idp.stranger", AccountUsers)
def stranger(account: AccountUsers, _: Context) -> Examination | None:
    """An enabled account with a claim is that of somebody in the domain (KT2-IDP-003: and the other way round)."""
    if not account.enabled or account.near:
        return None
    found: tuple[Problem, ...] = ()
    if not account.users:
        found = (Problem(source=account.name, words={"user_types": ", ".join(account.user_types)}),)
    return Examination(scope=account.user_types[0], problems=found)


@rule("idp.counted", DirectoryCount)
def counted(directory: DirectoryCount, _: Context) -> Examination | None:
    """As many accounts were read as the directory says it has (KT2-IDP-003; paging loses nothing)."""
    scope = directory.user_types[0]
    if directory.unread:
        return Examination(scope=scope, examined=0, gap=directory.unread)
    if directory.total is None:
        gap = f"de directory voor {', '.join(directory.user_types)} zegt niet hoeveel accounts zij heeft"
        return Examination(scope=scope, examined=0, gap=gap)
    found: tuple[Problem, ...] = ()
    if directory.read != directory.total:
        words = {"read": directory.read, "total": directory.total, "user_types": ", ".join(directory.user_types)}
        found = (Problem(expected=directory.total, actual=directory.read, words=words),)
    return Examination(scope=scope, problems=found)


@rule("idp.claim", DirectoryCount)
def claim(directory: DirectoryCount, _: Context) -> Examination | None:
    """Enabled accounts have the claim (IAM-006, TOP-KT-023); without it nobody is recognised at login."""
    if directory.unread or not directory.enabled:
        return None
    found: tuple[Problem, ...] = ()
    if directory.without_claim:
        words: dict[str, Any] = {
            "number": directory.without_claim,
            "enabled": directory.enabled,
            "user_types": ", ".join(directory.user_types),
        }
        found = (Problem(actual=directory.without_claim, words=words),)
    return Examination(scope=directory.user_types[0], problems=found, examined=directory.enabled)


@rule("idp.relation", RelatedPatient)
def relation(related: RelatedPatient, _: Context) -> Examination:
    """The patient of a related person who can log in is there, active and migrated (KT2-IDP-004, TOP-KT-007).

    That it is the patient KT1 says is shown by ``references.meant``.
    """
    nl, en = "", ""
    if not related.exists:
        nl, en = "is er niet", "is not there"
    elif not related.active:
        nl, en = "is niet actief", "is inactive"
    elif not related.migrated:
        nl, en = "is niet gemigreerd", "was not migrated"
    found: tuple[Problem, ...] = ()
    if nl:
        words = {"why_nl": nl, "why_en": en}
        found = (Problem(resource=related.person, path="patient", actual=related.patient, words=words),)
    return Examination(scope="RelatedPerson", problems=found)
