"""Keys for sealing: made, read in every form that people have, and refused in one sentence."""

from __future__ import annotations

import stat
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwk

from ktcheck.bundle import dsse, keys
from ktcheck.errors import InputError


def test_a_new_pair_signs_and_its_jwks_verifies(tmp_path: Path) -> None:
    pair = keys.make(tmp_path / "sleutel")
    private = keys.load_private(pair.private_key_file)
    (public,) = keys.load_public(pair.jwks_file)
    signature = private.sign(b"tekst")
    assert signature == private.sign(b"tekst")
    assert public.fits(signature, b"tekst")
    assert not public.fits(signature, b"Tekst")
    assert not public.fits(b"", b"tekst")
    assert stat.S_IMODE(pair.private_key_file.stat().st_mode) == 0o600
    (row,) = orjson.loads(pair.jwks_file.read_bytes())["keys"]
    assert jwk.OKPKey.import_key(row).thumbprint() == pair.key_id == private.public.id == public.id == row["kid"]
    with pytest.raises(InputError, match="exists already"):
        keys.make(tmp_path / "sleutel")


def test_a_key_has_the_name_that_it_is_given(tmp_path: Path) -> None:
    pair = keys.make(tmp_path, key_id="vzvz-2026")
    assert pair.key_id == keys.load_public(pair.jwks_file)[0].id == "vzvz-2026"
    assert keys.load_private(pair.private_key_file, "anders").public.id == "anders"


def test_a_public_key_is_read_from_jwks_jwk_and_pem(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    path = tmp_path / "sleutel"
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(pem)
    (from_pem,) = keys.load_public(path)
    other = {"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}
    path.write_bytes(orjson.dumps({"keys": [other, from_pem.jwk(), 7]}))
    assert [found.jwk() for found in keys.load_public(path)] == [from_pem.jwk()]
    path.write_bytes(orjson.dumps({name: value for name, value in from_pem.jwk().items() if name != "kid"}))
    assert keys.load_public(path)[0].id == from_pem.id


def pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def bad() -> dict[str, tuple[bytes, str, str]]:
    key, other = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    good = pem(key)
    none = "no Ed25519 public key in it"
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "encrypted": (pem(key, b"geheim"), "has a password", "this is a private key"),
        "other kind": (pem(other), "another kind", "this is a private key"),
        "broken": (good.replace(good[40:50], b"AAAAAAAAAA"), "damaged or of an unknown kind", "this is a private key"),
        "empty": (b"", "not a PEM file with a private key", "neither a JWKS nor a PEM file"),
        "public of another kind": (public, "not a PEM file with a private key", none),
        "no keys": (b"[]", "not a PEM file", none),
        "keys no list": (b'{"keys": 7}', "not a PEM file", none),
        "odd": (b'{"kty": "OKP", "crv": "Ed25519", "x": 7}', "not a PEM file", none),
        "short": (b'{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}', "not a PEM file", none),
        "private jwk": (b'{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": "AAAA"}', "not a PEM file", none),
    }


@pytest.mark.parametrize("name", bad())
def test_a_key_that_does_not_serve_is_one_sentence(name: str, tmp_path: Path) -> None:
    content, as_private, as_public = bad()[name]
    path = tmp_path / "sleutel"
    path.write_bytes(content)
    for read, sentence in ((keys.load_private, as_private), (keys.load_public, as_public)):
        with pytest.raises(InputError, match=sentence) as error:
            read(path)
        said = str(error.value)
        assert "\n" not in said
        assert not any(line.decode() in said for line in content.splitlines() if len(line) > 40)
        with pytest.raises(InputError, match="the key cannot be read"):
            read(tmp_path / "weg")


def test_the_encoding_of_the_protocol() -> None:
    """The example of the DSSE specification."""
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
