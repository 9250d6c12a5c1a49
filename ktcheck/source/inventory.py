"""The source inventory: one NDJSON file with what KT1 held (schema: ``profiles/inventory.schema.json``)."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, get_args

import orjson

from ktcheck.errors import InputError, RunError
from ktcheck.source.assemble import Assembler
from ktcheck.source.interpret import FileContent, interpret
from ktcheck.source.messages import RawMessage
from ktcheck.source.record import Basis, Counts, Reject, SourceRecord
from ktcheck.source.store import Store

T = TypeVar("T", Counts, Reject, SourceRecord)

FORMAT = 1
_BASES = frozenset(get_args(Basis))
_REMEDY = "make the inventory again with 'ktcheck inventory'"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """An inventory on disk; its records are read one at a time."""

    path: Path
    counts: Counts
    rejects: tuple[Reject, ...]

    @classmethod
    def open(cls, path: Path) -> Inventory:
        """Read the summary and the rejects of an inventory.

        Raises:
            InputError: there is no such file, it is no inventory, or a line of it is broken.

        """
        counts, rejects = None, []
        for number, line in _lines(path):
            if number == 1:
                counts = _counts(path, line)
            elif line["kind"] != "reject":
                break
            else:
                rejects.append(_made(Reject, path, number, line))
        if counts is None:
            raise InputError(f"{path}: the file is empty, so it is no inventory; {_REMEDY}")
        if len(rejects) < counts.rejected:
            raise InputError(
                f"{path}: it names {len(rejects)} rejects where its summary says {counts.rejected} files; {_REMEDY}"
            )
        return cls(path=path, counts=counts, rejects=tuple(rejects))

    def records(self) -> Iterator[SourceRecord]:
        """The records, by type and key.

        Raises:
            InputError: a line is broken, or there are fewer or more records than the summary says.

        """
        found = 0
        for number, line in _lines(self.path):
            if line["kind"] == "record":
                found += 1
                yield _record(self.path, number, line)
            elif number > 1 and (found or line["kind"] != "reject"):
                raise InputError(f"{self.path}: line {number} is a {line['kind']!r} where a record belongs; {_REMEDY}")
        expected = sum(self.counts.resources.values())
        if found != expected:
            raise InputError(f"{self.path}: it holds {found} records where its summary says {expected}; {_REMEDY}")


def build(
    messages: Iterable[RawMessage],
    out: Path,
    *,
    kt1_domain: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Inventory:
    """Make the inventory of a collection of messages and write it, whole or not at all, for its owner only.

    The same messages in any order give the same file. ``kt1_domain`` sets the messages of other domains aside
    (compared without case); ``progress`` is told the number of files read, after each.

    Raises:
        InputError: a path of the messages or the place of ``out`` is wrong.
        RunError: writing failed half-way, for example because the disk is full.

    """
    counts, rejects = Counts(), list[Reject]()
    try:
        with Store() as store:
            for raw in messages:
                content = interpret(raw, kt1_domain)
                _take(content, raw.name, store, counts)
                rejects += content.rejects
                if progress:
                    progress(counts.files)
            counts.versions = store.decide()
            _sort(store, counts)
            rejects.sort(key=lambda reject: (reject.file, reject.place, reject.reason_en))
            _write(out, counts, rejects, store)
    except sqlite3.Error as error:
        raise RunError(f"The inventory could not be made ({error}); is there room for temporary files?") from None
    return Inventory(path=out, counts=counts, rejects=tuple(rejects))


def _take(content: FileContent, file: str, store: Store, counts: Counts) -> None:
    """Count a file as what it is, and remember what it holds."""
    kind: str = content.kind
    if kind == "messages" and not store.is_new(content.messages):
        kind = "duplicates"
    counts.files += 1
    setattr(counts, kind, getattr(counts, kind) + 1)
    if content.domain and kind in {"messages", "duplicates", "header_only", "searches"}:
        counts.domains[content.domain] = counts.domains.get(content.domain, 0) + 1
    for message in content.messages:
        store.add(message, file)
    for answer in content.acknowledgements:
        store.acknowledge(answer)


def _sort(store: Store, counts: Counts) -> None:
    """Put the records in a table of the store, to be read by type and key."""
    store.database.execute("CREATE TABLE record (type TEXT, key TEXT, link TEXT, line BLOB)")
    kinds = Counter[str]()
    for record in Assembler(store).records():
        kinds[record.type] += 1
        line = orjson.dumps({"kind": "record", **_fields(record)})
        store.database.execute("INSERT INTO record VALUES (?, ?, ?, ?)", (record.type, record.key, record.link, line))
    counts.resources = dict(sorted(kinds.items()))
    counts.domains = dict(sorted(counts.domains.items()))


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def _write(out: Path, counts: Counts, rejects: list[Reject], store: Store) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}; choose another --out") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _write_lines(file, counts, rejects, store)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write_lines(file: BinaryIO, counts: Counts, rejects: list[Reject], store: Store) -> None:
    file.write(orjson.dumps({"kind": "summary", "format": FORMAT, **_fields(counts)}) + b"\n")
    file.writelines(orjson.dumps({"kind": "reject", **_fields(reject)}) + b"\n" for reject in rejects)
    rows = store.database.execute("SELECT line FROM record ORDER BY type, key, link, line")
    file.writelines(line + b"\n" for (line,) in rows)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of an inventory with their numbers; every line is an object with a known kind."""
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                yield number, _line(path, number, text)
    except OSError as error:
        raise InputError(f"{path}: the inventory cannot be read: {error.strerror}") from None


def _line(path: Path, number: int, text: bytes) -> dict[str, Any]:
    try:
        line = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InputError(f"{path}: line {number} is no valid JSON; {_REMEDY}") from None
    kind = line.get("kind") if isinstance(line, dict) else None
    if kind not in {"summary", "reject", "record"} or (kind == "summary") != (number == 1):
        raise InputError(f"{path}: line {number} is no line of an inventory; {_REMEDY}")
    return dict(line)


def _counts(path: Path, line: dict[str, Any]) -> Counts:
    if line.get("format") != FORMAT:
        raise InputError(f"{path}: line 1 has a format that this ktcheck does not know; {_REMEDY}")
    numbers = [value for key, value in line.items() if key not in {"kind", "format", "resources", "domains"}]
    for name in ("resources", "domains"):
        numbers += _mapping(path, 1, line, name).values()
    if not all(type(value) is int and value >= 0 for value in numbers):
        raise InputError(f"{path}: line 1 has a count that is no number; {_REMEDY}")
    return _made(Counts, path, 1, {key: value for key, value in line.items() if key != "format"})


def _record(path: Path, number: int, line: dict[str, Any]) -> SourceRecord:
    """The record of a line; what the rules rely on has the type of ``profiles/inventory.schema.json``."""
    references = _mapping(path, number, line, "references")
    content, notes = line.get("content", {}), line.get("notes", [])
    # What is absent is told by _made.
    texts = [line.get(name, "") for name in ("type", "key", "link")]
    optional = [line.get(name) for name in ("application", "version") if line.get(name) is not None]
    lists = [notes, *references.values()]
    if (
        line.get("basis", "focal") not in _BASES
        or not isinstance(content, dict)
        or not all(isinstance(text, str) for text in (*texts, *optional))
        or not all(isinstance(items, list) and all(isinstance(item, str) for item in items) for items in lists)
    ):
        raise InputError(f"{path}: line {number} has a member of the wrong type; {_REMEDY}")
    found = {name: tuple(links) for name, links in references.items()}
    made = {**line, "references": found, "content": content, "notes": tuple(notes)}
    return _made(SourceRecord, path, number, made)


def _mapping(path: Path, number: int, line: dict[str, Any], name: str) -> dict[str, Any]:
    value = line.get(name)
    if not isinstance(value, dict):
        raise InputError(f"{path}: line {number} has no object {name!r}; {_REMEDY}")
    return value


def _made(kind: type[T], path: Path, number: int, line: dict[str, Any]) -> T:
    """The object of a line; its members are exactly the fields."""
    members = {key: value for key, value in line.items() if key != "kind"}
    try:
        return kind(**members)
    except TypeError:
        raise InputError(f"{path}: line {number} has members missing or too many; {_REMEDY}") from None
