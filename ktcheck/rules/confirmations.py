"""Area *volledigheid*, the confirmations: did people confirm what only they can see, and does it still count?

That nobody confirmed a step yet is an advice: a technical run comes before the meeting, and its verdict is about the
migration. A confirmation that does not count any more is a reservation, because somebody relies on it.
"""

from __future__ import annotations

from ktcheck.facts import Confirmed, Context
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule

_SCOPE = "Bevestigingen"


@rule("confirmations.given", Confirmed)
def given(confirmed: Confirmed, _: Context) -> Examination | None:
    """Every step that comes before the verdict is confirmed (DRB-02); the others follow from the verdict."""
    if not confirmed.before_verdict:
        return None
    found: tuple[Problem, ...] = ()
    if confirmed.confirmation is None:
        words = {"step": confirmed.step, "title_nl": confirmed.title_nl, "title_en": confirmed.title_en}
        found = (Problem(path=confirmed.step, words=words),)
    return Examination(scope=_SCOPE, problems=found)


@rule("confirmations.known", Confirmed)
def known(confirmed: Confirmed, _: Context) -> Examination | None:
    """What was confirmed is a step that people confirm (DRB-02): what scenarios show is not settled by a signature."""
    if confirmed.confirmation is None:
        return None
    found: tuple[Problem, ...] = ()
    if confirmed.state == "unknown_step":
        found = (Problem(path=confirmed.step, words=_who(confirmed)),)
    return Examination(scope=_SCOPE, problems=found)


@rule("confirmations.valid", Confirmed)
def valid(confirmed: Confirmed, _: Context) -> Examination | None:
    """A confirmation is about the version that is under test, and its last day has not passed (DRB-03).

    Of a step that follows from the verdict it is an advice: this run may be the one that it is given for again.
    """
    if confirmed.confirmation is None or confirmed.state == "unknown_step":
        return None
    found: tuple[Problem, ...] = ()
    if confirmed.state == "other_version":
        nl, en = "is gegeven voor een andere versie dan nu wordt getoetst", "was given for another version than this"
        found = (_not_valid(confirmed, nl, en),)
    elif confirmed.state == "expired":
        until = confirmed.confirmation.until
        found = (_not_valid(confirmed, f"gold tot en met {until}", f"counted until {until}"),)
    return Examination(scope=_SCOPE, problems=found)


def _not_valid(confirmed: Confirmed, nl: str, en: str) -> Problem:
    words = {**_who(confirmed), "reason_nl": nl, "reason_en": en}
    return Problem(path=confirmed.step, words=words, severity=None if confirmed.before_verdict else Severity.ADVICE)


def _who(confirmed: Confirmed) -> dict[str, str]:
    said = confirmed.confirmation
    assert said is not None  # asked for only where there is one
    return {"step": confirmed.step, "who": said.who, "role": said.role, "on": said.on}
