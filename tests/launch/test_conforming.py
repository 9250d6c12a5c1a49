"""A service may do things otherwise than the practice service, as long as the standard leaves that open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import escape
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ktcheck.launch import both
from ktcheck.launch.calls import Answer, Calls
from ktcheck.launch.facts import Callback, IdToken, Introspection, TokenResponse
from ktcheck.launch.portal import Launched
from ktcheck.launch.refusals.attempts import try_refusals
from ktcheck.launch.refusals.changes import TRIALS
from ktcheck.launch.refusals.means import Means
from ktcheck.launch.steps import Recorder
from ktcheck.sandbox.service import oauth
from ktcheck.sandbox.service.answers import plain_json
from tests.launch.making import beginning_with
from tests.launch.served import Served, serve

SOME = (
    "hti-expired", "login-other-user", "authorize-redirect-unregistered", "token-wrong-verifier",
    "token-assertion-expired", "introspection-without-client",
)  # fmt: skip
WITHOUT_POST = ["launch-ehr", "sso-openid-connect", "context-ehr-hti", "something-new"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("conforming")) as found:
        yield found


@pytest.fixture(scope="module")
def means(served: Served) -> Means:
    return served.means()


class WithoutPost(Calls):
    """Of which the SMART configuration does not say that the authorize request may be posted."""

    async def configuration(self, base: str) -> Answer:
        answer = await super().configuration(base)
        return replace(answer, content={**answer.content, "capabilities": WITHOUT_POST})


def launched(served: Served, means: Means, calls: type[Calls] = Calls) -> Launched:
    """A launch, which has to work."""
    planned, recorder, trace = served.planned(), Recorder(), str(uuid4())

    async def run() -> Launched | None:
        async with served.outside.browser(planned.login, trace, served.base) as agent:
            own = calls(evidence=served.evidence.append, trace_id=trace, secret=served.secrets.append)
            return await both.launch(means.own.player, planned, agent, own, recorder, beginning_with(trace))

    found = asyncio.run(run())
    assert recorder.broken is None
    assert found
    return found


def all_refused(served: Served, means: Means) -> bool:
    """Whether some of what has to be refused is, each between two good ones."""
    chosen = {name: TRIALS[name] for name in SOME}
    found = asyncio.run(try_refusals(means, served.outside, lambda _done, _total: None, chosen))
    return all(
        refusal.good_before and refusal.good_after and not refusal.gap and not refusal.accepted for refusal in found
    )


def posted(redirect: Callable[..., Response], module: str) -> Callable[..., Response]:
    """Sends a browser to the module by a page that posts the parameters (OAuth 2.0 Form Post Response Mode)."""

    def made(address: str, **parameters: str | None) -> Response:
        if address != module:
            return redirect(address, **parameters)
        given = {name: value for name, value in parameters.items() if value is not None}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in given.items()
        )
        form = f'<form method="post" action="{escape(address)}">{inputs}</form>'
        return HTMLResponse(f'<body onload="document.forms[0].submit()">{form}</body>')

    return made


def relative(redirect: Callable[..., Response]) -> Callable[..., Response]:
    """A redirect that leaves out what is the same, by way of an address of its own."""

    def made(address: str, **parameters: str | None) -> Response:
        answer = redirect(address, **parameters)
        target = httpx2.URL(answer.headers["location"])
        if target.path.endswith("/authorize"):
            return RedirectResponse(target.raw_path.decode(), 303)
        return answer

    return made


def test_the_code_may_be_posted(served: Served, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "redirect", posted(oauth.redirect, served.redirect_uri))
    facts = launched(served, means).facts
    (back,) = (fact for fact in facts if isinstance(fact, Callback))
    assert (back.status, back.address_kept, back.code, back.state_kept, back.others) == (200, True, True, True, ())
    assert all_refused(served, means)


def test_a_redirect_may_be_relative(served: Served, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "redirect", relative(oauth.redirect))
    assert [type(fact) for fact in launched(served, means).facts][:3] == [Callback, TokenResponse, IdToken]
    assert all_refused(served, means)


def test_without_post_the_authorize_request_is_a_get(served: Served, means: Means) -> None:
    served.evidence.clear()
    launched(served, means, WithoutPost)
    endpoint = httpx2.URL(means.own.player.endpoints.authorization).path
    asked = [exchange for exchange in served.evidence if exchange["path"] == endpoint]
    assert [exchange["method"] for exchange in asked] == ["GET"]
    assert asked[0]["query"]["launch"] is None, "no value of it is kept"


def test_an_error_may_be_a_page(served: Served, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth.Denied, "answer", lambda self: HTMLResponse("<h1>Er ging iets mis</h1>", self.status))
    assert all_refused(served, means)


def test_there_may_be_more_in_an_answer(served: Served, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference implementation adds claims of the HTI token to the token response."""

    def more(content: Any, *rest: Any) -> Response:
        return plain_json({**content, "jti": "x" * 20, "aud": "Device/1", "unheard_of": {"a": 1}}, *rest)

    monkeypatch.setattr("ktcheck.sandbox.service.token.plain_json", more)
    facts = launched(served, means).facts
    (response,) = (fact for fact in facts if isinstance(fact, TokenResponse))
    assert {name: response.members[name] for name in ("jti", "aud", "unheard_of")} == {
        "jti": True,
        "aud": True,
        "unheard_of": True,
    }
    assert {fact.active for fact in facts if isinstance(fact, Introspection)} == {True}
