"""Reads official FHIR packages (``.tgz``): the definitions in them, by canonical url."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ktcheck.errors import InputError

Json = dict[str, Any]

_KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package: what it calls itself, and its definitions."""

    name: str
    version: str
    definitions: tuple[Json, ...]


@dataclass(slots=True)
class Definitions:
    """All definitions of some packages, by canonical url; what was read last wins."""

    by_url: dict[str, Json] = field(default_factory=dict)
    origin: dict[str, Package] = field(default_factory=dict)

    def add(self, package: Package) -> None:
        """Add what a package defines."""
        for definition in package.definitions:
            self.by_url[definition["url"]] = definition
            self.origin[definition["url"]] = package

    def get(self, canonical: str, kind: str) -> Json | None:
        """The definition of a kind with a canonical url (a version behind ``|`` does not count), or None."""
        found = self.by_url.get(canonical.partition("|")[0])
        return found if found and found["resourceType"] == kind else None


def read(path: Path) -> Package:
    """Read a package.

    Raises:
        InputError: there is no such file, it is no FHIR package, or a definition in it is broken.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            files = _members(archive, path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such FHIR package; give the path of a .tgz file") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error):
        raise InputError(f"{path}: this is no FHIR package (.tgz); download it again") from None
    about = files.pop("package/package.json", None)
    if not isinstance(about, dict) or not isinstance(about.get("name"), str):
        raise InputError(f"{path}: there is no package/package.json in it, so it is no FHIR package")
    return Package(
        name=about["name"],
        version=str(about.get("version", "")),
        definitions=tuple(_definitions(files.values())),
    )


def _members(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    files = {}
    for member in archive:
        parts = member.name.split("/")
        if not member.isfile() or len(parts) != 2 or parts[0] != "package" or not parts[1].endswith(".json"):
            continue
        if member.size > _LARGEST:
            raise InputError(f"{path}: {member.name} is larger than a definition can be; download the package again")
        content = archive.extractfile(member)
        try:
            files[member.name] = orjson.loads(content.read() if content else b"")
        except orjson.JSONDecodeError:
            raise InputError(f"{path}: {member.name} is not valid JSON; download the package again") from None
    return files


def _definitions(files: Iterable[Any]) -> Iterable[Json]:
    for content in files:
        if (
            isinstance(content, Mapping)
            and content.get("resourceType") in _KINDS
            and isinstance(content.get("url"), str)
        ):
            yield dict(content)
