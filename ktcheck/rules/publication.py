"""Areas *mapbaarheid* and *referenties*: can everything be published after what it refers to, and was it?"""

from __future__ import annotations

from datetime import datetime

from ktcheck import matching
from ktcheck.facts import Context, PublicationGroup, Reference, Target
from ktcheck.rules.base import Examination, Problem, rule

_FIRST = "1"


@rule("publication.possible", PublicationGroup)
def possible(group: PublicationGroup, _: Context) -> Examination:
    """No record waits for itself through what it refers to (TOP-KT-003: a reference leads to what exists)."""
    found: tuple[Problem, ...] = ()
    if group.circle:
        rest = ("…",) if len(group.through) < group.circle else ()
        way = " → ".join((*group.through, *rest, group.type))
        words = {"type": group.type, "count": group.circle, "circle": way}
        found = (Problem(source=group.key, words=words),)
    return Examination(scope=group.type, application=group.application, problems=found, examined=group.records)


@rule("publication.respected", Target)
def respected(target: Target, _: Context) -> Examination | None:
    """A migrated resource is not older than what it refers to (MIG-KT-001, TOP-KT-003).

    A reference of which nobody can tell, because what it leads to changed since, is not counted as examined.
    """
    updated = _instant(matching.last_version(target.resource)[0])
    if not target.sources or updated is None:
        return None
    examined, found = 0, []
    for reference in target.references:
        in_order = _in_order(updated, reference)
        examined += in_order is not None
        if in_order is False:
            words = {"type": target.type, "element": reference.path, "other": reference.type or ""}
            found.append(
                Problem(
                    resource=target.name,
                    path=reference.place,
                    expected=reference.updated,
                    actual=f"{updated}",
                    words=words,
                )
            )
    application = target.sources[0].application
    return Examination(scope=target.type, application=application, problems=tuple(found), examined=examined)


def _in_order(updated: datetime, reference: Reference) -> bool | None:
    """Whether what a reference leads to was there when the resource was written; None when nobody can tell."""
    there = _instant(reference.updated)
    if not reference.exists or there is None:
        return None
    if updated >= there:
        return True
    return False if reference.version == _FIRST else None


def _instant(text: str | None) -> datetime | None:
    """A FHIR instant, None for what is none: without a time zone it is no moment."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
