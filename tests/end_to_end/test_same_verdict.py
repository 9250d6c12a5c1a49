"""The ways to the same verdict: ``ktcheck run``, plain pytest, and offline from what was kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ktcheck.cli.practice import made
from tests.end_to_end.command import (
    NEVER,
    REPOSITORY,
    Done,
    Json,
    findings,
    ktcheck,
    nothing_at,
    outcome,
    python,
    report,
    served,
    variant,
)

DEFECTS = ("task-missing", "link-with-version", "bsn-lost", "origin-wrong", "order-undecidable")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("same")


@pytest.fixture(scope="module")
def domain(home: Path) -> Iterator[Path]:
    with served(home, made("gelijk", 5, 8, DEFECTS)) as (service, paths):
        assert service.tenants["gelijk"].audit_delay == NEVER
        yield paths["gelijk"]


@pytest.fixture(scope="module")
def live(domain: Path, home: Path) -> Json:
    done = ktcheck("run", domain, "--out", "live", cwd=home)
    assert done.code == 1, done.err
    return outcome(home / "live")


def _pytest(domain: Path, out: Path, *options: str) -> Done:
    return python("-m", "pytest", "features", "--domain", domain, "--out", out, *options, cwd=REPOSITORY)


def test_plain_pytest_gives_the_same(domain: Path, live: Json, tmp_path: Path) -> None:
    done = _pytest(domain, tmp_path / "out")
    assert done.code == 1, done.out + done.err
    assert "Traceback" not in done.out + done.err
    assert outcome(tmp_path / "out") == live
    assert live["verdict"] == "rejected"


def test_plain_pytest_takes_the_options_of_run(domain: Path, tmp_path: Path) -> None:
    done = _pytest(domain, tmp_path / "out", "--tags", "IDE-02", "--phase", "uitvoeren", "--lang", "en")
    assert done.code == 0, done.out + done.err
    content = report(tmp_path / "out")
    assert content["filter"] == {"phase": "uitvoeren", "tags": "IDE-02"}
    assert [row["id"] for row in content["scenarios"] if row["status"] == "passed"] == ["IDE-02"]


@pytest.mark.parametrize("selection", [("-k", "Patient"), ("--maxfail", "1"), ("--deselect", "features")])
def test_what_pytest_itself_leaves_out_is_never_approved(
    domain: Path, tmp_path: Path, selection: tuple[str, ...]
) -> None:
    done = _pytest(domain, tmp_path / "out", *selection)
    assert done.code in {1, 3}, done.out
    content = report(tmp_path / "out")
    assert content["verdict"] in {"rejected", "incomplete"}
    last = content["scenarios"][-1]
    assert (last["id"], last["status"]) == ("KTCHECK", "not_run")
    assert "--tags" in last["reason"]


def test_plain_pytest_refuses_several_processes(domain: Path, tmp_path: Path) -> None:
    done = _pytest(domain, tmp_path / "out", "-n", "2")
    assert done.code == 2
    assert "one process" in done.out + done.err
    nothing_at(tmp_path / "out")


def test_plain_pytest_with_a_wrong_file_is_one_sentence(tmp_path: Path) -> None:
    done = _pytest(tmp_path / "geen.toml", tmp_path / "out")
    assert done.code == 2
    assert "there is no such domain file" in done.out + done.err
    assert "Traceback" not in done.out + done.err
    nothing_at(tmp_path / "out")


def test_features_without_a_domain_say_what_to_do(tmp_path: Path) -> None:
    done = python("-m", "pytest", "features", cwd=REPOSITORY)
    assert done.code == 2
    assert "--domain DOMAIN.toml" in done.out + done.err


def test_offline_gives_the_same_as_live(domain: Path, live: Json, home: Path, tmp_path: Path) -> None:
    taken = ktcheck("snapshot", domain, "--out", domain.with_name("momentopname"), cwd=home)
    assert taken.code == 0, taken.err
    kept = ktcheck("inventory", domain.with_name("kt1"), "--out", domain.with_name("bron.ndjson"), cwd=home)
    assert kept.code == 0, kept.err
    offline = _offline(domain)
    done = ktcheck("run", offline, "--out", tmp_path / "out", cwd=home)
    assert done.code == 1, done.err
    assert outcome(tmp_path / "out") == live
    # Who has an account is asked all the same; of KT2 nothing is.
    evidence = (tmp_path / "out" / "evidence" / "exchanges.ndjson").read_bytes()
    paths = [orjson.loads(line)["path"] for line in evidence.splitlines()]
    assert [path for path in paths if "/idp/" not in path] == []
    assert len(findings(tmp_path / "out")) >= len(DEFECTS)


def _offline(domain: Path) -> Path:
    """The domain file that reads the inventory and the snapshot beside it and has no client.

    Its address stays: what was confirmed was confirmed for that environment.
    """
    lines = dict.fromkeys(("[client]", "client_id", "private_key_file", "key_id"))
    version = 'snapshot = "momentopname"\nprofile_version = "0.16.3"'
    return variant(domain, "offline", {**lines, "messages": 'inventory = "bron.ndjson"', "profile_version": version})


def test_a_snapshot_is_for_its_owner_only(domain: Path, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "snapshot"
    done = ktcheck("snapshot", domain, "--out", out, cwd=home)
    assert done.code == 0, done.err
    assert out.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    manifest = orjson.loads((out / "snapshot.json").read_bytes())
    for count in manifest["types"]:
        lines = (out / f"{count['type']}.ndjson").read_bytes().splitlines()
        assert len(lines) == count["distinct"] == count["total_before"]
        assert f"{count['type']}: {count['distinct']} " in done.out
    assert os.listdir(tmp_path) == ["snapshot"]  # noqa: PTH208 (also hidden ones)
