"""The report as its readers ask for it: what to do first, per phase, per rule, per requirement. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ktcheck.findings import Severity, Status

Report = Mapping[str, Any]
Row = Mapping[str, Any]

SEVERITIES = tuple(severity.value for severity in Severity)
STATUSES = tuple(status.value for status in Status)
OUTCOMES = ("verified", "violated", "not_evidenced", "not_covered")
PHASES = ("afspreken", "voorbereiden", "uitvoeren", "evalueren")
# The heaviest first: what is lost or cannot be there before what only needs a decision.
MISFITS = ("cannot-store", "lost", "required", "collision", "no-code", "changed", "nested", "open", "warning")
SHOWN = 20


@dataclass(slots=True, kw_only=True)
class RuleGroup:
    """A rule that gave findings: ``total`` of them in the run, ``shown`` the first that the report has.

    ``agreements`` are the questions that the findings in the report rest on; ``waived`` of them somebody accepted.
    """

    id: str
    text: Row
    severity: str
    owner: str
    total: int
    scenarios: list[str]
    applications: Mapping[str, int] = field(default_factory=dict)
    agreements: list[str] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)
    waived: int = 0

    @property
    def more(self) -> int:
        """How many are only in ``findings.ndjson``."""
        return self.total - len(self.shown)


def rule_groups(report: Report) -> list[RuleGroup]:
    """Rules with findings, blocking first, then by number; one group a rule and severity."""
    owners = {step["id"]: step["owner"] for step in report["steps"]}
    groups: dict[tuple[str, str], RuleGroup] = {}
    for row in report["findings_by_rule"]:
        text = report["rules"].get(row["rule"], {})
        groups[row["rule"], row["severity"]] = RuleGroup(
            id=row["rule"],
            text=text,
            severity=row["severity"],
            owner=text.get("owner") or owners.get(row["step"], ""),
            total=row["findings"],
            scenarios=row["scenarios"],
            applications=row["applications"],
            waived=row["waived"],
        )
    for finding in report["findings"]:
        group = groups[finding["rule"], finding["severity"]]
        if finding["agreement"] and finding["agreement"] not in group.agreements:
            group.agreements.append(finding["agreement"])
        if len(group.shown) < SHOWN:
            group.shown.append(finding)
    return sorted(groups.values(), key=lambda group: (SEVERITIES.index(group.severity), -group.total, group.id))


_SOURCE_OWNED = "Bronapplicatie van het type"


def by_owner(groups: list[RuleGroup], severity: str) -> list[tuple[str, list[tuple[RuleGroup, int]]]]:
    """The groups of one severity per actiehouder, with how many findings are his, in the order of the groups.

    Where a rule belongs to the source application of a type, the application itself is the actiehouder.
    """
    owners: dict[str, list[tuple[RuleGroup, int]]] = {}
    for group in groups:
        if group.severity != severity:
            continue
        named = dict(group.applications) if group.owner == _SOURCE_OWNED else {}
        rest = group.total - sum(named.values())
        if rest:
            named[group.owner] = rest
        for owner, number in named.items():
            owners.setdefault(owner, []).append((group, number))
    return list(owners.items())


def unproven(report: Report) -> list[tuple[str, str | None, list[str]]]:
    """(status, reason, scenario ids) of what had to be checked and was not."""
    groups: dict[tuple[str, str | None], list[str]] = {}
    for scenario in report["scenarios"]:
        if scenario["status"] not in {Status.PASSED, Status.FAILED} and not scenario["excused"]:
            groups.setdefault((scenario["status"], scenario["reason"]), []).append(scenario["id"])
    return [(status, reason, ids) for (status, reason), ids in groups.items()]


def reasons(report: Report, language: str) -> list[str]:
    """Why this verdict; the run gives its reasons in Dutch, and in another language the numbers say it."""
    if language == "nl":
        return list(report["reasons"])
    weights = severity_counts(report)
    told = [(weights["blocking"], "blocking finding"), (weights["major"], "major finding")]
    waits = [(len(ids), f"scenario {status.replace('_', ' ')}") for status, _, ids in unproven(report)]
    return [f"{number} {what}{'' if number == 1 else 's'}" for number, what in [told[0], *waits, told[1]] if number]


def whole(report: Report) -> dict[str, int]:
    """All rows of the completeness table as one."""
    sums: dict[str, int] = {}
    for row in report["counts"]:
        for name, value in row.items():
            if isinstance(value, int):
                sums[name] = sums.get(name, 0) + value
    return {**sums, "not_migrated": 0}


def attempt(report: Report) -> dict[str, Any]:
    """A run as a row of ``attempts``."""
    weights = severity_counts(report)
    asked = report["filter"] or {}
    return {
        "started": report["started"],
        "verdict": report["verdict"],
        "baseline": report["baseline"],
        "environment": report["environment"],
        "blocking": weights["blocking"],
        "major": weights["major"],
        "partial": bool(asked.keys() - {"self_check"}),
        "self_check": asked.get("self_check"),
    }


def since(report: Report) -> tuple[int, int] | None:
    """(new, gone) findings since the previous run, when those of both are known."""
    rows = (report.get("previous") or {}).get("rules", ())
    if not rows or any(row["new"] is None for row in rows):
        return None
    return sum(row["new"] for row in rows), sum(row["gone"] for row in rows)


def phases(report: Report) -> list[tuple[str, list[tuple[str, list[Row]]]]]:
    """Scenarios per phase, in the order of the draaiboek, and feature, in the order of the run."""
    tree: dict[str, dict[str, list[Row]]] = {}
    for scenario in report["scenarios"]:
        tree.setdefault(scenario["phase"], {}).setdefault(scenario["feature"], []).append(scenario)
    # Scenarios that a filter left out come first in the run; the draaiboek decides the order of the phases.
    order = sorted(tree, key=lambda phase: PHASES.index(phase) if phase in PHASES else len(PHASES))
    return [(phase, list(tree[phase].items())) for phase in order]


def draaiboek(report: Report) -> list[dict[str, Any]]:
    """Every draaiboek step with the number of its scenarios per status and its findings."""
    rows = []
    for step in report["steps"]:
        own = [scenario for scenario in report["scenarios"] if scenario["step"] == step["id"]]
        statuses = {status: sum(1 for row in own if row["status"] == status) for status in STATUSES}
        rows.append(
            {
                "step": step,
                "scenarios": len(own),
                "statuses": {status: number for status, number in statuses.items() if number},
                "findings": sum(row["findings"] for row in own),
            }
        )
    return rows


def status_counts(report: Report) -> dict[str, int]:
    """How many scenarios have each status; only those that occur."""
    counts = dict.fromkeys(STATUSES, 0)
    for scenario in report["scenarios"]:
        counts[scenario["status"]] += 1
    return {status: number for status, number in counts.items() if number}


def excused(report: Report) -> int:
    """How many scenarios the verdict does not wait for."""
    return sum(1 for scenario in report["scenarios"] if scenario["excused"])


def severity_counts(report: Report) -> dict[str, int]:
    """How many findings have each severity."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for row in report["findings_by_rule"]:
        counts[row["severity"]] += row["findings"]
    return counts


def coverage(report: Report) -> tuple[dict[str, int], list[tuple[str, list[Row]]]]:
    """Requirements: how many per outcome, and the rows per area in the order of the register."""
    counts = dict.fromkeys(OUTCOMES, 0)
    areas: dict[str, list[Row]] = {}
    for row in report["requirements"]:
        counts[row["outcome"]] += 1
        areas.setdefault(row["area"], []).append(row)
    return counts, list(areas.items())


def completeness(report: Report) -> tuple[int, int]:
    """(migrated, expected) over all types."""
    rows = report["counts"]
    return sum(row["migrated"] or 0 for row in rows), sum(row["expected"] or 0 for row in rows)


def agreements(report: Report) -> tuple[list[tuple[str, str, list[Row]]], list[Row]]:
    """(questions that nobody answered, per who decides in both languages; answered questions).

    Who has most to decide comes first.
    """
    undecided: dict[tuple[str, str], list[Row]] = {}
    for row in report["agreements"]:
        if not row["agreed"]:
            undecided.setdefault((row["decides_nl"], row["decides_en"]), []).append(row)
    groups = sorted(undecided.items(), key=lambda item: -len(item[1]))
    return [(nl, en, rows) for (nl, en), rows in groups], [row for row in report["agreements"] if row["agreed"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What of one application does not fit; ``application`` is None when it is not known whose the records are."""

    application: str | None
    rows: tuple[Row, ...]

    @property
    def records(self) -> int:
        """How many times a record has such an element: a record with two of them counts twice."""
        return sum(row["records"] for row in self.rows)

    @property
    def undecided(self) -> int:
        """How many of its elements wait for an agreement."""
        return sum(1 for row in self.rows if row["agreement"] and not row["agreed"])


def mappability(report: Report) -> list[Fit]:
    """The inventory of incompatibilities per application, the biggest first, also within an application."""
    applications: dict[str | None, list[Row]] = {}
    for row in report["mappability"]:
        applications.setdefault(row["application"], []).append(row)
    groups = [
        Fit(
            application=name,
            rows=tuple(sorted(rows, key=lambda row: (-row["records"], row["kt1"], row["row"], row["kind"]))),
        )
        for name, rows in applications.items()
    ]
    return sorted(groups, key=lambda group: (-group.records, group.application or ""))


def kinds_of_misfit(report: Report) -> dict[str, int]:
    """How many elements, over all applications, do not fit in each way; only those that occur."""
    elements = dict.fromkeys(MISFITS, 0)
    for kind, *_ in {(row["kind"], row["kt1"], row["row"]) for row in report["mappability"]}:
        elements[kind] += 1
    return {kind: number for kind, number in elements.items() if number}


def publication_rounds(report: Report) -> list[tuple[int, list[Row]]]:
    """The publication order per round; without a source inventory there is none."""
    rounds: dict[int, list[Row]] = {}
    for row in (report["publication"] or {"order": ()})["order"]:
        rounds.setdefault(row["round"], []).append(row)
    return sorted(rounds.items())


def unchecked(report: Report) -> list[tuple[int, list[Row]]]:
    """(number of codes, rows) per code system of which only the form was checked, the largest first."""
    systems: dict[str | None, list[Row]] = {}
    for row in report.get("unchecked_codes", ()):
        systems.setdefault(row["system"], []).append(row)
    groups = [(sum(row["codes"] for row in rows), rows) for rows in systems.values()]
    return sorted(groups, key=lambda group: -group[0])


def flat(facts: Mapping[str, Any] | None) -> list[tuple[str, str, object]]:
    """(key, sub-key or "", value) of a table of facts; empty values and lists of objects are left out."""
    rows: list[tuple[str, str, object]] = []
    for key, value in (facts or {}).items():
        if isinstance(value, Mapping):
            rows += [(key, str(name), item) for name, item in value.items() if not isinstance(item, Mapping)]
        elif isinstance(value, list | tuple):
            rows.append((key, "", ", ".join(str(item) for item in value if not isinstance(item, Mapping))))
        else:
            rows.append((key, "", value))
    return [row for row in rows if row[2] is not None and row[2] != ""]


def anchor(prefix: str, name: str) -> str:
    """A fragment identifier for a rule, scenario or requirement."""
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-').lower()}"
