"""What can be put wrong in a launch that is good: each fault shows where it should."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from ktcheck.sandbox.service.incoming import unverified
from tests.sandbox.launching import CALLBACK, KEY, Bench, brought, form, signed
from tests.sandbox.test_applications import LAUNCH_URI, TRACE, endpoint, events, launched

Json = dict[str, Any]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    with httpx2.Client() as browser:
        bench = Bench(service, "zorgvoorbeeld", browser)
        yield bench
        bench.tenant.launch_faults.clear()


def redeemed(bench: Bench) -> tuple[Json, Json]:
    """The claims of a launch, and the response to its token request."""
    account = bench.account("Practitioner")
    claims = bench.hti_claims(account)
    code = brought(bench.log_in(bench.authorize(signed(claims), nonce="n-1"), account))["code"]
    content: Json = bench.token(code).raise_for_status().json()
    return claims, content


def smart(bench: Bench) -> Json:
    content: Json = bench.http.get(f"{bench.base}/.well-known/smart-configuration").json()
    return content


def keys(bench: Bench) -> Json:
    content: Json = bench.http.get(bench.smart["jwks_uri"]).json()
    return content


def discovery(bench: Bench) -> Json:
    issuer = bench.tenant.providers["patients"].issuer
    content: Json = bench.http.get(f"{issuer}/.well-known/openid-configuration").json()
    return content


def as_far_as_said(bench: Bench) -> bool:
    claims, content = redeemed(bench)
    context = {"resource", "definition", "sub", "patient", "intent"}
    return {name: content.get(name) for name in context} == {name: claims.get(name) for name in context}


def id_token(bench: Bench) -> Json:
    claims, content = redeemed(bench)
    try:
        said = jwt.decode(content["id_token"], KeySet.import_key_set(keys(bench)), algorithms=["ES256"]).claims  # type: ignore[arg-type]
    except JoseError:
        return {}
    return {
        "iss": said["iss"] == bench.smart["issuer"],
        "aud": said["aud"] == bench.client_id,
        "exp": said["exp"] > time.time(),
        "sub": said["sub"] == claims["sub"],
        "nonce": said.get("nonce") == "n-1",
    }


def id_token_fails(name: str) -> Callable[[Bench], bool]:
    return lambda bench: [key for key, value in id_token(bench).items() if not value] != [name]


def introspected(bench: Bench, *, of_id_token: bool = False) -> Json:
    claims, content = redeemed(bench)
    said: Json = bench.introspect(content["id_token"] if of_id_token else signed(claims)).raise_for_status().json()
    return {"active": said["active"], "same": said.get("sub") == claims["sub"]}


def logged(bench: Bench, code: str) -> list[bool]:
    """Whether what the authorization service (110153) or the module (110150) logged is about the user or the task."""
    claims, _ = launched(bench, bench.account("Practitioner"))
    found = [item for item in events(bench, claims) if item["agent"][0]["type"]["coding"][0]["code"] == code]
    return [item["entity"][0]["what"]["reference"] in {claims["sub"], claims["resource"]} for item in found]


def asked_by_the_module(bench: Bench) -> dict[str, str]:
    """The authorize request of a module."""
    account = bench.account("Practitioner")
    address, device = endpoint(bench, bench.task(account.person))
    launch = signed(bench.hti_claims(account, aud=device))
    answer = bench.http.post(address, data={"launch": launch, "iss": bench.base})
    return dict(httpx2.URL(answer.headers.get("location", "")).params)


def end(bench: Bench) -> tuple[int, str]:
    _, page = launched(bench, bench.account("Practitioner"))
    return page.status_code, str(page.url)


def provider(bench: Bench, user_type: str) -> httpx2.Response:
    begun = bench.authorize(signed(bench.hti_claims(bench.account(user_type))))
    return bench.http.get(begun.headers["location"])


def logs_in_where_agreed(bench: Bench) -> bool:
    """All of them can log in in any case."""
    agreed = {"Patient": "patients", "Practitioner": "practitioners", "RelatedPerson": "related-persons"}
    found = set()
    for user_type, name in agreed.items():
        page = provider(bench, user_type)
        found.add(str(page.url).startswith(bench.tenant.providers[name].issuer + "/"))
        account = bench.account(user_type)
        action, hidden = form(page.text)
        answer = bench.http.post(action, data={**hidden, "username": account.username, "password": account.password})
        assert "code" in brought(bench.log_in(answer, account))
        bench.http.cookies.clear()
    (same,) = found
    return bool(same)


def handed_over(bench: Bench) -> tuple[Json, Json, dict[str, str]]:
    """Header and claims of the HTI token of the portal, and the form in which it is handed over to the suite."""
    account = bench.account("Practitioner")
    jwks = {"keys": [KEY.as_dict(private=False)]}
    bench.service.register(bench.domain, bench.client_id, jwks, redirect_uris=[CALLBACK], launch_uri=LAUNCH_URI)
    tasks = bench.http.get(bench.service.portal(bench.domain), params={"user": str(account.person)})
    task = {"task": bench.task(account.person)["id"], "application": bench.client_id}
    action, fields = form(bench.http.post(form(tasks.text)[0], data=task).raise_for_status().text)
    assert action == LAUNCH_URI
    header, claims = unverified(fields.get("launch") or fields["token"])
    return header, claims, fields


def lifetime(claims: Json) -> int:
    """In seconds."""
    return int(claims["exp"] - claims["iat"])


def claimed_by_the_portal(bench: Bench) -> Json:
    return handed_over(bench)[1]


WELL: dict[str, Callable[[Bench], object]] = {
    "smart-configuration-incomplete": lambda bench: "context-ehr-hti" in smart(bench)["capabilities"],
    "id-token-wrong-aud": id_token_fails("aud"),
    "id-token-wrong-iss": id_token_fails("iss"),
    "id-token-wrong-signature": lambda bench: id_token(bench) != {},
    "id-token-expired": id_token_fails("exp"),
    "id-token-nonce-lost": id_token_fails("nonce"),
    "id-token-other-sub": id_token_fails("sub"),
    "context-without-resource": as_far_as_said,
    "context-other-task": as_far_as_said,
    "context-other-patient": as_far_as_said,
    "context-extra-fhir-context": lambda bench: "fhirContext" not in redeemed(bench)[1],
    "access-token-real": lambda bench: redeemed(bench)[1]["access_token"] == "NOOP",
    "refresh-token-given": lambda bench: "refresh_token" not in redeemed(bench)[1],
    "scope-differs": lambda bench: redeemed(bench)[1]["scope"] == "launch openid fhirUser",
    "lifetime-long": lambda bench: redeemed(bench)[1]["expires_in"] == 300,
    "state-changed": lambda bench: (
        brought(
            bench.log_in(bench.authorize(signed(bench.hti_claims(bench.account("Patient")))), bench.account("Patient"))
        )["state"]
        == "s-1"
    ),
    "introspection-denies-good": lambda bench: introspected(bench)["active"],
    "introspection-of-id-token-denied": lambda bench: introspected(bench, of_id_token=True)["active"],
    "introspection-claims-differ": lambda bench: introspected(bench)["same"],
    "introspection-audience-of-guide": lambda bench: bench.introspect("nothing").status_code == 200,
    "audit-login-missing": lambda bench: logged(bench, "110153"),
    "audit-login-other-person": lambda bench: all(logged(bench, "110153")),
    "audit-launched-missing": lambda bench: logged(bench, "110150"),
    "audit-without-trace": lambda bench: logged(bench, "110150") + logged(bench, "110153"),
    "module-without-pkce": lambda bench: "code_challenge" in asked_by_the_module(bench),
    "module-plain-pkce": lambda bench: asked_by_the_module(bench)["code_challenge_method"] == "S256",
    "module-constant-state": lambda bench: asked_by_the_module(bench)["state"] != asked_by_the_module(bench)["state"],
    "module-wrong-scope": lambda bench: asked_by_the_module(bench)["scope"] == "launch openid fhirUser",
    "module-wrong-aud": lambda bench: asked_by_the_module(bench)["aud"] == bench.base,
    "module-takes-no-launch": asked_by_the_module,
    "module-without-login": asked_by_the_module,
    "module-page-missing": lambda bench: end(bench)[0] != 404,
    "module-page-error": lambda bench: end(bench)[0] != 500,
    "module-launches-other": lambda bench: all(logged(bench, "110150")),
    "module-token-in-query": lambda bench: "token=" not in end(bench)[1],
    "portal-without-kid": lambda bench: "kid" in handed_over(bench)[0],
    "portal-wrong-aud": lambda bench: claimed_by_the_portal(bench)["aud"] == f"Device/{bench.client_id}",
    "portal-long-lived": lambda bench: claimed_by_the_portal(bench)["exp"] - claimed_by_the_portal(bench)["iat"] <= 300,
    "portal-without-definition": lambda bench: "definition" in claimed_by_the_portal(bench),
    "portal-with-name": lambda bench: "name" not in claimed_by_the_portal(bench),
    "portal-field-token": lambda bench: "launch" in handed_over(bench)[2],
    "portal-without-iss": lambda bench: "iss" in handed_over(bench)[2],
    "idp-login-broken": lambda bench: provider(bench, "Patient").status_code != 500,
    "idp-other-than-agreed": logs_in_where_agreed,
    "idp-id-token-alg-none-announced": lambda bench: (
        "none" not in discovery(bench)["id_token_signing_alg_values_supported"]
    ),
    "idp-discovery-issuer-differs": lambda bench: (
        discovery(bench)["issuer"] == bench.tenant.providers["patients"].issuer
    ),
    "idp-not-https": lambda bench: all(
        httpx2.URL(value).host == "127.0.0.1" for name, value in discovery(bench).items() if name.endswith("_endpoint")
    ),
    "jwks-with-private-member": lambda bench: all("d" not in key for key in keys(bench)["keys"]),
}


@pytest.mark.parametrize("name", WELL)
def test_a_fault_shows_and_without_it_all_is_well(bench: Bench, name: str) -> None:
    assert WELL[name](bench)
    bench.http.cookies.clear()
    bench.tenant.launch_faults.add(name)
    assert not WELL[name](bench)


def test_what_is_logged_without_a_trace_is_logged(bench: Bench) -> None:
    bench.tenant.launch_faults.add("audit-without-trace")
    before = {*bench.tenant.of_type("AuditEvent")}
    launched(bench, bench.account("Patient"))
    new = [item for own, item in bench.tenant.of_type("AuditEvent").items() if own not in before]
    about = [item for item in new if item["type"]["code"] != "rest"]
    assert len(about) >= 2
    assert not any(extension["url"] == TRACE for item in about for extension in item["extension"])
