"""The runs of a domain: what lies below its folder of reports, and which of them tells how the domain stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ktcheck.cluster.plan import PlannedDomain
from ktcheck.errors import InputError
from ktcheck.repetition import Template
from ktcheck.report import build

Report = Mapping[str, Any]
Trouble = Literal["damaged", "other_domain", "other_environment", "other_place", "not_what_it_found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What was found of a domain.

    ``newest`` is the run that tells how it stands, in ``folder``; ``attempts`` how many runs of the whole domain there
    are, ``partial`` how many of a selection. ``troubles`` are reports that could not be used, by their place below the
    folder of reports, and why.
    """

    newest: Report | None = None
    folder: Path | None = None
    attempts: int = 0
    partial: int = 0
    troubles: tuple[tuple[str, Trouble], ...] = ()


def look(domain: PlannedDomain, reports: Path) -> Runs:
    """Read the runs of a domain below its folder of reports, which need not be there yet.

    The newest run of the whole domain tells how it stands; while there is none, the newest of a selection. A self-check
    is no run of the domain: it says what one participant saw of its own part.
    """
    whole: list[tuple[str, Path, Report]] = []
    partial: list[tuple[str, Path, Report]] = []
    troubles: list[tuple[str, Trouble]] = []
    for path in sorted(reports.rglob(build.REPORT)):
        place = path.parent.relative_to(reports)
        if any(part.startswith(".") for part in place.parts):
            continue  # of a run that has not ended
        try:
            report = build.read_file(path)
        except InputError:
            troubles.append((place.as_posix(), "damaged"))
            continue
        if trouble := _trouble(domain, report):
            troubles.append((place.as_posix(), trouble))
        elif not report.get("self_check"):
            (partial if report["filter"] else whole).append((report["started"], path.parent, report))
    runs = sorted(whole or partial, key=lambda run: run[:2])
    _, folder, newest = runs[-1] if runs else (None, None, None)
    return Runs(newest=newest, folder=folder, attempts=len(whole), partial=len(partial), troubles=tuple(troubles))


def _trouble(domain: PlannedDomain, report: Report) -> Trouble | None:
    """Why a report says nothing of this domain."""
    if report["domain"] != domain.name:
        return "other_domain"
    if domain.environment and report["domain_environment"] != domain.environment:
        return "other_environment"
    if (report["cluster"], report["sequence"]) != (domain.cluster, domain.sequence):
        return "other_place"
    if "not-what-it-found" in Template(report=report).wrong(domain.cluster, ""):
        return "not_what_it_found"
    return None
