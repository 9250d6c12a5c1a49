"""What the administrator of a practice domain sets up before anybody logs in or launches anything."""

from __future__ import annotations

import secrets

from ktcheck.sandbox.accounts import CLAIM, ISSUERS, identifier_system
from ktcheck.sandbox.service.provider import Provider
from ktcheck.sandbox.service.provider.state import Relying
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant

_CLIENT_ID = "koppeltaal"


def set_up(tenant: Tenant, origin: str) -> None:
    """Give a domain its identity providers, at ``<origin>/idp/<domain>/<name>``, and say who logs in where."""
    world = tenant.domain.domain.world
    for name, (user_type, application) in ISSUERS.items():
        issuer = f"{origin}/idp/{world.name}/{name}"
        provider = Provider(name, issuer, tenant.domain.accounts, tenant.domain.service)
        secret = secrets.token_urlsafe(24)
        provider.clients[_CLIENT_ID] = Relying(secret, tenant.callback)
        tenant.providers[name] = provider
        chosen = IdentityProvider(
            name=name,
            issuer=issuer,
            client_id=_CLIENT_ID,
            client_secret=secret,
            claim=CLAIM,
            identifier_system=identifier_system(world, user_type),
        )
        tenant.registry.choose(user_type, chosen, application and world.application(application).client_id)
