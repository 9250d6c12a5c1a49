"""The join of source inventory and snapshot, in a temporary SQLite file, and the facts that come out of it.

Building is one pass over each side and the facts are one pass more; memory does not grow with the domain. The
file holds personal data (links, identifiers): it is made inside a private temporary folder and goes with it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import orjson

from ktcheck import matching, references, tables
from ktcheck.agreements import Agreements
from ktcheck.domain import Domain
from ktcheck.facts import (
    ApplicationDevice,
    Context,
    IdentifierGroup,
    Message,
    MigrationIdentifier,
    Reference,
    Source,
    SourceDomain,
    SourceMatch,
    Target,
    TypeCount,
)
from ktcheck.following import Following
from ktcheck.snapshot.store import RESOURCE_TYPES, Snapshot
from ktcheck.source.inventory import Inventory
from ktcheck.source.record import SourceRecord

_HISTORY = "/_history/"
_BATCH = 2_000
_CACHE = 65_536
_CONTENTS = 2_048
_SOURCE = "type, key, link, application, basis, identifiers, refs, notes, content"

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE source (type TEXT, key TEXT, link TEXT, application TEXT, basis TEXT, identifiers BLOB, refs BLOB,
    notes BLOB, content BLOB);
CREATE TABLE definition (text TEXT, link TEXT);
CREATE TABLE target (type TEXT, id TEXT, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE migrated (link TEXT, type TEXT, id TEXT);
CREATE TABLE identifier (type TEXT, system TEXT, value TEXT, about TEXT, id TEXT);
CREATE TABLE team (id TEXT PRIMARY KEY, patient TEXT) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX source_key ON source (key);
CREATE INDEX definition_text ON definition (text);
CREATE INDEX definition_link ON definition (link);
CREATE INDEX migrated_link ON migrated (link);
CREATE INDEX migrated_holder ON migrated (type, id);
CREATE INDEX identifier_value ON identifier (type, system, value, about);
"""

Progress = Callable[[str, int], None]


class Index:
    """Inventory and snapshot, joined. Either may be absent; its facts are then simply not there."""

    def __init__(
        self,
        path: Path,
        domain: Domain,
        inventory: Inventory | None,
        snapshot: Snapshot | None,
        agreements: Agreements | None = None,
    ) -> None:
        self._domain = domain
        self._agreements = agreements or Agreements()
        self._inventory = inventory
        self._snapshot = snapshot
        self._version = domain.target.profile_version if domain.target else tables.migration().profile_versions[0]
        self._devices: dict[str, dict[str, Any]] = {}
        self._base_url = self._base()
        self._db = sqlite3.connect(path)
        path.chmod(0o600)
        self._following = Following(self._db, self._movable)
        self._is_there = lru_cache(_CACHE)(self._find_target)
        self._sources = lru_cache(_CONTENTS)(self._find_sources)

    def _base(self) -> str | None:
        target = self._domain.target
        if target and target.fhir_base_url:
            return target.fhir_base_url
        manifest = self._snapshot.manifest if self._snapshot else None
        return manifest.taken_from if manifest else None

    # ---- building -------------------------------------------------------------------------------------------

    def build(self, progress: Progress = lambda _what, _done: None) -> None:
        """Read both sides once. Raises InputError when a file of theirs turns out to be broken."""
        self._db.executescript(_SCHEMA)
        if self._inventory:
            for done, batch in _batches(self._inventory.records()):
                self._add_sources(batch)
                progress("broninventaris", done)
        if self._snapshot:
            for resource_type in self._snapshot.types():
                for done, batch in _batches(self._snapshot.resources(resource_type)):
                    self._add_targets(resource_type, batch)
                    progress(resource_type, done)
        self._db.executescript(_INDEXES)
        self._db.commit()

    def _add_sources(self, records: list[SourceRecord]) -> None:
        rows = []
        for record in records:
            identifiers = matching.business_identifiers(record)
            rows.append(
                (
                    record.type,
                    record.key,
                    record.link,
                    matching.owner(record, self._domain),
                    record.basis,
                    orjson.dumps(identifiers),
                    orjson.dumps(dict(record.references)),
                    orjson.dumps(record.notes),
                    orjson.dumps(record.content),
                )
            )
        self._db.executemany("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        definitions = [
            (text, record.key)
            for record in records
            if record.type == "ActivityDefinition"
            for text in matching.definition_texts(record)
        ]
        self._db.executemany("INSERT INTO definition VALUES (?, ?)", definitions)

    def _add_targets(self, resource_type: str, resources: list[dict[str, Any]]) -> None:
        migrated, identifiers, teams = [], [], []
        for resource in resources:
            if resource_type == "Device":
                self._devices[resource["id"]] = resource
            elif resource_type == "CareTeam":
                teams.append((resource["id"], self._reference_in(resource, "subject")))
            about = self._reference_in(resource, "patient") if resource_type == "RelatedPerson" else None
            in_use = matching.in_use(resource)
            for item in matching.identifiers(resource):
                system, value = item.get("system"), item.get("value")
                if not isinstance(system, str) or not isinstance(value, str):
                    continue
                if matching.is_migration_system(system):
                    if not matching.is_withdrawn(resource):
                        migrated.append((value.split(_HISTORY)[0], resource_type, resource["id"]))
                elif in_use:
                    system = tables.identifiers().spelt(system)
                    identifiers.append((resource_type, system, value, about or "", resource["id"]))
        ids = [(resource_type, resource["id"]) for resource in resources]
        self._db.executemany("INSERT OR IGNORE INTO target VALUES (?, ?)", ids)
        self._db.executemany("INSERT INTO migrated VALUES (?, ?, ?)", migrated)
        self._db.executemany("INSERT INTO identifier VALUES (?, ?, ?, ?, ?)", identifiers)
        self._db.executemany("INSERT OR REPLACE INTO team VALUES (?, ?)", teams)

    def _reference_in(self, resource: Mapping[str, Any], name: str) -> str | None:
        """The literal reference that an element holds."""
        value = resource.get(name)
        if not isinstance(value, dict):
            return None
        _, to_type, to_id = references.read(value, self._base_url)
        return f"{to_type}/{to_id}" if to_type and to_id else None

    # ---- look-ups -------------------------------------------------------------------------------------------

    def _find_target(self, resource_type: str, identifier: str) -> bool:
        query = "SELECT 1 FROM target WHERE type = ? AND id = ?"
        return self._db.execute(query, (resource_type, identifier)).fetchone() is not None

    def _find_sources(self, key: str) -> tuple[Source, ...]:
        rows = self._db.execute(f"SELECT {_SOURCE} FROM source WHERE key = ? ORDER BY rowid", (key,))  # noqa: S608
        return tuple(_source(row) for row in rows)

    # ---- facts ----------------------------------------------------------------------------------------------

    def context(self) -> Context:
        """What rules may know besides the facts."""
        counts = tuple(self.type_counts())
        return Context(
            applications=self._domain.application,
            profile_version=self._version,
            agreements=self._agreements,
            migrated=self._snapshot is not None,
            hidden_types=frozenset(
                count.type for count in counts if count.supported and count.rights in {"narrowed", "none"}
            ),
            unsupported_types=frozenset(count.type for count in counts if not count.supported),
        )

    def messages(self) -> Iterator[Message]:
        """One fact for each message that was read in full and one for each reject."""
        if not self._inventory:
            return
        counts = self._inventory.counts
        for _ in range(counts.messages + counts.searches):
            yield Message(reject=None)
        for reject in self._inventory.rejects:
            yield Message(reject=reject)

    def source_domains(self) -> Iterator[SourceDomain]:
        """The KT1 domain tags among the messages."""
        if not self._inventory:
            return
        domains = self._inventory.counts.domains
        main = max(domains, key=lambda name: (domains[name], name), default=None)
        for name, messages in sorted(domains.items()):
            yield SourceDomain(name=name, messages=messages, main=name == main)

    def matches(self) -> Iterator[SourceMatch]:
        """Every KT1 record beside its counterparts."""
        table = tables.migration().rows
        context = self.context()
        unknown = context.hidden_types | context.unsupported_types
        twice = dict(self._db.execute("SELECT key, COUNT(*) FROM source GROUP BY key HAVING COUNT(*) > 1"))
        cursor = self._db.cursor()
        met: Counter[str] = Counter()
        for record in cursor.execute(f"SELECT {_SOURCE} FROM source ORDER BY rowid"):  # noqa: S608
            source = _source(record)
            row = table.get(source.type)
            holders = self._following.holders(source.key)
            if source.key in twice:
                met[source.key] += 1
                # One resource cannot stand for two records: the last ones that share the key have none.
                holders = holders if met[source.key] <= len(holders) else ()
            yield SourceMatch(
                source=source,
                row=row,
                expected=matching.has_to_move(source, row, self._version),
                alike=twice.get(source.key, 1),
                holders=holders,
                visible=row is None or row.kt2 not in unknown,
            )

    def targets(self) -> Iterator[Target]:
        """Every KT2 resource with its migration identifiers, its references and what KT1 says of those."""
        if not self._snapshot:
            return
        context = self.context()
        known = frozenset(RESOURCE_TYPES) - context.hidden_types - context.unsupported_types
        for resource_type in self._snapshot.types():
            for resource in self._snapshot.resources(resource_type):
                target = self._target(resource_type, resource, known)
                if target.migrated or not matching.is_clean_up(resource):
                    yield target

    def _target(self, resource_type: str, resource: dict[str, Any], known: frozenset[str]) -> Target:
        migrated = tuple(self._migrated(resource))
        found = tuple(self._references(resource_type, resource, known))
        sources = tuple(source for item in migrated for source in item.sources)
        return Target(
            type=resource_type,
            id=resource["id"],
            resource=resource,
            migrated=migrated,
            references=found,
            expected=tuple(self._following.expected(resource_type, migrated, found)) if sources else (),
        )

    def _migrated(self, resource: Mapping[str, Any]) -> Iterator[MigrationIdentifier]:
        table = tables.migration().rows
        for item in matching.identifiers(resource):
            system, value, use = item.get("system"), item.get("value"), item.get("use")
            if not isinstance(system, str) or not isinstance(value, str) or not matching.is_migration_system(system):
                continue
            key = value.split(_HISTORY)[0]
            # Also what need not move may move: a team without a patient, once its owner has told whose it is.
            known = self._sources(key)
            sources = tuple(source for source in known if self._may_move(source))
            yield MigrationIdentifier(
                system=system,
                value=value,
                use=use if isinstance(use, str) else None,
                key=key,
                sources=sources,
                rows=tuple(table[source.type] for source in sources),
                staying=tuple(source.type for source in known if source.type in table and source not in sources),
            )

    def _may_move(self, source: Source) -> bool:
        row = tables.migration().rows.get(source.type)
        return row is not None and row.moves(self._version)

    def _movable(self, kind: str) -> bool:
        row = tables.migration().rows.get(kind)
        return row is not None and row.moves(self._version) and row.kt2 not in self._unsupported

    @cached_property
    def _unsupported(self) -> frozenset[str]:
        return self.context().unsupported_types

    def _references(
        self, resource_type: str, resource: Mapping[str, Any], known: frozenset[str]
    ) -> Iterator[Reference]:
        table = tables.references()
        for found in references.walk(resource):
            form, to_type, to_id = references.read(found.value, self._base_url)
            raw = found.value.get("reference")
            yield Reference(
                path=found.path,
                place=found.place,
                raw=raw if isinstance(raw, str) else None,
                form=form,
                type=to_type,
                target=f"{to_type}/{to_id}" if to_type and to_id else None,
                exists=self._is_there(to_type, to_id) if to_type in known and to_id else None,
                row=table.row(resource_type, found.path),
            )

    def identifier_groups(self) -> Iterator[IdentifierGroup]:
        """Every business identifier with the resources of one type that have it."""
        query = "SELECT type, system, value, about, id FROM identifier ORDER BY type, system, value, about, id"
        for (kind, system, value, _), rows in groupby(self._db.execute(query), key=lambda row: row[:4]):
            holders = dict.fromkeys(f"{kind}/{row[4]}" for row in rows)
            yield IdentifierGroup(type=kind, system=system, value=value, holders=tuple(holders))

    def application_devices(self) -> Iterator[ApplicationDevice]:
        """Every application of the domain file beside its Device."""
        if not self._snapshot:
            return
        for application in self._domain.application:
            device = self._devices.get(application.device.removeprefix("Device/"))
            yield ApplicationDevice(application=application, device=device)

    def type_counts(self) -> Iterator[TypeCount]:
        """How many resources of each type are in the snapshot, beside what its manifest says.

        Without a manifest nothing is known of what the server had. A type that grows by our own reading has to have
        at least what there was before.
        """
        if not self._snapshot:
            return
        there = dict(self._db.execute("SELECT type, COUNT(*) FROM target GROUP BY type"))
        manifest = self._snapshot.manifest
        if manifest is None:
            for name in self._snapshot.types():
                distinct = there.get(name, 0)
                yield TypeCount(
                    type=name, distinct=distinct, total=None, changed=None, rights="unknown", supported=True
                )
            return
        counted = {count.type for count in manifest.types}
        for name in RESOURCE_TYPES:
            if name not in counted:
                number = there.get(name, 0)
                yield TypeCount(type=name, distinct=number, total=None, changed=None, rights="unknown", supported=True)
        for count in manifest.types:
            distinct = there.get(count.type, 0)
            before, after = count.total_before, count.total_after
            changed: bool | None = False
            if count.self_logging:
                total = None if before is None else max(before, count.distinct)
            else:
                total = after if distinct == after else before
                # Two totals that differ are a change, whatever else the manifest says.
                changed = count.changed if None in {before, after} or before == after else True
            yield TypeCount(
                type=count.type,
                distinct=distinct,
                total=total,
                changed=changed,
                rights=count.rights,
                supported=count.supported,
            )

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _source(row: tuple[Any, ...]) -> Source:
    kind, key, link, application, basis, identifiers, refs, notes, content = row
    return Source(
        type=kind,
        key=key,
        link=link,
        application=application,
        basis=basis,
        identifiers=tuple((system, value) for system, value in orjson.loads(identifiers)),
        references={name: tuple(links) for name, links in orjson.loads(refs).items()},
        notes=tuple(orjson.loads(notes)),
        content=orjson.loads(content),
    )


def _batches(items: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    """The items in lists, each with the number of items so far."""
    iterator = iter(items)
    done = 0
    while batch := list(islice(iterator, _BATCH)):
        done += len(batch)
        yield done, batch
