"""``report.html``: one page that needs nothing else, for VZVZ, vendors and the healthcare provider."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ktcheck
from ktcheck.report import diagram, view
from ktcheck.report.bars import BEFORE, KINDS, NUMBERS, OFF, segments
from ktcheck.report.texts import Texts

# A table with more rows than this is folded.
LONG = 10


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(report: view.Report, lang: str = "nl") -> str:
    """The report as one HTML page: styles and drawings inline, no script, nothing fetched.

    Raises:
        InputError: the language is neither ``nl`` nor ``en``.
    """
    text = Texts(lang)
    groups = view.rule_groups(report)
    outcomes, areas = view.coverage(report)
    context: dict[str, Any] = {
        "report": report,
        "t": text,
        "lang": lang,
        "version": ktcheck.__version__,
        "groups": groups,
        "actions": [(severity, view.by_owner(groups, severity)) for severity in view.SEVERITIES],
        "unproven": view.unproven(report),
        "phases": view.phases(report),
        "draaiboek": view.draaiboek(report),
        "excused": view.excused(report),
        "statuses": view.status_counts(report),
        "severities": view.severity_counts(report),
        "outcomes": outcomes,
        "areas": areas,
        "completeness": view.completeness(report),
        "agreements": view.agreements(report),
        "questions": {row["key"]: row for row in report["agreements"]},
        "mappability": view.mappability(report),
        "misfits": view.kinds_of_misfit(report),
        "rounds": view.publication_rounds(report),
        "diagram": diagram.lay_out(report["publication"]["order"]) if report["publication"] else None,
        "box": (diagram.BOX_WIDTH, diagram.BOX_HEIGHT),
        "unchecked": view.unchecked(report),
        "long": LONG,
        "segments": segments,
        "kinds": _shown_kinds(report),
        # Without a domain to look in nothing can be missing, or migrated.
        "numbers": NUMBERS if report["target"] is not None else BEFORE,
        "off": OFF,
        "flat": view.flat,
        "anchor": view.anchor,
    }
    return _environment().get_template("report.html.j2").render(context)


def _shown_kinds(report: view.Report) -> list[str]:
    """The kinds of segments that any bar has, for the legend."""
    shown = {part.kind for row in report["counts"] for part in segments(row)}
    return [kind for kind in KINDS if kind in shown]
