"""Area *logging*: what the log of the domain says of a launch that worked (TOP-KT-011, TOP-KT-023)."""

from __future__ import annotations

from collections.abc import Iterator

from ktcheck.facts import Context
from ktcheck.launch.facts import Logged, LoggedEvent
from ktcheck.rules.base import Examination, Problem, rule

_GOOD = "0"
_KINDS: dict[Logged, tuple[str, str]] = {
    "login": ("User Authentication", "User Authentication"),
    "launched": ("Launched", "Launched"),
}


@rule("logging.login", LoggedEvent)
def login(logged: LoggedEvent, _: Context) -> Examination | None:
    """The authorization service logs who logged in, and that it went well (KT2-IDP-005, TOP-KT-023)."""
    return _examined(logged) if logged.kind == "login" else None


@rule("logging.launched", LoggedEvent)
def launched(logged: LoggedEvent, _: Context) -> Examination | None:
    """The module logs which task was launched, and that it went well (KT2-AUDIT-013, TOP-KT-011)."""
    return _examined(logged) if logged.kind == "launched" else None


@rule("logging.trace", LoggedEvent)
def trace(logged: LoggedEvent, _: Context) -> Examination | None:
    """What is logged of a launch has the id of its HTI token as trace id (KT2-AUDIT-015, TOP-KT-011).

    That nothing is logged at all is told by the other rules.
    """
    if not logged.events:
        return None
    found: tuple[Problem, ...] = ()
    if not logged.traced:
        nl, en = _KINDS[logged.kind]
        found = (_problem(logged, kind_nl=nl, kind_en=en),)
    return Examination(scope=logged.attempt.user_type, problems=found, application=_application(logged))


def _application(logged: LoggedEvent) -> str | None:
    """Who logs: the module that was launched, or the provision."""
    return logged.attempt.application if logged.kind == "launched" else None


def _examined(logged: LoggedEvent) -> Examination:
    return Examination(scope=logged.attempt.user_type, problems=tuple(_wrong(logged)), application=_application(logged))


def _wrong(logged: LoggedEvent) -> Iterator[Problem]:
    about_nl, about_en = (
        ("iemand anders", "somebody else") if logged.kind == "login" else ("iets anders", "something else")
    )
    if not logged.events:
        nl, en = (
            f"er staat niets van in de log na {logged.waited:.0f} s",
            f"nothing of it is logged after {logged.waited:.0f} s",
        )
        yield _problem(logged, what_nl=nl, what_en=en)
    elif logged.outcome != _GOOD:
        nl, en = "de uitkomst is niet goed (0)", "the outcome is not good (0)"
        yield _problem(logged, what_nl=nl, what_en=en, expected=_GOOD, actual=logged.outcome)
    if logged.about_other:
        nl, en = (
            f"met deze trace-id staat er iets in over {about_nl}",
            f"with this trace id something is logged about {about_en}",
        )
        yield _problem(logged, what_nl=nl, what_en=en)


def _problem(logged: LoggedEvent, *, expected: object = None, actual: object = None, **words: object) -> Problem:
    attempt = logged.attempt
    return Problem(
        resource=attempt.person if logged.kind == "login" else attempt.task,
        expected=expected,
        actual=actual,
        words={"launch": attempt.id, "application": attempt.application, **words},
    )
