"""Finds in a KT1 record the values that a row of the mapping speaks of.

Paths go over the neutral form (``ktcheck.source.record``): members with a dot between them, an extension of KT1 by its
name (``#Participant.#ParticipantRole``), lists flattened. ``deceased[x]`` is a choice element, ``**`` any depth, and
`` | `` separates alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from ktcheck.mapping.table import Row, rows, values

_CHOICE = "[x]"
_ANYWHERE = "**"
_OR = " | "
_ROLES = ("role", "#ParticipantRole")


class _Found(NamedTuple):
    place: str
    value: Any
    parent: Mapping[str, Any]


@cache
def applying(kind: str) -> tuple[Row, ...]:
    """The rows that speak of records of a KT1 kind, those of its datatypes and of all kinds included."""
    return tuple(row for row in rows().values() if row.kt1 in {kind, "*"} or kind in row.applies)


def held(row: Row, source_type: str, content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Every value in the content of a KT1 record that the row speaks of, with its place.

    A place is the path with list positions (``telecom[0].use``). A Coding, CodeableConcept or reference is given as
    that object. Empty when the row does not speak of that kind of record, or no KT1 element holds it.
    """
    found = [item for path in _paths(row, source_type) for item in _at(content, path, "")]
    if row.when:
        found = [item for item in found if _is(row.when, item, len(found))]
    if row.unless:
        found = [item for item in found if not _is(row.unless, item, len(found))]
    return [(item.place, item.value) for item in found]


def tops(row: Row, source_type: str) -> frozenset[str] | None:
    """The members of a record's content without one of which it holds nothing that the row speaks of.

    None when that cannot be told from the path, or no KT1 element holds it.
    """
    found = {path[0] for path in _paths(row, source_type)}
    if not found or any(name.endswith(_CHOICE) or name == _ANYWHERE for name in found):
        return None
    return frozenset(found)


def codes(value: Any) -> tuple[str, ...]:
    """The codes of a CodeableConcept or a Coding; of a plain code that code; none of a text only."""
    if isinstance(value, str):
        return (value.strip(),)
    if not isinstance(value, dict):
        return ()
    codings = value.get("coding", [value])
    found = (
        item.get("code") for item in (codings if isinstance(codings, list) else [codings]) if isinstance(item, dict)
    )
    return tuple(code.strip() for code in found if isinstance(code, str))


def _paths(row: Row, source_type: str) -> tuple[tuple[str, ...], ...]:
    if row.path is None:
        return ()
    if row.applies:
        return _parsed(row.path, row.applies[source_type]) if source_type in row.applies else ()
    return _parsed(row.path, "") if row.kt1 in {source_type, "*"} else ()


@cache
def _parsed(path: str, under: str) -> tuple[tuple[str, ...], ...]:
    before = under.split(".") if under else []
    return tuple((*before, *part.split(".")) for part in path.split(_OR))


def _at(content: Mapping[str, Any], path: tuple[str, ...], place: str) -> Iterator[_Found]:
    name, *rest = path
    if name == _ANYWHERE:
        yield from _anywhere(content, tuple(rest), place)
        return
    for member in _members(content, name):
        for where, value in _items(content[member], f"{place}{member}"):
            if not rest:
                yield _Found(where, value, content)
            elif isinstance(value, dict):
                yield from _at(value, tuple(rest), f"{where}.")


def _anywhere(content: Mapping[str, Any], path: tuple[str, ...], place: str) -> Iterator[_Found]:
    yield from _at(content, path, place)
    for member, value in content.items():
        for where, item in _items(value, f"{place}{member}"):
            if isinstance(item, dict):
                yield from _anywhere(item, path, f"{where}.")


def _members(content: Mapping[str, Any], name: str) -> list[str]:
    if name.endswith(_CHOICE):
        stem = name.removesuffix(_CHOICE)
        return [member for member in content if member.startswith(stem) and member[len(stem) : len(stem) + 1].isupper()]
    return [name] if name in content else []


def _items(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield f"{place}[{position}]", item
    else:
        yield place, value


def _is(condition: Mapping[str, str | int], item: _Found, number: int) -> bool:
    """Whether a found value meets a condition of the table (``when``, ``unless``)."""
    ((name, wanted),) = condition.items()
    match name:
        case "equals":
            return item.value is wanted or _has(item.value, wanted)
        case "outside":
            return not any(_has(item.value, code) for code in values()[str(wanted)].codes)
        case "more-than":
            return number > int(wanted)
        case "role":
            return any(_has(role, wanted) for at in _ROLES for _, role in _items(item.parent.get(at), at))
        case "beside":
            return wanted in item.parent
        case _:
            raise ValueError(f"profiles/mapping.yaml: no condition is called {name!r}")


def _has(value: Any, code: str | int) -> bool:
    return str(code).casefold() in (found.casefold() for found in codes(value))
