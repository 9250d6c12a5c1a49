from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.snapshot.lines import ResourceLines


def of(name: str, version: object = None, updated: object = None) -> dict[str, Any]:
    meta = {"versionId": version, "lastUpdated": updated}
    return {"resourceType": "Task", "id": name, "meta": {key: value for key, value in meta.items() if value}}


def kept(path: Path, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    path.unlink(missing_ok=True)
    with ResourceLines(path) as lines:
        for resource in resources:
            lines.add(resource)
        lines.finish()
    assert lines.entries == len(resources)
    assert lines.distinct == len({resource["id"] for resource in resources})
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (of("a", "9"), of("a", "10")),
        (of("a", "x", "2026-01-01T10:00:00+01:00"), of("a", "b", "2026-01-01T09:30:00Z")),
        (of("a", None, "2026-01-01T09:00:00Z"), of("a", None, "2026-01-01T09:00:00.5Z")),
        (of("a", "9", "2026-01-02T00:00:00Z"), of("a", "10", "2026-01-01T00:00:00Z")),
    ],
)
def test_the_newest_version_stays_in_whatever_order_they_come(
    tmp_path: Path, older: dict[str, Any], newer: dict[str, Any]
) -> None:
    path = tmp_path / "Task.ndjson"
    assert kept(path, [older, of("b"), newer]) == [of("b"), newer]
    assert kept(path, [newer, of("b"), older]) == [newer, of("b")]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["Task.ndjson"]


def test_without_anything_to_compare_the_last_stays(tmp_path: Path) -> None:
    assert kept(tmp_path / "Task.ndjson", [of("a", "x"), of("a", "y", "nonsense")]) == [of("a", "y", "nonsense")]


def test_an_exact_repeat_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "Task.ndjson"
    with ResourceLines(path) as lines:
        assert [lines.add(of("a", "1")), lines.add(of("a", "1")), lines.add({"id": "c"})] == [True, False, True]
        assert lines.add({"id": "c"}) is False
        assert lines.superseded is False


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 30)), max_size=40))
def test_any_order_leaves_each_id_once_in_its_highest_version(
    tmp_path_factory: pytest.TempPathFactory, seen: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "Task.ndjson"
    found = kept(path, [of(str(name), str(version)) for name, version in seen])
    highest: dict[int, int] = {}
    for name, version in seen:
        highest[name] = max(version, highest.get(name, 0))
    assert {int(item["id"]): int(item["meta"]["versionId"]) for item in found} == highest
    assert len(found) == len(highest)
