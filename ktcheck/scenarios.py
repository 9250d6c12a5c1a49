"""What a scenario is: what its tags say, and what it knows while it runs.

Tags are the only place where a scenario's id, weight and sources are written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from ktcheck.findings import Finding, ScenarioResult, Severity, Status, StepResult

AREAS = (
    "bron",
    "mapbaarheid",
    "volledigheid",
    "identificatie",
    "inhoud",
    "referenties",
    "profielen",
    "idp",
    "launch",
    "autorisatie",
    "interacties",
    "abonnementen",
    "logging",
    "herhaling",
)
PHASES = ("afspreken", "voorbereiden", "uitvoeren", "evalueren")
ID = re.compile(r"(AFS|BRON|MAP|EIS|PUB|SNAP|VOL|IDE|REF|INH|PRO|IDP|INL|LAU|WEI|LOG|HER|VRS|BEV)-\d{2}")
_STEP = "stap-"
_DELIVERY = "levering-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of a scenario, understood.

    ``deliveries`` are parts of the KT2 provision (``target.delivered``) without which it cannot run.
    """

    id: str
    area: str
    severity: Severity
    step: str
    requirements: tuple[str, ...]
    deliveries: tuple[str, ...]
    all: tuple[str, ...]


def understand(tags: Iterable[str]) -> Tags:
    """Read a scenario's tags, its feature's included.

    Raises:
        ValueError: one of id, area, severity and step is missing or there twice.
    """
    found = sorted(tags)
    severities = [tag for tag in found if tag in list(Severity)]
    ids = [tag for tag in found if ID.fullmatch(tag)]
    areas = [tag for tag in found if tag in AREAS]
    steps = [tag.removeprefix(_STEP) for tag in found if tag.startswith(_STEP)]
    deliveries = [tag.removeprefix(_DELIVERY) for tag in found if tag.startswith(_DELIVERY)]
    for what, values in (("id", ids), ("area", areas), ("severity", severities), ("step", steps)):
        if len(values) != 1:
            raise ValueError(f"a scenario needs exactly one {what} among its tags, not {values}: {found}")
    known = {*severities, *ids, *areas}
    requirements = [tag for tag in found if tag not in known and not tag.startswith((_STEP, _DELIVERY))]
    return Tags(
        id=ids[0],
        area=areas[0],
        severity=Severity(severities[0]),
        step=steps[0],
        requirements=tuple(requirements),
        deliveries=tuple(deliveries),
        all=tuple(found),
    )


def needs_target(phase: str | None) -> bool:
    """Whether scenarios of this phase (None: of all phases) look at KT2."""
    return phase not in {"afspreken", "voorbereiden"}


def selected(tags: Iterable[str], wanted: str | None) -> bool:
    """Whether a ``--tags`` filter takes a scenario: ``a,b`` any of them; ``~c`` not this one."""
    if not wanted:
        return True
    names = [name.strip().removeprefix("@") for name in wanted.split(",") if name.strip()]
    refused = {name[1:].removeprefix("@") for name in names if name.startswith("~")}
    taken = {name for name in names if not name.startswith("~")}
    own = set(tags)
    return not (own & refused) and (not taken or bool(own & taken))


class NotShownError(Exception):
    """A scenario that could not show what it has to show; ``status`` says why in the contract's words."""

    def __init__(self, status: Status, reason: str, *, excused: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.excused = excused


@dataclass(slots=True)
class RunningScenario:
    """A scenario while it runs: what its steps examined and found so far. Times are of ``time.monotonic``."""

    id: str
    name: str
    feature: str
    phase: str
    tags: Tags
    started: float = 0.0
    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    steps: list[StepResult] = field(default_factory=list)
    step_started: float = 0.0

    @property
    def order(self) -> tuple[int, str, str]:
        """Its place in a run: phases and steps in the order of the draaiboek, then by id."""
        return (PHASES.index(self.phase), self.tags.step, self.tags.id)

    def add_step(self, keyword: str, text: str, status: Status) -> None:
        """A step is done."""
        seconds = round(time.monotonic() - self.step_started, 3)
        self.steps.append(StepResult(keyword=keyword.strip(), text=text, status=status, seconds=seconds))

    def result(self, outcome: NotShownError | None) -> ScenarioResult:
        """How it ended: failed when it found something, passed when not, or why it could not be shown."""
        found = Status.FAILED if self.findings else Status.PASSED
        return ScenarioResult(
            id=self.id,
            feature=self.feature,
            name=self.name,
            phase=self.phase,
            area=self.tags.area,
            tags=self.tags.all,
            requirements=self.tags.requirements,
            step=self.tags.step,
            severity=self.tags.severity,
            status=outcome.status if outcome else found,
            examined=self.examined,
            findings=len(self.findings),
            rules=tuple(self.rules),
            reason=str(outcome) if outcome else None,
            excused=bool(outcome and outcome.excused),
            steps=tuple(self.steps),
            seconds=round(time.monotonic() - self.started, 3) if self.started else 0.0,
        )
