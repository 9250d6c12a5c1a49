"""What an identity provider says of itself: its discovery document and its keys (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx2
import orjson

from ktcheck import http
from ktcheck.domain import IdentityProvider
from ktcheck.errors import RunError
from ktcheck.idp.facts import IssuerMetadata, PublishedKey

_DOCUMENT = "/.well-known/openid-configuration"
_ASYMMETRIC = frozenset({"RSA", "EC", "OKP"})
# Members of a JWK that only its owner may know (RFC 7518 section 6, RFC 8037 section 2); all of an oct key is.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


async def read_metadata(
    issuer: str, providers: Iterable[IdentityProvider], *, evidence: http.Evidence, trace_id: str
) -> IssuerMetadata:
    """Ask an issuer for its discovery document and its key set, without a token; whatever the answer is, is a fact."""
    own = [provider for provider in providers if provider.issuer == issuer]
    user_types = tuple(dict.fromkeys(provider.user_type for provider in own))
    url = issuer.rstrip("/") + _DOCUMENT  # OpenID Connect Discovery section 4.1
    status, content = await _read(url, evidence, trace_id)
    if not isinstance(content, dict):
        return IssuerMetadata(user_types=user_types, issuer=issuer, status=status, found=False)
    announced = content.get("issuer")
    return IssuerMetadata(
        user_types=user_types,
        issuer=issuer,
        status=status,
        found=True,
        announced=announced if isinstance(announced, str) else None,
        endpoints=_endpoints(content),
        algorithms=_texts(content, "id_token_signing_alg_values_supported"),
        response_types=_texts(content, "response_types_supported"),
        claims_supported=_texts(content, "claims_supported"),
        claims=tuple(dict.fromkeys(provider.claim for provider in own)),
        keys=await _keys(content.get("jwks_uri"), evidence, trace_id),
    )


async def authorization_endpoint(issuer: str, *, evidence: http.Evidence, trace_id: str) -> str | None:
    """Where an issuer lets its users log in; None when it does not say."""
    _, content = await _read(issuer.rstrip("/") + _DOCUMENT, evidence, trace_id)
    url = content.get("authorization_endpoint") if isinstance(content, dict) else None
    return url if isinstance(url, str) else None


async def read_keys(
    url: str, *, evidence: http.Evidence, trace_id: str
) -> tuple[int | None, tuple[PublishedKey, ...] | None]:
    """The status of a key set, None when no answer came, and its keys, None when it is no key set."""
    status, content = await _read(url, evidence, trace_id)
    keys = content.get("keys") if isinstance(content, dict) else None
    return status, tuple(_key(key) for key in keys if isinstance(key, dict)) if isinstance(keys, list) else None


async def _read(url: str, evidence: http.Evidence, trace_id: str) -> tuple[int | None, Any]:
    """Status and JSON of an answer; None for what there is not."""
    try:
        async with http.read_client(
            url, evidence=evidence, trace_id=trace_id, accept="application/json, application/jwk-set+json"
        ) as client:
            response = await client.get(url)
    except RunError:
        return None, None
    try:
        return response.status_code, orjson.loads(response.content) if response.status_code == 200 else None
    except orjson.JSONDecodeError:
        return response.status_code, None


def _endpoints(content: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    """The members that are addresses, those that a login needs first, with whether they are safe."""
    others = sorted(name for name in content if name.endswith("_endpoint"))
    names = dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri", *others))
    return tuple((name, _is_secure(content.get(name))) for name in names)


def _is_secure(url: Any) -> bool:
    try:
        return isinstance(url, str) and http.is_secure(url)
    except httpx2.InvalidURL:
        return False


def _texts(content: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = content.get(name)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else None


async def _keys(url: Any, evidence: http.Evidence, trace_id: str) -> tuple[PublishedKey, ...] | None:
    if not _is_secure(url):
        return None
    _, keys = await read_keys(url, evidence=evidence, trace_id=trace_id)
    return keys


def _key(key: Mapping[str, Any]) -> PublishedKey:
    signs = key.get("kty") in _ASYMMETRIC and key.get("use", "sig") == "sig"
    return PublishedKey(signs=signs, private=bool(_PRIVATE & key.keys()))
