"""``report.pdf``: the report as a document that can be printed, signed and kept.

It is a PDF/A-2 for archives and a PDF/UA for assistive tools. Typst sets it, with the fonts that it brings along; it
gets the document as JSON, so no value is ever part of the markup.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from ktcheck.report import view
from ktcheck.report.document import document
from ktcheck.report.texts import Texts

NAME = "report.pdf"

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_STANDARDS: list[typst.PDFStandard] = ["a-2u", "ua-1"]
# What the fonts have: Latin, Greek, Cyrillic, punctuation, arrows and mathematical signs. A PDF/A may not hold more.
_KNOWN = (
    (0x20, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x377),
    (0x3A3, 0x4FF),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x20A0, 0x20BF),
)
_SIGNS = ((0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF))


def render(report: view.Report, lang: str = "nl") -> bytes:
    """The report as PDF. The same report gives the same bytes with the same version of Typst.

    Raises:
        InputError: the language is neither ``nl`` nor ``en``.
    """
    data = printable(document(report, Texts(lang)))
    finished = datetime.fromisoformat(report["finished"]).astimezone(UTC)
    data["finished"] = [finished.year, finished.month, finished.day, finished.hour, finished.minute, finished.second]
    made = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"document": orjson.dumps(data).decode()},
        pdf_standards=_STANDARDS,
        timestamp=finished,
    )
    return bytes(made)


def printable(value: Any) -> Any:
    """A JSON value whose texts hold only what the fonts have; ``�`` stands for the rest."""
    if isinstance(value, str):
        return "".join(map(_printable, unicodedata.normalize("NFC", value)))
    if isinstance(value, dict):
        return {name: printable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [printable(item) for item in value]
    return value


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    known = any(low <= ord(character) <= high for low, high in (*_KNOWN, *_SIGNS))
    return character if known and unicodedata.category(character) != "Cn" else "�"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
