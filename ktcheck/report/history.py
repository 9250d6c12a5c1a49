"""The attempts before this one, and what changed since: read from the runs that lie beside it.

A run lands in ``reports/<domain>/<start>/``, so the directories beside it are earlier runs of the same domain. What
they say is put into ``report.json`` when the run ends, because that is the only truth about it afterwards.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ktcheck.errors import InputError
from ktcheck.report import build, html, view

FINDINGS = "findings.ndjson"
# So many of the newest runs are read; what came before those is in their own lists.
_READ = 20
_LISTED = 50

Report = Mapping[str, Any]
Identities = Mapping[str, Counter[int]]


class Findings:
    """Remembers which findings there were, per rule, without keeping what they say."""

    def __init__(self, lines: Iterable[Mapping[str, Any]] = ()) -> None:
        self.found: dict[str, Counter[int]] = {}
        for line in lines:
            self.add(line)

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in a line of ``findings.ndjson``."""
        what = orjson.dumps([line.get(key) for key in ("resource", "source", "path", "message_nl")])
        identity = int.from_bytes(hashlib.blake2b(what, digest_size=8).digest())
        self.found.setdefault(str(line.get("rule")), Counter())[identity] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What lies beside a run: the attempts, how many directories could not be read, and the newest run to compare with.

    ``previous`` is a run of the same selection, with its findings when those are still there.
    """

    attempts: tuple[dict[str, Any], ...] = ()
    unreadable: int = 0
    previous: Report | None = None
    findings: Identities | None = None

    def facts(self, report: Report, found: Identities) -> dict[str, Any]:
        """The members of ``report.json`` that tell of earlier runs."""
        return {
            "attempts": list(self.attempts),
            "attempts_unreadable": self.unreadable,
            "previous": difference(self.previous, self.findings, report, found) if self.previous else None,
        }


def beside(place: Path, report: Report) -> History:
    """The earlier runs of the same domain in the directories beside ``place``, and in ``place`` itself."""
    runs: dict[str, tuple[Path, Report]] = {}
    previous: Report | None = None
    folder, unreadable = place, 0
    folders = sorted((path.parent for path in place.parent.glob(f"[!.]*/{build.REPORT}")), reverse=True)
    for other in folders[:_READ]:
        try:
            found: Report = build.read(other)
        except InputError:
            unreadable += 1
            continue
        if found["domain"] == report["domain"] and found["started"] < report["started"]:
            runs[found["started"]] = (other, found)
    attempts: dict[str, dict[str, Any]] = {}
    for _, found in runs.values():
        for row in [*found.get("attempts", ()), view.attempt(found)]:
            attempts.setdefault(row["started"], row)
    alike = [started for started, (_, found) in runs.items() if found["filter"] == report["filter"]]
    if alike:
        folder, previous = runs[max(alike)]
    return History(
        attempts=tuple(attempts[started] for started in sorted(attempts)[-_LISTED:]),
        unreadable=unreadable,
        previous=previous,
        findings=kept(folder) if previous else None,
    )


def kept(folder: Path) -> Identities | None:
    """The findings of a run as its ``findings.ndjson`` has them; None when that is not there or not whole."""
    try:
        with (folder / FINDINGS).open("rb") as lines:
            return Findings(orjson.loads(line) for line in lines if line.strip()).found
    except (OSError, orjson.JSONDecodeError, AttributeError):
        return None


def difference(before: Report, was: Identities | None, after: Report, now: Identities | None) -> dict[str, Any]:
    """What changed from one run to a later one, per rule.

    ``new``, ``gone`` and ``same`` are None when the findings themselves of a run are not there any more: then only
    their numbers are known.
    """
    numbers = [_numbers(report) for report in (before, after)]
    rows = []
    for rule in sorted(numbers[0].keys() | numbers[1].keys()):
        row: dict[str, Any] = {"rule": rule, "before": numbers[0][rule], "now": numbers[1][rule]}
        if was is None or now is None:
            rows.append(row | {"new": None, "gone": None, "same": None})
            continue
        old, new = was.get(rule, Counter()), now.get(rule, Counter())
        rows.append(row | {"new": (new - old).total(), "gone": (old - new).total(), "same": (new & old).total()})
    return {
        "started": before["started"],
        "verdict": before["verdict"],
        "same_baseline": before["baseline"] == after["baseline"],
        "same_environment": before["environment"] == after["environment"],
        "rules": rows,
    }


def compared(run: Path, other: Path, lang: str) -> tuple[str, Mapping[str, Any]]:
    """The page about two runs, and what changed from the earlier to the later one.

    Raises:
        InputError: one of them is no finished run.
    """
    pairs = sorted(((build.read(folder), folder) for folder in (run, other)), key=lambda pair: str(pair[0]["started"]))
    (before, was), (after, now) = pairs
    changed = difference(before, kept(was), after, kept(now))
    return html.compare(before, after, changed, lang), changed


def _numbers(report: Report) -> Counter[str]:
    numbers = Counter[str]()
    for row in report["findings_by_rule"]:
        numbers[row["rule"]] += row["findings"]
    return numbers
