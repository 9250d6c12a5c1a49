"""The completeness table: per KT1 kind, and per application, how many there were and what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from ktcheck import tables
from ktcheck.facts import Fact, SourceMatch, Target

COLUMNS = (
    "source",
    "expected",
    "migrated",
    "missing",
    "duplicate",
    "unexpected",
    "different",
    "not_comparable",
    "not_migrated",
)
UNDECIDED = "(niet vast te stellen)"


class Counting:
    """Listens to the facts as they pass and adds them up.

    ``source`` = ``expected`` + ``not_migrated`` and ``expected`` = ``migrated`` + ``missing`` + ``not_comparable``
    (records of a type that the suite may not read in full). ``different`` is for comparing contents, which no rule
    does yet: it stays 0.
    """

    def __init__(self, profile_version: str) -> None:
        self._version = profile_version
        self._rows: dict[str, Counter[str]] = defaultdict(Counter)
        self._applications: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, fact: Fact) -> None:
        """Count one fact; facts that are neither records nor resources do not count."""
        if isinstance(fact, SourceMatch):
            self._add_match(fact)
        elif isinstance(fact, Target):
            self._add_target(fact)

    def _add_match(self, match: SourceMatch) -> None:
        numbers = Counter(source=1)
        if match.expected:
            numbers += Counter(
                expected=1,
                migrated=int(bool(match.holders)),
                missing=int(not match.holders and match.visible),
                not_comparable=int(not match.holders and not match.visible),
                duplicate=int(len(match.holders) > match.alike),
            )
        else:
            numbers += Counter(not_migrated=1)
        self._rows[match.source.type] += numbers
        self._applications[match.source.type][match.source.application or UNDECIDED] += numbers

    def _add_target(self, target: Target) -> None:
        if any(migrated.sources for migrated in target.migrated):
            return
        prefix = tables.migration().system
        named = {migrated.system.removeprefix(prefix) for migrated in target.migrated}
        rows = [row for row in tables.migration().rows.values() if row.kt2 == target.type and row.moves(self._version)]
        if rows:
            row = next((row for row in rows if row.identifier in named), rows[0])
            self._rows[row.kt1]["unexpected"] += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``counts``: first the kinds that move, in the mapping's order."""
        table = tables.migration().rows
        order = [name for name in table if table[name].kt2] + [name for name in table if not table[name].kt2]
        order += sorted(name for name in self._rows if name not in table)
        for kind in order:
            if kind not in self._rows:
                continue
            row = table.get(kind)
            explained = row is not None and bool(self._rows[kind]["not_migrated"])
            yield {
                "source_type": kind,
                "resource_type": row.kt2 if row else None,
                **{name: self._rows[kind][name] for name in COLUMNS},
                "explanation_nl": row.why_nl if row and explained else None,
                "explanation_en": row.why_en if row and explained else None,
                "applications": [
                    {"name": name, **{column: numbers[column] for column in COLUMNS}}
                    for name, numbers in sorted(self._applications[kind].items())
                ],
            }
