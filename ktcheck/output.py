"""The only way to disk for a run: staged beside its place, cleaned of secrets, and renamed when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO

import orjson

from ktcheck.chain import Chain
from ktcheck.errors import InputError, RunError
from ktcheck.privacy import Redactor

EVIDENCE = "evidence/"
SCREENSHOTS = "screenshots/"

_MADE_BY_US = ("report.json", "snapshot.json", "jwks.json", "index.json")


def free_file(path: Path, force: bool) -> None:
    """Make sure that a file may be written here.

    Raises:
        InputError: something is there already and ``force`` was not given, or it is a directory.

    """
    if path.is_dir():
        raise InputError(f"{path} is a directory; choose a file name with --out")
    if path.exists() and not force:
        raise InputError(f"{path} exists already; choose another --out or use --force")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent} is no directory; make it or choose another --out")


def free_directory(path: Path, force: bool) -> None:
    """Make sure that a directory may be made here: nothing is there, an empty directory, or ``force``.

    Raises:
        InputError: something is there already, or ``force`` would throw away a directory that ktcheck did not make.

    """
    if not path.exists():
        return
    if not path.is_dir():
        raise InputError(f"{path} exists already and is a file; choose another --out")
    names = {entry.name for entry in path.iterdir()}
    if not names:
        return
    if not force:
        raise InputError(f"{path} exists already; choose another --out or use --force")
    if names.isdisjoint(_MADE_BY_US):
        raise InputError(
            f"{path} holds files that ktcheck did not make, so --force leaves it alone; choose another --out"
        )


class RunWriter:
    """Writes a run's directory: everything goes into ``.<name>.part`` beside it until ``commit()``.

    Names are relative POSIX paths (``evidence/token.json``). ``findings.ndjson`` and everything in ``evidence/``
    and ``screenshots/`` is private: mode 0600; NDJSON files in ``evidence/`` are hash chains. Use it as a context
    manager: leaving without ``commit()`` discards.

    Raises:
        InputError: the directory exists and is not empty (unless ``force``), another run is writing it, or it
            cannot be made.
        RunError: writing fails half-way, for example because the disk is full.

    """

    def __init__(self, directory: Path, redactor: Redactor, *, force: bool = False) -> None:
        self.directory = directory.resolve()
        self.redactor = redactor
        self._force = force
        self._open: dict[str, BinaryIO] = {}
        self._chains: dict[str, Chain] = {}
        if not self.directory.name:
            raise InputError(f"{directory} cannot hold a run; choose another --out")
        self.staging = self.directory.parent / f".{self.directory.name}.part"
        free_directory(self.directory, force)
        if self.staging.exists():
            if not force:
                raise InputError(
                    f"{self.staging} exists: another run is writing there, or one was stopped half-way; "
                    "remove it, choose another --out or use --force"
                )
            shutil.rmtree(self.staging)
        try:
            self.staging.mkdir(parents=True)
        except OSError as error:
            raise InputError(f"{directory} cannot be made: {error.strerror}; choose another --out") from None

    def write_text(self, name: str, text: str) -> None:
        """Write a text file in UTF-8."""
        self._write(name, self.redactor.clean(text).encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file as it is, but for the secrets in it."""
        self._write(name, self.redactor.clean_bytes(data))

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file, indented; equal values give equal bytes."""
        self._write(name, json_bytes(self.redactor.clean_value(value)))

    def append_line(self, name: str, record: Mapping[str, Any]) -> None:
        """Add one object to an NDJSON file; in ``evidence/`` it is chained to the one before it."""
        try:
            if name not in self._open:
                self._open[name] = _create(self._place(name), _is_private(name))
            clean = self.redactor.clean_value(dict(record))
            if name.startswith(EVIDENCE):
                line = self._chains.setdefault(name, Chain()).add(clean)
            else:
                line = orjson.dumps(clean, default=str, option=orjson.OPT_APPEND_NEWLINE)
            self._open[name].write(line)
        except OSError as error:
            raise _failed(name, error) from None

    def evidence(self) -> list[dict[str, Any]]:
        """The heads of the chains of evidence, as ``report.json`` has them; for when all is written."""
        chains = sorted(self._chains.items())
        return [{"file": name, "lines": chain.lines, "head": chain.head} for name, chain in chains]

    def commit(self) -> Path:
        """Rename the staged directory into its place and return it. An older run there is replaced with ``force``."""
        free_directory(self.directory, self._force)
        try:
            self._close()
            older = self.directory.parent / f".{self.directory.name}.old"
            shutil.rmtree(older, ignore_errors=True)
            if self.directory.exists():
                self.directory.rename(older)
            self.staging.rename(self.directory)
            shutil.rmtree(older, ignore_errors=True)
        except OSError as error:
            raise _failed(self.directory.name, error) from None
        return self.directory

    def discard(self) -> None:
        """Throw away what is staged; after ``commit()`` there is nothing to throw away."""
        self._close()
        shutil.rmtree(self.staging, ignore_errors=True)

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def _close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def _place(self, name: str) -> Path:
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"not a name inside the run's directory: {name}")
        path = self.staging / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _write(self, name: str, data: bytes) -> None:
        try:
            with _create(self._place(name), _is_private(name)) as file:
                file.write(data)
        except OSError as error:
            raise _failed(name, error) from None


def replace_files(directory: Path, files: Mapping[str, bytes], owned: tuple[str, ...] = ()) -> None:
    """Write public files into an existing directory: all are written first, then renamed one by one.

    ``owned`` names the subdirectories that hold these files only; whatever else is in them is removed.

    Raises:
        RunError: writing fails.

    """
    staging = directory / ".rebuild.part"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        for name, data in files.items():
            path = staging / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for folder in owned:
            for old in (directory / folder).glob("*"):
                if f"{folder}/{old.name}" not in files:
                    old.unlink()
        for name in files:
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(path)
    except OSError as error:
        raise _failed(directory.name, error) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def json_bytes(value: Any) -> bytes:
    """A JSON value as a file: indented, members in the order given, one line feed at the end."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _is_private(name: str) -> bool:
    return name == "findings.ndjson" or name.startswith((EVIDENCE, SCREENSHOTS))


def _create(path: Path, private: bool) -> BinaryIO:
    """Open a new file for writing; a private one is never readable by others, not even for a moment."""
    mode = 0o600 if private else 0o644
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    return os.fdopen(descriptor, "wb")


def _failed(name: str, error: OSError) -> RunError:
    return RunError(f"{name} cannot be written: {error.strerror or 'unknown reason'}; check the disk and run again")
