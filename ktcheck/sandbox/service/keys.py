"""The RSA key of the practice domains' identity providers: one for the process, and only when one is needed."""

from __future__ import annotations

from functools import cache

from joserfc.jwk import RSAKey


@cache
def rsa_key() -> RSAKey:
    """The key; making it takes a noticeable time, so a service that nobody logs in at does without."""
    return RSAKey.generate_key(2048, auto_kid=True)
