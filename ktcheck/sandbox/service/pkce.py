"""Proof key for code exchange (RFC 7636): who asks for the token is who asked for the code."""

from __future__ import annotations

import base64
import hashlib
import hmac


def challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def proves(verifier: str, asked: str, method: str) -> bool:
    """Whether a verifier is the one behind a challenge; ``method`` is S256 or plain."""
    derived = verifier if method == "plain" else challenge(verifier)
    return hmac.compare_digest(derived.encode(), asked.encode())
