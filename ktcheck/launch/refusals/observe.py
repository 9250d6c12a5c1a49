"""Everything that has to be refused, tried in a domain as its domain file says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ktcheck.domain import Domain
from ktcheck.errors import RunError
from ktcheck.launch.facts import Refusal
from ktcheck.launch.people import People
from ktcheck.launch.players import join_own
from ktcheck.launch.playing import Outside
from ktcheck.launch.refusals.attempts import try_refusals
from ktcheck.launch.refusals.changes import TRIALS
from ktcheck.launch.refusals.gather import gather
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.snapshot.store import Snapshot

Progress = Callable[[str, int, int | None], None]

_NO_REDIRECT_URI = "[launch] heeft geen redirect_uri, het adres dat voor de suite is geregistreerd; voeg het toe"
_NO_SERVICE = "de autorisatieservice van het domein zegt niet wat voor een start nodig is"


def observe(
    domain: Domain, snapshot: Snapshot, people: People, outside: Outside, progress: Progress
) -> tuple[Refusal, ...]:
    """A fact for each thing that has to be refused, whether it could be tried or not.

    Raises:
        InputError: the client of the suite is not accepted, or the password of a test account is not there.
    """
    return asyncio.run(_observe(domain, snapshot, people, outside, progress))


async def _observe(
    domain: Domain, snapshot: Snapshot, people: People, outside: Outside, progress: Progress
) -> tuple[Refusal, ...]:
    if domain.launch is None or domain.launch.redirect_uri is None:
        return _untried(_NO_REDIRECT_URI)
    try:
        own = await join_own(domain, outside)
    except RunError:
        return _untried(_NO_SERVICE)
    means = await gather(domain, snapshot, people, own, outside)
    async with Chromium() as chromium:
        held = replace(outside, chromium=chromium)
        return await try_refusals(means, held, lambda done, total: progress("weigeringen proberen", done, total))


def _untried(gap: str) -> tuple[Refusal, ...]:
    return tuple(Refusal(name=name, gap=gap) for name in TRIALS)
