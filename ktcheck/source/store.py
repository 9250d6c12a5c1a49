"""What the messages said, in a temporary database on disk, so that memory stays bounded; and which version is newest.

Source: kt1-source.md section 4.3. The order of the candidates for a resource's content:

1. messages in which the resource is focal before those in which it only is a companion;
2. by version up to the milliseconds, or else by the header's timestamp in the same shape;
3. at the same version, what was sent on top of it before what was received with it;
4. the result of a search before the message about the same definition (section 9.2);
5. by the header's timestamp; 6. by file name, which is noted as ``order-guessed``.

A sent message gets its true versions from its acknowledgement, or from the same message as somebody received it.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import orjson

from ktcheck.source.interpret import Acknowledgement, Entry, Message
from ktcheck.source.links import version_stamp
from ktcheck.source.neutral import apart, together
from ktcheck.source.record import Basis

_SCHEMA = """
CREATE TABLE message (identifier TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE content (digest BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE candidate (link TEXT, kind TEXT, focal INT, version TEXT, sent INT, search INT, moment TEXT,
    message TEXT, file TEXT, entry INT, application TEXT, patient TEXT, notes TEXT, digest BLOB, local BLOB);
CREATE TABLE seen (link TEXT, message TEXT, role INT, moment TEXT, PRIMARY KEY (link, message)) WITHOUT ROWID;
CREATE TABLE issued (message TEXT, link TEXT, version TEXT, PRIMARY KEY (message, link)) WITHOUT ROWID;
CREATE TABLE refused (message TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE newest (link TEXT PRIMARY KEY, kind TEXT, focal INT, version TEXT, fresh TEXT, application TEXT,
    patient TEXT, notes TEXT, digest BLOB, local BLOB) WITHOUT ROWID;
"""
_ORDERED = """
SELECT link, kind, focal, version, sent, search, moment, message, application, patient, notes, digest,
    coalesce(version_stamp(version), moment) AS stamp, local
FROM candidate
ORDER BY link, focal DESC, stamp DESC, sent DESC, search DESC, moment DESC, file DESC, entry DESC, digest DESC
"""
_ROLES: tuple[Basis, ...] = ("reference", "companion", "focal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest content of one resource.

    ``fresh`` is the stamp to compare it with other resources: the version's, or for content that was sent on
    top of a version the time of sending if that is later.
    """

    link: str
    kind: str
    basis: Basis
    version: str | None
    fresh: str
    application: str | None
    patient: str | None
    notes: frozenset[str]
    content: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """In how many messages a link was focal, companion and only referred to, and the first and last stamp."""

    seen: dict[str, int]
    first: str | None
    last: str | None


def _different(senders: set[str | None]) -> int:
    """How many senders there are; by agreement a sender is called "application" or "adapter; application"."""
    names = {name.strip().casefold() for name in senders if name}
    return sum(not any(other != name and other in name for other in names) for name in names)


class Store:
    """A database that lives as long as the object, in a private temporary file of SQLite."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;")
        self.database.executescript(_SCHEMA)
        self.database.create_function("version_stamp", 1, version_stamp, deterministic=True)
        self.database.execute("BEGIN")

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    def is_new(self, messages: list[Message]) -> bool:
        """Whether these messages, together in one file, were not met before; remembers them."""
        identifier = "|".join(sorted(message.identifier for message in messages))
        return self.database.execute("INSERT OR IGNORE INTO message VALUES (?)", (identifier,)).rowcount == 1

    def add(self, message: Message, file: str) -> None:
        """Remember the resources of a message and what it refers to."""
        for entry in message.entries:
            self._add_entry(message, entry, file)
        sightings = [(link, message.identifier, 0, message.moment) for link in message.referred]
        sightings += [
            (entry.link, message.identifier, 2 if entry.focal else 1, message.moment) for entry in message.entries
        ]
        self.database.executemany(
            "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = max(role, excluded.role), "
            "moment = max(moment, excluded.moment)",
            sightings,
        )

    def _add_entry(self, message: Message, entry: Entry, file: str) -> None:
        content, local = apart(entry.content)
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(body).digest()
        known = self.database.execute("SELECT 1 FROM content WHERE digest = ?", (digest,)).fetchone()
        if not known:
            self.database.execute("INSERT INTO content VALUES (?, ?)", (digest, zlib.compress(body, 1)))
        self.database.execute(
            "INSERT INTO candidate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.link,
                entry.kind,
                entry.focal,
                entry.version,
                not message.received,
                message.search,
                message.moment,
                message.identifier,
                file,
                entry.number,
                message.application,
                message.patient,
                " ".join(sorted(entry.notes)),
                digest,
                orjson.dumps(local),
            ),
        )
        if message.received and entry.version:
            self._issue(message.identifier, entry.link, entry.version)

    def acknowledge(self, answer: Acknowledgement) -> None:
        """Remember the versions that the server issued for a message, or that it refused it."""
        if not answer.accepted:
            self.database.execute("INSERT OR IGNORE INTO refused VALUES (?)", (answer.request,))
        for link, version in answer.versions.items():
            self._issue(answer.request, link, version)

    def _issue(self, message: str, link: str, version: str) -> None:
        self.database.execute(
            "INSERT INTO issued VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
            (message, link, version),
        )

    def decide(self) -> int:
        """Choose the newest content of every resource; returns how many different contents there were."""
        self.database.execute(
            "UPDATE candidate SET sent = 0, version = issued.version FROM issued "
            "WHERE candidate.sent AND issued.message = candidate.message AND issued.link = candidate.link"
        )
        rows = self.database.execute(_ORDERED)
        for link, candidates in itertools.groupby(rows, key=lambda row: str(row[0])):
            self._decide_one(link, candidates)
        versions: int = self.database.execute(
            "SELECT count(*) FROM (SELECT DISTINCT link, digest FROM candidate)"
        ).fetchone()[0]
        return versions

    def _decide_one(self, link: str, candidates: Iterator[tuple[Any, ...]]) -> None:
        _, kind, focal, version, sent, search, moment, message, application, patient, codes, digest, stamp, local = (
            next(candidates)
        )
        notes = set(codes.split())
        senders = {application}
        for other in candidates:
            if other[2] != focal:
                continue
            senders.add(other[8])
            if other[11] == digest:
                continue
            if (other[12], *other[4:7]) == (stamp, sent, search, moment):
                notes.add("order-guessed")
            if version and not sent and not other[4] and other[3] == version:
                notes.add("same-version-different-content")
        if sent and version:
            notes.add("base-version")
        if self.database.execute("SELECT 1 FROM refused WHERE message = ?", (message,)).fetchone():
            notes.add("refused")
        # The server itself sent definitions on (9.2).
        if focal and kind != "ActivityDefinition" and _different(senders) > 1:
            notes.add("several-senders")
        fresh = max(stamp, moment) if sent else stamp
        self.database.execute(
            "INSERT INTO newest VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (link, kind, focal, version, fresh, application, patient, " ".join(sorted(notes)), digest, local),
        )

    def newest(self, kind: str | None = None) -> Iterator[Newest]:
        """The newest content of every resource (of one kind), by link."""
        rows = self.database.execute(
            "SELECT link, kind, focal, version, fresh, application, patient, notes, body, local "
            "FROM newest JOIN content USING (digest) WHERE kind = ? OR ? IS NULL ORDER BY link",
            (kind, kind),
        )
        for link, found, focal, version, fresh, application, patient, notes, body, local in rows:
            yield Newest(
                link=link,
                kind=found,
                basis="focal" if focal else "companion",
                version=version,
                fresh=fresh,
                application=application,
                patient=patient,
                notes=frozenset(notes.split()),
                content=together(orjson.loads(zlib.decompress(body)), orjson.loads(local)),
            )

    def only_referred(self) -> Iterator[str]:
        """The links that no message holds a resource for."""
        rows = self.database.execute(
            "SELECT DISTINCT link FROM seen WHERE link NOT IN (SELECT link FROM newest) ORDER BY link"
        )
        return (row[0] for row in rows)

    def kind(self, link: str) -> str | None:
        """The kind of the resource with that link, None when no message holds it."""
        row = self.database.execute("SELECT kind FROM newest WHERE link = ?", (link,)).fetchone()
        return row[0] if row else None

    def sightings(self, link: str) -> Sightings:
        """Where and when a link was seen."""
        rows = self.database.execute(
            "SELECT role, count(*), min(nullif(moment, '')), max(moment) FROM seen WHERE link = ? GROUP BY role",
            (link,),
        ).fetchall()
        counts = {row[0]: row[1] for row in rows}
        return Sightings(
            seen={name: counts.get(role, 0) for role, name in reversed(list(enumerate(_ROLES)))},
            first=min((row[2] for row in rows if row[2]), default=None),
            last=max((row[3] for row in rows if row[3]), default=None),
        )
