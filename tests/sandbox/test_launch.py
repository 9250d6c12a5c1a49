"""A launch as portal and module would do it, at the practice service: the good one in every detail."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from tests.sandbox.launching import CALLBACK, Bench, brought, form, signed


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    """With a fresh browser."""
    with httpx2.Client() as browser:
        yield Bench(service, "zorgvoorbeeld", browser)


@pytest.mark.parametrize("user_type", ["Patient", "Practitioner", "RelatedPerson"])
def test_who_logs_in_and_launches_his_own_task_gets_its_context(bench: Bench, user_type: str) -> None:
    account = bench.account(user_type)
    claims = bench.hti_claims(account)
    answer = bench.log_in(bench.authorize(signed(claims), nonce="n-1"), account)
    assert set(brought(answer)) == {"code", "state"}
    assert brought(answer)["state"] == "s-1"
    got = bench.token(brought(answer)["code"]).raise_for_status()
    assert got.headers["cache-control"] == "no-store"
    content = got.json()
    id_token = content.pop("id_token")
    context: dict[str, object] = {
        name: claims[name] for name in ("resource", "definition", "sub", "patient", "intent") if name in claims
    }
    assert content == {
        "access_token": "NOOP",
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "launch openid fhirUser",
        **context,
    }
    assert ("patient" in content) == (user_type != "Patient")
    keys = KeySet.import_key_set(bench.http.get(bench.smart["jwks_uri"]).json())
    said = jwt.decode(id_token, keys, algorithms=["ES256"]).claims
    assert said["iss"] == bench.smart["issuer"]
    assert said["aud"] == said["azp"] == bench.client_id
    assert said["sub"] == account.person
    assert said["nonce"] == "n-1"
    assert said["fhirUser"] == f"{bench.base}/{account.person}"
    assert time.time() < said["exp"] <= time.time() + 300


def test_good_tokens_are_active_at_introspection_and_others_are_not(bench: Bench) -> None:
    account = bench.account("Patient")
    claims = bench.hti_claims(account)
    content = bench.token(bench.code(account)).json()
    for token in (signed(claims), content["id_token"]):
        assert bench.introspect(token).raise_for_status().json()["active"] is True
    said = bench.introspect(signed(claims)).json()
    assert {name: said[name] for name in claims} == claims
    other = signed(bench.hti_claims(account, aud="Device/of-another"))
    for token in (content["access_token"], other, "nothing", signed({**claims, "exp": 1})):
        assert bench.introspect(token).json() == {"active": False}
    assert bench.introspect("nothing", client_assertion="wrong").status_code == 401
    assert bench.introspect("nothing", client_assertion=None).status_code == 400


def test_a_login_is_logged_with_the_id_of_the_launch_as_trace(bench: Bench) -> None:
    account = bench.account("Practitioner")
    claims = bench.hti_claims(account)
    bench.code(account, signed(claims))
    events = [
        event
        for event in bench.tenant.of_type("AuditEvent").values()
        if {"url": "http://koppeltaal.nl/fhir/StructureDefinition/trace-id", "valueId": claims["jti"]}
        in event["extension"]
    ]
    (event,) = events
    assert event["type"]["code"] == "110114"
    assert event["subtype"][0]["code"] == "110122"
    assert event["outcome"] == "0"
    assert event["entity"][0]["what"]["reference"] == account.person
    assert event["entity"][0]["role"]["code"] == "15"


def test_who_is_logged_in_already_is_not_asked_again(bench: Bench) -> None:
    account = bench.account("Patient")
    bench.code(account)
    begun = bench.authorize(signed(bench.hti_claims(account)))
    at_idp = bench.http.get(begun.headers["location"])
    assert at_idp.status_code == 302
    assert "code" in brought(bench.log_in(at_idp, account))


def test_practitioners_log_in_elsewhere_for_one_application(bench: Bench) -> None:
    registry, world = bench.tenant.registry, bench.tenant.domain.domain.world
    own = world.application("Klachtenlijst").client_id
    assert (
        registry.provider(bench.client_id, "Practitioner", None)[0] != registry.provider(own, "Practitioner", None)[0]
    )
    assert registry.provider(bench.client_id, "Patient", None)[0] == registry.provider(own, "Patient", None)[0]


@pytest.mark.parametrize(
    ("hint", "provider"), [("patients", "patients"), ("unheard-of", "patients"), (None, "patients")]
)
def test_a_hint_picks_a_provider_of_the_user_type(bench: Bench, hint: str | None, provider: str) -> None:
    begun = bench.authorize(signed(bench.hti_claims(bench.account("Patient"), idp_hint=hint)))
    assert begun.headers["location"].startswith(bench.tenant.providers[provider].issuer)


def login_page(bench: Bench) -> httpx2.Response:
    begun = bench.authorize(signed(bench.hti_claims(bench.account("Patient"))))
    return bench.http.get(begun.headers["location"])


def test_a_wrong_password_is_told_on_the_page_and_can_be_corrected(bench: Bench) -> None:
    account = bench.account("Patient")
    action, hidden = form(login_page(bench).text)
    again = bench.http.post(action, data={**hidden, "username": account.username, "password": "wrong"})
    assert again.status_code == 401
    assert 'role="alert"' in again.text
    action, hidden = form(again.text)
    answer = bench.http.post(action, data={**hidden, "username": account.username, "password": account.password})
    assert "code" in brought(bench.log_in(answer, account))


def test_a_disabled_account_cannot_log_in(bench: Bench) -> None:
    account = bench.account("Patient", enabled=False)
    action, hidden = form(login_page(bench).text)
    answer = bench.http.post(action, data={**hidden, "username": account.username, "password": account.password})
    assert answer.status_code == 403


def test_a_form_of_another_page_or_browser_is_refused(bench: Bench) -> None:
    account = bench.account("Patient")
    action, hidden = form(login_page(bench).text)
    data = {**hidden, "username": account.username, "password": account.password}
    assert bench.http.post(action, data={**data, "csrf": "guessed"}).status_code == 400
    assert bench.http.post(action, data=data).status_code == 400, "a form counts once"
    action, hidden = form(login_page(bench).text)
    with httpx2.Client() as other:
        data = {**hidden, "username": account.username, "password": account.password}
        assert other.post(action, data=data).status_code == 400


def test_the_answer_of_the_provider_counts_in_the_browser_that_asked(bench: Bench) -> None:
    account = bench.account("Patient")
    action, hidden = form(login_page(bench).text)
    data = {**hidden, "username": account.username, "password": account.password}
    back = bench.http.post(action, data=data).headers["location"]
    with httpx2.Client() as other:
        assert other.get(back).status_code == 400
    assert bench.http.get(back).status_code == 400, "a state counts once"


def test_a_provider_tells_what_it_is(bench: Bench) -> None:
    for provider in bench.tenant.providers.values():
        said = bench.http.get(f"{provider.issuer}/.well-known/openid-configuration").raise_for_status().json()
        assert said["issuer"] == provider.issuer
        assert said["id_token_signing_alg_values_supported"] == ["RS256"]
        (key,) = bench.http.get(said["jwks_uri"]).raise_for_status().json()["keys"]
        assert {"kty", "kid", "n", "e", "use", "alg"} == set(key)
        assert bench.http.get(said["userinfo_endpoint"]).status_code == 401
        assert bench.http.post(said["token_endpoint"], data={"grant_type": "authorization_code"}).status_code == 401
        unknown = {"client_id": "koppeltaal", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
        assert bench.http.get(said["authorization_endpoint"], params=unknown).status_code == 400


def test_a_get_at_the_authorize_endpoint_is_as_good_as_a_post(bench: Bench) -> None:
    asked = bench.authorize(signed(bench.hti_claims(bench.account("Patient"))), state=None)
    assert brought(asked)["error"] == "invalid_request"
    got = bench.http.get(bench.smart["authorization_endpoint"], params={"client_id": bench.client_id})
    assert got.status_code == 400
    assert "redirect_uri" in got.json()["error_description"]


def test_the_administration_shows_what_was_set_up(bench: Bench) -> None:
    page = bench.http.get(bench.smart["management_endpoint"]).raise_for_status().text
    assert CALLBACK in page
    for provider in bench.tenant.providers.values():
        assert provider.issuer in page
