"""``ktcheck bundle`` and ``ktcheck verify`` as a user meets them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from ktcheck.errors import InputError
from ktcheck.smart import keys
from tests.bundle.conftest import write_run
from tests.end_to_end.command import files, ktcheck, nothing_at, sentence


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, a key and a bundle of the run."""
    place = tmp_path_factory.mktemp("seal")
    write_run(place / "run", domain="Zorg \x1b[31m")
    made = ktcheck("keys", "--kind", "EdDSA", "--out", "sleutel", "--key-id", "vzvz-2026", cwd=place)
    assert made.code == 0, made.err
    assert "key_id: vzvz-2026" in made.out
    command = ("bundle", "run", "--out", "b.zip", "--key", "sleutel/private-key.pem", "--key-id", "vzvz-2026")
    done = ktcheck(*command, cwd=place)
    assert done.code == 0, done.err
    assert "check it with: ktcheck verify b.zip --key jwks.json" in done.out
    return place


def test_a_seal_is_checked_with_the_key_of_the_user(home: Path) -> None:
    before = files(home)
    done = ktcheck("verify", "b.zip", "--key", "sleutel/jwks.json", cwd=home)
    assert done.code == 0, done.err
    assert done.out.endswith("b.zip: nothing was changed since it was sealed\n")
    assert all(line.startswith("ok ") for line in done.out.splitlines()[:-1])
    assert files(home) == before
    assert "\x1b" not in done.out


def test_without_a_key_it_is_told_what_that_is_worth(home: Path) -> None:
    done = ktcheck("verify", "b.zip", cwd=home)
    assert done.code == 0, done.err
    assert "anybody can have signed it" in done.out
    assert done.out.endswith("b.zip: holds together; who sealed it was not checked (--key)\n")


def test_a_changed_bundle_ends_with_1_and_names_the_file(home: Path, tmp_path: Path) -> None:
    data = bytearray((home / "b.zip").read_bytes())
    data[data.index(b"</html>") + 2] ^= 1
    (tmp_path / "b.zip").write_bytes(data)
    done = ktcheck("verify", "b.zip", "--key", home / "sleutel" / "jwks.json", cwd=tmp_path)
    assert done.code == 1
    assert "WRONG files: report.html was changed" in done.out
    assert "Traceback" not in done.err


def test_what_is_no_bundle_ends_with_2(home: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes((home / "b.zip").read_bytes()[:-30])
    assert "damaged or incomplete" in sentence(ktcheck("verify", "b.zip", cwd=tmp_path), 2)
    assert "no such file" in sentence(ktcheck("verify", "weg.zip", cwd=tmp_path), 2).lower()
    assert "this is a private key" in sentence(
        ktcheck("verify", home / "b.zip", "--key", home / "sleutel" / "private-key.pem", cwd=tmp_path), 2
    )


def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("van mij", encoding="utf-8")
    assert "--force" in sentence(ktcheck("bundle", home / "run", "--out", "b.zip", cwd=tmp_path), 2)
    assert files(tmp_path) == {"b.zip": b"van mij"}
    done = ktcheck("bundle", home / "run", "--out", "b.zip", "--force", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "not signed" in done.out
    assert list(files(tmp_path)) == ["b.zip"]
    assert "none: anybody can have made this bundle" in ktcheck("verify", "b.zip", cwd=tmp_path).out


def test_the_same_call_gives_the_same_file_anywhere(home: Path, tmp_path: Path) -> None:
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path)}
    command = ("bundle", home / "run", "--out", "b.zip", "--key", home / "sleutel" / "private-key.pem")
    done = ktcheck(*command, "--key-id", "vzvz-2026", cwd=tmp_path, env=env)
    assert done.code == 0, done.err
    named = ktcheck("verify", "b.zip", "--key", home / "sleutel" / "jwks.json", cwd=tmp_path)
    assert named.code == 0, named.out
    assert files(tmp_path)["b.zip"] == (home / "b.zip").read_bytes()


def test_a_wrong_call_leaves_nothing(home: Path, tmp_path: Path) -> None:
    assert "--key-id names the key" in sentence(
        ktcheck("bundle", home / "run", "--out", "b.zip", "--key-id", "x", cwd=tmp_path), 2
    )
    login = ktcheck("keys", "--out", "login", cwd=tmp_path)
    assert login.code == 0, login.err
    assert "sealed with an Ed25519 key" in sentence(
        ktcheck("bundle", home / "run", "--out", "b.zip", "--key", "login/private-key.pem", cwd=tmp_path), 2
    )
    (tmp_path / "leeg").mkdir()
    assert "has no report.json" in sentence(ktcheck("bundle", "leeg", "--out", "b.zip", cwd=tmp_path), 2)
    nothing_at(tmp_path / "b.zip")


def test_a_key_for_sealing_does_not_log_in(home: Path, tmp_path: Path) -> None:
    (row,) = orjson.loads((home / "sleutel" / "jwks.json").read_bytes())["keys"]
    assert (row["kty"], row["crv"], row["alg"], row["kid"]) == ("OKP", "Ed25519", "EdDSA", "vzvz-2026")
    with pytest.raises(InputError, match="this kind of key is not used"):
        keys.load(home / "sleutel" / "private-key.pem")
