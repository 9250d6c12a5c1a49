"""What a rule says, and what a scenario made of it.

A *finding* is one thing that is wrong. It exists in two forms: with the real references, expected and actual
values (``findings.ndjson``, stays on this machine) and as a public finding without any of those (reports).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs in the verdict."""

    BLOCKING = "blocking"
    MAJOR = "major"
    ADVICE = "advice"


class Status(StrEnum):
    """What became of a scenario (contract: ``report.json``)."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EVIDENCED = "not_evidenced"
    NOT_DELIVERED = "not_delivered"
    NOT_RUN = "not_run"
    BLOCKED = "blocked"
    ERROR = "error"


class Verdict(StrEnum):
    """Whether the domain may be approved (contract: ``report.json``)."""

    APPROVED = "approved"
    APPROVED_WITH_RESERVATIONS = "approved_with_reservations"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


EXIT_CODES: Mapping[Verdict, int] = {
    Verdict.APPROVED: 0,
    Verdict.APPROVED_WITH_RESERVATIONS: 0,
    Verdict.REJECTED: 1,
    Verdict.INCOMPLETE: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, with the real references and values.

    ``scope`` is the KT1 or KT2 type that was examined and ``application`` its source application: scenarios
    select on them. ``resource`` is ``<Type>/<id>`` in KT2, ``source`` a KT1 link or key, ``path`` a FHIR path.
    The messages hold no personal values; ``expected`` and ``actual`` may. ``agreement`` is the key of the question
    (``profiles/agreements.yaml``) whose answer it rests on, ``waiver`` the id of the one that it is under.
    """

    rule: str
    area: str
    severity: Severity
    requirements: tuple[str, ...]
    step: str
    message_nl: str
    message_en: str
    scope: str
    application: str | None = None
    scenario: str | None = None
    resource: str | None = None
    source: str | None = None
    path: str | None = None
    expected: Any = None
    actual: Any = None
    agreement: str | None = None
    waiver: str | None = None

    def record(self) -> dict[str, Any]:
        """The finding as a line of ``findings.ndjson``: exactly the contract's keys, in its order."""
        return {
            "rule": self.rule,
            "area": self.area,
            "severity": self.severity.value,
            "requirements": list(self.requirements),
            "step": self.step,
            "scenario": self.scenario,
            "resource": self.resource,
            "source": self.source,
            "path": self.path,
            "expected": self.expected,
            "actual": self.actual,
            "message_nl": self.message_nl,
            "message_en": self.message_en,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One Gherkin step of a scenario; ``seconds`` is how long it took."""

    keyword: str
    text: str
    status: Status
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """One scenario (one row of an outline) after the run.

    ``id`` is the scenario's own tag (``VOL-01``), ``examined`` how many things its rules looked at,
    ``findings`` how many findings they gave, ``waived`` how many of those somebody accepted, ``reason`` why it has a
    status other than passed or failed.
    ``excused``: not run because of a filter that was asked for, or because the domain need not have what it
    examines; the verdict does not wait for it.
    """

    id: str
    feature: str
    name: str
    phase: str
    area: str
    tags: tuple[str, ...]
    requirements: tuple[str, ...]
    step: str
    severity: Severity
    status: Status
    examined: int
    findings: int
    waived: int = 0
    rules: tuple[str, ...] = ()
    reason: str | None = None
    excused: bool = False
    steps: tuple[StepResult, ...] = field(default=())
    seconds: float = 0.0
