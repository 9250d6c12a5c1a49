"""How the suite becomes an application of a domain, as launches need it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from ktcheck.domain import Client, Domain
from ktcheck.errors import RunError
from ktcheck.launch.calls import Endpoints
from ktcheck.launch.messages import Fresh, Signer, assertion
from ktcheck.launch.playing import Outside, introspect, written
from ktcheck.launch.recipe import Player
from ktcheck.smart.backend import BackendServices
from ktcheck.snapshot.store import RESOURCE_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The suite in a domain that accepted it: ``backend`` has the access tokens of the application itself.

    ``readable`` is a resource type that these let it read.
    """

    player: Player
    readable: str
    backend: BackendServices = field(repr=False)


async def join(client: Client, *, base: str, redirect_uri: str, device: str, outside: Outside) -> Joined:
    """Let the suite be ``client`` in the domain with this FHIR base URL.

    Raises:
        InputError: the domain does not accept the client, or its key cannot be used.
        RunError: the domain does not answer as it should.
    """
    trace_id = str(uuid.uuid4())
    backend = BackendServices(base, client, evidence=outside.evidence, trace_id=trace_id, secret=outside.secret)
    signer = Signer(
        client_id=client.client_id,
        key_id=client.key_id,
        algorithm=await backend.algorithm(),
        key=backend.key,
    )
    calls = outside.calls(trace_id)
    answer = await calls.configuration(base)
    endpoints = Endpoints.of(answer.content) if answer.good else None
    if endpoints is None:
        raise RunError(f"{base}: there is no SMART configuration with a safe authorization_endpoint; report it")
    player = Player(
        signer=signer,
        base=base,
        endpoints=endpoints,
        redirect_uri=redirect_uri,
        device=device,
        audience=endpoints.introspection or endpoints.token,
    )
    # Sources differ about the audience: TOP-KT-021 says the introspection endpoint, the developer guide the other one.
    token = await backend.token()
    asked = await introspect(player, token.value, written(assertion(signer, player.audience, Fresh())), calls)
    if asked.status == 401:
        player = replace(player, audience=endpoints.token)
    granted = RESOURCE_TYPES if token.granted is None else token.granted
    return Joined(player=player, readable=next(iter(granted), RESOURCE_TYPES[0]), backend=backend)


async def join_own(domain: Domain, outside: Outside) -> Joined:
    """Let the suite be ``[client]`` in the domain of a domain file; raises what ``join`` raises."""
    assert domain.client
    assert domain.target
    assert domain.target.fhir_base_url
    client = domain.client
    devices = (app.device for app in domain.application if app.client_id == client.client_id)
    return await join(
        client,
        base=domain.target.fhir_base_url,
        redirect_uri=(domain.launch.redirect_uri if domain.launch else None) or "",
        device=next(devices, f"Device/{client.client_id}"),
        outside=outside,
    )
