"""Area *identificatie*: can every resource be found by its KT1 link, and is it still the same thing?

Sources: MIG-KT-002 (migration identifiers), TOP-KT-003 (IDR), TOP-KT-005/007 (Device and client_id), nl-core.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from ktcheck import matching, scope, tables
from ktcheck.facts import ApplicationDevice, Context, IdentifierGroup, MigrationIdentifier, Target
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule
from ktcheck.scope import ACTIVITY, SUB_ACTIVITY

_HISTORY = "/_history/"
_ACTIVITY = "activity-identifier"
_SYSTEM = "definition-identifier-system"


def _examine(target: Target, found: Iterable[Problem], examined: int = 1) -> Examination:
    sources = target.sources
    application = sources[0].application if sources else None
    return Examination(scope=target.type, application=application, problems=tuple(found), examined=examined)


def _kind(migrated: MigrationIdentifier) -> str:
    """The last part of the system: what the resource says it was in KT1."""
    prefix = tables.migration().system
    return migrated.system.removeprefix(prefix) if migrated.system.startswith(prefix) else ""


@rule("identification.system", Target)
def system(target: Target, context: Context) -> Examination | None:
    """The system of a migration identifier names the KT1 kind of the record it stands for (MIG-KT-002).

    A team without a patient is what was agreed to become of it; until then the memo's Organization is advice (OQ-14).
    """
    known = [migrated for migrated in target.migrated if migrated.rows]
    if not known:
        return None

    def wrong() -> Iterator[Problem]:
        for migrated in known:
            names = {name for row in migrated.rows for name in (row.identifier, *row.also)}
            fits = any(row.kt2 == target.type for row in migrated.rows)
            if _kind(migrated) in names and fits:
                continue
            row, source = migrated.rows[0], migrated.sources[0]
            lacking = row.lacking if not fits and scope.lacks(source, row) else None
            memo = lacking is not None and not context.agreements.agreed(lacking)
            yield Problem(
                resource=target.name,
                source=migrated.key,
                path="identifier.system",
                expected=f"{tables.migration().system}{row.identifier}",
                actual=migrated.system,
                words={"type": target.type, "kt1": row.kt1},
                agreement=lacking,
                severity=Severity.ADVICE if memo and target.type in row.instead.values() else None,
            )

    return _examine(target, wrong(), len(known))


@rule("identification.type-name", Target)
def type_name(target: Target, context: Context) -> Examination | None:
    """Of the readings of the kind's name that MIG-KT-002 allows the agreed or proposed one is used (OQ-02).

    Until the cluster agreed another reading is advice.
    """
    open_kinds = [migrated for migrated in target.migrated if any(row.also for row in migrated.rows)]
    if not open_kinds:
        return None

    def deviating() -> Iterator[Problem]:
        for migrated in open_kinds:
            row = next(row for row in migrated.rows if row.also)
            name = _kind(migrated)
            if name in row.also:
                settled = row.named is not None and context.agreements.agreed(row.named)
                yield Problem(
                    resource=target.name,
                    source=migrated.key,
                    path="identifier.system",
                    expected=row.identifier,
                    actual=name,
                    words={"type": target.type, "name": name, "expected": row.identifier},
                    agreement=row.named,
                    severity=None if settled else Severity.ADVICE,
                )

    return _examine(target, deviating(), len(open_kinds))


@rule("identification.activity", Target)
def activity(target: Target, context: Context) -> Examination | None:
    """Of the readings of an activity's id that MIG-KT-002 allows the agreed or proposed one is used (OQ-01).

    Until the cluster agreed the other reading is advice.
    """
    keys: dict[str, set[str]] = {}
    for migrated in target.migrated:
        for source in migrated.sources:
            if source.type in {ACTIVITY, SUB_ACTIVITY}:
                keys.setdefault(source.key, set()).add(migrated.key)
    if not keys:
        return None
    found = [
        Problem(
            resource=target.name,
            source=key,
            path="identifier.value",
            expected=key,
            actual=sorted(values),
            words={"type": target.type},
            agreement=_ACTIVITY,
            severity=None if context.agreements.agreed(_ACTIVITY) else Severity.ADVICE,
        )
        for key, values in keys.items()
        if key not in values
    ]
    return _examine(target, found, len(keys))


@rule("identification.use", Target)
def use(target: Target, _: Context) -> Examination | None:
    """A migration identifier has use temp (MIG-KT-002)."""
    if not target.migrated:
        return None
    expected = tables.migration().use
    found = [
        Problem(
            resource=target.name,
            source=migrated.key,
            path="identifier.use",
            expected=expected,
            actual=migrated.use,
            words={"type": target.type},
        )
        for migrated in target.migrated
        if migrated.use != expected
    ]
    return _examine(target, found, len(target.migrated))


@rule("identification.versionless", Target)
def versionless(target: Target, _: Context) -> Examination | None:
    """The value of a migration identifier has no KT1 version on it (MIG-KT-002)."""
    if not target.migrated:
        return None
    found = [
        Problem(
            resource=target.name,
            source=migrated.key,
            path="identifier.value",
            expected=migrated.key,
            actual=migrated.value,
            words={"type": target.type},
        )
        for migrated in target.migrated
        if _HISTORY in migrated.value
    ]
    return _examine(target, found, len(target.migrated))


@rule("identification.business-kept", Target)
def business_kept(target: Target, context: Context) -> Examination | None:
    """Every business identifier that the KT1 record had is on the KT2 resource (IDR-6, MIG-KT-002).

    That of a definition only counts when the cluster agreed on its system (OQ-08); its value is compared elsewhere.
    """
    expected = {identifier for source in target.sources for identifier in source.identifiers}
    agreed = context.agreements.value(_SYSTEM)
    defined = agreed is not None and any(source.type == "ActivityDefinition" for source in target.sources)
    if not expected and not defined:
        return None
    spelt = tables.identifiers().spelt
    actual = {(spelt(str(item.get("system")).strip()), str(item.get("value")).strip()) for item in target.identifiers}
    missing: list[list[str | None]] = [list(pair) for pair in sorted(expected - actual)]
    if defined and agreed not in {name for name, _ in actual}:
        missing.append([agreed, None])
    found: tuple[Problem, ...] = ()
    if missing:
        found = (
            Problem(
                resource=target.name,
                source=target.sources[0].key,
                path="identifier",
                expected=missing,
                actual=[list(pair) for pair in sorted(actual)],
                words={"type": target.type, "count": len(missing)},
                agreement=_SYSTEM if defined else None,
            ),
        )
    return _examine(target, found)


@rule("identification.unique", IdentifierGroup)
def unique(group: IdentifierGroup, context: Context) -> Examination:
    """A value is unique within its system, among the resources of one type (IDR-8).

    One resource for each link of a person, when that was agreed, gives several with one number (OQ-16).
    """
    each = context.agreements.option("several-links") == "one-each"
    found: tuple[Problem, ...] = ()
    if len(group.holders) > 1:
        found = (
            Problem(
                resource=group.holders[0],
                path="identifier",
                expected=1,
                actual={"system": group.system, "value": group.value, "resources": list(group.holders)},
                words={"type": group.type, "count": len(group.holders)},
                agreement="several-links" if each else None,
            ),
        )
    return Examination(scope=group.type, problems=found)


@rule("identification.one-person", Target)
def one_person(target: Target, _: Context) -> Examination | None:
    """Nobody has two citizen service numbers, unless KT1 already said so of one record (kt1-source.md 8, rule 9)."""
    table = tables.identifiers()
    pairs = [(table.spelt(str(item.get("system"))), str(item.get("value"))) for item in target.identifiers]
    numbers = {pair for pair in pairs if pair[0] in table.personal}
    if not numbers:
        return None
    found: tuple[Problem, ...] = ()
    if len(numbers) > 1 and not any(numbers <= set(source.identifiers) for source in target.sources):
        words = {"type": target.type, "count": len(numbers)}
        found = (
            Problem(
                resource=target.name, path="identifier", expected=1, actual=sorted(map(list, numbers)), words=words
            ),
        )
    return _examine(target, found)


def _is_uuid4(value: str) -> bool:
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        return False
    return str(parsed) == value.lower() and parsed.version == 4


@rule("identification.logical-id", Target)
def logical_id(target: Target, _: Context) -> Examination:
    """The logical id is an RFC 4122 version 4 UUID, so one that the server issued (IDR-1, TOP-KT-003)."""
    found: tuple[Problem, ...] = ()
    if not _is_uuid4(target.id):
        words = {"type": target.type}
        found = (Problem(resource=target.name, path="id", expected="UUIDv4", actual=target.id, words=words),)
    return _examine(target, found)


@rule("identification.present", Target)
def present(target: Target, _: Context) -> Examination | None:
    """Where the profile makes identifier mandatory there is one with a value (KT2-IDR-010, TOP-KT-003)."""
    if target.type not in tables.identifiers().mandatory:
        return None
    found: tuple[Problem, ...] = ()
    if not any(item.get("value") for item in target.identifiers):
        found = (Problem(resource=target.name, path="identifier", words={"type": target.type}),)
    return _examine(target, found)


@rule("identification.national", Target)
def national(target: Target, _: Context) -> Examination | None:
    """National numbers are under the nl-core systems (nl-core; contradiction 9: the topics' examples show an OID)."""
    systems = [item["system"] for item in target.identifiers if isinstance(item.get("system"), str)]
    if not systems:
        return None
    deviating = tables.identifiers().not_national
    found = [
        Problem(
            resource=target.name,
            path="identifier.system",
            expected=deviating[name],
            actual=name,
            words={"type": target.type},
        )
        for name in systems
        if name in deviating
    ]
    return _examine(target, found, len(systems))


@rule("identification.device", Target)
def device(target: Target, _: Context) -> Examination | None:
    """A Device's identifier is its client_id, equal to its logical id (TOP-KT-005 1.0.2)."""
    if target.type != "Device":
        return None
    client_id = tables.identifiers().client_id
    values = [item.get("value") for item in target.identifiers if item.get("system") == client_id]
    found: tuple[Problem, ...] = ()
    if values != [target.id]:
        found = (Problem(resource=target.name, path="identifier.value", expected=target.id, actual=values),)
    return _examine(target, found)


@rule("identification.application", ApplicationDevice)
def application(fact: ApplicationDevice, _: Context) -> Examination:
    """An application of the domain file has its Device, with its client_id on it (TOP-KT-007)."""
    name = fact.application.name
    values = [item.get("value") for item in matching.identifiers(fact.device or {})]
    found: tuple[Problem, ...] = ()
    if fact.device is None or fact.application.client_id not in values:
        found = (
            Problem(
                resource=fact.application.device,
                path="identifier",
                expected=fact.application.client_id,
                actual=values if fact.device else None,
                words={"application": name},
            ),
        )
    return Examination(scope="Device", application=name, problems=found)
