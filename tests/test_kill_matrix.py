"""Every rule catches something, and every defect is caught by the rule that is meant for it and by no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck import tables
from ktcheck.sandbox.defects import DEFECTS
from tests.kill_matrix import CONSEQUENCES, DOCUMENT, caught, document, in_order, row


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


def test_the_clean_domain_gives_no_finding(tmp_path: Path) -> None:
    assert caught(None, tmp_path) == {}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_caught_by_the_rule_meant_for_it_and_by_no_other(
    name: str, tmp_path: Path, lines: list[str]
) -> None:
    found = caught(name, tmp_path)
    assert DEFECTS[name].caught_by in found
    assert set(found) - {DEFECTS[name].caught_by} - CONSEQUENCES.get(name, set()) == set()
    assert row(name, found) in lines, "write the document again: python -m tests.kill_matrix"


def test_every_rule_catches_at_least_one_defect() -> None:
    assert {defect.caught_by for defect in DEFECTS.values()} == set(tables.rules())


def test_every_consequence_is_of_a_defect() -> None:
    assert CONSEQUENCES.keys() - DEFECTS.keys() == set()


def test_the_document_has_a_line_for_every_defect_and_no_other(lines: list[str]) -> None:
    rows = [line for line in lines if line.startswith("| `")]
    assert [line.split("`")[3] for line in rows] == list(in_order())
    assert "\n".join([*lines, ""]) == document(rows)
