"""In which order everything can be published: nothing before what it refers to exists (MIG-KT-001, TOP-KT-003).

Published together is what one application publishes of one resource type: a *unit*. Units are put in rounds; one that
waits for another unit that in turn waits for it is spread over rounds, record by record.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from ktcheck import scope, tables
from ktcheck.facts import Context, PublicationGroup, Referred, SourceMatch

Unit = tuple[str | None, str]
N = TypeVar("N")

_BATCH = 2_000
_SHOWN = 8
_DEFINITION = "ActivityDefinition"
# What a definition's application needs before its definitions, by the answer to definition-application.
_LAUNCHED = {"endpoint": "Endpoint", "device": "Device"}

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE wait (waiter TEXT, unit INT, awaited TEXT);
"""
# Only who waits for a record that waits itself can be in a circle. Level: how many records have to come before.
_SETTLE = """
CREATE TABLE node (key TEXT PRIMARY KEY, unit INT, number INT DEFAULT 0, level INT, walk INT) WITHOUT ROWID;
INSERT INTO node (key, unit) SELECT waiter, min(unit) FROM wait GROUP BY waiter;
CREATE TABLE edge (waiter TEXT, awaited TEXT, PRIMARY KEY (waiter, awaited)) WITHOUT ROWID;
INSERT OR IGNORE INTO edge SELECT waiter, awaited FROM wait WHERE awaited IN (SELECT key FROM node);
CREATE INDEX edge_awaited ON edge (awaited);
UPDATE node SET number = made.number
FROM (SELECT waiter, COUNT(*) AS number FROM edge GROUP BY waiter) made WHERE made.waiter = node.key;
CREATE INDEX node_open ON node (number, walk) WHERE level IS NULL;
CREATE INDEX node_level ON node (level);
"""
_READY = "UPDATE node SET level = :level WHERE level IS NULL AND number = 0"
_FREE = """
UPDATE node SET number = node.number - made.number
FROM (SELECT edge.waiter, COUNT(*) AS number FROM node ready JOIN edge ON edge.awaited = ready.key
      WHERE ready.level = :level GROUP BY edge.waiter) made
WHERE made.waiter = node.key
"""
_STUCK = "SELECT key FROM node WHERE level IS NULL AND walk IS NULL ORDER BY key LIMIT 1"
_NEXT = """
SELECT node.key, node.walk FROM edge JOIN node ON node.key = edge.awaited
WHERE edge.waiter = ? AND node.level IS NULL ORDER BY node.key LIMIT 1
"""
_LEVELS = "SELECT unit, level, COUNT(*) FROM node GROUP BY unit, level"


class Publication:
    """Listens to the KT1 records as they pass; after that, ``groups`` says what can be published and ``plan`` when.

    Memory grows with the number of pairs of units only; references that could make a circle are in a temporary file.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rows = cache(lambda resource_type: scope.reference_rows(resource_type, context.agreements))
        self._clusters = self._types()
        self._units: dict[Unit, int] = {}
        self._records: Counter[Unit] = Counter()
        self._references: Counter[tuple[Unit, Unit]] = Counter()
        self._circles: set[frozenset[Unit]] = set()
        self._waits: list[tuple[str, int, str]] = []
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SCHEMA)

    def _types(self) -> Mapping[str, frozenset[str]]:
        """Resource types that can wait for each other, by type: records of other types are never in a circle."""
        found = {row.kt2 for row in tables.migration().rows.values() if row.kt2}
        graph = {
            kind: {target for row in self._rows(kind) for target in row.allowed(self._context.profile_version)}
            for kind in found
        }
        return {kind: group for group in clusters(graph) for kind in group}

    # ---- listening --------------------------------------------------------------------------------------------------

    def watch(self, matches: Iterable[SourceMatch]) -> Iterator[SourceMatch]:
        """The records unchanged, one by one; what they wait for is remembered."""
        for match in matches:
            self._add(match)
            yield match

    def _add(self, match: SourceMatch) -> None:
        source, row = match.source, match.row
        if not match.expected or row is None or row.kt2 is None or row.inside:
            return
        unit: Unit = (source.application, row.kt2)
        self._records[unit] += 1
        for awaited, resource_type in self._awaited(match, row.kt2):
            self._references[unit, (awaited.application, resource_type)] += 1
            if resource_type in self._clusters.get(row.kt2, ()):
                self._waits.append((source.key, self._units.setdefault(unit, len(self._units)), awaited.key))
        if row.kt2 == _DEFINITION:
            needed = _LAUNCHED[self._context.agreements.option("definition-application")]
            self._references[unit, (source.application, needed)] += 1
        if len(self._waits) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO wait VALUES (?, ?, ?)", self._waits)
        self._db.execute("COMMIT")
        self._waits.clear()

    def _awaited(self, match: SourceMatch, resource_type: str) -> Iterator[tuple[Referred, str]]:
        """The records that have to be there first, each with the type it becomes; source.resolves sees wrong kinds."""
        source = match.source
        for row in self._rows(resource_type):
            names = {next((name for name in row.kt1.get(source.type, ()) if source.references.get(name)), None)}
            wanted = [reference for reference in match.refers if reference.name in names]
            if row.absent:
                continue
            if row.several and len(wanted) > 1:
                option = self._context.agreements.option(row.several)
                # A team of all performers is published after them; of which one that is KT1 says at most by its teams.
                teams = [reference for reference in match.refers if reference.name == "careTeam"]
                wanted = {"first": wanted[:1], "care-team": wanted + teams}.get(option, wanted)
            allowed = row.allowed(self._context.profile_version)
            for found in (found for reference in wanted for found in reference.found):
                if found.type in allowed:
                    yield found, found.type

    # ---- who waits for himself --------------------------------------------------------------------------------------

    def groups(self) -> Iterator[PublicationGroup]:
        """What can be published, by application and type, and then every record that waits for itself."""
        self._write()
        self._db.executescript(_SETTLE)
        level = 1
        while self._db.execute(_READY, {"level": level}).rowcount:
            self._db.execute(_FREE, {"level": level})
            level += 1
        circular: Counter[Unit] = Counter()
        for length, key in self._circles_found():
            names = [unit for _, unit in self._steps(key, length)]
            self._circles.add(frozenset(names))
            for member, unit in self._steps(key, length):
                circular[unit] += 1
                way = tuple(kind for _, (_, kind) in self._steps(member, min(length, _SHOWN)))
                yield PublicationGroup(
                    application=unit[0], type=unit[1], records=1, key=member, circle=length, through=way
                )
        for unit, number in self._records.items():
            yield PublicationGroup(application=unit[0], type=unit[1], records=number - circular[unit])

    def _circles_found(self) -> Iterator[tuple[int, str]]:
        """The length and one member of circles of records: for every record that is stuck one that it leads to.

        From what is stuck there always is a way on; who follows it comes to a place where he was before.
        """
        walk = 0
        while stuck := self._db.execute(_STUCK).fetchone():
            walk += 1
            key, met = str(stuck[0]), None
            while met is None:
                self._db.execute("UPDATE node SET walk = ? WHERE key = ?", (walk, key))
                key, met = self._db.execute(_NEXT, (key,)).fetchone()
            if met == walk:
                yield self._length(key), key

    def _length(self, key: str) -> int:
        following, length = self._db.execute(_NEXT, (key,)).fetchone()[0], 1
        while following != key:
            following, length = self._db.execute(_NEXT, (following,)).fetchone()[0], length + 1
        return length

    def _steps(self, key: str, number: int) -> Iterator[tuple[str, Unit]]:
        """The next records on the way, from ``key`` itself, with their units."""
        units = list(self._units)
        for _ in range(number):
            place = self._db.execute("SELECT unit FROM node WHERE key = ?", (key,)).fetchone()[0]
            yield key, units[place]
            key = self._db.execute(_NEXT, (key,)).fetchone()[0]

    # ---- the order --------------------------------------------------------------------------------------------------

    def plan(self) -> dict[str, Any]:
        """The order, as in ``report.json``: call it when ``groups`` has passed. It ends the work."""
        awaited: dict[Unit, set[Unit]] = {unit: set() for unit in sorted(self._records, key=_by_name)}
        for waiter, other in sorted(self._references, key=lambda pair: (_by_name(pair[0]), _by_name(pair[1]))):
            awaited[waiter].add(other)
            awaited.setdefault(other, set())
        groups = clusters(awaited)
        rounds = self._rounds(awaited, groups)
        self._db.close()
        return {
            "order": [
                {
                    "round": number,
                    "application": unit[0],
                    "type": unit[1],
                    "records": records,
                    "waits_for": [
                        {"application": other[0], "type": other[1], "references": self._references[unit, other]}
                        for other in sorted(awaited[unit], key=_by_name)
                    ],
                }
                for number, unit, records in rounds
            ],
            "cycles": [
                [{"application": unit[0], "type": unit[1]} for unit in sorted(group, key=_by_name)]
                for group in self._merged(groups)
            ],
            "waiting": self._waiting(),
        }

    def _rounds(
        self, awaited: Mapping[Unit, set[Unit]], groups: list[frozenset[Unit]]
    ) -> list[tuple[int, Unit, int | None]]:
        """(round, unit, number of records; None for what KT1 does not have)."""
        home = {unit: group for group in groups for unit in group}
        graph = {group: {home[other] for unit in group for other in awaited[unit]} - {group} for group in groups}
        levels = self._levels()
        last: dict[frozenset[Unit], int] = {}
        found: list[tuple[int, Unit, int | None]] = []
        for group in TopologicalSorter(graph).static_order():
            first = max((last[other] for other in graph[group]), default=0) + 1
            waiting = len(group) > 1 or any(unit in awaited[unit] for unit in group)
            spread = sorted({level for unit in group for level in levels[unit]}) if waiting else []
            last[group] = first + max(len(spread) - 1, 0)
            for unit in group:
                if spread:
                    found += [(first + spread.index(level), unit, number) for level, number in levels[unit].items()]
                else:
                    found.append((first, unit, self._records.get(unit)))
        return sorted(found, key=lambda row: (row[0], _by_name(row[1])))

    def _levels(self) -> Mapping[Unit, Mapping[int, int]]:
        """How many records of a unit have that many others before them; who waits for himself comes last."""
        units = list(self._units)
        rows = [(units[place], level, number) for place, level, number in self._db.execute(_LEVELS)]
        stuck = max((level for _, level, _ in rows if level), default=0) + 1
        found: dict[Unit, Counter[int]] = defaultdict(Counter)
        for unit, level, number in rows:
            found[unit][stuck if level is None else level] += number
        for unit, number in self._records.items():
            if free := number - found[unit].total():
                found[unit][0] = free
        return found

    def _merged(self, groups: list[frozenset[Unit]]) -> list[frozenset[Unit]]:
        """The units of the circles that were found, one set for units that wait for each other anyway."""
        found = [frozenset().union(*(circle for circle in self._circles if circle <= group)) for group in groups]
        return sorted((group for group in found if group), key=lambda group: sorted(map(_by_name, group)))

    def _waiting(self) -> list[dict[str, Any]]:
        """Which application waits for which."""
        pairs: Counter[tuple[str | None, str | None]] = Counter()
        for (waiter, other), number in self._references.items():
            if waiter[0] != other[0]:
                pairs[waiter[0], other[0]] += number
        return [
            {"application": waiter, "waits_for": other, "references": number}
            for (waiter, other), number in sorted(pairs.items(), key=lambda item: (item[0][0] or "", item[0][1] or ""))
        ]


def _by_name(unit: Unit) -> tuple[bool, str, str]:
    """Units by name; the one of an application that cannot be decided last."""
    return (unit[0] is None, unit[0] or "", unit[1])


def clusters(graph: Mapping[N, set[N]]) -> list[frozenset[N]]:
    """The nodes of a graph in groups that wait for each other, directly or through others; most are alone."""
    group = {node: frozenset({node}) for node in graph}
    while True:
        joined: dict[frozenset[N], set[frozenset[N]]] = {
            own: {group[other] for node in own for other in graph[node] if other in group} - {own}
            for own in dict.fromkeys(group.values())
        }
        try:
            TopologicalSorter(joined).prepare()
        except CycleError as error:
            merged: frozenset[N] = frozenset().union(*error.args[1])
            group |= dict.fromkeys(merged, merged)
        else:
            return list(joined)
