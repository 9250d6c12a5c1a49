"""What a run tells while it runs. Console and report listen; none of them decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ktcheck.findings import Finding, ScenarioResult, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """``facts`` are the head of ``report.json``: domain, cluster, versions, baseline, environment, filter."""

    started: str
    facts: dict[str, Any]
    scenarios: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A long step moves on: ``what`` in Dutch, ``done`` of ``total`` (None: unknown)."""

    what: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFinished:
    """A scenario is done; ``findings`` carry its name."""

    result: ScenarioResult
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run is over; ``counts`` are the rows of ``report.json``'s completeness table."""

    finished: str
    verdict: Verdict
    reasons: tuple[str, ...]
    counts: tuple[dict[str, Any], ...]


Event = RunStarted | Progress | ScenarioFinished | RunFinished
Listener = Callable[[Event], None]


class Bus:
    """Hands every event to every listener, in order."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = list(listeners)

    def subscribe(self, listener: Listener) -> None:
        """Add a listener for all events from now on."""
        self._listeners.append(listener)

    def emit(self, event: Event) -> None:
        """Tell every listener; a listener that fails stops the run, because its output would be incomplete."""
        for listener in self._listeners:
            listener(event)
