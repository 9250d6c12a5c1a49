"""Atom XML: one file's bytes into the members that the JSON form of a bundle has.

No DTD is accepted, so there are no entities to expand or fetch; libxml2's own limits on depth and size stay on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree

from ktcheck.source.messages import Unreadable

_XHTML = "{http://www.w3.org/1999/xhtml}div"


def parse(data: bytes) -> dict[str, Any]:
    """The bundle, or the resource that the file holds, with single members where only one was found.

    ``elements.shape`` makes lists and types of it. The ``summary`` of entries is left out (kt1-source.md 2.1).

    Raises:
        Unreadable: not well-formed, a DTD, or too deep or large for libxml2's limits.

    """
    if b"<!DOCTYPE" in data.replace(b"\0", b""):
        raise _dtd()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Unreadable(
            f"line {line}, column {column}",
            "de XML is niet welgevormd, of te diep of te groot",
            "the XML is not well-formed, or too deep or too large",
        ) from None
    except (LookupError, ValueError):
        raise Unreadable("byte 0", "de XML is niet te ontleden", "the XML cannot be parsed") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _dtd()
    if _local(root) != "feed":
        return _resource(root)
    return {"resourceType": "Bundle", "entry": [], **_atom(root)}


def _dtd() -> Unreadable:
    return Unreadable(
        "byte 0",
        "de XML heeft een DTD (DOCTYPE); die wordt niet geaccepteerd",
        "the XML has a DTD (DOCTYPE), which is not accepted",
    )


def _local(element: etree._Element) -> str:
    return _name(element.tag)


@lru_cache(4096)
def _name(tag: str) -> str:
    """The local name of ``{namespace}name``; a message has few different ones and very many of each."""
    return etree.QName(tag).localname


def _atom(element: etree._Element) -> dict[str, Any]:
    """The Atom members of a feed or an entry."""
    members: dict[str, Any] = {}
    for child in element:
        name = _local(child)
        if name in {"link", "category"}:
            members.setdefault(name, []).append({str(key): str(value) for key, value in child.attrib.items()})
        elif name == "author":
            members.setdefault(name, []).append({_local(part): part.text for part in child})
        elif name == "entry":
            members.setdefault(name, []).append(_atom(child))
        elif name == "content":
            resources = list(child)
            members[name] = _resource(resources[0]) if len(resources) == 1 else None
        elif name != "summary":
            members[name] = (child.text or "").strip() or None
    return {key: value for key, value in members.items() if value is not None}


def _resource(element: etree._Element) -> dict[str, Any]:
    return {"resourceType": _local(element), **_members(element)}


def _members(element: etree._Element) -> dict[str, Any]:
    """The attributes and children of a FHIR element; of a repeated child a list."""
    values: dict[str, list[Any]] = {}
    extras: dict[str, list[Any]] = {}
    for child in element:
        name = _local(child)
        text = child.get("value")
        if child.tag == _XHTML:
            values.setdefault(name, []).append(etree.tostring(child, encoding="unicode", with_tail=False))
        elif text is not None:
            values.setdefault(name, []).append(text)
            extras.setdefault(name, []).append(_members(child) or None)
        elif name == "contained":
            values.setdefault(name, []).extend(_resource(item) for item in child)
        else:
            values.setdefault(name, []).append(_members(child) or None)
    found: dict[str, Any] = {key: str(element.get(key)) for key in ("id", "url") if element.get(key) is not None}
    for name, items in values.items():
        found[name] = items[0] if len(items) == 1 else items
    for name, items in extras.items():
        if any(items):
            found[f"_{name}"] = items[0] if len(items) == 1 else items
    return found
