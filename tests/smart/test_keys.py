from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwk, jwt

from ktcheck.errors import InputError
from ktcheck.smart import keys

KINDS: tuple[keys.Algorithm, ...] = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi"}


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    how: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how or NoEncryption())


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_key_pair_signs_and_its_jwks_verifies(tmp_path: Path, kind: keys.Algorithm) -> None:
    pair = keys.make(tmp_path / "sleutels", kind)
    key = keys.load(pair.private_key_file)
    assert kind in key.algorithms
    token = key.sign({"iss": "x"}, algorithm=kind, key_id=pair.key_id)
    jwks = json.loads(pair.jwks_file.read_bytes())
    (public,) = jwks["keys"]
    verified = jwt.decode(token, jwk.KeySet.import_key_set(jwks), algorithms=[kind])
    assert verified.header == {"typ": "JWT", "alg": kind, "kid": pair.key_id}
    assert verified.claims == {"iss": "x"}
    assert PRIVATE_MEMBERS.isdisjoint(public)
    assert public["use"] == "sig"
    assert (
        pair.key_id
        == public["kid"]
        == jwk.thumbprint({n: public[n] for n in ("e", "kty", "n", "crv", "x", "y") if n in public})
    )


def test_the_private_key_is_private(tmp_path: Path) -> None:
    pair = keys.make(tmp_path / "sleutels", "ES384", key_id="eigen-naam")
    assert stat.S_IMODE(pair.private_key_file.stat().st_mode) == 0o600
    assert pair.key_id == json.loads(pair.jwks_file.read_bytes())["keys"][0]["kid"] == "eigen-naam"
    assert sorted(path.name for path in (tmp_path / "sleutels").iterdir()) == ["jwks.json", "private-key.pem"]


def test_a_key_is_overwritten_by_force_only(tmp_path: Path) -> None:
    first = keys.make(tmp_path, "ES256")
    content = first.private_key_file.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        keys.make(tmp_path, "ES256")
    assert first.private_key_file.read_bytes() == content
    keys.make(tmp_path, "ES256", force=True)
    assert first.private_key_file.read_bytes() != content


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no key kind 'HS256'; known are RS256"):
        keys.make(tmp_path, "HS256")  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "bezet").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        keys.make(tmp_path / "bezet" / "dieper", "ES256")


def bad_keys() -> dict[str, tuple[bytes, str]]:
    good = ec.generate_private_key(ec.SECP256R1())
    content = pem(good)
    broken = content.splitlines()
    broken[1] = b"A" * len(broken[1])
    return {
        "encrypted": (pem(good, BestAvailableEncryption(b"geheim")), "has a password"),
        "public": (good.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "a public key"),
        "certificate": (b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "a certificate"),
        "empty": (b"", "not a PEM file"),
        "binary": (bytes(range(256)), "not a PEM file"),
        "broken": (b"\n".join(broken), "damaged or of an unknown kind"),
        "short": (pem(rsa.generate_private_key(65537, 1024)), "has 1024 bits; Koppeltaal wants 2048 or more"),  # noqa: S505 (that is the test)
        "other curve": (pem(ec.generate_private_key(ec.SECP256K1())), "this kind of key is not used"),
        "other kind": (pem(ed25519.Ed25519PrivateKey.generate()), "this kind of key is not used"),
    }


@pytest.mark.parametrize("name", bad_keys())
def test_a_key_that_does_not_serve_is_one_sentence_without_content(tmp_path: Path, name: str) -> None:
    content, sentence = bad_keys()[name]
    path = tmp_path / "sleutel.pem"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as error:
        keys.load(path)
    text = str(error.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert not any(line.decode("latin-1") in text for line in content.splitlines() if len(line) > 8)


def test_a_missing_key_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        keys.load(tmp_path / "weg.pem")


def test_a_key_file_with_curve_parameters_in_front(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    traditional = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path = tmp_path / "sleutel.pem"
    path.write_bytes(b"-----BEGIN EC PARAMETERS-----\nBgUrgQQAIw==\n-----END EC PARAMETERS-----\n" + traditional)
    assert keys.load(path).algorithms == ("ES512",)


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = keys.load(keys.make(tmp_path, "ES256").private_key_file)
    assert repr(key) == "SigningKey(algorithms=('ES256',))"
