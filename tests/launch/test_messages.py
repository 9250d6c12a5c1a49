"""What portals and modules send is as the standard says, to the parameter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from ktcheck.launch import messages
from ktcheck.launch.messages import Draft, Fresh, Signature, Task
from ktcheck.smart.keys import Algorithm
from tests.launch.making import BASE, NOW, PATIENT, TASK, fixed, signer

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEVICE = "Device/of-the-module"


def decoded(token: str, draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that the draft's own key signed."""
    published = draft.signer.key.jwks(draft.signer.key_id)
    found = jwt.decode(token, KeySet.import_key_set(published), algorithms=[draft.signer.algorithm])  # type: ignore[arg-type]
    return dict(found.header), dict(found.claims)


def parts(token: str) -> list[Any]:
    """Header and claims of a token, and its signature as it is."""
    header, claims, signature = token.split(".")
    return [*(orjson.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)), signature]


def test_an_hti_token_has_the_claims_of_the_standard() -> None:
    draft = messages.hti_token(signer("portal"), DEVICE, PATIENT, TASK, fixed())
    header, claims = decoded(messages.sign(draft), draft)
    assert header == {"typ": "JWT", "alg": "ES256", "kid": "key-of-portal"}
    assert claims == {
        "iss": "portal",
        "aud": DEVICE,
        "sub": PATIENT,
        "resource": TASK.reference,
        "definition": TASK.definition,
        "intent": "plan",
        "hti-version": "2.0",
        "jti": "00000000-0000-4000-8000-000000000001",
        "iat": NOW,
        "exp": NOW + 240,
    }


def test_the_patient_is_named_when_somebody_else_launches() -> None:
    claims = messages.hti_token(signer(), DEVICE, "Practitioner/1", TASK, fixed()).claims
    assert claims["patient"] == PATIENT
    assert claims["sub"] == "Practitioner/1"


def test_what_a_task_does_not_have_is_left_out() -> None:
    task = Task(reference="Task/1", definition=None, patient=None)
    claims = messages.hti_token(signer(), DEVICE, PATIENT, task, fixed()).claims
    assert claims.keys() == {"iss", "aud", "sub", "resource", "hti-version", "jti"}


@pytest.mark.parametrize("kind", ["RS256", "RS512", "ES384"])
def test_a_client_assertion_is_for_one_endpoint_once(kind: Algorithm) -> None:
    draft = messages.assertion(signer(kind=kind), "https://kt2.example/token", fixed())
    _, claims = decoded(messages.sign(draft), draft)
    assert claims == {
        "iss": "suite",
        "sub": "suite",
        "aud": "https://kt2.example/token",
        "jti": "00000000-0000-4000-8000-000000000001",
        "iat": NOW,
        "exp": NOW + 240,
    }


def test_what_has_to_be_new_is_new() -> None:
    fresh = Fresh()
    assert len({fresh.unguessable() for _ in range(9)} | {fresh.identifier() for _ in range(9)}) == 18
    verifiers, challenges = zip(*(messages.new_pkce(fresh) for _ in range(9)), strict=True)
    assert len({*verifiers, *challenges}) == 18
    assert all(len(item) == 43 for item in (*verifiers, *challenges))


def test_the_challenge_is_the_hash_of_the_verifier() -> None:
    verifier, challenge = messages.new_pkce(fixed())
    digest = base64.urlsafe_b64decode(challenge + "=")
    assert digest == hashlib.sha256(verifier.encode()).digest()


def draft(signature: Signature) -> Draft:
    made = messages.assertion(signer(), "https://kt2.example/token", fixed())
    return Draft(signer=made.signer, key_id=made.key_id, claims=made.claims, issued=made.issued, signature=signature)


def test_another_key_signs_under_the_same_name() -> None:
    forged = draft("of-another-key")
    header, claims, signature = parts(messages.sign(forged))
    assert (header, claims) == (parts(messages.sign(draft("own")))[0], forged.all_claims())
    assert signature
    with pytest.raises(BadSignatureError):
        decoded(messages.sign(forged), forged)


def test_a_token_can_have_no_signature() -> None:
    header, claims, signature = parts(messages.sign(draft("none")))
    assert (header, claims) == ({"typ": "JWT", "alg": "none", "kid": "key-of-suite"}, draft("none").all_claims())
    assert signature == ""


def test_a_token_can_be_signed_with_the_public_key_as_secret() -> None:
    token = messages.sign(draft("with-public-key"))
    header, claims, signature = parts(token)
    assert (header["alg"], claims) == ("HS256", draft("own").all_claims())
    secret = signer().key.public_pem()
    assert secret.startswith(b"-----BEGIN PUBLIC KEY-----")
    expected = hmac.digest(secret, token.rpartition(".")[0].encode(), hashlib.sha256)
    assert base64.urlsafe_b64decode(signature + "=") == expected


def test_an_authorize_request_has_the_parameters_of_the_standard() -> None:
    found = messages.authorize_parameters(
        client_id="suite", redirect_uri="https://s.example/cb", base=BASE, state="s", nonce="n",
        challenge="c",
    )  # fmt: skip
    assert found == {
        "response_type": "code",
        "client_id": "suite",
        "redirect_uri": "https://s.example/cb",
        "scope": "launch openid fhirUser",
        "state": "s",
        "nonce": "n",
        "aud": BASE,
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


def test_a_token_request_and_an_introspection_show_who_asks() -> None:
    form = messages.token_form(code="c", redirect_uri="https://s.example/cb", verifier="v", client_assertion="a")
    assert form == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://s.example/cb",
        "code_verifier": "v",
        "client_assertion_type": TYPE,
        "client_assertion": "a",
    }
    asked = messages.introspection_form(token="t", client_assertion="a")
    assert asked == {"token": "t", "client_assertion_type": TYPE, "client_assertion": "a"}


def test_what_has_to_be_refused_can_be_left_out() -> None:
    form = messages.token_form(code="c", redirect_uri="https://s.example/cb", verifier=None, client_assertion="a")
    assert form.keys() == {"grant_type", "code", "redirect_uri", "client_assertion_type", "client_assertion"}
    assert messages.introspection_form(token="t", client_assertion=None) == {"token": "t"}


def test_no_key_is_shown() -> None:
    assert "SigningKey" not in repr(signer())
    assert PATIENT not in repr(messages.hti_token(signer(), DEVICE, PATIENT, TASK, fixed()))
