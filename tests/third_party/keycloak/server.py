"""A running Keycloak, shared by all who use it in one test session, also by the workers of pytest-xdist."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx2

from tests.third_party.keycloak import distribution, watch

ADMIN = "admin"

_START_SECONDS = 400.0  # the first start also builds the server, and machines of a CI are slow
_OPTIONS = (
    "start-dev",
    "--db=dev-mem",
    "--cache=local",
    "--http-host=127.0.0.1",
    "--spi-theme--cache-themes=true",
    "--spi-theme--cache-templates=true",
)
_JAVA = "-XX:TieredStopAtLevel=1"  # it lives for minutes: compiling less costs half the processor time


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, and how its administrator gets in."""

    url: str
    password: str = field(repr=False)


@contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The server that is announced in a folder, or else a new one; it ends with its last user.

    Raises:
        AbsentError: there is no Keycloak on this machine.
        RuntimeError: it does not start.
    """
    announcement = folder / "server.json"
    started: subprocess.Popen[bytes] | None = None
    with (folder / "users").open("ab") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with distribution.locked(folder / "starting"):
            if announcement.exists():
                server = Server(**json.loads(announcement.read_text()))
            else:
                server, started = _start(folder, announcement)
        try:
            yield server
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if started:
                started.wait()


def _start(folder: Path, announcement: Path) -> tuple[Server, subprocess.Popen[bytes]]:
    home, port = distribution.home(), _free_port()
    server = Server(f"http://127.0.0.1:{port}", secrets.token_urlsafe(18))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KC_")} | {
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": server.password,
        "JAVA_OPTS_APPEND": _JAVA,
    }
    command = [str(home / "bin" / "kc.sh"), *_OPTIONS, f"--http-port={port}"]
    watcher = [sys.executable, watch.__file__, str(folder / "users"), str(announcement)]
    log = folder / "keycloak.log"
    # Two sessions must not build one server at the same time.
    with distribution.locked(home / "ktcheck.lock"), log.open("wb") as output:
        process = subprocess.Popen(
            [*watcher, *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(server):
            if process.poll() is not None or time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise RuntimeError(f"Keycloak does not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.2)
    announcement.touch(mode=0o600)
    announcement.write_text(json.dumps(asdict(server)))
    return server, process


def _answers(server: Server) -> bool:
    try:
        address = f"{server.url}/realms/master/.well-known/openid-configuration"
        return httpx2.get(address, timeout=10, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
