"""What has to be refused, tried at the practice service: refused by a clean one, and seen when it is let pass."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ktcheck.http import Wire
from ktcheck.launch.facts import Refusal
from ktcheck.launch.refusals.attempts import try_refusals
from ktcheck.launch.refusals.changes import TRIALS, Trial
from ktcheck.launch.refusals.means import Means
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.sandbox.service import login, oauth
from ktcheck.sandbox.service.login import Asked
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant
from tests import third_parties
from tests.launch.served import Served, serve

SECRETS = {
    "launch", "token", "code", "state", "nonce", "code_challenge", "code_verifier", "client_assertion", "id_token",
    "access_token", "password",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("refusals")) as found:
        yield found


@pytest.fixture(scope="module")
def means(served: Served) -> Means:
    return served.means()


@pytest.fixture(autouse=True)
def without_faults(served: Served) -> Iterator[None]:
    yield
    served.materialised.service.accepts.clear()
    served.materialised.service.launch.clear()


def tried(served: Served, means: Means, *names: str, trials: Mapping[str, Trial] = TRIALS) -> dict[str, Refusal]:
    chosen = {name: trials[name] for name in names or trials}

    async def trying() -> tuple[Refusal, ...]:
        async with Chromium() as chromium:  # starts only where somebody logs in with it
            outside = replace(served.outside, chromium=chromium)
            return await try_refusals(means, outside, lambda _, __: None, chosen)

    found = asyncio.run(trying())
    assert [refusal.name for refusal in found] == list(chosen)
    return {refusal.name: refusal for refusal in found}


def some(name: str) -> list[str]:
    """A name and the one before and after it."""
    names = list(TRIALS)
    place = names.index(name)
    return names[max(place - 1, 0) : place + 2]


def judged(refusal: Refusal) -> bool:
    """Whether it was tried, between two good ones that worked."""
    return refusal.good_before and refusal.good_after and refusal.gap is None


def test_a_clean_service_refuses_all_of_it(served: Served, means: Means) -> None:
    done: list[tuple[int, int]] = []
    found = asyncio.run(try_refusals(means, served.outside, lambda *one: done.append(one)))
    assert [refusal.name for refusal in found] == list(TRIALS)
    assert [refusal for refusal in found if refusal.accepted or not judged(refusal)] == []
    answers = {refusal.name: refusal.answer for refusal in found}
    assert answers["hti-expired"] == "callback 302 invalid_request"
    assert answers["login-other-user"] == "callback 302 access_denied"
    assert answers["authorize-redirect-unregistered"] == "authorize 400"
    assert answers["token-wrong-verifier"] == "token 400 invalid_grant"
    assert answers["token-assertion-expired"] == "token 401 invalid_client"
    assert answers["introspection-token-of-other-domain"] == "introspection 200 active: false"
    assert answers["fhir-token-noop"] == "fhir 401"
    assert done == [(number, len(TRIALS)) for number in range(len(TRIALS) + 1)]


@pytest.mark.parametrize("name", TRIALS)
def test_what_is_let_pass_is_seen_and_nothing_else_is(served: Served, means: Means, name: str) -> None:
    served.materialised.service.accepts.add(name)
    found = tried(served, means, *some(name))
    assert [one for one, refusal in found.items() if refusal.accepted] == [name]
    assert [refusal for refusal in found.values() if not judged(refusal)] == []


def test_good_and_bad_ones_take_turns(served: Served, means: Means) -> None:
    """Each is tried right after a good one and right before another: three bad ones take four good ones."""
    served.evidence.clear()
    tried(served, means, "hti-expired", "hti-replayed", "token-wrong-verifier")
    asked = [exchange["path"].rpartition("/")[2] for exchange in served.evidence if exchange["method"] == "POST"]
    turns = [name for name in asked if name in {"authorize", "token"}]
    good, refused_at_once = ["authorize", "token"], ["authorize"]
    assert turns == [*good, *refused_at_once, *good, *refused_at_once, *good, *good, *good]


@pytest.mark.parametrize("group", ["hti-expired", "token-wrong-verifier"])
def test_without_a_good_one_nothing_is_shown(served: Served, means: Means, group: str) -> None:
    served.materialised.service.launch.add("idp-login-broken")
    refusal = tried(served, means, group)[group]
    assert not refusal.good_before
    assert not refusal.accepted
    assert refusal.answer == "login 500"


def test_good_ones_that_go_on_failing_are_given_up(served: Served, means: Means) -> None:
    served.materialised.service.launch.add("idp-login-broken")
    served.evidence.clear()
    launches = [name for name, trial in TRIALS.items() if trial.stage in {"authorize", "token"}]
    found = tried(served, means, *launches)
    assert {refusal.good_before and refusal.gap is None for refusal in found.values()} == {False}
    logins = [exchange for exchange in served.evidence if "/idp/" in exchange["path"] and exchange["status"] == 500]
    assert len(logins) <= 10


def test_a_wrong_password_of_the_other_account_is_no_refusal(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(means.colleague().account.password_env, "not-the-password")
    refusal = tried(served, means, "login-other-user")["login-other-user"]
    assert refusal.gap
    assert "kan zelf niet starten (login 401)" in refusal.gap


def test_who_is_refused_at_the_login_page_is_refused_there(served: Served, means: Means) -> None:
    """An identity provider that lets nobody in who is not active leaves nothing for the service to refuse."""
    account = means.inactive().account
    assert account.password_env in os.environ
    trial = replace(TRIALS["hti-inactive-user"], change=lambda recipe, _: replace(recipe, account=account))
    refusal = tried(served, means, "hti-inactive-user", trials={"hti-inactive-user": trial})["hti-inactive-user"]
    assert judged(refusal)
    assert refusal.answer == "login 403"


def test_what_is_missing_is_a_gap(served: Served, means: Means) -> None:
    without = replace(means, other="er is geen tweede applicatie", elsewhere="er is geen ander domein")
    found = tried(served, without, "token-code-of-other-client", "fhir-token-of-other-domain", "fhir-token-noop")
    assert found["token-code-of-other-client"].gap == "er is geen tweede applicatie"
    assert found["fhir-token-of-other-domain"].gap == "er is geen ander domein"
    assert judged(found["fhir-token-noop"])


def test_nobody_is_asked_to_log_in_eighty_times(served: Served, means: Means) -> None:
    by_hand = replace(means, targets=tuple(replace(target, login="manual") for target in means.targets))
    found = tried(served, by_hand)
    tried_anyway = {name for name, refusal in found.items() if judged(refusal)}
    assert tried_anyway == {name for name in TRIALS if name.startswith(("introspection-", "fhir-"))}
    assert {str(refusal.gap).partition(",")[0] for name, refusal in found.items() if name not in tried_anyway} == {
        "inloggen gaat met de hand"
    }


@pytest.mark.parametrize(
    ("back", "accepted"),
    [
        ("?code=a-code-that-came", True),
        ("#access_token=a-token-that-came", True),
        ("#error=unsupported_response_type", False),
        ("?error=unsupported_response_type", False),
        ("", False),
    ],
)
def test_a_token_may_come_back_in_a_fragment(
    back: str, *, accepted: bool, served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the answer to response_type token does (RFC 6749 section 4.2.2)."""
    begin = login.begin

    async def answered(tenant: Tenant, asked: Asked, provider: IdentityProvider) -> Response:
        if form["response_type"] == "code":
            return await begin(tenant, asked, provider)
        return RedirectResponse(f"{asked.client_redirect}{back}", 302)

    form: dict[str, str] = {}
    read = oauth.parameters

    async def reading(request: Request) -> dict[str, str]:
        form.update(await read(request))
        return dict(form)

    served.materialised.service.accepts.add("authorize-wrong-response-type")
    monkeypatch.setattr(login, "begin", answered)
    monkeypatch.setattr("ktcheck.sandbox.service.authorize.oauth.parameters", reading)
    refusal = tried(served, means, "authorize-wrong-response-type")["authorize-wrong-response-type"]
    assert judged(refusal)
    assert refusal.accepted is accepted


@pytest.mark.browser
def test_a_real_browser_is_refused_the_same(served: Served, means: Means) -> None:
    third_parties.chromium()
    by_browser = replace(means, targets=tuple(replace(target, login="browser") for target in means.targets))
    served.materialised.service.accepts.add("authorize-missing-state")
    names = ("authorize-redirect-unregistered", "authorize-missing-state")
    found = tried(served, by_browser, *names)
    assert [refusal for refusal in found.values() if not judged(refusal)] == []
    assert [name for name, refusal in found.items() if refusal.accepted] == ["authorize-missing-state"]


def test_every_secret_is_told_before_it_leaves(served: Served, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lets somebody in is told when it is made or comes in: tokens, codes, assertions, verifiers and the like."""
    heard: dict[str, set[str]] = {}
    untold: list[str] = []
    send = Wire.handle_async_request

    def hear(names: Iterable[tuple[str, Any]], *, told: bool) -> None:
        for name, value in names:
            if name in SECRETS and isinstance(value, str) and value != "NOOP":
                heard.setdefault(name, set()).add(value)
                if told and value not in served.secrets:
                    untold.append(name)

    async def listening(self: Wire, request: httpx2.Request) -> httpx2.Response:
        hear(parse_qsl(request.url.query.decode()), told=True)
        hear(parse_qsl((await request.aread()).decode()), told=True)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        hear([("access_token", bearer)] if bearer else [], told=True)
        response = await send(self, request)
        hear(parse_qsl(urlsplit(response.headers.get("location", "")).query), told=False)
        if "json" in response.headers.get("content-type", ""):
            hear(orjson.loads(response.content).items(), told=False)
        return response

    monkeypatch.setattr(Wire, "handle_async_request", listening)
    served.secrets.clear()
    fresh = served.means()
    tried(served, fresh)
    assert untold == []
    assert heard.keys() == SECRETS
    assert {name: values - set(served.secrets) for name, values in heard.items()} == {name: set() for name in SECRETS}
