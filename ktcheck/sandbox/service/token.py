"""The token endpoint: for an application itself, and for a launch that a user logged in for (TOP-KT-005c, 007, 021)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import faults, oauth, pkce
from ktcheck.sandbox.service.answers import plain_json
from ktcheck.sandbox.service.assertion import authenticated
from ktcheck.sandbox.service.oauth import NO_STORE, Denied
from ktcheck.sandbox.service.registry import Client
from ktcheck.sandbox.service.tenant import AUDIENCE, NOOP, Grant, Tenant

Json = dict[str, Any]

_LAUNCH_LIFETIME = 300


async def token(tenant: Tenant, request: Request) -> Response:
    """Hand out a token to an application that proves who it is."""
    if request.method != "POST":
        raise Denied(405, "invalid_request", "a token is asked for with POST")
    form = await oauth.form(request)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise Denied(400, "invalid_request", "grant_type is missing")
    if grant_type not in _GRANTS:
        raise Denied(400, "unsupported_grant_type", f"possible are {' and '.join(_GRANTS)}")
    client = authenticated(form, tenant, tenant.token_endpoint, "token-assertion")
    return plain_json(_GRANTS[grant_type](tenant, client, form), 200, NO_STORE)


def _for_itself(tenant: Tenant, client: Client, form: Mapping[str, str]) -> Json:
    """An access token with the rights of the application's role."""
    scope = _granted(form.get("scope", ""), tenant.scopes(client))
    return {
        "access_token": _access_token(tenant, client, scope),
        "token_type": "Bearer",
        "expires_in": tenant.token_lifetime,
        "scope": scope,
    }


def _access_token(tenant: Tenant, client: Client, scope: str) -> str:
    now = int(time.time())
    claims = {
        "iss": tenant.issuer,
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + tenant.token_lifetime,
        "jti": str(uuid4()),
        "type": "access",
        "azp": client.client_id,
        "scope": scope,
    }
    return jwt.encode({"alg": "ES256", "kid": tenant.key.kid}, claims, tenant.key)


def _granted(asked: str, scopes: tuple[str, ...]) -> str:
    """All scopes of the client's role, or those of them that it asked for."""
    names = asked.split()
    if not names or "*" in names or any(name.startswith("system/*") for name in names):
        return " ".join(scopes)
    granted = [scope for scope in scopes if scope in names]
    if not granted:
        raise Denied(400, "invalid_scope", "none of the scopes is granted to this client")
    return " ".join(granted)


def _for_a_launch(tenant: Tenant, client: Client, form: Mapping[str, str]) -> Json:
    """Who logged in and what was launched; the access token opens nothing (``NOOP``)."""
    grant = _spent(tenant, form.get("code", ""))
    if grant.client_id != client.client_id and "token-code-of-other-client" not in tenant.accepts:
        raise Denied(400, "invalid_grant", "the code was handed out to another client")
    if grant.redirect_uri != form.get("redirect_uri") and "token-other-redirect-uri" not in tenant.accepts:
        raise Denied(400, "invalid_grant", "the redirect_uri is another one than at the authorize endpoint")
    _check_verifier(tenant, grant, form.get("code_verifier"))
    real = "access-token-real" in tenant.launch_faults
    content = {
        "access_token": _access_token(tenant, client, " ".join(tenant.scopes(client))) if real else NOOP,
        "id_token": _id_token(tenant, client, grant),
        "token_type": "bearer",
        "expires_in": _LAUNCH_LIFETIME,
        "scope": grant.scope,
        **grant.context,
    }
    return faults.put_in(content, tenant.launch_faults, faults.TOKEN_RESPONSE)


def _spent(tenant: Tenant, code: str) -> Grant:
    """What a code was handed out for; whatever comes of it, the code is used now."""
    replay = "token-replayed-code" in tenant.accepts
    grant = tenant.grants.get(code) if replay else tenant.grants.pop(code, None)
    if grant is None or grant.until <= time.time():
        raise Denied(400, "invalid_grant", "the code is unknown, used or too old")
    return grant


def _check_verifier(tenant: Tenant, grant: Grant, verifier: str | None) -> None:
    """PKCE (RFC 7636): who asks for the token is who asked for the code."""
    if grant.challenge is None:
        return
    if verifier is None:
        if "token-missing-verifier" not in tenant.accepts:
            raise Denied(400, "invalid_grant", "code_verifier is missing")
        return
    fits = pkce.proves(verifier, grant.challenge, grant.challenge_method)
    if not fits and "token-wrong-verifier" not in tenant.accepts:
        raise Denied(400, "invalid_grant", "code_verifier does not fit the code_challenge")


def _id_token(tenant: Tenant, client: Client, grant: Grant) -> str:
    now = int(time.time())
    claims: Json = {
        "iss": tenant.issuer,
        "aud": client.client_id,
        "azp": client.client_id,
        "sub": grant.user,
        "fhirUser": f"{tenant.fhir_base}/{grant.user}",
        "iat": now,
        "exp": now + _LAUNCH_LIFETIME,
        "jti": str(uuid4()),
    }
    if grant.nonce:
        claims["nonce"] = grant.nonce
    claims = faults.put_in(claims, tenant.launch_faults, faults.ID_TOKEN)
    forged = "id-token-wrong-signature" in tenant.launch_faults
    key = ECKey.generate_key("P-256") if forged else tenant.key
    return jwt.encode({"alg": "ES256", "kid": tenant.key.kid}, claims, key)


_GRANTS = {"client_credentials": _for_itself, "authorization_code": _for_a_launch}
