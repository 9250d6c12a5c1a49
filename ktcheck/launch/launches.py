"""Does launches: those that the suite can do alone a few at a time, then those that people do in portals."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from ktcheck.domain import Domain
from ktcheck.errors import RunError
from ktcheck.launch import audit, both, module, portal
from ktcheck.launch.agent import Agent
from ktcheck.launch.audit import Log, Wanted
from ktcheck.launch.choose import Planned, find_task
from ktcheck.launch.facts import AuthorizeRequest, Launch, LaunchFact
from ktcheck.launch.login import Providers, login_of, read_providers
from ktcheck.launch.messages import Fresh
from ktcheck.launch.module import Arrived, Portals
from ktcheck.launch.players import Joined, join_own
from ktcheck.launch.playing import Outside
from ktcheck.launch.portal import Launched, Portal
from ktcheck.launch.published import read_published
from ktcheck.launch.steps import Broken, Recorder
from ktcheck.launch.ways import Kind
from ktcheck.snapshot.store import Snapshot

Progress = Callable[[str, int, int | None], None]
"""Told what goes on, how much of it is done, and of how much (None: unknown)."""

Pictures = Callable[[str, bytes], None]
"""Gets a screenshot (PNG) and of which launch it is (``L1``)."""

AT_ONCE: Mapping[Kind, int] = {"form": 4, "browser": 2, "manual": 1}
"""So many launches run at the same time; those that a person has to help with go one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A launch that was tried; ``launched`` is None when it could not begin.

    ``trace`` is the id of its HTI token, which is the trace id of all that belongs to it (TOP-KT-006).
    """

    planned: Planned
    recorder: Recorder
    milliseconds: int
    since: datetime
    trace: str
    launched: Launched | None
    facts: tuple[LaunchFact, ...]


class Launches:
    """Does the launches of one domain.

    ``pictures`` gets a screenshot of the page at the end of a launch, with the id of that; None: nobody asked for them.
    """

    def __init__(
        self, domain: Domain, snapshot: Snapshot, outside: Outside, progress: Progress, pictures: Pictures | None
    ) -> None:
        assert domain.target
        assert domain.target.fhir_base_url
        assert domain.launch
        self._domain = domain
        self._settings = domain.launch
        self._snapshot = snapshot
        self._base = domain.target.fhir_base_url
        self._logs = domain.target.delivered.audit
        self._outside = replace(outside, redirect_uri=domain.launch.redirect_uri, announce=progress)
        self._progress = progress
        self._pictures = pictures
        self._slots = {kind: asyncio.Semaphore(number) for kind, number in AT_ONCE.items()}
        self._done = 0
        self._issued: list[str] = []

    async def all(self, planned: list[Planned]) -> tuple[LaunchFact, ...]:
        """What the service publishes, the launches, a few at a time, and then what was logged of them."""
        trace_id = str(uuid.uuid4())
        published = await read_published(self._base, evidence=self._outside.evidence, trace_id=trace_id)
        providers = await read_providers(self._domain, evidence=self._outside.evidence, trace_id=trace_id)
        facts: list[LaunchFact] = [published.keys, *([published.configuration] if published.configuration else [])]
        suite = await self._join() if planned else None
        alone = [one for one in planned if one.attempt.plays != "module"]
        self._progress("taken starten", 0, len(alone))
        tried = [self._try(one, suite, providers, len(alone)) for one in alone]
        done = list(_compared(await asyncio.gather(*tried)))
        awaited = [one for one in planned if one.attempt.plays == "module"]
        if awaited and suite:
            done += await self._await(awaited, suite, providers)
        if self._logs:
            facts += await self._logged(done)
        for one in done:
            facts += (_fact(one), *one.facts)
        return tuple(facts)

    async def _join(self) -> Joined | None:
        """The suite as an application of the domain; None when that says no more what it needs."""
        try:
            return await join_own(self._domain, self._outside)
        except RunError:
            return None

    async def _try(self, planned: Planned, suite: Joined | None, providers: Providers, total: int) -> Done:
        trace = str(uuid.uuid4())
        picture = partial(self._pictures, planned.attempt.id) if self._pictures else None
        async with (
            self._slots[planned.login],
            self._outside.browser(planned.login, trace, self._base, picture) as agent,
        ):
            # From here: that a browser has to start is no part of the launch.
            since, recorder = datetime.now(UTC), Recorder()
            launched = await self._launch(planned, suite, agent, recorder, trace)
            milliseconds = recorder.milliseconds
        self._done += 1
        self._progress("taken starten", self._done, total)
        login = login_of(planned, launched.visited, launched.trail, providers) if launched else None
        return Done(
            planned=planned,
            recorder=recorder,
            milliseconds=milliseconds,
            since=since,
            trace=trace,
            launched=launched,
            facts=(*([login] if login else []), *(launched.facts if launched else ())),
        )

    async def _launch(
        self, planned: Planned, suite: Joined | None, agent: Agent, recorder: Recorder, trace: str
    ) -> Launched | None:
        if suite is None:
            recorder.broken = Broken(
                step="smart-configuration",
                reason_nl="de autorisatieservice van het domein zegt niet wat voor een start nodig is",
                reason_en="the authorization service of the domain does not say what a launch needs",
            )
            return None
        player, fresh = suite.player, self._beginning_with(trace)
        if planned.attempt.plays == "both":
            return await both.launch(player, planned, agent, self._outside.calls(trace), recorder, fresh)
        own = Portal(signer=player.signer, base=self._base, authorization_endpoint=player.endpoints.authorization)
        return await portal.launch(own, planned, agent, recorder, fresh, self._outside.secret)

    def _beginning_with(self, trace: str) -> Fresh:
        """Fresh identifiers, of which the first is this one; all are remembered."""
        fresh, first = Fresh(), iter((trace,))

        def identifier() -> str:
            self._issued.append(next(first, None) or fresh.identifier())
            return self._issued[-1]

        return replace(fresh, identifier=identifier)

    async def _await(self, planned: list[Planned], suite: Joined, providers: Providers) -> list[Done]:
        """Launches that people do in real portals; of those that they do not do nothing is known."""
        assert self._settings.launch_uri
        portals = Portals(
            self._settings.launch_uri,
            base=self._base,
            device=suite.player.device,
            find_task=lambda reference: find_task(self._domain, self._snapshot, reference),
            secret=self._outside.secret,
            announce=self._progress,
        )
        done = []
        for name in dict.fromkeys(one.application.name for one in planned):
            waiting = [one for one in planned if one.application.name == name]
            while waiting and (arrived := await portals.next(waiting)):
                done.append(await self._receive(arrived, suite, providers))
                waiting = [one for one in waiting if one.attempt.id != arrived.planned.attempt.id]
        return done

    async def _receive(self, arrived: Arrived, suite: Joined, providers: Providers) -> Done:
        planned, recorder = arrived.planned, Recorder()
        trace, since, launched = arrived.trace or str(uuid.uuid4()), datetime.now(UTC), None
        recorder.add("launch", "portal", started=arrived.began, milliseconds=0, status=200)
        if arrived.of_account:
            async with self._outside.browser(planned.login, trace, self._base) as agent:
                launched = await module.receive(suite.player, arrived, agent, self._outside.calls(trace), recorder)
        else:
            recorder.broken = Broken(
                step="login",
                reason_nl="wie in het portaal startte is niet de persoon van een testaccount van [launch]",
                reason_en="who launched in the portal is not the person of a test account of [launch]",
            )
        login = login_of(planned, launched.visited, launched.trail, providers) if launched else None
        return Done(
            planned=planned,
            recorder=recorder,
            milliseconds=recorder.milliseconds,
            since=since,
            trace=trace,
            launched=launched,
            facts=(arrived.fact, *([login] if login else []), *(launched.facts if launched else ())),
        )

    async def _logged(self, done: list[Done]) -> list[LaunchFact]:
        """What the log has of the launches that worked; the steps of each get the search that showed it."""
        assert self._domain.client
        worked = {one.planned.attempt.id: one for one in done if one.launched and not one.recorder.broken}
        self._progress("logregels van de gestarte taken zoeken", 0, None)
        log = Log(self._base, self._domain.client, evidence=self._outside.evidence, secret=self._outside.secret)
        found = await log.look_up([item for one in worked.values() for item in _wanted(one)], self._issued)
        for item in audit.last_of_each(found):
            worked[item.event.attempt.id].recorder.add(
                "audit",
                "resource",
                started=item.started,
                milliseconds=item.milliseconds,
                status=item.status,
                ok=item.event.events > 0,
            )
        return [item.event for item in found]


def _wanted(done: Done) -> Iterator[Wanted]:
    """The events that a launch has to leave: the login of the user, and the start of the task by a module."""
    attempt = done.planned.attempt
    yield Wanted(attempt=attempt, kind="login", trace=done.trace, since=done.since, about=attempt.person)
    if attempt.plays == "portal":
        yield Wanted(attempt=attempt, kind="launched", trace=done.trace, since=done.since, about=attempt.task)


def _fact(done: Done) -> Launch:
    planned, broken = done.planned, done.recorder.broken
    return Launch(
        attempt=planned.attempt,
        login=planned.login,
        steps=done.recorder.steps,
        milliseconds=done.milliseconds,
        broken=broken.step if broken else None,
        reason_nl=broken.reason_nl if broken else None,
        reason_en=broken.reason_en if broken else None,
        task_migrated=planned.task_migrated,
        person_migrated=planned.person_migrated,
        account=planned.has_account,
    )


def _compared(done: Iterable[Done]) -> Iterator[Done]:
    """With what each authorize request repeats of earlier ones of the same application."""
    earlier: dict[str, list[Launched]] = {}
    for one in done:
        launched = one.launched
        if launched is None or not any(isinstance(fact, AuthorizeRequest) for fact in one.facts):
            yield one
            continue
        others = earlier.setdefault(one.planned.application.name, [])
        repeated = tuple(
            name for name, value in launched.new.items() if any(other.new.get(name) == value for other in others)
        )
        facts = tuple(
            replace(fact, repeated=repeated, earlier=len(others)) if isinstance(fact, AuthorizeRequest) else fact
            for fact in one.facts
        )
        others.append(launched)
        yield replace(one, facts=facts)
