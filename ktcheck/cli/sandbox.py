"""``ktcheck sandbox``: a practice domain to try ktcheck, or another tool, on."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ktcheck.cli.practice import made, stage
from ktcheck.errors import InputError
from ktcheck.output import free_directory
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.service import Service


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("sandbox"), show_default=True)
@click.option("--name", default="zorgvoorbeeld", show_default=True, help="Name of the domain.")
@click.option("--seed", type=int, default=1, show_default=True, help="Other seed, other people.")
@click.option("--size", type=click.IntRange(1, 50_000), default=20, show_default=True, help="Number of patients.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port on this machine; 0 is any free one.")
@click.option("--defect", "defects", multiple=True, help="Put a known fault in it (more than once for more).")
@click.option("--list", "listing", is_flag=True, help="Name the defects and the rule that catches each.")
def sandbox(out: Path, name: str, seed: int, size: int, port: int, defects: tuple[str, ...], listing: bool) -> None:
    """Serve a practice domain with invented people until you stop it.

    In --out it writes the KT1 messages, keys, test accounts and a domain file, ready for 'ktcheck run'.
    """
    if listing:
        for defect in DEFECTS.values():
            click.echo(f"{defect.name:36} {defect.caught_by:30} {defect.title_en}")
        return
    free_directory(out, force=False)
    domain = made(name, seed, size, defects)
    with Service(domain, port=port) as service:
        try:
            staged = stage(service, domain, out)
        except OSError as error:
            raise InputError(f"{out}: cannot be written: {error.strerror}; choose another --out") from None
        click.echo(f"serving {service.base_url(name)}")
        click.echo(f"portal of the domain: {service.portal(name)}")
        click.echo("in another terminal, with the passwords of the test accounts in its environment:")
        click.echo(f"    set -a; . {shlex.quote(str(out / 'accounts.env'))}; set +a")
        click.echo(f"    ktcheck run {shlex.quote(str(staged.domain_file))}")
        click.echo("stop with Ctrl-C")
        try:
            service.wait()
        except KeyboardInterrupt:
            click.echo("stopped")
