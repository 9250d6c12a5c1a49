"""Files and folders: nothing is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ktcheck.errors import InputError
from ktcheck.source.inventory import build
from ktcheck.source.messages import messages_in
from tests.source.kt1 import EXAMPLES


def test_files_and_folders_sorted_and_nested(tmp_path: Path) -> None:
    top = tmp_path / "export"
    for name in ("b/2.json", "b/1.json", "a.xml", "c.json", "b/deep/er/x"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(name.encode())
    names = [raw.name for raw in messages_in([top, top / "c.json"])]
    assert names == [
        "export/a.xml",
        "export/b/1.json",
        "export/b/2.json",
        "export/b/deep/er/x",
        "export/c.json",
        "c.json",
    ]
    assert next(messages_in([top])).data == b"a.xml"


def test_names_do_not_tell_where_the_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_bytes(b"{}")
    monkeypatch.chdir(tmp_path)
    assert [raw.name for raw in messages_in([Path()])] == [f"{tmp_path.name}/x.json"]


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        list(messages_in([EXAMPLES, tmp_path / "nope"]))


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "large.xml").write_bytes(b"<" * 101)
    (tmp_path / "fits.xml").write_bytes(b"<" * 100)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    found = {raw.name.partition("/")[2]: raw for raw in messages_in([tmp_path], max_bytes=100)}
    assert found["fits.xml"].problem is None
    for name, reason in {
        "large.xml": "larger than 100",
        "pipe": "regular",
        "loop": "folder above",
        "gone": "regular",
    }.items():
        problem = found[name].problem
        assert problem is not None
        assert reason in problem.reason_en
        assert found[name].data == b""


def test_a_folder_with_anything_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for source in EXAMPLES.iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / ".DS_Store").write_bytes(b"\0\1")
    (folder / "README.md").write_text("# lees mij")
    (folder / "leeg.xml").touch()
    done: list[int] = []
    inventory = build(messages_in([folder]), tmp_path / "out.ndjson", progress=done.append)
    assert done == list(range(1, 20))
    assert inventory.counts.rejected == 3
    assert [reject.file for reject in inventory.rejects] == ["mixed/.DS_Store", "mixed/README.md", "mixed/leeg.xml"]
