"""Everything that can be seen of launches by doing them (TOP-KT-007, TOP-KT-016, TOP-KT-021, TOP-KT-023)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ktcheck.domain import Application, Client, Domain
from ktcheck.http import Evidence
from ktcheck.launch import portal, telling
from ktcheck.launch.choose import Planned, check, choose
from ktcheck.launch.facts import AuthorizeRequest, Launch, LaunchFact
from ktcheck.launch.login import Providers, login_of, read_providers
from ktcheck.launch.messages import Fresh, Signer
from ktcheck.launch.people import People
from ktcheck.launch.portal import Launched, Portal
from ktcheck.launch.published import Published, read_published
from ktcheck.launch.steps import Broken, Recorder
from ktcheck.launch.ways import open_agent
from ktcheck.smart import keys
from ktcheck.smart.backend import Secret
from ktcheck.snapshot.store import Snapshot

Json = dict[str, Any]
Progress = Callable[[str, int, int | None], None]

AT_ONCE = 4
"""So many launches run at the same time; those that a person has to help with go one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What launches gave: facts for the rules, and ``launches`` and ``chain`` of ``report.json``."""

    facts: tuple[LaunchFact, ...] = ()
    launches: tuple[Json, ...] = ()
    chain: Json | None = None


def applications(domain: Domain, own: Application | None) -> tuple[str, ...]:
    """With which applications launches are tried: none when there is no live domain or it has no launch yet.

    ``own`` is the application whose self-check this is.
    """
    target, launch = domain.target, domain.launch
    if launch is None or target is None or target.snapshot or not target.fhir_base_url:
        return ()
    if not (target.delivered.idp and target.delivered.launch):
        return ()
    return tuple(name for name in launch.applications if own is None or name == own.name)


def check_ready(domain: Domain, own: Application | None) -> None:
    """See to it, before anything is read, that the launches of a run can be done.

    Raises:
        InputError: the domain file does not say enough, or a password is not in the environment.
    """
    if applications(domain, own):
        check(domain)


def observe(
    domain: Domain,
    snapshot: Snapshot,
    people: People,
    own: Application | None,
    evidence: Evidence,
    secret: Secret,
    progress: Progress,
) -> Observed:
    """Do the launches of a domain; whatever the other side does is a fact.

    ``people`` heard the facts of the run; ``own`` is the application whose self-check this is. Every secret is told to
    ``secret`` before it is used.

    Raises:
        InputError: the key of the suite or the password of a test account is not there.
    """
    names = applications(domain, own)
    if not names:
        return Observed()
    planned = [one for one in choose(domain, snapshot, people, names) if one.attempt.plays == "portal"]
    run = _Run(domain, evidence=evidence, secret=secret, progress=progress)
    facts = asyncio.run(run.all(planned))
    launches = sorted((fact for fact in facts if isinstance(fact, Launch)), key=lambda fact: int(fact.attempt.id[1:]))
    return Observed(facts=facts, launches=tuple(telling.row(launch) for launch in launches), chain=telling.chain(facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A launch that was tried, and what came of it; ``launched`` is None when it could not begin."""

    planned: Planned
    launched: Launched | None
    facts: tuple[LaunchFact, ...]


class _Run:
    """The launches of one domain."""

    def __init__(self, domain: Domain, *, evidence: Evidence, secret: Secret, progress: Progress) -> None:
        assert domain.target
        assert domain.target.fhir_base_url
        assert domain.client
        self._domain = domain
        self._base = domain.target.fhir_base_url
        self._client = domain.client
        self._evidence = evidence
        self._secret = secret
        self._progress = progress
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._done = 0

    async def all(self, planned: list[Planned]) -> tuple[LaunchFact, ...]:
        """What the service publishes, and then the launches, a few at a time."""
        trace_id = str(uuid.uuid4())
        published = await read_published(self._base, evidence=self._evidence, trace_id=trace_id)
        providers = await read_providers(self._domain, evidence=self._evidence, trace_id=trace_id)
        self._progress("taken starten", 0, len(planned))
        tried = [self._try(one, published, providers, len(planned)) for one in planned]
        done = await asyncio.gather(*tried)
        facts: list[LaunchFact] = [published.keys, *([published.configuration] if published.configuration else [])]
        for one in _compared(done):
            facts += one.facts
        return tuple(facts)

    async def _try(self, planned: Planned, published: Published, providers: Providers, total: int) -> _Done:
        async with self._slots:
            recorder = Recorder()
            launched = await self._launch(planned, published, recorder)
        self._done += 1
        self._progress("taken starten", self._done, total)
        login = login_of(planned, launched.visited, launched.trail, providers) if launched else None
        return _Done(
            planned=planned,
            launched=launched,
            facts=(_fact(planned, recorder), *([login] if login else []), *(launched.facts if launched else ())),
        )

    async def _launch(self, planned: Planned, published: Published, recorder: Recorder) -> Launched | None:
        endpoint = published.endpoint("authorization_endpoint")
        if endpoint is None:
            recorder.broken = Broken(
                step="smart-configuration",
                reason_nl="de SMART-configuratie noemt geen veilig authorization_endpoint, of is er niet",
                reason_en="the SMART configuration names no safe authorization_endpoint, or is not there",
            )
            return None
        # The trace id of a launch is the id of its HTI token (TOP-KT-006), so the evidence has it too.
        trace = str(uuid.uuid4())
        agent = open_agent(
            planned.login, evidence=self._evidence, trace_id=trace, secret=self._secret, base_url=self._base
        )
        async with agent:
            return await portal.launch(
                Portal(signer=signer(self._client, published), base=self._base, authorization_endpoint=endpoint),
                planned,
                agent,
                recorder,
                Fresh(identifier=lambda: trace),
                self._secret,
            )


def signer(client: Client, published: Published) -> Signer:
    """A client of the suite, with the first algorithm that both its key and the service know.

    Raises:
        InputError: its key cannot be used.
    """
    key = keys.load(client.private_key_file)
    announced = published.content.get("token_endpoint_auth_signing_alg_values_supported")
    known = announced if isinstance(announced, list) else []
    algorithm = next((name for name in key.algorithms if name in known), key.algorithms[0])
    return Signer(client_id=client.client_id, key_id=client.key_id, algorithm=algorithm, key=key)


def _fact(planned: Planned, recorder: Recorder) -> Launch:
    broken = recorder.broken
    return Launch(
        attempt=planned.attempt,
        login=planned.login,
        steps=recorder.steps,
        milliseconds=recorder.milliseconds,
        broken=broken.step if broken else None,
        reason_nl=broken.reason_nl if broken else None,
        reason_en=broken.reason_en if broken else None,
        task_migrated=planned.task_migrated,
        person_migrated=planned.person_migrated,
        account=planned.has_account,
    )


def _compared(done: Iterable[_Done]) -> Iterable[_Done]:
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
