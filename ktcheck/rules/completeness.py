"""Area *volledigheid*: is everything that had to move there exactly once, and nothing else? (MIG-KT-001, MIG-KT-002)

The unit is the KT1 link without version, or the key of an activity. Records that need not move are not examined
here; the completeness table of the report counts and explains them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ktcheck import matching, scope
from ktcheck.facts import Context, MigrationIdentifier, SourceMatch, Target
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule
from ktcheck.scope import ACTIVITY, SUB_ACTIVITY

_NONE: Mapping[str, object] = MappingProxyType({})
_OWN = {"wanted_nl": "een eigen Task", "wanted_en": "a Task of its own"}
_CONTAINED = {
    "wanted_nl": "een contained Task in de Task van haar activiteit",
    "wanted_en": "a contained Task in the Task of its activity",
}


def _presence(
    match: SourceMatch, words: Mapping[str, object] = _NONE, severity: Severity | None = None
) -> Examination | None:
    """Whether a record is there; with a severity it is, but not as the mapping proposes."""
    source = match.source
    if not match.holders and not match.visible:
        return None
    found: tuple[Problem, ...] = ()
    if not match.holders or severity:
        found = (
            Problem(
                source=source.key,
                path="identifier",
                expected={"identifier": source.key},
                actual=list(match.holders) or None,
                words={"type": source.type, **words},
                agreement=match.agreement,
                severity=severity,
            ),
        )
    return Examination(scope=source.type, application=source.application, problems=found)


@rule("completeness.present", SourceMatch)
def present(match: SourceMatch, _: Context) -> Examination | None:
    """A record with content of a kind that moves is in KT2 (MIG-KT-001)."""
    if not match.expected or match.source.basis == "reference" or match.source.type == SUB_ACTIVITY:
        return None
    return _presence(match)


@rule("completeness.sub-activity", SourceMatch)
def sub_activity(match: SourceMatch, _: Context) -> Examination | None:
    """A sub-activity is what was agreed: a Task of its own (KT2-TASK-010) or a contained one (the memo; OQ-05).

    Until the cluster agreed both count, and a contained one is advice.
    """
    if not match.expected or match.row is None or match.source.type != SUB_ACTIVITY:
        return None
    if match.row.inside:
        return _presence(match, _CONTAINED)
    memo = bool(match.holders) and match.holders == match.inside
    return _presence(match, _OWN, Severity.ADVICE if memo else None)


@rule("completeness.referred", SourceMatch)
def referred(match: SourceMatch, _: Context) -> Examination | None:
    """What KT1 only refers to is in KT2 too (kt1-source.md, trap 19; open question OQ-20)."""
    if not match.expected or match.source.basis != "reference":
        return None
    return _presence(match)


@rule("completeness.once", SourceMatch)
def once(match: SourceMatch, _: Context) -> Examination | None:
    """A record is on no more KT2 resources than there are records with its key (MIG-KT-002).

    Where one Task for each performer was agreed there are as many as performers, each of whom owns one (OQ-12).
    """
    source = match.source
    if not match.expected or match.row is None or not match.holders:
        return None
    wanted = match.alike * match.copies
    each = match.copies > 1
    found: tuple[Problem, ...] = ()
    if len(match.holders) > wanted or (each and (len(match.holders) < wanted or match.unserved)):
        words = {"type": source.type, "count": len(match.holders), "expected": wanted}
        found = (
            Problem(
                source=source.key,
                resource=match.holders[0],
                path="identifier",
                expected=wanted,
                actual=list(match.holders),
                words=words,
                agreement="several-performers" if each else None,
            ),
        )
    return Examination(scope=source.type, application=source.application, problems=found)


def _carries(target: Target, migrated: MigrationIdentifier, agreement: str | None = None, **words: object) -> Problem:
    """The problem that a resource carries a migration identifier that it should not have."""
    return Problem(
        resource=target.name,
        source=migrated.key,
        path="identifier",
        actual={"system": migrated.system, "value": migrated.value},
        words={"type": target.type, **words},
        agreement=agreement,
    )


@rule("completeness.unexpected", Target)
def unexpected(target: Target, _: Context) -> Examination | None:
    """A migration identifier belongs to something that the inventory has (MIG-KT-001: nothing else moves)."""
    if not target.migrated:
        return None
    found = [_carries(target, item) for item in target.migrated if not item.sources and not item.staying]
    return Examination(scope=target.type, problems=tuple(found))


@rule("completeness.stays", Target)
def stays(target: Target, context: Context) -> Examination | None:
    """What does not move by the mapping and the agreements did not move (MIG-KT-001; OQ-04 for a main task).

    Contained Tasks are sub-activities (the memo): not what was agreed when those have Tasks of their own, or stay.
    """
    if not target.migrated:
        return None
    kept = [item for item in target.migrated if item.staying and not item.sources]
    found = [_carries(target, item, item.agreement, kt1=item.staying[0]) for item in kept]
    agreements = context.agreements
    otherwise = agreements.agreed("sub-activities") and agreements.option("sub-activities") != "contained"
    if otherwise and any(source.type == ACTIVITY for source in target.sources) and matching.parts(target.resource):
        found.append(
            Problem(
                resource=target.name,
                source=target.sources[0].key,
                path="contained",
                words={"type": target.type, "kt1": SUB_ACTIVITY},
                agreement="sub-activities",
            )
        )
    return Examination(scope=target.type, problems=tuple(found))


@rule("completeness.unaccounted", Target)
def unaccounted(target: Target, context: Context) -> Examination | None:
    """A resource of a type that was migrated says where in KT1 it comes from (MIG-KT-002)."""
    rows = scope.rows(context.agreements).values()
    if not any(row.kt2 == target.type and row.moves(context.profile_version) for row in rows):
        return None
    found: tuple[Problem, ...] = ()
    if not target.migrated:
        found = (Problem(resource=target.name, path="identifier", words={"type": target.type}),)
    return Examination(scope=target.type, problems=found)


@rule("completeness.own", Target)
def own(target: Target, _: Context) -> Examination | None:
    """An activity has a resource of its own (MIG-KT-001); links of one person may meet on one resource (MIG-KT-002).

    Where one resource for each link was agreed they may not (OQ-16).
    """
    alone = {
        source.key: row
        for migrated in target.migrated
        for source, row in zip(migrated.sources, migrated.rows, strict=True)
        if row.alone
    }
    if not alone:
        return None
    found: tuple[Problem, ...] = ()
    if len(alone) > 1:
        found = (
            Problem(
                resource=target.name,
                path="identifier",
                expected=1,
                actual=sorted(alone),
                words={"type": target.type, "count": len(alone)},
                agreement=next((row.agreement for row in alone.values() if row.agreement), None),
            ),
        )
    return Examination(scope=target.type, problems=found)
