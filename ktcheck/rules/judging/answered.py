"""What the authorization service publishes and answers, beside what TOP-KT-007, 016 and 021 want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ktcheck.findings import Severity
from ktcheck.launch.facts import Callback, IdToken, Introspection, TokenResponse
from ktcheck.rules.judging.wrong import (
    LAUNCH_SCOPE,
    MOST_SECONDS,
    Wrong,
    audience,
    differs,
    equal,
    exactly,
    missing,
    not_of_later,
    not_over,
    number,
    secure,
    signed_asymmetrically,
)

_ENDPOINTS = (
    "issuer",
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "management_endpoint",
)
_LISTS: Mapping[str, tuple[str, ...]] = {
    "grant_types_supported": ("authorization_code", "client_credentials"),
    "token_endpoint_auth_methods_supported": ("private_key_jwt",),
    "scopes_supported": ("openid", "launch", "fhirUser", "system/*.cruds", "system/*.cruds?resource-origin="),
    "response_types_supported": ("code",),
    "capabilities": (
        "launch-ehr",
        "authorize-post",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-ehr-hti",
        "permission-v2",
    ),
    "code_challenge_methods_supported": ("S256",),
}
_NOT_TO_BE_USED = ("registration_endpoint", "revocation_endpoint")
_CONTEXT = ("resource", "definition", "sub", "patient", "intent")


def configuration(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """What is wrong with a SMART configuration (TOP-KT-016)."""
    for name in _ENDPOINTS:
        if name not in content:
            yield missing(name)
        elif not secure(content[name]):
            yield Wrong(path=name, nl=f"{name} is geen https-adres", en=f"{name} is no https address")
    for name, values in _LISTS.items():
        yield from _list(name, values, content.get(name))
    for name in _NOT_TO_BE_USED:
        if name in content:
            yield Wrong(
                path=name,
                nl=f"{name} staat erin, terwijl de standaard dat niet gebruikt",
                en=f"{name} is there, though the standard does not use it",
                severity=Severity.ADVICE,
            )


def _list(name: str, values: tuple[str, ...], actual: Any) -> Iterator[Wrong]:
    if actual is None:
        yield missing(name, list(values))
        return
    found = actual if isinstance(actual, list) else []
    for value in values:
        if value not in found:
            yield Wrong(
                path=name,
                nl=f"in {name} ontbreekt {value}",
                en=f"{value} is missing in {name}",
                expected=value,
                actual=actual,
            )
    if name == "code_challenge_methods_supported" and set(map(str, found)) - set(values):
        yield Wrong(
            path=name,
            nl="in code_challenge_methods_supported staat meer dan S256",
            en="there is more than S256 in code_challenge_methods_supported",
            expected=list(values),
            actual=actual,
        )


def good(answer: TokenResponse) -> bool:
    """Whether there is a token response at all."""
    return answer.status == 200


def callback(back: Callback) -> Iterator[Wrong]:
    """What is wrong with how the browser is sent back (TOP-KT-007)."""
    if back.error:
        nl, en = "er komt een fout terug in plaats van een code", "an error comes back instead of a code"
        yield Wrong(path="error", nl=nl, en=en, actual=back.error)
    elif not back.code:
        yield missing("code")
    if not back.address_kept:
        nl, en = "de browser gaat naar een ander adres dan gevraagd", "the browser goes to another address than asked"
        yield Wrong(path="redirect_uri", nl=nl, en=en)
    if not back.state_kept:
        yield Wrong(path="state", nl="state is niet wat is meegegeven", en="state is not what was given")
    for name in sorted({"access_token", "id_token"} & set(back.others)):
        yield Wrong(path=name, nl=f"{name} staat in een adres", en=f"{name} is in an address")


def token_response(answer: TokenResponse) -> Iterator[Wrong]:
    """What is wrong with a token response but for its tokens and context (TOP-KT-007)."""
    if not good(answer):
        nl, en = "een goede code wordt niet ingewisseld", "a good code is not redeemed"
        yield Wrong(path="status", nl=nl, en=en, expected=200, actual=answer.status)
        return
    members = answer.members
    if members.get("id_token") is not True:
        yield missing("id_token")
    token_type = members.get("token_type")
    yield from equal("token_type", "bearer", token_type.casefold() if isinstance(token_type, str) else token_type)
    yield from exactly("scope", LAUNCH_SCOPE, members.get("scope"))
    yield from _lifetime(members.get("expires_in"))
    if "refresh_token" in members:
        nl, en = "er is een refresh_token", "there is a refresh_token"
        yield Wrong(path="refresh_token", nl=nl, en=en)
    if "fhirContext" in members:
        nl, en = (
            "er is een fhirContext, die Koppeltaal niet gebruikt",
            "there is a fhirContext, which Koppeltaal does not use",
        )
        yield Wrong(path="fhirContext", nl=nl, en=en)
    if "no-store" not in (answer.cache_control or "").casefold():
        nl, en = "Cache-Control is niet no-store", "Cache-Control is not no-store"
        expected, severity = "no-store", Severity.ADVICE
        yield Wrong(
            path="Cache-Control", nl=nl, en=en, expected=expected, actual=answer.cache_control, severity=severity
        )


def _lifetime(told: Any) -> Iterator[Wrong]:
    seconds = number(told)
    if seconds is None:
        yield missing("expires_in")
    elif seconds > MOST_SECONDS:
        nl = "expires_in is meer dan vijf minuten; TOP-KT-007 zegt vijf minuten, de ontwikkelaarsgids een uur"
        en = "expires_in is more than five minutes; TOP-KT-007 says five minutes, the developer guide an hour"
        severity = Severity.ADVICE
        yield Wrong(path="expires_in", nl=nl, en=en, expected=MOST_SECONDS, actual=told, severity=severity)


def context(answer: TokenResponse) -> Iterator[Wrong]:
    """Where the context differs from that of the HTI token (TOP-KT-007)."""
    for name in _CONTEXT:
        expected, told = answer.expected.get(name), answer.members.get(name)
        if expected is not None:
            yield from equal(name, expected, told)
        elif told is not None:
            yield from _untold(answer, name, told)


def _untold(answer: TokenResponse, name: str, told: Any) -> Iterator[Wrong]:
    """Something that the launch did not say. A patient who launches for himself is the patient."""
    user = answer.expected.get("sub", "")
    if name == "patient" and user.startswith("Patient/"):
        yield from equal(name, user, told)
        return
    nl, en = f"{name} staat niet in het HTI-token", f"{name} is not in the HTI token"
    yield Wrong(path=name, nl=nl, en=en, actual=told, severity=Severity.ADVICE)


def id_token(token: IdToken) -> Iterator[Wrong]:
    """What is wrong with an id_token (TOP-KT-007, OpenID Connect Core 3.1.3.7)."""
    claims = token.claims
    yield from signed_asymmetrically(token.algorithm)
    if token.signed is False:
        nl, en = (
            "de handtekening is niet van de autorisatieservice",
            "the signature is not of the authorization service",
        )
        yield Wrong(path="signature", nl=nl, en=en)
    if token.issuer is not None:
        yield from equal("iss", token.issuer, claims.get("iss"))
    yield from audience(token.client_id, claims.get("aud"))
    if claims.get("azp") is not None and claims["azp"] != token.client_id:
        yield differs("azp", token.client_id, claims["azp"])
    yield from equal("sub", token.sub, claims.get("sub"))
    yield from not_of_later(claims, token.now)
    yield from not_over(claims, token.now)
    if not token.nonce_kept:
        nl, en = "nonce is niet wat is meegegeven", "nonce is not what was given"
        yield Wrong(path="nonce", nl=nl, en=en)


def introspection(told: Introspection) -> Iterator[Wrong]:
    """What is wrong with what introspection says of a good token (TOP-KT-021)."""
    if told.status != 200:
        nl, en = "het antwoord is geen 200", "the answer is no 200"
        yield Wrong(path="status", nl=nl, en=en, expected=200, actual=told.status)
    elif told.active is not True:
        nl, en = "active is niet true", "active is not true"
        yield Wrong(path="active", nl=nl, en=en, expected=True, actual=told.active)
    for name in told.different:
        nl, en = f"{name} is niet wat in het token staat", f"{name} is not what the token says"
        yield Wrong(path=name, nl=nl, en=en)
    if told.audience == "token":  # sources differ (kt2-standard.md section 28, number 33)
        nl = "aud van de client assertion moest het token_endpoint zijn (developer guide), niet dit adres (TOP-KT-021)"
        en = "aud of the client assertion had to be the token endpoint (developer guide), not this one (TOP-KT-021)"
        yield Wrong(path="client_assertion", nl=nl, en=en, severity=Severity.ADVICE)
