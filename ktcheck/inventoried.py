"""Facts about the source inventory by itself: where its references lead, links that are alike, counts as announced.

Looks things up in the table of KT1 records of ``ktcheck.index``, which fills it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby

import orjson

from ktcheck import scope
from ktcheck.agreements import Agreements
from ktcheck.domain import Application
from ktcheck.facts import Announced, LinkGroup, Referred, Source, SourceReference
from ktcheck.source.links import bare
from ktcheck.tables import Migration

_CACHE = 65_536
_BY_KEY = "SELECT type, key, application, basis, refs, stays FROM source WHERE {column} = ? ORDER BY rowid"
_DEFINITIONS = "SELECT link FROM definition WHERE text = ? ORDER BY link"
_LINKS = """
SELECT bare(link) AS alike, type, link FROM source
WHERE type NOT IN ('CarePlanActivity', 'CarePlanSubActivity') ORDER BY alike, link
"""
_SENT = "SELECT application, type, COUNT(*) FROM source WHERE basis <> 'reference' GROUP BY application, type"


class Inventoried:
    """The KT1 records in the database of an index that was built; ``rows`` is what becomes of each kind."""

    def __init__(
        self, database: sqlite3.Connection, rows: Mapping[str, Migration], version: str, agreements: Agreements
    ) -> None:
        self._db = database
        self._rows = rows
        self._version = version
        self._agreements = agreements
        self._by_key = lru_cache(_CACHE)(self._find)
        database.create_function("bare", 1, bare, deterministic=True)

    def refers(self, source: Source) -> tuple[SourceReference, ...]:
        """The references of a record with the records that they lead to."""
        return tuple(
            SourceReference(name=name, value=value, found=self._found(name, value))
            for name, values in source.references.items()
            for value in values
        )

    def _found(self, name: str, value: str) -> tuple[Referred, ...]:
        if name != "definition":
            return self._by_key(value)
        links = [link for (link,) in self._db.execute(_DEFINITIONS, (value,))]
        return tuple(found for link in dict.fromkeys(links) for found in self._by_key(link))

    def _find(self, key: str) -> tuple[Referred, ...]:
        """The records with a key, or else those that have it in the other reading of MIG-KT-002."""
        for column in ("key", "other"):
            if rows := self._db.execute(_BY_KEY.format(column=column), (key,)).fetchall():
                return tuple(
                    Referred(kind=row[0], key=row[1], type=self._becomes(*row), application=row[2]) for row in rows
                )
        return ()

    def _becomes(self, kind: str, key: str, application: str | None, basis: str, refs: bytes, stays: int) -> str | None:
        """The KT2 type that a record becomes, None when it need not be in KT2."""
        source = Source(
            type=kind,
            key=key,
            link=key,
            application=application,
            basis=basis,
            identifiers=(),
            references=orjson.loads(refs),
            notes=(),
            content={},
            stays=bool(stays),
        )
        row = scope.row_of(source, self._rows, self._agreements)
        moves = scope.fate(source, row, self._version, self._agreements) == "moves"
        return row.kt2 if row and moves else None

    def link_groups(self) -> Iterator[LinkGroup]:
        """Every link of a resource, with those that are alike."""
        for _, rows in groupby(self._db.execute(_LINKS), key=lambda row: str(row[0])):
            kinds = {link: kind for _, kind, link in rows}
            links = tuple(kinds)
            yield LinkGroup(type=kinds[links[0]], links=links)

    def announced(self, applications: Iterable[Application]) -> Iterator[Announced]:
        """What each application announced, beside what was sent; what KT1 only refers to was sent by nobody."""
        sent: Counter[tuple[str | None, str]] = Counter(
            {(application, kind): number for application, kind, number in self._db.execute(_SENT)}
        )
        for application in applications:
            for kind, number in application.announced.items():
                yield Announced(
                    application=application.name,
                    kind=kind,
                    number=number,
                    found=sent[application.name, kind],
                    undecided=sent[None, kind],
                )
