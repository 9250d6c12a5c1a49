"""What ``report.pdf`` says: the sections of a document that can be signed, as plain data. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from ktcheck.output import json_bytes
from ktcheck.report import view
from ktcheck.report.bars import BEFORE, NUMBERS
from ktcheck.report.texts import Texts

Section = dict[str, Any]
"""``title`` and ``level``, and in this order: ``paragraphs``, a ``table`` and a ``note`` below it."""

# More rows than this nobody signs for one by one; report.html has them all.
RULES = 60
ROWS = 100
BLOCKS = 12
_PLACEHOLDER = "–"


def document(report: view.Report, text: Texts) -> dict[str, Any]:
    """The whole document: head, verdict, sections, signatures and annexes."""
    digest = hashlib.sha256(json_bytes(report)).hexdigest()
    verdict, own = report["verdict"], report.get("self_check")
    return {
        "lang": text.lang,
        "title": text("pdf.title", domain=report["domain"])
        if not own
        else text("intro.self_check", name=own["application"]),
        "kicker": text("pdf.kicker") if not own else text("intro.self_check", name=own["application"]),
        "heading": text("pdf.heading" if not own else "head.title_self_check"),
        "subtitle": " · ".join(filter(None, (report["domain"], report["domain_environment"], report["cluster"]))),
        "footer": " · ".join((report["domain"], text.verdict(report), text("pdf.belongs", hash=digest[:16]))),
        "page": text("pdf.page"),
        "of": text("pdf.of"),
        "verdict": {
            "title": text("pdf_section.verdict"),
            "kind": verdict,
            "word": text.verdict(report),
            "meaning": text(f"{'self_meaning' if own else 'meaning'}.{verdict}"),
            "reasons": list(report["reasons"]),
        },
        "scope": {"title": text("pdf_section.scope"), "rows": _scope(report, text, digest)},
        "sections": [
            _completeness(report, text),
            _steps(report, text),
            _heading(text, "deviations"),
            *_findings(report, text),
            _unproven(report, text),
            _waivers(report, text),
            _confirmations(report, text),
            _agreements(report, text),
            _evidence(report, text),
        ],
        "signatures": _signatures(report, text),
        "annexes": [_requirements(report, text), _open_questions(report, text)],
    }


def _heading(text: Texts, key: str, *paragraphs: str, level: int = 1) -> Section:
    """A section without a table."""
    return {"title": text(f"pdf_section.{key}"), "level": level, "paragraphs": list(paragraphs)}


def _table(titles: Sequence[str], kinds: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, Any]:
    """A table; a kind is ``text`` (takes the room there is), ``short``, ``number``, ``count`` (wide) or ``code``."""
    columns = [{"title": title, "kind": kind} for title, kind in zip(titles, kinds, strict=True)]
    return {"columns": columns, "rows": [list(row) for row in rows]}


def participants(report: view.Report) -> dict[str, list[str]]:
    """The applications that the run knows of, and the KT1 types of which each is the source."""
    found: dict[str, list[str]] = {}
    for row in report["counts"]:
        for own in row["applications"]:
            # A name in parentheses is none: whose the records are is not known.
            if own["name"] and not own["name"].startswith("("):
                found.setdefault(own["name"], []).append(row["source_type"])
    for row in (report["publication"] or {"order": ()})["order"]:
        if row["application"]:
            found.setdefault(row["application"], [])
    return dict(sorted(found.items()))


def _scope(report: view.Report, text: Texts, digest: str) -> list[list[str]]:
    first = report["sequence"] == 1
    place = text("head.first") if first else text("head.sequence", n=report["sequence"])
    applications = [
        text("pdf_scope.participant_types", name=name, types=", ".join(types)) if types else name
        for name, types in participants(report).items()
    ]
    wanted = "; ".join(
        f"{text.label('filter', key)} {', '.join(value) if isinstance(value, list) else value}"
        for key, value in (report["filter"] or {}).items()
    )
    source, target = report["source"], report["target"]
    took = text.duration(report["started"], report["finished"])
    versions = [f"{text.label('fact', key)} {value}" for key, _, value in view.flat(report["versions"])]
    values = {
        "domain": report["domain"],
        "environment": report["domain_environment"],
        "cluster": f"{report['cluster'] or _PLACEHOLDER}, {place}",
        "participants": "; ".join(applications),
        "extent": text("pdf_scope.part", filter=wanted) if wanted else text("pdf_scope.whole"),
        "run": text("pdf_scope.took", moment=text.moment(report["started"]), time=took),
        "versions": ", ".join(versions),
        "source": text("pdf_scope.source_read", files=text.number(source.get("files"))) if source else None,
        "target": str(target.get("taken_from") or _PLACEHOLDER) if target else None,
        "baseline": report["baseline"],
        "environment_hash": report["environment"],
        "report": digest,
    }
    return [
        [text(f"pdf_scope.{key}"), text("pdf_scope.not_read") if value is None else value or _PLACEHOLDER]
        for key, value in values.items()
    ]


def _completeness(report: view.Report, text: Texts) -> Section:
    migrated, expected = map(text.number, view.completeness(report))
    if not report["counts"]:
        return _heading(text, "completeness", text("intro.completeness_none"))
    seen = report["target"] is not None
    names = NUMBERS if seen else BEFORE
    intro = text(f"pdf_intro.completeness{'' if seen else '_source'}", migrated=migrated, expected=expected)
    titles = [text("column.type"), *(text(f"count.{name}") for name in names)]
    rows = [[_kind(row), *(text.number(row[name]) for name in names)] for row in report["counts"]]
    table = _table(titles, ["short", *("count" for _ in names)], rows)
    return {**_heading(text, "completeness", intro), "table": table}


def _kind(count: view.Row) -> str:
    source, target = count["source_type"], count["resource_type"]
    return source if target in {None, source} else f"{source} → {target}"


def _steps(report: view.Report, text: Texts) -> Section:
    rows = []
    for row in view.draaiboek(report):
        step = row["step"]
        ended = [
            f"{text.number(number)} {text('status.' + status).lower()}" for status, number in row["statuses"].items()
        ]
        said = step.get("confirmed")
        if said or (step.get("confirm") and not ended):
            ended.append(text(f"confirmed_state.{said['state'] if said else 'not_yet'}"))
        outcome = ", ".join(ended) or _PLACEHOLDER
        rows.append([step["id"], text.of(step, "title"), step["owner"], outcome, text.number(row["findings"])])
    titles = ["", *(text(f"column.{name}") for name in ("step", "owner", "result", "findings"))]
    table = _table(titles, ["code", "text", "text", "text", "number"], rows)
    return {**_heading(text, "steps", text("pdf_intro.steps")), "table": table}


def _findings(report: view.Report, text: Texts) -> list[Section]:
    """The open findings, one row for each rule and actiehouder, the heaviest first."""
    groups = view.rule_groups(report)
    if not groups:
        return [_heading(text, "findings", text("pdf_intro.no_findings"), level=2)]
    rows = [
        (owner or text("word.unknown"), number, group)
        for severity in view.SEVERITIES
        for owner, owned in view.by_owner(groups, severity)
        for group, number in owned
    ]
    counts = {severity: text.number(number) for severity, number in view.severity_counts(report).items()}
    titles = [text("pdf_column.severity"), *(text(f"column.{name}") for name in ("owner", "number", "rule", "remedy"))]
    lines = [
        [
            text(f"severity.{group.severity}"),
            owner,
            text.number(number),
            text.of(group.text, "title") or group.id,
            text.of(group.text, "remedy"),
        ]
        for owner, number, group in rows[:RULES]
    ]
    section = {
        **_heading(text, "findings", text("pdf_intro.findings", **counts), level=2),
        "table": _table(titles, ["short", "text", "number", "text", "text"], lines),
    }
    rest = rows[RULES:]
    if rest:
        left = sum(number for _, number, _ in rest)
        section["note"] = text("pdf.more_rules", rules=text.number(len(rest)), n=text.number(left))
    return [section]


def _unproven(report: view.Report, text: Texts) -> Section:
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
    titles = [text(f"column.{name}") for name in ("status", "number", "why", "scenarios")]
    return {
        **_heading(text, "unproven", text("pdf_intro.unproven"), level=2),
        "table": _table(titles, ["short", "number", "text", "text"], rows[:ROWS]),
        "note": _rest(text, len(rows)),
    }


def _waivers(report: view.Report, text: Texts) -> Section:
    waivers = report["waivers"]
    if not waivers:
        return _heading(text, "waivers", text("pdf_intro.no_waivers"), level=2)
    titles = [
        text("column.rule"),
        *(text(f"pdf_column.{name}") for name in ("who", "reason", "until", "after", "state")),
    ]
    rows = [
        [
            str(row["rule"]),
            ", ".join(str(row[key]) for key in ("who", "role") if row.get(key)),
            str(row.get("why") or ""),
            str(row.get("until") or ""),
            str(row.get("step") or ""),
            text.label("pdf_state", str(row.get("state") or "")),
        ]
        for row in waivers[:ROWS]
    ]
    return {
        **_heading(text, "waivers", text("pdf_intro.waivers"), level=2),
        "table": _table(titles, ["text", "text", "text", "short", "short", "short"], rows),
        "note": _rest(text, len(waivers)),
    }


def _confirmations(report: view.Report, text: Texts) -> Section:
    confirmations = report.get("confirmations") or []
    if not confirmations:
        return {}
    titles = [text(f"column.{name}") for name in ("step", "signed", "grounds", "state")]
    rows = [
        [
            str(row["step"]),
            f"{row['who']}, {row['role']}, {text.day(row['on'])}",
            str(row["grounds"]),
            text(f"confirmed_state.{row['state']}"),
        ]
        for row in confirmations[:ROWS]
    ]
    return {
        **_heading(text, "confirmations", text("intro.confirmations"), level=2),
        "table": _table(titles, ["short", "text", "text", "text"], rows),
        "note": _rest(text, len(confirmations)),
    }


def _agreements(report: view.Report, text: Texts) -> Section:
    total = len(report["agreements"])
    open_ = sum(not row["agreed"] for row in report["agreements"])
    key = "agreements_none" if not total else "agreements" if open_ else "agreements_all"
    words = {"total": text.number(total), "open": text.number(open_)}
    return _heading(text, "agreements", text(f"pdf_intro.{key}", **words))


def _open_questions(report: view.Report, text: Texts) -> Section:
    undecided, _ = view.agreements(report)
    rows = [
        [text.of(row, "title"), text.of(row, "option"), nl if text.lang == "nl" else en]
        for nl, en, questions in undecided
        for row in questions
    ]
    if not rows:
        return {}
    titles = [text(f"column.{name}") for name in ("question", "default", "decides")]
    return {
        **_heading(text, "open_questions"),
        "table": _table(titles, ["text", "text", "text"], rows[:ROWS]),
        "note": _rest(text, len(rows)),
    }


def _evidence(report: view.Report, text: Texts) -> Section:
    rows = [[row["file"], text.number(row["lines"]), row["head"]] for row in report.get("evidence") or ()]
    if not rows:
        return _heading(text, "evidence", text("pdf_intro.no_evidence"))
    titles = [text(f"pdf_column.{name}") for name in ("file", "lines", "head")]
    table = _table(titles, ["code", "number", "code"], rows)
    return {**_heading(text, "evidence", text("pdf_intro.evidence")), "table": table}


def _requirements(report: view.Report, text: Texts) -> Section:
    """What was looked at, with its statement; of what was not, the ids."""
    outcomes, areas = view.coverage(report)
    if not report["requirements"]:
        return {}
    covered = [row for _, rows in areas for row in rows if row["outcome"] != "not_covered"]
    covered.sort(key=lambda row: ("violated", "not_evidenced", "verified").index(row["outcome"]))
    rows = [
        [
            row["id"],
            text.of(row, "statement").replace("`", ""),
            text("outcome." + row["outcome"]),
            text.of(row, "reason"),
        ]
        for row in covered
    ]
    counts = {name: text.number(number) for name, number in outcomes.items()}
    section = _heading(
        text, "requirements", text("pdf_intro.requirements", total=len(report["requirements"]), **counts)
    )
    titles = [text(f"column.{name}") for name in ("requirement", "statement", "result", "why")]
    if rows:
        section["table"] = _table(titles, ["code", "text", "short", "short"], rows)
    rest = [row["id"] for _, own in areas for row in own if row["outcome"] == "not_covered"]
    if rest:
        section["note"] = text("pdf_intro.not_covered", n=text.number(len(rest)), ids=", ".join(rest))
    return section


def _signatures(report: view.Report, text: Texts) -> dict[str, Any]:
    """A block for each party; with many applications one for all of them together."""
    own = report.get("self_check")
    names = list(participants(report)) if not own else [own["application"]]
    parties = [text("pdf_sign.participant", name=name) for name in names]
    if not names or len(names) > BLOCKS:
        parties = [text("pdf_sign.participants")]
    return {
        "title": text("pdf_section.signatures"),
        "statement": text(f"pdf_sign.{'self_check' if own else report['verdict']}", domain=report["domain"]),
        "fields": [text(f"pdf_sign.{name}") for name in ("name", "function", "date", "signature")],
        "blocks": parties
        if own
        else [text("pdf_sign.vzvz"), text("pdf_sign.provider"), *parties, text("pdf_sign.facilitator")],
    }


def _rest(text: Texts, total: int) -> str:
    return text("pdf.more_rows", n=text.number(total - ROWS)) if total > ROWS else ""
