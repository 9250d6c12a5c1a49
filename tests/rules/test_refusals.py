"""What has to be refused, rule by rule: each is made of a row of the table, and says the same of the same fact."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck import tables
from ktcheck.launch.facts import Refusal
from ktcheck.rules import Examination, Problem, registered
from tests.building import say

CLEAN = Examination(scope="Weigering")
NOT_BEFORE = "hetzelfde zonder de fout werkte er vlak voor niet, dus is niet te zien waarom dit werd geweigerd"
NOT_AFTER = "hetzelfde zonder de fout werkte er vlak na niet meer, dus is niet te zien waarom dit werd geweigerd"


def accepted(answer: str | None = None) -> Examination:
    told = (f" (antwoord: {answer})", f" (answer: {answer})") if answer else ("", "")
    words = {"answer_nl": told[0], "answer_en": told[1]}
    return Examination(scope="Weigering", problems=(Problem(actual=answer, words=words),))


def not_shown(gap: str) -> Examination:
    return Examination(scope="Weigering", examined=0, gap=gap)


@pytest.mark.parametrize("name", tables.refusals())
@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        pytest.param({}, CLEAN, id="refused"),
        pytest.param({"answer": "400 invalid_request"}, CLEAN, id="refused with an answer"),
        pytest.param({"accepted": True}, accepted(), id="accepted"),
        pytest.param({"accepted": True, "answer": "200"}, accepted("200"), id="accepted with an answer"),
        pytest.param({"accepted": True, "good_after": False}, accepted(), id="accepted and then nothing works"),
        pytest.param({"good_before": False}, not_shown(NOT_BEFORE), id="the good one did not work before"),
        pytest.param(
            {"good_before": False, "answer": "login 500"},
            not_shown(NOT_BEFORE.replace(" niet, dus", " niet (login 500), dus")),
            id="the good one did not work before, and what came",
        ),
        pytest.param({"good_after": False}, not_shown(NOT_AFTER), id="the good one did not work after"),
        pytest.param({"good_before": False, "good_after": False}, not_shown(NOT_BEFORE), id="nothing works"),
        pytest.param({"gap": "er is geen tweede client"}, not_shown("er is geen tweede client"), id="not tried"),
        pytest.param({"gap": "a", "good_before": False}, not_shown("a"), id="not tried, nothing works"),
    ],
)
def test_refusal(name: str, seen: dict[str, Any], outcome: Examination) -> None:
    assert say(f"refusals.{name}", Refusal(name=name, **seen)) == outcome


@pytest.mark.parametrize("name", tables.refusals())
def test_a_rule_is_about_its_own_refusal_only(name: str) -> None:
    others = [other for other in tables.refusals() if other != name]
    assert [say(f"refusals.{name}", Refusal(name=other, accepted=True)) for other in others] == [None] * len(others)


def test_every_row_has_a_rule_and_every_rule_a_row() -> None:
    assert [name for name in registered() if name.startswith("refusals.")] == [
        f"refusals.{name}" for name in tables.refusals()
    ]


@pytest.mark.parametrize("thing", tables.refusals().values(), ids=tables.refusals())
def test_texts_are_made_of_the_row(thing: tables.RefusedThing) -> None:
    text = tables.rules()[f"refusals.{thing.name}"]
    assert text.severity is thing.severity
    assert text.requirements == thing.requirements
    assert text.texts["title_nl"] == f"Geweigerd: {thing.what_nl}"
    assert text.texts["why_en"] == thing.because_en
    answer = {"answer_nl": " (antwoord: 200)", "answer_en": " (answer: 200)"}
    assert text.message("nl", answer) == f"De voorziening aanvaardt {thing.what_nl} (antwoord: 200)"
    assert text.message("en", answer) == f"The provision accepts {thing.what_en} (answer: 200)"
