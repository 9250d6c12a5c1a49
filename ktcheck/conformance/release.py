"""The compiled profiles of a release, and what a violation means: whose demand it is, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ktcheck import tables
from ktcheck.conformance.terminology import TERMINOLOGY
from ktcheck.conformance.validator import Profiles, Violation
from ktcheck.suite import PROFILES

Json = Mapping[str, Any]

KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"
"""The canonical url of the profile of a resource type, without that type."""

_POSITION = re.compile(r"\[\d+\]")
_TARGETS = re.compile(r"\(\.\*/\)\?\(([A-Za-z|]+)\)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a violation means.

    ``kind`` is a row of ``profiles/texts/violations.yaml`` and ``texts`` are its columns. ``level`` is who says so:
    KT2, nl-core, zib or R4. ``path`` has list positions and ``element`` has none; what is missing is in both, and what
    is not known in neither, so they never hold anything that a sender made up. ``expected`` is what the profile wants.
    """

    kind: str
    level: str
    path: str
    element: str
    texts: Mapping[str, str]
    expected: Any = None


@cache
def release(version: str) -> Profiles:
    """The profiles of a release (``target.profile_version``)."""
    return Profiles(PROFILES / f"kt2-{version}")


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    kinds: Mapping[str, Mapping[str, str]] = tables.read("texts/violations.yaml")["kinds"]
    return kinds


@cache
def memo_texts() -> Mapping[str, str]:
    """How a finding says that the memo asks for what is prohibited, by language; ``{element}`` is the KT1 one."""
    memo: Mapping[str, str] = tables.read("texts/violations.yaml")["memo"]
    return memo


def explain(profiles: Profiles, violation: Violation) -> Explanation:
    """What a violation that these profiles gave means."""
    demand = profiles.demand(violation)
    level = _level(profiles.index, violation.profile)
    kind = _KINDS.get(violation.keyword, _other)(violation, demand, level)
    path = violation.path
    if kind == "missing":
        path = f"{path}.{violation.names[0]}".removeprefix(".")
    return Explanation(
        kind=kind,
        level=level,
        path=path,
        element=_POSITION.sub("", path),
        texts=_texts()[kind],
        expected=_expected(kind, violation, demand),
    )


def _level(index: Json, profile: str) -> str:
    """Whose profile it is: that of the package it came in."""
    package = index["profiles"].get(profile, {}).get("level", "")
    if package == index["package"]["name"]:
        return "KT2"
    if package.endswith(".nl-core"):
        return "nl-core"
    return "zib" if ".zib" in package else "R4"


# ---- what kind of demand: by keyword, and by what stands beside it -------------------------------------------------

Kind = Callable[[Violation, Json, str], str]


def _is(kind: str) -> Kind:
    return lambda _violation, _demand, _level: kind


def _code(violation: Violation, _demand: Json, _level: str) -> str:
    return "advised" if violation.warning else "code"


def _some(violation: Violation, demand: Json, _level: str) -> str:
    """One of several: types of a choice, names of a primitive, codes, slices that there are, or a value and null."""
    branches = demand.get(violation.keyword, ())
    references = [branch.get("$ref", "") for branch in branches]
    if any(reference.startswith(TERMINOLOGY) for reference in references):
        return "code"
    if any(reference.endswith(".none") for reference in references):
        return "choice"
    if {"type": "null"} in branches:
        return "type"
    if violation.names:
        return "missing"
    return "choice" if violation.keyword == "oneOf" else "not-allowed-part"


def _none(violation: Violation, _demand: Json, level: str) -> str:
    if level != "R4":
        return "not-allowed-part"
    return "invariant" if "Extension" in violation.constraint else "type"


def _is_reference(violation: Violation) -> bool:
    return violation.constraint.endswith(("/properties/reference/pattern", "/properties/type/enum"))


def _form(violation: Violation, _demand: Json, _level: str) -> str:
    return "reference" if _is_reference(violation) else "form"


def _size(violation: Violation, demand: Json, _level: str) -> str:
    return "empty" if demand.get(violation.keyword) == 1 else "too-few"


def _const(_violation: Violation, _demand: Json, level: str) -> str:
    return "type" if level == "R4" else "fixed"


def _contains(_violation: Violation, demand: Json, _level: str) -> str:
    """A slice that has to be there, or an item that a pattern asks for."""
    return "too-few" if "minContains" in demand else "fixed"


_other = _is("other")
_KINDS: Mapping[str, Kind] = {
    "additionalProperties": _is("unknown"),
    "anyOf": _some,
    "code": _code,
    "const": _const,
    "contains": _contains,
    "dependentRequired": _is("missing"),
    "enum": _form,
    "falseSchema": _is("prohibited"),
    "fhirpath": _is("invariant"),
    "maxContains": _is("too-many"),
    "maxItems": _is("too-many"),
    "maxLength": _is("form"),
    "minContains": _is("too-few"),
    "minItems": _size,
    "minLength": _is("empty"),
    "minProperties": _is("empty"),
    "minimum": _is("form"),
    "not": _none,
    "oneOf": _some,
    "pattern": _form,
    "required": _is("missing"),
    "type": _is("type"),
}


def _expected(kind: str, violation: Violation, demand: Json) -> Any:
    """What the profile wants, where that can be said in short."""
    if kind in {"code", "advised"} and violation.keyword == "code":
        return demand.get("enum") or violation.constraint.split("/")[2].rpartition(".")[0]
    if kind == "reference":
        told = _TARGETS.search(demand.get("pattern", ""))
        return demand.get("enum") or (told[1].split("|") if told else None)
    if kind == "invariant":
        return list(violation.names) or None
    wanted = {"too-few": "contains", "fixed": "contains", "too-many": violation.keyword}.get(kind, "")
    return demand.get("const", demand.get(wanted))
