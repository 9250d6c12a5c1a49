"""Gathers what a domain has to try refusals with, from its domain file and its snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ktcheck.domain import Client, Domain, Elsewhere
from ktcheck.errors import KtcheckError
from ktcheck.launch.choose import provider, with_tasks
from ktcheck.launch.people import People
from ktcheck.launch.players import Joined, join
from ktcheck.launch.playing import Outside
from ktcheck.launch.refusals.means import Means, Target
from ktcheck.snapshot.store import Snapshot

_NO_OTHER = "er is geen tweede applicatie van de suite in het domein; zet die in [launch.other]"
_NO_ELSEWHERE = "er is geen applicatie van de suite in een ander domein; zet die in [launch.elsewhere]"
_SAME = "[launch.elsewhere] noemt hetzelfde domein; zet er een applicatie in een ander domein"
_NOT_ACCEPTED = "de applicatie van [{section}] krijgt geen access token; vergelijk haar sleutel met domeinbeheer"


async def gather(domain: Domain, snapshot: Snapshot, people: People, own: Joined, outside: Outside) -> Means:
    """What there is; of what is not there, why not.

    Raises:
        InputError: there is nothing in the domain file about how a test account logs in.
    """
    launch = domain.launch
    assert launch is not None  # without it nothing is tried
    base = own.player.base
    return Means(
        own=own,
        other=await _join(launch.other, base, "launch.other", outside) if launch.other else _NO_OTHER,
        elsewhere=await _elsewhere(launch.elsewhere, base, outside),
        targets=tuple(_targets(domain, snapshot, people, own)),
        # One of them is not that of the task.
        definitions=tuple(
            f"ActivityDefinition/{item['id']}" for item in islice(snapshot.resources("ActivityDefinition"), 2)
        ),
        devices=tuple(app.device for app in domain.application if app.device != own.player.device),
    )


async def _elsewhere(settings: Elsewhere | None, base: str, outside: Outside) -> Joined | str:
    if settings is None:
        return _NO_ELSEWHERE
    if settings.fhir_base_url == base:
        return _SAME
    client = Client(client_id=settings.client_id, private_key_file=settings.private_key_file, key_id=settings.key_id)
    return await _join(client, settings.fhir_base_url, "launch.elsewhere", outside)


async def _join(client: Client, base: str, section: str, outside: Outside) -> Joined | str:
    device = f"Device/{client.client_id}"
    try:
        return await join(client, base=base, redirect_uri="", device=device, outside=outside)
    except KtcheckError:
        return _NOT_ACCEPTED.format(section=section)


def _targets(domain: Domain, snapshot: Snapshot, people: People, own: Joined) -> Iterator[Target]:
    client_id = own.player.signer.client_id
    name = next((app.name for app in domain.application if app.client_id == client_id), "")
    for account, person, task, active in with_tasks(domain, snapshot, people):
        login = provider(domain, account.user_type, name).login
        assert login is not None  # without it there is no such provider
        yield Target(account=account, person=person, task=task, login=login.kind, active=active)
