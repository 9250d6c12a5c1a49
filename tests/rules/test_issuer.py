"""What identity providers announce, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.findings import Severity
from ktcheck.idp.facts import IssuerMetadata, PublishedKey
from ktcheck.rules import Examination
from tests.building import say

CLEAN = Examination(scope="Patient")
SIGNS = PublishedKey(signs=True, private=False)
ABSENT = IssuerMetadata(user_types=("Patient",), issuer="https://idp.example", status=404, found=False)


def issuer(**changes: Any) -> IssuerMetadata:
    fine: dict[str, Any] = {
        "user_types": ("Patient",),
        "issuer": "https://idp.example",
        "status": 200,
        "found": True,
        "announced": "https://idp.example",
        "endpoints": (("authorization_endpoint", True), ("token_endpoint", True)),
        "algorithms": ("RS256",),
        "response_types": ("code",),
        "claims_supported": ("sub", "nummer"),
        "claims": ("nummer",),
        "keys": (SIGNS,),
    }
    return IssuerMetadata(**{**fine, **changes})


@pytest.mark.parametrize("name", ["name", "https", "algorithms", "code-flow", "keys", "claim"])
def test_without_a_document_there_is_nothing_more_to_examine(name: str) -> None:
    assert say(f"issuer.{name}", ABSENT) is None


@pytest.mark.parametrize(
    ("status", "told"),
    [(None, "no answer comes"), (200, "the answer is no JSON object"), (404, "the answer has status 404")],
)
def test_discovery(status: int | None, told: str) -> None:
    assert say("issuer.discovery", issuer()) == CLEAN
    outcome = say(
        "issuer.discovery", IssuerMetadata(user_types=("Patient",), issuer="https://a", status=status, found=False)
    )
    assert outcome is not None
    assert [problem.words["why_en"] for problem in outcome.problems] == [told]


@pytest.mark.parametrize("announced", [None, "https://idp.example/", "http://idp.example", "https://IDP.example"])
def test_name(announced: str | None) -> None:
    assert say("issuer.name", issuer()) == CLEAN
    outcome = say("issuer.name", issuer(announced=announced))
    assert outcome is not None
    assert [(problem.expected, problem.actual) for problem in outcome.problems] == [("https://idp.example", announced)]


def test_https() -> None:
    assert say("issuer.https", issuer()) == Examination(scope="Patient", examined=2)
    outcome = say("issuer.https", issuer(endpoints=(("token_endpoint", True), ("jwks_uri", False))))
    assert outcome is not None
    assert (outcome.examined, [problem.path for problem in outcome.problems]) == (2, ["jwks_uri"])


@pytest.mark.parametrize(
    ("announced", "told"),
    [
        (("RS256", "ES384", "PS512", "EdDSA"), []),
        (("RS256", "none"), [("none", None)]),
        (("RS256", "HS256", "HS512"), [("HS256, HS512", Severity.ADVICE)]),
        (("RS256", "none", "HS256"), [("none", None), ("HS256", Severity.ADVICE)]),
        (("HS256",), [("HS256", None)]),
        (("none",), [("none", None)]),
        (("none", "HS256"), [("none", None)]),
        ((), [("-", None)]),
        (None, [("-", None)]),
    ],
)
def test_algorithms(announced: tuple[str, ...] | None, told: list[tuple[str, Severity | None]]) -> None:
    outcome = say("issuer.algorithms", issuer(algorithms=announced))
    assert outcome is not None
    assert [(problem.actual, problem.severity) for problem in outcome.problems] == told


@pytest.mark.parametrize(
    ("announced", "problems"), [(("code",), 0), (("id_token", "code"), 0), (("code id_token",), 1), ((), 1), (None, 1)]
)
def test_code_flow(announced: tuple[str, ...] | None, problems: int) -> None:
    outcome = say("issuer.code-flow", issuer(response_types=announced))
    assert outcome is not None
    assert len(outcome.problems) == problems


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ((SIGNS, PublishedKey(signs=False, private=False)), []),
        (None, ["cannot be fetched"]),
        ((), ["has no key to check signatures with"]),
        ((PublishedKey(signs=False, private=False),), ["has no key to check signatures with"]),
        ((SIGNS, PublishedKey(signs=True, private=True)), ["shows a private key"]),
        ((SIGNS, PublishedKey(signs=False, private=True)), ["shows a private key"]),
    ],
)
def test_keys(keys: tuple[PublishedKey, ...] | None, told: list[str]) -> None:
    outcome = say("issuer.keys", issuer(keys=keys))
    assert outcome is not None
    assert [problem.words["why_en"] for problem in outcome.problems] == told


@pytest.mark.parametrize(
    ("announced", "told"), [(("nummer",), []), (("sub",), ["nummer"]), ((), ["nummer"]), (None, None)]
)
def test_claim(announced: tuple[str, ...] | None, told: list[str] | None) -> None:
    outcome = say("issuer.claim", issuer(claims_supported=announced))
    found = None if outcome is None else [problem.words["claims"] for problem in outcome.problems]
    assert found == told
