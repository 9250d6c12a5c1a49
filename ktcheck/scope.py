"""What moves under the answers of a cluster: ``migration.yaml`` and ``references.yaml`` with the answers filled in.

Sources: MIG-KT-001 and MIG-KT-002, and the open questions about them (OQ-01 to OQ-23) as the cluster answered them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from ktcheck import tables
from ktcheck.agreements import Agreements
from ktcheck.facts import Source
from ktcheck.source.careplan import code, first_text, values
from ktcheck.source.record import SourceRecord
from ktcheck.tables import Answers, Migration, ReferenceRow, Stays

ACTIVITY, SUB_ACTIVITY = "CarePlanActivity", "CarePlanSubActivity"
Fate = Literal["moves", "may-move", "stays"]
Options = tuple[tuple[str, str], ...]

_ENDED = frozenset({"Completed", "Cancelled", "Expired", "SkippedByUser"})
_ENDS = ("#Finished", "#Cancelled", "#EndDate")


# ---- the tables ----------------------------------------------------------------------------------------------------


def rows(agreements: Agreements) -> Mapping[str, Migration]:
    """What of KT1 moves to KT2, by KT1 kind, under these answers."""
    return _rows(tuple((question, agreements.option(question)) for question in _questions()))


@cache
def _questions() -> tuple[str, ...]:
    table = tables.migration()
    asked = [question for row in table.rows.values() for question in row.answers]
    return tuple(dict.fromkeys([*asked, *(stays.agreement for stays in table.stays)]))


@cache
def _rows(options: Options) -> Mapping[str, Migration]:
    chosen = dict(options)
    found = {}
    for kind, row in tables.migration().rows.items():
        found[kind] = replace(row, **_changes(row.answers, chosen))
        for stays in tables.migration().stays:
            if stays.when == "always" and stays.about(kind) and chosen[stays.agreement] in stays.answers:
                found[kind] = replace(found[kind], left_out=stays.agreement)
    return found


def reference_rows(resource_type: str, agreements: Agreements) -> tuple[ReferenceRow, ...]:
    """The references of a KT2 resource type that have to follow KT1, under these answers.

    Once the question of a row was answered, no other reading of it is left.
    """
    found = []
    for row in tables.references().following(resource_type):
        chosen = {question: agreements.option(question) for question in row.answers}
        changed = replace(row, **_changes(row.answers, chosen))
        settled = changed.agreement is not None and agreements.agreed(changed.agreement)
        found.append(replace(changed, also=()) if settled else changed)
    return tuple(found)


def _changes(answers: Answers, chosen: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: value
        for question, changes in answers.items()
        for name, value in changes.get(chosen[question], {}).items()
    }


# ---- records -------------------------------------------------------------------------------------------------------


def stays(record: SourceRecord, agreements: Agreements) -> tuple[str | None, bool]:
    """The question that decides whether a record moves (None: no question is about it), and whether it stays.

    Only what the record itself tells: of what depends on other records it is the answer for a definition that
    nobody uses.
    """
    rests: str | None = None
    for row in tables.migration().stays:
        if row.about(record.type) and _fits(row, record):
            since = agreements.value(row.agreement)
            if agreements.option(row.agreement) in row.answers and (since is None or _ended_before(record, since)):
                return row.agreement, True
            rests = row.agreement
    return rests, False


def _fits(row: Stays, record: SourceRecord) -> bool:
    match row.when:
        case "only-referred":
            return record.basis == "reference" and tables.migration().rows.get(record.type) is not None
        case "without-needed":
            return lacks(record, tables.migration().rows.get(record.type))
        case "ended":
            return code(record.content, "effectiveStatus") in _ENDED
        case "not-launched":
            names = values(record.content, "#LaunchType")
            return bool(names) and all(name == "None" for name in names)
        case "archived-and-unused":
            return True in values(record.content, "#IsArchived")
        case _:
            return True


def _ended_before(record: SourceRecord, since: str) -> bool:
    """Whether what ended did so before a date; if nobody knows when it did not, so that nothing gets lost."""
    moment = next((text for name in _ENDS if (text := first_text(record.content, name))), None)
    day = moment[: len(since)] if moment else since
    return day < since[: len(day)]


def lacks(record: Source | SourceRecord, row: Migration | None) -> bool:
    """Whether a record lacks the reference that its row needs; of what KT1 only refers to nobody knows."""
    if row is None or row.needs is None or record.basis == "reference":
        return False
    return not record.references.get(row.needs)


def row_of(record: Source | SourceRecord, table: Mapping[str, Migration], agreements: Agreements) -> Migration | None:
    """The row of a record: that of its kind, or what was agreed to become of it instead."""
    row = table.get(record.type)
    if row and row.lacking and lacks(record, row):
        instead = row.instead.get(agreements.option(row.lacking))
        return replace(row, kt2=instead, agreement=row.lacking) if instead else row
    return row


def fate(source: Source, row: Migration | None, profile_version: str, agreements: Agreements) -> Fate:
    """Whether a KT1 record has to be in KT2, may be, or stays behind (MIG-KT-001)."""
    if row is None or not row.moves(profile_version) or source.stays:
        return "stays"
    if row.lacking and lacks(source, row) and not agreements.agreed(row.lacking):
        return "may-move"
    return "moves"


def question(source: Source, row: Migration | None) -> str | None:
    """The question by whose answer a record moves or stays, None when no question is about that."""
    if row is None or row.kt2 is None:
        return row.agreement if row else None
    if source.rests_on:
        return source.rests_on
    if row.lacking and lacks(source, row):
        return row.lacking
    return row.left_out or row.agreement


# ---- the keys of activities ----------------------------------------------------------------------------------------


def keys(record: SourceRecord, agreements: Agreements) -> tuple[str, str | None, str | None]:
    """The key of a record, its key in the other reading of MIG-KT-002 (OQ-01), and that of the activity it is part of.

    An activity is known by the text of its ActivityIdentifier, or by its plan's link and its own id; the second is
    None when both are the same or KT1 gave only one.
    """
    if record.type == ACTIVITY:
        by_text, by_id = record.key, _by_id(record, "id")
        own, other = _in_order(by_text, by_id, agreements)
        return own, other, None
    if record.type == SUB_ACTIVITY:
        parent = next(iter(record.references.get("activity", ())), "")
        part = record.key.removeprefix(parent)
        own, other = _in_order(parent, _by_id(record, "activityId"), agreements)
        return f"{own}{part}", f"{other}{part}" if other else None, own
    return record.key, None, None


def _by_id(record: SourceRecord, name: str) -> str | None:
    own = first_text(record.content, name)
    return f"{record.link}#{own.strip()}" if own else None


def _in_order(by_text: str, by_id: str | None, agreements: Agreements) -> tuple[str, str | None]:
    if by_id is None or by_id == by_text:
        return by_text, None
    return (by_id, by_text) if agreements.option("activity-identifier") == "id" else (by_text, by_id)
