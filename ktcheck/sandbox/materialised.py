"""A practice domain held in memory, so that something can be put wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from ktcheck.agreements import questions
from ktcheck.sandbox import accounts

if TYPE_CHECKING:
    from ktcheck.sandbox.generate import PracticeDomain

Json = dict[str, Any]

# What people confirmed of a correct domain before it is tested.
CONFIRMED = (
    {
        "step": "A0",
        "who": "J. Voorbeeld",
        "role": "migratiefacilitator",
        "on": "2026-01-08",
        "grounds": "verslag van de kick-off",
    },
    {
        "step": "A2",
        "who": "J. Voorbeeld",
        "role": "migratiefacilitator",
        "on": "2026-01-08",
        "grounds": "besluit van de stuurgroep van het cluster",
    },
    {
        "step": "V5",
        "who": "A. Voorbeeld",
        "role": "informatiemanager van de zorgaanbieder",
        "on": "2026-01-12",
        "grounds": "draaiboek van de migratiedag, met terugweg",
    },
    {
        "step": "U0",
        "who": "B. Voorbeeld",
        "role": "functioneel beheerder",
        "on": "2026-01-15",
        "grounds": "afmelding van elke applicatie in Koppeltaal 1.x",
    },
)


@dataclass(slots=True)
class ServiceFaults:
    """What the practice service does wrong, or at an awkward moment; nothing by itself.

    ``total_off_by``: per resource type what ``_summary=count`` says too many. ``changes_after_reading``: types of which
    one resource gets a new version as soon as all its pages were served. ``narrowed``: types of which the suite
    may read its own resources only. ``deleted``: references ``Type/id`` of what was there and was deleted (410).
    ``directory_lost``: identity providers (by name) whose directory counts an account that it never gives.
    ``accepts``: launches and token requests that it should refuse. ``launch``: what goes wrong in a good one.
    ``opinion`` is what ``$validate`` does: it is lenient (all is valid), strict (no patient is), breaks (500), stalls
    (for ``stalls_seconds``) or refuses the token.
    """

    total_off_by: dict[str, int] = field(default_factory=dict)
    changes_after_reading: set[str] = field(default_factory=set)
    narrowed: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    directory_lost: set[str] = field(default_factory=set)
    accepts: set[str] = field(default_factory=set)
    launch: set[str] = field(default_factory=set)
    opinion: Literal["lenient", "strict", "breaks", "stalls", "refuses"] | None = None
    stalls_seconds: float = 30.0


@dataclass(slots=True)
class Repeats:
    """In what the approved first domain of the cluster differs from this one, which is then a second.

    ``shape`` and ``report`` are what its report says instead, by aspect and name and by member; ``without`` are aspects
    of which it has nothing. ``explained`` are the tables of ``[[template.explained]]``.
    """

    shape: dict[str, dict[str, Any]] = field(default_factory=dict)
    report: Json = field(default_factory=dict)
    without: tuple[str, ...] = ()
    explained: list[dict[str, str]] = field(default_factory=list)


class Materialised:
    """All messages (by file name) and all resources (by type and logical id) of a practice domain.

    ``agreements`` is what its cluster agreed on: by the key of a question the answer, and after a blank what it needs
    besides (``remove 2027-01-01``). It starts with what the table proposes; what is not there was not answered.
    ``announced`` is what each application announced to hold in KT1: the number of each kind, by the name of the
    application. ``accounts`` are those of its people at the identity providers.
    ``launched``: the tasks that the domain file says to launch; without any they are chosen from what is there.
    ``told``: how often the domain file has the ``[[idp]]`` of a provider (by name), where that is not once.
    ``waivers`` are what somebody accepted, each as a table of ``waivers.toml`` with days as text. ``confirmations`` are
    what somebody confirmed, in the same way; the version is that under test, but for what a row says of it itself.
    ``repeats``: it is not the first domain of its cluster.
    """

    def __init__(self, domain: PracticeDomain) -> None:
        self.domain = domain
        self.announced = {app.name: domain.announced(app) for app in domain.applications}
        self.messages: dict[str, bytes] = dict(domain.messages())
        self.resources: dict[str, dict[str, Json]] = {}
        self.service = ServiceFaults()
        self.agreements = {key: question.default for key, question in questions().items()}
        self.waivers: list[Json] = []
        self.confirmations = [dict(row) for row in CONFIRMED]
        self.repeats: Repeats | None = None
        for resource in domain.resources():
            self.put(resource)
        self.accounts = accounts.made(domain.world, self.resources)
        self.launched: list[str] = []
        self.told: dict[str, int] = {}

    def put(self, resource: Json) -> None:
        """Add a resource, or replace the one with its type and id."""
        self.resources.setdefault(resource["resourceType"], {})[resource["id"]] = resource

    def all(self) -> Iterator[Json]:
        """Every resource, type after type."""
        for of_type in self.resources.values():
            yield from of_type.values()

    def write_messages(self, directory: Path) -> None:
        """Save the messages as files below a directory."""
        for name, data in self.messages.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def write_snapshot(self, directory: Path) -> None:
        """Save the resources as ``<ResourceType>.ndjson`` in a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        for kind, of_type in self.resources.items():
            lines = (orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE) for resource in of_type.values())
            (directory / f"{kind}.ndjson").write_bytes(b"".join(lines))
