"""The browser that knows forms: where it goes, what it fills in, and what it never does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from ktcheck.domain import TestAccount as Account
from ktcheck.errors import InputError
from ktcheck.launch.agent import MOST_REQUESTS, Visit, Visited
from ktcheck.launch.ways import open_agent
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from tests.launch.site import Answer, Asked, Site, sent_on, site
from tests.sandbox.launching import CALLBACK, Bench, brought, signed
from tests.sandbox.test_applications import endpoint

PASSWORD = "een-wachtwoord-om-te-toetsen"
ACCOUNT = Account(user_type="Patient", username="oefenpatient", password_env="KTCHECK_TEST_PASSWORD")
LOGIN = """<form method="post" action="/login?execution=abc">
  <input type="hidden" name="csrf" value="c&quot;1"><label>Naam <input name="username"></label>
  <input type="password" name="pw"><button name="login" value="ja">Inloggen</button></form>"""


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCOUNT.password_env, PASSWORD)


@dataclass
class Told:
    """What an agent told of itself."""

    evidence: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

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
            agent = open_agent(
                "form", evidence=self.evidence.append, trace_id="t-1", secret=self.secrets.append, base_url=base_url
            )
            async with agent:
                return await agent.visit(Visit(url=url, fields=fields), until=until, account=account)

        return asyncio.run(visited())


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def served() -> Iterator[Site]:
    with site(lambda _: Answer()) as running:
        yield running


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_as_browsers_do(status: int, told: Told, served: Site) -> None:
    served.answer = lambda asked: sent_on("../end", status) if asked.path == "/a/b" else Answer(200, "klaar")
    visited = told.visit(f"{served.url}/a/b", {"launch": "l"})
    kept = status in {307, 308}
    assert [(asked.method, asked.path) for asked in served.asked] == [
        ("POST", "/a/b"),
        ("POST" if kept else "GET", "/end"),
    ]
    assert served.asked[1].fields == ({"launch": "l"} if kept else {})
    assert visited.status == 200
    assert [hop.status for hop in visited.hops] == [status, 200]
    assert visited.reason_nl is None


def test_an_endless_redirect_ends(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on("/again")
    visited = told.visit(served.url)
    assert len(visited.hops) == MOST_REQUESTS
    assert "geen eind" in str(visited.reason_nl)
    assert "no end" in str(visited.reason_en)


def test_where_it_is_to_stop_nothing_is_sent(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on("/callback?code=secret-code-of-a-launch&state=s")
    visited = told.visit(served.url, until=lambda url: "/callback" in url)
    assert visited.stopped is not None
    assert visited.stopped.url.endswith("/callback?code=secret-code-of-a-launch&state=s")
    assert visited.stopped.status is None
    assert len(served.asked) == 1
    assert not visited.logged_in
    assert "secret-code-of-a-launch" not in repr(visited)


def test_a_page_that_submits_itself_is_held_back_with_its_fields(told: Told, served: Site) -> None:
    served.answer = lambda _: Answer(
        200,
        '<body onload="document.forms[0].submit()"><form method=post action=/cb><input type=hidden name=code value=1>',
    )
    visited = told.visit(served.url, until=lambda url: url.endswith("/cb"))
    assert visited.stopped is not None
    assert (visited.stopped.method, visited.stopped.fields) == ("POST", {"code": "1"})


def test_a_button_that_nobody_presses_is_not_pressed(told: Told, served: Site) -> None:
    served.answer = lambda _: Answer(
        200, "<form method=post action=/logout><input type=hidden name=csrf value=1><button>Uit</button></form>"
    )
    visited = told.visit(served.url)
    assert (visited.status, len(visited.hops), visited.reason_nl) == (200, 1, None)


def login(asked: Asked) -> Answer:
    """First the form, then the page of who is in."""
    return Answer(200, LOGIN) if asked.method == "GET" and asked.path != "/in" else sent_on("/in", 303)


def test_the_form_with_a_password_is_filled_in(told: Told, served: Site) -> None:
    served.answer = lambda asked: Answer(200, "binnen") if asked.path == "/in" else login(asked)
    visited = told.visit(f"{served.url}/begin")
    assert visited.logged_in
    _, posted, _ = served.asked
    assert posted.path == "/login?execution=abc"
    assert posted.fields == {"csrf": 'c"1', "username": ACCOUNT.username, "pw": PASSWORD, "login": "ja"}
    assert posted.headers["Origin"] == served.url
    assert PASSWORD in told.secrets
    assert PASSWORD not in json.dumps(told.evidence)
    assert PASSWORD not in repr(visited)
    assert ACCOUNT.username not in json.dumps(told.evidence) + repr(visited)
    assert [item["path"] for item in told.evidence] == ["/begin", "/login", "/in"]


def test_the_name_may_be_asked_first(told: Told, served: Site) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/begin":
            return Answer(200, "<form method=post action=/name><input name=loginfmt><input type=submit></form>")
        if asked.path == "/name":
            return Answer(200, "<form method=post action=/word><input type=password name=pw></form>")
        return Answer(200, "binnen")

    served.answer = answer
    assert told.visit(f"{served.url}/begin").logged_in
    assert [asked.fields for asked in served.asked[1:]] == [{"loginfmt": ACCOUNT.username}, {"pw": PASSWORD}]


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_login_that_is_refused_is_told_and_not_tried_again(status: int, told: Told, served: Site) -> None:
    served.answer = lambda asked: Answer(200 if asked.method == "GET" else status, LOGIN)
    visited = told.visit(served.url)
    assert not visited.logged_in
    assert len(served.asked) == 2
    assert f"status {status}" in str(visited.reason_en)


@pytest.mark.parametrize("status", [400, 500])
def test_a_login_that_ends_on_an_error_is_none(status: int, told: Told, served: Site) -> None:
    served.answer = lambda asked: Answer(200, LOGIN) if asked.method == "GET" else Answer(status, "mis")
    visited = told.visit(served.url)
    assert not visited.logged_in
    assert visited.status == status


def test_without_an_account_nothing_is_filled_in(told: Told, served: Site) -> None:
    served.answer = login
    visited = told.visit(f"{served.url}/begin", account=None)
    assert len(served.asked) == 1
    assert visited.reason_en == "a password is asked for"


def test_a_password_is_never_put_in_an_address(told: Told, served: Site) -> None:
    served.answer = lambda _: Answer(200, LOGIN.replace("post", "get"))
    visited = told.visit(served.url)
    assert len(served.asked) == 1
    assert "password in the address" in str(visited.reason_en)


def test_a_password_that_is_not_set_is_told(told: Told, served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ACCOUNT.password_env)
    served.answer = login
    with pytest.raises(InputError, match=ACCOUNT.password_env):
        told.visit(served.url)


def test_cookies_are_kept_for_their_own_place_and_are_secrets(told: Told, served: Site) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/idp/begin":
            cookies = [("Set-Cookie", "sessie=een-lange-sessie; Path=/idp; Secure"), ("Set-Cookie", "taal=nl; Path=/")]
            return Answer(302, "", (("Location", "/idp/next"), *cookies))
        return sent_on("/module") if asked.path == "/idp/next" else Answer(200, "")

    served.answer = answer
    told.visit(f"{served.url}/idp/begin")
    _, at_idp, at_module = served.asked
    assert at_idp.headers["Cookie"] == "sessie=een-lange-sessie; taal=nl"
    assert at_module.headers["Cookie"] == "taal=nl"
    assert "een-lange-sessie" in told.secrets
    assert "nl" not in told.secrets
    told.visit(f"{served.url}/module")
    assert "Cookie" not in served.asked[-1].headers


@pytest.mark.parametrize(
    "path",
    ["/fhir/r4/Task/1", "/fhir/r4", "/FHIR/r4/Task", "/fhir//r4/Task", "/fhir/%72%34/Task", "/x/../fhir/r4/Task",
     "/%66hir/r4/%2e%2e/r4/Task", "/fhir%2Fr4/Task", "/fhir%255cr4"],
)  # fmt: skip
def test_nothing_is_posted_to_the_fhir_base(path: str, told: Told, served: Site) -> None:
    hostile = f'<script>document.f.submit()</script><form name=f method=post action="{path}"><input type=hidden name=a>'
    served.answer = lambda _: Answer(200, hostile)
    visited = told.visit(f"{served.url}/page", base_url=f"{served.url}/fhir/r4")
    assert [asked.method for asked in served.asked] == ["GET"]
    assert "FHIR" in str(visited.reason_nl)


def test_the_fhir_base_may_be_read_and_what_is_beside_it_posted_to(told: Told, served: Site) -> None:
    told.visit(f"{served.url}/fhir/r4/metadata", base_url=f"{served.url}/fhir/r4")
    told.visit(f"{served.url}/fhir/r4x", {"a": "b"}, base_url=f"{served.url}/fhir/r4")
    assert [asked.method for asked in served.asked] == ["GET", "POST"]
    assert not any("Authorization" in asked.headers for asked in served.asked)


@pytest.mark.parametrize(
    "location", ["http://module.zorgvoorbeeld.example/", "ftp://127.0.0.1/", "javascript:alert(1)", "http://[::1"]
)
def test_what_is_not_https_is_not_opened(location: str, told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on(location)
    visited = told.visit(served.url)
    assert len(served.asked) == 1
    assert visited.reason_nl
    assert visited.reason_en


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0),
        Answer(200, "", (("Content-Type", "text/html"), ("Content-Length", "100"))),
        Answer(200, "x", (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))),
        Answer(200, "", (("Content-Type", "text/html"), ("Set-Cookie", "\x7f=;;;"))),
        Answer(200, "<form><input type=password><input name=username><form", (("Content-Type", "text/html"),)),
        Answer(200, "\x00\ufffe<form action='http://[::1'><input type=hidden>", (("Content-Type", "text/html"),)),
        Answer(302, "", ()),
        Answer(200, '{"a": ', (("Content-Type", "application/json"),)),
    ],
)
def test_whatever_comes_something_is_told(answer: Answer, told: Told, served: Site) -> None:
    served.answer = lambda _: answer
    visited = told.visit(served.url)
    assert not visited.logged_in
    assert len(visited.hops) >= 1


def test_no_name_in_an_address_is_sent_along(told: Told, served: Site) -> None:
    served.answer = lambda _: sent_on(f"{served.url.replace('//', '//naam:geheim@')}/in")
    visited = told.visit(served.url)
    assert len(served.asked) == 1
    assert "with a name in it" in str(visited.reason_en)
    assert "geheim" not in str(visited)


def test_a_page_without_end_is_not_read_to_its_end(told: Told, served: Site) -> None:
    served.answer = lambda _: Answer(200, "x" * 6_000_000)
    visited = told.visit(served.url)
    assert visited.status is None
    assert "too long" in str(visited.reason_en)


def test_nobody_there_is_told(told: Told) -> None:
    visited = told.visit("http://127.0.0.1:9/")
    assert visited.status is None
    assert visited.reason_en == "127.0.0.1 cannot be reached"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    with httpx2.Client() as http:
        yield Bench(service, "zorgvoorbeeld", http)


@pytest.mark.parametrize("user_type", ["Patient", "Practitioner", "RelatedPerson"])
def test_a_launch_at_a_practice_module_is_followed_to_its_page(
    user_type: str, bench: Bench, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bench.account(user_type)
    monkeypatch.setenv(ACCOUNT.password_env, account.password)
    address, device = endpoint(bench, bench.task(account.person))
    launch = signed(bench.hti_claims(account, aud=device))
    logging_in = Account(user_type="Patient", username=account.username, password_env=ACCOUNT.password_env)
    visited = told.visit(address, {"launch": launch, "iss": bench.base}, account=logging_in, base_url=bench.base)
    assert visited.status == 200
    assert visited.logged_in
    assert launch in told.secrets
    everything = json.dumps(told.evidence) + repr(visited)
    assert not any(secret in everything for secret in told.secrets)


def test_a_login_at_a_practice_provider_ends_at_the_callback(
    bench: Bench, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bench.account("Patient")
    monkeypatch.setenv(ACCOUNT.password_env, account.password)
    logging_in = Account(user_type="Patient", username=account.username, password_env=ACCOUNT.password_env)
    begun = bench.authorize(signed(bench.hti_claims(account)))
    visited = told.visit(
        begun.headers["location"],
        until=lambda url: url.startswith(bench.base.rpartition("/fhir")[0]),
        account=logging_in,
    )
    assert visited.stopped is not None
    assert visited.logged_in
    assert not brought(begun)
    assert not visited.stopped.url.startswith(CALLBACK)
