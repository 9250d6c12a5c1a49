"""The token and userinfo endpoints of an OpenID provider: who logged in, told to the client that asked."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import oauth, pkce
from ktcheck.sandbox.service.answers import plain_json
from ktcheck.sandbox.service.keys import rsa_key
from ktcheck.sandbox.service.oauth import NO_STORE, Denied
from ktcheck.sandbox.service.provider.state import Code, Provider

Json = dict[str, Any]

_TOKEN_SECONDS = 300


async def token(provider: Provider, request: Request) -> Response:
    """An id_token for a code, once, for the client that it was handed out to."""
    form = await oauth.form(request)
    client_id = _authenticated(provider, request, form)
    if form.get("grant_type") != "authorization_code":
        raise Denied(400, "unsupported_grant_type", "only authorization_code is possible")
    code = provider.codes.pop(form.get("code", ""), None)
    if code is None or code.until <= time.time():
        raise Denied(400, "invalid_grant", "the code is unknown, used or too old")
    _check(code, client_id, form)
    access = secrets.token_urlsafe(32)
    provider.access[access] = (code.account, time.time() + _TOKEN_SECONDS)
    content = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": _TOKEN_SECONDS,
        "scope": "openid",
        "id_token": _id_token(provider, code),
    }
    return plain_json(content, 200, NO_STORE)


def _authenticated(provider: Provider, request: Request, form: Mapping[str, str]) -> str:
    """The client that shows its secret, in the header or in the form."""
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise Denied(401, "invalid_client", "the authorization header cannot be read") from None
        name, secret = unquote_plus(name), unquote_plus(secret)
    client = provider.clients.get(name)
    if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise Denied(401, "invalid_client", "the client is unknown or shows another secret")
    return name


def _check(code: Code, client_id: str, form: Mapping[str, str]) -> None:
    asked = code.parameters
    if asked["client_id"] != client_id or asked["redirect_uri"] != form.get("redirect_uri"):
        raise Denied(400, "invalid_grant", "the code was handed out to another client, or for another redirect_uri")
    if "code_challenge" in asked and not pkce.proves(form.get("code_verifier", ""), asked["code_challenge"], "S256"):
        raise Denied(400, "invalid_grant", "code_verifier does not fit the code_challenge")


def _id_token(provider: Provider, code: Code) -> str:
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": code.parameters["client_id"],
        "sub": code.account.subject,
        "iat": now,
        "exp": now + _TOKEN_SECONDS,
        "auth_time": code.logged_in,
        **code.account.claims,
    }
    if "nonce" in code.parameters:
        claims["nonce"] = code.parameters["nonce"]
    key = rsa_key()
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def userinfo(provider: Provider, request: Request) -> Response:
    """The claims of whoever an access token of this provider was handed out for."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    account, until = provider.access.get(text, (None, 0.0))
    if scheme.lower() != "bearer" or account is None or until <= time.time():
        return plain_json({"error": "invalid_token"}, 401, {**NO_STORE, "WWW-Authenticate": "Bearer"})
    return plain_json({"sub": account.subject, **account.claims}, 200, NO_STORE)
