"""How a domain stands on a day: its verdict and phases as its newest run has them, beside what was planned. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ktcheck.cluster.plan import PlannedDomain
from ktcheck.cluster.runs import Report, Runs
from ktcheck.findings import Severity, Status, Verdict
from ktcheck.repetition import Template
from ktcheck.report import view
from ktcheck.scenarios import needs_target

MILESTONE = "E2"
"""The step of the draaiboek that people confirm when the migration is approved."""

State = Literal[
    "approved", "approved_with_reservations", "rejected", "incomplete", "partial", "preparing", "unknown", "not_started"
]
Due = Literal["done", "late", "this_week", "later", "unplanned"]

_APPROVED = frozenset({"approved", "approved_with_reservations"})
_SHOWN = frozenset({Status.PASSED, Status.FAILED})
WEIGHING = (Severity.BLOCKING, Severity.MAJOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The first planned phase that is not done: when it should be, and how many days that is from now (late: ago)."""

    due: Due
    phase: str | None = None
    day: str | None = None
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A domain on a day.

    ``phases`` has for each phase what the run says of it, as a verdict of its own; a phase that was not looked at is
    not there. ``open`` are the findings that weigh and nobody accepted, by severity and actiehouder. ``template`` are
    the reasons why the run of a first domain is no template for the others (none: it counts), None of another domain.
    """

    domain: PlannedDomain
    runs: Runs
    state: State
    phases: Mapping[str, str]
    planning: Planning
    migrated: int = 0
    expected: int = 0
    open: Mapping[tuple[str, str], int] = field(default_factory=dict)
    milestone: bool = False
    template: tuple[str, ...] | None = None

    def number(self, severity: str) -> int:
        """How many findings of a severity are open."""
        return sum(number for (weight, _), number in self.open.items() if weight == severity)


def stand(domain: PlannedDomain, runs: Runs, day: date) -> Standing:
    """How a domain stands on a day."""
    report = runs.newest
    if report is None:
        return Standing(
            domain=domain,
            runs=runs,
            state="unknown" if runs.troubles else "not_started",
            phases={},
            planning=_planning(domain.planned, frozenset(), day),
            template=("no-run",) if domain.sequence == 1 else None,
        )
    state, looked_at = _state(report)
    phases = {phase: said for phase in looked_at if (said := _phase(report, phase))}
    milestone = state in _APPROVED and _confirmed(report)
    done = {phase for phase, said in phases.items() if said in _APPROVED and phase != "evalueren"}
    migrated, expected = view.completeness(report)
    return Standing(
        domain=domain,
        runs=runs,
        state=state,
        phases=phases,
        planning=_planning(domain.planned, frozenset(done | ({"evalueren"} if milestone else set())), day),
        migrated=migrated if report["target"] is not None else 0,
        expected=expected,
        open=_open(report),
        milestone=milestone,
        template=Template(report=report).wrong(domain.cluster, "") if domain.sequence == 1 else None,
    )


def _state(report: Report) -> tuple[State, tuple[str, ...]]:
    """The state that a run gives its domain, and the phases of which it looked at all scenarios."""
    asked = report["filter"]
    if not asked:
        return Verdict(report["verdict"]).value, view.PHASES
    phase = asked.get("phase") if asked.keys() == {"phase"} else None
    preparing = not needs_target(phase)
    return "preparing" if preparing else "partial", (phase,) if phase else ()


def _phase(report: Report, phase: str) -> str | None:
    """What a run says of a phase, in the words of a verdict; None when it did not look at it."""
    scenarios = [row for row in report["scenarios"] if row["phase"] == phase]
    if not any(row["status"] in _SHOWN or not row["excused"] for row in scenarios):
        return None
    phases = {row["id"]: row["phase"] for row in report["scenarios"]}
    weights = Counter[str]()
    for row in report["findings_by_rule"]:
        if phases.get(row["scenarios"][0]) == phase:
            weights[row["severity"]] += row["findings"] - row["waived"]
    if weights[Severity.BLOCKING]:
        return Verdict.REJECTED.value
    if any(row["status"] not in _SHOWN and not row["excused"] for row in scenarios):
        return Verdict.INCOMPLETE.value
    if weights[Severity.MAJOR] or any(row["waived"] for row in scenarios):
        return Verdict.APPROVED_WITH_RESERVATIONS.value
    return Verdict.APPROVED.value


def _confirmed(report: Report) -> bool:
    said = next((step.get("confirmed") for step in report["steps"] if step["id"] == MILESTONE), None)
    return bool(said and said["state"] == "valid")


def _open(report: Report) -> dict[tuple[str, str], int]:
    groups = [group for group in view.rule_groups(report) if group.waived < group.total]
    found = Counter[tuple[str, str]]()
    for severity in WEIGHING:
        for owner, rules in view.by_owner(groups, severity):
            found[severity.value, owner] += sum(number for _, number in rules)
    return dict(found)


def _planning(planned: Mapping[str, str], done: frozenset[str], day: date) -> Planning:
    if not planned:
        return Planning(due="unplanned")
    phase = next((phase for phase in planned if phase not in done), None)
    if phase is None:
        return Planning(due="done")
    until = date.fromisoformat(planned[phase])
    days = (until - day).days
    week = until.isocalendar()[:2] == day.isocalendar()[:2]
    due: Due = "late" if days < 0 else "this_week" if week else "later"
    return Planning(due=due, phase=phase, day=planned[phase], days=abs(days))
