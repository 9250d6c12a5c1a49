"""Lists of which each KT1 item is compared with the KT2 item that it is most like.

Sources: MIG-KT-001 (names, contact details, addresses), OQ-16 (several records of one person).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ktcheck.facts import Outcome
from ktcheck.mapping.elements import reason, supplied
from ktcheck.mapping.table import Row
from ktcheck.mapping.wishes import Case, Json
from ktcheck.source.careplan import values

Wanted = tuple[int, Json]  # the place of the KT1 record among those of the resource, and the KT1 value
Score = Callable[[Json, Json], int]
Key = Callable[[Json], Any]

# An address with only these is empty, and so is a telephone number (mapping, dt.address.period).
_SAYS_NOTHING = {"use", "system", "period"}


def objects(resource: Json, name: str) -> list[tuple[int, Json]]:
    """The objects in a list of a KT2 resource, with their positions."""
    value = resource.get(name)
    there = value if isinstance(value, list) else [value]
    return [(position, item) for position, item in enumerate(there) if isinstance(item, Mapping)]


def wanted_of(case: Case, name: str, key: Key) -> list[Wanted]:
    """The KT1 values of all records; those that say the same once, and empty ones not."""
    found: dict[Any, Wanted] = {}
    for record, content in enumerate(case.contents):
        for item in values(content, name):
            if isinstance(item, Mapping) and not item.keys() <= _SAYS_NOTHING:
                found.setdefault(key(item), (record, item))
    return list(found.values())


def _pairs(
    wanted: Sequence[Wanted], there: Sequence[tuple[int, Json]], score: Score
) -> list[tuple[Wanted, tuple[int, Json]]]:
    """Each KT1 value beside the KT2 value that it is most alike; a score of 0 is not alike at all."""
    ranked = sorted(
        (
            (-score(one[1], other[1]), place, position)
            for place, one in enumerate(wanted)
            for position, other in enumerate(there)
        )
    )
    left, right, found = set(range(len(wanted))), set(range(len(there))), []
    for points, place, position in ranked:
        if points and place in left and position in right:
            left.discard(place)
            right.discard(position)
            found.append((wanted[place], there[position]))
    return found


@dataclass(frozen=True, slots=True)
class ItemList:
    """How a list is compared.

    ``key``     what tells two KT1 values apart
    ``score``   how much a KT1 value and a KT2 value are alike
    ``beside``  the outcomes of two that belong together
    ``rival``   what two values of contradicting records share, so that one of them will do
    """

    key: Key
    score: Score
    beside: Callable[[Case, str, Json, Json], Iterator[Outcome | None]]
    rival: Key


def compare_list(case: Case, row: Row, how: ItemList) -> Iterator[Outcome]:
    """Item beside item, then what is missing and what KT1 did not have."""
    name = row.kt2_path or ""
    wanted, there = wanted_of(case, row.path or "", how.key), objects(case.resource, name)
    pairs = _pairs(wanted, there, how.score)
    for (_, one), (position, other) in pairs:
        yield from (outcome for outcome in how.beside(case, f"{name}[{position}]", one, other) if outcome)
    for item in wanted:
        if not any(item is one for one, _ in pairs):
            rivals = [one for one, _ in pairs if one[0] != item[0] and how.rival(one[1]) == how.rival(item[1])]
            what = {"result": "not-comparable", **reason("contradiction")} if rivals else {"result": "different"}
            yield case.outcome(row, name, expected=item[1], **what)
    for position, other in there:
        if not any(position == at for _, (at, _) in pairs) and not _supplied(case, name, wanted, other):
            yield case.outcome(row, f"{name}[{position}]", result="added", actual=other)
    if not wanted and not there:
        yield case.outcome(row, name, result="equal")


def _supplied(case: Case, name: str, wanted: Sequence[Wanted], added: Json) -> bool:
    """Whether KT2 requires something of this sort that KT1 lacks, so that the owner supplied it."""
    systems = {str(item.get("system")) for _, item in wanted}
    sorts = [row.when.get("equals") for row in supplied(case.kind, name)]
    return any(not wanted if sort is None else sort == added.get("system") and sort not in systems for sort in sorts)


def use_of(one: Json) -> Any:
    """The use of a KT1 value."""
    return str(one.get("use"))


def extension(element: Any, url: str) -> Json | None:
    """The extension of a URL in an element."""
    items = element.get("extension") if isinstance(element, Mapping) else None
    there = items if isinstance(items, list) else []
    return next((item for item in there if isinstance(item, Mapping) and item.get("url") == url), None)
