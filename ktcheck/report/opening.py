"""The first screen of the report: why this verdict, what to do first and whose it is, and the figures that matter.

Pure functions of ``report.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ktcheck.findings import Status
from ktcheck.report import view

# So much fits on one screen.
FIRST = 3

Works = Literal["yes", "partly", "no", "not_delivered", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do: by whom, how many findings of which rule it solves."""

    owner: str
    group: view.RuleGroup
    number: int


def tasks(groups: list[view.RuleGroup]) -> list[Task]:
    """Everything to do about findings, in the order in which to do it; each actiehouder's heaviest comes first.

    What somebody accepted is for later.
    """
    found = []
    left = [group for group in groups if group.waived < group.total]
    for severity in view.SEVERITIES:
        owned = view.by_owner(left, severity)
        for place in range(max((len(rules) for _, rules in owned), default=0)):
            found += [
                Task(owner=owner, group=rules[place][0], number=rules[place][1])
                for owner, rules in owned
                if place < len(rules)
            ]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """Whether launch works: how many of the launches that were tried did, and how many wrong ones were refused."""

    works: Works
    launched: int
    tried: int


def launching(report: view.Report) -> Launching:
    """What the launches say; without any, why there are none."""
    launches = report.get("launches") or []
    launched = sum(row["outcome"] == "launched" for row in launches)
    if launches:
        works: Works = "yes" if launched == len(launches) else "partly" if launched else "no"
        return Launching(works=works, launched=launched, tried=len(launches))
    statuses = {row["status"] for row in report["scenarios"] if row["area"] == "launch"}
    if Status.FAILED in statuses:
        return Launching(works="no", launched=0, tried=0)
    works = "not_delivered" if Status.NOT_DELIVERED in statuses else "unknown"
    return Launching(works=works, launched=0, tried=0)


def phases(report: view.Report) -> list[tuple[str, list[dict[str, Any]]]]:
    """The draaiboek steps per phase, each with the worst of its scenarios as its outcome, or what people confirmed."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in view.draaiboek(report):
        found.setdefault(row["step"]["phase"], []).append(
            {**row, "outcome": _outcome(row["statuses"], row["step"].get("confirmed"))}
        )
    return list(found.items())


# The worst first: a step is as good as the worst of its scenarios.
_WORST = (
    Status.FAILED,
    Status.ERROR,
    Status.BLOCKED,
    Status.NOT_EVIDENCED,
    Status.NOT_DELIVERED,
    Status.PASSED,
    Status.NOT_RUN,
)


def _outcome(statuses: dict[str, int], confirmed: view.Row | None) -> str:
    """What a step comes to; a step that no scenario is about was not run, unless somebody confirmed it."""
    if confirmed and not statuses:
        return Status.PASSED.value if confirmed["state"] == "valid" else Status.NOT_EVIDENCED.value
    return next((status.value for status in _WORST if status in statuses), Status.NOT_RUN.value)
