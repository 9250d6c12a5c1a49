"""Everything that can be seen of launches by doing them (TOP-KT-007, TOP-KT-016, TOP-KT-021, TOP-KT-023)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from ktcheck.domain import Application, Domain
from ktcheck.errors import InputError
from ktcheck.http import Evidence
from ktcheck.launch import telling
from ktcheck.launch.choose import check, choose, provider
from ktcheck.launch.facts import Launch, LaunchFact
from ktcheck.launch.launches import Launches, Pictures, Progress
from ktcheck.launch.people import People
from ktcheck.launch.playing import Outside
from ktcheck.launch.refusals import observe as refusing
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.smart.backend import Secret
from ktcheck.snapshot.store import Snapshot

Json = dict[str, Any]


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


def check_ready(domain: Domain, own: Application | None, *, pictures: bool = False) -> None:
    """See to it, before anything is read, that the launches of a run can be done, with ``pictures`` if asked for.

    Raises:
        InputError: the domain file does not say enough, a password is not in the environment, or there is no browser.
    """
    names = applications(domain, own)
    if names:
        check(domain)
    users = domain.launch.accounts if domain.launch else ()
    logins = {
        where.login and where.login.kind
        for where in (provider(domain, user.user_type, name) for user in users for name in names)
    }
    if pictures and "browser" not in logins:
        raise InputError(
            "--screenshots: no test account launches in a browser here; leave it out, or make kind of [idp.login] "
            '"browser" in the domain file'
        )


def observe(
    domain: Domain,
    snapshot: Snapshot,
    people: People,
    own: Application | None,
    evidence: Evidence,
    secret: Secret,
    progress: Progress,
    pictures: Pictures | None = None,
    *,
    refusals: bool = True,
) -> Observed:
    """Do the launches of a domain; whatever the other side does is a fact.

    ``people`` heard the facts of the run; ``own`` is the application whose self-check this is. Every secret is told to
    ``secret`` before it is used. ``pictures`` gets the last page of each launch in a browser. ``refusals``: what has to
    be refused is tried too.

    Raises:
        InputError: the key of the suite or the password of a test account is not there.
    """
    names = applications(domain, own)
    if not names:
        return Observed()
    outside = Outside(evidence=evidence, secret=secret)
    facts = launched(domain, snapshot, people, names, outside, progress, pictures)
    if refusals and own is None:  # what the provision refuses is nothing that an application answers for
        facts += refusing.observe(domain, snapshot, people, outside, progress)
    return told(facts)


def launched(
    domain: Domain,
    snapshot: Snapshot,
    people: People,
    names: tuple[str, ...],
    outside: Outside,
    progress: Progress,
    pictures: Pictures | None = None,
) -> tuple[LaunchFact, ...]:
    """What the authorization service publishes, and the launches with the applications of these names."""
    planned = choose(domain, snapshot, people, names)

    async def done() -> tuple[LaunchFact, ...]:
        async with Chromium() as chromium:
            held = replace(outside, chromium=chromium)
            return await Launches(domain, snapshot, held, progress, pictures).all(planned)

    return asyncio.run(done())


def told(facts: tuple[LaunchFact, ...]) -> Observed:
    """The facts, and what the report says of them."""
    launches = tuple(telling.row(fact) for fact in facts if isinstance(fact, Launch))
    return Observed(facts=facts, launches=launches, chain=telling.chain(facts))
