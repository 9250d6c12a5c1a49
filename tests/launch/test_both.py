"""The suite as portal and module at once: what it tells of a launch, good or with a fault in the service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from ktcheck.launch import both
from ktcheck.launch.facts import Callback, IdToken, Introspection, TokenResponse
from ktcheck.launch.portal import Launched
from ktcheck.launch.recipe import Player
from ktcheck.launch.steps import Recorder
from ktcheck.sandbox.service.assertion import authenticated
from ktcheck.sandbox.service.registry import Client
from tests.launch.making import beginning_with
from tests.launch.served import Served, serve

Fact = TypeVar("Fact")
TRACE_ID = "http://koppeltaal.nl/fhir/StructureDefinition/trace-id"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("both")) as found:
        yield found


@pytest.fixture(scope="module")
def player(served: Served) -> Player:
    return served.joined().player


@pytest.fixture(autouse=True)
def without_faults(served: Served) -> Iterator[None]:
    yield
    served.materialised.service.launch.clear()


def launch(served: Served, player: Player, user_type: str = "Patient") -> tuple[Launched | None, Recorder]:
    planned, recorder, trace = served.planned(user_type), Recorder(), str(uuid4())

    async def run() -> Launched | None:
        async with served.outside.browser(planned.login, trace, player.base) as agent:
            calls = served.outside.calls(trace)
            return await both.launch(player, planned, agent, calls, recorder, beginning_with(trace))

    return asyncio.run(run()), recorder


def one(launched: Launched | None, kind: type[Fact]) -> Fact:
    (found,) = every(launched, kind)
    return found


def every(launched: Launched | None, kind: type[Fact]) -> list[Fact]:
    assert launched
    return [fact for fact in launched.facts if isinstance(fact, kind)]


@pytest.mark.parametrize("user_type", ["Patient", "Practitioner", "RelatedPerson"])
def test_a_good_launch_is_told_step_by_step(served: Served, player: Player, user_type: str) -> None:
    launched, recorder = launch(served, player, user_type)
    planned = served.planned(user_type)
    assert recorder.broken is None
    assert [(step.name, step.actor, step.ok) for step in recorder.steps] == [
        ("smart-configuration", "portal", True),
        ("launch", "portal", True),
        ("authorize", "module", True),
        ("login", "person", True),
        ("callback", "module", True),
        ("token", "authorization", True),
        ("introspection", "module", True),
    ]
    starts = [step.start_ms for step in recorder.steps]
    assert starts == sorted(starts)
    assert one(launched, Callback) == Callback(
        attempt=planned.attempt, status=302, address_kept=True, code=True, state_kept=True
    )
    response = one(launched, TokenResponse)
    context = {
        "resource": planned.task.reference,
        "definition": planned.task.definition,
        "sub": planned.attempt.person,
        "intent": planned.task.intent,
    }
    if user_type != "Patient":
        context["patient"] = planned.task.patient
    assert response.expected == context
    assert response.members == {
        "id_token": True,
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "launch openid fhirUser",
        **context,
    }
    assert (response.status, response.access_token, response.opens) == (200, "NOOP", 401)
    assert response.cache_control == "no-store"
    token = one(launched, IdToken)
    assert (token.algorithm, token.signed, token.nonce_kept) == ("ES256", True, True)
    assert token.claims["sub"] == token.sub == planned.attempt.person
    assert token.claims["aud"] == token.claims["azp"] == token.client_id == player.signer.client_id
    assert token.claims["iss"] == token.issuer == player.endpoints.issuer
    assert token.claims["iat"] <= token.now < token.claims["exp"]
    assert {(fact.token, fact.status, fact.active, fact.different) for fact in every(launched, Introspection)} == {
        ("hti", 200, True, ()),
        ("id_token", 200, True, ()),
    }
    assert {fact.audience for fact in every(launched, Introspection)} == {"introspection"}


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("state-changed", Callback, {"state_kept": False}),
        ("id-token-wrong-signature", IdToken, {"signed": False}),
        ("id-token-nonce-lost", IdToken, {"nonce_kept": False}),
        ("access-token-real", TokenResponse, {"access_token": "other", "opens": 200}),
    ],
)
def test_what_is_not_as_it_should_be_is_seen(
    served: Served, player: Player, fault: str, kind: type[Any], said: dict[str, Any]
) -> None:
    served.materialised.service.launch.add(fault)
    launched, _ = launch(served, player)
    fact = one(launched, kind)
    assert {name: getattr(fact, name) for name in said} == said


def test_a_refresh_token_is_seen_and_not_kept(served: Served, player: Player) -> None:
    served.materialised.service.launch.add("refresh-token-given")
    launched, _ = launch(served, player)
    assert one(launched, TokenResponse).members["refresh_token"] is True


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("introspection-denies-good", ("hti", False, ())),
        ("introspection-of-id-token-denied", ("id_token", False, ())),
        ("introspection-claims-differ", ("hti", True, ("sub",))),
    ],
)
def test_introspection_that_is_wrong_is_seen(
    served: Served, player: Player, fault: str, seen: tuple[str, bool, tuple[str, ...]]
) -> None:
    served.materialised.service.launch.add(fault)
    launched, recorder = launch(served, player)
    assert seen in {(fact.token, fact.active, fact.different) for fact in every(launched, Introspection)}
    assert recorder.broken is None


def test_every_exchange_of_a_launch_has_the_id_of_its_hti_token(served: Served, player: Player) -> None:
    served.evidence.clear()
    launch(served, player)
    assert len(served.evidence) >= 10
    (trace,) = {exchange["trace_id"] for exchange in served.evidence}
    logged = served.service.tenants[served.domain.domain.name].of_type("AuditEvent").values()
    assert any({"url": TRACE_ID, "valueId": trace} in event.get("extension", ()) for event in logged)


def test_a_launch_ends_where_the_service_ends_it(served: Served, player: Player) -> None:
    planned, recorder = served.planned(), Recorder()
    used = str(uuid4())

    async def run() -> Launched | None:
        async with served.outside.browser(planned.login, used, player.base) as agent:
            calls = served.outside.calls(used)
            await both.launch(player, planned, agent, calls, Recorder(), beginning_with(used))
            return await both.launch(player, planned, agent, calls, recorder, beginning_with(used))

    launched = asyncio.run(run())
    assert recorder.broken
    assert recorder.broken.step == "callback"
    assert "(invalid_request)" in recorder.broken.reason_nl
    assert [step.ok for step in recorder.steps] == [True, True, True, False]
    assert one(launched, Callback).error == "invalid_request"
    assert every(launched, TokenResponse) == []


def test_for_whom_an_assertion_is_at_introspection_is_found_out(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The developer guide, and the reference implementation, say otherwise than TOP-KT-021."""

    def of_guide(form: Any, tenant: Any, _: str, prefix: str) -> Client:
        return authenticated(form, tenant, tenant.token_endpoint, prefix)

    monkeypatch.setattr("ktcheck.sandbox.service.introspect.authenticated", of_guide)
    player = served.joined().player
    assert player.audience == player.endpoints.token
    launched, _ = launch(served, player)
    found = every(launched, Introspection)
    assert {(fact.status, fact.active, fact.audience) for fact in found} == {(200, True, "token")}
