"""Counts the codes that nobody checked: per code system, resource type and element (part of ``report.json``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ktcheck.conformance.codes import code_systems
from ktcheck.facts import Codes, Fact

_Place = tuple[str | None, str, str]


class Unchecked:
    """A listener to facts. ``rows()`` are those of ``unchecked_codes``, the largest numbers first."""

    def __init__(self) -> None:
        self._codes: Counter[_Place] = Counter()
        self._resources: Counter[_Place] = Counter()

    def add(self, fact: Fact) -> None:
        """Count the codes of a resource that have the right form, and may exist or not."""
        if isinstance(fact, Codes):
            places = Counter((use.system, fact.target.type, use.element) for use in fact.uses if use.formed)
            self._codes += places
            self._resources.update(dict.fromkeys(places, 1))

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each system (null: not known), resource type and element."""
        for place, number in sorted(self._codes.items(), key=lambda item: (-item[1], item[0][1:], item[0][0] or "")):
            name, resource_type, element = place
            system = code_systems()[name] if name else None
            yield {
                "system": name,
                "name_nl": system.name_nl if system else None,
                "name_en": system.name_en if system else None,
                "resource_type": resource_type,
                "element": element,
                "codes": number,
                "resources": self._resources[place],
            }
