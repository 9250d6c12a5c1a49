"""Writes a run's report and pages, and makes the pages again from ``report.json`` alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from ktcheck.errors import InputError
from ktcheck.output import RunWriter, replace_files
from ktcheck.report import allure, csv, html, junit, pdf
from ktcheck.suite import PROFILES

REPORT = "report.json"
ALLURE = "allure-results"


def write_all(report: dict[str, Any], writer: RunWriter, lang: str = "nl") -> None:
    """Write ``report.json`` and every page and export of it through the run's writer.

    Raises:
        RunError: writing fails.
    """
    # The pages are made of the report as it is on disk, so that making them again gives the same bytes.
    clean = writer.redactor.clean_value({**report, "evidence": writer.evidence()})
    writer.write_json(REPORT, clean)
    for name, data in pages(clean, lang).items():
        writer.write_bytes(name, data)


def rebuild(run_dir: Path, lang: str = "nl") -> None:
    """Make the pages of a finished run again, in any language; ``report.json`` itself does not change.

    Raises:
        InputError: there is no ``report.json``, or it is not a report of this format.
        RunError: writing fails.
    """
    replace_files(run_dir, pages(read(run_dir), lang), owned=(ALLURE,))


def read(run_dir: Path) -> dict[str, Any]:
    """The report of a run, checked against ``profiles/report.schema.json``.

    Raises:
        InputError: there is no ``report.json``, or it is not a report of this format.
    """
    path = run_dir / REPORT
    if not path.exists():
        raise InputError(f"{run_dir} has no {REPORT}; give the directory of a finished run")
    return read_file(path)


def read_file(path: Path) -> dict[str, Any]:
    """A ``report.json``, wherever it is, checked against ``profiles/report.schema.json``.

    Raises:
        InputError: it cannot be read, or is not a report of this format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    return parse(data, str(path))


def parse(data: bytes, path: str) -> dict[str, Any]:
    """The same for the bytes of a ``report.json``; ``path`` is what messages call it.

    Raises:
        InputError: it is not a report of this format.
    """
    try:
        report = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path} is not valid JSON (line {error.lineno}); take the file from the run again") from None
    # The quick validator only says whether; the other one, what is wrong and where.
    wrong: ValidationError | None = None
    if not _quick().is_valid(report):
        wrong = best_match(_validator().iter_errors(report))
    if wrong is not None:
        place = "/".join(str(part) for part in wrong.absolute_path) or "the file"
        raise InputError(
            f"{path} is not a report that this version of ktcheck can read: {place} does not fit "
            f"{wrong.validator} of profiles/report.schema.json; run the test again or use the version that made it"
        )
    if not _adds_up(report):
        raise InputError(f"{path} does not add up, so it was changed after the run; take the file from the run again")
    return dict(report)


def pages(report: dict[str, Any], lang: str) -> dict[str, bytes]:
    """Every page and export by name: a pure function of the report, the language and the version of ktcheck."""
    return {
        "report.html": html.render(report, lang).encode(),
        pdf.NAME: pdf.render(report, lang),
        "junit.xml": junit.render(report, lang).encode(),
        # Without a source inventory nobody looked, and an empty table would say that everything fits.
        **({csv.NAME: csv.render(report, lang)} if report["source"] is not None else {}),
        **{f"{ALLURE}/{name}": data for name, data in allure.render(report, lang).items()},
    }


def _adds_up(report: Mapping[str, Any]) -> bool:
    """What a schema cannot say: the findings are those that were counted, and the instants exist."""
    counted = {(row["rule"], row["severity"]): row["findings"] for row in report["findings_by_rule"]}
    kept = Counter((row["rule"], row["severity"]) for row in report["findings"])
    try:
        instants = [datetime.fromisoformat(report[name]) for name in ("started", "finished")]
    except ValueError:
        return False
    return (
        instants[0] <= instants[1]
        and sum(counted.values()) == len(report["findings"]) + report["findings_omitted"]
        and all(number <= counted.get(rule, 0) for rule, number in kept.items())
        and all(row["waived"] <= row["findings"] for row in report["findings_by_rule"])
    )


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads((PROFILES / "report.schema.json").read_bytes())
    return schema


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_schema())


@cache
def _quick() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema())
