"""What a misfit means and who decides, in sentences (``profiles/mappability.yaml`` and the notes of the mapping)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ktcheck import tables
from ktcheck.agreements import questions
from ktcheck.facts import Misfit
from ktcheck.mapping.table import Row, rows

_SENTENCES = tuple(f"{part}_{language}" for part in ("consequence", "decides") for language in ("nl", "en"))


def said(misfit: Misfit, kt1: str) -> dict[str, str]:
    """``consequence_nl``, ``consequence_en``, ``decides_nl`` and ``decides_en`` of a misfit in records of a KT1 kind.

    Nothing in it is personal. Who decides is who the question says, or else who usually does about that kind of misfit.
    """
    row = rows()[misfit.row]
    text = _table()["default" if misfit.kind == "required" and row.required == "default" else misfit.kind]
    words = {"kt2": place(row, kt1), "default": _spelt(row.default)}
    found = {name: str(text[name]).format_map(words) for name in _SENTENCES}
    if text.get("note"):
        notes = {"consequence_nl": row.note_nl, "consequence_en": row.note_en}
        found |= {name: note for name, note in notes.items() if note}
    if misfit.agreement:
        question = questions()[misfit.agreement]
        found |= {"decides_nl": question.decides_nl, "decides_en": question.decides_en}
    return found


def element(row: Row, kt1: str) -> str:
    """The KT1 element of a row, in a record of that kind: of a datatype with the element that has it before it."""
    part = row.applies.get(kt1)
    return f"{part}.{row.element}" if part else row.element


def place(row: Row, kt1: str) -> str | None:
    """Where the element goes in KT2 (``Patient.gender``), None when nowhere."""
    if row.kt2 is None or row.kt2_path is None:
        return None
    moved = tables.migration().rows.get(kt1)
    resource_type = (moved.kt2 if moved else None) if row.kt2 == "*" else row.kt2
    if resource_type is None or row.kt2_path.startswith(resource_type):
        return row.kt2_path
    return f"{resource_type}.{row.kt2_path}"


def _spelt(value: str | bool | None) -> str | None:
    return str(value).lower() if isinstance(value, bool) else value


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = tables.read("mappability.yaml")["kinds"]
    return found
