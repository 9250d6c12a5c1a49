"""JWTs that no service may believe: made by hand, because a good library refuses to make them.

Source: RFC 8725 (JSON Web Token best current practices) sections 2.1 and 3.1, and KT2-AUTH-012.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson


def unsigned(claims: Mapping[str, Any], *, key_id: str) -> str:
    """A JWT with ``alg`` none and an empty signature."""
    return f"{_body('none', key_id, claims)}."


def signed_with_public_key(claims: Mapping[str, Any], *, key_id: str, public_key: bytes) -> str:
    """A JWT with ``alg`` HS256 and the public key as secret.

    ``public_key`` is the PEM form (SubjectPublicKeyInfo), which is what services that fall for this keep it in.
    """
    body = _body("HS256", key_id, claims)
    return f"{body}.{_encoded(hmac.digest(public_key, body.encode(), hashlib.sha256))}"


def _body(algorithm: str, key_id: str, claims: Mapping[str, Any]) -> str:
    header = {"typ": "JWT", "alg": algorithm, "kid": key_id}
    return ".".join(_encoded(orjson.dumps(part)) for part in (header, dict(claims)))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
