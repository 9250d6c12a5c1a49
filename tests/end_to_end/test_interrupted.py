"""A run that is stopped half-way: no verdict, nothing that looks finished, no patient data left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ktcheck.cli.practice import made
from tests.end_to_end.command import ktcheck, nothing_at, python, sentence, served

# Stops the process itself at the n-th call of a function, so that the moment is always the same.
STOPPING = """
import importlib, os, signal, sys
module, owner, function, number, name, *arguments = sys.argv[1:]
holder = getattr(importlib.import_module(module), owner)
original, calls = getattr(holder, function), []
def stopping(*given, **named):
    calls.append(1)
    if len(calls) == int(number):
        os.kill(os.getpid(), getattr(signal, name))
    return original(*given, **named)
setattr(holder, function, stopping)
from ktcheck.cli import main
main(*arguments)
"""
MOMENTS = {
    "while messages are read": ("ktcheck.source.store", "Store", "add", "10"),
    "while the domain is fetched": ("ktcheck.snapshot.lines", "ResourceLines", "add", "20"),
    "while scenarios run": ("ktcheck.assessment", "Assessment", "examined", "20"),
}


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with served(tmp_path_factory.mktemp("stopped"), made("gestopt", 13, 8, ())) as (_, paths):
        yield paths["gestopt"]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("SIGINT", "while messages are read"),
        ("SIGTERM", "while the domain is fetched"),
        ("SIGINT", "while scenarios run"),
        ("SIGTERM", "while scenarios run"),
    ],
)
def test_a_stopped_run_leaves_nothing(domain: Path, tmp_path: Path, name: str, moment: str) -> None:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    temporary.mkdir()
    arguments = (*MOMENTS[moment], name, "run", domain, "--out", out)
    done = python("-c", STOPPING, *arguments, cwd=tmp_path, env={"TMPDIR": str(temporary)})
    assert "stopped" in sentence(done, 3)
    nothing_at(out)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("command", ["snapshot", "inventory"])
def test_a_stopped_command_leaves_nothing(domain: Path, tmp_path: Path, command: str) -> None:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    temporary.mkdir()
    moment = MOMENTS["while the domain is fetched" if command == "snapshot" else "while messages are read"]
    what = domain if command == "snapshot" else domain.with_name("kt1")
    arguments = (*moment, "SIGTERM", command, what, "--out", out)
    done = python("-c", STOPPING, *arguments, cwd=tmp_path, env={"TMPDIR": str(temporary)})
    assert "stopped" in sentence(done, 3)
    nothing_at(out)
    assert list(temporary.iterdir()) == []


def test_a_killed_run_leaves_nothing_that_looks_finished(domain: Path, tmp_path: Path) -> None:
    """Nobody can tidy up after SIGKILL; what is left is hidden, and the next run says what it is."""
    out = tmp_path / "out"
    arguments = (*MOMENTS["while scenarios run"], "SIGKILL", "run", domain, "--out", out)
    done = python("-c", STOPPING, *arguments, cwd=tmp_path, env={"TMPDIR": str(tmp_path)})
    assert done.code == -9
    assert not out.exists()
    assert not (tmp_path / ".out.part" / "report.json").exists()
    again = ("run", domain, "--phase", "voorbereiden", "--out", out)
    assert "stopped half-way" in sentence(ktcheck(*again, cwd=tmp_path), 2)
    assert ktcheck(*again, "--force", cwd=tmp_path).code == 0
    assert (out / "report.json").is_file()
    assert not (tmp_path / ".out.part").exists()
