"""Whatever a service answers, a launch ends with a reason and a refusal with a gap: nothing raised, nothing guessed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from joserfc.errors import JoseError
from starlette.responses import HTMLResponse, Response

from ktcheck.errors import RunError
from ktcheck.launch import both
from ktcheck.launch.calls import Answer, Calls
from ktcheck.launch.facts import Callback, IdToken, Introspection, TokenResponse
from ktcheck.launch.portal import Launched
from ktcheck.launch.recipe import Player
from ktcheck.launch.refusals.attempts import try_refusals
from ktcheck.launch.refusals.changes import TRIALS
from ktcheck.launch.refusals.means import Means
from ktcheck.launch.steps import Recorder
from ktcheck.launch.tokens import is_signed, opened
from ktcheck.sandbox.service import pkce
from ktcheck.sandbox.service.incoming import Untrusted, check_times
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.smart.backend import BackendServices
from tests.launch.making import beginning_with
from tests.launch.served import Served, serve
from tests.launch.site import Answer as Said
from tests.launch.site import Asked, Site, sent_on, site

JSON = (("Content-Type", "application/json"),)
TYPES = {"access_token": 5, "id_token": ["a"], "expires_in": "soon", "scope": [], "resource": {}, "secret": "s" * 20}
SAID: Mapping[str, Callable[[Asked], Said]] = {
    "500": lambda _: Said(500, "Internal Server Error"),
    "429": lambda _: Said(429, ""),
    "rubbish": lambda _: Said(200, "<p>Welkom</p>"),
    "list": lambda _: Said(200, "[1]", JSON),
    "broken": lambda _: Said(200, '{"access_token": ', JSON),
    "types": lambda _: Said(200, json.dumps(TYPES), JSON),
    "odd": lambda _: Said(200, json.dumps({"access_token": "tökén\r\nX-Other: a", "id_token": "é.ö.ü"}), JSON),
    "long": lambda _: Said(200, json.dumps({"active": True, "keys": [], "id_token": "x" * 1_100_000}), JSON),
    "closed": lambda _: Said(0),
    "loop": lambda asked: sent_on(asked.path),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("broken")) as found:
        yield found


@pytest.fixture(scope="module")
def means(served: Served) -> Means:
    return served.means()


@pytest.fixture(scope="module")
def strange() -> Iterator[Site]:
    """A server that answers as the first part of the path says."""

    def answer(asked: Asked) -> Said:
        return SAID[asked.path.strip("/").partition("?")[0]](asked)

    with site(answer) as found:
        yield found


class Rigged(Calls):
    """Of which the SMART configuration is another one."""

    changes: Mapping[str, Any]
    status = 200

    async def configuration(self, base: str) -> Answer:
        answer = await super().configuration(base)
        return replace(answer, status=self.status, content={**answer.content, **self.changes})


def launch(served: Served, player: Player, status: int = 200, **changes: Any) -> tuple[Launched | None, Recorder]:
    planned, recorder, trace = served.planned(), Recorder(), str(uuid4())

    async def run() -> Launched | None:
        async with served.outside.browser(planned.login, trace, player.base) as agent:
            calls = Rigged(evidence=served.evidence.append, trace_id=trace, secret=served.secrets.append)
            calls.changes, calls.status = changes, status
            return await both.launch(player, planned, agent, calls, recorder, beginning_with(trace))

    return asyncio.run(run()), recorder


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (500, {}),
        (404, {}),
        (200, {"token_endpoint": None}),
        (200, {"authorization_endpoint": "http://kt2.example/authorize"}),
        (200, {"authorization_endpoint": ["https://kt2.example/authorize"]}),
        (200, {"token_endpoint": "https://kt2.example:none/token"}),
    ],
)
def test_without_usable_addresses_it_does_not_begin(
    status: int, changes: dict[str, Any], served: Served, means: Means
) -> None:
    launched, recorder = launch(served, means.own.player, status, **changes)
    assert launched is None
    assert recorder.broken
    assert recorder.broken.step == "smart-configuration"
    assert [step.ok for step in recorder.steps] == [False]


@pytest.mark.parametrize("said", SAID)
def test_an_authorize_endpoint_that_is_strange_ends_it(said: str, served: Served, means: Means, strange: Site) -> None:
    launched, recorder = launch(served, means.own.player, authorization_endpoint=f"{strange.url}/{said}")
    assert recorder.broken
    assert recorder.broken.step in {"authorize", "login"}
    assert recorder.broken.reason_nl != recorder.broken.reason_en
    assert launched
    assert launched.facts == ()
    assert recorder.steps[-1].ok is False


def test_without_a_code_it_ends(served: Served, means: Means) -> None:
    def back(_: Asked) -> Said:
        return sent_on(f"{served.redirect_uri}?state=another&error=%3Cnonsense%3E&note=x")

    with site(back) as other:
        launched, recorder = launch(served, means.own.player, authorization_endpoint=f"{other.url}/authorize")
    assert recorder.broken
    assert recorder.broken.step == "callback"
    assert "nonsense" not in recorder.broken.reason_nl
    assert launched
    (fact,) = launched.facts
    assert isinstance(fact, Callback)
    assert (fact.code, fact.state_kept, fact.error, fact.others) == (False, False, None, ("note",))


@pytest.mark.parametrize("said", ["500", "429", "closed", "long", "loop"])
def test_a_token_endpoint_that_gives_nothing_ends_it(said: str, served: Served, means: Means, strange: Site) -> None:
    launched, recorder = launch(served, means.own.player, token_endpoint=f"{strange.url}/{said}")
    assert recorder.broken
    assert recorder.broken.step == "token"
    assert launched
    assert [type(fact) for fact in launched.facts] == [Callback]


@pytest.mark.parametrize("said", ["rubbish", "list", "broken", "types", "odd"])
def test_a_token_response_that_is_strange_is_told_as_it_is(
    said: str, served: Served, means: Means, strange: Site
) -> None:
    launched, recorder = launch(served, means.own.player, token_endpoint=f"{strange.url}/{said}")
    assert recorder.broken is None
    assert launched
    response = launched.facts[1]
    assert isinstance(response, TokenResponse)
    assert "s" * 20 not in repr(response)
    assert response.access_token == ("other" if said in {"types", "odd"} else None)
    assert ("id_token" in response.members) is (said == "odd")
    assert response.opens is None
    assert [fact.signed for fact in launched.facts if isinstance(fact, IdToken)] == [False] * (said == "odd")


@pytest.mark.parametrize(
    ("said", "seen"), [("500", 500), ("rubbish", 200), ("list", 200), ("types", 200), ("closed", None), ("long", None)]
)
def test_an_introspection_endpoint_that_is_strange_does_not_end_it(
    said: str, seen: int | None, served: Served, means: Means, strange: Site
) -> None:
    launched, recorder = launch(served, means.own.player, introspection_endpoint=f"{strange.url}/{said}")
    assert recorder.broken is None
    assert launched
    found = [fact for fact in launched.facts if isinstance(fact, Introspection)]
    assert {fact.status for fact in found} == ({seen} if seen else set())
    assert {fact.active for fact in found} <= {None}
    assert recorder.steps[-1].name == "introspection"
    assert recorder.steps[-1].ok is False


@pytest.mark.parametrize(
    ("said", "signed"), [("500", None), ("rubbish", None), ("closed", None), ("long", None), (None, None)]
)
def test_without_a_key_set_nothing_is_known_of_a_signature(
    said: str | None, signed: bool | None, served: Served, means: Means, strange: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ktcheck.http.ATTEMPTS", 1)
    launched, recorder = launch(served, means.own.player, jwks_uri=f"{strange.url}/{said}" if said else None)
    assert recorder.broken is None
    assert launched
    assert [fact.signed for fact in launched.facts if isinstance(fact, IdToken)] == [signed]


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "é.é.é", "e30.W10.", "e30.e30", "." * 9, "eyJ9.e30.AA"])
def test_what_is_no_token_is_not_opened(text: str) -> None:
    assert opened(text) is None
    assert is_signed(text, {"keys": [{"kty": "EC"}, {}, 1]}) is False


# ---- refusals ------------------------------------------------------------------------------------------------------

ONE_OF_EACH = ("hti-expired", "token-wrong-verifier", "introspection-without-client", "fhir-token-noop")


def tried(served: Served, means: Means, *names: str) -> dict[str, Any]:
    chosen = {name: TRIALS[name] for name in names}
    found = asyncio.run(try_refusals(means, served.outside, lambda _, __: None, chosen))
    return {refusal.name: refusal for refusal in found}


@pytest.mark.parametrize("said", SAID)
def test_a_service_that_is_strange_to_everything_shows_nothing(
    said: str, served: Served, means: Means, strange: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ktcheck.http.ATTEMPTS", 1)
    place = f"{strange.url}/{said}"
    player = means.own.player
    endpoints = replace(player.endpoints, authorization=place, token=place, introspection=place)
    rigged = replace(means, own=replace(means.own, player=replace(player, endpoints=endpoints)))
    found = tried(served, rigged, "hti-expired", "token-wrong-verifier", "introspection-without-client")
    assert {refusal.accepted for refusal in found.values()} == {False}
    assert {refusal.good_before for refusal in found.values()} == {False}


def test_a_service_that_falls_over_what_is_bad_does_not_refuse_it(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    proves = pkce.proves

    def check(claims: Any, accepts: Any) -> None:
        try:
            check_times(claims, accepts)
        except Untrusted:
            raise JoseError("the service falls over it") from None

    def always(*given: str) -> bool:
        if not proves(*given):
            raise JoseError("the service falls over it")
        return True

    monkeypatch.setattr("ktcheck.sandbox.service.launch.check_times", check)
    monkeypatch.setattr(pkce, "proves", always)
    for refusal in tried(served, means, *ONE_OF_EACH[:2]).values():
        assert (refusal.good_before, refusal.good_after, refusal.accepted) == (True, True, False)
        assert refusal.gap == "de service gaf een fout (500) in plaats van een oordeel"


def test_a_service_that_says_that_it_broke_down_does_not_refuse(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(claims: Any, accepts: Any) -> None:
        try:
            check_times(claims, accepts)
        except Untrusted:
            raise Denied(400, "server_error", "the service says so itself") from None

    monkeypatch.setattr("ktcheck.sandbox.service.launch.check_times", check)
    refusal = tried(served, means, "hti-expired")["hti-expired"]
    assert refusal.answer == "callback 302 server_error"
    assert refusal.gap == "de service gaf een fout (server_error) in plaats van een oordeel"


def test_what_ends_before_the_token_request_says_nothing_of_it(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bad one has another fault too, for which it is refused earlier."""
    trial, fault = TRIALS["token-wrong-verifier"], TRIALS["authorize-wrong-aud"]

    def change(recipe: Any, kit: Any) -> Any:
        return fault.change(trial.change(recipe, kit), kit)

    monkeypatch.setitem(TRIALS, "token-wrong-verifier", replace(trial, change=change))
    refusal = tried(served, means, "token-wrong-verifier")["token-wrong-verifier"]
    assert not refusal.accepted
    assert refusal.gap == (
        "het verzoek waar het om gaat is niet gedaan: de launch eindigde eerder (callback 302 invalid_request)"
    )


@pytest.mark.parametrize("name", ["hti-too-long", "authorize-no-pkce", "token-wrong-verifier"])
def test_who_is_refused_at_the_login_page_is_not_refused_for_the_launch(
    name: str, served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when an identity provider has had enough of so many logins, of a service that lets the launch pass."""
    served.materialised.service.accepts.add(name)
    trial = TRIALS[name]

    def change(recipe: Any, kit: Any) -> Any:
        return replace(trial.change(recipe, kit), account=means.inactive().account)

    monkeypatch.setitem(TRIALS, name, replace(trial, change=change))
    refusal = tried(served, means, name)[name]
    served.materialised.service.accepts.clear()
    assert not refusal.accepted
    assert refusal.gap == "het inloggen werd geweigerd (login 403), dus de service kwam niet aan een oordeel toe"


def test_an_error_page_after_the_login_is_a_refusal(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service may tell the user himself that the launch is not his, instead of sending him back."""

    def back(*_: Any) -> Response:
        return HTMLResponse("<p>U bent iemand anders.</p>", 403)

    monkeypatch.setattr("ktcheck.sandbox.service.authorize._back", back)
    refusal = tried(served, means, "login-other-user")["login-other-user"]
    assert (refusal.good_before, refusal.good_after, refusal.accepted, refusal.gap) == (True, True, False, None)
    assert refusal.answer == "authorize 403"


def test_without_a_token_of_the_suite_two_are_not_tried(
    served: Served, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_left(*_: Any, **__: Any) -> Any:
        raise RunError("kt2.example: the token endpoint gives no token")

    monkeypatch.setattr(BackendServices, "token", none_left)
    names = ("introspection-token-of-other-domain", "fhir-token-noop")
    gaps = {refusal.gap for refusal in tried(served, means, *names).values()}
    assert gaps == {"het domein gaf de suite geen access token meer"}
