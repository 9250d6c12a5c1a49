"""Whether the IT participants checked themselves, with the same suite, before the acceptance run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ktcheck.domain import Application, Domain
from ktcheck.errors import InputError
from ktcheck.report import build


def self_checks(domain: Domain, baseline: str) -> list[dict[str, Any]]:
    """A row for each application of the domain file but the suite's own, with the self-check that was handed in.

    Raises:
        InputError: what an application handed in is no report, or not of its own self-check of this domain.
    """
    return list(_rows(domain, baseline))


def _rows(domain: Domain, baseline: str) -> Iterable[dict[str, Any]]:
    suite = domain.client.client_id if domain.client else None
    for app in domain.application:
        if app.client_id == suite:
            continue
        row = {"application": app.name, "seen": "not_seen", "verdict": None, "finished": None, "partial": False}
        if app.self_check:
            report = build.read_file(app.self_check)
            _refuse_another(app, domain.domain.name, report)
            row |= {
                "seen": "same_baseline" if report["baseline"] == baseline else "other_baseline",
                "verdict": report["verdict"],
                "finished": report["finished"],
                "partial": bool((report["filter"] or {}).keys() - {"self_check"}),
            }
        yield row


def _refuse_another(app: Application, domain: str, report: dict[str, Any]) -> None:
    of = (report.get("self_check") or {}).get("application")
    if of is None:
        raise InputError(
            f"{app.self_check}: this is no self-check; give the report.json that 'ktcheck run --self-check' "
            f"made for {app.name!r}"
        )
    if of != app.name or report["domain"] != domain:
        raise InputError(
            f"{app.self_check}: this is the self-check of {of!r} in {report['domain']!r}, "
            f"not of {app.name!r} in {domain!r}; give the right file"
        )
