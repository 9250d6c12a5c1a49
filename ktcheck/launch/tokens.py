"""Reading a JWT that came in: what is in it, and whether a published key signed it; nothing that it holds raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from joserfc import jwk, jws
from joserfc.errors import JoseError

_ASYMMETRIC = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
]  # fmt: skip


def opened(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Header and claims of a JWT, of which nothing is believed; None when it is none."""
    try:
        found = jws.extract_compact(token.encode("ascii"))
        claims = orjson.loads(found.payload)
    except (JoseError, ValueError):
        return None
    return (found.headers(), claims) if isinstance(claims, dict) else None


def is_signed(token: str, key_set: Mapping[str, Any]) -> bool:
    """Whether a key of a published key set (JWKS) signed a token: the one that its ``kid`` names.

    Without a ``kid`` it can only be the one key that there is (OpenID Connect Core section 10.1). Only asymmetric
    algorithms count (KT2-AUTH-012).
    """
    content = opened(token)
    if content is None:
        return False
    published = list(_keys(key_set))
    named = [key for key in published if key.kid == content[0].get("kid")]
    return any(_fits(token, key) for key in named or (published if len(published) == 1 else []))


def _keys(key_set: Mapping[str, Any]) -> Iterator[jwk.Key]:
    """The keys that can be used; one of an unknown kind is nobody's fault."""
    items = key_set.get("keys")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("kty") != "oct":
            try:
                yield jwk.import_key(item)
            except (JoseError, ValueError, TypeError):
                continue


def _fits(token: str, key: jwk.Key) -> bool:
    try:
        jws.deserialize_compact(token, key, algorithms=_ASYMMETRIC)
    except (JoseError, ValueError, TypeError):
        return False
    return True
