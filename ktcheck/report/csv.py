"""``mapbaarheid.csv``: the inventory of incompatibilities as a sheet, to sort, filter and divide the work."""

from __future__ import annotations

import csv
import io

from ktcheck.report import view
from ktcheck.report.texts import Texts

NAME = "mapbaarheid.csv"

COLUMNS = (
    "application",
    "kt1",
    "element",
    "kt2",
    "records",
    "kind",
    "row_status",
    "consequence",
    "agreement",
    "agreed",
    "decides",
    "row",
)

_FORMULA = ("=", "+", "-", "@")


def render(report: view.Report, lang: str = "nl") -> bytes:
    """The sheet in UTF-8 with a byte order mark and semicolons, which Excel with Dutch settings opens as it is.

    A line for each element of each application, in the order of ``report.html``, under a line with the names of the
    columns.
    """
    text = Texts(lang)
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(text(f"sheet.{column}") for column in COLUMNS)
    for group in view.mappability(report):
        for row in group.rows:
            sheet.writerow(_cell(value) for value in _line(row, text))
    return out.getvalue().encode("utf-8-sig")


def _line(row: view.Row, text: Texts) -> tuple[object, ...]:
    """The values of a row in the order of ``COLUMNS``."""
    return (
        row["application"] or text("word.undecided"),
        row["kt1"],
        row["element"],
        row["kt2"] or "",
        row["records"],
        text(f"kind.{row['kind']}"),
        text(f"row_status.{row['status']}"),
        text.of(row, "consequence"),
        row["agreement"] or "",
        text.value(row["agreed"]) if row["agreement"] else "",
        text.of(row, "decides"),
        row["row"],
    )


def _cell(value: object) -> object:
    """A value that a spreadsheet takes as text: one that looks like a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(_FORMULA) else value
