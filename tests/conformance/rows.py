"""The tables of what KT2 itself demands, an element a row, a row one or more demands; and why some cannot be tested."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ktcheck.conformance.build import name as last_part
from ktcheck.suite import PROFILES
from tests.conformance.official import DATA

Json = dict[str, Any]

_OWN = "KT2 differential"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What KT2 says of one element: a row of a table of constraints."""

    version: str
    profile: str
    element: str
    slice_name: str
    least: int
    most: str
    base_most: str
    fixed: Any = field(hash=False)
    strength: str
    targets: frozenset[str]
    base_targets: frozenset[str]
    types: tuple[str, ...]
    base_types: tuple[str, ...]
    type_profile: str
    slicing: str
    invariants: str
    differs_in: tuple[str, ...]
    fields: str

    @property
    def path(self) -> str:
        """The element without its type and slices: ``name.family``, ``value`` for a choice."""
        steps = self.element.split(".")[1:]
        return ".".join(step.partition(":")[0] for step in steps).replace("[x]", "")

    @property
    def is_extension(self) -> bool:
        """Whether the profile is that of an extension."""
        return self.element.partition(".")[0] == "Extension"


@dataclass(frozen=True)
class Demand:
    """One thing that a row demands: ``min``, ``max``, ``target``, ..."""

    row: Row
    kind: str


def _table(version: str) -> Path:
    return DATA.parents[1] / "knowledge" / f"kt2-{version}-constraints.csv"


@cache
def rows(version: str) -> tuple[Row, ...]:
    """The rows of a release that KT2 itself sets; none where the table is absent."""
    table = _table(version)
    if not table.is_file():
        return ()
    with table.open(encoding="utf-8", newline="") as file:
        return tuple(_row(version, row) for row in csv.DictReader(file) if row["set_by"] == _OWN)


def _row(version: str, row: Mapping[str, str]) -> Row:
    known = row["differs_from_parent_in"]
    differs = row["differs_in"] if known == "not in parent snapshot" else known
    kinds = differs.split()
    return Row(
        version=version,
        profile=row["profile"],
        element=row["element_id"],
        slice_name=row["slice"],
        least=int(row["min"]),
        most=row["max"],
        base_most=row["base_max"],
        fixed=next(iter(json.loads(row["fixed_or_pattern"]).values())) if row["fixed_or_pattern"] else None,
        strength=row["binding_strength"],
        targets=_kinds(row["target_profiles"]),
        base_targets=_kinds(row["base_target_profiles"]),
        types=tuple(row["types"].split()),
        base_types=tuple(row["base_types"].split()),
        type_profile=row["type_profiles"],
        slicing=row["slicing"],
        invariants=row["added_invariants"],
        # That it is a slice says nothing beside what is asked of the slice.
        differs_in=tuple(kind for kind in kinds if kind != "slice") or tuple(kinds),
        fields=row["kt2_differential_fields"],
    )


def _kinds(profiles: str) -> frozenset[str]:
    """The resource types of KT2's and R4's profiles."""
    return frozenset(last_part(url).removeprefix("KT2") for url in profiles.split())


def demands(version: str) -> list[Demand]:
    """Everything that KT2 itself demands in a release."""
    return [Demand(row, kind) for row in rows(version) for kind in row.differs_in]


@cache
def _prohibited_but(version: str) -> frozenset[str]:
    """The slices that are prohibited, and that no schema can tell from others."""
    left = json.loads((PROFILES / f"kt2-{version}" / "not-compiled.json").read_bytes())["not_compiled"]
    return frozenset(item["element"] for item in left if item["what"].startswith("prohibited, but"))


@cache
def _slicings(version: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """How elements are sliced, whoever said so: profile and element, to the kind and the path of the discriminator."""
    with _table(version).open(encoding="utf-8", newline="") as file:
        return {
            (row["profile"], row["element_id"]): (kind, path)
            for row in csv.DictReader(file)
            for kind, _, path in [row["slicing"].partition(" ")[0].partition(":")]
            if kind
        }


def _tells_a_slice(row: Row, kind: str) -> bool:
    """Whether an element tells what slice it is in: who breaks it has an item of another slice, or of none."""
    steps = row.element.split(".")
    for number, step in enumerate(steps):
        listed = ".".join([*steps[:number], step.partition(":")[0]])
        how, path = _slicings(row.version).get((row.profile, listed), ("", ""))
        below = ".".join(steps[number + 1 :])
        if ":" in step and how == "profile" and path == "$this":
            return bool(below)
        if ":" in step and how not in {"", "type"} and below == path.removesuffix(".resolve()").replace("$this", ""):
            return kind in {"binding", "fixed/pattern", "target"}
    return False


# Why a demand cannot be broken by one instance, and when that is so.
REASONS: Mapping[str, Callable[[Row, str], bool]] = {
    "a slice that is only named demands nothing": lambda _, kind: kind == "slice",
    "how an element is sliced demands nothing, unless closed": lambda row, kind: (
        kind == "slicing" and (not row.slicing.endswith("closed") or row.most == "0")
    ),
    "the cardinality of an extension itself is that of where it is used": lambda row, _: row.element == "Extension",
    "the slice is told by it: what breaks it is in another slice, or in none": _tells_a_slice,
    "a preferred binding only suggests": lambda row, kind: (
        kind == "binding" and row.strength in {"preferred", "example"}
    ),
    "a schema cannot tell the slice from another one (not-compiled.json)": lambda row, kind: (
        kind == "max" and row.element in _prohibited_but(row.version)
    ),
    "an invariant that only warns is not judged": lambda row, kind: (
        kind == "constraint" and "[error]" not in row.invariants
    ),
    "the target is the same type of resource as in R4, of KT2's profile": lambda row, kind: (
        kind == "target" and "Reference" in row.types and bool(row.targets) and row.targets == row.base_targets
    ),
    "a canonical url does not tell the type of its target": lambda row, kind: (
        kind == "target" and row.types == ("canonical",)
    ),
    "no reference is left to have a target": lambda row, kind: kind == "target" and not row.targets,
    "the target is R4's in another notation": lambda _, kind: kind == "target-version-only",
}


def reason(demand: Demand) -> str | None:
    """Why a demand cannot be tested, None when it can."""
    return next((why for why, applies in REASONS.items() if applies(demand.row, demand.kind)), None)
