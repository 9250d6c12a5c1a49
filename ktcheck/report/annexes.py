"""The annexes of ``report.pdf``: the outcome per requirement, and questions without an agreement. Pure functions."""

from __future__ import annotations

from ktcheck.report import view
from ktcheck.report.layout import Section, section
from ktcheck.report.texts import Texts

_ORDER = ("violated", "not_evidenced", "verified")


def requirements(report: view.Report, text: Texts) -> list[Section]:
    """Of each outcome the requirements with their statement; of what no scenario checks only the ids."""
    if not report["requirements"]:
        return []
    outcomes, areas = view.coverage(report)
    counts = {name: text.number(number) for name, number in outcomes.items()}
    total = text.number(len(report["requirements"]))
    everything = [row for _, rows in areas for row in rows]
    rest = [row["id"] for row in everything if row["outcome"] == "not_covered"]
    return [
        section(text, "requirements", text("pdf_intro.requirements", total=total, **counts)),
        *(_outcome(text, name, [row for row in everything if row["outcome"] == name]) for name in _ORDER),
        _paragraph(text, "not_covered", text("pdf_intro.not_covered", ids=", ".join(rest))) if rest else {},
    ]


def _outcome(text: Texts, outcome: str, rows: list[view.Row]) -> Section:
    if not rows:
        return {}
    told = outcome != "verified"
    made = section(
        text,
        "requirements",
        level=2,
        columns=[
            (text("column.requirement"), "code"),
            (text("column.statement"), "text"),
            *([(text("column.why"), "short")] if told else []),
        ],
        rows=[
            [row["id"], text.of(row, "statement").replace("`", ""), *([text.of(row, "reason")] if told else [])]
            for row in rows
        ],
    )
    return {**made, "title": f"{text('outcome.' + outcome)} ({text.number(len(rows))})"}


def _paragraph(text: Texts, outcome: str, paragraph: str) -> Section:
    return {**section(text, "requirements", paragraph, level=2), "title": text(f"outcome.{outcome}")}


def open_questions(report: view.Report, text: Texts) -> Section:
    """The questions that nobody answered, with the default that the run went by, and who decides."""
    undecided, _ = view.agreements(report)
    rows = [
        [text.of(row, "title"), text.of(row, "option"), nl if text.lang == "nl" else en]
        for nl, en, questions in undecided
        for row in questions
    ]
    if not rows:
        return {}
    names = ("question", "default", "decides")
    return section(text, "open_questions", columns=[(text(f"column.{name}"), "text") for name in names], rows=rows)
