"""The comparison over whole practice domains, while nobody agreed on anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.sandbox.generate import PracticeDomain
from tests.practice import all_findings, assess_offline, examined, write_domain


@pytest.mark.parametrize(("seed", "size"), [(1, 5), (2, 12), (3, 25)])
def test_a_migration_by_the_proposals_is_silent_without_agreements(seed: int, size: int, tmp_path: Path) -> None:
    prepared = assess_offline(write_domain(PracticeDomain(seed, size), tmp_path, agreements={}), tmp_path)
    assert not {rule for rule in all_findings(prepared) if rule.startswith("content.")}
    looked_at = {rule: number for rule, number in examined(prepared).items() if rule.startswith("content.")}
    assert looked_at
    assert all(looked_at.values())
    prepared.assessment.close()
