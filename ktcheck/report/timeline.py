"""Where the bars of a launch's timeline go: a lane for each actor, time from left to right.

Lengths are in user units of the drawing: pixels at full size. A step that is too short to be seen gets the narrowest
bar; a label that would run into the one before it goes a line down in its lane.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACTORS = ("person", "portal", "module", "authorization", "idp", "resource")
LABELS = 150.0
WIDTH = 1000.0
LINE = 26.0
BAR = 14.0
HEAD = 26.0

_NARROWEST = 3.0
_CHARACTER = 6.6
_PAD = 6.0
_TICKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A step (``step`` of a launch in ``report.json``): its bar, and where its label begins or, ``left``, ends."""

    step: Mapping[str, Any]
    x: float
    y: float
    width: float
    label: float
    left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """An actor with the top and height of its lane."""

    actor: str
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """``ticks`` are (milliseconds, x) of the scale."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, float], ...]


def lay_out(launch: Mapping[str, Any], names: Mapping[str, str]) -> Timeline:
    """The drawing of a launch; ``names`` are the words for its steps, because they take room."""
    steps = launch["steps"]
    total = max([launch["milliseconds"], *(step["start_ms"] + step["milliseconds"] for step in steps)], default=0) or 1
    scale = (WIDTH - LABELS) / total
    lanes, bars = [], []
    y = HEAD
    for actor in ACTORS:
        own = sorted((step for step in steps if step["actor"] == actor), key=lambda step: step["start_ms"])
        ends: list[float] = []
        for step in own:
            x = LABELS + step["start_ms"] * scale
            width = max(step["milliseconds"] * scale, _NARROWEST)
            room = len(names[step["name"]]) * _CHARACTER + 4 * _PAD
            left = x + width + room > WIDTH
            begin, end = (x - room, x + width) if left else (x, x + width + room)
            line = next((place for place, taken in enumerate(ends) if taken <= begin), len(ends))
            ends[line : line + 1] = [end]
            label = x - _PAD if left else x + width + _PAD
            bars.append(Bar(step=step, x=x, y=y + line * LINE + 6, width=width, label=label, left=left))
        if own:
            lanes.append(Lane(actor=actor, y=y, height=len(ends) * LINE))
            y += len(ends) * LINE
    ticks = tuple(
        (round(total * part / _TICKS), LABELS + (WIDTH - LABELS) * part / _TICKS) for part in range(_TICKS + 1)
    )
    return Timeline(width=WIDTH, height=y + 4, lanes=tuple(lanes), bars=tuple(bars), ticks=ticks)
