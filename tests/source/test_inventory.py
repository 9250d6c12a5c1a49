"""The inventory file: its schema, its order, and what a damaged one says."""

from __future__ import annotations

import copy
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ktcheck.errors import InputError, RunError
from ktcheck.source.interpret import interpret
from ktcheck.source.inventory import Inventory, build
from ktcheck.source.messages import RawMessage, messages_in
from ktcheck.source.store import Store
from tests.source.kt1 import (
    EXAMPLES,
    V1,
    V2,
    acknowledgement,
    activity,
    bundle,
    entry,
    extension,
    inventory,
    link,
    message,
    other,
    patient,
    plan,
    raw,
    reference,
    status,
)

SCHEMA = orjson.loads((Path(__file__).parents[2] / "profiles" / "inventory.schema.json").read_bytes())
PATIENT = link("Patient", 1)
PLAN = link("CarePlan", 1)


def odd_files() -> list[RawMessage]:
    """One message of every kind that the reader has to decide about."""
    team = entry(link("CareTeam", 1), other("CareTeam"))
    part = extension("CarePlan#SubActivity", [extension("CarePlan#SubActivityIdentifier", "les-1")])
    member = {
        "member": reference(link("Practitioner", 1)),
        "extension": [extension("CarePlan#CareTeam", reference(link("CareTeam", 1)), "Resource")],
    }
    versioned = {"patient": reference(PATIENT), "participant": [member]}
    report = status("k", "Completed")
    return [
        message(entry(PATIENT, patient("Vos"), V1), received=True, name="1", identifier="m-1"),
        message(entry(PATIENT, patient("Vos"), V1), received=True, name="2", identifier="m-1"),
        message(entry(PATIENT, patient("Haas"), V1), name="3", identifier="m-3"),
        message(entry(PATIENT, patient("Das")), name="4", identifier="m-4"),
        message(entry(PATIENT, patient("Ree")), name="5", identifier="m-5"),
        message(entry(PLAN, plan(activity("k", None, part), **versioned)), team, name="6", identifier="m-6"),
        message(entry(PLAN, plan(activity("k"), activity("k"), **versioned), V2), team, name="7", identifier="m-7"),
        message(entry(link("CarePlanActivityStatus", 1), report, V1), received=True, name="8", identifier="m-8"),
        message(entry(link("CarePlanActivityStatus", 2), report), name="9", identifier="m-9"),
        acknowledgement("m-3", f"{PATIENT}/_history/{V2}"),
        acknowledgement("m-9", code="fatal-error"),
        raw(bundle(entry(link("Other", "ActivityDefinition:3"), other("ActivityDefinition"), V1), domain=None), "10"),
        message({"id": "urn:uuid:1", "content": patient("Mol")}, focal=[], name="11", identifier="m-11"),
        RawMessage("12.xml", b"<feed"),
        raw(bundle(domain=None), "13"),
    ]


def examples() -> Iterator[RawMessage]:
    return messages_in([EXAMPLES])


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_every_line_fits_the_schema(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    found = build([*examples(), *odd_files()], tmp_path / "i.ndjson")
    for line in lines(found.path):
        assert validator.is_valid(line), line["kind"]
    kinds = [line["kind"] for line in lines(found.path)]
    assert kinds == sorted(kinds, key=["summary", "reject", "record"].index)
    assert set(kinds) == {"summary", "reject", "record"}
    record = lines(found.path)[-1]
    for broken in (
        {**record, "extra": 1},
        {**record, "type": "Encounter"},
        {**record, "kind": "nope"},
        {**record, "key": ""},
    ):
        assert not validator.is_valid(broken)


def test_the_file_reads_back_as_it_was_built(tmp_path: Path) -> None:
    built = inventory(tmp_path, *odd_files())
    opened = Inventory.open(built.path)
    assert opened == built
    found = list(opened.records())
    assert [(record.type, record.key) for record in found] == sorted((record.type, record.key) for record in found)
    assert len(found) == sum(opened.counts.resources.values())
    assert all(isinstance(links, tuple) for record in found for links in record.references.values())
    assert opened.rejects[0].file == "11"


def test_the_file_is_for_its_owner_only_and_replaces_another(tmp_path: Path) -> None:
    out = tmp_path / "inventory.ndjson"
    out.write_text("old")
    inventory(tmp_path, *odd_files())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.ndjson"]


def test_no_messages_give_an_empty_inventory(tmp_path: Path) -> None:
    found = inventory(tmp_path)
    assert (found.counts.files, list(found.records()), found.rejects) == (0, [], ())


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(15)))
def test_the_order_of_the_messages_does_not_matter(order: list[int], tmp_path: Path) -> None:
    files = odd_files()
    for number, file in enumerate(files):
        files[number] = RawMessage(f"{number:02}", file.data)
    expected = build(files, tmp_path / "expected").path.read_bytes()
    assert build([files[place] for place in order], tmp_path / "shuffled").path.read_bytes() == expected


def test_a_failure_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[RawMessage]:
        yield odd_files()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(broken(), tmp_path / "i.ndjson")
    with pytest.raises(InputError, match="cannot be written"):
        build(odd_files(), tmp_path / "no" / "such" / "i.ndjson")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left"):
        build(odd_files(), tmp_path / "i.ndjson")
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Store) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Store, "decide", full)
    with pytest.raises(RunError, match="room for temporary files"):
        build(odd_files(), tmp_path / "i.ndjson")


def damaged(folder: Path, number: int, line: bytes | None) -> Path:
    """An inventory in which one line is replaced, or left out with all that follow."""
    found = inventory(folder, *odd_files()).path
    text = found.read_bytes().splitlines(keepends=True)
    found.write_bytes(b"".join([*text[: number - 1], *([] if line is None else [line + b"\n", *text[number:]])]))
    return found


@pytest.mark.parametrize(
    ("number", "line", "says"),
    [
        (1, b"", "line 1 is no valid JSON"),
        (1, None, "the file is empty"),
        (1, b"[]", "line 1 is no line of an inventory"),
        (1, b'{"kind":"record"}', "line 1 is no line of an inventory"),
        (1, b'{"kind":"summary","format":2}', "line 1 has a format"),
        (1, b'{"kind":"summary","format":1}', "line 1 has no object 'resources'"),
        (
            1,
            b'{"kind":"summary","format":1,"resources":{},"domains":{},"x":1}',
            "line 1 has members missing or too many",
        ),
        (2, b'{"kind":"reject","file":"x"}', "line 2 has members missing"),
        (2, b'{"kind":"summary"}', "line 2 is no line of an inventory"),
        (2, b'{"kind":"note"}', "line 2 is no line of an inventory"),
        (5, b'{"kind":"record"', "line 5 is no valid JSON"),
        (5, b'{"kind":"record"}', "line 5 has no object 'references'"),
        (5, b'{"kind":"record","references":{}}', "line 5 has members missing"),
        (6, b'{"kind":"reject","file":"","place":"","reason_nl":"","reason_en":""}', "line 6 is a 'reject'"),
        (6, None, "it holds"),
    ],
)
def test_a_damaged_inventory_names_the_line(number: int, line: bytes | None, says: str, tmp_path: Path) -> None:
    path = damaged(tmp_path, number, line)
    with pytest.raises(InputError) as caught:
        list(Inventory.open(path).records())
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "ktcheck inventory" in str(caught.value)


def test_an_inventory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Inventory.open(tmp_path / "nope")


def places(value: Any, found: list[tuple[Any, Any]] | None = None) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    found = [] if found is None else found
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(items):
        found.append((value, key))
        places(item, found)
    return found


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", PATIENT, "CareTeam"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["reference", "code", "coding", "id", "url", "valueString", "extension"]), inner
        )
    ),
    max_leaves=6,
)


@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_value_anywhere_is_read_or_rejected(data: st.DataObject, tmp_path: Path) -> None:
    names = [path.name for path in sorted(EXAMPLES.glob("*.json"))]
    content = orjson.loads((EXAMPLES / data.draw(st.sampled_from(names))).read_bytes())
    content = copy.deepcopy(content)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(content)))
        container[key] = data.draw(ANYTHING)
    found = inventory(tmp_path, raw(content, "x.json"))
    assert found.counts.files == 1
    validator = Draft202012Validator(SCHEMA)
    assert all(validator.is_valid(line) for line in lines(found.path))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    data=st.binary(max_size=300)
    | st.binary(max_size=300).map(lambda tail: b"<feed>" + tail)
    | st.binary(max_size=300).map(lambda tail: b'{"' + tail)
)
def test_any_bytes_are_rejected_with_a_reason(data: bytes) -> None:
    found = interpret(RawMessage("x", data))
    assert found.kind in {"rejected", "empty"}
    assert all(reject.reason_nl and reject.place for reject in found.rejects)
