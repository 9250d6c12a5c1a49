"""What the report says of launches."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import orjson

from ktcheck.launch.facts import Attempt, Launch, LaunchFact, LoggedEvent, Login, Step
from ktcheck.launch.telling import chain, row
from ktcheck.suite import PROFILES

ATTEMPT = Attempt(
    id="L1", plays="portal", application="Rustwijzer", user_type="Patient", person="Patient/p", task="Task/t"
)
STEP = Step(name="launch", actor="portal", start_ms=0, milliseconds=12, status=302, ok=True)
LAUNCH = Launch(attempt=ATTEMPT, login="form", steps=(STEP,), milliseconds=40)
LOGIN = Login(attempt=ATTEMPT, kind="form", logged_in=True, agreed="https://idp.example", seen="https://idp.example")
LOGGED = LoggedEvent(attempt=ATTEMPT, kind="login", events=1, traced=True, about_other=False, outcome="0", waited=0.1)


def of(number: int, *facts: Launch | Login | LoggedEvent) -> list[LaunchFact]:
    attempt = replace(ATTEMPT, id=f"L{number}", person=f"Patient/{number}")
    return [replace(fact, attempt=attempt) for fact in facts]


def shown(facts: list[LaunchFact]) -> list[bool | None]:
    found = chain(facts)
    assert found
    return [link["shown"] for link in found["links"]]


def test_a_launch_is_told_with_its_steps() -> None:
    told = row(LAUNCH)
    assert told["outcome"] == "launched"
    assert told["steps"] == [
        {"name": "launch", "actor": "portal", "start_ms": 0, "milliseconds": 12, "status": 302, "ok": True}
    ]
    assert row(replace(LAUNCH, broken="page"))["outcome"] == "failed"
    schema = orjson.loads((PROFILES / "report.schema.json").read_bytes())["properties"]
    jsonschema.validate(told, schema["launches"]["items"])
    jsonschema.validate(chain([LAUNCH, LOGIN, LOGGED]), schema["chain"])


def test_a_chain_is_whole_when_every_link_is_shown() -> None:
    assert shown([LAUNCH, LOGIN, LOGGED]) == [True] * 8


def test_a_link_that_was_not_looked_at_is_neither_shown_nor_not() -> None:
    assert shown([replace(LAUNCH, account=None)]) == [True, True, True, None, None, True, True, None]
    assert shown([LAUNCH, LOGIN, replace(LOGGED, traced=False)])[-1] is False
    assert shown([replace(LAUNCH, person_migrated=False), LOGIN, LOGGED])[:2] == [False, False]


def test_the_first_whole_chain_is_told_or_else_the_best() -> None:
    broken = of(1, replace(LAUNCH, broken="login"), replace(LOGIN, logged_in=False))
    found = chain([*broken, *of(2, LAUNCH, LOGIN, LOGGED), *of(3, LAUNCH, LOGIN, LOGGED)])
    assert found
    assert found["person"] == "Patient/2"
    best = chain([*broken, *of(2, LAUNCH, LOGIN)])
    assert best
    assert best["person"] == "Patient/2"


def test_without_a_launch_there_is_no_chain() -> None:
    assert chain([]) is None
