"""The suite as module: what a portal posts and what comes of it, with a person at the portal of the practice domain."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.launch import module
from ktcheck.launch.agent import Visit
from ktcheck.launch.choose import check
from ktcheck.launch.facts import IdToken, Launch, LoggedEvent, Login, PortalLaunch, TokenResponse
from ktcheck.launch.observe import Observed
from ktcheck.launch.receiver import Receiver
from ktcheck.launch.ways import open_agent
from ktcheck.snapshot.store import Snapshot
from tests.launch.running import launching, observed, of, snapshot
from tests.launch.served import Served, serve
from tests.launch.site import free_port

NAME = "zorgvoorbeeld"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), size=24) as found:
        yield found


@pytest.fixture(scope="module")
def taken(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(served, tmp_path_factory.mktemp("taken"))


@dataclass
class Person:
    """Who sits at the portal, and launches a task of each test account when ktcheck asks for it."""

    served: Served
    change: Mapping[str, str] = field(default_factory=dict)
    somebody_else: bool = False
    asked: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def __call__(self, what: str, passed: int, _: int | None) -> None:
        if what.startswith("start in ") and passed == 0:
            self.asked.append(what)
            threading.Thread(target=self._launch, args=(len(self.asked) - 1,)).start()

    def _launch(self, which: int) -> None:
        try:
            accounts = [a for kind in ("Patient", "Practitioner") for a in self.served.accounts(kind)]
            # The second time the portal is used for somebody that ktcheck has no account of.
            account = accounts[which]
            task = self.served.task(account).reference.partition("/")[2]
            if self.somebody_else:
                task = self._task_of_another()
            asyncio.run(self._post(task))
        except Exception as error:
            self.errors.append(error)
            raise

    def _task_of_another(self) -> str:
        known = {
            account.person
            for kind in ("Patient", "Practitioner", "RelatedPerson")
            for account in self.served.accounts(kind)
        }
        return next(
            own
            for own, task in self.served.materialised.resources["Task"].items()
            if task["status"] in {"ready", "in-progress"}
            and task["owner"].get("reference", "").startswith("Patient/")
            and task["owner"]["reference"] not in known
        )

    async def _post(self, task: str) -> None:
        start = self.served.service.portal(NAME).replace("/taken", "/start")
        fields = {"task": task, "application": self.served.client.client_id}
        async with open_agent(
            "form", evidence=lambda _: None, trace_id="p", secret=lambda _: None, base_url=self.served.base
        ) as browser:
            visited = await browser.visit(Visit(url=start, fields=fields), until=lambda _: False, account=None)
            assert visited.status == 200, visited


def portal_of(served: Served, **changes: Any) -> Domain:
    (portal,) = (
        app.name
        for app in served.domain.application
        if app.role == "portal" and app.client_id != served.client.client_id
    )
    assert served.domain.launch
    accounts = [*served.accounts("Patient"), *served.accounts("Practitioner")]
    return launching(served, applications=(portal,), accounts=tuple(accounts), **changes)


def test_what_a_portal_posts_is_told_and_the_task_is_started(served: Served, taken: Snapshot) -> None:
    person = Person(served)
    found = observed(served, taken, portal_of(served), person)
    assert person.errors == []
    launches = of(Launch, found)
    assert [launch.attempt.user_type for launch in launches] == ["Patient", "Patient", "Practitioner"]
    assert all(launch.worked for launch in launches), launches
    assert [step.name for step in launches[0].steps] == [
        "launch", "authorize", "login", "callback", "token", "introspection", "audit",
    ]  # fmt: skip
    for fact in of(PortalLaunch, found):
        assert (fact.method, fact.content_type) == ("POST", "application/x-www-form-urlencoded")
        assert (fact.fields, fact.iss_is_base, fact.jti_new) == (("iss", "launch"), True, True)
        assert "jti" not in fact.claims
        assert fact.claims["resource"] == fact.attempt.task
        assert fact.claims["sub"] == fact.attempt.person
        assert fact.claims["aud"] == fact.device
        assert fact.claims["iss"] == fact.portal
        assert fact.claims["definition"] == fact.definition
        assert fact.subject
        assert fact.header["kid"]
        assert 0 <= fact.now - fact.claims["iat"] < 60
    assert all(login.logged_in and login.seen == login.agreed for login in of(Login, found))
    assert len(of(TokenResponse, found)) == len(of(IdToken, found)) == 3
    assert [(fact.kind, fact.traced) for fact in of(LoggedEvent, found)] == [("login", True)] * 3


def test_who_has_no_test_account_is_not_logged_in(served: Served, taken: Snapshot) -> None:
    domain = portal_of(served)
    assert domain.launch
    domain = launching(served, applications=domain.launch.applications, accounts=domain.launch.accounts[:1])
    found = observed(served, taken, domain, Person(served, somebody_else=True))
    (launch,) = of(Launch, found)
    assert launch.broken == "login"
    assert of(PortalLaunch, found)
    assert not of(Login, found)


def test_a_launch_that_nobody_makes_is_no_launch(
    served: Served, taken: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PORTAL_SECONDS", 0.2)
    begun = time.monotonic()
    found = observed(served, taken, portal_of(served))
    assert found.launches == ()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"launch=x&iss=y", "application/x-www-form-urlencoded"),
        (b"launch=a.b.c", None),
        (b"\xff\xfe%00=%ff", "text/plain"),
        (b'{"launch": 1}', "application/json"),
    ],
)
def test_rubbish_from_a_portal_is_told_and_no_more(
    body: bytes, content_type: str | None, served: Served, taken: Snapshot
) -> None:
    domain = portal_of(served)
    assert domain.launch
    domain = launching(served, applications=domain.launch.applications, accounts=domain.launch.accounts[:1])
    address = str(served.domain.launch and served.domain.launch.launch_uri)
    headers = {"Content-Type": content_type} if content_type else {}

    def post(what: str, passed: int, _: int | None) -> None:
        if what.startswith("start in ") and passed == 0:
            httpx2.post(address, content=body, headers=headers, timeout=10)

    def in_thread(*said: Any) -> None:
        threading.Thread(target=post, args=said).start()

    found: Observed = observed(served, taken, domain, in_thread)
    (launch,), (fact,) = of(Launch, found), of(PortalLaunch, found)
    assert launch.broken == "login"
    assert (fact.claims, fact.jti_new, fact.iss_is_base) == ({}, None, False)
    assert fact.content_type == content_type


def test_too_much_is_refused() -> None:
    address = f"http://127.0.0.1:{free_port()}/launch"

    async def sent() -> int:
        async with Receiver(address, thanks="") as receiver, httpx2.AsyncClient() as client:
            answer = await client.post(address, content=b"x" * 100_000)
            assert await receiver.received(0.1) is None
            return answer.status_code

    assert asyncio.run(sent()) == 413


def test_a_taken_port_is_told() -> None:
    port = free_port()

    async def twice() -> None:
        async with (
            Receiver(f"http://127.0.0.1:{port}/launch", thanks=""),
            Receiver(f"http://127.0.0.1:{port}/callback", thanks=""),
        ):
            pass

    with pytest.raises(InputError, match=str(port)):
        asyncio.run(twice())


@pytest.mark.parametrize("address", [None, "https://127.0.0.1:8080/launch", "http://127.0.0.1/launch"])
def test_where_it_listens_has_to_be_on_this_machine(address: str | None, served: Served) -> None:
    with pytest.raises(InputError, match="launch_uri"):
        check(portal_of(served, launch_uri=address))
