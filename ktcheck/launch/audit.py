"""What the log of a domain has of launches: looked up afterwards, for all of them at once.

Source: TOP-KT-011 and TOP-KT-006 (the id of the HTI token is the trace id), ``kt2-standard.md`` sections 17 and 18.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ktcheck import http, references
from ktcheck.domain import Client
from ktcheck.errors import KtcheckError
from ktcheck.launch.facts import Attempt, Logged, LoggedEvent
from ktcheck.smart.backend import BackendServices, BearerAuth, Secret
from ktcheck.snapshot.client import FhirClient, NoRightError, RefusedError

PATIENCE = 10.0
"""How long an event may take to appear, in seconds: a log is written beside the work, not before the answer."""

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0)
_PAGES = 10
_TRACE = "http://koppeltaal.nl/fhir/StructureDefinition/trace-id"
_LOGIN, _ACTIVITY, _APPLICATION = "110114", "110100", "110150"  # DICOM: User Authentication, Application Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An event that has to be there: of a launch with this trace id, that began at ``since``, about ``about``."""

    attempt: Attempt
    kind: Logged
    trace: str
    since: datetime
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is of it; the search that gave it began at ``started`` (``time.monotonic``)."""

    event: LoggedEvent
    started: float
    milliseconds: int
    status: int = 200


class Log:
    """The AuditEvents of a domain, as the suite's own client may read them."""

    def __init__(
        self, base_url: str, client: Client, *, evidence: http.Evidence, secret: Secret, patience: float | None = None
    ) -> None:
        self._base_url = base_url
        self._client = client
        self._evidence = evidence
        self._secret = secret
        self._patience = PATIENCE if patience is None else patience
        self._by_trace = True
        self._traces: frozenset[str] = frozenset()

    async def look_up(self, wanted: Iterable[Wanted], others: Iterable[str] = ()) -> list[Found]:
        """Look for events until they are all there or it has been long enough.

        ``others`` are ids that other tokens of the run have: an event with one of those as its trace belongs to that.
        Nothing is found when the log may not be read or does not answer: then nobody knows what is in it.
        """
        # Our own reading is logged too, so it has a trace of its own.
        trace_id = str(uuid.uuid4())
        service = BackendServices(
            self._base_url, self._client, evidence=self._evidence, trace_id=trace_id, secret=self._secret
        )
        try:
            async with http.read_client(
                self._base_url, evidence=self._evidence, trace_id=trace_id, auth=BearerAuth(service)
            ) as client:
                items = list(wanted)
                self._traces = frozenset([*others, *(item.trace for item in items)])
                return await self._poll(FhirClient(client, self._base_url), items)
        except (KtcheckError, NoRightError, RefusedError):
            return []

    async def _poll(self, client: FhirClient, wanted: list[Wanted]) -> list[Found]:
        begun = time.monotonic()
        found: dict[Wanted, Found] = {}
        for pause in (0.0, *_PAUSES, *[_PAUSES[-1]] * round(self._patience / _PAUSES[-1])):
            waiting = [item for item in wanted if item not in found or not _is_complete(found[item])]
            if not waiting or time.monotonic() - begun > self._patience:
                break
            await asyncio.sleep(pause)
            looked = await asyncio.gather(*(self._look(client, item, begun) for item in waiting))
            found |= dict(zip(waiting, looked, strict=True))
        for item in wanted:
            if item in found and not found[item].event.events:
                about_other = found[item].event.about_other
                later = await self._untraced(client, item, begun)
                found[item] = replace(later, event=replace(later.event, about_other=about_other))
        return [found[item] for item in wanted if item in found]

    async def _look(self, client: FhirClient, item: Wanted, begun: float) -> Found:
        """Events with the trace id of the launch, also where the server cannot search for that."""
        started = time.monotonic()
        if self._by_trace:
            try:
                events = await client.found("AuditEvent", {"traceId": item.trace}, pages=_PAGES)
            except RefusedError:
                self._by_trace = False
        if not self._by_trace:
            events = await self._since(client, item)
        return self._told(item, [event for event in events if _trace(event) == item.trace], started, begun)

    async def _untraced(self, client: FhirClient, item: Wanted, begun: float) -> Found:
        """Events since the launch began, whatever their trace, but for those of other tokens of the run."""
        started = time.monotonic()
        events = await self._since(client, item)
        return self._told(item, [event for event in events if _trace(event) not in self._traces], started, begun)

    async def _since(self, client: FhirClient, item: Wanted) -> list[dict[str, Any]]:
        moment = item.since.isoformat(timespec="milliseconds")
        return await client.found("AuditEvent", {"date": f"ge{moment}", "_count": "200"}, pages=_PAGES)

    def _told(self, item: Wanted, events: list[dict[str, Any]], started: float, begun: float) -> Found:
        now = time.monotonic()
        own = [event for event in events if _kind(event) == item.kind]
        about = [event for event in own if item.about in _about(event, self._base_url)]
        about.sort(key=lambda event: str(event.get("recorded")))
        outcome = about[-1].get("outcome") if about else None
        return Found(
            event=LoggedEvent(
                attempt=item.attempt,
                kind=item.kind,
                events=len(about),
                traced=any(_trace(event) == item.trace for event in about),
                about_other=any(_trace(event) == item.trace and event not in about for event in own),
                outcome=outcome if isinstance(outcome, str) else None,
                waited=round(now - begun, 2),
            ),
            started=started,
            milliseconds=round((now - started) * 1000),
        )


def last_of_each(found: Iterable[Found]) -> Iterable[Found]:
    """Of each launch the event that was looked for longest: it decides whether the log is whole."""
    by_launch: dict[str, Found] = {}
    for item in found:
        other = by_launch.get(item.event.attempt.id)
        if other is None or _weight(item) > _weight(other):
            by_launch[item.event.attempt.id] = item
    return by_launch.values()


def _weight(item: Found) -> tuple[bool, float]:
    return not item.event.events, item.started


def _is_complete(found: Found) -> bool:
    return found.event.events > 0


def _kind(event: Mapping[str, Any]) -> Logged | None:
    """Which of the events of a launch this is: the login of the user, or the start of the task by the module."""
    code = _codes(event.get("type"))
    if _LOGIN in code:
        return "login"
    roles = {role for agent in _objects(event.get("agent")) for role in _roles(agent)}
    return "launched" if _ACTIVITY in code and _APPLICATION in roles else None


def _about(event: Mapping[str, Any], base_url: str) -> Iterator[str]:
    """Who and what an event is about."""
    for entity in _objects(event.get("entity")):
        if found := references.target(entity.get("what"), base_url):
            yield found


def _trace(event: Mapping[str, Any]) -> str | None:
    for item in _objects(event.get("extension")):
        if item.get("url") == _TRACE:
            value = item.get("valueId")
            return value if isinstance(value, str) else None
    return None


def _roles(agent: Mapping[str, Any]) -> set[str]:
    concept = agent.get("type")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return _codes(*codings) if isinstance(codings, list) else set()


def _codes(*codings: object) -> set[str]:
    return {code for coding in _objects(list(codings)) if isinstance(code := coding.get("code"), str)}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
