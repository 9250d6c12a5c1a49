"""What is logged of a launch, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.building import say
from tests.rules.launches import CLEAN, OF_APPLICATION, PERSON, TASK, logged

CASES = [
    pytest.param({}, [], id="logged"),
    pytest.param({"events": 3}, [], id="logged several times"),
    pytest.param({"traced": False}, [], id="logged without the trace id"),
    pytest.param({"events": 0, "traced": False, "outcome": None}, ["nothing of it is logged after 2 s"], id="nothing"),
    pytest.param({"outcome": "8"}, ["the outcome is not good (0)"], id="as if it failed"),
    pytest.param({"outcome": None}, ["the outcome is not good (0)"], id="without an outcome"),
]


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_login(changes: dict[str, Any], told: list[str]) -> None:
    outcome = say("logging.login", logged("login", **changes))
    assert outcome is not None
    assert [(problem.resource, problem.words["what_en"]) for problem in outcome.problems] == [
        (PERSON, it) for it in told
    ]
    assert say("logging.launched", logged("login", **changes)) is None


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_launched(changes: dict[str, Any], told: list[str]) -> None:
    outcome = say("logging.launched", logged("launched", **changes))
    assert outcome is not None
    assert [(problem.resource, problem.words["what_en"]) for problem in outcome.problems] == [(TASK, it) for it in told]
    assert say("logging.login", logged("launched", **changes)) is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("login", "with this trace id something is logged about somebody else"),
        ("launched", "with this trace id something is logged about something else"),
    ],
)
def test_about_another(kind: str, told: str) -> None:
    outcome = say(f"logging.{kind}", logged(kind, about_other=True))
    assert outcome is not None
    assert [problem.words["what_en"] for problem in outcome.problems] == [told]


@pytest.mark.parametrize("kind", ["login", "launched"])
def test_trace(kind: str) -> None:
    assert say("logging.trace", logged(kind)) == (CLEAN if kind == "login" else OF_APPLICATION)
    assert say("logging.trace", logged(kind, events=0, traced=False)) is None
    outcome = say("logging.trace", logged(kind, traced=False))
    assert outcome is not None
    assert [problem.words["kind_en"] for problem in outcome.problems] == [
        {"login": "User Authentication", "launched": "Launched"}[kind]
    ]
