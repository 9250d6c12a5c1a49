"""A snapshot on disk: ``<ResourceType>.ndjson`` files and, when ktcheck made it, ``snapshot.json``.

Source: ``design.md`` (snapshot), ``profiles/snapshot.schema.json`` (the manifest). No network here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import orjson

from ktcheck.errors import InputError
from ktcheck.suite import PROFILES

RESOURCE_TYPES: tuple[str, ...] = (
    "Patient",
    "Practitioner",
    "RelatedPerson",
    "Organization",
    "CareTeam",
    "Task",
    "ActivityDefinition",
    "Endpoint",
    "Device",
    "Subscription",
    "AuditEvent",
)
"""The resource types of Koppeltaal 2.0 (TOP-KT-009)."""

MANIFEST_FILE = "snapshot.json"

Rights = Literal["all", "narrowed", "none", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """What was read of one resource type, with what is needed to judge whether that was all.

    ``entries`` matches on ``pages`` search pages, of which ``distinct`` different ids and ``duplicates`` that
    came again. ``total_before`` and ``total_after`` are what the server said it has: never trusted, None when
    it did not say. ``changed``: the type changed while the snapshot was taken; None when that could not be
    seen, and for a ``self_logging`` type, to which our own reading adds. ``rights``: what the token may read;
    ``origins``: of a type that is narrowed, the applications (``Device/<id>``) whose resources those are.
    ``supported``: the CapabilityStatement offers a search on the type.
    """

    type: str
    pages: int
    entries: int
    distinct: int
    duplicates: int
    total_before: int | None
    total_after: int | None
    changed: bool | None
    rights: Rights
    supported: bool
    self_logging: bool
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """How a snapshot was taken.

    ``taken_from`` is the FHIR base URL; ``started`` and ``finished`` are UTC instants; ``software`` is
    ``CapabilityStatement.software``; ``profile_release`` the version of the ImplementationGuide that the
    server says it uses, or None.
    """

    format: int = 1
    taken_from: str
    started: str
    finished: str
    software: Mapping[str, Any]
    fhir_version: str
    profile_release: str | None
    types: tuple[TypeCount, ...]

    def record(self) -> dict[str, Any]:
        """The manifest as the content of ``snapshot.json``."""
        return asdict(self)

    @staticmethod
    def read(path: Path) -> Manifest:
        """Read ``snapshot.json``; raises ``InputError`` when it is not one."""
        try:
            content = orjson.loads(path.read_bytes())
        except OSError as error:
            raise InputError(f"{path}: the manifest cannot be read: {error.strerror}") from None
        except orjson.JSONDecodeError:
            raise InputError(f"{path}: the manifest is not valid JSON; take the snapshot again") from None
        problem = jsonschema.exceptions.best_match(_validator().iter_errors(content))
        if problem is not None:
            place = "/".join(str(part) for part in problem.absolute_path) or "the whole"
            raise InputError(
                f"{path}: not a snapshot manifest: {place} does not meet {problem.validator!r} of "
                "profiles/snapshot.schema.json; take the snapshot again"
            )
        types = tuple(
            TypeCount(**count | {"origins": tuple(count.get("origins", ()))}) for count in content.pop("types")
        )
        return Manifest(**content, types=types)


class Snapshot:
    """All that a domain held, read from disk as a stream."""

    def __init__(self, directory: Path, files: Mapping[str, Path], manifest: Manifest | None) -> None:
        """Use ``Snapshot.open``."""
        self.directory = directory
        self.manifest = manifest
        self._files = files

    @classmethod
    def open(cls, directory: Path) -> Snapshot:
        """Look what is in a snapshot directory, without reading the resources.

        Raises ``InputError`` when it is no directory with resource files, when an ndjson file has a name that
        is no KT2 resource type, or when the manifest is wrong.
        """
        if not directory.is_dir():
            raise InputError(f"{directory}: there is no such snapshot directory; make one with 'ktcheck snapshot'")
        found = {path.stem: path for path in sorted(directory.glob("*.ndjson"))}
        for name, path in found.items():
            if name not in RESOURCE_TYPES:
                raise InputError(f"{path}: {name} is not a KT2 resource type{_nearest(name)}")
        if not found:
            raise InputError(f"{directory}: there is no <ResourceType>.ndjson file in it; is this the snapshot?")
        manifest_file = directory / MANIFEST_FILE
        manifest = Manifest.read(manifest_file) if manifest_file.exists() else None
        return cls(directory, {name: found[name] for name in RESOURCE_TYPES if name in found}, manifest)

    def types(self) -> tuple[str, ...]:
        """The resource types that were read, also those of which there was nothing."""
        return tuple(self._files)

    def resources(self, resource_type: str) -> Iterator[dict[str, Any]]:
        """The resources of a type, one at a time; nothing for a KT2 type that is not in the snapshot.

        Raises ``InputError``, with file and line number, for a line that is no resource of that type with an
        id.
        """
        if resource_type not in RESOURCE_TYPES:
            raise InputError(f"{resource_type} is not a KT2 resource type{_nearest(resource_type)}")
        path = self._files.get(resource_type)
        if path is None:
            return
        try:
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield _resource(line, resource_type, path, number)
        except OSError as error:
            raise InputError(f"{path}: the file cannot be read: {error.strerror}") from None

    def validate(self) -> None:
        """Read everything once, so that a run fails before it writes anything.

        Raises ``InputError`` for a wrong line, a type of the manifest whose file is gone, and a file that
        does not have the number of resources that the manifest says it has.
        """
        numbers = {name: sum(1 for _ in self.resources(name)) for name in self._files}
        for count in self.manifest.types if self.manifest else ():
            readable = count.supported and count.rights != "none"
            number = numbers.get(count.type)
            if number is None and (readable or count.distinct):
                raise InputError(
                    f"{self.directory}: {count.type}.ndjson is gone; restore it or take the snapshot again"
                )
            if number is not None and number != count.distinct:
                raise InputError(
                    f"{self._files[count.type]}: {number} resources, but {MANIFEST_FILE} says "
                    f"{count.distinct}; the file was changed, so take the snapshot again"
                )


def _resource(line: bytes, resource_type: str, path: Path, number: int) -> dict[str, Any]:
    try:
        resource = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise InputError(f"{path}: line {number} is not valid JSON; take the snapshot again") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != resource_type:
        raise InputError(f"{path}: line {number} is not a {resource_type} resource; each type has its own file")
    if not isinstance(resource.get("id"), str) or not resource["id"]:
        raise InputError(f"{path}: line {number} is a {resource_type} without an id; take the snapshot again")
    return resource


def _nearest(name: str) -> str:
    folded = {known.casefold(): known for known in RESOURCE_TYPES}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"; did you mean {folded[near[0]]}?" if near else f"; known are {', '.join(RESOURCE_TYPES)}"


@cache
def _validator() -> jsonschema.protocols.Validator:
    """The schema of the manifest."""
    schema = orjson.loads((PROFILES / "snapshot.schema.json").read_bytes())
    return jsonschema.Draft202012Validator(schema)
