"""Nothing stays behind: what a session started ends with it, also when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.third_party.keycloak import distribution, server, watch

SERVER = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(300)"
USER = (
    "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_SH); print(flush=True); time.sleep(300)"
)


def _user(users: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", USER, str(users)], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """As hard as can be: nothing of it runs any more code."""
    process.kill()
    process.communicate()


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_ends_with_its_last_user(tmp_path: Path) -> None:
    users, announcement, started = (tmp_path / name for name in ("users", "server.json", "started"))
    users.touch()
    announcement.touch()
    first, second = _user(users), _user(users)
    command = [sys.executable, "-c", SERVER, str(started)]
    watcher = subprocess.Popen(
        [sys.executable, watch.__file__, str(users), str(announcement), *command], start_new_session=True
    )
    _until(started.exists)
    _end(first)
    time.sleep(0.5)
    assert watcher.poll() is None
    assert announcement.exists()
    _end(second)
    assert watcher.wait(20) == -signal.SIGKILL
    assert not announcement.exists()


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "kc.sh"
    program.write_text("#!/bin/sh\necho the port is taken\n")
    program.chmod(0o700)
    monkeypatch.setattr(distribution, "home", lambda: tmp_path)
    with pytest.raises(RuntimeError, match="the port is taken"), server.shared(tmp_path):
        pass


@pytest.mark.parametrize("named", [None, "leeg"])
def test_no_keycloak_is_told(named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(distribution.AbsentError, match="there is no Java"):
        distribution.home()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
    java.chmod(0o700)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if named:
        monkeypatch.setenv("KTCHECK_KEYCLOAK_HOME", str(tmp_path / named))
    else:
        monkeypatch.delenv("KTCHECK_KEYCLOAK_HOME", raising=False)
    with pytest.raises(distribution.AbsentError, match="not a folder of Keycloak" if named else "without Maven"):
        distribution.home()


def test_an_old_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o700)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(distribution.AbsentError, match="Java 17 or newer"):
        distribution.home()
