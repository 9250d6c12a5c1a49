"""What the bearer of an access token may read (TOP-KT-005)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from starlette.requests import Request

from ktcheck.sandbox.service.answers import Refused
from ktcheck.sandbox.service.incoming import Untrusted, unverified
from ktcheck.sandbox.service.tenant import AUDIENCE, NOOP, RESOURCE_TYPES, Tenant

Json = dict[str, Any]

_SCOPE = re.compile(r"system/([A-Za-z]+|\*)\.(c?r?u?d?s?)(?:\?resource-origin=(.+))?")


@dataclass(frozen=True, slots=True)
class Rights:
    """What the bearer of an access token may read: type -> None for all, or the Devices whose resources he may."""

    client_id: str
    readable: dict[str, tuple[str, ...] | None]


def rights(request: Request, tenant: Tenant) -> Rights:
    """What the sender of a FHIR request may read; 401 without a valid access token of this domain."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise _unauthorised("there is no bearer token")
    text = text.strip()
    if text == NOOP and "fhir-token-noop" in tenant.accepts:
        return Rights(next(iter(tenant.registry.clients)), dict.fromkeys(RESOURCE_TYPES))
    claims = _claims(text, tenant)
    readable: dict[str, tuple[str, ...] | None] = {}
    for scope in str(claims.get("scope", "")).split():
        match = _SCOPE.fullmatch(scope)
        if match and "r" in match[2]:
            readable[match[1]] = tuple(match[3].split(",")) if match[3] else None
    return Rights(str(claims.get("azp")), readable)


def _claims(text: str, tenant: Tenant) -> Json:
    """The claims of an access token of this domain."""
    try:
        if "fhir-token-of-other-domain" in tenant.accepts:
            return unverified(text)[1]
        claims = jwt.decode(text, tenant.key, algorithms=["ES256"]).claims
    except (JoseError, ValueError, Untrusted):
        raise _unauthorised("the token is not one of this domain") from None
    if claims.get("iss") != tenant.issuer or claims.get("aud") != AUDIENCE:
        raise _unauthorised("the token is not one of this domain")
    if claims.get("exp", 0) <= time.time():
        raise _unauthorised("the token has expired")
    return claims


def _unauthorised(text: str) -> Refused:
    return Refused(401, "login", text, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
