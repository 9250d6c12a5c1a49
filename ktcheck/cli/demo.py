"""``ktcheck demo``: the whole story, on two practice domains of one cluster or on thirty of five."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import click
import orjson

from ktcheck.cli.cluster import write_page
from ktcheck.cli.practice import CLUSTER, Staged, made, stage
from ktcheck.cli.practice_clusters import CLUSTERS, PracticeCluster, PracticeProvider, plan_text
from ktcheck.cluster import plan
from ktcheck.cluster.standing import Standing
from ktcheck.errors import RunError
from ktcheck.findings import Verdict
from ktcheck.output import free_directory
from ktcheck.sandbox.facts import Products
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service

_PLAN, _PAGE, _REPORTS = "clusters.toml", "clusters.html", "reports"

# The first domain was migrated well and is the cluster's template; the second got hurried.
_HURRIED = (
    "task-missing",
    "task-duplicated",
    "link-with-version",
    "bsn-lost",
    "reference-other-patient",
    "origin-wrong",
    "status-stale",
    "phone-digit",
)
_TWO = PracticeCluster(
    name=CLUSTER,
    description="twee oefendomeinen",
    products=Products(),
    providers=(
        PracticeProvider("de-linde", -4, (None,)),
        PracticeProvider("het-veer", -1, (None,), defects=_HURRIED),
    ),
)
_SIZE = 24
_EXPECTED = (Verdict.APPROVED, Verdict.REJECTED)


@click.command()
@click.option("--clusters", is_flag=True, help="Run the practice set: five clusters, thirty domains; takes minutes.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the runs land; default reports/demo/<start>/.")
@click.option("--force", is_flag=True, help="Replace an earlier demo in --out.")
def demo(clusters: bool, out: Path | None, force: bool) -> None:
    """Run the whole story on two built-in practice domains; nothing to configure.

    The first domain is migrated correctly and is approved; the second is laid beside it, has a handful of defects and
    is rejected. Ends with the page over all domains.
    """
    place = out or Path("reports") / "demo" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if not force:  # with it each run replaces its own earlier one, and nothing else
        free_directory(place, force)
    if clusters:
        practice_set(place, force)
    else:
        _two_domains(place, force)


def _two_domains(place: Path, force: bool) -> None:
    domains = [made(provider.name, seed, _SIZE, provider.defects) for seed, provider in enumerate(_TWO.providers, 11)]
    verdicts = []
    with Service(*domains) as service, tempfile.TemporaryDirectory(prefix="ktcheck-demo-") as work:
        for sequence, domain in enumerate(domains, 1):
            name = domain.domain.name
            click.echo(f"\n== domain {sequence} of the cluster: {name} ==")
            # The first report is the template of the others.
            template = None if sequence == 1 else (place / _TWO.providers[0].name / "report.json").resolve()
            staged = stage(service, domain, Path(work) / name, sequence, template)
            verdicts.append(Verdict(_run(staged, place / name, force)["verdict"]))
    click.echo()
    for provider, verdict in zip(_TWO.providers, verdicts, strict=True):
        click.echo(f"{provider.name}: {verdict.value}, report {place / provider.name / 'report.html'}")
    _page(place, (_TWO,), "")
    if tuple(verdicts) != _EXPECTED:
        raise RunError("the demo should end with one approved and one rejected domain; see the reports")
    click.echo("demo finished: one domain approved, one rejected, as they should be")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A domain of the practice set that has something to run."""

    cluster: PracticeCluster
    provider: PracticeProvider
    sequence: int
    domain: Materialised


def practice_set(place: Path, force: bool, clusters: tuple[PracticeCluster, ...] = CLUSTERS) -> None:
    """Run every domain that has something to run, the first of each cluster before the others, on all cores.

    Raises:
        RunError: a run ended without a report, or the domains do not stand as differently as they should.
    """
    # With these seeds the test people of every domain have tasks in the same modules, so that they launch alike.
    seeds = count(20)
    jobs = [
        _Job(
            cluster=cluster,
            provider=provider,
            sequence=sequence,
            domain=provider.made(next(seeds), cluster.products),
        )
        for cluster in clusters
        for sequence, provider in enumerate(cluster.providers, 1)
        if provider.phases
    ]
    with Service(*(job.domain for job in jobs)) as service, tempfile.TemporaryDirectory(prefix="ktcheck-demo-") as work:
        bench = _Bench(service, Path(work), place, force)
        # The approved run of the first domain of a cluster is the template of the others.
        for wave in (True, False):
            bench.run([job for job in jobs if (job.sequence == 1) == wave])
    rows = _page(place, clusters, _REPORTS)
    states = {row.state for row in rows}
    if not states >= {"approved", "rejected", "preparing", "not_started"}:
        raise RunError("the practice set should have domains that are approved, rejected, preparing and not started")
    click.echo(f"demo finished: {sum(len(job.provider.phases) for job in jobs)} runs of {len(rows)} domains")


class _Bench:
    """Where domains of the practice set are put on the table and run, several at once."""

    def __init__(self, service: Service, work: Path, place: Path, force: bool) -> None:
        self._service, self._work, self._place, self._force = service, work, place, force
        self._staging = threading.Lock()

    def run(self, jobs: Iterable[_Job]) -> None:
        """Run these domains, each in processes of its own, as many at once as there are cores."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for _ in pool.map(self._run, jobs):
                pass  # what goes wrong in a thread is raised here

    def _run(self, job: _Job) -> None:
        name, began = job.provider.name, time.monotonic()
        first = job.cluster.providers[0]
        template = self._out(first.name, len(first.phases)) / "report.json" if job.sequence > 1 else None
        with self._staging:
            staged = stage(
                self._service,
                job.domain,
                self._work / name,
                job.sequence,
                template.resolve() if template and template.exists() else None,
                cluster=job.cluster.name,
                lacking=job.provider.lacking,
            )
        for number, phase in enumerate(job.provider.phases, 1):
            report = _run(staged, self._out(name, number), self._force, phase, quiet=True)
            what = f"{phase}: " if phase else ""
            click.echo(f"{job.cluster.name}: {name}: {what}{report['verdict']} ({time.monotonic() - began:.0f} s)")

    def _out(self, name: str, number: int) -> Path:
        return self._place / _REPORTS / name / str(number)


def _page(place: Path, clusters: tuple[PracticeCluster, ...], below: str) -> list[Standing]:
    """Write the plan of practice clusters and the page over them; tells where it is."""
    today = datetime.now(UTC).date()
    (place / _PLAN).write_text(plan_text(clusters, today, below), encoding="utf-8")
    rows = write_page(plan.load(place / _PLAN), place, place / _PAGE, today, "nl")
    click.echo(f"all domains on one page: {place / _PAGE}")
    return rows


def _run(staged: Staged, out: Path, force: bool, phase: str | None = None, *, quiet: bool = False) -> dict[str, Any]:
    """A run in a process of its own, as a user would start it; gives its report."""
    command = [sys.executable, "-m", "ktcheck", "run", str(staged.domain_file), "--out", str(out)]
    command += ["--phase", phase] if phase else []
    command += ["--force"] if force else []
    environment = {**os.environ, **staged.environment}
    # What it says of itself is told only when it does not come to its end.
    done = subprocess.run(command, check=False, env=environment, capture_output=quiet, text=True)  # noqa: S603 (our own command)
    try:
        report: dict[str, Any] = orjson.loads((out / "report.json").read_bytes())
    except FileNotFoundError:
        said = (done.stderr or "").strip().rpartition("\n")[2]
        raise RunError(
            f"the demo's run of {out} ended with exit code {done.returncode} and without a report{said and f': {said}'}"
        ) from None
    return report
