"""The segments of the completeness bars: one bar a row, whole bar = everything that the row counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("migrated", "missing", "duplicate", "unexpected", "not_migrated")
NUMBERS = ("source", "expected", *KINDS, "different", "not_comparable")

# Narrower than this a segment cannot be seen, and one missing patient in thousands has to be seen.
_NARROWEST = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar; ``x`` and ``width`` are percentages of its length."""

    kind: str
    value: int
    x: float
    width: float


def segments(count: Mapping[str, Any]) -> tuple[Segment, ...]:
    """The segments of a row of ``counts``, in fixed order; a row without numbers has none."""
    values = [(kind, count.get(kind) or 0) for kind in KINDS]
    total = sum(value for _, value in values)
    if not total:
        return ()
    shown = [(kind, value, max(100 * value / total, _NARROWEST)) for kind, value in values if value]
    scale = 100 / sum(width for _, _, width in shown)
    parts = []
    x = 0.0
    for kind, value, width in shown:
        parts.append(Segment(kind=kind, value=value, x=round(x, 3), width=round(width * scale, 3)))
        x += width * scale
    return tuple(parts)
