"""``report.html``: one page that needs nothing else, for VZVZ, vendors and the healthcare provider."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ktcheck
from ktcheck.report import diagram, opening, timeline, view
from ktcheck.report.bars import BEFORE, KINDS, NUMBERS, OFF, segments
from ktcheck.report.texts import Texts

TEMPLATES = Path(__file__).parent / "templates"
# A table with more rows than this is folded, and its other rows are not printed.
LONG = 10
# So many findings of a rule are printed, and so many launches drawn.
PRINTED = 5
DRAWN = 3

# The sections of the page: anchor, and name in the texts.
_CONTENTS = (
    ("doen", "actions"),
    ("volledigheid", "completeness"),
    ("keten", "chain"),
    ("launch", "launch"),
    ("stappen", "steps"),
    ("bevindingen", "findings"),
    ("mensen", "people"),
    ("scenarios", "scenarios"),
    ("eisen", "requirements"),
    ("afspraken", "agreements"),
    ("mapbaarheid", "mappability"),
    ("publicatie", "publication"),
    ("profielen", "profiles"),
    ("herhaling", "repetition"),
    ("pogingen", "attempts"),
    ("basis", "basis"),
)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
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
    asked = {key: value for key, value in (report["filter"] or {}).items() if key != "self_check"}
    steps = {name: text.label("launch_step", name) for name in text.keys("launch_step")}
    context: dict[str, Any] = {
        "report": report,
        "t": text,
        "lang": lang,
        "version": ktcheck.__version__,
        "title": text("head.title_self_check" if report.get("self_check") else "head.title"),
        "contents": _contents(report),
        "partial": asked,
        "reasons": view.reasons(report, lang),
        "tasks": opening.tasks(groups),
        "first": opening.FIRST,
        "launching": opening.launching(report),
        "timelines": [(row, timeline.lay_out(row, steps)) for row in report.get("launches") or ()],
        "drawn": DRAWN,
        "printed": PRINTED,
        "steps": opening.phases(report),
        "titles": {row["id"]: text.of(row, "title") for row in report["steps"]},
        "attempts": report.get("attempts") or [],
        "this_attempt": view.attempt(report),
        "whole": view.whole(report),
        "off_counts": {kind: number for kind in OFF if (number := view.whole(report).get(kind))},
        "since": view.since(report),
        "groups": groups,
        "actions": [(severity, view.by_owner(groups, severity)) for severity in view.SEVERITIES],
        "unproven": view.unproven(report),
        "phases": view.phases(report),
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


def compare(before: view.Report, after: view.Report, difference: view.Row, lang: str = "nl") -> str:
    """What changed from one run to another, as a page; ``difference`` is as ``previous`` in ``report.json``."""
    context: dict[str, Any] = {
        "before": before,
        "after": after,
        "difference": difference,
        "rules": {**before["rules"], **after["rules"]},
        "t": Texts(lang),
        "lang": lang,
        "version": ktcheck.__version__,
        "segments": segments,
    }
    return _environment().get_template("compare.html.j2").render(context)


def _contents(report: view.Report) -> list[tuple[str, str]]:
    """The sections that this page has."""
    absent = {
        "steps": not report["steps"],
        "people": not report["waivers"] and not report.get("confirmations"),
        "requirements": not report["requirements"],
        "repetition": report.get("self_check"),
    }
    return [(anchor, name) for anchor, name in _CONTENTS if not absent.get(name)]


def _shown_kinds(report: view.Report) -> list[str]:
    """The kinds of segments that any bar has, for the legend."""
    shown = {part.kind for row in report["counts"] for part in segments(row)}
    return [kind for kind in KINDS if kind in shown]
