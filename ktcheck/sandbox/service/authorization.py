"""The authorization service: SMART backend services with private_key_jwt (TOP-KT-005c, TOP-KT-016, TOP-KT-021)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service.answers import Refused, plain_json
from ktcheck.sandbox.service.tenant import Client, Tenant

Json = dict[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_AUDIENCE = "fhir-server"
_LIFETIME_MAX = 300
_CLOCK_SKEW = 30
_SCOPE = re.compile(r"system/([A-Za-z]+|\*)\.(c?r?u?d?s?)(?:\?resource-origin=(.+))?")


class NoToken(Exception):  # noqa: N818 (it is an answer of OAuth2, not an error of the service)
    """No token is handed out: an error code of OAuth2 with a status."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Rights:
    """What the bearer of an access token may read: type -> None for all, or the Devices whose resources he may."""

    client_id: str
    readable: dict[str, tuple[str, ...] | None]


def smart_configuration(tenant: Tenant) -> Json:
    """The fields of TOP-KT-016."""
    return {
        "issuer": tenant.issuer,
        "jwks_uri": f"{tenant.issuer}/jwks",
        "authorization_endpoint": f"{tenant.issuer}/authorize",
        "token_endpoint": tenant.token_endpoint,
        "introspection_endpoint": f"{tenant.issuer}/introspect",
        "management_endpoint": f"{tenant.root}/beheer",
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [
            "openid",
            "launch",
            "fhirUser",
            "system/*.cruds",
            "system/*.cruds?resource-origin=",
        ],
        "response_types_supported": ["code"],
        "capabilities": [
            "launch-ehr",
            "authorize-post",
            "client-confidential-asymmetric",
            "sso-openid-connect",
            "context-ehr-hti",
            "permission-v2",
        ],
        "code_challenge_methods_supported": ["S256"],
    }


async def token(request: Request, tenant: Tenant) -> Response:
    """Hand out an access token to an application that proves who it is."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    try:
        form = _form(request.headers.get("content-type", ""), await request.body())
        client = _authenticated(form, tenant)
        scope = _granted(form.get("scope", ""), tenant.scopes(client))
    except NoToken as error:
        content = {"error": error.code, "error_description": str(error)}
        return plain_json(content, error.status, headers)
    answer = {
        "access_token": _access_token(tenant, client, scope),
        "token_type": "Bearer",
        "expires_in": tenant.token_lifetime,
        "scope": scope,
    }
    return plain_json(answer, 200, headers)


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.split(";", maxsplit=1)[0].strip() != "application/x-www-form-urlencoded":
        raise NoToken(400, "invalid_request", "the request is not a form (application/x-www-form-urlencoded)")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body))
    except ValueError:
        raise NoToken(400, "invalid_request", "the form cannot be read") from None
    if any(len(values) > 1 for values in fields.values()):
        raise NoToken(400, "invalid_request", "a parameter is there more than once")
    return {name: values[0] for name, values in fields.items()}


def _authenticated(form: dict[str, str], tenant: Tenant) -> Client:
    """The client that signed the assertion of the form."""
    if "grant_type" not in form:
        raise NoToken(400, "invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise NoToken(400, "unsupported_grant_type", "only client_credentials is possible")
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise NoToken(400, "invalid_request", "client_assertion_type is missing or another one")
    if not form.get("client_assertion"):
        raise NoToken(400, "invalid_request", "client_assertion is missing")
    assertion = form["client_assertion"]
    client = _claimed(assertion, tenant)
    try:
        claims = jwt.decode(assertion, client.keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError):
        raise _invalid("the signature does not fit a registered key") from None
    _check_claims(claims, client, tenant)
    return client


def _claimed(assertion: str, tenant: Tenant) -> Client:
    """The client that an assertion says it is from; nothing of it is believed yet but the name."""
    try:
        unverified = jws.extract_compact(assertion.encode("ascii"))
        header, claims = unverified.headers(), orjson.loads(unverified.payload)
    except (JoseError, ValueError):
        raise _invalid("the assertion is not a signed JWT") from None
    if header.get("alg") not in ALGORITHMS:
        raise _invalid("the algorithm is not accepted")
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    client = tenant.clients.get(issuer) if isinstance(issuer, str) else None
    if client is None:
        raise _invalid("the client is not registered in this domain")
    if header.get("kid") not in [key.kid for key in client.keys.keys]:
        raise _invalid("the kid is not that of a registered key")
    return client


def _check_claims(claims: Json, client: Client, tenant: Tenant) -> None:
    now = time.time()
    audience = claims.get("aud")
    expires, issued = claims.get("exp"), claims.get("iat")
    if claims.get("sub") != client.client_id:
        raise _invalid("sub is not the client_id")
    if tenant.token_endpoint not in (audience if isinstance(audience, list) else [audience]):
        raise _invalid("aud is not the token endpoint")
    if not isinstance(expires, int | float) or not isinstance(issued, int | float):
        raise _invalid("exp or iat is missing")
    if expires <= now:
        raise _invalid("the assertion has expired")
    if expires > now + _LIFETIME_MAX + _CLOCK_SKEW or expires - issued > _LIFETIME_MAX:
        raise _invalid("the assertion is valid for more than five minutes")
    if issued > now + _CLOCK_SKEW:
        raise _invalid("the assertion is of later than now")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _invalid("jti is missing")
    for old in [key for key, until in tenant.assertions_used.items() if until <= now]:
        del tenant.assertions_used[old]
    if f"{client.client_id} {jti}" in tenant.assertions_used:
        raise _invalid("the assertion was used before")
    tenant.assertions_used[f"{client.client_id} {jti}"] = expires


def _invalid(text: str) -> NoToken:
    return NoToken(401, "invalid_client", text)


def _granted(asked: str, scopes: tuple[str, ...]) -> str:
    """All scopes of the client's role, or those of them that it asked for."""
    names = asked.split()
    if not names or "*" in names or any(name.startswith("system/*") for name in names):
        return " ".join(scopes)
    granted = [scope for scope in scopes if scope in names]
    if not granted:
        raise NoToken(400, "invalid_scope", "none of the scopes is granted to this client")
    return " ".join(granted)


def _access_token(tenant: Tenant, client: Client, scope: str) -> str:
    now = int(time.time())
    claims = {
        "iss": tenant.issuer,
        "aud": _AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + tenant.token_lifetime,
        "jti": str(uuid4()),
        "type": "access",
        "azp": client.client_id,
        "scope": scope,
    }
    return jwt.encode({"alg": "ES256", "kid": tenant.key.kid}, claims, tenant.key)


def rights(request: Request, tenant: Tenant) -> Rights:
    """What the sender of a FHIR request may read; 401 without a valid access token of this domain."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise _unauthorised("there is no bearer token")
    try:
        claims = jwt.decode(text.strip(), tenant.key, algorithms=["ES256"]).claims
    except (JoseError, ValueError):
        raise _unauthorised("the token is not one of this domain") from None
    if claims.get("iss") != tenant.issuer or claims.get("aud") != _AUDIENCE:
        raise _unauthorised("the token is not one of this domain")
    if claims.get("exp", 0) <= time.time():
        raise _unauthorised("the token has expired")
    readable: dict[str, tuple[str, ...] | None] = {}
    for scope in claims["scope"].split():
        match = _SCOPE.fullmatch(scope)
        if match and "r" in match[2]:
            readable[match[1]] = tuple(match[3].split(",")) if match[3] else None
    return Rights(claims["azp"], readable)


def _unauthorised(text: str) -> Refused:
    return Refused(401, "login", text, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
