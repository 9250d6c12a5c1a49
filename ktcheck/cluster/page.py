"""The page over all clusters: one HTML file, without script and without network. A pure function of the standings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ktcheck
from ktcheck.cluster.plan import Cluster
from ktcheck.cluster.standing import WEIGHING, Standing, State
from ktcheck.report import view
from ktcheck.report.html import TEMPLATES
from ktcheck.report.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """What an actiehouder has open: how many findings of each severity that weighs, and in which domains."""

    owner: str
    numbers: tuple[int, ...]
    domains: tuple[str, ...]


def owned(standings: Iterable[Standing]) -> list[Owned]:
    """Open findings per actiehouder over all domains, who has most that blocks first."""
    numbers = Counter[tuple[str, str]]()
    domains: dict[str, list[str]] = {}
    for standing in standings:
        for (severity, owner), number in standing.open.items():
            numbers[severity, owner] += number
            if standing.domain.name not in domains.setdefault(owner, []):
                domains[owner].append(standing.domain.name)
    found = [
        Owned(
            owner=owner,
            numbers=tuple(numbers[severity.value, owner] for severity in WEIGHING),
            domains=tuple(names),
        )
        for owner, names in domains.items()
    ]
    return sorted(found, key=lambda row: ([-number for number in row.numbers], row.owner))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader([Path(__file__).parent / "templates", TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    clusters: Sequence[tuple[Cluster, Sequence[Standing]]],
    *,
    day: date,
    links: Mapping[str, str],
    lang: str = "nl",
) -> str:
    """The page; ``links`` leads from a domain to the page of its newest run, when that is there.

    Raises:
        InputError: the language is neither ``nl`` nor ``en``.
    """
    text = Texts(lang)
    standings = [standing for _, own in clusters for standing in own]
    states = Counter(standing.state for standing in standings)
    context: dict[str, Any] = {
        "t": text,
        "lang": lang,
        "version": ktcheck.__version__,
        "day": day,
        "clusters": clusters,
        "links": links,
        "states": [(state, states[state]) for state in get_args(State) if states[state]],
        "total": len(standings),
        "phases": view.PHASES,
        "owned": owned(standings),
        "due": [
            (due, sorted(rows, key=lambda row: (row.planning.day, row.domain.name)))
            for due in ("late", "this_week")
            if (rows := [standing for standing in standings if standing.planning.due == due])
        ],
        "troubled": [standing for standing in standings if standing.runs.troubles],
    }
    return _environment().get_template("cluster.html.j2").render(context)
