"""Everything before the first run: ``inventory``, ``check``, ``keys`` and ``init``; and ``sandbox``."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.requests import Request
from starlette.responses import Response

from ktcheck import domain as domains
from ktcheck.cli.practice import made
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import resources
from ktcheck.sandbox.service.tenant import Tenant
from ktcheck.snapshot.store import RESOURCE_TYPES
from tests.end_to_end.command import files, ktcheck, nothing_at, sentence, served

INIT = {
    "name": 'Zorg "De Linde"',
    "environment": "acc21",
    "cluster": "C1",
    "fhir-base-url": "https://acc21.example/api/v1/linde/fhir/r4",
    "messages": "kt1",
    "client-id": "0f2f8a52-13a5-4d3a-9d0b-6a6f1b1f7a11",
    "private-key-file": "key.pem",
    "key-id": "k1",
}


@pytest.fixture(scope="module")
def practice() -> Materialised:
    return made("gereed", 6, 8, ("rights-narrowed",))


@pytest.fixture(scope="module")
def domain(practice: Materialised, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with served(tmp_path_factory.mktemp("commands"), practice, launch=True) as (_, paths):
        yield paths["gereed"]


def test_check_tells_what_the_token_may_read(domain: Path, tmp_path: Path) -> None:
    done = ktcheck("check", domain, cwd=tmp_path)
    assert done.code == 0, done.err
    assert "service: FHIR 4.0.1" in done.out
    assert "launch with Rustwijzer (RUSTAPP), " in done.out
    rights = dict(line.strip().removeprefix("read ").split(": ") for line in done.out.splitlines() if "  read" in line)
    assert rights == {kind: "narrowed" if kind == "Task" else "all" for kind in RESOURCE_TYPES}
    assert list(tmp_path.iterdir()) == []


def test_check_reads_no_resource(domain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def search(tenant: Tenant, request: Request, kind: str) -> Response:
        asked.append(kind)
        return original(tenant, request, kind)

    original = resources.search
    monkeypatch.setattr(resources, "search", search)
    monkeypatch.setattr(resources, "read", lambda *given: asked.append(given[2]))
    assert ktcheck("check", domain, cwd=tmp_path).code == 0
    assert asked == []
    assert ktcheck("snapshot", domain, "--out", tmp_path / "s", cwd=tmp_path).code == 0
    assert "Patient" in asked, "the wrapper sees searches, so that seeing none means something"


def test_check_leaves_no_trace_in_the_log(practice: Materialised, tmp_path: Path) -> None:
    with served(tmp_path, practice) as (service, paths):
        assert ktcheck("check", paths["gereed"], cwd=tmp_path).code == 0
        assert service.tenants["gereed"].pending == []


def test_check_without_a_target_stops_there(tmp_path: Path) -> None:
    path = tmp_path / "domain.toml"
    path.write_text('[domain]\nname = "Linde"\n', encoding="utf-8")
    done = ktcheck("check", path, cwd=tmp_path)
    assert done.code == 0
    assert "nothing more to check" in done.out


def test_inventory_tells_what_it_saw(domain: Path, practice: Materialised, tmp_path: Path) -> None:
    out = tmp_path / "bron.ndjson"
    done = ktcheck("inventory", domain.with_name("kt1"), "--out", out, cwd=tmp_path)
    assert done.code == 0, done.err
    assert f"files {len(practice.messages)}: " in done.out
    assert "rejected 0" in done.out
    assert f"Patient {practice.domain.world.size}," in done.out
    assert out.stat().st_mode & 0o777 == 0o600
    before = files(tmp_path)
    assert "--force" in sentence(ktcheck("inventory", domain.with_name("kt1"), "--out", out, cwd=tmp_path), 2)
    assert files(tmp_path) == before
    again = ktcheck("inventory", domain.with_name("kt1"), "--out", out, "--force", cwd=tmp_path)
    assert again.code == 0
    assert files(tmp_path) == before


@pytest.mark.parametrize("kind", ["ES384", "RS512"])
def test_keys_make_a_pair(kind: str, tmp_path: Path) -> None:
    done = ktcheck("keys", "--out", tmp_path / "k", "--kind", kind, cwd=tmp_path)
    assert done.code == 0, done.err
    private, jwks = tmp_path / "k" / "private-key.pem", tmp_path / "k" / "jwks.json"
    assert private.stat().st_mode & 0o777 == 0o600
    load_pem_private_key(private.read_bytes(), password=None)
    (public,) = orjson.loads(jwks.read_bytes())["keys"]
    assert f"key_id: {public['kid']}" in done.out
    assert not {"d", "p", "q"} & set(public)
    before = files(tmp_path)
    sentence(ktcheck("keys", "--out", tmp_path / "k", "--kind", kind, cwd=tmp_path), 2)
    assert files(tmp_path) == before


def _init(tmp_path: Path, **other: str) -> list[str]:
    given = {**INIT, **other}
    return ["init", "--out", str(tmp_path / "domain.toml"), *(f"--{key}={value}" for key, value in given.items())]


def test_init_writes_a_domain_file_that_loads(tmp_path: Path) -> None:
    (tmp_path / "kt1").mkdir()
    (tmp_path / "key.pem").touch()
    done = ktcheck(*_init(tmp_path), "--sequence", "3", cwd=tmp_path)
    assert done.code == 0, done.err
    loaded = domains.load(tmp_path / "domain.toml")
    assert loaded.domain.model_dump() == {
        "name": 'Zorg "De Linde"',
        "environment": "acc21",
        "cluster": "C1",
        "sequence": 3,
    }
    assert loaded.client is not None
    assert loaded.client.client_id == INIT["client-id"]
    assert "[[application]]" in (tmp_path / "domain.toml").read_text(encoding="utf-8")
    before = files(tmp_path)
    sentence(ktcheck(*_init(tmp_path, name="Anders"), cwd=tmp_path), 2)
    assert files(tmp_path) == before


def test_init_without_options_and_terminal_says_what_is_missing(tmp_path: Path) -> None:
    assert "--name is missing" in sentence(ktcheck("init", cwd=tmp_path), 2)
    assert list(tmp_path.iterdir()) == []


def test_sandbox_lists_every_defect_with_its_rule(tmp_path: Path) -> None:
    done = ktcheck("sandbox", "--list", cwd=tmp_path)
    assert done.code == 0
    named = dict(line.split()[:2] for line in done.out.splitlines())
    assert named["task-missing"] == "completeness.present"
    assert len(named) == len(done.out.splitlines())


def test_sandbox_serves_until_it_is_stopped(tmp_path: Path) -> None:
    out = tmp_path / "oefening"
    command = [sys.executable, "-u", "-m", "ktcheck", "sandbox", "--size", "5", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving http://127.0.0.1:")
        assert "accounts.env" in "".join(process.stdout.readline() for _ in range(3))
        lines = (out / "accounts.env").read_text(encoding="utf-8").splitlines()
        variables = dict(line.split("=", 1) for line in lines)
        checked = ktcheck("check", out / "domain.toml", cwd=tmp_path, env=variables)
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=30)
    assert checked.code == 0, checked.err
    assert process.returncode == 0
    assert rest.endswith("stopped\n")
    assert "Traceback" not in complaints


def test_sandbox_spares_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "werk").mkdir()
    (tmp_path / "werk" / "notitie.txt").write_text("van mij", encoding="utf-8")
    sentence(ktcheck("sandbox", "--out", tmp_path / "werk", cwd=tmp_path), 2)
    assert files(tmp_path) == {"werk/notitie.txt": b"van mij"}
    assert "sandbox --list" in sentence(
        ktcheck("sandbox", "--out", tmp_path / "nieuw", "--defect", "onzin", cwd=tmp_path), 2
    )
    nothing_at(tmp_path / "nieuw")
