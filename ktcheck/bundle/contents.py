"""What is in a bundle: the files, the manifest that sums them up, and the statement that is signed. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import ktcheck
from ktcheck.findings import Severity, Status, Verdict
from ktcheck.report import view
from ktcheck.suite import pages_hash

MANIFEST = "manifest.json"
ENVELOPE = "statement.dsse.json"
KEY = "key.jwk.json"
FORMAT = 1

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

# What writes the bytes of the pages.
_LIBRARIES = ("allure-python-commons", "jinja2", "lxml", "orjson", "typst")
# in-toto has three results. A run without a verdict shows nothing, so it is not passed either.
_RESULTS = {
    Verdict.APPROVED: "PASSED",
    Verdict.APPROVED_WITH_RESERVATIONS: "WARNED",
    Verdict.REJECTED: "FAILED",
    Verdict.INCOMPLETE: "FAILED",
}


def made_by() -> dict[str, str]:
    """What the bytes of the pages depend on besides the report."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return {"ktcheck": ktcheck.__version__, "pages": pages_hash(), "libraries": libraries}


def manifest(report: view.Report, files: Mapping[str, bytes], lang: str) -> dict[str, Any]:
    """``manifest.json`` (``profiles/bundle.schema.json``): which run this is, and size and sum of every file."""
    names = (
        "domain",
        "domain_environment",
        "cluster",
        "sequence",
        "started",
        "finished",
        "verdict",
        "baseline",
        "environment",
    )
    return {
        "format": FORMAT,
        "made_by": made_by(),
        "lang": lang,
        "run": {name: report[name] for name in names},
        "files": [
            {"name": name, "size": len(data), "sha256": digest(data)}
            for name, data in sorted(files.items())
            if name not in {MANIFEST, ENVELOPE}
        ],
    }


def statement(report: view.Report, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The in-toto test result over every file of the bundle but the envelope that it is in.

    A scenario that found something blocking has failed, one that found only what weighs less has warned. What could
    not be shown has neither passed nor failed and is in no list; ``report.json`` has it.
    """
    passed = [row["id"] for row in report["scenarios"] if row["status"] == Status.PASSED]
    failed = [row["id"] for row in report["scenarios"] if row["status"] == Status.FAILED]
    blocking = {
        scenario
        for row in report["findings_by_rule"]
        if row["severity"] == Severity.BLOCKING and row["findings"] > row.get("waived", 0)
        for scenario in row["scenarios"]
    }
    configuration = {
        "baseline": report["baseline"],
        "environment": report["environment"],
        **{name: version for name, _, version in view.flat(report["versions"])},
    }
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": digest(data)}}
            for name, data in sorted(files.items())
            if name != ENVELOPE
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _RESULTS[Verdict(report["verdict"])],
            "configuration": [
                {"name": name, "uri": f"urn:ktcheck:{quote(name, safe='')}:{quote(str(value), safe='')}"}
                for name, value in configuration.items()
            ],
            "passedTests": list(dict.fromkeys(passed)),
            "warnedTests": list(dict.fromkeys(name for name in failed if name not in blocking)),
            "failedTests": list(dict.fromkeys(name for name in failed if name in blocking)),
        },
    }


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
