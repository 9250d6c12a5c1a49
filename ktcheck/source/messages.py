"""The files that hold KT1 messages, read one at a time and never skipped silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ktcheck.errors import InputError

MAX_BYTES = 64 * 1024 * 1024


class Unreadable(Exception):  # noqa: N818 (it is told to the user as a reject, it does not stop the reader)
    """A file, or an entry of it, that cannot be read: where in it, and why in two languages.

    The reasons never quote the message, because it holds patient data.
    """

    def __init__(self, place: str, reason_nl: str, reason_en: str) -> None:
        super().__init__(f"{place}: {reason_en}")
        self.place = place
        self.reason_nl = reason_nl
        self.reason_en = reason_en


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One file: ``name`` relative to the folder that was given, its bytes, or the ``problem`` of getting them."""

    name: str
    data: bytes
    problem: Unreadable | None = None


def messages_in(paths: Iterable[Path], max_bytes: int = MAX_BYTES) -> Iterator[RawMessage]:
    """Every file in the files and folders given, nested, sorted by name in each folder.

    A file that is too large or cannot be opened is yielded with its ``problem``: nothing is left out. Names
    start with the name of the folder that was given, never with where it is on this machine.

    Raises:
        InputError: a path does not exist; before the first message.

    """
    given = [Path(path) for path in paths]
    for path in given:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder; give the files or folders with KT1 messages")
    for path in given:
        yield from _walk(path, path.name or path.resolve().name, (), max_bytes)


def _walk(path: Path, name: str, above: tuple[Path, ...], max_bytes: int) -> Iterator[RawMessage]:
    if not path.is_dir():
        yield _read(path, name, max_bytes)
        return
    real = path.resolve()
    if real in above:
        yield _failed(name, "dit is een koppeling naar een map erboven", "this links to a folder above it")
        return
    try:
        children = sorted(path.iterdir(), key=lambda child: child.name)
    except OSError:
        yield _failed(name, "de map is niet te openen", "the folder cannot be opened")
        return
    for child in children:
        yield from _walk(child, f"{name}/{child.name}", (*above, real), max_bytes)


def _read(path: Path, name: str, max_bytes: int) -> RawMessage:
    try:
        if not path.is_file():
            return _failed(name, "dit is geen gewoon bestand", "this is not a regular file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError:
        return _failed(name, "het bestand is niet te openen", "the file cannot be opened")
    if len(data) > max_bytes:
        return _failed(
            name,
            f"het bestand is groter dan {max_bytes} bytes; een KT1-bericht is enkele tientallen kilobytes",
            f"the file is larger than {max_bytes} bytes; a KT1 message is tens of kilobytes",
        )
    return RawMessage(name, data)


def _failed(name: str, reason_nl: str, reason_en: str) -> RawMessage:
    return RawMessage(name, b"", Unreadable("byte 0", reason_nl, reason_en))
