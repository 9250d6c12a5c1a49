"""All rules over all facts, in one pass; scenarios then ask for their part of the outcome.

Findings are kept in a temporary SQLite file, so that a domain in which everything is wrong fits in memory too.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ktcheck import tables
from ktcheck.agreements import Agreements
from ktcheck.conformance.codes import uses
from ktcheck.conformance.release import KT2, release
from ktcheck.counting import Counting
from ktcheck.domain import Application
from ktcheck.facts import Codes, Context, Fact, SourceMatch
from ktcheck.findings import Finding, Severity
from ktcheck.index import Index
from ktcheck.launch.people import People
from ktcheck.mappability import Mappability
from ktcheck.mapping.compare import compare
from ktcheck.mapping.misfits import fit
from ktcheck.publication import Publication
from ktcheck.rules import Examination, Rule, registered
from ktcheck.self_check import concerns
from ktcheck.shape import Shape
from ktcheck.unchecked import Unchecked
from ktcheck.waivers import Waivers

Listener = Mappability | Unchecked | Shape | People


class Assessment:
    """What the rules said of a domain.

    ``examined`` and ``findings`` answer per rule and scope (KT1 kind or KT2 type). In a self-check only what the
    application answers for counts.
    """

    def __init__(self, path: Path) -> None:
        self._examined: Counter[tuple[str, str]] = Counter()
        self._others: Counter[tuple[str, str]] = Counter()
        self._own: Application | None = None
        self._claimed: set[tuple[str, str]] = set()
        self._gaps: dict[tuple[str, str], str] = {}
        self._agreements = Agreements()
        self._db = sqlite3.connect(path)
        path.chmod(0o600)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE finding (rule TEXT, scope TEXT, data BLOB);"
        )

    def run(
        self,
        facts: Iterable[Fact],
        context: Context,
        counting: Counting,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> None:
        """Let every rule look at every fact of its kind."""
        self._agreements, self._own = context.agreements, context.own
        by_kind: dict[type, list[Rule]] = {}
        for rule in registered().values():
            by_kind.setdefault(rule.fact, []).append(rule)
        for done, fact in enumerate(facts, 1):
            counting.add(fact)
            for rule in by_kind.get(type(fact), ()):
                examination = rule.check(fact, context)
                if examination is not None:
                    self._add(rule, examination)
            if done % 1000 == 0:
                progress(done)
        self._db.execute("CREATE INDEX finding_rule ON finding (rule, scope)")
        self._db.commit()

    def _add(self, rule: Rule, examination: Examination) -> None:
        text, scope = tables.rules()[rule.id], examination.scope
        if self._own and not concerns(self._own, examination.application, scope, text.area, self._agreements):
            self._others[rule.id, scope] += examination.examined
            return
        self._examined[rule.id, scope] += examination.examined
        if examination.gap:
            self._gaps[rule.id, scope] = examination.gap
        for problem in examination.problems:
            severity = max(problem.severity or text.severity, text.severity, key=list(Severity).index)
            data = {
                "severity": severity.value,
                "agreement": problem.agreement,
                "application": examination.application,
                "resource": problem.resource,
                "source": problem.source,
                "path": problem.path,
                "expected": problem.expected,
                "actual": problem.actual,
                "message_nl": text.message("nl", problem.words) + self._rests_on(problem.agreement, "nl"),
                "message_en": text.message("en", problem.words) + self._rests_on(problem.agreement, "en"),
            }
            row = (rule.id, scope, orjson.dumps(data))
            self._db.execute("INSERT INTO finding VALUES (?, ?, ?)", row)

    def _rests_on(self, key: str | None, language: str) -> str:
        """On which agreement a finding rests, so that a dispute is about that and not about the tool."""
        return self._agreements.rests_on(key, language) if key else ""

    def scopes(self, rule: str) -> tuple[str, ...]:
        """The scopes in which a rule examined anything."""
        return tuple(scope for name, scope in self._examined if name == rule)

    def examined(self, rule: str, scope: str) -> int:
        """How many things a rule examined in a scope."""
        self._claimed.add((rule, scope))
        return self._examined[rule, scope]

    def left_to_others(self, rule: str, scope: str | None) -> int:
        """How many things a rule would have examined, in a scope or at all, were this not a self-check."""
        return sum(count for (name, place), count in self._others.items() if name == rule and scope in {None, place})

    def gap(self, rule: str, scope: str) -> str | None:
        """What kept a rule from examining something in a scope, None when nothing did."""
        return self._gaps.get((rule, scope))

    def anything(self) -> bool:
        """Whether the rules examined any KT1 record at all; with an empty source nothing is evidence."""
        return any(count for (rule, _), count in self._all().items() if rule == "source.known-kind")

    def has_records(self, kind: str) -> bool:
        """Whether KT1 had any record of a kind."""
        return bool(self._all()["source.unique-key", kind])

    def only_referred(self, kind: str) -> bool:
        """Whether KT1 refers to records of a kind and holds the content of none of them."""
        known = self._all()
        return bool(known["completeness.referred", kind]) and not known["completeness.present", kind]

    def _all(self) -> Counter[tuple[str, str]]:
        """What was examined, by whomever it is answered for."""
        return self._examined + self._others

    def findings(self, rule: str, scope: str) -> Iterator[Finding]:
        """What a rule found in a scope."""
        text = tables.rules()[rule]
        query = "SELECT data FROM finding WHERE rule = ? AND scope = ? ORDER BY rowid"
        for (data,) in self._db.execute(query, (rule, scope)):
            yield Finding(
                rule=rule,
                area=text.area,
                requirements=text.requirements,
                step=text.step,
                scope=scope,
                **_typed(orjson.loads(data)),
            )

    def unclaimed(self) -> tuple[tuple[str, str], ...]:
        """(rule, scope) pairs with findings that no scenario asked for: a hole in the features."""
        rows = self._db.execute("SELECT DISTINCT rule, scope FROM finding ORDER BY rule, scope")
        return tuple((rule, scope) for rule, scope in rows if (rule, scope) not in self._claimed)

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "severity": Severity(data["severity"])}


class Assessed(NamedTuple):
    """What came of an index; ``publication`` is the order of publication as in ``report.json``."""

    assessment: Assessment
    counting: Counting
    mappability: Mappability
    unchecked: Unchecked
    publication: dict[str, Any]


def assess(
    index: Index,
    path: Path,
    progress: Callable[[int], None] = lambda _done: None,
    observed: Iterable[Fact] = (),
    waivers: Waivers | None = None,
    shape: Shape | None = None,
    repeated: Callable[[Counting], Iterable[Fact]] = lambda _: (),
    people: People | None = None,
    confirmed: Iterable[Fact] = (),
) -> Assessed:
    """Run all rules over all facts of an index; ``path`` is where the findings are kept meanwhile.

    ``observed`` are facts about what was tried (logins, launches) beside what was fetched. ``waivers`` count, at the
    end, the findings that they cover. ``shape`` and ``people`` hear the facts; ``repeated`` gives, when all was
    counted, those about the likeness with the first domain of the cluster.
    """
    context = index.context()
    assessment, counting = (
        Assessment(path),
        Counting(context.profile_version, context.agreements, migrated=context.migrated, own=context.own),
    )
    publication = Publication(context)
    facts: Iterable[Fact] = chain(
        index.agreed(),
        index.messages(),
        index.source_domains(),
        index.link_groups(),
        index.announced(),
        _with_fits(publication.watch(index.matches()), context),
        publication.groups(),
        index.source_identifiers(),
        index.needs(),
        index.type_counts(),
        _with_comparisons(index, context),
        index.identifier_groups(),
        index.application_devices(),
        observed,
        confirmed,
        _afterwards(lambda: repeated(counting)),
        _waived(assessment, waivers or Waivers()),
    )
    mappability, unchecked = Mappability(), Unchecked()
    listeners: list[Listener] = [mappability, unchecked, *(one for one in (shape, people) if one)]
    assessment.run(_heard(facts, listeners), context, counting, progress)
    return Assessed(assessment, counting, mappability, unchecked, publication.plan())


def _afterwards(facts: Callable[[], Iterable[Fact]]) -> Iterator[Fact]:
    """Facts that are not asked for before their turn comes."""
    yield from facts()


def _waived(assessment: Assessment, waivers: Waivers) -> Iterator[Fact]:
    """Every waiver with what it covers; comes after all other facts, because it looks at what those gave."""
    places = [(rule, scope) for rule in waivers.rules for scope in assessment.scopes(rule)]
    yield from waivers.count(chain.from_iterable(assessment.findings(rule, scope) for rule, scope in places))


def _with_fits(matches: Iterable[SourceMatch], context: Context) -> Iterator[Fact]:
    """Every record, followed by what of it does not fit."""
    for match in matches:
        yield match
        if found := fit(match, context):
            yield found


def _with_comparisons(index: Index, context: Context) -> Iterator[Fact]:
    """Every resource, then the codes in it, then how its contents, and those of its sub-tasks, compare with KT1."""
    for target in index.targets():
        yield target
        if release(context.profile_version).has(KT2 + target.type):
            yield Codes(target=target, uses=uses(context.profile_version, target.resource))
        if comparison := compare(target, context):
            yield comparison
        for place, part in index.contained(target):
            if comparison := compare(part, context):
                inside = (replace(item, path=f"contained[{place}].{item.path}") for item in comparison.outcomes)
                yield replace(comparison, outcomes=tuple(inside))


def _heard(facts: Iterable[Fact], listeners: Iterable[Listener]) -> Iterator[Fact]:
    """The facts, once what counts them for the report has heard them."""
    listeners = tuple(listeners)
    for fact in facts:
        for listener in listeners:
            listener.add(fact)
        yield fact
