"""The snapshot itself, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.facts import TypeCount
from ktcheck.rules import Examination, Problem
from tests.building import say

CLEAN = Examination(scope="Task")


def count(**differently: Any) -> TypeCount:
    fine: dict[str, Any] = {
        "type": "Task",
        "distinct": 7,
        "total": 7,
        "changed": False,
        "rights": "all",
        "supported": True,
    }
    return TypeCount(**{**fine, **differently})


def found(problem: Problem) -> Examination:
    return Examination(scope="Task", problems=(problem,))


def _rights(rights: str, dutch: str, english: str) -> Examination:
    words = {"type": "Task", "rights_nl": dutch, "rights_en": english}
    return found(Problem(path="Task", actual=rights, words=words))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(count(supported=False), None, id="the service does not have the type"),
        pytest.param(count(supported=False, rights="none"), None, id="not there and not to be read"),
        pytest.param(count(), CLEAN, id="everything may be read"),
        pytest.param(
            count(rights="narrowed"),
            _rights("narrowed", "beperkt tot bepaalde bronapplicaties", "narrowed to certain source applications"),
            id="only of some applications",
        ),
        pytest.param(count(rights="none"), _rights("none", "geen leesrecht", "no read permission"), id="nothing"),
        pytest.param(
            count(rights="unknown"),
            _rights("unknown", "niet bekend wat mag worden gelezen", "not known what may be read"),
            id="a snapshot without a manifest",
        ),
    ],
)
def test_rights(fact: TypeCount, outcome: Examination | None) -> None:
    assert say("snapshot.rights", fact) == outcome


def _counted(distinct: int, total: int | None, told: int | str) -> Examination:
    words = {"type": "Task", "distinct": distinct, "total": told}
    return found(Problem(path="Task", expected=total, actual=distinct, words=words))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(count(supported=False, total=9), None, id="the service does not have the type"),
        pytest.param(count(rights="none", distinct=0, total=None), None, id="nothing may be read"),
        pytest.param(count(), CLEAN, id="as many as the server says"),
        pytest.param(count(rights="narrowed"), CLEAN, id="as many as the server lets us see"),
        pytest.param(count(distinct=0, total=0), CLEAN, id="none, as the server says"),
        pytest.param(count(distinct=6), _counted(6, 7, 7), id="fewer"),
        pytest.param(count(distinct=8), _counted(8, 7, 7), id="more"),
        pytest.param(count(total=None), _counted(7, None, "?"), id="the server did not say"),
        pytest.param(count(distinct=0, total=None), _counted(0, None, "?"), id="none, and the server did not say"),
    ],
)
def test_counted(fact: TypeCount, outcome: Examination | None) -> None:
    assert say("snapshot.counted", fact) == outcome


def _changed(changed: bool | None, dutch: str, english: str) -> Examination:
    words = {"type": "Task", "changed_nl": dutch, "changed_en": english}
    return found(Problem(path="Task", actual=changed, words=words))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(count(supported=False, changed=None), None, id="the service does not have the type"),
        pytest.param(count(rights="none", changed=None), None, id="nothing may be read"),
        pytest.param(count(), CLEAN, id="did not change"),
        pytest.param(count(changed=True), _changed(True, "veranderde", "changed"), id="changed"),
        pytest.param(
            count(changed=None),
            _changed(
                None,
                "kan zijn veranderd (de momentopname zegt het niet)",
                "may have changed (the snapshot does not say)",
            ),
            id="nobody can know",
        ),
    ],
)
def test_unchanged(fact: TypeCount, outcome: Examination | None) -> None:
    assert say("snapshot.unchanged", fact) == outcome
