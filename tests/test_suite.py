"""The baseline: a hash of what decides what is tested, and of nothing else."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest

from ktcheck import suite

PACKAGE = Path(suite.__file__).parent
PARTS = ("features", "steps", "fixtures", "profiles", "conftest.py")
_JUNK = shutil.ignore_patterns("__pycache__", "_suite")


def copy(folder: Path, parts: Path) -> Path:
    """The package in ``folder`` and the other parts of the suite in ``parts``."""
    shutil.copytree(PACKAGE, folder / "ktcheck", ignore=_JUNK)
    for name in PARTS:
        if (suite.ROOT / name).is_dir():
            shutil.copytree(suite.ROOT / name, parts / name, ignore=_JUNK)
        else:
            shutil.copy(suite.ROOT / name, parts / name)
    return folder


def baseline(folder: Path) -> str:
    """The baseline as a suite in ``folder`` works it out for itself."""
    return str(runpy.run_path(str(folder / "ktcheck" / "suite.py"))["baseline"]())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of the suite in another place."""
    return copy(tmp_path, tmp_path)


def test_it_is_the_same_in_another_place(tree: Path) -> None:
    assert baseline(tree) == suite.baseline()
    assert len(suite.baseline()) == 64


def test_an_installed_suite_has_the_baseline_of_its_checkout(tmp_path: Path) -> None:
    assert baseline(copy(tmp_path, tmp_path / "ktcheck" / "_suite")) == suite.baseline()


@pytest.mark.parametrize(
    "name",
    [
        "features/uitvoeren/volledigheid.feature",
        "profiles/migration.yaml",
        "profiles/rules/completeness.yaml",
        "profiles/report.schema.json",
        "ktcheck/rules/completeness.py",
        "ktcheck/index.py",
        "steps/volledigheid.py",
        "fixtures/run.py",
        "conftest.py",
    ],
)
def test_it_changes_with_everything_that_decides_what_is_tested(tree: Path, name: str) -> None:
    before = baseline(tree)
    file = tree / name
    content = file.read_bytes()
    file.write_bytes(content + b"# ")
    assert baseline(tree) != before
    file.write_bytes(content)
    assert baseline(tree) == before
    file.rename(file.with_name(f"other-{file.name}"))
    assert baseline(tree) != before


def test_it_changes_with_a_feature_more_and_with_a_rule_less(tree: Path) -> None:
    before = baseline(tree)
    (tree / "features" / "nieuw.feature").write_text("# language: nl\n", encoding="utf-8")
    with_more = baseline(tree)
    (tree / "ktcheck" / "rules" / "source.py").unlink()
    assert len({before, with_more, baseline(tree)}) == 3


def test_content_cannot_move_from_one_file_to_the_next_unnoticed(tree: Path) -> None:
    one, two = tree / "features" / "1.feature", tree / "features" / "2.feature"
    one.write_text("ab", encoding="utf-8")
    two.write_text("c", encoding="utf-8")
    before = baseline(tree)
    one.write_text("a", encoding="utf-8")
    two.write_text("bc", encoding="utf-8")
    assert baseline(tree) != before


def test_line_endings_and_what_python_leaves_behind_do_not_count(tree: Path) -> None:
    before = baseline(tree)
    for file in (tree / "features").rglob("*.feature"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    (tree / "steps" / "__pycache__").mkdir()
    (tree / "steps" / "__pycache__" / "bron.cpython-313.pyc").write_bytes(b"\0")
    assert baseline(tree) == before


def test_what_is_not_part_of_the_suite_does_not_count(tree: Path) -> None:
    before = baseline(tree)
    for name in ("README.md", "tests/test_x.py", "reports/a/report.json", "docs/x.md"):
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text", encoding="utf-8")
    assert baseline(tree) == before


def test_the_suite_knows_its_own_places() -> None:
    assert (suite.FEATURES / "test_scenarios.py").is_file()
    assert (suite.PROFILES / "rules").is_dir()
