"""ktcheck as a user meets it: a command in a process of its own, somewhere that is not the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.cli.practice import stage
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service

REPOSITORY = Path(__file__).resolve().parents[2]
NEVER = 3600.0
"""Seconds after which the practice service logs a read: later than any test, so that every run sees the same."""

SOON = 0.05
"""After so many seconds a launch is found in the log."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


def python(*arguments: object, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 120) -> Done:
    """Run the Python of this venv, for so many seconds at most; nobody is at the keyboard."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def ktcheck(*arguments: object, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 120) -> Done:
    """``python -m ktcheck`` in the folder ``cwd``."""
    return python("-m", "ktcheck", *arguments, cwd=cwd, env=env, seconds=seconds)


def sentence(done: Done, code: int) -> str:
    """The one sentence with which a command stopped; fails when it is anything else."""
    assert done.code == code, done.err
    assert "Traceback" not in done.out + done.err
    said = [line for line in done.err.splitlines() if line.startswith("ktcheck:")]
    assert len(said) == 1, done.err
    assert done.err.rstrip().endswith(said[0])
    return said[0]


def nothing_at(place: Path) -> None:
    """Neither a result nor a half-written sibling (hidden, named after it) is there."""
    assert not place.exists()
    assert [path.name for path in place.parent.glob(f".{place.name}*")] == []


@contextmanager
def served(folder: Path, *domains: Materialised, launch: bool = False) -> Iterator[tuple[Service, dict[str, Path]]]:
    """The practice service with these domains, and the domain file of each by name; the passwords are set.

    Without ``launch`` the domain files do not speak of it: a run is quicker, and can approve nothing.
    """
    delay = SOON if launch else NEVER
    with Service(*domains, audit_delay=delay) as service, pytest.MonkeyPatch.context() as patch:
        files = {}
        for item in domains:
            staged = stage(service, item, folder / item.domain.name)
            if not launch:
                text = staged.domain_file.read_text(encoding="utf-8")
                staged.domain_file.write_text(text.partition("\n[launch]\n")[0], encoding="utf-8")
            files[item.domain.name] = staged.domain_file
            for name, value in staged.environment.items():
                patch.setenv(name, value)
        yield service, files


def variant(domain_file: Path, name: str, lines: Mapping[str, str | None]) -> Path:
    """A copy of a domain file beside it, with other lines for some keys; None takes a line out.

    Of a key that is there more than once the first one counts; a key that is not there is a mistake of the test.
    """
    text = []
    left = dict(lines)
    for line in domain_file.read_text(encoding="utf-8").splitlines():
        changed = left.pop(line.partition(" = ")[0], line)
        if changed is not None:
            text.append(changed)
    assert not left, f"{domain_file.name} has no {sorted(left)}"
    path = domain_file.with_name(f"{name}.toml")
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def report(run: Path) -> Json:
    """The ``report.json`` of a run."""
    content: Json = orjson.loads((run / "report.json").read_bytes())
    return content


def findings(run: Path) -> list[Json]:
    """The lines of ``findings.ndjson``."""
    return [orjson.loads(line) for line in (run / "findings.ndjson").read_bytes().splitlines()]


def outcome(run: Path) -> Json:
    """What a run says that may not depend on when or how it was started."""
    content = report(run)
    scenarios = content["scenarios"]
    return {
        "verdict": content["verdict"],
        "reasons": content["reasons"],
        "baseline": content["baseline"],
        "counts": content["counts"],
        "requirements": content["requirements"],
        "scenarios": [
            [row[key] for key in ("id", "name", "status", "examined", "findings", "rules", "severity")]
            for row in scenarios
        ],
        "findings": Counter(orjson.dumps(line) for line in findings(run)),
    }


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
