"""The real browser: the same launches, pages that only work with scripts, and what it never does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ktcheck.domain import TestAccount as Account
from ktcheck.errors import InputError
from ktcheck.launch.agent import Visit, Visited
from ktcheck.launch.ways import open_agent
from ktcheck.launch.ways.chromium import Chromium, check_browser
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from tests import third_parties
from tests.launch.site import Answer, Asked, Site, sent_on, site
from tests.sandbox.launching import CALLBACK, Bench, brought, signed
from tests.sandbox.test_applications import endpoint

pytestmark = pytest.mark.browser

PASSWORD = "een-wachtwoord-om-te-toetsen"
ACCOUNT = Account(user_type="Patient", username="oefenpatient", password_env="KTCHECK_TEST_PASSWORD")
LOGIN = """<form method="post" action="/login?execution=abc">
  <input type="hidden" name="csrf" value="c&quot;1"><label>Naam <input name="username"></label>
  <input type="password" name="pw"><button name="login" value="ja">Inloggen</button></form>"""
# Nothing of it is there without scripts, as at many identity providers.
WRITTEN_BY_SCRIPT = f"<main></main><script>document.querySelector('main').innerHTML = {json.dumps(LOGIN)}</script>"


@pytest.fixture(scope="module", autouse=True)
def chromium() -> None:
    third_parties.chromium()


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCOUNT.password_env, PASSWORD)


@dataclass
class Told:
    """What an agent told of itself."""

    evidence: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def visit(
        self,
        url: str,
        fields: dict[str, str] | None = None,
        *,
        until: Callable[[str], bool] = lambda _: False,
        account: Account | None = ACCOUNT,
        base_url: str = "https://fhir.zorgvoorbeeld.example/fhir/r4",
    ) -> Visited:
        async def visited() -> Visited:
            async with (
                Chromium() as chromium,
                open_agent(
                    "browser",
                    evidence=self.evidence.append,
                    trace_id="t-1",
                    secret=self.secrets.append,
                    base_url=base_url,
                    picture=self.pictures.append,
                    chromium=chromium,
                ) as agent,
            ):
                return await agent.visit(Visit(url=url, fields=fields), until=until, account=account)

        return asyncio.run(visited())


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def served() -> Iterator[Site]:
    with site(lambda _: Answer()) as running:
        yield running


def pages(served: Site) -> list[Asked]:
    return [asked for asked in served.asked if asked.path != "/favicon.ico"]


def test_a_launch_is_posted_and_followed(told: Told, served: Site) -> None:
    served.answer = lambda asked: sent_on("/end") if asked.path == "/launch" else Answer(200, "klaar")
    visited = told.visit(f"{served.url}/launch", {"launch": "l&é", "iss": "b"})
    first, second = pages(served)
    assert (first.method, first.fields) == ("POST", {"launch": "l&é", "iss": "b"})
    assert (second.method, second.path) == ("GET", "/end")
    assert [(hop.method, hop.status) for hop in visited.hops] == [("POST", 302), ("GET", 200)]
    assert (visited.status, visited.reason_nl) == (200, None)
    assert [(item["method"], item["status"]) for item in told.evidence][:2] == [("POST", 302), ("GET", 200)]
    (picture,) = told.pictures
    assert picture.startswith(b"\x89PNG")


def test_where_it_is_to_stop_nothing_is_sent_not_even_after_a_redirect(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on("/callback?code=secret-code-of-a-launch&state=s")
    visited = told.visit(served.url, until=lambda url: "/callback" in url)
    assert visited.stopped
    assert visited.stopped.url.endswith("/callback?code=secret-code-of-a-launch&state=s")
    assert len(pages(served)) == 1
    assert told.pictures == []


def test_a_form_that_a_script_posts_is_held_back_with_its_fields(told: Told, served: Site) -> None:
    served.answer = lambda _: Answer(
        200,
        "<form method=post action=/cb><input type=hidden name=code value=1></form>"
        "<script>document.forms[0].submit()</script>",
    )
    visited = told.visit(served.url, until=lambda url: url.endswith("/cb"))
    assert visited.stopped
    assert (visited.stopped.method, visited.stopped.fields) == ("POST", {"code": "1"})


def test_a_login_page_that_a_script_writes_is_filled_in(told: Told, served: Site) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/in":
            return Answer(200, "binnen")
        if asked.method == "GET":
            return Answer(200, WRITTEN_BY_SCRIPT, (("Content-Type", "text/html"), ("Set-Cookie", "s=een-lange-sessie")))
        return sent_on("/in", 303)

    served.answer = answer
    visited = told.visit(f"{served.url}/begin")
    assert visited.logged_in
    posted = next(asked for asked in pages(served) if asked.method == "POST")
    assert posted.fields == {"csrf": 'c"1', "username": ACCOUNT.username, "pw": PASSWORD, "login": "ja"}
    assert {PASSWORD, "een-lange-sessie"} <= set(told.secrets)
    everything = json.dumps(told.evidence) + repr(visited)
    assert not any(secret in everything for secret in (PASSWORD, ACCOUNT.username, "een-lange-sessie"))


@pytest.mark.parametrize("status", [200, 401])
def test_a_login_that_is_refused_is_told(status: int, told: Told, served: Site) -> None:
    served.answer = lambda asked: Answer(200 if asked.method == "GET" else status, LOGIN)
    visited = told.visit(served.url)
    assert not visited.logged_in
    assert f"status {status}" in str(visited.reason_en)


FORM = "const f = document.createElement('form'); f.method = 'post'; document.body.append(f);"
FRAME = "const i = document.createElement('iframe'); document.body.append(i);"


@pytest.mark.parametrize(
    "script",
    [
        f"{FORM} f.action = PATH; f.submit()",
        f"{FORM} f.action = PATH; f.target = '_blank'; f.submit()",
        "fetch(PATH, {method: 'DELETE'})",
        f"{FRAME} i.contentWindow.fetch(PATH, {{method: 'PUT'}})",
        f"{FRAME} i.src = location.origin.replace('127.0.0.1', 'localhost') + '/popup'",
        "window.open('/popup')",
        "navigator.sendBeacon(PATH, 'x')",
    ],
)
def test_nothing_is_written_to_the_fhir_base(script: str, told: Told, served: Site) -> None:
    page = f"<body><script>const PATH = location.origin + '/fhir/r4/Task'; {script}</script>"
    popup = "<script>fetch('/fhir/r4/Task', {method: 'POST'})</script>"
    served.answer = lambda asked: Answer(200, popup if asked.path == "/popup" else page)
    told.visit(f"{served.url}/page", base_url=f"{served.url}/fhir/r4")
    assert {asked.method for asked in served.asked} <= {"GET"}


def test_what_is_not_https_is_not_opened(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on("http://module.zorgvoorbeeld.example/")
    visited = told.visit(served.url)
    assert "https" in str(visited.reason_nl)


def test_nobody_there_is_told(told: Told) -> None:
    visited = told.visit("http://127.0.0.1:48799/")
    assert visited.status is None
    assert visited.reason_en == "127.0.0.1 cannot be reached"


def test_an_endless_redirect_ends(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on("/again")
    assert told.visit(served.url).reason_nl


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    with httpx2.Client() as http:
        yield Bench(service, "zorgvoorbeeld", http)


def test_a_launch_at_a_practice_module_is_followed_to_its_page(
    bench: Bench, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bench.account("Patient")
    monkeypatch.setenv(ACCOUNT.password_env, account.password)
    address, device = endpoint(bench, bench.task(account.person))
    launch = signed(bench.hti_claims(account, aud=device))
    logging_in = Account(user_type="Patient", username=account.username, password_env=ACCOUNT.password_env)
    visited = told.visit(address, {"launch": launch, "iss": bench.base}, account=logging_in, base_url=bench.base)
    assert visited.status == 200
    assert visited.logged_in
    everything = json.dumps(told.evidence) + repr(visited)
    assert not any(secret in everything for secret in told.secrets)


def test_a_login_at_a_practice_provider_ends_at_the_callback(
    bench: Bench, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bench.account("Practitioner")
    monkeypatch.setenv(ACCOUNT.password_env, account.password)
    begun = bench.authorize(signed(bench.hti_claims(account)))
    logging_in = Account(user_type="Practitioner", username=account.username, password_env=ACCOUNT.password_env)
    visited = told.visit(begun.headers["location"], until=lambda url: "code=" in url, account=logging_in)
    assert visited.stopped
    assert visited.logged_in
    assert not brought(begun)
    assert not visited.stopped.url.startswith(CALLBACK)


def test_one_that_crashed_is_started_again() -> None:
    async def crashed() -> tuple[bool, bool]:
        async with Chromium() as chromium:
            first = await chromium.running()
            same = await chromium.running() is first
            await first.close()
            again = await chromium.running()
            return same, again is not first and again.is_connected()

    assert asyncio.run(crashed()) == (True, True)


def test_a_browser_that_does_not_start_is_told(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("KTCHECK_CHROMIUM", str(program))
    with pytest.raises(InputError, match="does not start"):
        told.visit("http://127.0.0.1:9/")


def test_without_a_browser_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTCHECK_CHROMIUM", "er-is-geen-browser")
    with pytest.raises(InputError, match="KTCHECK_CHROMIUM"):
        check_browser()
