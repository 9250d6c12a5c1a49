"""``ktcheck cluster``: the page over all clusters and domains."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import click

from ktcheck.cluster import page, plan
from ktcheck.cluster.runs import look
from ktcheck.cluster.standing import Standing, stand
from ktcheck.output import free_file, replace_files

_REPORT = "report.html"


@click.command()
@click.argument("clusters", type=click.Path(path_type=Path))
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    help="What the folders of reports in CLUSTERS are relative to; default the folder of CLUSTERS itself.",
)
@click.option(
    "--on", type=click.DateTime(("%Y-%m-%d",)), metavar="DAY", help="Lay this day beside the planning; default today."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The page to write; default clusters.html beside CLUSTERS."
)
@click.option("--force", is_flag=True, help="Replace the page in --out.")
@click.option("--lang", type=click.Choice(("nl", "en")), default="nl", help="Language of the page.")
def cluster(clusters: Path, reports: Path | None, on: datetime | None, out: Path | None, force: bool, lang: str) -> int:
    """Make one page of all domains of CLUSTERS (a TOML file): verdicts, open findings and planning.

    The newest run of each domain says how it stands. Ends with exit code 2 when there are reports that cannot be used;
    the page then tells which.
    """
    found = plan.load(clusters)
    target = out or clusters.with_name("clusters.html")
    free_file(target, force)
    base = reports or clusters.parent
    rows = write_page(found, base, target, (on or datetime.now(UTC)).date(), lang)
    for row in rows:
        for place, trouble in row.runs.troubles:
            click.echo(f"{row.domain.name}: {base / row.domain.reports / place}: {trouble.replace('_', ' ')}", err=True)
    approved = sum(row.state in {"approved", "approved_with_reservations"} for row in rows)
    click.echo(f"{len(found)} clusters, {len(rows)} domains, {approved} approved: {target}")
    return 2 if any(row.runs.troubles for row in rows) else 0


def write_page(clusters: Sequence[plan.Cluster], base: Path, target: Path, day: date, lang: str) -> list[Standing]:
    """Write the page of a plan as it is on a day; ``base`` is what its folders of reports are relative to.

    Raises:
        RunError: writing fails.
    """
    standing = [
        (each, [stand(domain, look(domain, base / domain.reports), day) for domain in each.domains])
        for each in clusters
    ]
    rows = [row for _, own in standing for row in own]
    links = {row.domain.name: link for row in rows if (link := _link(row, target.parent))}
    replace_files(target.parent, {target.name: page.render(standing, day=day, links=links, lang=lang).encode()})
    return rows


def _link(row: Standing, beside: Path) -> str | None:
    """Where the page of the newest run is, as a page in the folder ``beside`` links to it."""
    if row.runs.folder is None or not (row.runs.folder / _REPORT).is_file():
        return None
    relative = os.path.relpath((row.runs.folder / _REPORT).resolve(), beside.resolve())
    return quote(Path(relative).as_posix())
