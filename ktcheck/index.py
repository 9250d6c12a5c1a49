"""The join of source inventory and snapshot, in a temporary SQLite file, and the facts that come out of it.

Building is one pass over each side and the facts are one pass more; memory does not grow with the domain. The
file holds personal data (links, identifiers): it is made inside a private temporary folder and goes with it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import orjson

from ktcheck import collisions, matching, needs, references, scope, tables
from ktcheck.agreements import Agreements, questions
from ktcheck.domain import Application, Domain
from ktcheck.facts import (
    Agreed,
    Announced,
    ApplicationDevice,
    Context,
    IdentifierGroup,
    LinkGroup,
    Message,
    MigrationIdentifier,
    Need,
    Reference,
    Source,
    SourceDomain,
    SourceIdentifier,
    SourceMatch,
    Target,
    TypeCount,
)
from ktcheck.following import Following
from ktcheck.inventoried import Inventoried
from ktcheck.scope import ACTIVITY, SUB_ACTIVITY
from ktcheck.snapshot.store import RESOURCE_TYPES, Snapshot
from ktcheck.source.inventory import Inventory
from ktcheck.source.record import SourceRecord
from ktcheck.tables import Migration

_HISTORY = "/_history/"
_BATCH = 2_000
_CACHE = 65_536
_CONTENTS = 2_048
_SOURCE = "type, key, link, application, basis, identifiers, refs, notes, content, rests, stays"

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE source (type TEXT, key TEXT, link TEXT, application TEXT, basis TEXT, identifiers BLOB, refs BLOB,
    notes BLOB, content BLOB, rests TEXT, stays INT, other TEXT, parent TEXT);
CREATE TABLE definition (text TEXT, link TEXT);
CREATE TABLE used (text TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE target (type TEXT, id TEXT, updated TEXT, version TEXT, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE migrated (link TEXT, type TEXT, id TEXT);
CREATE TABLE identifier (type TEXT, system TEXT, value TEXT, about TEXT, id TEXT);
CREATE TABLE team (id TEXT PRIMARY KEY, patient TEXT) WITHOUT ROWID;
CREATE TABLE member (team TEXT, name TEXT);
CREATE TABLE task (id TEXT PRIMARY KEY, owner TEXT, nameless INT) WITHOUT ROWID;
CREATE TABLE part (link TEXT, id TEXT);
"""
_INDEXES = """
CREATE INDEX source_key ON source (key);
CREATE INDEX source_link ON source (link, type);
CREATE INDEX source_other ON source (other) WHERE other IS NOT NULL;
CREATE INDEX source_parent ON source (parent) WHERE parent IS NOT NULL;
CREATE INDEX definition_text ON definition (text);
CREATE INDEX definition_link ON definition (link);
CREATE INDEX migrated_link ON migrated (link);
CREATE INDEX migrated_holder ON migrated (type, id);
CREATE INDEX identifier_value ON identifier (type, system, value, about);
CREATE INDEX part_link ON part (link);
CREATE INDEX team_patient ON team (patient);
CREATE INDEX member_team ON member (team);
"""
# What other records decide: parts go with their activity, a definition that is used does not stay for being archived,
# and a plan without activities that move gets no main task.
_SETTLE = """
UPDATE source SET rests = activity.rests, stays = 1 FROM source activity
WHERE source.parent IS NOT NULL AND activity.key = source.parent AND activity.link = source.link
    AND activity.type = 'CarePlanActivity' AND activity.stays;
UPDATE source SET stays = 0
WHERE type = 'ActivityDefinition' AND stays AND rests IN (SELECT value FROM json_each(:unless_used))
    AND key IN (SELECT link FROM definition JOIN used USING (text));
UPDATE source SET stays = 1
WHERE type = 'CarePlan' AND NOT EXISTS (
    SELECT 1 FROM source activity
    WHERE activity.link = source.key AND activity.type = 'CarePlanActivity' AND NOT activity.stays);
"""
# A migration identifier in the other reading of MIG-KT-002 stands for the activity, unless it is the key of something.
_READ_OTHERS = """
UPDATE {table} SET link = source.key FROM source
WHERE source.other = {table}.link AND NOT EXISTS (SELECT 1 FROM source own WHERE own.key = {table}.link)
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
        own: Application | None = None,
    ) -> None:
        self._domain = domain
        self._own = own
        self._agreements = agreements or Agreements()
        self._inventory = inventory
        self._snapshot = snapshot
        self._version = domain.target.profile_version if domain.target else tables.migration().profile_versions[0]
        self._devices: dict[str, dict[str, Any]] = {}
        self._base_url = self._base()
        self._rows = scope.rows(self._agreements)
        self._db = sqlite3.connect(path)
        path.chmod(0o600)
        self._following = Following(self._db, self._movable, self._agreements)
        self._inventoried = Inventoried(self._db, self._rows, self._version, self._agreements)
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
        self._settle()
        self._db.commit()

    def _settle(self) -> None:
        unless_used = [row.agreement for row in tables.migration().stays if row.when == "archived-and-unused"]
        for statement in _SETTLE.strip().split(";\n"):
            self._db.execute(statement, {"unless_used": orjson.dumps(unless_used).decode()})
        for table in ("migrated", "part"):
            self._db.execute(_READ_OTHERS.format(table=table))

    def _add_sources(self, records: list[SourceRecord]) -> None:
        rows = []
        used: list[tuple[str]] = []
        for record in records:
            identifiers = matching.business_identifiers(record)
            key, other, parent = scope.keys(record, self._agreements)
            rests, stays = scope.stays(record, self._agreements)
            found = {**record.references, "activity": (parent,)} if parent else dict(record.references)
            if record.type == ACTIVITY and not stays:
                used += [(text,) for text in found.get("definition", ())]
            rows.append(
                (
                    matching.known_kind(record.type),
                    key,
                    record.link,
                    matching.owner(record, scope.row_of(record, self._rows, self._agreements), self._domain),
                    record.basis,
                    orjson.dumps(identifiers),
                    orjson.dumps(found),
                    orjson.dumps(record.notes),
                    orjson.dumps(record.content),
                    rests,
                    stays,
                    other,
                    parent,
                )
            )
        self._db.executemany("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT OR IGNORE INTO used VALUES (?)", used)
        definitions = [
            (text, record.key)
            for record in records
            if record.type == "ActivityDefinition"
            for text in matching.definition_texts(record)
        ]
        self._db.executemany("INSERT INTO definition VALUES (?, ?)", definitions)

    def _add_targets(self, resource_type: str, resources: list[dict[str, Any]]) -> None:
        migrated, identifiers = [], []
        for resource in resources:
            if resource_type == "Device":
                self._devices[resource["id"]] = resource
            elif resource_type == "CareTeam":
                self._add_team(resource)
            elif resource_type == "Task":
                self._add_task(resource)
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
        ids = [(resource_type, resource["id"], *matching.last_version(resource)) for resource in resources]
        self._db.executemany("INSERT OR IGNORE INTO target VALUES (?, ?, ?, ?)", ids)
        self._db.executemany("INSERT INTO migrated VALUES (?, ?, ?)", migrated)
        self._db.executemany("INSERT INTO identifier VALUES (?, ?, ?, ?, ?)", identifiers)

    def _add_team(self, team: Mapping[str, Any]) -> None:
        found = team.get("participant")
        people = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        members = [(team["id"], name) for item in people if (name := self._reference_in(item, "member"))]
        self._db.execute("INSERT OR REPLACE INTO team VALUES (?, ?)", (team["id"], self._reference_in(team, "subject")))
        self._db.executemany("INSERT INTO member VALUES (?, ?)", members)

    def _add_task(self, task: Mapping[str, Any]) -> None:
        parts = matching.parts(task)
        nameless = sum(not links for links in parts)
        row = (task["id"], self._reference_in(task, "owner"), nameless)
        self._db.execute("INSERT OR REPLACE INTO task VALUES (?, ?, ?)", row)
        named = [(link.split(_HISTORY)[0], task["id"]) for links in parts for link in links]
        self._db.executemany("INSERT INTO part VALUES (?, ?)", named)

    def _reference_in(self, resource: Mapping[str, Any], name: str) -> str | None:
        """The literal reference that an element holds."""
        value = resource.get(name)
        if not isinstance(value, dict):
            return None
        _, to_type, to_id = references.read(value, self._base_url)
        return f"{to_type}/{to_id}" if to_type and to_id else None

    # ---- look-ups -------------------------------------------------------------------------------------------

    def _find_target(self, resource_type: str, identifier: str) -> tuple[str | None, str | None] | None:
        """When a resource was last updated and in which version it is, None when it is not there."""
        query = "SELECT updated, version FROM target WHERE type = ? AND id = ?"
        row: tuple[str | None, str | None] | None = self._db.execute(query, (resource_type, identifier)).fetchone()
        return row

    def _find_sources(self, key: str) -> tuple[Source, ...]:
        """The records with a key, or else those that have it in the other reading of MIG-KT-002."""
        for column in ("key", "other"):
            query = f"SELECT {_SOURCE} FROM source WHERE {column} = ? ORDER BY rowid"  # noqa: S608
            if found := tuple(_source(row) for row in self._db.execute(query, (key,))):
                return found
        return ()

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
            own=self._own,
            own_types=frozenset(count.type for count in counts if self._own and self._own.device in count.origins),
        )

    def agreed(self) -> Iterator[Agreed]:
        """One fact for each question that the mapping leaves open."""
        manifest = self._snapshot.manifest if self._snapshot else None
        day = manifest.finished.partition("T")[0] if manifest else None
        for key in questions():
            yield Agreed(key=key, migrated_by=day)

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

    def link_groups(self) -> Iterator[LinkGroup]:
        """Every link of a KT1 resource, with those that are alike."""
        return self._inventoried.link_groups() if self._inventory else iter(())

    def announced(self) -> Iterator[Announced]:
        """What the applications of the domain file announced to hold in KT1, beside what was sent."""
        return self._inventoried.announced(self._domain.application) if self._inventory else iter(())

    def matches(self) -> Iterator[SourceMatch]:
        """Every KT1 record beside its counterparts."""
        context = self.context()
        unknown = context.hidden_types | context.unsupported_types
        twice = dict(self._db.execute("SELECT key, COUNT(*) FROM source GROUP BY key HAVING COUNT(*) > 1"))
        cursor = self._db.cursor()
        met: Counter[str] = Counter()
        for record in cursor.execute(f"SELECT {_SOURCE} FROM source ORDER BY rowid"):  # noqa: S608
            source = _source(record)
            row = scope.row_of(source, self._rows, self._agreements)
            inside = self._inside(source) if source.type == SUB_ACTIVITY else ()
            holders = self._holders(source, inside)
            performers = self._each(source)
            if source.key in twice:
                met[source.key] += 1
                # One resource cannot stand for two records: the last ones that share the key have none.
                holders = holders if met[source.key] <= len(holders) else ()
            yield SourceMatch(
                source=source,
                row=row,
                expected=scope.fate(source, row, self._version, self._agreements) == "moves",
                alike=twice.get(source.key, 1),
                holders=holders,
                visible=row is None or row.kt2 not in unknown or context.is_own(source.application, row.kt2),
                copies=len(performers) or 1,
                unserved=self._unserved(performers, holders),
                inside=inside,
                agreement=scope.question(source, row),
                refers=self._inventoried.refers(source),
            )

    def _holders(self, source: Source, inside: tuple[str, ...]) -> tuple[str, ...]:
        """The resources that stand for a record; the Tasks that contain one for it, when that was agreed or may be."""
        row = self._rows.get(source.type)
        if row and row.inside:
            return inside
        own = self._following.holders(source.key)
        settled = row is None or row.agreement is None or self._agreements.agreed(row.agreement)
        return own or (() if settled else inside)

    def _inside(self, source: Source) -> tuple[str, ...]:
        """The Tasks of a sub-activity's activity with a contained Task for it: by name, or as many without a name."""
        (parent,) = source.references.get("activity", ("",))
        parents = [name.rpartition("/")[2] for name in self._following.holders(parent)]
        named = {task for (task,) in self._db.execute("SELECT id FROM part WHERE link = ?", (source.key,))}
        if found := [task for task in parents if task in named]:
            return tuple(f"Task/{task}" for task in found)
        query = (
            "SELECT 1 FROM task WHERE id = ? AND nameless > 0 AND nameless = "
            "(SELECT COUNT(*) FROM source WHERE parent = ? AND link = ?)"
        )
        return tuple(
            f"Task/{task}" for task in parents if self._db.execute(query, (task, parent, source.link)).fetchone()
        )

    def _each(self, source: Source) -> tuple[str, ...]:
        """The performers that each have a Task of their own (OQ-12), none when there is one Task."""
        performers = source.references.get("performer", ())
        each = len(performers) > 1 and self._agreements.option("several-performers") == "task-each"
        return performers if each else ()

    def _unserved(self, performers: tuple[str, ...], holders: tuple[str, ...]) -> int:
        """How many performers own none of the Tasks of their activity."""
        if not performers or not holders:
            return 0
        query = "SELECT owner FROM task WHERE id = ?"
        tasks = (name.rpartition("/")[2] for name in holders)
        owners = {owner for task in tasks for (owner,) in self._db.execute(query, (task,))}
        return sum(owners.isdisjoint(self._following.holders(performer)) for performer in performers)

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

    def contained(self, target: Target) -> Iterator[tuple[int, Target]]:
        """The sub-tasks that a Task contains (OQ-05), with their places, as far as it is known what they stand for."""
        items = target.resource.get("contained") if target.type == "Task" else None
        for place, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and item.get("resourceType") == "Task":
                # Inside its activity's Task it is in its place, whether or not a Task of its own would be.
                migrated = tuple(replace(one, sources=self._sources(one.key)) for one in self._migrated(item))
                yield place, replace(target, resource=item, migrated=migrated, references=(), expected=())

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
        for item in matching.identifiers(resource):
            system, value, use = item.get("system"), item.get("value"), item.get("use")
            if not isinstance(system, str) or not isinstance(value, str) or not matching.is_migration_system(system):
                continue
            key = value.split(_HISTORY)[0]
            known = [(source, scope.row_of(source, self._rows, self._agreements)) for source in self._sources(key)]
            # Also what need not move may move: a team without a patient, once its owner has told whose it is.
            moving = [(source, row) for source, row in known if row and self._may_move(source, row)]
            staying = [(source, row) for source, row in known if row and not self._may_move(source, row)]
            yield MigrationIdentifier(
                system=system,
                value=value,
                use=use if isinstance(use, str) else None,
                key=key,
                sources=tuple(source for source, _ in moving),
                rows=tuple(row for _, row in moving),
                staying=tuple(source.type for source, _ in staying),
                agreement=next((found for source, row in staying if (found := scope.question(source, row))), None),
            )

    def _may_move(self, source: Source, row: Migration) -> bool:
        """Whether a resource of its own may stand for a record."""
        return not row.inside and scope.fate(source, row, self._version, self._agreements) != "stays"

    def _movable(self, kind: str) -> bool:
        row = self._rows.get(kind)
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
            readable = to_type in known and to_id
            there = self._is_there(to_type, to_id) if readable else None
            yield Reference(
                path=found.path,
                place=found.place,
                raw=raw if isinstance(raw, str) else None,
                form=form,
                type=to_type,
                target=f"{to_type}/{to_id}" if to_type and to_id else None,
                exists=there is not None if readable else None,
                row=table.row(resource_type, found.path),
                updated=there[0] if there else None,
                version=there[1] if there else None,
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

    def source_identifiers(self) -> Iterator[SourceIdentifier]:
        """Every business identifier in KT1 with the records of one kind that have it and have to move."""
        moving = [row.kt1 for row in self._rows.values() if row.moves(self._version)]
        return collisions.shared(self._db, moving)

    def needs(self) -> Iterator[Need]:
        """What applications cannot do without, for every patient with an activity for them."""
        return needs.needs(self._db, self._domain.application)

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
                origins=count.origins,
            )

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _source(row: tuple[Any, ...]) -> Source:
    kind, key, link, application, basis, identifiers, refs, notes, content, rests, stays = row
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
        rests_on=rests,
        stays=bool(stays),
    )


def _batches(items: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    """The items in lists, each with the number of items so far."""
    iterator = iter(items)
    done = 0
    while batch := list(islice(iterator, _BATCH)):
        done += len(batch)
        yield done, batch
