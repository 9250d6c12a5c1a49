"""Finding and reading the references in a FHIR resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ktcheck.facts import Form

_ELEMENT = re.compile(r"_?[a-z][A-Za-z0-9]{0,63}")
_LITERAL = re.compile(r"([A-Z][A-Za-z]{2,63})/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")


class Found(NamedTuple):
    """A reference as it stands: ``path`` without and ``place`` with list positions, and the Reference itself."""

    path: str
    place: str
    value: Mapping[str, Any]


def walk(resource: Mapping[str, Any]) -> Iterator[Found]:
    """Every Reference in a resource, in document order; an extension is named by its URL."""
    for key, value in resource.items():
        if key != "contained":
            yield from _walk(value, _name(key), _name(key))


def _name(member: str) -> str:
    """The name of an element; what cannot be one is not told, because paths are public and it could be a person's."""
    return member if _ELEMENT.fullmatch(member) else "?"


def _walk(value: Any, path: str, place: str) -> Iterator[Found]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _element(item, path, place, f"[{number}]")
    else:
        yield from _element(value, path, place, "")


def _element(value: Any, path: str, place: str, position: str) -> Iterator[Found]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("url"), str) and path.rsplit(".", 1)[-1] == "extension":
        path, place = f"{path}('{value['url']}')", f"{place}('{value['url']}')"
    place += position
    if "reference" in value or _is_logical(value):
        yield Found(path, place, value)
        return
    for key, item in value.items():
        yield from _walk(item, f"{path}.{_name(key)}", f"{place}.{_name(key)}")


def _is_logical(value: Mapping[str, Any]) -> bool:
    """In R4 only a Reference has a single ``identifier`` object; resources have a list of them."""
    return isinstance(value.get("identifier"), dict)


def read(value: Mapping[str, Any], base_url: str | None) -> tuple[Form, str | None, str | None]:
    """What a Reference is: its form and, when it is literal, the type and id it points to.

    An absolute URL under the domain's own base is literal too (TOP-KT-003: ``BASE/<Type>/<id>``).
    """
    raw = value.get("reference")
    if not isinstance(raw, str):
        return ("malformed" if "reference" in value else "logical"), None, None
    if raw.startswith("#"):
        return "contained", None, None
    if base_url and raw.startswith(f"{base_url}/"):
        raw = raw[len(base_url) + 1 :]
    match = _LITERAL.fullmatch(raw)
    if match:
        return "literal", match[1], match[2]
    return ("elsewhere" if ":" in raw else "malformed"), None, None


def target(value: object, base_url: str | None) -> str | None:
    """Where a literal Reference leads to (``<Type>/<id>``); None for anything else."""
    if not isinstance(value, Mapping):
        return None
    _, kind, own = read(value, base_url)
    return f"{kind}/{own}" if kind and own else None


def extension(resource: Mapping[str, Any], path: str, base_url: str | None) -> str | None:
    """Where the reference in an extension leads to; ``path`` is as ``walk`` writes it."""
    return next((target(found.value, base_url) for found in walk(resource) if found.path == path), None)
