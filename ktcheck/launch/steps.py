"""How long each step of a launch took, and at which one it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ktcheck.launch.facts import Actor, Step, StepName


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The step at which a launch ended, and what was seen there: without anything secret or personal."""

    step: StepName
    reason_nl: str
    reason_en: str


@dataclass(slots=True)
class Going:
    """A step that is under way; ``status`` is the HTTP status at its end, as soon as that is known.

    ``ok`` False: it did not go as it should, but the launch goes on.
    """

    status: int | None = None
    ok: bool = True
    reason: tuple[str, str] | None = None

    def breaks(self, reason_nl: str, reason_en: str) -> None:
        """The launch ends here, for this reason."""
        self.ok, self.reason = False, (reason_nl, reason_en)


class Recorder:
    """Keeps the steps of one launch, from the moment that it is made. Moments are those of ``time.monotonic``."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._steps: list[Step] = []
        self.broken: Broken | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far, in the order in which they ended."""
        return tuple(self._steps)

    @property
    def milliseconds(self) -> int:
        """How long the launch has taken until now."""
        return self._since(self._start)

    @contextmanager
    def step(self, name: StepName, actor: Actor) -> Iterator[Going]:
        """Time a step; it is kept whatever comes of it, and is not ok when it broke or an error passes through."""
        going, begun = Going(), time.monotonic()
        completed = False
        try:
            yield going
            completed = True
        finally:
            good = completed and going.ok
            self.add(name, actor, started=begun, milliseconds=self._since(begun), status=going.status, ok=good)
            if going.reason:
                self.broken = Broken(step=name, reason_nl=going.reason[0], reason_en=going.reason[1])

    def add(
        self, name: StepName, actor: Actor, *, started: float, milliseconds: int, status: int | None, ok: bool = True
    ) -> None:
        """Keep a step that was timed elsewhere, such as by the browser."""
        start_ms = round((started - self._start) * 1000)
        self._steps.append(
            Step(name=name, actor=actor, start_ms=start_ms, milliseconds=milliseconds, status=status, ok=ok)
        )

    @staticmethod
    def _since(moment: float) -> int:
        return round((time.monotonic() - moment) * 1000)
