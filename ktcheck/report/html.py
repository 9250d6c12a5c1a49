"""``report.html``: one page that needs nothing else, for VZVZ, vendors and the healthcare provider."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ktcheck
from ktcheck.report import view
from ktcheck.report.bars import KINDS, NUMBERS, segments
from ktcheck.report.texts import Texts


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
        "segments": segments,
        "kinds": KINDS,
        "numbers": NUMBERS,
        "flat": view.flat,
        "anchor": view.anchor,
    }
    return _environment().get_template("report.html.j2").render(context)
