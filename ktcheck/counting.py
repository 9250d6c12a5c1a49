"""The completeness table: per KT1 kind, and per application, how many there were and what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ktcheck import scope, tables
from ktcheck.agreements import Agreements
from ktcheck.domain import Application
from ktcheck.facts import Comparison, Fact, Source, SourceMatch, Target

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
_SOURCE_SIDE = frozenset({"source", "expected", "not_migrated"})
_NOT = {"nl": "Deze records gaan niet over", "en": "These records do not move"}


class Counting:
    """Listens to the facts as they pass and adds them up.

    ``source`` = ``expected`` + ``not_migrated``. ``expected`` = ``migrated`` + ``missing`` + those of
    ``not_comparable`` that nobody can know of: records of a type that the suite may not read in full.
    ``not_comparable`` also holds migrated records with a value that could not be compared, and ``different`` those with
    another value than the mapping says; a record can be in both, and counts once for each resource that stands for it.
    ``own``: only what this application is the source of is told, in its self-check.
    Not ``migrated``, while a domain is only being prepared, nobody looked at KT2: what is counted there is None.
    """

    def __init__(
        self,
        profile_version: str,
        agreements: Agreements | None = None,
        *,
        migrated: bool = True,
        own: Application | None = None,
    ) -> None:
        self._own = own
        self._version = profile_version
        self._shown = {name: migrated or name in _SOURCE_SIDE for name in COLUMNS}
        self._agreements = agreements or Agreements()
        self._table = scope.rows(self._agreements)
        self._rows: dict[str, Counter[str]] = defaultdict(Counter)
        self._applications: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self._left: dict[str, set[str]] = defaultdict(set)
        self._never: set[str] = set()

    def add(self, fact: Fact) -> None:
        """Count one fact; facts that are neither records nor resources do not count."""
        if isinstance(fact, SourceMatch):
            self._add_match(fact)
        elif isinstance(fact, Target):
            self._add_target(fact)
        elif isinstance(fact, Comparison):
            self._add_comparison(fact)

    def _add(self, source: Source, numbers: Counter[str]) -> None:
        self._rows[source.type] += numbers
        self._applications[source.type][source.application or UNDECIDED] += numbers

    def _add_match(self, match: SourceMatch) -> None:
        numbers = Counter(source=1)
        if match.expected:
            numbers += Counter(
                expected=1,
                migrated=int(bool(match.holders)),
                missing=int(not match.holders and match.visible),
                not_comparable=int(not match.holders and not match.visible),
                duplicate=int(len(match.holders) > match.alike * match.copies),
            )
        else:
            numbers += Counter(not_migrated=1)
            if match.agreement:
                self._left[match.source.type].add(match.agreement)
            if not match.source.stays:
                self._never.add(match.source.type)
        self._add(match.source, numbers)

    def _add_comparison(self, comparison: Comparison) -> None:
        for source in comparison.target.sources:
            results = {outcome.result for outcome in comparison.outcomes if outcome.source == source.key}
            numbers = Counter(different=int("different" in results), not_comparable=int("not-comparable" in results))
            self._add(source, numbers)

    def _add_target(self, target: Target) -> None:
        if any(migrated.sources for migrated in target.migrated):
            return
        prefix = tables.migration().system
        named = {migrated.system.removeprefix(prefix) for migrated in target.migrated}
        rows = [row for row in self._table.values() if row.kt2 == target.type and row.moves(self._version)]
        if rows:
            row = next((row for row in rows if row.identifier in named), rows[0])
            self._rows[row.kt1]["unexpected"] += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``counts``: first the kinds that move, in the mapping's order."""
        table = self._table
        order = [name for name in table if table[name].kt2] + [name for name in table if not table[name].kt2]
        order += sorted(name for name in self._rows if name not in table)
        for kind in order:
            if kind not in self._rows:
                continue
            row = table.get(kind)
            total, applications = self._told(kind, row.kt2 if row else None)
            if self._own and not total:
                continue
            yield {
                "source_type": kind,
                "resource_type": row.kt2 if row else None,
                **self._numbers(total),
                "explanation_nl": self._explanation(kind, row.why_nl if row else None, "nl"),
                "explanation_en": self._explanation(kind, row.why_en if row else None, "en"),
                "applications": [
                    {"name": name, **self._numbers(numbers)} for name, numbers in sorted(applications.items())
                ],
            }

    def _told(self, kind: str, resource_type: str | None) -> tuple[Counter[str], Mapping[str, Counter[str]]]:
        """The numbers of a kind, and those per application; in a self-check only those of the application itself."""
        if self._own is None:
            return self._rows[kind], self._applications[kind]
        mine = self._applications[kind].get(self._own.name, Counter())
        # Of what has no source nobody knows whose it is: every application that owns the type has to look.
        strangers = self._rows[kind]["unexpected"] if resource_type in self._own.owns else 0
        total = mine + Counter(unexpected=strangers)
        return total, {self._own.name: mine} if mine else {}

    def _numbers(self, numbers: Counter[str]) -> dict[str, int | None]:
        return {name: numbers[name] if shown else None for name, shown in self._shown.items()}

    def _explanation(self, kind: str, why: str | None, language: str) -> str | None:
        """Why records of a kind do not move, with the answers that this rests on."""
        if not self._rows[kind]["not_migrated"]:
            return None
        rests = "".join(self._agreements.rests_on(question, language) for question in sorted(self._left[kind]))
        text = why if kind in self._never else None
        return f"{text or _NOT[language]}{rests}" if text or rests else None
