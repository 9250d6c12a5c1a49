"""What the practice service refuses, and what it can be told to accept: each thing by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc.jwk import ECKey

from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.defects.refusals import ACCEPTED, DEFECTS
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from tests.sandbox.launching import ASSERTION_TYPE, CALLBACK, KEY, VERIFIER, Bench, brought, definition, signed

Json = dict[str, Any]
OTHER_KEY = ECKey.generate_key("P-256")
OTHER_CLIENT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        running.elsewhere()
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    with httpx2.Client() as browser:
        bench = Bench(service, "zorgvoorbeeld", browser)
        jwks = {"keys": [KEY.as_dict(private=False)]}
        service.register("zorgvoorbeeld", OTHER_CLIENT, jwks)
        service.register("elders", bench.client_id, jwks)
        yield bench
        bench.tenant.accepts.clear()


def forged(claims: Json, alg: str, secret: bytes | None = None) -> str:
    """A JWT without a signature, or with one that is made with a secret."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    text = ".".join(part(json.dumps(item).encode()) for item in ({"alg": alg, "kid": KEY.kid}, claims))
    return f"{text}.{part(hmac.digest(secret, text.encode(), hashlib.sha256)) if secret else ''}"


def good(answer: httpx2.Response, status: int = 200) -> bool:
    """Whether a request was accepted; it may be refused, but nothing may break."""
    assert answer.status_code < 500
    return answer.status_code == status


def launched(bench: Bench, launch: str | None, account: Account, **other: str | None) -> bool:
    """Whether a launch leads to a code and the code to a token, for who is logged in fresh."""
    bench.http.cookies.clear()
    answer = bench.log_in(bench.authorize(launch, **other), account)
    assert answer.status_code < 500
    code = brought(answer).get("code")
    if code is None and "elders" in answer.headers.get("location", ""):
        code = httpx2.URL(answer.headers["location"]).params["code"]
    if code is None:
        return False
    redirect_uri = other.get("redirect_uri", CALLBACK)
    assert bench.token(code, redirect_uri=redirect_uri).status_code == 200
    return True


def hti(sign: Callable[[Json], str] = signed, **other: Any) -> Callable[[Bench], bool]:
    """A launch of which some claims or the signature are different."""

    def attempt(bench: Bench) -> bool:
        account = bench.account("Patient")
        return launched(bench, sign(bench.hti_claims(account, **other)), account)

    return attempt


def later(**moments: int) -> Callable[[Bench], bool]:
    """A launch with other moments, in seconds from now."""

    def attempt(bench: Bench) -> bool:
        account = bench.account("Patient")
        now = int(time.time())
        changed = {name: now + seconds for name, seconds in moments.items()}
        return launched(bench, signed(bench.hti_claims(account, **changed)), account)

    return attempt


def replayed(bench: Bench) -> bool:
    account = bench.account("Patient")
    launch = signed(bench.hti_claims(account))
    bench.code(account, launch)
    return launched(bench, launch, account)


def task_of_other(bench: Bench) -> bool:
    task = bench.task(bench.account("Patient", skip=1).person)
    return hti(resource=f"Task/{task['id']}", definition=definition(task))(bench)


def relative_of_other(bench: Bench) -> bool:
    account = bench.account("RelatedPerson")
    own = bench.task(account.person)["for"]["reference"]
    other = next(item for item in (bench.account("Patient"), bench.account("Patient", skip=1)) if item.person != own)
    task = bench.task(other.person)
    changed = {"resource": f"Task/{task['id']}", "definition": definition(task), "patient": other.person}
    return launched(bench, signed(bench.hti_claims(account, **changed)), account)


def inactive(bench: Bench) -> bool:
    account = bench.account("Patient", enabled=False)
    return launched(bench, signed(bench.hti_claims(account)), account)


def other_definition(bench: Bench) -> bool:
    own = definition(bench.task(bench.account("Patient").person))
    others = bench.tenant.domain.resources["ActivityDefinition"]
    return hti(definition=next(f"ActivityDefinition/{other}" for other in others if other not in own))(bench)


def other_user(bench: Bench) -> bool:
    return launched(bench, signed(bench.hti_claims(bench.account("Patient"))), bench.account("Patient", skip=1))


def authorize(**other: str | None) -> Callable[[Bench], bool]:
    """A launch of which parameters of the authorize request are different; None: left out."""

    def attempt(bench: Bench) -> bool:
        account = bench.account("Patient")
        return launched(bench, other.get("launch", signed(bench.hti_claims(account))), account, **other)

    return attempt


def without_launch(bench: Bench) -> bool:
    return launched(bench, None, bench.account("Patient"))


def redeemed(**other: str | None) -> Callable[[Bench], bool]:
    """A token request of which parameters are different; None: left out."""
    return lambda bench: good(bench.token(bench.code(bench.account("Patient")), **other))


def redeemed_twice(bench: Bench) -> bool:
    code = bench.code(bench.account("Patient"))
    assert good(bench.token(code))
    return good(bench.token(code))


def redeemed_by_other(bench: Bench) -> bool:
    assertion = bench.assertion(bench.smart["token_endpoint"], iss=OTHER_CLIENT, sub=OTHER_CLIENT)
    return good(bench.token(bench.code(bench.account("Patient")), client_assertion=assertion))


def asserted(sign: Callable[[Json], str] = signed, **other: Any) -> Callable[[Bench], bool]:
    """A token request with a client assertion that is different; moments are in seconds from now."""

    def attempt(bench: Bench) -> bool:
        now = int(time.time())
        claims = {"iss": bench.client_id, "sub": bench.client_id, "aud": bench.smart["token_endpoint"]}
        claims |= {"iat": now + other.get("iat", 0), "exp": now + other.get("exp", 240), "jti": str(uuid4())}
        return good(bench.token(bench.code(bench.account("Patient")), client_assertion=sign(claims)))

    return attempt


def asserted_elsewhere(bench: Bench) -> bool:
    assertion = bench.assertion(bench.smart["introspection_endpoint"])
    return good(bench.token(bench.code(bench.account("Patient")), client_assertion=assertion))


def asserted_twice(bench: Bench) -> bool:
    assertion = bench.assertion(bench.smart["token_endpoint"])
    assert good(bench.token(bench.code(bench.account("Patient")), client_assertion=assertion))
    return good(bench.token(bench.code(bench.account("Patient")), client_assertion=assertion))


def introspected_by_nobody(bench: Bench) -> bool:
    launch = signed(bench.hti_claims(bench.account("Patient")))
    answer = bench.introspect(launch, client_assertion=None, client_assertion_type=None)
    return good(answer) and answer.json()["active"] is True


def token_of_elsewhere(bench: Bench) -> str:
    endpoint = bench.service.tenants["elders"].token_endpoint
    data = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": bench.assertion(endpoint)}
    answer = bench.http.post(endpoint, data={"grant_type": "client_credentials", **data})
    token: str = answer.raise_for_status().json()["access_token"]
    return token


def introspected_elsewhere(bench: Bench) -> bool:
    return bench.introspect(token_of_elsewhere(bench)).raise_for_status().json()["active"] is True


def read(token: Callable[[Bench], str]) -> Callable[[Bench], bool]:
    """Reading with a token."""

    def attempt(bench: Bench) -> bool:
        headers = {"Authorization": f"Bearer {token(bench)}"}
        return good(bench.http.get(f"{bench.base}/Patient?_summary=count", headers=headers))

    return attempt


ATTEMPTS: dict[str, Callable[[Bench], bool]] = {
    "hti-expired": later(iat=-300, exp=-60),
    "hti-not-yet-valid": later(nbf=120),
    "hti-issued-in-future": later(iat=400, exp=640),
    "hti-too-long": later(exp=3600),
    "hti-wrong-aud": hti(aud="Device/another"),
    "hti-unknown-iss": hti(iss="unknown"),
    "hti-wrong-signature": hti(lambda claims: signed(claims, OTHER_KEY)),
    "hti-alg-none": hti(lambda claims: forged(claims, "none")),
    "hti-hs256-public-key": hti(lambda claims: forged(claims, "HS256", KEY.as_pem(private=False))),
    "hti-unknown-kid": hti(lambda claims: signed(claims, kid="unknown")),
    "hti-replayed": replayed,
    "hti-task-of-other-patient": task_of_other,
    "hti-related-person-of-other-patient": relative_of_other,
    "hti-inactive-user": inactive,
    "hti-other-definition": other_definition,
    "login-other-user": other_user,
    "authorize-redirect-unregistered": authorize(redirect_uri="http://127.0.0.1:9/elders"),
    "authorize-wrong-scope": authorize(scope="launch openid fhirUser system/*.cruds"),
    "authorize-wrong-response-type": authorize(response_type="token"),
    "authorize-missing-state": authorize(state=None),
    "authorize-plain-pkce": authorize(code_challenge=VERIFIER, code_challenge_method="plain"),
    "authorize-no-pkce": authorize(code_challenge=None, code_challenge_method=None),
    "authorize-wrong-aud": authorize(aud="https://elsewhere.example/fhir"),
    "authorize-missing-launch": without_launch,
    "token-replayed-code": redeemed_twice,
    "token-code-of-other-client": redeemed_by_other,
    "token-wrong-verifier": redeemed(code_verifier="w" * 64),
    "token-missing-verifier": redeemed(code_verifier=None),
    "token-other-redirect-uri": redeemed(redirect_uri="http://127.0.0.1:9/elders"),
    "token-assertion-other-endpoint": asserted_elsewhere,
    "token-assertion-replayed": asserted_twice,
    "token-assertion-expired": asserted(iat=-300, exp=-60),
    "token-assertion-too-long": asserted(exp=3600),
    "token-assertion-alg-none": asserted(lambda claims: forged(claims, "none")),
    "token-assertion-wrong-signature": asserted(lambda claims: signed(claims, OTHER_KEY)),
    "token-assertion-unknown-kid": asserted(lambda claims: signed(claims, kid="unknown")),
    "introspection-without-client": introspected_by_nobody,
    "introspection-token-of-other-domain": introspected_elsewhere,
    "fhir-token-of-other-domain": read(token_of_elsewhere),
    "fhir-token-noop": read(lambda _: "NOOP"),
}


def some(name: str) -> list[str]:
    """A name and the three after it."""
    names = [*ATTEMPTS, *ATTEMPTS]
    start = names.index(name)
    return names[start : start + 4]


def test_every_refusal_is_tried() -> None:
    assert ATTEMPTS.keys() == ACCEPTED.keys()
    assert {defect.caught_by for defect in DEFECTS} == {f"refusals.{name}" for name in ATTEMPTS}
    assert len({defect.title_nl for defect in DEFECTS} | {defect.title_en for defect in DEFECTS}) == 2 * len(ATTEMPTS)


def test_a_clean_service_refuses_all_of_it_and_launches_what_is_good(bench: Bench) -> None:
    assert [name for name, attempt in ATTEMPTS.items() if attempt(bench)] == []
    assert hti()(bench)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_service_accepts_what_it_was_told_to_and_no_more(bench: Bench, defect: Any) -> None:
    defect.apply(bench.tenant.domain)
    name = defect.caught_by.removeprefix("refusals.")
    assert bench.tenant.accepts == {name}
    assert [other for other in some(name) if ATTEMPTS[other](bench)] == [name]
    assert hti()(bench)
