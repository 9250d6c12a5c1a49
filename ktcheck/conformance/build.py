"""FHIR packages in, a folder of JSON Schemas out: one for each profile, and a list of what no schema can say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ktcheck.conformance.base import Base, Left
from ktcheck.conformance.package import Definitions, Package
from ktcheck.conformance.profile import Profiles
from ktcheck.conformance.terminology import Terminology

Json = dict[str, Any]


def build(package: Package, dependencies: Iterable[Package]) -> dict[str, Json]:
    """The files of a folder of schemas, by name.

    ``package`` is the one whose profiles are asked for; what they rest on is looked up in ``dependencies`` too.
    """
    definitions = Definitions()
    for other in (*dependencies, package):
        definitions.add(other)
    terminology = Terminology(definitions)
    base = Base(definitions, terminology)
    required = Profiles(definitions, base, terminology)
    advised = Profiles(definitions, base, terminology, required=required)
    own = [item["url"] for item in package.definitions if item["resourceType"] == "StructureDefinition"]
    for url in sorted(own):
        required.need(url)
        advised.need(url)
    files: dict[str, Json] = {"fhir-r4.schema.json": base.schema(), "terminology.schema.json": terminology.schema()}
    left: list[Left] = list(base.left)
    for url, compiled in required.compiled.items():
        files[f"{name(url)}.schema.json"] = compiled.schema
        left += compiled.left
    for url, compiled in advised.compiled.items():
        if compiled.schema.keys() - {"$schema", "$id", "title"}:
            files[f"{name(url)}.warnings.json"] = compiled.schema
        left += compiled.left
    unique = sorted(set(left), key=lambda item: (item.profile, item.element, item.what))
    files["not-compiled.json"] = {"not_compiled": [asdict(item) for item in unique]}
    files["index.json"] = {
        "package": {"name": package.name, "version": package.version},
        "dependencies": [{"name": item.name, "version": item.version} for item in dependencies],
        "profiles": {
            url: {
                "type": definitions.by_url[url]["type"],
                "schema": f"{name(url)}.schema.json",
                "level": definitions.origin[url].name,
            }
            for url in sorted(required.compiled)
        },
    }
    return files


def name(url: str) -> str:
    """The file name of a profile: the last part of its canonical url."""
    return url.rpartition("/")[2]
