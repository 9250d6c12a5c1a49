"""What ``report.pdf`` says: a document that can be signed, as plain data for the template. Pure functions."""

from __future__ import annotations

import hashlib
from typing import Any

from ktcheck.output import json_bytes
from ktcheck.report import annexes, deviations, sections, view
from ktcheck.report.layout import NOTHING, section
from ktcheck.report.texts import Texts

BLOCKS = 12


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
            sections.completeness(report, text),
            sections.steps(report, text),
            sections.launches(report, text),
            section(text, "deviations"),
            deviations.findings(report, text),
            deviations.unproven(report, text),
            deviations.waivers(report, text),
            sections.agreements(report, text),
            sections.attempts(report, text),
            sections.evidence(report, text),
        ],
        "signatures": _signatures(report, text),
        "annexes": [*annexes.requirements(report, text), annexes.open_questions(report, text)],
    }


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
    seen = [
        f"{row['application']}: {text('seen.' + row['seen'])}"
        + (f", {text('self_verdict.' + row['verdict']).lower()}" if row["verdict"] else "")
        for row in report.get("self_checks") or ()
    ]
    versions = [f"{text.label('fact', key)} {value}" for key, _, value in view.flat(report["versions"])]
    values = {
        "domain": report["domain"],
        "environment": report["domain_environment"],
        "cluster": f"{report['cluster'] or NOTHING}, {place}",
        "participants": "; ".join(applications),
        **({"self_checks": "; ".join(seen)} if seen else {}),
        "extent": text("pdf_scope.part", filter=wanted) if wanted else text("pdf_scope.whole"),
        "run": text("pdf_scope.took", moment=text.moment(report["started"]), time=took),
        "versions": ", ".join(versions),
        "source": text("pdf_scope.source_read", files=text.number(source.get("files"))) if source else None,
        "target": str(target.get("taken_from") or NOTHING) if target else None,
        "baseline": report["baseline"],
        "environment_hash": report["environment"],
        "report": digest,
    }
    return [
        [text(f"pdf_scope.{key}"), text("pdf_scope.not_read") if value is None else value or NOTHING]
        for key, value in values.items()
    ]


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
