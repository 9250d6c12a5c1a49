"""The authorize endpoint: a module sends the browser of its user here with the launch it got (TOP-KT-007)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import audit_launch, launch, login, oauth
from ktcheck.sandbox.service.incoming import Untrusted
from ktcheck.sandbox.service.launch import Launch
from ktcheck.sandbox.service.login import Asked
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.registry import Client
from ktcheck.sandbox.service.tenant import Grant, Tenant

Json = dict[str, Any]

_SCOPE = {"launch", "openid", "fhirUser"}
_CODE_LIFETIME = 60
_CHALLENGE_LENGTH = range(43, 129)


async def authorize(tenant: Tenant, request: Request) -> Response:
    """Check the request and the launch in it, and send the user to his identity provider.

    What is wrong before the redirect URI is known to be registered is answered here; after that the browser goes back.
    """
    form = await oauth.parameters(request)
    client = _client(tenant, form)
    try:
        asked = _asked(tenant, client, form)
        return await login.begin(tenant, asked, login.provider(tenant, asked))
    except Denied as error:
        return _back(form["redirect_uri"], form.get("state"), error)


async def callback(tenant: Tenant, request: Request) -> Response:
    """The user comes back from his identity provider: if he is who launches, the module gets a code."""
    waiting, answer = login.waiting(tenant, request)
    asked = waiting.asked
    try:
        user = await login.user(tenant, waiting, answer)
    except Denied as error:
        if asked.launch:
            audit_launch.authentication(tenant, asked.client_id, asked.launch, f"idp login: {error}", good=False)
        return _back(asked.client_redirect, asked.state, error)
    if asked.launch:
        audit_launch.authentication(
            tenant, asked.client_id, asked.launch, "idp login: the user is who launches", good=True
        )
    code = secrets.token_urlsafe(32)
    tenant.grants[code] = Grant(
        client_id=asked.client_id,
        redirect_uri=asked.client_redirect,
        scope=asked.scope,
        challenge=asked.challenge,
        challenge_method=asked.challenge_method,
        nonce=asked.nonce,
        user=user,
        context=asked.launch.context if asked.launch else {},
        until=time.time() + _CODE_LIFETIME,
    )
    changed = "state-changed" in tenant.launch_faults
    return oauth.redirect(asked.client_redirect, code=code, state=f"{asked.state}-" if changed else asked.state)


def _client(tenant: Tenant, form: Mapping[str, str]) -> Client:
    """The application that asks, with a redirect URI of its own."""
    client = tenant.registry.clients.get(form.get("client_id", ""))
    if client is None:
        raise Denied(400, "invalid_request", "client_id is not that of an application of this domain")
    address = form.get("redirect_uri", "")
    if address in client.redirect_uris:
        return client
    if not address.startswith(("http://", "https://")) or "authorize-redirect-unregistered" not in tenant.accepts:
        raise Denied(400, "invalid_request", "redirect_uri is not registered for this application")
    return client


def _asked(tenant: Tenant, client: Client, form: Mapping[str, str]) -> Asked:
    """What the module asks for; every parameter is as it should be."""
    accepts = tenant.accepts
    if form.get("response_type") != "code" and "authorize-wrong-response-type" not in accepts:
        raise Denied(400, "unsupported_response_type", "response_type has to be code")
    names = form.get("scope", "").split()
    if (set(names) != _SCOPE or len(names) > len(_SCOPE)) and "authorize-wrong-scope" not in accepts:
        raise Denied(400, "invalid_scope", "scope has to be launch openid fhirUser")
    if not form.get("state") and "authorize-missing-state" not in accepts:
        raise Denied(400, "invalid_request", "state is missing")
    if form.get("aud", "").rstrip("/") != tenant.fhir_base and "authorize-wrong-aud" not in accepts:
        raise Denied(400, "invalid_request", "aud is not the FHIR service of this domain")
    challenge, method = _challenge(tenant, form)
    return Asked(
        client_id=client.client_id,
        client_redirect=form["redirect_uri"],
        scope=form.get("scope", ""),
        state=form.get("state"),
        nonce=form.get("nonce"),
        challenge=challenge,
        challenge_method=method,
        launch=_launch(tenant, client, form.get("launch", "")),
    )


def _challenge(tenant: Tenant, form: Mapping[str, str]) -> tuple[str | None, str]:
    """PKCE: a challenge has to be there, and only S256 is good enough (TOP-KT-016)."""
    challenge = form.get("code_challenge")
    method = form.get("code_challenge_method", "plain")
    if not challenge:
        if "authorize-no-pkce" not in tenant.accepts:
            raise Denied(400, "invalid_request", "code_challenge is missing")
        return None, "S256"
    if method == "plain" and "authorize-plain-pkce" in tenant.accepts:
        return challenge, method
    if method != "S256":
        raise Denied(400, "invalid_request", "code_challenge_method has to be S256")
    if len(challenge) not in _CHALLENGE_LENGTH:
        raise Denied(400, "invalid_request", "code_challenge is no SHA-256 in base64url")
    return challenge, method


def _launch(tenant: Tenant, client: Client, text: str) -> Launch | None:
    """The launch, when it is one of a user and a task that belong together."""
    if not text:
        if "authorize-missing-launch" not in tenant.accepts:
            raise Denied(400, "invalid_request", "launch is missing")
        return None
    asked: Launch | None = None
    try:
        asked = launch.believed(text, tenant, client.client_id)
        launch.check_true(asked, tenant)
        launch.check_new(asked, tenant)
    except Untrusted as error:
        if asked:
            audit_launch.authentication(tenant, client.client_id, asked, f"authorize: {error}", good=False)
        raise Denied(400, "invalid_request", f"launch: {error}") from None
    return asked


def _back(address: str, state: str | None, error: Denied) -> Response:
    return oauth.redirect(address, error=error.code, error_description=str(error), state=state)
