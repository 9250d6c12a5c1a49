"""What the administrator of a practice domain sets up before anybody logs in or launches anything."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.accounts import CLAIM, ISSUERS, identifier_system
from ktcheck.sandbox.service import pages, roles
from ktcheck.sandbox.service.applications.application import Application
from ktcheck.sandbox.service.provider import Provider
from ktcheck.sandbox.service.provider.state import Relying
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant

PORTAL = "voorbeeldportaal"

_CLIENT_ID = "koppeltaal"


def set_up(tenant: Tenant, origin: str) -> None:
    """Give a domain, served at ``origin``, its identity providers and its applications."""
    _providers(tenant, origin)
    _applications(tenant, origin)


def _applications(tenant: Tenant, origin: str) -> None:
    """The portal and the modules, at ``<origin>/apps/<domain>/<name>``; a launch of a module goes there."""
    world = tenant.domain.domain.world
    for app in world.applications:
        if not app.base or app.role == "source":
            continue
        made = Application(tenant, app, f"{origin}/apps/{world.name}/{app.name.lower()}")
        tenant.applications[app.name.lower()] = made
        jwks = {"keys": [made.key.as_dict(private=False)]}
        tenant.registry.register(app.client_id, jwks, roles.scopes(app.role), [f"{made.address}/callback"])
        endpoint = tenant.domain.resources.get("Endpoint", {}).get(world.uuid("Endpoint", app.name), {})
        if endpoint.get("address") == f"{app.site}/launch":
            endpoint["address"] = f"{made.address}/launch"


def _providers(tenant: Tenant, origin: str) -> None:
    """The identity providers, at ``<origin>/idp/<domain>/<name>``, and who logs in where."""
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


def page(tenant: Tenant, _: Request) -> Response:
    """What was set up, for who wants to see it: the applications, and who logs in where."""
    names = {app.client_id: app.name for app in tenant.domain.domain.applications}
    registry = tenant.registry
    items = [
        f"Applicatie {names.get(own, own)}: redirect URI {', '.join(client.redirect_uris) or 'geen'}; "
        f"rechten {', '.join(tenant.scopes(client))}"
        for own, client in registry.clients.items()
    ]
    items += [
        f"{user_type}{f' van {names.get(own, own)}' if own else ''} logt in bij {provider.issuer}; {provider.claim} is "
        f"een identifier met system {provider.identifier_system}"
        for (own, user_type), providers in registry.providers.items()
        for provider in providers
    ]
    title = f"Domeinbeheer van {tenant.domain.domain.name}"
    return pages.choice(title, "Wat is ingericht:", [{"name": item} for item in items])
