"""A template for a practice domain: the domain itself as a first one, approved, but for what a defect changed in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ktcheck import domain as domains
from ktcheck.events import Bus, RunFinished, RunStarted
from ktcheck.findings import Verdict
from ktcheck.output import json_bytes
from ktcheck.preparation import prepare
from ktcheck.privacy import Pseudonyms
from ktcheck.report.builder import ReportBuilder
from ktcheck.sandbox.materialised import Repeats
from ktcheck.signed_file import quoted

_WHEN = "2026-01-05T09:00:00Z"


def write_template(domain_file: Path, path: Path, repeats: Repeats, environment: Mapping[str, str]) -> str:
    """Write the template of the domain of a domain file; returns the sections for the file that repeats it.

    Nobody logs in for it, so it knows no launches but those that ``repeats`` tells of. ``environment`` is what the
    domain file needs.
    """
    domain = domains.load(domain_file).model_copy(update={"launch": None})
    with tempfile.TemporaryDirectory(prefix="ktcheck-template-") as work, _set(environment):
        prepared = prepare(domain, Path(work), Bus(), evidence=lambda _: None, secret=lambda _: None)
        prepared.assessment.close()
    shape: dict[str, dict[str, Any]] = {aspect: dict(found) for aspect, found in (prepared.shape or {}).items()}
    for aspect in ("launch", *repeats.without):
        shape[aspect] = {}
    for aspect, changes in repeats.shape.items():
        shape[aspect] |= changes
    builder = ReportBuilder(Pseudonyms.fresh())
    facts = prepared.facts() | {"domain": f"{domain.domain.name}-eerste", "shape": shape}
    builder(RunStarted(started=_WHEN, facts=facts, scenarios=0))
    builder(RunFinished(finished=_WHEN, verdict=Verdict.APPROVED, reasons=(), counts=()))
    path.write_bytes(json_bytes(builder.report() | repeats.report))
    lines = ["", "[template]", f"report = {quoted(path.name)}"]
    for row in repeats.explained:
        lines += ["", "[[template.explained]]", *(f"{key} = {quoted(value)}" for key, value in row.items())]
    return "\n".join([*lines, ""])


@contextmanager
def _set(environment: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
