"""Take a snapshot of a live domain: everything of each type, page by page, politely, and checked.

The figures that can be wrong are checked against each other: how many there are before and after, and which
resource changed last before and after. Source: ``design.md`` (snapshot, principles); ``kt2-standard.md``
sections 7 and 10 (paging, search narrowing).
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson

from ktcheck.domain import Client, Domain
from ktcheck.errors import InputError, RunError
from ktcheck.http import Evidence, read_client
from ktcheck.output import free_directory
from ktcheck.smart.backend import BackendServices, BearerAuth, Secret, Token
from ktcheck.smart.scopes import Range
from ktcheck.snapshot.client import Capabilities, FhirClient, Newest, NoRightError, Page
from ktcheck.snapshot.lines import ResourceLines, instant, version_of
from ktcheck.snapshot.store import MANIFEST_FILE, RESOURCE_TYPES, Manifest, Rights, TypeCount

Progress = Callable[[str, int, int | None], None]
"""Told after each page: the resource type, how many there are now, and how many the server says it has."""

SELF_LOGGING = frozenset({"AuditEvent"})
"""Every read of ours adds to these types (TOP-KT-011)."""

_REPEATED_PAGES = 3

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def take(
    domain: Domain,
    directory: Path,
    *,
    progress: Progress,
    evidence: Evidence,
    secret: Secret = lambda _: None,
    page_size: int = 200,
    concurrency: int = 4,
    force: bool = False,
) -> Manifest:
    """Fetch all KT2 resources of a domain into ``directory`` (mode 0700, files 0600) and say how that went.

    ``concurrency`` is the number of requests at once, ``page_size`` the number of resources asked for a page;
    ``secret`` is told every token and assertion as it comes into being.
    Nothing appears at ``directory`` until all is there. Raises ``InputError`` when the domain file lacks what
    is needed, the client is not accepted or the directory is taken (unless ``force``), and ``RunError`` when
    the domain cannot be read to the end.
    """
    base_url, client = _configured(domain)
    free_directory(directory, force)
    trace_id = str(uuid.uuid4())
    service = BackendServices(base_url, client, evidence=evidence, trace_id=trace_id, secret=secret)
    staging = _staging(directory)

    async def run() -> Manifest:
        auth = BearerAuth(service)
        async with read_client(
            base_url, evidence=evidence, trace_id=trace_id, concurrency=concurrency, auth=auth
        ) as http:
            reader = _Download(FhirClient(http, base_url), service, staging, progress, page_size)
            return await reader.run(base_url)

    try:
        manifest = asyncio.run(run())
        _publish(manifest, staging, directory)
    except OSError as error:
        raise RunError(f"{directory}: the snapshot cannot be written: {error.strerror}") from None
    except sqlite3.Error:
        raise RunError("the temporary directory has no room for the index of a snapshot; make room") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What can be known of a domain without reading a resource; ``rights`` per resource type."""

    fhir_version: str
    supported: frozenset[str]
    rights: Mapping[str, Rights]


def reach(domain: Domain) -> Reached:
    """See whether a domain can be reached and gives a token, and what that may read; reads no patient data.

    Raises what ``take`` raises.
    """
    base_url, client = _configured(domain)
    trace_id = str(uuid.uuid4())

    async def run() -> Reached:
        service = BackendServices(base_url, client, evidence=lambda _: None, trace_id=trace_id)
        async with read_client(base_url, evidence=lambda _: None, trace_id=trace_id, auth=BearerAuth(service)) as http:
            capabilities = await FhirClient(http, base_url).capabilities()
        granted = (await service.token()).granted
        return Reached(
            fhir_version=capabilities.fhir_version,
            supported=capabilities.types,
            rights={name: _rights(name, granted, 0) for name in RESOURCE_TYPES},
        )

    return asyncio.run(run())


def _configured(domain: Domain) -> tuple[str, Client]:
    """The base URL and the client, without which there is nothing to fetch."""
    if domain.target is None or domain.target.fhir_base_url is None:
        raise InputError("a snapshot needs [target] fhir_base_url in the domain file")
    if domain.client is None:
        raise InputError("a snapshot needs [client] in the domain file: client_id, private_key_file, key_id")
    return domain.target.fhir_base_url, domain.client


def _staging(directory: Path) -> Path:
    """A new temporary directory (mode 0700) beside the place where the snapshot is to be."""
    place = directory.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise InputError(f"{directory}: cannot be made: {error.strerror}; choose another --out") from None


def _publish(manifest: Manifest, staging: Path, directory: Path) -> None:
    """Write the manifest and put the whole snapshot in its place."""
    path = staging / MANIFEST_FILE
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(manifest.record(), option=orjson.OPT_INDENT_2) + b"\n")
    if directory.exists():
        shutil.rmtree(directory)
    staging.rename(directory)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What can be seen from outside of the state of a type: its total, and what changed last."""

    total: int | None
    newest: Newest | None

    def changed(self, later: _Mark) -> bool | None:
        """Whether the type changed in between; None when the server shows nothing that can be compared."""
        if self.total is not None and later.total is not None and self.total != later.total:
            return True
        if self.newest is None or later.newest is None:
            return None
        return self.newest != later.newest


@dataclass(frozen=True, slots=True)
class _Reading:
    """A type that was read; ``before`` is None when it could not be."""

    count: TypeCount
    before: _Mark | None = None
    superseded: bool = False


class _Download:
    """One run of ``take``: all types at once, within the bound of the client."""

    def __init__(
        self, client: FhirClient, service: BackendServices, folder: Path, progress: Progress, page_size: int
    ) -> None:
        self._client = client
        self._service = service
        self._folder = folder
        self._progress = progress
        self._page_size = page_size

    async def run(self, base_url: str) -> Manifest:
        """Read everything, then look whether it changed meanwhile."""
        started = _now()
        capabilities = await self._client.capabilities()
        token = await self._service.token()
        release = await self._client.profile_release()
        readings = await _all(lambda name: self._read(name, capabilities, token), RESOURCE_TYPES)
        types = await _all(self._look_again, readings)
        return Manifest(
            taken_from=base_url,
            started=started,
            finished=_now(),
            software=capabilities.software,
            fhir_version=capabilities.fhir_version,
            profile_release=release,
            types=types,
        )

    async def _read(self, name: str, capabilities: Capabilities, token: Token) -> _Reading:
        """Read a type to the end; a type that may not be read leaves no file."""
        nothing = TypeCount(
            type=name,
            pages=0,
            entries=0,
            distinct=0,
            duplicates=0,
            total_before=None,
            total_after=None,
            changed=None,
            rights="none",
            supported=name in capabilities.types,
            self_logging=name in SELF_LOGGING,
        )
        if not nothing.supported:
            return _Reading(nothing)
        path = self._folder / f"{name}.ndjson"
        try:
            before = await self._mark(name)
            with ResourceLines(path) as lines:
                pages = await self._pages(name, before, lines)
                lines.finish()
        except NoRightError:
            path.unlink(missing_ok=True)
            return _Reading(nothing)
        rights = _rights(name, token.granted, lines.distinct)
        if rights == "none":
            path.unlink()
        count = replace(
            nothing,
            pages=pages,
            entries=lines.entries,
            distinct=lines.distinct,
            duplicates=lines.entries - lines.distinct,
            total_before=before.total,
            rights=rights,
            origins=token.origins.get(name, ()),
        )
        return _Reading(count, before, lines.superseded)

    async def _pages(self, name: str, before: _Mark, lines: ResourceLines) -> int:
        """Read the pages of a type one after another; returns how many there were."""
        pages = repeated = 0
        passed = before.newest is not None and before.newest.id is None
        async with aclosing(self._client.pages(name, self._page_size)) as found:
            async for page in found:
                pages += 1
                fresh = [lines.add(resource) for resource in page.resources]
                self._progress(name, lines.distinct, before.total)
                if any(fresh):
                    repeated = 0
                elif fresh:
                    repeated += 1
                if repeated == _REPEATED_PAGES:
                    raise RunError(f"{name}: the server keeps giving the same page; report it to its owner")
                if before.newest is not None and name in SELF_LOGGING:
                    # From here on there is only what our own reading adds, and that has no end.
                    if passed and _all_later(page, before.newest):
                        break
                    passed = passed or any(item["id"] == before.newest.id for item in page.resources)
        return pages

    async def _look_again(self, reading: _Reading) -> TypeCount:
        """The count of a type, with what the server says now that everything was read."""
        count = reading.count
        if reading.before is None:
            return count
        try:
            after = await self._mark(count.type)
        except NoRightError:
            raise RunError(
                f"{count.type}: the right to read it was withdrawn while the snapshot was taken; try again"
            ) from None
        changed = reading.superseded or reading.before.changed(after)
        return replace(count, total_after=after.total, changed=None if count.self_logging else changed)

    async def _mark(self, name: str) -> _Mark:
        return _Mark(await self._client.total(name), await self._client.newest(name))


async def _all(
    function: Callable[[_Item], Coroutine[Any, Any, _Result]], items: Iterable[_Item]
) -> tuple[_Result, ...]:
    """Do it for all at once; the first that fails stops the others, and its error is the error."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(function(item)) for item in items]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return tuple(task.result() for task in tasks)


def _rights(name: str, granted: Mapping[str, Range] | None, distinct: int) -> Rights:
    """What may be read, by the scopes; a server that gives what no scope allows leaves us in the dark."""
    if granted is None:
        return "unknown"
    return granted.get(name) or ("unknown" if distinct else "none")


def _all_later(page: Page, newest: Newest) -> bool:
    """Whether everything on a page was changed after the reading began."""
    if newest.id is None:
        return True
    moment = instant(newest.updated)
    moments = [instant(version_of(resource)[1]) for resource in page.resources]
    return moment is not None and all(later is not None and later > moment for later in moments)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
