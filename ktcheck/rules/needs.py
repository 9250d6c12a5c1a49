"""Area *mapbaarheid*: do patients have what the applications of their tasks cannot do without? (MIG-KT-001)"""

from __future__ import annotations

from ktcheck import tables
from ktcheck.facts import Context, Need
from ktcheck.rules.base import Examination, Problem, rule


@rule("needs.met", Need)
def met(need: Need, _: Context) -> Examination:
    """A patient with an activity for an application has what that requires in the domain file (MIG-KT-001)."""
    found: tuple[Problem, ...] = ()
    if not need.met:
        row = tables.needs()[need.name]
        words = {"application": need.application, "need_nl": row.nl, "need_en": row.en}
        found = (Problem(source=need.patient, path=row.element, expected=need.name, words=words),)
    return Examination(scope="Patient", application=need.source, problems=found)
