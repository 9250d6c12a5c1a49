"""The segments of the completeness bars: one bar a row, whole bar = everything that the row counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The columns of the table.
NUMBERS = (
    "source",
    "expected",
    "migrated",
    "different",
    "not_comparable",
    "missing",
    "duplicate",
    "unexpected",
    "not_migrated",
)
# The columns when there is a source only.
BEFORE = ("source", "expected", "not_migrated")
# The segments of a bar. ``same`` and ``different`` are what was migrated, ``unseen`` what nobody could look for.
KINDS = ("same", "different", "unseen", "missing", "duplicate", "unexpected", "not_migrated")
# What is told beside a bar, because it asks for something.
OFF = ("different", "missing", "duplicate", "unexpected")

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
    """The segments of a row of ``counts``, in fixed order; a row without numbers has none.

    Migrated records with a value that could not be compared have no segment: a record can have such a value and a
    different one too, so they cannot be told apart in the numbers. The table and the words beside the bar have them.
    """
    parted = _parted(count)
    values = [(kind, parted[kind]) for kind in KINDS]
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


def _parted(count: Mapping[str, Any]) -> dict[str, int]:
    """The numbers without overlap: a different record is a migrated one, and what is not known counts for nothing."""
    known = {name: count.get(name) or 0 for name in NUMBERS}
    # It counts once for each resource, so a record that was moved twice can be different twice.
    different = min(known["different"], known["migrated"])
    return {
        **known,
        "different": different,
        "same": known["migrated"] - different,
        "unseen": max(0, known["expected"] - known["migrated"] - known["missing"]),
    }
