"""Codes that nobody checks: those of required value sets that cannot be listed (``not-compiled.json``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson

from ktcheck.snapshot.store import RESOURCE_TYPES
from ktcheck.suite import PROFILES

_BEGIN = "codes of "
_CHOICE = "[x]"


@cache
def _elements(version: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The elements with such codes: resource type or datatype, and the steps from there, without slice names."""
    left = orjson.loads((PROFILES / f"kt2-{version}" / "not-compiled.json").read_bytes())["not_compiled"]
    found = {item["element"] for item in left if item["what"].startswith(_BEGIN)}
    parts = (element.split(".") for element in sorted(found))
    return tuple((kind, tuple(step.partition(":")[0] for step in steps)) for kind, *steps in parts)


def unlisted(version: str, resource: Mapping[str, Any]) -> tuple[str, ...]:
    """The elements of a resource, by element id, that hold a code of such a value set: once for each code.

    Elements of datatypes are told by their names, which no other datatype of Koppeltaal 2.0 has.
    """
    found = []
    for inside in _objects(resource):
        own = inside.get("resourceType")
        for kind, steps in _elements(version):
            named = own == kind if kind in RESOURCE_TYPES else own is None
            if named and (steps[0] in inside or f"_{steps[0]}" in inside):
                found += [f"{kind}.{'.'.join(steps)}" for _ in _held(inside, steps)]
    return tuple(found)


def _held(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """What is at the end of some steps; the extensions of a primitive are beside it."""
    if isinstance(value, list):
        for item in value:
            yield from _held(item, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict):
        name, *rest = steps
        if name.endswith(_CHOICE):
            names = [key for key in value if key.startswith(name.removesuffix(_CHOICE))]
        else:
            names = [f"_{name}" if rest[:1] == ["extension"] and f"_{name}" in value else name]
        for key in names:
            if key in value:
                yield from _held(value[key], tuple(rest))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a value, itself included."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
