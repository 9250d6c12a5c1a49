"""Area *autorisatie*: what has to be refused is. One rule for each row of ``profiles/refusals.yaml``."""

from __future__ import annotations

from ktcheck import tables
from ktcheck.facts import Context
from ktcheck.launch.facts import Refusal
from ktcheck.rules.base import Check, Examination, Problem, rule

_SCOPE = "Weigering"


def _made(thing: tables.RefusedThing) -> Check:
    """The rule about one thing that has to be refused."""

    def check(refusal: Refusal, _: Context) -> Examination | None:
        return _judged(refusal) if refusal.name == thing.name else None

    check.__name__ = thing.name.replace("-", "_")
    check.__doc__ = f"What has to be refused is: {thing.what_en} (TOP-KT-007, {', '.join(thing.requirements)})."
    return check


def _judged(refusal: Refusal) -> Examination:
    """A refusal shows something only when the same without the fault worked, right before and right after."""
    if refusal.accepted:
        words = {
            "answer_nl": f" (antwoord: {refusal.answer})" if refusal.answer else "",
            "answer_en": f" (answer: {refusal.answer})" if refusal.answer else "",
        }
        return Examination(scope=_SCOPE, problems=(Problem(actual=refusal.answer, words=words),))
    gap = refusal.gap
    if not (gap or refusal.good_before):
        came = f" ({refusal.answer})" if refusal.answer else ""
        gap = f"hetzelfde zonder de fout werkte er vlak voor niet{came}, dus is niet te zien waarom dit werd geweigerd"
    elif not (gap or refusal.good_after):
        gap = "hetzelfde zonder de fout werkte er vlak na niet meer, dus is niet te zien waarom dit werd geweigerd"
    return Examination(scope=_SCOPE, examined=0, gap=gap) if gap else Examination(scope=_SCOPE)


for _thing in tables.refusals().values():
    rule(f"refusals.{_thing.name}", Refusal)(_made(_thing))
