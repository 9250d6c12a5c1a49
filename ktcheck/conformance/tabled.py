"""A package made of a table of constraints, for a release whose official package cannot be had.

The table (CSV) has one row for each element that a profile changes: what it is in the profile, and what it was in R4.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ktcheck.conformance.base import CORE
from ktcheck.conformance.package import Definitions, Package
from ktcheck.errors import InputError

Json = dict[str, Any]

CANONICAL = "http://koppeltaal.nl/fhir/StructureDefinition/"
_DUTCH = "http://nictiz.nl/fhir/StructureDefinition/nl-core-"
# The table does not say what a profile rests on or where it lives; kt2-standard.md section 3 does.
_PARENTS = {
    "KT2Patient": f"{_DUTCH}Patient",
    "KT2Practitioner": f"{_DUTCH}HealthProfessional-Practitioner",
    "KT2RelatedPerson": f"{_DUTCH}ContactPerson",
    "KT2Organization": f"{_DUTCH}HealthcareProvider-Organization",
    "KT2CareTeam": f"{_DUTCH}CareTeam",
}
_ELSEWHERE = {"instantiates": "http://vzvz.nl/fhir/StructureDefinition/instantiates"}


def read(table: Path, known: Definitions, version: str) -> Package:
    """The profiles of a table as a package; ``known`` holds what they rest on.

    Raises:
        InputError: the table cannot be read, lacks a column, or rests on a definition that no package has.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    try:
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["profile"], []).append(row)
        definitions = tuple(_definition(name, own, known) for name, own in rows.items())
    except OSError as error:
        raise InputError(f"{table}: the table of constraints cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise InputError(f"{table}: there is no column {error.args[0]!r}; give a table of constraints") from None
    except LookupError as error:
        raise InputError(
            f"{table}: {error.args[0]} is in none of the packages; add the package that defines it"
        ) from None
    except ValueError as error:
        raise InputError(f"{table}: a cell has a value that does not fit ({error}); correct the table") from None
    if not definitions:
        raise InputError(f"{table}: there are no rows in it; give a table of constraints")
    return Package(name="kt2", version=version, definitions=definitions)


def _definition(name: str, rows: list[dict[str, str]], known: Definitions) -> Json:
    kind = rows[0]["resource"]
    base = _PARENTS.get(name, f"{CORE}{kind}")
    above = known.get(base, "StructureDefinition")
    if above is None:
        raise LookupError(base)  # not a KeyError: that is a column
    elements = {item["id"]: dict(item) for item in above["snapshot"]["element"]}
    for row in rows:
        identity = row["element_id"]
        elements[identity] = {**elements.get(identity, {}), **_element(row)}
    return {
        "resourceType": "StructureDefinition",
        "url": _ELSEWHERE.get(name, CANONICAL + name),
        "name": name,
        "kind": above["kind"],
        "type": kind,
        "derivation": "constraint",
        "baseDefinition": base,
        "snapshot": {"element": list(elements.values())},
    }


def _element(row: Mapping[str, str]) -> Json:
    element: Json = {
        "id": row["element_id"],
        "path": row["path"],
        "min": int(row["min"]),
        "max": row["max"],
        "base": {"path": row["path"], "min": int(row["base_min"]), "max": row["base_max"]},
    }
    if row["types"]:
        element["type"] = list(_types(row))
    if row["fixed_or_pattern"]:
        element |= json.loads(row["fixed_or_pattern"])
    if row["binding_strength"]:
        element["binding"] = {"strength": row["binding_strength"], "valueSet": row["binding_valueset"]}
    if row["slicing"]:
        told, _, rules = row["slicing"].rpartition(" ")
        parts = [item.partition(":") for item in told.replace(",", " ").split()]
        element["slicing"] = {
            "discriminator": [{"type": kind, "path": path} for kind, _, path in parts],
            "rules": rules,
        }
    if row["added_invariants"]:
        element["constraint"] = list(_invariants(row["added_invariants"]))
    return element


def _types(row: Mapping[str, str]) -> Iterable[Json]:
    for code in row["types"].split():
        kind: Json = {"code": code}
        if code == "Reference" and row["target_profiles"]:
            kind["targetProfile"] = row["target_profiles"].split()
        if row["type_profiles"]:
            kind["profile"] = row["type_profiles"].split()
        yield kind


def _invariants(text: str) -> Iterable[Json]:
    for part in text.split(" ;; "):
        head, _, expression = part.partition("]: ")
        key, _, severity = head.partition(" [")
        yield {"key": key, "severity": severity, "human": "", "expression": expression}
