"""``ktcheck confirm``: that a step of the draaiboek was taken which only people can see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ktcheck import agreement_file, confirmations, tables
from ktcheck import domain as domains
from ktcheck.agreements import Agreements
from ktcheck.confirmations import Confirmations
from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.report.texts import Texts
from ktcheck.version import under_test

_DAY = click.DateTime(("%Y-%m-%d",))


@click.command()
@click.argument("domain", type=click.Path(path_type=Path))
@click.argument("step", required=False)
@click.option("--who", help="Who confirms it, by name.")
@click.option("--role", help="In which role.")
@click.option("--grounds", help="On what grounds: minutes, a decision, a report.")
@click.option("--on", type=_DAY, metavar="DAY", help="The day on which it was confirmed; default today.")
@click.option("--until", type=_DAY, metavar="DAY", help="The last day on which it counts; without it there is none.")
@click.option("--lang", type=click.Choice(("nl", "en")), default="nl", help="Language of the list.")
def confirm(
    domain: Path,
    step: str | None,
    who: str | None,
    role: str | None,
    grounds: str | None,
    on: datetime | None,
    until: datetime | None,
    lang: str,
) -> None:
    """Confirm a STEP of the draaiboek for DOMAIN (a TOML file); without a STEP list those that people confirm.

    Adds to the file that [confirmations] names, and never changes what is in it. A confirmation counts for the version
    under test; withdraw one by taking it out of the file.
    """
    loaded = domains.load(domain, confirmations_exist=False, target=False)
    version = under_test(loaded, agreement_file.load(loaded.agreements.file) if loaded.agreements else Agreements())
    if step is None:
        if any((who, role, grounds, on, until)):
            raise InputError("which step is confirmed is missing; 'ktcheck confirm DOMAIN' lists those there are")
        click.echo("\n".join(_listed(_standing(loaded, version), Texts(lang), loaded.domain.sequence)))
        return
    today = datetime.now(UTC)
    if on and on.date() > today.date():
        raise InputError(f"--on {on:%Y-%m-%d} lies ahead; give the day on which it was confirmed")
    made = confirmations.made(
        step,
        version,
        who=who or "",
        role=role or "",
        grounds=grounds or "",
        on=f"{on or today:%Y-%m-%d}",
        until=f"{until:%Y-%m-%d}" if until else None,
    )
    file = _file(loaded, domain)
    confirmations.append(file, made)
    click.echo(f"confirmed: {step}, in {file}; it rests on {', '.join(made.version)} as tested now")


def _file(domain: Domain, path: Path) -> Path:
    if domain.confirmations is None:
        raise InputError(f'{path} names no file to confirm in; add [confirmations] file = "bevestigingen.toml"')
    return domain.confirmations.file


def _standing(domain: Domain, version: confirmations.Version) -> Confirmations:
    """What is confirmed today; nothing when the file is not there yet."""
    file = domain.confirmations.file if domain.confirmations else None
    return Confirmations(
        confirmations.load(file) if file and file.exists() else (),
        version=version,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        sequence=domain.domain.sequence,
    )


def _listed(standing: Confirmations, text: Texts, sequence: int) -> Iterator[str]:
    """A line for each step that people confirm, and one for each confirmation of another."""
    rows = [tuple(text(f"column.{name}") for name in ("step", "result", "confirmed_by"))]
    steps = tables.steps_of(sequence)
    for fact in standing.facts():
        said = fact.confirmation
        title = text.of(steps.get(fact.step, {}), "title")
        rows.append(
            (
                f"{fact.step} {title}".strip(),
                text(f"confirmed_state.{fact.state or 'not_yet'}"),
                f"{said.who} ({said.role}), {said.on}: {said.grounds}" if said else "",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for first, second, third in rows:
        yield f"{first.ljust(widths[0])}  {second.ljust(widths[1])}  {third}".rstrip()
