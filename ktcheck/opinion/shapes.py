"""Which resources get a second opinion: one of every distinct shape, and a sample of all. Pure functions.

A shape is the set of element paths that a resource has (an extension with its url), the profiles that it claims, and
whether ktcheck finds it valid: resources of one shape are judged by the same demands, but for their values. The choice
is a function of the resources alone, so that it is the same in every run on the same snapshot.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST = 200
"""How many resources are asked about at most."""

SAMPLE = 40
"""How many of those are a sample: values differ where shapes do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The resources to ask about: ``<Type>/<id>``, types and large shapes mixed.

    ``resources`` is of how many they were chosen, ``shapes`` how many shapes those have and ``chosen_shapes`` of how
    many of these one was chosen.
    """

    names: tuple[str, ...]
    resources: int
    shapes: int
    chosen_shapes: int


@dataclass(slots=True)
class _Shape:
    type: str
    name: str
    number: int = 0


def choose(resources: Iterable[Mapping[str, Any]], valid: Callable[[Mapping[str, Any]], bool]) -> Choice:
    """Choose from resources that come one by one; ``valid`` is what ktcheck finds of one."""
    shapes: dict[str, _Shape] = {}
    sample: list[tuple[int, str]] = []
    total = 0
    for resource in resources:
        total += 1
        kind, name = resource["resourceType"], f"{resource['resourceType']}/{resource['id']}"
        found = shapes.setdefault(shape(resource, valid(resource)), _Shape(kind, name))
        found.number += 1
        found.name = min(found.name, name)
        # The smallest digests are a sample that does not depend on the order in which resources come.
        entry = (-int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]), name)
        if len(sample) < SAMPLE:
            heapq.heappush(sample, entry)
        else:
            heapq.heappushpop(sample, entry)
    ranked = list(_by_rank(shapes.values()))[: MOST - SAMPLE]
    names = dict.fromkeys([*ranked, *(name for _, name in sorted(sample, reverse=True))])
    return Choice(names=tuple(names), resources=total, shapes=len(shapes), chosen_shapes=len(ranked))


def _by_rank(shapes: Iterable[_Shape]) -> Iterator[str]:
    """The most common shape of every type, then the second of every type, and so on: no type crowds out another."""
    by_type: dict[str, list[_Shape]] = {}
    for item in shapes:
        by_type.setdefault(item.type, []).append(item)
    ranked = []
    for kind, items in by_type.items():
        items.sort(key=lambda item: (-item.number, item.name))
        ranked += [(rank, kind, item.name) for rank, item in enumerate(items)]
    return (name for *_, name in sorted(ranked))


def shape(resource: Mapping[str, Any], valid: bool) -> str:
    """The shape of a resource as a digest."""
    meta = resource.get("meta")
    claimed = meta.get("profile") if isinstance(meta, Mapping) else None
    paths = sorted({*_paths(resource, resource.get("resourceType", "")), f"={valid}", f"@{claimed}"})
    return hashlib.sha256("\n".join(paths).encode()).hexdigest()


def _paths(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{place}:{value['url']}" if "url" in value and place.endswith("xtension") else place
        for name, item in value.items():
            yield from _paths(item, f"{place}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, place)
    else:
        yield place
