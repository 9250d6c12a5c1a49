"""What of a KT1 record does not go into KT2 just as it is, by the rows of the mapping (MIG-KT-001).

Which rows are looked at for what is in the table: a row that names the rule ``mappable.lost`` is reported when a record
holds its element, one with ``mappable.code`` when a code has no counterpart, one with ``mappable.required`` when a
record lacks what KT2 requires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ktcheck.agreements import Agreements
from ktcheck.facts import Context, Fit, Misfit, MisfitKind, Source, SourceMatch
from ktcheck.mapping.paths import applying, codes, held, tops
from ktcheck.mapping.table import Row, rows, values
from ktcheck.mapping.transforms import local_date
from ktcheck.source import careplan

REQUIRED, CODE, LOST = "mappable.required", "mappable.code", "mappable.lost"
CHANGED, NESTED, COLLISION = "mappable.changed", "mappable.nested", "mappable.collision"
SUPPLIED = "supplied-values"

_KINDS: Mapping[str, MisfitKind] = {
    "cannot-store": "cannot-store",
    "loses-data": "lost",
    "changes-meaning": "changed",
    "warning": "warning",
}
_SETTLED = {"agreed", "not-migrated"}


def fit(match: SourceMatch, context: Context) -> Fit | None:
    """A record beside what of it does not fit.

    None when nothing can be said: the mapping does not know the kind, by an answer of the cluster the record stays
    behind, KT1 only refers to it, or nobody can see whether it is in KT2 already.
    """
    source = match.source
    if match.row is None or source.stays or source.basis == "reference":
        return None
    if not match.holders and not match.visible:
        return None
    if match.row.kt2 and not match.row.moves(context.profile_version):
        return Fit(match=match, misfits=_without_place(source.type), landed=False)
    found = [
        misfit
        for row, members in _looks(source.type)
        if members is None or any(member in source.content for member in members)
        for misfit in _misfits(row, match, context)
    ]
    whole = [misfit for misfit in found if match.row.kt2 is None and _is_whole(rows()[misfit.row])]
    landed = bool(match.holders) or (context.migrated and match.row.kt2 is None)
    return Fit(match=match, misfits=tuple(found), landed=landed, whole=tuple(whole))


def _is_whole(row: Row) -> bool:
    """Whether a row speaks of a record as a whole that goes nowhere, such as a user message."""
    return row.path is None and row.kt2 is None


def _without_place(kind: str) -> tuple[Misfit, ...]:
    """The record as a whole: the release of the profiles has no resource for it, and nobody can decide otherwise."""
    whole = next((row for row in applying(kind) if row.kt1 == kind and row.kt2_path == row.kt2), None)
    return (Misfit(rule=LOST, row=whole.id, kind="cannot-store", settled=True),) if whole else ()


@cache
def rows_about(kind: str) -> tuple[Row, ...]:
    """The rows that may find something in records of a KT1 kind."""
    return tuple(row for row in applying(kind) if any(rule.startswith("mappable.") for rule in row.rules))


@cache
def _looks(kind: str) -> tuple[tuple[Row, frozenset[str] | None], ...]:
    """The rows to look at in records of a KT1 kind, each with the members without one of which it finds nothing.

    None when that cannot be told. Most rows speak of what most records do not have, and this runs for every record.
    """
    return tuple((row, None if REQUIRED in row.rules else tops(row, kind)) for row in rows_about(kind))


@cache
def collision(kind: str) -> Misfit:
    """An identifier at several records of a KT1 kind that are not about the same; no answer settles that."""
    row = next(row for row in rows_about(kind) if COLLISION in row.rules)
    return Misfit(rule=COLLISION, row=row.id, kind="collision", path=row.applies.get(kind) or row.path)


@cache
def asked(rule: str, kind: str) -> bool:
    """Whether the mapping has anything for a rule to look at in records of a KT1 kind."""
    return any(rule in row.rules for row in rows_about(kind))


def _misfits(row: Row, match: SourceMatch, context: Context) -> Iterator[Misfit]:
    source = match.source
    if REQUIRED in row.rules:
        yield from _required(row, match, context.agreements)
    rule = next((name for name in (NESTED, LOST, CHANGED) if name in row.rules), "")
    if not rule and CODE not in row.rules:
        return
    found = held(row, source.type, source.content)
    agreed = row.agreement is not None and context.agreements.agreed(row.agreement)
    if CODE in row.rules:
        for place, value in found:
            if not isinstance(value, bool) and not _has_code(row, value):
                yield Misfit(
                    rule=CODE,
                    row=row.id,
                    kind="no-code",
                    path=place,
                    value=value,
                    agreement=row.agreement,
                    settled=agreed,
                )
    # Without an element in KT1 there is something to decide about a record only when a question asks it.
    if rule and (found or (row.path is None and row.agreement)):
        first: tuple[str | None, object] = found[0] if found else (None, None)
        yield Misfit(
            rule=rule,
            row=row.id,
            kind="nested" if rule == NESTED else _kind(row),
            path=first[0],
            value=first[1],
            agreement=row.agreement,
            settled=agreed or _decided(row, context),
        )


def _decided(row: Row, context: Context) -> bool:
    """Whether a row leaves nothing to decide: all agree, or its proposal has no question and was followed already."""
    return row.status in _SETTLED or (row.agreement is None and row.status == "open" and context.migrated)


def _kind(row: Row) -> MisfitKind:
    """What it is that a row says of a value."""
    if row.impact:
        return _KINDS[row.impact]
    return "open" if row.status == "open" else "lost"


def _required(row: Row, match: SourceMatch, agreements: Agreements) -> Iterator[Misfit]:
    """What a record lacks: settled by the question about such records, or by that about values that somebody supplies.

    The latter does not settle what KT1 has an element for and the mapping no value: that is to be supplied, record by
    record.
    """
    own = row.path is None or (match.row is not None and row.agreement == match.row.lacking)
    question = (row.agreement if own else None) or SUPPLIED
    owed = row.required == "supplied" and row.path is not None and question == SUPPLIED
    settled = agreements.agreed(question) and not owed
    for place in _lacking(row, match.source):
        yield Misfit(rule=REQUIRED, row=row.id, kind="required", path=place, agreement=question, settled=settled)


def _lacking(row: Row, source: Source) -> list[str | None]:
    """Where a record lacks what a row requires: each part without it, None when KT1 has no element for it."""
    if row.path is None:
        return [None]
    part = row.applies.get(source.type)
    if part:
        found = careplan.values(source.content, part)
        return [
            f"{part}[{place}].{row.path}" if isinstance(source.content[part], list) else f"{part}.{row.path}"
            for place, item in enumerate(found)
            if isinstance(item, dict) and row.path not in item
        ]
    there = held(row, source.type, source.content)
    if row.compare == "local-date":
        there = [(place, value) for place, value in there if local_date(value)]
    if there or source.references.get(_reference(row.path)):
        return []
    return [row.path]


def _reference(path: str) -> str:
    """The name of a record's reference that follows from an element, or from what other records say of it."""
    name = path.rpartition(".")[2].removeprefix("#")
    return name[:1].lower() + name[1:]


def _has_code(row: Row, value: object) -> bool:
    """Whether one of the codes of a value has a counterpart, or will have one by an answer."""
    assert row.values is not None  # a row that names mappable.code has a code table
    table = values()[row.values].codes
    known = {code.casefold(): target for code, target in table.items()}
    targets = (known.get(code.casefold()) for code in codes(value))
    return any(target is not None and bool(target.code or target.agreement) for target in targets)
