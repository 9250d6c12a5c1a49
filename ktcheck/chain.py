"""Evidence as a hash chain: every line of an NDJSON file carries the SHA-256 of the line before it.

Whoever removes, changes, adds or moves a line breaks the chain at that place. The last hash and the number of lines
(the head) stand in ``report.json``, so that the end cannot be cut off either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

NUMBER = "line"
PREVIOUS = "previous_sha256"
START = "0" * 64
"""What the first line has for a predecessor."""


class BrokenChainError(Exception):
    """A chain does not hold; ``number`` is the line (from 1) at which it shows."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"line {number}: {what}")
        self.number = number


@dataclass(slots=True)
class Chain:
    """A chain so far: how many ``lines`` it has, and the SHA-256 (hexadecimal) of the last one."""

    lines: int = 0
    head: str = START

    def add(self, record: Mapping[str, Any]) -> bytes:
        """The next line, with its line feed: the record behind its number and the hash of the line before."""
        linked = {NUMBER: self.lines + 1, PREVIOUS: self.head, **record}
        line = orjson.dumps(linked, default=str)
        self._take(line)
        return line + b"\n"

    def _take(self, line: bytes) -> None:
        self.lines += 1
        self.head = hashlib.sha256(line).hexdigest()


def follow(lines: Iterable[bytes]) -> Chain:
    """Go along the lines of a file and return the chain that they are. The hash of a line leaves out its line feed.

    Raises:
        BrokenChainError: a line is not the one that was written there.
    """
    chain = Chain()
    for raw in lines:
        number = chain.lines + 1
        line = raw.removesuffix(b"\n")
        if line == raw:
            raise BrokenChainError(number, "does not end with a line feed, so it was cut off")
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise BrokenChainError(number, "is not JSON") from None
        if not isinstance(record, dict) or record.get(NUMBER) != number:
            raise BrokenChainError(number, "has another number, so a line was removed, added or moved")
        if record.get(PREVIOUS) != chain.head:
            raise BrokenChainError(number, "does not follow from the line before it, so one of the two was changed")
        chain._take(line)  # noqa: SLF001 (this module's own)
    return chain
