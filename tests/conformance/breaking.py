"""Breaks one demand of a row in a resource that meets all of them, in every way that there is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.conformance.rows import Demand, Row
from tests.conformance.samples import EXTENSIONS, PROHIBITED, SLICES, value

Json = dict[str, Any]

# Values that R4 allows and KT2 does not.
_OTHER_CODE = {"system": "https://example.org/codes", "code": "x"}
_OTHER = {"routine": "urgent", "rest-hook": "email", "user-friendly-name": "other"}
_WITHOUT_USE = ("kt2pnu-1", "kt2pnu-2")


class Place:
    """Where an element is in a resource: a name in an object, and perhaps a number in a list."""

    def __init__(self, resource: Json, row: Row) -> None:
        inside = resource
        *above, last = row.element.split(".")[1:]
        for step in above:
            inside = _item(inside, step)
        self.inside = inside
        name, _, slice_name = last.partition(":")
        self.choice = name.endswith("[x]")
        self.name = slice_name if self.choice and slice_name else name
        self.slice_name = "" if self.choice else slice_name
        if self.choice and not slice_name:
            self.name = next((key for key in inside if key.startswith(name[:-3])), name)

    @property
    def found(self) -> bool:
        """Whether there is something."""
        here = self.name in self.inside
        return here and (not self.slice_name or _number(self.inside[self.name], self.slice_name) is not None)

    def get(self) -> Any:
        """The value: of a list the item of the slice, or the first."""
        found = self.inside[self.name]
        return found[_number(found, self.slice_name) or 0] if isinstance(found, list) else found

    def put(self, new: Any) -> None:
        """Replace the value."""
        found = self.inside[self.name]
        if isinstance(found, list):
            found[_number(found, self.slice_name) or 0] = new
        else:
            self.inside[self.name] = new

    def remove(self) -> None:
        """Take the value away, and what is beside it."""
        if self.slice_name:
            del self.inside[self.name][_number(self.inside[self.name], self.slice_name) or 0]
        else:
            self.inside.pop(self.name)
            self.inside.pop(f"_{self.name}", None)


def _item(inside: Json, step: str) -> Json:
    """What is below a step; below a primitive are its extensions."""
    name, _, slice_name = step.partition(":")
    found = inside[name]
    if isinstance(found, list):
        found = found[_number(found, slice_name) or 0]
    return found if isinstance(found, dict) else inside[f"_{name}"]


def _number(items: list[Any], slice_name: str) -> int | None:
    """The number of the item of a slice."""
    if slice_name in SLICES:
        return SLICES[slice_name]
    urls = [item.get("url", "").rpartition("/")[2] for item in items if isinstance(item, dict)]
    name = EXTENSIONS.get(slice_name, slice_name)
    return urls.index(name) if name in urls else None


def broken(resource: Json, demand: Demand) -> Iterator[Json]:
    """Resources that differ from a valid one in what one demand is about."""
    row = demand.row
    for change in _WAYS[demand.kind](row):
        other = copy.deepcopy(resource)
        change(Place(other, row))
        assert other != resource
        yield other


Change = Callable[[Place], None]


def _too_many(row: Row) -> Iterator[Change]:
    if row.most != "0":
        assert row.most == "1"
        yield lambda place: place.inside[place.name].append(copy.deepcopy(place.get()))
        return
    for kind in row.types:
        yield lambda place, kind=kind: _add(place, row, kind)  # type: ignore[misc]


def _add(place: Place, row: Row, kind: str) -> None:
    """Add what is prohibited."""
    if place.choice:
        name = place.name.replace("[x]", kind[0].upper() + kind[1:])
        place.inside[name] = value(row.element, kind, row.targets)
    elif place.slice_name:
        place.inside.setdefault(place.name, []).append(copy.deepcopy(PROHIBITED[place.slice_name]))
    else:
        one = value(row.element, kind, row.targets)
        place.inside[place.name] = [one] if row.base_most == "*" else one
        if place.name == "extension" and "url" in place.inside:  # an extension has a value or extensions
            for name in [name for name in place.inside if name.startswith("value")]:
                del place.inside[name]


def _too_few(row: Row) -> Iterator[Change]:
    assert row.least == 1
    yield Place.remove


def _other_target(row: Row) -> Iterator[Change]:
    others = row.base_targets - row.targets - {"Resource"} or {"Location"}
    for other in sorted(others):
        yield lambda place, other=other: place.put({"reference": f"{other}/x"})  # type: ignore[misc]
        yield lambda place, other=other: place.put({"type": other, "identifier": {"value": "1"}})  # type: ignore[misc]


def _other_type(row: Row) -> Iterator[Change]:
    for kind in row.base_types:
        if kind not in row.types and (made := value(kind, kind, frozenset())) is not None:
            yield lambda place, kind=kind, made=made: _retype(place, row, kind, made)  # type: ignore[misc]


def _retype(place: Place, row: Row, kind: str, made: Any) -> None:
    choice = row.path.rpartition(".")[2]
    place.remove()
    place.inside[choice + kind[0].upper() + kind[1:]] = made


def _other_code(row: Row) -> Iterator[Change]:
    assert row.types in {("Coding",), ("CodeableConcept",)}
    yield lambda place: place.put(_OTHER_CODE if row.types == ("Coding",) else {"coding": [_OTHER_CODE]})


def _other_value(row: Row) -> Iterator[Change]:
    if isinstance(row.fixed, str):
        yield lambda place: place.put(_OTHER.get(row.fixed, "https://example.org/other"))
    elif "coding" in row.fixed:
        yield lambda place: place.put({"coding": [_OTHER_CODE]})
        yield lambda place: place.put({**row.fixed, "text": "meer"})
    else:
        yield lambda place: place.put(_OTHER_CODE)


def _other_content(row: Row) -> Iterator[Change]:
    """An extension with a value of a type that it does not have."""
    yield lambda place: place.put({"url": place.get()["url"], "valueDecimal": 1.5})


def _unsliced(row: Row) -> Iterator[Change]:
    yield lambda place: place.put({"coding": [_OTHER_CODE]})


def _broken_invariant(row: Row) -> Iterator[Change]:
    key = row.invariants.partition(" ")[0]
    if key in _WITHOUT_USE:
        yield lambda place: place.get().pop("use")
    else:
        assert key == "kt2-role-display-validation"
        yield lambda place: place.get()["coding"][0].update(display="Contactpersoon")


_WAYS: Mapping[str, Callable[[Row], Iterator[Change]]] = {
    "max": _too_many,
    "min": _too_few,
    "target": _other_target,
    "type": _other_type,
    "binding": _other_code,
    "fixed/pattern": _other_value,
    "typeProfile": _other_content,
    "slicing": _unsliced,
    "constraint": _broken_invariant,
}
