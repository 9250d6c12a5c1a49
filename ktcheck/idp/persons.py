"""The people of a snapshot, as far as logging in is concerned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ktcheck import matching, references, tables
from ktcheck.domain import Domain, UserType
from ktcheck.snapshot.store import Snapshot

USER_TYPES: tuple[UserType, ...] = get_args(UserType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A Patient, Practitioner or RelatedPerson; ``identifiers`` are (system, value), but for migration identifiers."""

    type: UserType
    id: str
    active: bool
    migrated: bool
    patient: str | None
    identifiers: tuple[tuple[str, str], ...]


def persons(snapshot: Snapshot, base_url: str | None) -> Iterator[Person]:
    """Everybody in a snapshot, one at a time."""
    for user_type in USER_TYPES:
        for resource in snapshot.resources(user_type):
            yield _person(user_type, resource, base_url)


def _person(user_type: UserType, resource: Mapping[str, Any], base_url: str | None) -> Person:
    pairs = [
        (item["system"], item["value"])
        for item in matching.identifiers(resource)
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str)
    ]
    patient = resource.get("patient")
    _, kind, own = references.read(patient, base_url) if isinstance(patient, dict) else (None, None, None)
    return Person(
        type=user_type,
        id=resource["id"],
        active=resource.get("active") is not False,
        migrated=any(matching.is_migration_system(system) for system, _ in pairs),
        patient=own if kind == "Patient" else None,
        identifiers=tuple(pair for pair in pairs if not matching.is_migration_system(pair[0])),
    )


def users_of(domain: Domain, snapshot: Snapshot, base_url: str | None) -> Iterator[tuple[str, str]]:
    """(name of an application, ``<Type>/<id>`` of an owner of a task for it), for applications with a provider."""
    table = tables.references()
    wanted = {idp.application for idp in domain.idp if idp.application}
    devices = {app.device: app.name for app in domain.application if app.name in wanted}
    definitions: dict[str, str] = {}
    for definition in snapshot.resources("ActivityDefinition") if devices else ():
        name = devices.get(references.extension(definition, table.origin, base_url) or "")
        if name:
            definitions[f"ActivityDefinition/{definition['id']}"] = name
    for task in snapshot.resources("Task") if definitions else ():
        name = definitions.get(references.extension(task, table.instantiates, base_url) or "")
        owner = references.target(task.get("owner"), base_url)
        if name and owner:
            yield name, owner
