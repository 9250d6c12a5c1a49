"""Where Keycloak is on this machine. With Java and Maven it is fetched once, from Maven's central repository.

``python3 tests/third_party/keycloak/distribution.py`` fetches it beforehand; that needs nothing but Python.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "26.7.3"
_JAVA = 17
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"
_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
_FETCH_SECONDS = 600


class AbsentError(Exception):
    """There is no Keycloak here and it cannot be fetched; the message says why."""


def home() -> Path:
    """The folder of Keycloak: ``KTCHECK_KEYCLOAK_HOME``, or the one in the user's cache, fetched when need be.

    Raises:
        AbsentError: something is missing.
    """
    _check_java()
    if named := os.environ.get("KTCHECK_KEYCLOAK_HOME"):
        if not (Path(named) / "bin" / "kc.sh").is_file():
            raise AbsentError("KTCHECK_KEYCLOAK_HOME is not a folder of Keycloak")
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ktcheck"
    cache.mkdir(parents=True, exist_ok=True)
    found = cache / f"keycloak-{VERSION}"
    with locked(cache / "keycloak.lock"):
        if not found.is_dir():
            _fetch(found)
    return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; ended, however it ended, it leaves nothing locked."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _check_java() -> None:
    java_home = os.environ.get("JAVA_HOME")
    java = shutil.which(Path(java_home) / "bin" / "java" if java_home else "java")
    if not java:
        raise AbsentError(f"Keycloak needs Java {_JAVA}, and there is no Java on this machine")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if not version or int(version[1]) < _JAVA:
        raise AbsentError(f"Keycloak needs Java {_JAVA} or newer, and this machine has an older one")


def _fetch(found: Path) -> None:
    """Fill the folder, whole or not at all."""
    maven = shutil.which("mvn")
    if not maven:
        raise AbsentError("Keycloak is not on this machine, and without Maven it cannot be fetched")
    with tempfile.TemporaryDirectory(dir=found.parent) as folder:
        command = [maven, "-B", "-q", "-C", _GOAL, f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}"]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=_FETCH_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise AbsentError(f"Maven cannot fetch {_ARTIFACT}") from None
        (Path(folder) / found.name).rename(found)


if __name__ == "__main__":
    try:
        print(f"Keycloak {VERSION} is in {home()}")  # noqa: T201
    except AbsentError as error:
        sys.exit(str(error))
