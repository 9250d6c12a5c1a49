"""How KT1 and KT2 are laid side by side: who owns a record, what it and a resource are known by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ktcheck import tables
from ktcheck.domain import Domain
from ktcheck.source.record import SourceRecord
from ktcheck.tables import Migration


def identifiers(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The elements of ``identifier`` that are objects, of a KT1 content or a KT2 resource."""
    found = resource.get("identifier")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            yield item


UNKNOWN_KIND = "Other(unknown)"


def known_kind(kind: str) -> str:
    """A KT1 kind as others may see it: the code of a kind that the mapping does not know may hold anything."""
    return kind if kind in tables.migration().rows else UNKNOWN_KIND


def is_migration_system(system: str) -> bool:
    """Whether an identifier is meant as a migration identifier: by system, also when it is misspelt.

    KT1 has a use ``temp`` of its own, so ``use`` tells nothing (migration-mapping.yaml, identifier_rule).
    """
    return system.startswith(tables.migration().system) or "koppeltaal.nl/migration/" in system


def business_identifiers(record: SourceRecord) -> list[tuple[str, str]]:
    """The (system, value) pairs of a KT1 record as KT2 spells their systems.

    Those without a system, and values that stand for no number, are left out. That of a definition has a question of
    its own (OQ-08), and those of a care plan do not move.
    """
    if record.type in {"ActivityDefinition", "CarePlan"}:
        return []
    table = tables.identifiers()
    found = [*identifiers(record.content)]
    found += [item for item in _values(record, "#CareTeamIdentifier") if isinstance(item, dict)]
    pairs = [
        (table.spelt(item["system"].strip()), item["value"].strip())
        for item in found
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str)
    ]
    return [(system, value) for system, value in pairs if value.casefold() not in table.dummies]


def definition_texts(record: SourceRecord) -> set[str]:
    """The texts by which care plans refer to an activity definition."""
    texts = {text for text in _values(record, "#ActivityDefinitionIdentifier") if isinstance(text, str)}
    return texts | {item["value"] for item in identifiers(record.content) if isinstance(item.get("value"), str)}


def _values(record: SourceRecord, name: str) -> list[Any]:
    found = record.content.get(name)
    return found if isinstance(found, list) else []


_ENDED = frozenset({"inactive", "entered-in-error", "retired", "off"})
_CLEAN_UP = "kt2-delete-flow"


def in_use(resource: Mapping[str, Any]) -> bool:
    """Whether a KT2 resource was not ended: deleting is a status (TOP-KT-013), and IDR-8 is about active resources."""
    status = resource.get("status")
    return resource.get("active") is not False and not (isinstance(status, str) and status in _ENDED)


def is_withdrawn(resource: Mapping[str, Any]) -> bool:
    """Whether this is a Task that should never have been (TOP-KT-013): it stands for no activity of KT1.

    No KT1 status becomes entered-in-error, but of a care team, where KT1 has that status too.
    """
    return resource.get("resourceType") == "Task" and resource.get("status") == "entered-in-error"


def last_version(resource: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """``meta.lastUpdated`` and ``meta.versionId`` of a KT2 resource, None for what is no text."""
    meta = resource.get("meta")
    found = [meta.get(name) for name in ("lastUpdated", "versionId")] if isinstance(meta, dict) else [None, None]
    updated, version = (value if isinstance(value, str) else None for value in found)
    return updated, version


def is_clean_up(resource: Mapping[str, Any]) -> bool:
    """Whether the provision made this Task to clean up a patient (TOP-KT-028); it is no part of the migration."""
    meta = resource.get("meta")
    labels = meta.get("security") if isinstance(meta, dict) else None
    return isinstance(labels, list) and any(
        isinstance(label, dict) and label.get("code") == _CLEAN_UP for label in labels
    )


def parts(task: Mapping[str, Any]) -> list[list[str]]:
    """The values of the migration identifiers of each contained Task (MIG-KT-001: sub-activities, memo)."""
    found = task.get("contained")
    tasks = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [
        [
            value
            for item in identifiers(part)
            if isinstance(value := item.get("value"), str) and is_migration_system(str(item.get("system")))
        ]
        for part in tasks
        if part.get("resourceType") == "Task"
    ]


def owner(record: SourceRecord, row: Migration | None, domain: Domain) -> str | None:
    """The application of the domain file that is the source of a record, or None when that is undecided.

    One application owns the type: that one. Several, or a kind that nobody owns because it does not move: the
    one whose name holds the name by which KT1 knows the sender, or the other way round (hosts and message
    sources are no reliable sender ids in KT1, so this only chooses, it never adds).
    """
    owners = domain.owners(row.kt2) if row and row.kt2 else domain.application
    if row and row.kt2 and len(owners) == 1:
        return owners[0].name
    sender = (record.application or "").casefold()
    if not sender:
        return None
    alike = [app.name for app in owners if sender in app.name.casefold() or app.name.casefold() in sender]
    return alike[0] if len(alike) == 1 else None
