"""What rules look at: facts that are complete in themselves, so that a rule needs no look-ups and no I/O.

The index (``ktcheck.index``) joins source inventory and snapshot and hands these out one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ktcheck.agreements import Agreements
from ktcheck.domain import Application
from ktcheck.source.record import Reject
from ktcheck.tables import Migration, ReferenceRow

Form = Literal["literal", "logical", "contained", "elsewhere", "malformed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A KT1 record: what has to be found back in KT2.

    ``identifiers`` are (system, value) with the system as KT2 spells it; those without a system are left out.
    ``application`` is the name of the application in the domain file that is its source, or None when that
    cannot be decided. ``link`` and ``content`` are those of ``ktcheck.source.record.SourceRecord``.
    """

    type: str
    key: str
    link: str
    application: str | None
    basis: str
    identifiers: tuple[tuple[str, str], ...]
    references: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A KT1 message that was read (``reject`` is None) or could not be read."""

    reject: Reject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDomain:
    """A KT1 domain tag and how many messages carry it; ``main`` is the one with the most."""

    name: str
    messages: int
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMatch:
    """A KT1 record beside the KT2 resources that carry its migration identifier.

    ``row`` is None for a kind that the mapping does not know. ``expected`` says that it has to be in KT2,
    ``alike`` how many records share its key. ``holders`` are ``<Type>/<id>``; when there are fewer of them than
    records that share the key, the last of those records have none. Not ``visible``: the suite may not
    read all of that type, so a record without holders is not missing but unknown.
    """

    source: Source
    row: Migration | None
    expected: bool
    alike: int
    holders: tuple[str, ...]
    visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationIdentifier:
    """A migration identifier as a KT2 resource has it; ``key`` is its value without a KT1 version.

    ``sources`` are the KT1 records with that key that may move, ``rows`` what the mapping says of their kinds,
    ``staying`` the kinds of those that do not move.
    """

    system: str
    value: str
    use: str | None
    key: str
    sources: tuple[Source, ...]
    rows: tuple[Migration, ...]
    staying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference in a KT2 resource.

    ``path`` is the element (``participant.member``), ``place`` the same with list positions. ``exists`` is None
    when nobody can know (the suite may not read that type, or the reference is not literal).
    """

    path: str
    place: str
    raw: str | None
    form: Form
    type: str | None
    target: str | None
    exists: bool | None
    row: ReferenceRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What KT1 says a reference of this resource has to point to.

    ``targets`` are the resources with the migration identifiers of the KT1 links, ``also`` those of another
    reading of the mapping. ``actual`` are the references that the resource has at that element. Without
    ``targets`` what KT1 meant is not in KT2; ``strangers`` are then those of ``actual`` that stand for something else.
    """

    row: ReferenceRow
    targets: tuple[str, ...]
    also: tuple[str, ...]
    actual: tuple[Reference, ...]
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A KT2 resource with everything that was found out about it. ``name`` is ``<Type>/<id>``."""

    type: str
    id: str
    resource: Mapping[str, Any]
    migrated: tuple[MigrationIdentifier, ...]
    references: tuple[Reference, ...]
    expected: tuple[Expected, ...]

    @property
    def name(self) -> str:
        """``<Type>/<id>``."""
        return f"{self.type}/{self.id}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """The KT1 records that this resource stands for."""
        return tuple(source for migrated in self.migrated for source in migrated.sources)

    @property
    def identifiers(self) -> tuple[Mapping[str, Any], ...]:
        """The elements of ``identifier`` that are objects."""
        found = self.resource.get("identifier")
        return tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierGroup:
    """A business identifier and the resources of one type in use that have it.

    Related persons are grouped by patient too: who is close to two patients is two of them, with the same number.
    """

    type: str
    system: str
    value: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDevice:
    """An application of the domain file and its Device (None: not there)."""

    application: Application
    device: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """What the snapshot says about one resource type; None where nothing is known.

    ``rights``: all, narrowed, none or unknown: what the suite's token may read of the type.
    """

    type: str
    distinct: int
    total: int | None
    changed: bool | None
    rights: str
    supported: bool


Result = Literal["equal", "different", "other-answer", "not-comparable", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one element of the mapping (``row`` of ``mapping.yaml``) in one resource.

    ``path`` is the FHIR path with list positions (``name[0].family``). ``other-answer``: it is what another answer to
    ``agreement`` gives, and nobody agreed on one. ``added``: KT1 had no such value. ``reason_nl`` and ``reason_en`` say
    why it is not comparable.
    """

    row: str
    result: Result
    path: str
    source: str
    expected: Any = None
    actual: Any = None
    agreement: str | None = None
    reason_nl: str | None = None
    reason_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A migrated resource beside what the mapping makes of its KT1 records, element by element."""

    target: Target
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A question that the mapping leaves open, with the domain's answer (or the default)."""

    key: str


Fact = (
    Message
    | SourceDomain
    | SourceMatch
    | Target
    | IdentifierGroup
    | ApplicationDevice
    | TypeCount
    | Comparison
    | Agreed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What rules may know besides a fact: the domain's applications, agreements and the release of its profiles.

    ``migrated``: there is a KT2 domain to judge, so this is about its approval and not only about preparing it.
    ``hidden_types``: the suite may not read all of them; ``unsupported_types``: the service does not have them.
    """

    applications: tuple[Application, ...]
    profile_version: str
    agreements: Agreements = field(default_factory=Agreements)
    migrated: bool = True
    hidden_types: frozenset[str] = frozenset()
    unsupported_types: frozenset[str] = frozenset()

    def owners(self, resource_type: str) -> tuple[Application, ...]:
        """The applications that are the agreed source of a KT2 resource type."""
        return tuple(app for app in self.applications if resource_type in app.owns)
