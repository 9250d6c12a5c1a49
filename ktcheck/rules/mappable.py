"""Area *mapbaarheid*: will what KT1 holds fit in KT2, and who decides where it does not? (MIG-KT-001)

What has landed was decided about: it is examined here, and judged by what is in KT2. What a question of the cluster
settles is no finding once that question was answered; the inventory of the report counts it all the same.
"""

from __future__ import annotations

from ktcheck.facts import Context, Fit, Misfit, SourceIdentifier
from ktcheck.findings import Severity
from ktcheck.mapping import consequences, misfits
from ktcheck.mapping.table import rows
from ktcheck.rules.base import Examination, Problem, rule


def _fitting(fit: Fit, name: str) -> Examination | None:
    """What of a record is a misfit for a rule; none of it when the record is in KT2 already."""
    source = fit.match.source
    if not misfits.asked(name, source.type):
        return None
    # Of what goes nowhere as a whole, its elements need not be told one by one.
    about = () if fit.landed else fit.whole or fit.misfits
    found = tuple(
        Problem(
            source=source.key,
            path=misfit.path,
            actual=misfit.value,
            words=_words(misfit, source.type),
            agreement=misfit.agreement,
            severity=_weight(misfit),
        )
        for misfit in about
        if misfit.rule == name and not misfit.settled
    )
    return Examination(scope=source.type, application=source.application, problems=found)


def _words(misfit: Misfit, kind: str) -> dict[str, object]:
    row = rows()[misfit.row]
    what = kind if row.path is None else f"{kind}, {consequences.element(row, kind)}"
    return {"what": what, **consequences.said(misfit, kind)}


def _weight(misfit: Misfit) -> Severity:
    """Major where something is lost that nobody can put back from the mapping; no more than its row allows."""
    row = rows()[misfit.row]
    heavy = {
        "required": row.required == "supplied",
        "no-code": misfit.agreement is None,
        "lost": True,
        "cannot-store": row.required is not None,
        "nested": row.impact == "loses-data",
    }.get(misfit.kind, False)
    weight = Severity.MAJOR if heavy else Severity.ADVICE
    return max(weight, row.weight or weight, key=list(Severity).index)


@rule("mappable.required", Fit)
def required(fit: Fit, _: Context) -> Examination | None:
    """A record has what KT2 requires, or it was agreed what takes its place (MIG-KT-001; OQ-19)."""
    return _fitting(fit, "mappable.required")


@rule("mappable.code", Fit)
def code(fit: Fit, _: Context) -> Examination | None:
    """Every code has a counterpart in KT2 (MIG-KT-001; kt1-source.md 7)."""
    return _fitting(fit, "mappable.code")


@rule("mappable.lost", Fit)
def lost(fit: Fit, _: Context) -> Examination | None:
    """Nothing is lost without a decision: what KT2 has no place for (MIG-KT-001)."""
    return _fitting(fit, "mappable.lost")


@rule("mappable.changed", Fit)
def changed(fit: Fit, _: Context) -> Examination | None:
    """Nothing gets another meaning without a decision: where memo and profile clash or are silent (MIG-KT-001)."""
    return _fitting(fit, "mappable.changed")


@rule("mappable.nested", Fit)
def nested(fit: Fit, _: Context) -> Examination | None:
    """It was decided what becomes of parts, and of several where KT2 has one (MIG-KT-001; OQ-05, OQ-12)."""
    return _fitting(fit, "mappable.nested")


@rule("mappable.collision", SourceIdentifier)
def collision(identifier: SourceIdentifier, _: Context) -> Examination:
    """An identifier is of one person or thing (IDR-8; kt1-source.md 8, rule 9).

    One person under several links is no collision (OQ-16). Nobody is merged by name: names only tell people apart.
    """
    holders = identifier.holders
    found: tuple[Problem, ...] = ()
    if identifier.clashes and not identifier.landed:
        misfit = misfits.collision(identifier.type)
        found = (
            Problem(
                source=holders[0].key,
                path=misfit.path,
                actual={
                    "system": identifier.system,
                    "value": identifier.value,
                    "records": [holder.key for holder in holders],
                },
                words={"type": identifier.type, "count": len(holders), **_words(misfit, identifier.type)},
            ),
        )
    return Examination(scope=identifier.type, application=holders[0].application, problems=found)
