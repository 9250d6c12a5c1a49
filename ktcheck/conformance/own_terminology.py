"""Koppeltaal's own codes and value sets (``profiles/kt2-terminology.yaml``), for packages that only name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktcheck import tables
from ktcheck.conformance.package import Package

Json = dict[str, Any]


def package() -> Package:
    """The table as a package."""
    table = tables.read("kt2-terminology.yaml")
    return Package(name="kt2-terminology", version="", definitions=(*_systems(table), *_sets(table)))


def _systems(table: Json) -> Iterator[Json]:
    for url, codes in table["code_systems"].items():
        concepts = [{"code": code} for code in codes]
        yield {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": concepts}


def _sets(table: Json) -> Iterator[Json]:
    for url, systems in table["value_sets"].items():
        include = [
            {"system": system, **({} if codes is True else {"concept": [{"code": code} for code in codes]})}
            for system, codes in systems.items()
        ]
        yield {"resourceType": "ValueSet", "url": url, "compose": {"include": include}}
