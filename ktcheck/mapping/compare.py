"""A migrated resource beside what the mapping makes of its KT1 records, element by element (MIG-KT-001).

Which elements, how they are made and how they are compared is in ``profiles/mapping.yaml``; references are compared by
the rules ``references.*`` and the presence of identifiers by ``identification.*``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from ktcheck import matching
from ktcheck.facts import Comparison, Context, Outcome, Source, Target
from ktcheck.mapping import contacts, names, tasks, things
from ktcheck.mapping.elements import element
from ktcheck.mapping.table import Row, rows
from ktcheck.mapping.wishes import Case

Comparer = Callable[[Case, Row], Iterator[Outcome]]

_ACTIVITY, _SUB_ACTIVITY = "CarePlanActivity", "CarePlanSubActivity"
_LISTS: dict[tuple[str | None, str | None], Comparer] = {
    ("name", "joined-name"): names.names,
    ("telecom", "set"): contacts.telecoms,
    ("address", "set"): contacts.addresses,
    ("identifier", "set"): contacts.identifiers,
}
# Rows that one row and one value are not enough for.
_OWN: dict[str, Comparer] = {
    "relatedperson.relationship": things.relationship,
    "activitydefinition.name": things.definition_name,
    "activitydefinition.description": things.definition_description,
    "activitydefinition.is-active": things.definition_status,
    "activitydefinition.definition-identifier": things.definition_identifier,
    "activitydefinition.kind": things.topic,
    "careplan.activity.status": tasks.status,
    "careplan.activity.subactivity.status": tasks.status,
    "careplan.activity.started": tasks.start,
    "careplan.activity.finished": tasks.end,
    "careplan.activity.description": tasks.description,
    "careplan.activity.kind": tasks.kind,
    "careteam.participant": things.roles,
}
# Rows that those of _OWN speak for.
_WITHIN = frozenset(
    {
        "relatedperson.relationship.other",
        "activitydefinition.is-archived",
        "activitydefinition.native-identifier",
        "careplan.activity.start-date",
        "careplan.activity.end-date",
    }
)
# Rows that are compared once their question is answered, whatever the table says.
_ONCE_AGREED = frozenset({"activitydefinition.kind", "careplan.activity.kind"})

# Rows without a place in KT2, but for another answer: where that would put it.
_ANSWERED_AT = {"careplan.activity.kind": "Task"}


def compare(target: Target, context: Context) -> Comparison | None:
    """What came of every mapped element of a resource; None when KT1 holds no content for it, or it was withdrawn."""
    if matching.is_withdrawn(target.resource):
        return None
    outcomes = tuple(
        outcome
        for case in _cases(target, context)
        for comparer, row in _comparers(case.kind, target.type)
        for outcome in comparer(case, row)
    )
    return Comparison(target=target, outcomes=outcomes) if outcomes else None


def _cases(target: Target, context: Context) -> Iterator[Case]:
    by_kind: dict[str, list[Source]] = {}
    for source in target.sources:
        if source.basis != "reference" and source.content and source not in by_kind.get(source.type, ()):
            by_kind.setdefault(source.type, []).append(source)
    for kind, records in by_kind.items():
        yield Case(target.resource, kind, tuple(records), context.agreements, context.profile_version)


@cache
def _comparers(kind: str, kt2: str) -> tuple[tuple[Comparer, Row], ...]:
    """The comparers for records of a KT1 kind that became resources of a KT2 type, with their rows."""
    chosen = (
        (_comparer(row), row)
        for row in rows().values()
        if kt2 == (row.kt2 or _ANSWERED_AT.get(row.id)) and _speaks_of(row, kind)
    )
    return tuple((comparer, row) for comparer, row in chosen if comparer)


def _speaks_of(row: Row, kind: str) -> bool:
    # What no KT1 element holds is in the table with the activity, for all Tasks.
    return row.kt1 == kind or (row.kt1 == _ACTIVITY and row.path is None and kind in {_SUB_ACTIVITY, "CarePlan"})


def _comparer(row: Row) -> Comparer | None:
    if row.id in _WITHIN or (row.compare in {None, "none"} and row.id not in _ONCE_AGREED):
        return None
    if row.id in _OWN:
        return _OWN[row.id]
    if row.compare in {"reference", "identifier"}:
        return None
    return _LISTS.get((row.kt2_path, row.compare), element)
