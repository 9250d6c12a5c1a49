"""Area *volledigheid*: is everything that had to move there exactly once, and nothing else? (MIG-KT-001, MIG-KT-002)

The unit is the KT1 link without version, or the key of an activity. Records that need not move are not examined
here; the completeness table of the report counts and explains them.
"""

from __future__ import annotations

from ktcheck import tables
from ktcheck.facts import Context, MigrationIdentifier, SourceMatch, Target
from ktcheck.rules.base import Examination, Problem, rule

SUB_ACTIVITY = "CarePlanSubActivity"


def _presence(match: SourceMatch) -> Examination | None:
    source = match.source
    if not match.holders and not match.visible:
        return None
    found: tuple[Problem, ...] = ()
    if not match.holders:
        words = {"type": source.type}
        expected = {"identifier": source.key}
        found = (Problem(source=source.key, path="identifier", expected=expected, words=words),)
    return Examination(scope=source.type, application=source.application, problems=found)


@rule("completeness.present", SourceMatch)
def present(match: SourceMatch, _: Context) -> Examination | None:
    """A record with content of a kind that moves is in KT2 (MIG-KT-001)."""
    if not match.expected or match.source.basis == "reference" or match.source.type == SUB_ACTIVITY:
        return None
    return _presence(match)


@rule("completeness.sub-activity", SourceMatch)
def sub_activity(match: SourceMatch, _: Context) -> Examination | None:
    """A sub-activity is a Task of its own (KT2-TASK-010; contradiction 13; open question OQ-05)."""
    if not match.expected or match.source.type != SUB_ACTIVITY:
        return None
    return _presence(match)


@rule("completeness.referred", SourceMatch)
def referred(match: SourceMatch, _: Context) -> Examination | None:
    """What KT1 only refers to is in KT2 too (kt1-source.md, trap 19; open question OQ-20)."""
    if not match.expected or match.source.basis != "reference":
        return None
    return _presence(match)


@rule("completeness.once", SourceMatch)
def once(match: SourceMatch, _: Context) -> Examination | None:
    """A record is on no more KT2 resources than there are records with its key (MIG-KT-002)."""
    source = match.source
    if not match.expected or match.row is None or not match.holders:
        return None
    found: tuple[Problem, ...] = ()
    if len(match.holders) > match.alike:
        words = {"type": source.type, "count": len(match.holders), "expected": match.alike}
        found = (
            Problem(
                source=source.key,
                resource=match.holders[0],
                path="identifier",
                expected=match.alike,
                actual=list(match.holders),
                words=words,
            ),
        )
    return Examination(scope=source.type, application=source.application, problems=found)


def _carries(target: Target, migrated: MigrationIdentifier, **words: object) -> Problem:
    """The problem that a resource carries a migration identifier that it should not have."""
    return Problem(
        resource=target.name,
        source=migrated.key,
        path="identifier",
        actual={"system": migrated.system, "value": migrated.value},
        words={"type": target.type, **words},
    )


@rule("completeness.unexpected", Target)
def unexpected(target: Target, _: Context) -> Examination | None:
    """A migration identifier belongs to something that the inventory has (MIG-KT-001: nothing else moves)."""
    if not target.migrated:
        return None
    found = [_carries(target, item) for item in target.migrated if not item.sources and not item.staying]
    return Examination(scope=target.type, problems=tuple(found))


@rule("completeness.stays", Target)
def stays(target: Target, _: Context) -> Examination | None:
    """What does not move by the mapping did not move: a main task for a plan is open question OQ-04 (MIG-KT-001)."""
    if not target.migrated:
        return None
    kept = [item for item in target.migrated if item.staying and not item.sources]
    found = [_carries(target, item, kt1=item.staying[0]) for item in kept]
    return Examination(scope=target.type, problems=tuple(found))


@rule("completeness.unaccounted", Target)
def unaccounted(target: Target, context: Context) -> Examination | None:
    """A resource of a type that was migrated says where in KT1 it comes from (MIG-KT-002)."""
    rows = tables.migration().rows.values()
    if not any(row.kt2 == target.type and row.moves(context.profile_version) for row in rows):
        return None
    found: tuple[Problem, ...] = ()
    if not target.migrated:
        found = (Problem(resource=target.name, path="identifier", words={"type": target.type}),)
    return Examination(scope=target.type, problems=found)


@rule("completeness.own", Target)
def own(target: Target, _: Context) -> Examination | None:
    """An activity has a resource of its own (MIG-KT-001); links of one person may meet on one resource (MIG-KT-002)."""
    keys = {migrated.key for migrated in target.migrated for row in migrated.rows if row.alone}
    if not keys:
        return None
    found: tuple[Problem, ...] = ()
    if len(keys) > 1:
        words = {"type": target.type, "count": len(keys)}
        found = (Problem(resource=target.name, path="identifier", expected=1, actual=sorted(keys), words=words),)
    return Examination(scope=target.type, problems=found)
