"""``ktcheck demo``: the whole story on two practice domains of one cluster."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from ktcheck.cli.practice import Staged, made, stage
from ktcheck.errors import RunError
from ktcheck.findings import Verdict
from ktcheck.output import free_directory
from ktcheck.sandbox.service import Service

# The first domain was migrated well and is the cluster's template; the second got hurried.
_DOMAINS = (
    ("de-linde", 11, 24, ()),
    (
        "het-veer",
        12,
        24,
        (
            "task-missing",
            "task-duplicated",
            "link-with-version",
            "bsn-lost",
            "reference-other-patient",
            "origin-wrong",
            "status-stale",
            "phone-digit",
        ),
    ),
)
_EXPECTED = (Verdict.APPROVED, Verdict.REJECTED)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Where the runs land; default reports/demo/<start>/.")
@click.option("--force", is_flag=True, help="Replace an earlier demo in --out.")
def demo(out: Path | None, force: bool) -> None:
    """Run the whole story on two built-in practice domains; nothing to configure.

    The first domain is migrated correctly and is approved; the second is laid beside it, has a handful of defects and
    is rejected.
    """
    place = out or Path("reports") / "demo" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if not force:  # with it each run replaces its own earlier one, and nothing else
        free_directory(place, force)
    domains = [made(name, seed, size, defects) for name, seed, size, defects in _DOMAINS]
    verdicts = []
    with Service(*domains) as service, tempfile.TemporaryDirectory(prefix="ktcheck-demo-") as work:
        for sequence, domain in enumerate(domains, 1):
            name = domain.domain.name
            click.echo(f"\n== domain {sequence} of the cluster: {name} ==")
            # The first report is the template of the others.
            template = None if sequence == 1 else (place / _DOMAINS[0][0] / "report.json").resolve()
            staged = stage(service, domain, Path(work) / name, sequence, template)
            verdicts.append(_run(staged, place / name, force))
    click.echo()
    for (name, *_), verdict in zip(_DOMAINS, verdicts, strict=True):
        click.echo(f"{name}: {verdict.value}, report {place / name / 'report.html'}")
    if tuple(verdicts) != _EXPECTED:
        raise RunError("the demo should end with one approved and one rejected domain; see the reports")
    click.echo("demo finished: one domain approved, one rejected, as they should be")


def _run(staged: Staged, out: Path, force: bool) -> Verdict:
    """A run in a process of its own, as a user would start it."""
    command = [sys.executable, "-m", "ktcheck", "run", str(staged.domain_file), "--out", str(out)]
    command += ["--force"] if force else []
    done = subprocess.run(command, check=False, env={**os.environ, **staged.environment})  # noqa: S603 (our own command)
    try:
        report = orjson.loads((out / "report.json").read_bytes())
    except FileNotFoundError:
        raise RunError(f"the demo's run ended with exit code {done.returncode} and without a report") from None
    return Verdict(report["verdict"])
