"""What the granted scopes allow us to read.

Source: TOP-KT-005 and ``kt2-standard.md`` section 10. A scope is ``system/<Type>.<cruds>`` for all resources
of a type, or ``system/<Type>.<cruds>?resource-origin=Device/<id>[,Device/<id>...]`` for those of some
applications.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Range = Literal["all", "narrowed"]

_SCOPE = re.compile(r"system/(?P<type>[A-Za-z]+|\*)\.(?P<rights>read|write|\*|[cruds]+)(?P<query>\?.*)?")
_ORIGIN = re.compile(r"\?resource-origin=(Device/[^&,]+(?:,Device/[^&,]+)*)")


def readable(scope: str | None, types: Iterable[str]) -> dict[str, Range] | None:
    """The types of ``types`` that a token may read, and whether that is all of a type or a part of it.

    ``scope`` is the ``scope`` member of a token response; without it nothing is known and the answer is None.
    A wider scope wins over a narrower one; scopes of another form give no right to read.
    """
    if scope is None:
        return None
    known = tuple(types)
    granted: dict[str, Range] = {}
    for word in scope.split():
        match = _SCOPE.fullmatch(word)
        if match is None or not _reads(match["rights"]):
            continue
        for name in known if match["type"] == "*" else (match["type"],):
            if name in known and granted.get(name) != "all":
                granted[name] = "narrowed" if match["query"] else "all"
    return granted


def origins(scope: str | None, types: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The Devices whose resources of a type a token may read, for the types of which it may read a part only.

    A narrowing of another form than to source applications names none.
    """
    known = tuple(types)
    narrowed = {name for name, range_ in (readable(scope, known) or {}).items() if range_ == "narrowed"}
    found: dict[str, set[str]] = {name: set() for name in narrowed}
    for match in filter(None, map(_SCOPE.fullmatch, (scope or "").split())):
        devices = _ORIGIN.fullmatch(match["query"] or "")
        for name in narrowed if match["type"] == "*" else narrowed & {match["type"]}:
            if devices and _reads(match["rights"]):
                found[name].update(devices[1].split(","))
    return {name: tuple(sorted(devices)) for name, devices in found.items()}


def _reads(rights: str) -> bool:
    """``read`` and ``*`` are the SMART 1 forms of what SMART 2 spells as letters."""
    return rights in {"read", "*"} or (rights != "write" and "r" in rights)
