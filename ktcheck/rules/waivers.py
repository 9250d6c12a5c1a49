"""Area *volledigheid*, the waivers: is what was accepted still accepted, still there, and no more than was signed for?

A waiver that is not in order waives nothing; what it would have covered then weighs as ever.
"""

from __future__ import annotations

from ktcheck.facts import Context, Waived
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule

_SCOPE = "Vrijstellingen"


@rule("waivers.current", Waived)
def current(waived: Waived, _: Context) -> Examination:
    """Its last day has not passed (DRB-01: accepted until an end date)."""
    waiver = waived.waiver
    found: tuple[Problem, ...] = ()
    if waived.expired:
        words = {"id": waiver.id, "until": waiver.until, "who": waiver.who, "role": waiver.role}
        found = (Problem(path=waiver.id, expected=f"until {waived.day} or later", actual=waiver.until, words=words),)
    return Examination(scope=_SCOPE, problems=found, application=waiver.application)


@rule("waivers.used", Waived)
def used(waived: Waived, _: Context) -> Examination | None:
    """There is a finding that it covers (DRB-01); one that expired or is no waiver at all covers nothing anyway."""
    waiver = waived.waiver
    if waived.expired or waiver.blanket:
        return None
    found: tuple[Problem, ...] = ()
    if not waived.covers:
        found = (Problem(path=waiver.id, words={"id": waiver.id, "rule": waiver.rule}),)
    return Examination(scope=_SCOPE, problems=found, application=waiver.application)


@rule("waivers.narrow", Waived)
def narrow(waived: Waived, _: Context) -> Examination:
    """It names what it covers, and covers no more than was signed for (DRB-01).

    A waiver of a whole rule is no waiver: that is blocking. One that covers more than it says is a reservation, beside
    what its findings weigh themselves.
    """
    waiver = waived.waiver
    found: tuple[Problem, ...] = ()
    if waiver.blanket:
        nl, en = "noemt alleen een regel, of iets met een *", "names only a rule, or something with a *"
        words = {"id": waiver.id, "reason_nl": nl, "reason_en": en}
        found = (Problem(path=waiver.id, words=words),)
    elif waived.over:
        nl = f"dekt {waived.covers} bevindingen, terwijl voor {waiver.most} is getekend"
        en = f"covers {waived.covers} findings, while {waiver.most} were signed for"
        words = {"id": waiver.id, "reason_nl": nl, "reason_en": en}
        found = (
            Problem(path=waiver.id, expected=waiver.most, actual=waived.covers, words=words, severity=Severity.MAJOR),
        )
    return Examination(scope=_SCOPE, problems=found, application=waiver.application)
