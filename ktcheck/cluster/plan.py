"""The plan (``clusters.toml``): which clusters and domains there are, who takes part, and when each domain migrates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ktcheck import signed_file
from ktcheck.domain import OwnedType
from ktcheck.errors import InputError
from ktcheck.report.view import PHASES
from ktcheck.signed_file import Table

ROLES = ("source", "portal", "module")
_TYPES = get_args(OwnedType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """An IT participant of a cluster by its product: its role, and the KT2 types that it is the source of."""

    product: str
    role: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDomain:
    """A domain of a cluster. ``reports`` is the folder in which its runs land, as the file has it.

    ``planned`` is the day (ISO 8601) on which a phase of the draaiboek should be done, by phase.
    """

    name: str
    cluster: str
    sequence: int
    environment: str
    reports: str
    planned: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Providers of like configuration: the first of its domains migrates first, the others repeat that."""

    name: str
    description: str
    participants: tuple[Participant, ...]
    domains: tuple[PlannedDomain, ...]


def load(path: Path) -> tuple[Cluster, ...]:
    """Read the plan; the domains of a cluster come in their sequence.

    Raises:
        InputError: the file cannot be read, or something in it is missing, unknown or there twice.
    """
    data = signed_file.read(path, "plan of the clusters", "docs/files.md says what it holds")
    try:
        return _plan(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _plan(data: Table) -> tuple[Cluster, ...]:
    for key in data.keys() - {"cluster", "domain"}:
        raise InputError(f"unknown key {key}{signed_file.nearest(key, ('cluster', 'domain'))}")
    clusters = signed_file.rows({"cluster": data.get("cluster", [])}, "cluster", ("name", "description", "participant"))
    keys = ("name", "cluster", "sequence", "environment", "reports", "planned")
    rows = signed_file.rows({"domain": data.get("domain", [])}, "domain", keys)
    if not clusters or not rows:
        raise InputError("there is no [[cluster]] or no [[domain]]; a plan has at least one of each")
    names = [signed_file.text(label, row, "name") or "" for label, row in clusters]
    domains = [_domain(label, row, names) for label, row in rows]
    _once("cluster", names)
    _once("domain", [domain.name for domain in domains])
    _once("folder of reports", [domain.reports for domain in domains])
    found = []
    for name, (label, row) in zip(names, clusters, strict=True):
        own = sorted((domain for domain in domains if domain.cluster == name), key=lambda domain: domain.sequence)
        _in_sequence(name, own)
        found.append(
            Cluster(
                name=name,
                description=signed_file.text(label, row, "description", needed=False) or "",
                participants=tuple(_participants(label, row)),
                domains=tuple(own),
            )
        )
    return tuple(found)


def _participants(label: str, row: Table) -> Iterable[Participant]:
    data = {"participant": row.get("participant", [])}
    for place, entry in signed_file.rows(data, "participant", ("product", "role", "sources")):
        named = f"{label}.{place}"
        role = signed_file.text(named, entry, "role") or ""
        if role not in ROLES:
            raise InputError(f"{named}.role is {role!r}{signed_file.nearest(role, ROLES)}")
        sources = entry.get("sources", [])
        if not isinstance(sources, list) or not all(isinstance(name, str) for name in sources):
            raise InputError(f'{named}.sources must be a list of KT2 types, such as ["Patient", "Task"]')
        for name in sources:
            if name not in _TYPES:
                raise InputError(f"{named}.sources names {name!r}{signed_file.nearest(name, _TYPES)}")
        product = signed_file.text(named, entry, "product") or ""
        yield Participant(product=product, role=role, sources=tuple(sources))


def _domain(label: str, row: Table, clusters: list[str]) -> PlannedDomain:
    texts = {key: signed_file.text(label, row, key) or "" for key in ("name", "cluster", "reports")}
    cluster = texts["cluster"]
    if cluster not in clusters:
        raise InputError(f"{label}: there is no cluster {cluster!r}{signed_file.nearest(cluster, clusters)}")
    return PlannedDomain(
        **texts,
        sequence=signed_file.number(label, row, "sequence"),
        environment=signed_file.text(label, row, "environment", needed=False) or "",
        planned=_planned(f"{label}.planned", row.get("planned", {})),
    )


def _planned(label: str, row: object) -> Mapping[str, str]:
    if not isinstance(row, dict):
        raise InputError(f"{label} must be a table of days, such as {{uitvoeren = 2026-01-31}}")
    signed_file.only(label, row, PHASES)
    days = {phase: signed_file.date(label, row, phase) or "" for phase in PHASES if phase in row}
    if list(days.values()) != sorted(days.values()):
        raise InputError(f"{label}: a phase is planned before the one that precedes it; correct the days")
    return days


def _once(what: str, names: Iterable[str]) -> None:
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise InputError(f"the {what} {twice[0]!r} is there more than once; each has its own")


def _in_sequence(cluster: str, domains: list[PlannedDomain]) -> None:
    numbers = [domain.sequence for domain in domains]
    if not numbers or numbers != list(range(1, len(domains) + 1)):
        told = ", ".join(map(str, numbers)) or "no domain"
        raise InputError(f"cluster {cluster!r}: sequence must count from 1 without gaps or doubles, and is {told}")
