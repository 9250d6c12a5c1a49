"""A JWT that comes in: whose it is, whether he signed it, and whether it is of now (``kt2-standard.md`` 12 to 14)."""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ktcheck.sandbox.service.registry import Client, Registry

Json = dict[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")

_LIFETIME_MAX = 300
_CLOCK_SKEW = 30

Accepts = Callable[[str], bool]
"""Whether a fault of the practice domain lets this pass, by the last words of the name of the fault."""


class Untrusted(Exception):  # noqa: N818 (it is an answer, not an error of the service)
    """The token is not believed; the text says why, without anything of the token."""


def faults(names: Set[str], prefix: str) -> Accepts:
    """What is wrongly accepted of one kind of token: faults are named ``<prefix>-<what>``."""
    return lambda what: f"{prefix}-{what}" in names


def unverified(text: str) -> tuple[Json, Json]:
    """Header and claims of a JWT, of which nothing is believed yet."""
    try:
        found = jws.extract_compact(text.encode("ascii"))
        claims = orjson.loads(found.payload)
    except (JoseError, ValueError):
        raise Untrusted("it is not a JWT") from None
    if not isinstance(claims, dict):
        raise Untrusted("it has no claims")
    return found.headers(), claims


def signed_by(text: str, registry: Registry, accepts: Accepts) -> tuple[Client, Json]:
    """The application that issued a token (``iss``) and signed it with a registered key, and the claims."""
    header, claims = unverified(text)
    issuer = claims.get("iss")
    client = registry.clients.get(issuer) if isinstance(issuer, str) else None
    if client is None and accepts("unknown-iss"):
        client = registry.with_key(header.get("kid"))
    if client is None:
        raise Untrusted("iss is not an application of this domain")
    if not _unsigned(header, accepts):
        _check_signature(text, header, client.keys, accepts)
    return client, claims


def _unsigned(header: Json, accepts: Accepts) -> bool:
    """Whether the algorithm proves nothing; refused, unless a fault lets it pass."""
    algorithm = header.get("alg")
    if algorithm in ALGORITHMS:
        return False
    weak = {"none": "alg-none", "HS256": "hs256-public-key"}
    if not isinstance(algorithm, str) or algorithm not in weak or not accepts(weak[algorithm]):
        raise Untrusted("the algorithm is not accepted")
    return True


def _check_signature(text: str, header: Json, keys: KeySet, accepts: Accepts) -> None:
    named = [key for key in keys.keys if key.kid == header.get("kid")]
    if not named and not accepts("unknown-kid"):
        raise Untrusted("the kid is not that of a registered key")
    for key in named or keys.keys:
        try:
            jwt.decode(text, key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            continue
        return
    if not accepts("wrong-signature"):
        raise Untrusted("the signature does not fit the registered key")


def check_times(claims: Json, accepts: Accepts) -> None:
    """It was issued already, is valid, and for five minutes at most."""
    now = time.time()
    expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (isinstance(expires, int | float) and isinstance(issued, int | float) and isinstance(begins, int | float)):
        raise Untrusted("exp or iat is missing, or a time is no number")
    if expires <= now and not accepts("expired"):
        raise Untrusted("it has expired")
    if expires - issued > _LIFETIME_MAX and not accepts("too-long"):
        raise Untrusted("it is valid for more than five minutes")
    if issued > now + _CLOCK_SKEW and not accepts("issued-in-future"):
        raise Untrusted("it was issued later than now")
    if begins > now + _CLOCK_SKEW and not accepts("not-yet-valid"):
        raise Untrusted("it is not valid yet")


def token_id(claims: Json) -> str:
    """The jti of a token."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise Untrusted("jti is missing")
    return jti


def is_for(claims: Json, audience: str) -> bool:
    """Whether ``aud`` names an audience, alone or among others."""
    found = claims.get("aud")
    return audience in (found if isinstance(found, list) else [found])
