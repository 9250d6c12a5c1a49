"""``ktcheck inventory`` and ``ktcheck snapshot``: the two sides of a comparison, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ktcheck import domain as domains
from ktcheck.errors import InputError
from ktcheck.output import free_directory, free_file
from ktcheck.snapshot.download import take
from ktcheck.snapshot.store import Manifest
from ktcheck.source import inventory as inventories
from ktcheck.source.inventory import Inventory
from ktcheck.source.messages import messages_in


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


@click.command()
@click.argument("messages", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The inventory to write (NDJSON).")
@click.option("--kt1-domain", help="Set messages of other KT1 domains than this one aside.")
@click.option("--force", is_flag=True, help="Replace the file in --out.")
def inventory(messages: tuple[Path, ...], out: Path, kt1_domain: str | None, force: bool) -> int:
    """Make the source inventory of KT1 MESSAGES (files or folders, Atom XML and JSON).

    Ends with exit code 2 when messages could not be read; the inventory then holds the rest and names them.
    """
    for path in messages:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder with KT1 messages")
    free_file(out, force)
    with _bars() as bars:
        task = bars.add_task("KT1-berichten lezen", total=None)
        made = inventories.build(
            messages_in(messages), out, kt1_domain=kt1_domain, progress=lambda done: bars.update(task, completed=done)
        )
    _tell(made)
    click.echo(f"inventory: {out}")
    return 2 if made.rejects else 0


def _tell(made: Inventory) -> None:
    """How many of what were seen; every reject by name."""
    counts = made.counts
    click.echo(
        f"files {counts.files}: messages {counts.messages}, search results {counts.searches}, duplicates "
        f"{counts.duplicates}, acknowledgements {counts.acknowledgements}, outcomes {counts.outcomes}, "
        f"header only {counts.header_only}, empty {counts.empty}, validate only {counts.validate_only}, "
        f"other domain {counts.other_domain}, rejected {counts.rejected}"
    )
    resources = ", ".join(f"{kind} {number}" for kind, number in sorted(counts.resources.items()))
    click.echo(f"versions {counts.versions}; records: {resources or 'none'}")
    if len(counts.domains) > 1:
        click.echo("KT1 domains: " + ", ".join(f"{name} ({number})" for name, number in sorted(counts.domains.items())))
    for reject in made.rejects:
        click.echo(f"rejected: {reject.file}: {reject.place}: {reject.reason_en}", err=True)


@click.command()
@click.argument("domain", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write (<Type>.ndjson).")
@click.option("--force", is_flag=True, help="Replace the snapshot in --out.")
def snapshot(domain: Path, out: Path, force: bool) -> None:
    """Fetch all that DOMAIN (a TOML file) holds in Koppeltaal 2.0. Holds patient data: keep it private."""
    loaded = domains.load(domain)
    free_directory(out, force)
    with _bars() as bars:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        manifest = take(loaded, out, progress=progress, evidence=lambda _: None, secret=lambda _: None, force=force)
    _tell_types(manifest)
    click.echo(f"snapshot: {out}")


def _tell_types(manifest: Manifest) -> None:
    for count in manifest.types:
        remarks = [f"server says {count.total_before}"]
        remarks += ["changed meanwhile"] if count.changed else []
        remarks += [] if count.rights == "all" else [f"rights: {count.rights}"]
        remarks += [] if count.supported else ["not supported by the server"]
        click.echo(f"{count.type}: {count.distinct} ({', '.join(remarks)})")
