"""Facts about launches in which everything is as it should be; a test changes what it is about."""

from __future__ import annotations

from typing import Any

from ktcheck.idp.facts import PublishedKey
from ktcheck.launch.facts import (
    Attempt,
    AuthorizationKeys,
    AuthorizeRequest,
    Callback,
    IdToken,
    Introspection,
    Launch,
    LoggedEvent,
    Login,
    Page,
    PortalLaunch,
    SmartConfiguration,
    Step,
    TokenResponse,
)
from ktcheck.rules import Examination

Json = dict[str, Any]

BASE = "https://fhir.example/zorgvoorbeeld"
AUTH = "https://auth.example/zorgvoorbeeld"
NOW = 1_800_000_000.0
PERSON = "Practitioner/p1"
PATIENT = "Patient/p2"
TASK = "Task/t1"
DEFINITION = "ActivityDefinition/a1"
ISSUER = "https://idp.example"

CLEAN = Examination(scope="Practitioner")
OF_APPLICATION = Examination(scope="Practitioner", application="Rustwijzer")


def attempt(**changes: Any) -> Attempt:
    fine: Json = {
        "id": "L1",
        "plays": "portal",
        "application": "Rustwijzer",
        "user_type": "Practitioner",
        "person": PERSON,
        "task": TASK,
    }
    return Attempt(**{**fine, **changes})


def launch(*, plays: str = "portal", **changes: Any) -> Launch:
    steps = (
        Step(name="launch", actor="portal", start_ms=0, milliseconds=30, status=302, ok=True),
        Step(name="page", actor="module", start_ms=40, milliseconds=30, status=500, ok=False),
    )
    fine: Json = {"attempt": attempt(plays=plays), "login": "form", "steps": steps, "milliseconds": 70}
    return Launch(**{**fine, **changes})


def login(**changes: Any) -> Login:
    fine: Json = {"attempt": attempt(), "kind": "form", "logged_in": True, "agreed": ISSUER, "seen": ISSUER}
    return Login(**{**fine, **changes})


def portal_launch(claims: Json | None = None, header: Json | None = None, **changes: Any) -> PortalLaunch:
    """A launch by a portal; None takes a claim or a member of the header out."""
    fine_claims = {
        "iss": "portal-1",
        "aud": "Device/suite",
        "sub": PERSON,
        "resource": TASK,
        "definition": DEFINITION,
        "patient": PATIENT,
        "intent": "plan",
        "hti-version": "2.0",
        "iat": NOW - 1,
        "exp": NOW + 239,
    }
    fine: Json = {
        "attempt": attempt(plays="module"),
        "method": "POST",
        "content_type": "application/x-www-form-urlencoded",
        "fields": ("launch", "iss"),
        "iss_is_base": True,
        "header": _without_none({"alg": "ES384", "kid": "k1", **(header or {})}),
        "claims": _without_none({**fine_claims, **(claims or {})}),
        "jti_new": True,
        "now": NOW,
        "portal": "portal-1",
        "device": "Device/suite",
        "definition": DEFINITION,
        "subject": PATIENT,
    }
    return PortalLaunch(**{**fine, **changes})


def authorize_request(
    parameters: dict[str, str | None] | None = None, *, without: str = "", **changes: Any
) -> AuthorizeRequest:
    """An authorize request of a module; ``without`` names the parameter that is not there."""
    given: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "module-1",
        "redirect_uri": "https://module.example/callback",
        "launch": None,
        "scope": "launch openid fhirUser",
        "state": None,
        "nonce": None,
        "aud": BASE,
        "code_challenge": None,
        "code_challenge_method": "S256",
        **(parameters or {}),
    }
    given.pop(without, None)
    fine: Json = {
        "attempt": attempt(),
        "method": "GET",
        "parameters": given,
        "launch_is_given": True,
        "challenge_length": 43,
        "repeated": (),
        "earlier": 2,
        "client_id": "module-1",
        "base": BASE,
    }
    return AuthorizeRequest(**{**fine, **changes})


def callback(**changes: Any) -> Callback:
    fine: Json = {"attempt": attempt(), "status": 302, "address_kept": True, "code": True, "state_kept": True}
    return Callback(**{**fine, **changes})


def token_response(members: Json | None = None, **changes: Any) -> TokenResponse:
    """The answer to a code; None takes a member out."""
    context = {"resource": TASK, "definition": DEFINITION, "sub": PERSON, "patient": PATIENT, "intent": "plan"}
    given = {
        "id_token": True,
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "launch openid fhirUser",
        **context,
        **(members or {}),
    }
    fine: Json = {
        "attempt": attempt(plays="both"),
        "status": 200,
        "access_token": "NOOP",
        "members": _without_none(given),
        "expected": context,
        "opens": 401,
        "cache_control": "no-store",
    }
    return TokenResponse(**{**fine, **changes})


def id_token(claims: Json | None = None, **changes: Any) -> IdToken:
    """An id_token; None takes a claim out."""
    given = {"iss": AUTH, "aud": "suite", "azp": "suite", "sub": PERSON, "iat": NOW - 1, "exp": NOW + 299}
    fine: Json = {
        "attempt": attempt(plays="both"),
        "algorithm": "ES256",
        "signed": True,
        "claims": _without_none({**given, **(claims or {})}),
        "nonce_kept": True,
        "now": NOW,
        "issuer": AUTH,
        "client_id": "suite",
        "sub": PERSON,
    }
    return IdToken(**{**fine, **changes})


def introspection(**changes: Any) -> Introspection:
    fine: Json = {"attempt": attempt(plays="both"), "token": "hti", "status": 200, "active": True}
    return Introspection(**{**fine, **changes})


def page(**changes: Any) -> Page:
    return Page(**{"attempt": attempt(), "status": 200, "secrets": (), "logged_in": True, **changes})


def logged(kind: str = "login", **changes: Any) -> LoggedEvent:
    fine: Json = {
        "attempt": attempt(),
        "kind": kind,
        "events": 1,
        "traced": True,
        "about_other": False,
        "outcome": "0",
        "waited": 2.0,
    }
    return LoggedEvent(**{**fine, **changes})


def smart_configuration(content: Json | None = None, **changes: Any) -> SmartConfiguration:
    """A SMART configuration; None takes a member out."""
    given = {
        "issuer": AUTH,
        "jwks_uri": f"{AUTH}/keys",
        "authorization_endpoint": f"{AUTH}/authorize",
        "token_endpoint": f"{AUTH}/token",
        "introspection_endpoint": f"{AUTH}/introspect",
        "management_endpoint": f"{AUTH}/manage",
        "grant_types_supported": ["client_credentials", "authorization_code"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "scopes_supported": ["openid", "launch", "fhirUser", "system/*.cruds", "system/*.cruds?resource-origin="],
        "response_types_supported": ["code"],
        "capabilities": [
            "launch-ehr",
            "authorize-post",
            "client-confidential-asymmetric",
            "sso-openid-connect",
            "context-ehr-hti",
            "permission-v2",
            "one-more",
        ],
        "code_challenge_methods_supported": ["S256"],
        **(content or {}),
    }
    fine: Json = {"status": 200, "content_type": "application/json; charset=utf-8", "content": _without_none(given)}
    return SmartConfiguration(**{**fine, **changes})


def authorization_keys(*keys: PublishedKey) -> AuthorizationKeys:
    return AuthorizationKeys(status=200, keys=keys)


def _without_none(given: Json) -> Json:
    return {name: value for name, value in given.items() if value is not None}
