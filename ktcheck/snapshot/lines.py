"""One resource type on its way to disk: a line for each id, in its newest version.

Resources go to the file as they come. Which ids are there, and where, is kept in a temporary SQLite database
that lives on disk and has no name, so memory stays the same however many resources there are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson


class ResourceLines:
    """Writes ``<ResourceType>.ndjson`` (mode 0600); use it as a context manager and ``finish()`` it.

    ``entries`` is how many resources were added, ``distinct`` how many different ids they had, ``superseded``
    whether an id came again in a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.entries = 0
        self.distinct = 0
        self.superseded = False
        self._path = path
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._end = 0
        self._index = sqlite3.connect("")
        self._index.execute(
            "CREATE TABLE line (id TEXT PRIMARY KEY, version TEXT, updated TEXT, start INTEGER,"
            " length INTEGER) WITHOUT ROWID"
        )

    def __enter__(self) -> ResourceLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()
        self._file.close()

    def add(self, resource: Mapping[str, Any]) -> bool:
        """Keep a resource; False when this id is already there in the same or a newer version."""
        self.entries += 1
        version, updated = version_of(resource)
        found = self._index.execute("SELECT version, updated FROM line WHERE id = ?", (resource["id"],)).fetchone()
        if found is None:
            self.distinct += 1
        elif not _newer((version, updated), found):
            return False
        else:
            self.superseded = True
        line = orjson.dumps(resource) + b"\n"
        self._file.write(line)
        self._index.execute(
            "INSERT OR REPLACE INTO line VALUES (?, ?, ?, ?, ?)",
            (resource["id"], version, updated, self._end, len(line)),
        )
        self._end += len(line)
        return True

    def finish(self) -> None:
        """Leave one line for each id: rewrite the file when a newer version made an earlier line stale."""
        self._file.flush()
        if not self.superseded:
            return
        fresh = self._path.with_name(f".{self._path.name}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for start, length in self._index.execute("SELECT start, length FROM line ORDER BY start"):
                self._file.seek(start)
                file.write(self._file.read(length))
        fresh.replace(self._path)


def version_of(resource: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """``meta.versionId`` and ``meta.lastUpdated``, None for what is absent."""
    meta = resource.get("meta")
    values = [meta.get(name) if isinstance(meta, dict) else None for name in ("versionId", "lastUpdated")]
    version, updated = (value if isinstance(value, str) else None for value in values)
    return version, updated


def instant(text: str | None) -> datetime | None:
    """A FHIR instant as a moment; None when it is absent or no instant."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _newer(new: tuple[str | None, str | None], old: tuple[str | None, str | None]) -> bool:
    """Whether another version is the later one: by number, else by time, else it came later."""
    if new == old or (new[0] is not None and new[0] == old[0]):
        return False
    if (new[0] or "").isdecimal() and (old[0] or "").isdecimal():
        return int(new[0] or 0) > int(old[0] or 0)
    moments = instant(new[1]), instant(old[1])
    if moments[0] and moments[1]:
        return moments[0] >= moments[1]
    return True
