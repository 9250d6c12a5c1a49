"""The suite's own key pair: reading it, signing with it, making a new one.

Source: TOP-KT-020 (public keys as JWKS), and the access requirements for algorithms and key lengths in
``kt2-standard.md`` section 12. No function of this module puts key content in an error or a ``repr``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from ktcheck.errors import InputError

Algorithm = Literal["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]

PRIVATE_KEY_FILE = "private-key.pem"
JWKS_FILE = "jwks.json"

_RSA_MINIMUM_BITS = 2048
_RSA_NEW_BITS = 3072
_RSA_ALGORITHMS: tuple[Algorithm, ...] = ("RS384", "RS512", "RS256")
_CURVES: Mapping[str, tuple[str, Algorithm]] = {
    "secp256r1": ("P-256", "ES256"),
    "secp384r1": ("P-384", "ES384"),
    "secp521r1": ("P-521", "ES512"),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the JWS algorithms it can sign with, the preferred one first."""

    algorithms: tuple[Algorithm, ...]
    _jwk: RSAKey | ECKey = field(repr=False)

    def sign(self, claims: Mapping[str, Any], *, algorithm: Algorithm, key_id: str) -> str:
        """A signed JWT (compact form) with header ``typ`` JWT, ``alg`` and ``kid``."""
        header = {"typ": "JWT", "alg": algorithm, "kid": key_id}
        return jwt.encode(header, dict(claims), self._jwk, algorithms=[algorithm])

    def public_pem(self) -> bytes:
        """The public key in PEM form (SubjectPublicKeyInfo)."""
        return self._jwk.as_pem(private=False)

    def another(self) -> SigningKey:
        """Another key of the same kind and size, registered nowhere: what it signs has to be refused."""
        kind = self._jwk.curve_name if isinstance(self._jwk, ECKey) else self._jwk.raw_value.key_size
        return SigningKey(self.algorithms, _unregistered(kind))

    def thumbprint(self) -> str:
        """The RFC 7638 SHA-256 thumbprint of the public key."""
        return self._jwk.thumbprint()

    def jwks(self, key_id: str) -> dict[str, Any]:
        """The public key as a JWKS, as it is registered in the domain administration (TOP-KT-020)."""
        public = self._jwk.as_dict(private=False)
        return {"keys": [{**public, "kid": key_id, "use": "sig"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """Where ``make`` put a new key pair, and the key id to use in the domain file."""

    private_key_file: Path
    jwks_file: Path
    key_id: str


@cache
def _unregistered(kind: str | int) -> RSAKey | ECKey:
    """A key on a curve, or of so many bits: one for the process, because making it takes a noticeable time."""
    return ECKey.generate_key(kind) if isinstance(kind, str) else RSAKey.generate_key(kind)


def load(path: Path) -> SigningKey:
    """Read a private key: PEM, unencrypted, RSA of 2048 bits or more, or EC P-256, P-384 or P-521.

    Raises ``InputError`` when the file is not such a key.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the private key cannot be read: {error.strerror}") from None
    if b"PRIVATE KEY-----" not in content:
        public = b"PUBLIC KEY-----" in content or b"CERTIFICATE-----" in content
        what = "a public key or a certificate" if public else "not a PEM file with a private key"
        raise InputError(f"{path}: this is {what}; give the private key in PEM form, or make one: ktcheck keys")
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise InputError(f"{path}: the private key has a password; give a key file without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(f"{path}: the private key is damaged or of an unknown kind; ktcheck keys makes one") from None
    return _signing_key(key, path)


def _signing_key(key: object, path: Path) -> SigningKey:
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _RSA_MINIMUM_BITS:
            raise InputError(
                f"{path}: the RSA key has {key.key_size} bits; Koppeltaal wants {_RSA_MINIMUM_BITS} or more"
            )
        return SigningKey(_RSA_ALGORITHMS, RSAKey(key, key))
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return SigningKey((_CURVES[key.curve.name][1],), ECKey(key, key))
    raise InputError(f"{path}: this kind of key is not used; give an RSA key or an EC key on P-256, P-384 or P-521")


def make(directory: Path, kind: Algorithm, *, key_id: str | None = None, force: bool = False) -> KeyPair:
    """Make a key pair for an algorithm and write ``private-key.pem`` (mode 0600) and ``jwks.json`` (public).

    ``key_id`` is the RFC 7638 thumbprint unless it is given. The folder is made when it does not exist.

    Raises ``InputError`` when ``kind`` is unknown, one of the files exists already (unless ``force``), or the
    folder cannot be written.
    """
    if kind not in get_args(Algorithm):
        raise InputError(f"there is no key kind {kind!r}; known are {', '.join(get_args(Algorithm))}")
    curve = next((name for name, algorithm in _CURVES.values() if algorithm == kind), None)
    jwk = ECKey.generate_key(curve) if curve else RSAKey.generate_key(_RSA_NEW_BITS)
    key = SigningKey((kind,), jwk)
    pair = KeyPair(
        private_key_file=directory / PRIVATE_KEY_FILE,
        jwks_file=directory / JWKS_FILE,
        key_id=key_id or key.thumbprint(),
    )
    write_pair(pair, jwk.as_pem(private=True), key.jwks(pair.key_id), force=force)
    return pair


def write_pair(pair: KeyPair, pem: bytes, jwks: Mapping[str, Any], *, force: bool) -> None:
    """Write the files of a key pair.

    Raises ``InputError`` when one of them exists already (unless ``force``), or the folder cannot be written.
    """
    for file in (pair.private_key_file, pair.jwks_file):
        if file.exists() and not force:
            raise InputError(f"{file} exists already; choose another --out or use --force")
    directory = pair.private_key_file.parent
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(pair.jwks_file, orjson.dumps(jwks, option=orjson.OPT_INDENT_2) + b"\n", 0o644)
        _write(pair.private_key_file, pem, 0o600)
    except OSError as error:
        raise InputError(f"{directory}: the key pair cannot be written: {error.strerror}") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a whole new file: a temporary sibling that was never readable to others, then renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
