from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.errors import RunError
from ktcheck.http import EndpointTransport, Wire, is_secure, next_page, origin, read_client, retry_after
from tests.snapshot.conftest import Bench

BASE = "https://acc21.koppeltaal.example/api/v1/DEMO/fhir/r4"


class Bearer(httpx2.Auth):
    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        request.headers["Authorization"] = "Bearer geheim"
        yield request


def send(base_url: str, method: str, url: str, **options: Any) -> tuple[int, list[dict[str, Any]]]:
    evidence: list[dict[str, Any]] = []

    async def run() -> int:
        async with read_client(base_url, evidence=evidence.append, trace_id="t", **options) as client:
            return (await client.request(method, url)).status_code

    return asyncio.run(run()), evidence


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"])
def test_the_reading_client_cannot_write(bench: Bench, method: str) -> None:
    url = f"{bench.fake.base_url}/metadata"
    if method == "get":
        assert send(bench.fake.base_url, method, url)[0] == 200
        return
    with pytest.raises(RunError, match=f"ktcheck only reads, so {method} was not sent"):
        send(bench.fake.base_url, method, url)
    assert bench.fake.requests == []


def test_the_token_goes_to_its_own_origin_only(bench: Bench) -> None:
    other = bench.fake.base_url.replace("127.0.0.1", "localhost")
    with pytest.raises(RunError, match=r"localhost: not the host that the token is for"):
        send(bench.fake.base_url, "GET", f"{other}/metadata", auth=Bearer())
    assert bench.fake.requests == []
    assert send(bench.fake.base_url, "GET", f"{bench.fake.base_url}/metadata", auth=Bearer())[0] == 200


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    bench.fake.intercept = lambda _: Response(status_code=302, headers={"Location": f"{bench.fake.base_url}/metadata"})
    assert send(bench.fake.base_url, "GET", f"{bench.fake.base_url}/x", auth=Bearer())[0] == 302
    assert len(bench.fake.requests) == 1


def test_http_is_refused_outside_this_machine(bench: Bench) -> None:
    with pytest.raises(RunError, match=r"fhir\.example: refused, because only https is safe"):
        send("http://fhir.example/r4", "GET", "http://fhir.example/r4/metadata")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/oauth2/token"), ("PUT", "/oauth2/token"), ("POST", "/Patient"), ("POST", "/oauth2/token?x=1")],
)
def test_an_endpoint_gets_posts_and_nothing_else_does(bench: Bench, method: str, path: str) -> None:
    endpoint = f"{bench.fake.base_url}/oauth2/token"

    async def run(verb: str, url: str) -> int:
        wire = Wire(endpoint, evidence=lambda _: None, trace_id="t")
        async with httpx2.AsyncClient(transport=EndpointTransport(wire, address=endpoint)) as client:
            return (await client.request(verb, url)).status_code

    with pytest.raises(RunError, match="not a request to the endpoint"):
        asyncio.run(run(method, bench.fake.base_url + path))
    assert bench.fake.requests == []
    assert asyncio.run(run("POST", endpoint)) == 401


def test_a_retry_has_its_own_request_id_and_says_nothing_on_the_console(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(_: Request) -> Response | None:
        return Response(status_code=503) if len(bench.fake.requests) < 3 else None

    bench.fake.intercept = busy
    status, evidence = send(bench.fake.base_url, "GET", f"{bench.fake.base_url}/metadata")
    assert status == 200
    assert [exchange["status"] for exchange in evidence] == [503, 503, 200]
    assert len({exchange["request_id"] for exchange in evidence}) == 3
    assert capsys.readouterr().err == ""
    assert logging.getLogger("stamina").handlers


def test_an_exchange_tells_names_of_parameters_and_harmless_values_only(bench: Bench) -> None:
    url = f"{bench.fake.base_url}/metadata?_count=5&identifier=http%3A%2F%2Fx%7C999900006&_summary=count"
    _, (exchange,) = send(bench.fake.base_url, "GET", url, auth=Bearer())
    assert exchange["query"] == {"_count": "5", "identifier": None, "_summary": "count"}
    assert exchange["path"] == "/api/v1/DEMO/fhir/r4/metadata"
    assert exchange["host"].startswith("127.0.0.1:")
    assert set(exchange) == {
        "started", "method", "host", "path", "query", "status", "milliseconds", "bytes", "request_id", "trace_id",
    }  # fmt: skip
    assert "geheim" not in str(exchange)
    assert "999900006" not in str(exchange)


def test_a_connection_that_breaks_is_tried_again_and_recorded(bench: Bench) -> None:
    class Cut(Response):
        async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
            await send({"type": "http.response.body", "body": b"{"})

    bench.fake.intercept = lambda _: Cut() if len(bench.fake.requests) == 1 else None
    status, evidence = send(bench.fake.base_url, "GET", f"{bench.fake.base_url}/metadata")
    assert status == 200
    assert [exchange["status"] for exchange in evidence] == [None, 200]


def test_a_name_that_does_not_exist_is_not_tried_again() -> None:
    evidence: list[dict[str, Any]] = []

    async def run() -> None:
        base = "https://bestaat-niet.invalid/r4"
        async with read_client(base, evidence=evidence.append, trace_id="t") as client:
            await client.get(f"{base}/metadata")

    with pytest.raises(RunError, match=r"bestaat-niet\.invalid is not a known host name"):
        asyncio.run(run())
    assert len(evidence) == 1


def test_waiting_stops_when_it_is_cancelled(bench: Bench) -> None:
    bench.fake.intercept = lambda _: Response(status_code=429, headers={"Retry-After": "50"})

    async def run() -> None:
        base = bench.fake.base_url
        async with read_client(base, evidence=lambda _: None, trace_id="t") as client:
            await asyncio.wait_for(client.get(f"{base}/metadata"), 0.3)

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    assert len(bench.fake.requests) == 1


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("5", 5, 5), ("0", 0, 0), ("86400", 60, 60), ("", 0, 0), ("soon", 0, 0), ("-3", 0, 0), ("1.5", 0, 0)],
)
def test_retry_after_in_seconds(value: str, low: float, high: float) -> None:
    assert low <= retry_after(httpx2.Headers({"Retry-After": value})) <= high


@pytest.mark.parametrize(("seconds", "low", "high"), [(30, 28, 30), (-30, 0, 0), (9999, 60, 60)])
def test_retry_after_as_a_date(seconds: int, low: float, high: float) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    assert low <= retry_after(httpx2.Headers({"Retry-After": moment})) <= high
    assert retry_after(httpx2.Headers()) == 0


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{BASE}?_getpages=x", f"{BASE}?_getpages=x"),
        (f"{BASE}/Patient?page=2#top", f"{BASE}/Patient?page=2"),
        ("?page=2", f"{BASE}/Patient?page=2"),
        (BASE.replace("https", "http") + "?page=2", f"{BASE}?page=2"),
        (BASE.replace("https", "http").replace(".example", ".example:80") + "?page=2", f"{BASE}?page=2"),
        (BASE.replace(".example", ".example:443") + "?page=2", f"{BASE}?page=2"),
    ],
)
def test_next_links_of_the_domain(link: str, expected: str) -> None:
    assert next_page(link, f"{BASE}/Patient?_count=2", BASE) == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://elders.example/api",
        "//elders.example/api",
        "https://acc21.koppeltaal.example:8443/api",
        "https://acc21.koppeltaal.example@elders.example/api",
        "https://elders.example\\@acc21.koppeltaal.example/api",
        "ftp://acc21.koppeltaal.example/api",
        "mailto:x@acc21.koppeltaal.example",
        "https://[",
    ],
)
def test_next_links_to_elsewhere(link: str) -> None:
    with pytest.raises(RunError, match=r"^acc21\.koppeltaal\.example: a search answer has a next link"):
        next_page(link, f"{BASE}/Patient", BASE)


def test_https_is_never_made_http() -> None:
    with pytest.raises(RunError):
        next_page("https://127.0.0.1/x", "http://127.0.0.1:8080/fhir/Patient", "http://127.0.0.1:8080/fhir")


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://x.example", True),
        ("http://localhost:8080", True),
        ("http://[::1]:80/", True),
        ("http://x.example", False),
        ("http://localhost.example", False),
        ("https://", False),
        ("/metadata", False),
    ],
)
def test_what_is_secure(url: str, secure: bool) -> None:
    assert is_secure(url) is secure


def test_an_origin_has_its_default_port() -> None:
    assert origin("https://x.example/a") == origin("https://x.example:443/b") != origin("http://x.example/a")
