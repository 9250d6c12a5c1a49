"""The sections of ``report.pdf`` that tell what was checked and how it went. Pure functions of the report."""

from __future__ import annotations

from ktcheck.report import view
from ktcheck.report.bars import BEFORE, NUMBERS
from ktcheck.report.layout import NOTHING, Section, section
from ktcheck.report.texts import Texts


def completeness(report: view.Report, text: Texts) -> Section:
    """How many records of each type moved."""
    if not report["counts"]:
        return section(text, "completeness", text("intro.completeness_none"))
    migrated, expected = map(text.number, view.completeness(report))
    seen = report["target"] is not None
    names = NUMBERS if seen else BEFORE
    return section(
        text,
        "completeness",
        text(f"pdf_intro.completeness{'' if seen else '_source'}", migrated=migrated, expected=expected),
        columns=[(text("column.type"), "short"), *((text(f"count.{name}"), "count") for name in names)],
        rows=[[_kind(row), *(text.number(row[name]) for name in names)] for row in report["counts"]],
    )


def _kind(count: view.Row) -> str:
    source, target = count["source_type"], count["resource_type"]
    return source if target in {None, source} else f"{source} → {target}"


def steps(report: view.Report, text: Texts) -> Section:
    """What came of every step of the draaiboek, and who confirmed what only people can show."""
    rows = []
    for row in view.draaiboek(report):
        step = row["step"]
        said = [
            f"{text.number(number)} {text('status.' + status).lower()}" for status, number in row["statuses"].items()
        ]
        said += _confirmed(step, text)
        rows.append(
            [
                step["id"],
                text.of(step, "title"),
                step["owner"],
                ", ".join(said) or NOTHING,
                text.number(row["findings"]),
            ]
        )
    names = (("step", "text"), ("owner", "text"), ("result", "text"), ("findings", "number"))
    return section(
        text,
        "steps",
        text("pdf_intro.steps"),
        columns=[("", "code"), *((text(f"column.{name}"), kind) for name, kind in names)],
        rows=rows,
    )


def _confirmed(step: view.Row, text: Texts) -> list[str]:
    """Of a step that people confirm: who did, and whether that counts."""
    own = step.get("confirmed")
    if not own:
        return [text("pdf_confirmed.missing")] if step.get("wanted") else []
    words = {"who": own["who"], "role": own["role"], "day": own["on"][:10]}
    return [text(f"pdf_confirmed.{own['state']}", **words)]


def launches(report: view.Report, text: Texts) -> Section:
    """The launches that were tried."""
    rows = [
        [
            row["id"],
            row["application"],
            text.label("user", row["user_type"]),
            text.label("launched", row["outcome"]),
            text.seconds(row["milliseconds"] / 1000),
        ]
        for row in report.get("launches") or ()
    ]
    if not rows:
        return {}
    names = (("scenario", "short"), ("application", "text"), ("user", "text"), ("result", "text"), ("time", "number"))
    return section(
        text,
        "launches",
        text("pdf_intro.launches"),
        columns=[(text.label("pdf_column", name), kind) for name, kind in names],
        rows=rows,
    )


def attempts(report: view.Report, text: Texts) -> Section:
    """The runs before this one: none may be left out of what is signed."""
    rows = [
        [
            text.moment(row["started"]),
            text(f"{'self_verdict' if row['self_check'] else 'verdict'}.{row['verdict']}"),
            text.number(row["blocking"]),
            text.number(row["major"]),
        ]
        for row in report.get("attempts") or ()
    ]
    if not rows:
        return {}
    return section(
        text,
        "attempts",
        text("pdf_intro.attempts", n=text.number(len(rows))),
        columns=[
            (text("head.started"), "text"),
            (text("pdf_section.verdict"), "text"),
            (text("severity.blocking"), "number"),
            (text("severity.major"), "number"),
        ],
        rows=rows,
    )


def agreements(report: view.Report, text: Texts) -> Section:
    """How much of what the mapping leaves open is agreed."""
    total = len(report["agreements"])
    unanswered = sum(not row["agreed"] for row in report["agreements"])
    key = "agreements_none" if not total else "agreements" if unanswered else "agreements_all"
    words = {"total": text.number(total), "open": text.number(unanswered)}
    return section(text, "agreements", text(f"pdf_intro.{key}", **words))


def evidence(report: view.Report, text: Texts) -> Section:
    """The heads of the chains of evidence."""
    rows = [[row["file"], text.number(row["lines"]), row["head"]] for row in report.get("evidence") or ()]
    if not rows:
        return section(text, "evidence", text("pdf_intro.no_evidence"))
    columns = [("file", "code"), ("lines", "number"), ("head", "code")]
    return section(
        text,
        "evidence",
        text("pdf_intro.evidence"),
        columns=[(text(f"pdf_column.{name}"), kind) for name, kind in columns],
        rows=rows,
    )
