"""Where the suite's own files are: features, steps, fixtures and tables, in a checkout or in an installed wheel."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_suite"

ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
FEATURES = ROOT / "features"
PROFILES = ROOT / "profiles"

_PARTS = ("features", "steps", "fixtures", "profiles", "conftest.py")


def baseline() -> str:
    """A hash of everything that decides what is tested: code, features, steps and tables.

    Equal hashes mean that two runs (a vendor's self-check and the acceptance run) tested the same things in
    the same way; line endings do not count.
    """
    digest = hashlib.sha256()
    files = [(path.relative_to(_PACKAGE).as_posix(), path) for path in _PACKAGE.rglob("*.py")]
    files = [(f"ktcheck/{name}", path) for name, path in files if not name.startswith("_suite/")]
    for part in _PARTS:
        place = ROOT / part
        members = place.rglob("*") if place.is_dir() else [place]
        files += [(path.relative_to(ROOT).as_posix(), path) for path in members]
    for name, path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def pages_hash() -> str:
    """A hash of everything that decides how pages look: code and templates of the report, and its words."""
    files = [path for place in (_PACKAGE / "report", PROFILES / "texts") for path in place.rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: (path.parent.name, path.name)):
        if "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
