"""Evidence as a hash chain: whatever is done to a line is found, and said at which line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.chain import START, BrokenChainError, Chain, follow
from ktcheck.output import RunWriter
from ktcheck.privacy import REMOVED, Redactor

RECORDS = st.lists(
    st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=9), max_size=3), min_size=1
)


def written(records: list[dict[str, Any]]) -> tuple[Chain, list[bytes]]:
    chain = Chain()
    return chain, [chain.add(record) for record in records]


def test_each_line_carries_its_number_and_the_hash_of_the_line_before() -> None:
    chain, lines = written([{"a": 1}, {"a": 2}])
    first, second = map(orjson.loads, lines)
    assert first == {"line": 1, "previous_sha256": START, "a": 1}
    assert second == {"line": 2, "previous_sha256": hashlib.sha256(lines[0].rstrip(b"\n")).hexdigest(), "a": 2}
    assert chain == Chain(2, hashlib.sha256(lines[1].rstrip(b"\n")).hexdigest())


@given(RECORDS)
def test_what_was_written_holds(records: list[dict[str, Any]]) -> None:
    chain, lines = written([{f"x{name}": value for name, value in record.items()} for record in records])
    assert follow(lines) == chain
    assert follow([]) == Chain()


@given(st.data())
def test_a_changed_byte_breaks_the_chain_or_moves_its_head(data: st.DataObject) -> None:
    chain, lines = written([{"path": "/Patient", "n": number} for number in range(4)])
    text = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    assert _outcome(bytes(text)) != chain


def _outcome(text: bytes) -> Chain | int:
    """The chain, or the line at which it breaks."""
    try:
        return follow(text.splitlines(keepends=True))
    except BrokenChainError as error:
        return error.number


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: lines[:1] + lines[2:], 2),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], 2),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3),
        (lambda lines: [lines[0].replace(b'"n":0', b'"n":7'), *lines[1:]], 2),
        (lambda lines: [*lines[:3], lines[3][:-1]], 4),
        (lambda lines: [*lines[:3], b"{\n"], 4),
        (lambda lines: [*lines[:3], b"[]\n"], 4),
    ],
    ids=["first removed", "one removed", "two swapped", "one twice", "one changed", "cut off", "no JSON", "no object"],
)
def test_the_line_is_named(change: Any, line: int) -> None:
    lines = written([{"n": number} for number in range(4)])[1]
    with pytest.raises(BrokenChainError, match=f"line {line}: "):
        follow(change(lines))


def test_the_end_that_was_cut_off_is_not_the_head() -> None:
    chain, lines = written([{"n": number} for number in range(4)])
    assert follow(lines[:3]) != chain


def test_a_run_writes_its_evidence_as_chains(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.register("geheim-token")
    with RunWriter(tmp_path / "run", redactor) as writer:
        for number in range(3):
            writer.append_line("evidence/exchanges.ndjson", {"n": number, "t": "geheim-token"})
            writer.append_line("evidence/launch.ndjson", {"n": number})
            writer.append_line("findings.ndjson", {"n": number})
        heads = writer.evidence()
        run = writer.commit()
    assert [(row["file"], row["lines"]) for row in heads] == [
        ("evidence/exchanges.ndjson", 3),
        ("evidence/launch.ndjson", 3),
    ]
    for row in heads:
        with (run / row["file"]).open("rb") as lines:
            assert follow(lines) == Chain(row["lines"], row["head"])
    assert orjson.loads((run / "evidence" / "exchanges.ndjson").read_bytes().splitlines()[2])["t"] == REMOVED
    assert (run / "findings.ndjson").read_bytes().splitlines()[0] == b'{"n":0}'
