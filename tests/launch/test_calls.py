"""What an application asks itself: which addresses of a SMART configuration it uses, and what it makes of an answer."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from ktcheck.launch.calls import MOST_BYTES, Answer, Calls, Endpoints, known_error
from tests.launch.site import Answer as Said
from tests.launch.site import Asked, Site, site

WHOLE = {
    "issuer": "https://kt2.example",
    "jwks_uri": "https://kt2.example/jwks",
    "authorization_endpoint": "https://kt2.example/authorize",
    "token_endpoint": "https://kt2.example/token",
    "introspection_endpoint": "https://kt2.example/introspect",
    "capabilities": ["launch-ehr", "authorize-post"],
}


def test_the_addresses_are_those_of_the_smart_configuration() -> None:
    assert Endpoints.of(WHOLE) == Endpoints(
        issuer="https://kt2.example",
        jwks="https://kt2.example/jwks",
        authorization="https://kt2.example/authorize",
        token="https://kt2.example/token",
        introspection="https://kt2.example/introspect",
        authorize_post=True,
    )


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("value", [None, 1, "", "ftp://kt2.example/x", "http://kt2.example/x", "https://kt2.example:x"])
def test_without_a_safe_one_there_is_no_launch(name: str, value: Any) -> None:
    assert Endpoints.of({**WHOLE, name: value}) is None


def test_what_is_not_needed_for_a_launch_may_be_missing() -> None:
    found = Endpoints.of({name: WHOLE[name] for name in ("authorization_endpoint", "token_endpoint")})
    assert found
    assert (found.issuer, found.jwks, found.introspection, found.authorize_post) == (None, None, None, False)
    strange = Endpoints.of({**WHOLE, "issuer": ["x"], "capabilities": "authorize-post", "jwks_uri": "http://a.example"})
    assert strange
    assert (strange.issuer, strange.jwks, strange.authorize_post) == (None, None, False)


@pytest.mark.parametrize(
    ("status", "good", "failed"),
    [(200, True, False), (204, True, False), (302, False, False), (400, False, False), (401, False, False),
     (429, False, True), (500, False, True), (503, False, True), (None, False, True)],
)  # fmt: skip
def test_no_judgement_is_made_of_a_service_that_breaks_down(status: int | None, *, good: bool, failed: bool) -> None:
    answer = Answer(status=status)
    assert (answer.good, answer.failed) == (good, failed)


@pytest.mark.parametrize("said", ["invalid_grant", "access_denied", "server_error"])
def test_an_error_code_of_a_standard_may_be_told(said: str) -> None:
    assert Answer(status=400, content={"error": said}).error == known_error(said) == said


@pytest.mark.parametrize("said", ["Jan Jansen is niet actief", "", None, 400, ["invalid_grant"]])
def test_any_other_text_is_not_told(said: Any) -> None:
    assert Answer(status=400, content={"error": said}).error is None


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def calls(told: list[str]) -> Calls:
    return Calls(evidence=lambda _: None, trace_id="t-1", secret=told.append)


@pytest.fixture
def place() -> Iterator[Site]:
    with site(lambda _: Said(200, '{"access_token": "an-access-token", "active": true}')) as found:
        yield found


def test_a_form_is_posted_with_the_trace_id_and_nothing_that_lets_somebody_in(calls: Calls, place: Site) -> None:
    answer = asyncio.run(calls.post(f"{place.url}/token", {"code": "a b&c"}))
    (asked,) = place.asked
    assert (asked.method, asked.path, asked.fields) == ("POST", "/token", {"code": "a b&c"})
    assert {name.lower() for name in asked.headers} & {"authorization", "cookie"} == set()
    assert next(value for name, value in asked.headers.items() if name.lower() == "x-trace-id") == "t-1"
    assert answer.content["active"] is True
    assert "an-access-token" not in repr(answer)


def test_a_token_that_comes_in_is_told(calls: Calls, told: list[str], place: Site) -> None:
    asyncio.run(calls.post(f"{place.url}/token", {}))
    assert told == ["an-access-token"]
    calls.tell("NOOP", None, 5, "true")
    assert told == ["an-access-token"]


def test_a_question_is_asked_once(calls: Calls) -> None:
    with site(lambda _: Said(503, "{}")) as busy:
        assert asyncio.run(calls.post(f"{busy.url}/token", {})).status == 503
        assert len(busy.asked) == 1


def test_a_redirect_is_not_followed(calls: Calls, place: Site) -> None:
    with site(lambda _: Said(302, "", (("Location", f"{place.url}/other"),))) as moved:
        assert asyncio.run(calls.post(f"{moved.url}/token", {})).status == 302
        assert asyncio.run(calls.get(f"{moved.url}/jwks")).status == 302
    assert place.asked == []


def test_reading_shows_the_token_to_the_fhir_service(calls: Calls, place: Site) -> None:
    assert asyncio.run(calls.read(f"{place.url}/fhir", "Task", "a-token")).good
    (asked,) = place.asked
    assert (asked.method, asked.path) == ("GET", "/fhir/Task?_summary=count")
    assert asked.headers["Authorization"] == "Bearer a-token"


@pytest.mark.parametrize("ask", [lambda calls, url: calls.post(url, {}), lambda calls, url: calls.get(url)])
@pytest.mark.parametrize("size", [MOST_BYTES - 20, MOST_BYTES + 1])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_read_up_to_a_megabyte(
    ask: Callable[..., Any], size: int, *, packed: bool, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small it is on its way."""
    monkeypatch.setattr("ktcheck.http.ATTEMPTS", 1)
    content = b'{"a": "' + b"x" * (size - 9) + b'"}'
    assert len(content) == size

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip" if packed else "identity")
            self.end_headers()
            self.wfile.write(gzip.compress(content) if packed else content)

        do_POST = do_GET  # noqa: N815 (what the base class looks for)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        answer = asyncio.run(ask(calls, f"http://127.0.0.1:{server.server_address[1]}/x"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    if size <= MOST_BYTES:
        assert answer.content == {"a": "x" * (size - 9)}
    else:
        assert answer.status is None
        assert answer.why_nl == "127.0.0.1 gaf geen bruikbaar antwoord"


def test_nobody_answers(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ktcheck.http.ATTEMPTS", 1)

    def nothing(_: Asked) -> Said:
        return Said(0)

    with site(nothing) as silent:
        for answer in (asyncio.run(calls.post(silent.url, {})), asyncio.run(calls.get(silent.url))):
            assert (answer.status, answer.good, answer.failed) == (None, False, True)
            assert answer.why_nl != answer.why_en
