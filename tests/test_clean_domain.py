"""A correctly migrated domain gives no finding, whatever its size, and every rule examined something.

Large ones take minutes, so they are smaller here; ``KTCHECK_ALL_SEEDS=1`` does 1,000 and 20,000 patients for all seeds.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ktcheck.sandbox.generate import PracticeDomain
from tests.practice import ONLY_WITH_A_FAULT, all_findings, assess_offline, examined, needs_a_server, write_domain

SEEDS = (1, 2, 3, 5, 8)
ALL = bool(os.environ.get("KTCHECK_ALL_SEEDS"))
DOMAINS = [
    *(pytest.param(20_000 if ALL else 2_000, seed, marks=pytest.mark.slow) for seed in (SEEDS if ALL else SEEDS[:1])),
    *((size, seed) for size in (1_000 if ALL else 200, 10) for seed in SEEDS),
]


@pytest.mark.parametrize(("size", "seed"), DOMAINS)
def test_no_finding(size: int, seed: int, tmp_path: Path) -> None:
    prepared = assess_offline(write_domain(PracticeDomain(seed, size), tmp_path), tmp_path)
    found = all_findings(prepared)
    assert {rule: findings[0].message_en for rule, findings in found.items()} == {}
    idle = {rule for rule, number in examined(prepared).items() if not number and not needs_a_server(rule)}
    assert idle == ONLY_WITH_A_FAULT | {"opinion.agrees"}  # nobody to ask offline
    rows = {row["source_type"]: row for row in prepared.counting.rows()}
    assert rows["Patient"]["source"] == rows["Patient"]["migrated"] == size
    assert all(row["missing"] == row["duplicate"] == row["unexpected"] == 0 for row in rows.values())
    assert all(row["source"] == row["expected"] + row["not_migrated"] for row in rows.values())
    assert rows["CarePlan"]["not_migrated"] == rows["CarePlan"]["source"] > 0
    prepared.assessment.close()
