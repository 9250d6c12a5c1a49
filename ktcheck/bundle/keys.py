"""Ed25519 keys for sealing: made, read, and written as JWK (RFC 8037) so that any program can check a seal."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from joserfc.jwk import thumbprint

from ktcheck.errors import InputError
from ktcheck.smart.keys import JWKS_FILE, PRIVATE_KEY_FILE, KeyPair, write_pair

_MAKE = "make one: ktcheck keys --kind EdDSA"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks a seal; ``id`` is what its owner calls it."""

    id: str
    _key: Ed25519PublicKey = field(repr=False)

    def jwk(self) -> dict[str, str]:
        """As a JWK."""
        return {**_bare(self._key), "alg": "EdDSA", "use": "sig", "kid": self.id}

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature of the message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key that seals."""

    public: PublicKey
    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 bytes, the same for the same message."""
        return self._key.sign(message)


def make(directory: Path, *, key_id: str | None = None, force: bool = False) -> KeyPair:
    """Make a key pair for sealing and write ``private-key.pem`` (mode 0600) and ``jwks.json`` (public).

    Raises:
        InputError: one of the files exists already (unless ``force``), or the folder cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    public = PublicKey(key_id or thumbprint(_bare(key.public_key())), key.public_key())
    pair = KeyPair(private_key_file=directory / PRIVATE_KEY_FILE, jwks_file=directory / JWKS_FILE, key_id=public.id)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_pair(pair, pem, {"keys": [public.jwk()]}, force=force)
    return pair


def load_private(path: Path, key_id: str | None = None) -> SealingKey:
    """Read a private key: PEM, unencrypted, Ed25519. ``key_id`` is its RFC 7638 thumbprint unless it is given.

    Raises:
        InputError: it is not such a key; the sentence holds nothing of the file.
    """
    content = _read(path)
    if b"PRIVATE KEY-----" not in content:
        raise InputError(f"{path}: not a PEM file with a private key; give one, or {_MAKE}")
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise InputError(f"{path}: the private key has a password; give a key file without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(f"{path}: the private key is damaged or of an unknown kind; {_MAKE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: a bundle is sealed with an Ed25519 key, and this is another kind; {_MAKE}")
    public = key.public_key()
    return SealingKey(PublicKey(key_id or thumbprint(_bare(public)), public), key)


def load_public(path: Path) -> tuple[PublicKey, ...]:
    """Read public keys: a JWKS or one JWK (``jwks.json``), or a PEM file. Keys of other kinds are passed over.

    Raises:
        InputError: there is no Ed25519 public key in it.
    """
    content = _read(path)
    if b"PRIVATE KEY-----" in content:
        raise InputError(f"{path}: this is a private key, which only its owner needs; give the public one (jwks.json)")
    if b"PUBLIC KEY-----" in content:
        found = _from_pem(content)
    else:
        try:
            data = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise InputError(f"{path}: neither a JWKS nor a PEM file with a public key; give jwks.json") from None
        rows = data.get("keys", [data]) if isinstance(data, dict) else []
        found = tuple(key for row in (rows if isinstance(rows, list) else []) if (key := from_jwk(row)))
    if not found:
        raise InputError(
            f"{path}: there is no Ed25519 public key in it; give the jwks.json of whoever sealed the bundle"
        )
    return found


def from_jwk(row: Any) -> PublicKey | None:
    """The key that a JWK describes; None when it is not an Ed25519 public key."""
    if not isinstance(row, Mapping) or row.get("kty") != "OKP" or row.get("crv") != "Ed25519" or "d" in row:
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(row["x"]))
    except (KeyError, ValueError, TypeError, AttributeError, binascii.Error):
        return None
    kid = row.get("kid")
    return PublicKey(kid if isinstance(kid, str) and kid else thumbprint(_bare(key)), key)


def _from_pem(content: bytes) -> tuple[PublicKey, ...]:
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        return ()
    return (PublicKey(thumbprint(_bare(key)), key),) if isinstance(key, Ed25519PublicKey) else ()


def _bare(key: Ed25519PublicKey) -> dict[str, str]:
    """The members of a JWK that its thumbprint is made of."""
    x = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {"crv": "Ed25519", "kty": "OKP", "x": x}


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the key cannot be read: {error.strerror}") from None
