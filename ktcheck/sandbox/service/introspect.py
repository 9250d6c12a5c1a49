"""Introspection: an application asks whether a token is good (TOP-KT-021)."""

from __future__ import annotations

import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import audit_launch, faults, launch, oauth
from ktcheck.sandbox.service.answers import plain_json
from ktcheck.sandbox.service.assertion import authenticated
from ktcheck.sandbox.service.incoming import Untrusted, unverified
from ktcheck.sandbox.service.oauth import NO_STORE, Denied
from ktcheck.sandbox.service.tenant import Tenant

Json = dict[str, Any]

_INACTIVE: Json = {"active": False}


async def introspect(tenant: Tenant, request: Request) -> Response:
    """The claims of a good token with ``active`` true, and nothing but ``active`` false for any other."""
    if request.method != "POST":
        raise Denied(405, "invalid_request", "a token is introspected with POST")
    form = await oauth.form(request)
    if not form.get("token"):
        raise Denied(400, "invalid_request", "token is missing")
    nobody = "client_assertion" not in form and "introspection-without-client" in tenant.accepts
    as_guide = "introspection-audience-of-guide" in tenant.launch_faults
    endpoint = tenant.token_endpoint if as_guide else tenant.introspection_endpoint
    client_id = None if nobody else authenticated(form, tenant, endpoint, "introspection").client_id
    return plain_json(_judged(tenant, form["token"], client_id), 200, NO_STORE)


def _judged(tenant: Tenant, text: str, client_id: str | None) -> Json:
    """A token that this service signed, or a launch for the application that asks."""
    try:
        claims = unverified(text)[1]
        if "introspection-token-of-other-domain" in tenant.accepts:
            return {**claims, "active": True}
        if claims.get("iss") == tenant.issuer:
            own = _own(tenant, text)
            denied = "type" not in own and "introspection-of-id-token-denied" in tenant.launch_faults
            return _INACTIVE if denied else {**own, "active": True}
        if "introspection-denies-good" in tenant.launch_faults:
            return _INACTIVE
        audience = client_id or str(claims.get("aud")).removeprefix("Device/")
        found = launch.believed(text, tenant, audience)
    except Untrusted:
        return _INACTIVE
    audit_launch.authentication(tenant, audience, found, "introspect: the launch is good", good=True)
    return {**faults.put_in(found.claims, tenant.launch_faults, faults.INTROSPECTION), "active": True}


def _own(tenant: Tenant, text: str) -> Json:
    """The claims of an access token or id_token of this service."""
    try:
        claims = jwt.decode(text, tenant.key, algorithms=["ES256"]).claims
    except (JoseError, ValueError):
        raise Untrusted("this service did not sign it") from None
    if claims.get("exp", 0) <= time.time():
        raise Untrusted("it has expired")
    return claims
