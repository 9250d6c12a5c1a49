"""Area *idp*, logging in for a launch: with a test account, at the provider that was agreed."""

from __future__ import annotations

from ktcheck.facts import Context
from ktcheck.launch.facts import Login
from ktcheck.rules.base import Examination, Problem, rule


@rule("login.works", Login)
def works(login: Login, _: Context) -> Examination:
    """A test account logs in, and the browser comes back to the authorization service (IAM-003, TOP-KT-023)."""
    found: tuple[Problem, ...] = ()
    if not login.logged_in:
        words = {
            "user_type": login.attempt.user_type,
            "launch": login.attempt.id,
            "reason_nl": f": {login.reason_nl}" if login.reason_nl else "",
            "reason_en": f": {login.reason_en}" if login.reason_en else "",
        }
        found = (Problem(resource=login.attempt.person, words=words),)
    return Examination(scope=login.attempt.user_type, problems=found)


@rule("login.provider", Login)
def provider(login: Login, _: Context) -> Examination:
    """The provider that asks to log in is the one of the domain file (IAM-005, TOP-KT-023, KT2-IDP-008)."""
    if login.kind == "manual":
        gap = "er is met de hand ingelogd; bij welke identityprovider dat was, is niet te zien"
        return Examination(scope=login.attempt.user_type, examined=0, gap=gap)
    found: tuple[Problem, ...] = ()
    if login.seen != login.agreed:
        words = {
            "user_type": login.attempt.user_type,
            "launch": login.attempt.id,
            "application": login.attempt.application,
        }
        found = (Problem(expected=login.agreed, actual=login.seen, words=words),)
    return Examination(scope=login.attempt.user_type, problems=found)
