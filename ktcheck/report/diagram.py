"""Where the boxes and arrows of the publication order go: rounds as columns, what goes first on the left.

An order of up to some thirty boxes stays readable because only arrows that say something new are drawn: when C waits
for B and B for A, that C waits for A goes without saying. An arrow that passes a column gets a lane of its own there,
so that it runs beside the boxes and not behind them. Lengths are in user units of the drawing: pixels at full size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOX_WIDTH = 184.0
BOX_HEIGHT = 62.0
HEAD = 30.0

_LANE = 12.0
_GAP = 18.0
_COLUMN = 64.0
_SWEEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What one application publishes of one type (``row`` of ``publication.order``), with its top left corner."""

    row: Mapping[str, Any]
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """``rounds`` are (number, x) of the columns; ``arrows`` are SVG paths from what goes first to what waits for it."""

    width: float
    height: float
    rounds: tuple[tuple[int, float], ...]
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]


@dataclass(eq=False, slots=True)
class _Place:
    """A box, or the lane (``row`` None) of an arrow in a column; ``before`` are its neighbours on the left."""

    column: int
    row: Mapping[str, Any] | None
    before: list[_Place]
    after: list[_Place]
    y: float = 0.0

    @property
    def height(self) -> float:
        return _LANE if self.row is None else BOX_HEIGHT


def lay_out(order: Sequence[Mapping[str, Any]]) -> Diagram:
    """The drawing of ``publication.order`` of a report."""
    numbers = sorted({row["round"] for row in order})
    columns: list[list[_Place]] = [[] for _ in numbers]
    boxes = [_Place(numbers.index(row["round"]), row, [], []) for row in order]
    for box in boxes:
        columns[box.column].append(box)
    for box, waits in zip(boxes, _needed(boxes), strict=True):
        for other in waits:
            _connect(other, box, columns)
    height = _arrange(columns)
    return Diagram(
        width=len(columns) * (BOX_WIDTH + _COLUMN) - _COLUMN if columns else 0.0,
        height=height,
        rounds=tuple((number, _x(column)) for column, number in enumerate(numbers)),
        boxes=tuple(Box(row=box.row, x=_x(box.column), y=box.y) for box in boxes if box.row is not None),
        arrows=tuple(path for box in boxes for path in _arrows(box)),
    )


def _needed(boxes: Sequence[_Place]) -> list[list[_Place]]:
    """For each box the boxes it waits for, without those that one of the others waits for already."""
    latest: dict[tuple[Any, Any], list[_Place]] = {}
    for box in boxes:
        if box.row is not None:
            latest.setdefault((box.row["application"], box.row["type"]), []).append(box)
    direct: dict[_Place, list[_Place]] = {}
    for box in boxes:
        named = box.row["waits_for"] if box.row is not None else ()
        found = (other for item in named for other in latest.get((item["application"], item["type"]), ()))
        # What is in the same round or later is a circle, or the box itself: the table tells about those.
        direct[box] = list(dict.fromkeys(other for other in found if other.column < box.column))
    above: dict[_Place, set[_Place]] = {}
    for box in sorted(boxes, key=lambda box: box.column):
        above[box] = set(direct[box]).union(*(above[other] for other in direct[box]))
    return [
        [other for other in direct[box] if not any(other in above[third] for third in direct[box])] for box in boxes
    ]


def _connect(first: _Place, then: _Place, columns: list[list[_Place]]) -> None:
    """Join two boxes, by lanes in the columns between them; all arrows from one box share its lanes."""
    place = first
    for column in range(first.column + 1, then.column):
        lane = next((item for item in place.after if item.row is None), None)
        if lane is None:
            lane = _Place(column, None, [place], [])
            place.after.append(lane)
            columns[column].append(lane)
        place = lane
    place.after.append(then)
    then.before.append(place)


def _arrange(columns: list[list[_Place]]) -> float:
    """Order each column by where its neighbours are, so that few arrows cross; returns the height of the drawing."""
    _stack(columns)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            column.sort(key=lambda place: _middle(place, place.before if sweep % 2 == 0 else place.after))
            _stack(columns)
    return _stack(columns)


def _middle(place: _Place, neighbours: list[_Place]) -> float:
    """Where a place would like to be: in the middle of its neighbours, else where it is."""
    near = neighbours or [place]
    return sum(item.y + item.height / 2 for item in near) / len(near)


def _stack(columns: list[list[_Place]]) -> float:
    """Put the places of every column one under the other, in the middle of the height; returns that height."""
    heights = [sum(place.height for place in column) + _GAP * (len(column) - 1) for column in columns]
    highest = max(heights, default=0.0)
    for column, height in zip(columns, heights, strict=True):
        y = HEAD + (highest - height) / 2
        for place in column:
            place.y = y
            y += place.height + _GAP
    return HEAD + highest


def _x(column: int) -> float:
    return column * (BOX_WIDTH + _COLUMN)


def _arrows(box: _Place) -> list[str]:
    """The paths that leave a box, each to the box where it ends."""
    paths = []
    for place in box.after:
        path = f"M{_x(box.column) + BOX_WIDTH:g} {box.y + BOX_HEIGHT / 2:g}"
        paths += _onward(place, path, _x(box.column) + BOX_WIDTH, box.y + BOX_HEIGHT / 2)
    return paths


def _onward(place: _Place, path: str, x: float, y: float) -> list[str]:
    """Go on to a place, and from a lane through it to whatever follows."""
    left, middle = _x(place.column), place.y + place.height / 2
    bend = (left - x) / 2
    path = f"{path}C{x + bend:g} {y:g} {left - bend:g} {middle:g} {left:g} {middle:g}"
    if place.row is not None:
        return [path]
    right = left + BOX_WIDTH
    path = f"{path}H{right:g}"
    return [found for after in place.after for found in _onward(after, path, right, middle)]
