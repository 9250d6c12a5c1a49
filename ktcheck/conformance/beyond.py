"""Invariants of R4 that look beyond the element they are about, where a schema cannot follow (ref-1, dom-3, ctm-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]


def contained_references(resource: Json) -> Iterator[str]:
    """ref-1: a local reference (``#id``) is to a resource that is contained. Gives the places of those that are not."""
    known = {f"#{item.get('id')}" for item in _contained(resource)} | {"#"}
    for place, reference in _references(resource, ""):
        if reference.startswith("#") and reference not in known:
            yield place


def used_contained(resource: Json) -> Iterator[str]:
    """dom-3: a contained resource is referred to, or refers to what contains it. Gives the places of the others."""
    used = {reference for _, reference in _references(resource, "")}
    for number, item in enumerate(_contained(resource)):
        upward = any(reference == "#" for _, reference in _references(item, ""))
        if f"#{item.get('id')}" not in used and not upward:
            yield f"contained[{number}]"


def on_behalf_of_practitioner(resource: Json) -> Iterator[str]:
    """ctm-1: only a practitioner is in a care team on behalf of an organization. Gives the participants of others."""
    participants = resource.get("participant")
    for number, item in enumerate(participants if isinstance(participants, list) else ()):
        if resource.get("resourceType") != "CareTeam" or not isinstance(item, dict) or "onBehalfOf" not in item:
            continue
        member = item.get("member")
        reference = member.get("reference") if isinstance(member, dict) else None
        if isinstance(reference, str) and "Practitioner/" not in reference:
            yield f"participant[{number}]"


RULES: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "ref-1": contained_references,
    "dom-3": used_contained,
    "ctm-1": on_behalf_of_practitioner,
}


def _contained(resource: Json) -> list[Json]:
    found = resource.get("contained")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _references(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every reference in a value, with its place."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield f"{place}.reference".lstrip("."), value["reference"]
        for name, item in value.items():
            yield from _references(item, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _references(item, f"{place}[{number}]")
