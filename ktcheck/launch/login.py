"""What a launch shows of logging in: at which identity provider, and whether that worked."""

from __future__ import annotations

from collections.abc import Mapping

from ktcheck import http
from ktcheck.domain import Domain
from ktcheck.idp.discovery import authorization_endpoint
from ktcheck.launch.agent import Hop, Visited
from ktcheck.launch.choose import Planned
from ktcheck.launch.facts import Login
from ktcheck.launch.trail import Trail, address

Providers = Mapping[str, str | None]
"""The issuers of the domain file, each with the address where it lets users log in (None: it does not say)."""


async def read_providers(domain: Domain, *, evidence: http.Evidence, trace_id: str) -> Providers:
    """Ask every issuer where its users log in."""
    return {
        issuer: await authorization_endpoint(issuer, evidence=evidence, trace_id=trace_id)
        for issuer in dict.fromkeys(provider.issuer for provider in domain.idp)
    }


def login_of(planned: Planned, visited: Visited, trail: Trail, providers: Providers) -> Login | None:
    """How the login of a launch went, None when it never came that far."""
    seen = next((found for hop in trail.login if (found := _provider(hop, providers))), None)
    if not seen and not visited.logged_in and not _left(trail):
        return None
    failed = not visited.logged_in
    return Login(
        attempt=planned.attempt,
        kind=planned.login,
        logged_in=visited.logged_in,
        agreed=planned.agreed,
        seen=seen,
        reason_nl=visited.reason_nl or f"de laatste pagina heeft status {visited.status}" if failed else None,
        reason_en=visited.reason_en or f"the last page has status {visited.status}" if failed else None,
    )


def _provider(hop: Hop, providers: Providers) -> str | None:
    """Whose a page is: by the address that the issuer announces, or else by its own."""
    for issuer, endpoint in providers.items():
        if endpoint and address(hop.url) == address(endpoint):
            return issuer
    return next((issuer for issuer in providers if hop.url.startswith(f"{issuer.rstrip('/')}/")), None)


def _left(trail: Trail) -> bool:
    """Whether the authorization service sent the browser to another server to log in."""
    own = http.origin(trail.authorize.url) if trail.authorize else None
    return any(http.origin(hop.url) != own for hop in trail.login)
