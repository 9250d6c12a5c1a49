"""``ktcheck run`` and ``ktcheck report``."""

from __future__ import annotations

from pathlib import Path

import click

from ktcheck import domain as domains
from ktcheck.acceptance import Acceptance
from ktcheck.findings import EXIT_CODES
from ktcheck.output import replace_files
from ktcheck.report import build, history
from ktcheck.scenarios import PHASES, needs_target

_LANGUAGE = click.option("--lang", type=click.Choice(("nl", "en")), default="nl", help="Language of the report.")


@click.command()
@click.argument("domain", type=click.Path(path_type=Path))
@click.option("--phase", type=click.Choice(PHASES), help="Only the scenarios of one phase of the draaiboek.")
@click.option("--tags", help="Only scenarios with one of these tags (a,b); ~c leaves scenarios with c out.")
@click.option("--self-check", metavar="APP", help="Only what this application (name or client_id) answers for.")
@click.option(
    "--second-opinion",
    metavar="fhir|URL",
    help="Ask the domain's own $validate (fhir), or an HL7 validator service, about a choice of resources. Patient"
    " data of these is SENT to that address: https, or this machine.",
)
@click.option(
    "--screenshots",
    is_flag=True,
    help="Keep a picture of the page at the end of each launch in a browser: it shows what the test user sees, and"
    " stays on this machine.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Where the run lands; default reports/<domain>/<start>/.")
@click.option("--force", is_flag=True, help="Replace an earlier run in --out.")
@_LANGUAGE
def run(
    domain: Path,
    phase: str | None,
    tags: str | None,
    self_check: str | None,
    second_opinion: str | None,
    screenshots: bool,
    out: Path | None,
    force: bool,
    lang: str,
) -> int:
    """The acceptance run over DOMAIN (a TOML file): verdict, reports, exit code.

    With --self-check APP an IT participant runs its own part with its own client: that is no acceptance verdict.
    """
    from ktcheck.plugin import execute  # noqa: PLC0415 (pytest takes a second; other commands do without)

    loaded = domains.load(domain, target=needs_target(phase))
    acceptance = Acceptance(
        loaded,
        out=out,
        phase=phase,
        tags=tags,
        self_check=self_check,
        second_opinion=second_opinion,
        screenshots=screenshots,
        lang=lang,
        force=force,
    )
    verdict = execute(acceptance)
    what = f"self-check of {acceptance.own.name}, " if acceptance.own else ""
    click.echo(f"{what}{verdict.value}: {acceptance.writer.directory / 'report.html'}")
    return EXIT_CODES[verdict]


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--compare",
    "other",
    metavar="OTHER_RUN",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Tell what changed between that run and this one, in DIRECTORY/compare.html.",
)
@_LANGUAGE
def report(directory: Path, other: Path | None, lang: str) -> None:
    """Build the pages of the run in DIRECTORY again, from its report.json alone, or compare it with another run."""
    if other is None:
        build.rebuild(directory, lang)
        click.echo(f"built again: {directory / 'report.html'}")
        return
    page, changed = history.compared(directory, other, lang)
    replace_files(directory, {"compare.html": page.encode()})
    for row in changed["rules"]:
        told = "" if row["new"] is None else f", {row['new']} new, {row['gone']} gone, {row['same']} the same"
        click.echo(f"{row['rule']}: {row['before']} then, {row['now']} now{told}")
    click.echo(f"compared: {directory / 'compare.html'}")
