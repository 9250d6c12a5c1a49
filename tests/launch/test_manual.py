"""Logging in by hand: what the person gets to see, and what ktcheck makes of what he does."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx2
import pytest

from ktcheck.domain import TestAccount as Account
from ktcheck.launch.agent import Visit, Visited
from ktcheck.launch.facts import Launch, Login
from ktcheck.launch.ways.manual import ManualAgent
from tests.launch.running import launched, launching, of, snapshot
from tests.launch.served import serve
from tests.launch.site import free_port

ORIGIN = f"http://127.0.0.1:{free_port()}"
REDIRECT = f"{ORIGIN}/callback"
ACCOUNT = Account(user_type="Patient", username="oefenpatient", password_env="KTCHECK_TEST_PASSWORD")
BASE = "https://fhir.zorgvoorbeeld.example/fhir/r4"
AUTHORIZE = Visit(url="https://idp.zorgvoorbeeld.example/authorize?prompt=login&launch=een-geheime-launch")

Act = Callable[[str], object]


class Person:
    """Opens the page that ktcheck tells of, and does something."""

    def __init__(self, act: Act | None) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.page = ""
        self._act = act

    def __call__(self, what: str, passed: int, of: int) -> None:
        self.told.append((what, passed, of))
        if self._act and len(self.told) == 1:
            threading.Thread(target=self._do, args=(what, self._act)).start()

    def _do(self, what: str, act: Act) -> None:
        found = re.search(r"http://\S+", what)
        assert found
        self.page = httpx2.get(found[0]).raise_for_status().text
        act(self.page)


def visit(
    act: Act | None,
    asked: Visit = AUTHORIZE,
    until: Callable[[str], bool] = lambda url: url.startswith(REDIRECT),
    seconds: float = 10.0,
) -> tuple[Visited, Person]:
    person = Person(act)

    async def visited() -> Visited:
        agent = ManualAgent(base_url=BASE, redirect_uri=REDIRECT, announce=person, seconds=seconds)
        async with agent:
            return await agent.visit(asked, until=until, account=ACCOUNT)

    return asyncio.run(visited()), person


def press(page: str, text: str) -> None:
    """The button with this text."""
    for action, content in re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', page):
        if text in content:
            httpx2.post(f"{ORIGIN}{unescape(action)}").raise_for_status()
            return
    raise AssertionError(page)


def test_who_logs_in_is_received_with_his_code() -> None:
    visited, person = visit(lambda _: httpx2.get(f"{REDIRECT}?code=een-code&state=s").raise_for_status())
    assert visited.stopped
    assert visited.stopped.url == f"{REDIRECT}?code=een-code&state=s"
    assert visited.logged_in
    assert [hop.method for hop in visited.hops] == ["GET", "GET"]
    what, passed, of = person.told[0]
    assert (passed, of) == (0, 10)
    assert "Patient (KTCHECK_TEST_PASSWORD)" in what
    assert ACCOUNT.username not in what
    assert "geheime" not in what
    assert "een-code" not in repr(visited)


def test_a_code_may_be_posted() -> None:
    visited, _ = visit(lambda _: httpx2.post(REDIRECT, data={"code": "een-code"}).raise_for_status())
    assert visited.stopped
    assert visited.stopped.fields == {"code": "een-code"}
    assert visited.logged_in


def test_the_page_opens_what_has_to_be_opened() -> None:
    _, person = visit(lambda page: press(page, "niet"))
    assert '<form method="get" action="https://idp.zorgvoorbeeld.example/authorize" target="_blank">' in person.page
    assert '<input type="hidden" name="launch" value="een-geheime-launch">' in person.page
    posted = Visit(url="https://module.example/launch", fields={"launch": 'a"<b', "iss": BASE})
    _, person = visit(lambda page: press(page, "niet"), posted)
    assert '<form method="post" action="https://module.example/launch" target="_blank">' in person.page
    assert 'value="a&quot;&lt;b"' in person.page


@pytest.mark.parametrize(("text", "status"), [("gelukt", 200), ("niet", None)])
def test_of_a_launch_that_does_not_come_back_the_person_tells(text: str, status: int | None) -> None:
    posted = Visit(url="https://module.example/launch", fields={"launch": "l"})
    visited, _ = visit(lambda page: press(page, text), posted, until=lambda _: False)
    assert visited.status == status
    assert (visited.reason_nl is None) == (status == 200)
    assert not visited.logged_in


def test_a_login_that_is_refused_is_none() -> None:
    visited, _ = visit(lambda _: httpx2.get(f"{REDIRECT}?error=access_denied").raise_for_status())
    assert visited.stopped
    assert not visited.logged_in


def test_when_nobody_comes_it_ends() -> None:
    visited, person = visit(None, seconds=0.3)
    assert visited.stopped is None
    assert "run again" in str(visited.reason_en)
    assert person.told


def test_nobody_is_sent_to_the_fhir_base_with_a_form() -> None:
    visited, person = visit(None, Visit(url=f"{BASE}/Task", fields={"a": "b"}))
    assert "FHIR" in str(visited.reason_nl)
    assert person.told == []


def test_a_launch_is_done_when_a_person_logs_in(tmp_path: Path) -> None:
    """The person is a browser that presses the button of the page, and then fills in the form of the provider."""
    with serve(tmp_path / "served") as served:
        account = served.accounts("Patient")[0]
        name = next(app.name for app in served.domain.application if app.client_id == served.client.client_id)
        by_hand = [
            idp.model_copy(update={"login": idp.login.model_copy(update={"kind": "manual"})})
            for idp in served.domain.idp
            if idp.login
        ]
        domain = launching(served, applications=(name,), accounts=(account,)).model_copy(update={"idp": by_hand})
        errors: list[Exception] = []

        def log_in(page: str) -> None:
            begin = re.search(r'<form method="(\w+)" action="([^"]+)" target="_blank">(.*?)</form>', page)
            assert begin
            fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', unescape(begin[3])))
            asked = Visit(url=unescape(begin[2]), fields=fields)

            async def press() -> Visited:
                async with served.outside.browser("form", "t", served.base) as browser:
                    return await browser.visit(asked, until=lambda _: False, account=account)

            try:
                assert asyncio.run(press()).status == 200
            except Exception as error:
                errors.append(error)
                raise

        person = Person(log_in)

        def told(what: str, passed: int, of: int | None) -> None:
            if what.startswith("open "):
                person(what, passed, of or 0)

        found = launched(domain, snapshot(served, tmp_path), served.outside, told)
        assert errors == []
        (launch,) = of(Launch, found)
        assert launch.worked, launch
        assert [step.name for step in launch.steps][2:] == [
            "authorize",
            "login",
            "callback",
            "token",
            "introspection",
            "audit",
        ]
        (login,) = of(Login, found)
        assert (login.kind, login.logged_in, login.seen) == ("manual", True, None)
        assert not any(secret in str(person.told) for secret in served.secrets)
