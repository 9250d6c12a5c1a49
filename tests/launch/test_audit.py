"""Looking up what was logged: when it comes late, when a server cannot search for a trace or answers rubbish."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ktcheck.domain import Client
from ktcheck.launch.audit import Found, Log, Wanted, last_of_each
from ktcheck.launch.facts import Attempt
from ktcheck.smart import keys
from tests.launch.site import Answer, Asked, site

Json = dict[str, Any]

TRACE = "http://koppeltaal.nl/fhir/StructureDefinition/trace-id"
PERSON, TASK = "Patient/p1", "Task/t1"
JSON = (("Content-Type", "application/json"),)
ATTEMPT = Attempt(id="L1", plays="portal", application="Rustwijzer", user_type="Patient", person=PERSON, task=TASK)
LOGIN = Wanted(attempt=ATTEMPT, kind="login", trace="jti-1", since=datetime(2026, 1, 1, tzinfo=UTC), about=PERSON)
LAUNCHED = replace(LOGIN, kind="launched", about=TASK)


def event(about: str = PERSON, code: str = "110114", role: str = "110150", trace: str | None = "jti-1") -> Json:
    return {
        "resourceType": "AuditEvent",
        "id": f"{code}-{role}-{trace}",
        "extension": [{"url": TRACE, "valueId": trace}] if trace else [],
        "type": {"code": code},
        "recorded": "2026-01-01T00:00:00Z",
        "outcome": "0",
        "agent": [{"type": {"coding": [{"code": role}]}}],
        "entity": [{"what": {"reference": f"{about}/_history/1"}}],
    }


@dataclass
class Logs:
    """A FHIR service with a log. ``traceable`` False: it does not know the search parameter."""

    url: str = ""
    events: list[Json] = field(default_factory=list)
    traceable: bool = True
    answer: Answer | None = None
    late: int = 0
    searches: list[dict[str, list[str]]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        path, query = urlsplit(asked.path).path, parse_qs(urlsplit(asked.path).query)
        if path.endswith("smart-configuration"):
            return Answer(200, json.dumps({"token_endpoint": f"{self.url}/token"}), JSON)
        if path == "/token":
            return Answer(200, json.dumps({"access_token": "een-token-van-de-suite", "token_type": "bearer"}), JSON)
        assert path == "/fhir/AuditEvent"
        self.searches.append(query)
        if self.answer:
            return self.answer
        if "traceId" in query and not self.traceable:
            return Answer(400, "{}", JSON)
        shown = self.events if len(self.searches) > self.late else []
        trace = query.get("traceId", [None])[0]
        found = [item for item in shown if trace is None or {"url": TRACE, "valueId": trace} in item["extension"]]
        bundle = {"resourceType": "Bundle", "entry": [{"resource": item} for item in found]}
        return Answer(200, json.dumps(bundle), JSON)


@pytest.fixture
def logs() -> Iterator[Logs]:
    found = Logs()
    with site(found) as running:
        found.url = running.url
        yield found


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    pair = keys.make(tmp_path_factory.mktemp("key"), "ES256")
    return Client(client_id="suite", private_key_file=pair.private_key_file, key_id=pair.key_id)


@pytest.fixture
def look_up(logs: Logs, client: Client) -> Callable[..., list[Found]]:
    def looked(*wanted: Wanted, others: tuple[str, ...] = ()) -> list[Found]:
        secrets: list[str] = []
        log = Log(f"{logs.url}/fhir", client, evidence=lambda _: None, secret=secrets.append, patience=0.4)
        found = asyncio.run(log.look_up(wanted, others))
        assert "een-token-van-de-suite" in secrets
        return found

    return looked


def test_what_is_there_is_found_at_once(logs: Logs, look_up: Callable[..., list[Found]]) -> None:
    logs.events = [event(), event(TASK, "110100"), event(TASK, "110100", "110151")]
    login, launched = (found.event for found in look_up(LOGIN, LAUNCHED))
    assert (login.kind, login.events, login.traced, login.about_other, login.outcome) == ("login", 1, True, False, "0")
    assert (launched.kind, launched.events, launched.traced) == ("launched", 1, True)
    assert [query["traceId"] for query in logs.searches] == [["jti-1"], ["jti-1"]]


def test_what_comes_late_is_waited_for(logs: Logs, look_up: Callable[..., list[Found]]) -> None:
    logs.events, logs.late = [event()], 1
    (found,) = look_up(LOGIN)
    assert (found.event.events, found.event.traced) == (1, True)
    assert found.event.waited >= 0.1


def test_what_does_not_come_is_told(logs: Logs, look_up: Callable[..., list[Found]]) -> None:
    logs.events = [event("Patient/p2"), event(TASK, "110100", "110151"), event(TASK, "rest")]
    login, launched = (found.event for found in look_up(LOGIN, LAUNCHED))
    assert (login.events, login.about_other, login.outcome) == (0, True, None)
    assert (launched.events, launched.about_other) == (0, False)


def test_an_event_without_the_trace_is_found_since_the_launch_began(
    logs: Logs, look_up: Callable[..., list[Found]]
) -> None:
    logs.events = [event(trace=None), event(TASK, "110100", trace="of-another-token")]
    login, launched = (found.event for found in look_up(LOGIN, LAUNCHED, others=("of-another-token",)))
    assert (login.events, login.traced) == (1, False)
    assert (launched.events, launched.traced) == (0, False)
    assert ["ge2026-01-01T00:00:00.000+00:00"] in [query.get("date") for query in logs.searches]


def test_a_server_that_cannot_search_for_a_trace_is_searched_by_date(
    logs: Logs, look_up: Callable[..., list[Found]]
) -> None:
    logs.events, logs.traceable = [event(), event(trace="another")], False
    (found,) = look_up(LOGIN)
    assert (found.event.events, found.event.traced) == (1, True)


@pytest.mark.parametrize(
    "answer",
    [Answer(403, "{}", JSON), Answer(500, "mis"), Answer(200, "[", JSON), Answer(200, "{}", JSON), Answer(404)],
)
def test_of_a_log_that_cannot_be_read_nobody_knows(
    answer: Answer, logs: Logs, look_up: Callable[..., list[Found]]
) -> None:
    logs.answer = answer
    assert look_up(LOGIN) == []


def test_rubbish_in_an_event_is_no_event(logs: Logs, look_up: Callable[..., list[Found]]) -> None:
    rubbish: list[Json] = [
        {"type": "x", "agent": "x", "entity": "x", "extension": "x"},
        {
            "type": {"code": ["110114"]},
            "agent": [{"type": {"coding": "x"}}],
            "entity": [{"what": "x"}, None],
            "extension": [{"url": TRACE, "valueId": 1}],
        },
        {"type": [], "agent": [{"type": {"coding": [None]}}], "entity": [{"what": {"reference": 1}}]},
    ]
    logs.traceable = False
    logs.events = [{"resourceType": "AuditEvent", "id": str(number), **item} for number, item in enumerate(rubbish)]
    (found,) = look_up(LOGIN)
    assert (found.event.events, found.event.about_other) == (0, False)


def test_of_a_launch_the_event_that_is_missing_decides(logs: Logs, look_up: Callable[..., list[Found]]) -> None:
    logs.events = [event()]
    (found,) = last_of_each(look_up(LOGIN, LAUNCHED))
    assert found.event.kind == "launched"
    assert found.event.events == 0
