"""The authorization service as a client of the identity providers: OpenID Connect, code flow (TOP-KT-023)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import audit_launch, oauth, outgoing
from ktcheck.sandbox.service.launch import Launch
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.outgoing import Unanswered
from ktcheck.sandbox.service.pkce import challenge
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant

Json = dict[str, Any]

_COOKIE = "koppeltaal_login"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"]
_WAIT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a module asked at the authorize endpoint. Without ``launch`` it should have been refused."""

    client_id: str
    client_redirect: str
    scope: str
    state: str | None
    nonce: str | None
    challenge: str | None
    challenge_method: str
    launch: Launch | None

    @property
    def user_type(self) -> str:
        """The type of the user who has to log in."""
        return self.launch.sub.partition("/")[0] if self.launch else "Patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A login that was begun: what for, where, the secrets of it, and until when (seconds since 1970) it may end."""

    asked: Asked
    provider: IdentityProvider
    nonce: str
    verifier: str
    browser: str
    until: float


def provider(tenant: Tenant, asked: Asked) -> IdentityProvider:
    """Where the user has to log in; a hint that nobody knows is logged and passed over."""
    hint = asked.launch.hint if asked.launch else None
    found, known = tenant.registry.provider(asked.client_id, asked.user_type, hint)
    if "idp-other-than-agreed" in tenant.launch_faults:
        return tenant.registry.other_than(found)
    if not known and asked.launch:
        text = "authorize: the idp_hint is unknown, the default counts"
        audit_launch.authentication(tenant, asked.client_id, asked.launch, text, good=False)
    if found is None:
        raise Denied(400, "access_denied", "there is no identity provider for users of this type")
    return found


async def begin(tenant: Tenant, asked: Asked, provider: IdentityProvider) -> Response:
    """Send the browser to the identity provider, and remember that it is this browser."""
    try:
        metadata = await outgoing.get(f"{provider.issuer}/.well-known/openid-configuration")
    except Unanswered:
        raise _unavailable() from None
    state = secrets.token_urlsafe(24)
    waiting = Waiting(
        asked=asked,
        provider=provider,
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        browser=secrets.token_urlsafe(24),
        until=time.time() + _WAIT,
    )
    tenant.logins[state] = waiting
    answer = oauth.redirect(
        metadata["authorization_endpoint"],
        response_type="code",
        client_id=provider.client_id,
        redirect_uri=tenant.callback,
        scope="openid",
        state=state,
        nonce=waiting.nonce,
        code_challenge=challenge(waiting.verifier),
        code_challenge_method="S256",
    )
    answer.set_cookie(
        f"{_COOKIE}_{state[:8]}", waiting.browser, max_age=_WAIT, path=urlsplit(tenant.callback).path, httponly=True
    )
    return answer


def waiting(tenant: Tenant, request: Request) -> tuple[Waiting, Mapping[str, str]]:
    """The login that a browser comes back from, and the answer of the identity provider that it brings."""
    answer = oauth.once(request.query_params.multi_items())
    state = answer.get("state", "")
    found = tenant.logins.pop(state, None)
    if found is None or found.until <= time.time():
        raise Denied(400, "invalid_request", "no login was begun with this state, or too long ago")
    if request.cookies.get(f"{_COOKIE}_{state[:8]}") != found.browser:
        raise Denied(400, "invalid_request", "the login was begun in another browser")
    return found, answer


async def user(tenant: Tenant, waiting: Waiting, answer: Mapping[str, str]) -> str:
    """The user who logged in, as a reference; he is the one who launches."""
    if "code" not in answer:
        raise Denied(400, "access_denied", "the identity provider did not let the user in")
    claims = await _claims(tenant, waiting, answer["code"])
    provider, asked = waiting.provider, waiting.asked
    value = claims.get(provider.claim)
    found = [
        f"{asked.user_type}/{own}"
        for own, resource in tenant.of_type(asked.user_type).items()
        if _matches(resource, provider, value)
        and (resource.get("active") is True or "hti-inactive-user" in tenant.accepts)
    ]
    if len(found) != 1:
        raise Denied(400, "access_denied", "the user is not one active person of this domain")
    if asked.launch and found[0] != asked.launch.sub and "login-other-user" not in tenant.accepts:
        raise Denied(400, "access_denied", "the user who logged in is not the one who launches")
    return found[0]


def _matches(resource: Json, provider: IdentityProvider, value: object) -> bool:
    return isinstance(value, str) and any(
        item.get("system") == provider.identifier_system and item.get("value") == value
        for item in resource.get("identifier", ())
    )


async def _claims(tenant: Tenant, waiting: Waiting, code: str) -> Json:
    """What the identity provider says of the user, in an id_token that is for this login."""
    provider = waiting.provider
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": tenant.callback,
        "code_verifier": waiting.verifier,
    }
    try:
        metadata = await outgoing.get(f"{provider.issuer}/.well-known/openid-configuration")
        answer = await outgoing.post(metadata["token_endpoint"], form, (provider.client_id, provider.client_secret))
        keys = await outgoing.get(metadata["jwks_uri"])
    except (Unanswered, KeyError):
        raise _unavailable() from None
    try:
        usable = [key for key in keys["keys"] if key.get("use", "sig") == "sig"]
        key_set = KeySet.import_key_set({"keys": usable})
        claims = jwt.decode(answer["id_token"], key_set, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, KeyError):
        raise Denied(400, "access_denied", "the id_token is not signed by the identity provider") from None
    audience = claims.get("aud")
    good = (
        claims.get("iss") == provider.issuer
        and provider.client_id in (audience if isinstance(audience, list) else [audience])
        and claims.get("nonce") == waiting.nonce
        and claims.get("exp", 0) > time.time()
    )
    if not good:
        raise Denied(400, "access_denied", "the id_token is not for this login")
    return claims


def _unavailable() -> Denied:
    return Denied(400, "temporarily_unavailable", "the identity provider does not answer as it should")
