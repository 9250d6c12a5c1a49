"""The requests of a browser during a launch, cut where it goes to log in and where it comes back, told as steps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx2

from ktcheck.launch.agent import Hop, Visited
from ktcheck.launch.facts import Actor, StepName
from ktcheck.launch.steps import Recorder

_ACTORS: Mapping[StepName, Actor] = {
    "launch": "portal",
    "authorize": "module",
    "login": "person",
    "callback": "module",
    "page": "module",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """``before``: at the module; ``authorize``: its request to the authorize endpoint; ``login``: what came of that.

    ``callback`` is the request that brings the browser back to the module (the one that was held back, when the suite
    is the module), ``after`` what follows it there.
    """

    before: tuple[Hop, ...]
    authorize: Hop | None = None
    login: tuple[Hop, ...] = ()
    callback: Hop | None = None
    after: tuple[Hop, ...] = ()


def cut(visited: Visited, authorization_endpoint: str) -> Trail:
    """The trail of a visit; where the module wants the browser back it says in its authorize request."""
    hops = (*visited.hops, *([visited.stopped] if visited.stopped else []))
    begin = next((place for place, hop in enumerate(hops) if address(hop.url) == address(authorization_endpoint)), None)
    if begin is None:
        return Trail(before=hops)
    back = address(values(hops[begin]).get("redirect_uri", ""))
    end = next((place for place in range(begin + 1, len(hops)) if address(hops[place].url) == back), len(hops))
    return Trail(
        before=hops[:begin],
        authorize=hops[begin],
        login=hops[begin + 1 : end],
        callback=hops[end] if end < len(hops) else None,
        after=hops[end + 1 :],
    )


def record(recorder: Recorder, steps: Iterable[tuple[StepName, tuple[Hop, ...]]], status: int | None) -> None:
    """Keep the steps of a browser, by the requests that each consists of; the one that broke is there in any case.

    ``status`` is that of the last page.
    """
    broken = recorder.broken.step if recorder.broken else None
    seen = set()
    for name, hops in steps:
        first, last = hops[0], hops[-1]
        recorder.add(
            name,
            _ACTORS[name],
            started=first.started,
            milliseconds=round((last.started - first.started) * 1000) + last.milliseconds,
            status=last.status,
            ok=name != broken,
        )
        seen.add(name)
    if broken and broken not in seen:
        recorder.add(broken, _ACTORS[broken], started=time.monotonic(), milliseconds=0, status=status, ok=False)


def values(hop: Hop) -> Mapping[str, str]:
    """The parameters of a request, in its address or posted; of one that is there twice the first."""
    found: dict[str, str] = {}
    for name, value in (*query(hop.url), *(hop.fields or {}).items()):
        found.setdefault(name, value)
    return found


def query(url: str) -> list[tuple[str, str]]:
    """The parameters in an address, also in its fragment."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return []
    parts = parsed.query.decode("ascii", "replace"), parsed.fragment
    return [pair for part in parts for pair in parse_qsl(part, keep_blank_values=True)]


def address(url: str) -> str:
    """An address without parameters, by which it is recognised."""
    try:
        return str(httpx2.URL(url).copy_with(query=None, fragment=None))
    except httpx2.InvalidURL:
        return ""
