"""The building block of ``report.pdf``: a section with its table, as plain data for the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ktcheck.report.texts import Texts

Section = dict[str, Any]
Column = tuple[str, str]
"""Title and kind: ``text`` and ``count`` share the room there is; ``short``, ``number`` and ``code`` take their own."""

# More rows than this nobody signs for one by one; report.html has them all.
ROWS = 100
NOTHING = "–"


def section(
    text: Texts,
    key: str,
    *paragraphs: str,
    level: int = 1,
    columns: Sequence[Column] = (),
    rows: Sequence[Sequence[str]] = (),
    note: str = "",
) -> Section:
    """A heading (``pdf_section.<key>``), paragraphs, a table of at most ``ROWS`` rows, and a note below it."""
    made: Section = {"title": text(f"pdf_section.{key}"), "level": level, "paragraphs": list(paragraphs)}
    if rows:
        titles = [{"title": title, "kind": kind} for title, kind in columns]
        made["table"] = {"columns": titles, "rows": [list(row) for row in rows[:ROWS]]}
    if len(rows) > ROWS:
        note = note or text("pdf.more_rows", n=text.number(len(rows) - ROWS))
    return {**made, "note": note}
