"""The sections of ``report.pdf`` that tell what is not as it should be, and what was accepted. Pure functions."""

from __future__ import annotations

from ktcheck.report import view
from ktcheck.report.layout import Section, section
from ktcheck.report.texts import Texts

RULES = 60


def findings(report: view.Report, text: Texts) -> Section:
    """The open findings, one row for each rule and actiehouder, the heaviest first."""
    groups = [group for group in view.rule_groups(report) if group.waived < group.total]
    rows = [
        (owner or text("word.unknown"), number, group)
        for severity in view.SEVERITIES
        for owner, owned in view.by_owner(groups, severity)
        for group, number in owned
    ]
    if not rows:
        return section(text, "findings", text("pdf_intro.no_findings"), level=2)
    counts = dict.fromkeys(view.SEVERITIES, 0)
    for group in groups:
        counts[group.severity] += group.total - group.waived
    rest = rows[RULES:]
    left = sum(number for _, number, _ in rest)
    return section(
        text,
        "findings",
        text("pdf_intro.findings", **{severity: text.number(number) for severity, number in counts.items()}),
        level=2,
        columns=[
            (text("pdf_column.severity"), "short"),
            (text("column.owner"), "text"),
            (text("column.number"), "number"),
            (text("column.rule"), "text"),
            (text("column.remedy"), "text"),
        ],
        rows=[
            [
                text(f"severity.{group.severity}"),
                owner,
                text.number(number),
                _rule(group, text),
                text.of(group.text, "remedy"),
            ]
            for owner, number, group in rows[:RULES]
        ],
        note=text("pdf.more_rules", rules=text.number(len(rest)), n=text.number(left)) if rest else "",
    )


def _rule(group: view.RuleGroup, text: Texts) -> str:
    title = text.of(group.text, "title") or group.id
    if not group.waived:
        return title
    return f"{title} ({text('word.waived_of', n=text.number(group.waived), total=text.number(group.total))})"


def unproven(report: view.Report, text: Texts) -> Section:
    """What had to be checked and was not."""
    rows = [
        [
            text(f"status.{status}"),
            text.number(len(ids)),
            reason or text(f"status_meaning.{status}"),
            ", ".join(dict.fromkeys(ids)),
        ]
        for status, reason, ids in view.unproven(report)
    ]
    if not rows:
        return {}
    return section(
        text,
        "unproven",
        text("pdf_intro.unproven"),
        level=2,
        columns=[
            (text("column.status"), "short"),
            (text("column.number"), "number"),
            (text("column.why"), "text"),
            (text("column.scenarios"), "text"),
        ],
        rows=rows,
    )


def waivers(report: view.Report, text: Texts) -> Section:
    """What somebody accepted: who, why, until when, and which step follows it up."""
    rows = [
        [
            row["id"],
            text.of(report["rules"].get(row["rule"], {}), "title") or row["rule"],
            f"{text.number(row['findings'])} {text('word.of')} {text.number(row['most'])}",
            f"{row['who']}, {row['role']} ({row['on']})",
            row["why"],
            row["until"],
            row["step"],
            text(f"waiver_state.{row['state']}"),
        ]
        for row in report["waivers"]
    ]
    if not rows:
        return section(text, "waivers", text("pdf_intro.no_waivers"), level=2)
    return section(
        text,
        "waivers",
        text("pdf_intro.waivers"),
        level=2,
        columns=[
            ("", "short"),
            (text("column.rule"), "text"),
            (text("column.findings"), "number"),
            (text("pdf_column.who"), "text"),
            (text("pdf_column.reason"), "text"),
            (text("pdf_column.until"), "short"),
            (text("pdf_column.after"), "short"),
            (text("pdf_column.state"), "short"),
        ],
        rows=rows,
    )
