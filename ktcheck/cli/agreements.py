"""``ktcheck agreements``: what a cluster has to agree on before it migrates, and what it agreed on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from ktcheck import agreement_file
from ktcheck import domain as domains
from ktcheck.agreements import Agreements, Option, Question, questions
from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.output import free_file
from ktcheck.report.texts import Texts

_WIDTH = 100


@click.command()
@click.argument("domain", type=click.Path(path_type=Path))
@click.option("--explain", metavar="KEY", help="Explain one question in full.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the file of agreements, all questions explained.")
@click.option("--force", is_flag=True, help="Write the file in --out again; the answers in it are kept.")
@click.option("--lang", type=click.Choice(("nl", "en")), default="nl", help="Language of the list.")
def agreements(domain: Path, explain: str | None, out: Path | None, force: bool, lang: str) -> None:
    """List what the cluster of DOMAIN (a TOML file) has to agree on, and what it agreed on.

    The questions are those that the mapping leaves open. With --out a file of agreements is written, in which every
    question is explained and commented out until somebody answers it.
    """
    loaded = domains.load(domain, agreements_exist=False, target=False)
    agreed = _answers(loaded)
    text = Texts(lang)
    if explain is not None:
        click.echo("\n".join(_explained(_question(explain), agreed, text)))
    if out is not None:
        _write(out, agreed, force, loaded)
    if explain is None and out is None:
        click.echo("\n".join(_listed(agreed, text)))


def _answers(domain: Domain) -> Agreements:
    """The answers of the file that the domain file names; none when it does not exist yet."""
    if domain.agreements is None or not domain.agreements.file.exists():
        return Agreements()
    return agreement_file.load(domain.agreements.file)


def _question(key: str) -> Question:
    if key not in questions():
        raise InputError(f"there is no question {key!r}{agreement_file.nearest(key, questions())}")
    return questions()[key]


def _write(out: Path, agreed: Agreements, force: bool, domain: Domain) -> None:
    free_file(out, force)
    answers = (agreement_file.load(out) if out.exists() else agreed).answers
    out.write_text(agreement_file.text(answers), encoding="utf-8")
    click.echo(f"agreements: {out}, {len(answers)} of {len(questions())} questions answered")
    if domain.agreements is None or domain.agreements.file.resolve() != out.resolve():
        click.echo('name it in the domain file of every domain of the cluster: [agreements] file = "..."')


def _listed(agreed: Agreements, text: Texts) -> Iterator[str]:
    """A line for each question, and how many were answered."""
    rows = [tuple(text(f"agreement.{name}") for name in ("question", "answer", "state", "decides"))]
    for key, question in questions().items():
        value = agreed.value(key)
        answer = f"{agreed.option(key)} {value}" if value else agreed.option(key)
        rows.append((key, answer, _state(agreed, key, text), _of(question, "decides", text)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
    answered = len(agreed.answers)
    yield ""
    yield text("agreement.counts", agreed=answered, open=len(questions()) - answered)


def _state(agreed: Agreements, key: str, text: Texts) -> str:
    return text("agreement.agreed" if agreed.agreed(key) else "agreement.open")


def _explained(question: Question, agreed: Agreements, text: Texts) -> Iterator[str]:
    """Everything about one question."""
    sources = f" ({', '.join(question.sources)})" if question.sources else ""
    yield from _wrapped(f"{question.key}: {_of(question, 'title', text)}{sources}")
    yield ""
    yield from _wrapped(_of(question, "why", text))
    yield f"{text('agreement.decides')}: {_of(question, 'decides', text)}"
    yield ""
    for option in question.options.values():
        yield from _wrapped(f"{option.name}: {_of(option, 'text', text)}{_remarks(question, option, text)}", "  ")
    yield ""
    yield f"{_state(agreed, question.key, text)}: {agreed.option(question.key)}"
    if answer := agreed.answers.get(question.key):
        for name in ("value", "by", "on", "reason"):
            if said := getattr(answer, name):
                yield from _wrapped(f"{name}: {said}", "  ")


def _remarks(question: Question, option: Option, text: Texts) -> str:
    remarks = [text("agreement.default")] if option.name == question.default else []
    if option.value:
        remarks.append(text(f"agreement.{option.value}"))
    if option.not_in:
        remarks.append(text("agreement.not_in", versions=", ".join(option.not_in)))
    remarks += [text("agreement.needs", other=other, options=", ".join(names)) for other, names in option.needs.items()]
    return f" [{'; '.join(remarks)}]" if remarks else ""


def _of(row: Question | Option, stem: str, text: Texts) -> str:
    """The member ``<stem>_nl`` or ``<stem>_en``."""
    return str(getattr(row, f"{stem}_{text.lang}"))


def _wrapped(sentence: str, indent: str = "") -> list[str]:
    later = indent + "  " if indent else ""
    return textwrap.wrap(sentence, _WIDTH, initial_indent=indent, subsequent_indent=later, break_on_hyphens=False)
