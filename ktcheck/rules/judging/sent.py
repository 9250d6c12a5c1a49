"""What portals and modules send in a launch, beside what TOP-KT-007 and HTI 2.0 want."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ktcheck.findings import Severity
from ktcheck.launch.facts import AuthorizeRequest, Page, PortalLaunch
from ktcheck.rules.judging.wrong import (
    LAUNCH_SCOPE,
    MOST_SECONDS,
    Wrong,
    audience,
    equal,
    exactly,
    missing,
    not_of_later,
    not_over,
    number,
    secure,
    signed_asymmetrically,
)

_USER = re.compile(r"(Patient|Practitioner|RelatedPerson)/[A-Za-z0-9\-.]{1,64}")
_INTENTS = (
    "unknown", "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order",
    "option",
)  # fmt: skip
_HTI_CLAIMS = frozenset(
    {
        "iss", "aud", "sub", "resource", "definition", "patient", "intent", "idp_hint", "hti-version", "jti", "iat",
        "exp", "nbf",
    }
)  # fmt: skip
_CHALLENGE_LENGTH = 43


def hti_token(launch: PortalLaunch) -> Iterator[Wrong]:
    """What is wrong with a portal's HTI token (TOP-KT-007, HTI 2.0)."""
    attempt, claims = launch.attempt, launch.claims
    yield from signed_asymmetrically(launch.header.get("alg"))
    if not launch.header.get("kid"):
        yield missing("kid")
    yield from equal("iss", launch.portal, claims.get("iss"))
    yield from audience(launch.device, claims.get("aud"))
    subject = claims.get("sub")
    if isinstance(subject, str) and not _USER.fullmatch(subject):
        nl, en = "sub is geen verwijzing naar een gebruiker", "sub is no reference to a user"
        yield Wrong(path="sub", nl=nl, en=en, expected=attempt.person, actual=subject)
    else:
        yield from equal("sub", attempt.person, subject)
    yield from equal("resource", attempt.task, claims.get("resource"))
    yield from _definition(launch)
    yield from _patient(launch)
    if claims.get("intent") is not None and claims["intent"] not in _INTENTS:
        nl, en = "intent is geen code uit task-intent", "intent is no code of task-intent"
        yield Wrong(path="intent", nl=nl, en=en, actual=claims["intent"])
    yield from _version(claims.get("hti-version"))
    yield from _once(launch.jti_new)
    yield from not_of_later(claims, launch.now)
    yield from not_over(claims, launch.now)
    yield from _short(claims)
    others = sorted(claims.keys() - _HTI_CLAIMS)
    if others:
        nl, en = "er staan claims in die niet bij een launch horen", "there are claims that are no part of a launch"
        yield Wrong(path="claims", nl=nl, en=en, expected=sorted(_HTI_CLAIMS), actual=others)


def _definition(launch: PortalLaunch) -> Iterator[Wrong]:
    """That of the task; a task without one cannot be launched, which is no fault of the token."""
    if launch.definition is not None:
        yield from equal("definition", launch.definition, launch.claims.get("definition"))


def _patient(launch: PortalLaunch) -> Iterator[Wrong]:
    """The patient of the task. TOP-KT-007 also calls it "the assigned user of the task", so that weighs less."""
    told = launch.claims.get("patient")
    if told is None or told == launch.subject:
        return
    nl, en = "patient is niet de patiënt van de taak", "patient is not the patient of the task"
    severity = None
    if told == launch.claims.get("sub"):
        nl += "; TOP-KT-007 is dubbelzinnig en noemt ook de uitvoerder"
        en += "; TOP-KT-007 is ambiguous and also says the owner"
        severity = Severity.ADVICE
    yield Wrong(path="patient", nl=nl, en=en, expected=launch.subject, actual=told, severity=severity)


def _version(told: Any) -> Iterator[Wrong]:
    """2.0, or nothing. HTI's own change log says 2.1 in one place, so that weighs less."""
    if told is None or told == "2.0":
        return
    severity = Severity.ADVICE if told == "2.1" else None
    nl, en = "hti-version is niet 2.0", "hti-version is not 2.0"
    if severity:
        nl, en = f"{nl}; HTI zelf noemt ook 2.1", f"{en}; HTI itself mentions 2.1 too"
    yield Wrong(path="hti-version", nl=nl, en=en, expected="2.0", actual=told, severity=severity)


def _once(new: bool | None) -> Iterator[Wrong]:
    if new is None:
        yield missing("jti")
    elif not new:
        yield Wrong(path="jti", nl="jti is al eerder gebruikt", en="jti was used before")


def _short(claims: Mapping[str, Any]) -> Iterator[Wrong]:
    """At most five minutes from iat to exp."""
    issued, until = number(claims.get("iat")), number(claims.get("exp"))
    if issued is not None and until is not None and until - issued > MOST_SECONDS:
        nl, en = "exp ligt meer dan vijf minuten na iat", "exp is more than five minutes after iat"
        yield Wrong(path="exp", nl=nl, en=en, expected=MOST_SECONDS, actual=until - issued)


def form(launch: PortalLaunch) -> Iterator[Wrong]:
    """What is wrong with the form in which a portal posts it (TOP-KT-007)."""
    if launch.method != "POST":
        nl, en = "de launch is geen POST, dus staat er in een adres", "the launch is no POST, so it is in an address"
        yield Wrong(path="method", nl=nl, en=en, expected="POST", actual=launch.method)
    media_type = (launch.content_type or "").partition(";")[0].strip().casefold()
    if launch.method == "POST" and media_type != "application/x-www-form-urlencoded":
        nl, en = "het is geen formulier van dat mediatype", "it is no form of that media type"
        expected = "application/x-www-form-urlencoded"
        yield Wrong(path="Content-Type", nl=nl, en=en, expected=expected, actual=media_type)
    if "launch" not in launch.fields:
        nl, en = "het veld launch ontbreekt", "the field launch is missing"
        if "token" in launch.fields:
            nl += "; HTI noemt het token, Koppeltaal launch"
            en += "; HTI calls it token, Koppeltaal launch"
        yield Wrong(path="launch", nl=nl, en=en, expected="launch", actual=list(launch.fields))
    if "iss" not in launch.fields:
        yield Wrong(path="iss", nl="het veld iss ontbreekt", en="the field iss is missing")
    elif not launch.iss_is_base:
        nl, en = "het veld iss is niet het FHIR-adres van het domein", "the field iss is not the domain's FHIR address"
        yield Wrong(path="iss", nl=nl, en=en)


def authorize_request(asked: AuthorizeRequest) -> Iterator[Wrong]:
    """What is wrong with a module's authorize request (TOP-KT-007)."""
    given = asked.parameters
    if asked.method not in {"GET", "POST"}:
        nl, en = "het verzoek is geen GET of POST", "the request is no GET or POST"
        yield Wrong(path="method", nl=nl, en=en, expected="GET, POST", actual=asked.method)
    yield from equal("response_type", "code", given.get("response_type"))
    yield from equal("client_id", asked.client_id, given.get("client_id"))
    if given.get("redirect_uri") is None:
        yield missing("redirect_uri")
    elif not secure(given["redirect_uri"]):
        yield Wrong(path="redirect_uri", nl="redirect_uri is geen https-adres", en="redirect_uri is no https address")
    if "launch" not in given:
        yield missing("launch")
    elif not asked.launch_is_given:
        nl, en = "launch is niet het HTI-token dat de module kreeg", "launch is not the HTI token that the module got"
        yield Wrong(path="launch", nl=nl, en=en)
    yield from exactly("scope", LAUNCH_SCOPE, given.get("scope"))
    if "state" not in given:
        yield missing("state")
    aud = given.get("aud")
    yield from equal("aud", asked.base, aud.rstrip("/") if aud else None)
    if "code_challenge" not in given:
        yield missing("code_challenge")
    elif asked.challenge_length != _CHALLENGE_LENGTH:
        nl, en = "code_challenge is geen SHA-256 in base64url", "code_challenge is no SHA-256 in base64url"
        yield Wrong(path="code_challenge", nl=nl, en=en, expected=_CHALLENGE_LENGTH, actual=asked.challenge_length)
    yield from equal("code_challenge_method", "S256", given.get("code_challenge_method"))


def page(end: Page) -> Iterator[Wrong]:
    """What is wrong with the end of a launch of a module (TOP-KT-007)."""
    if not 200 <= end.status < 300:
        nl, en = "de eindpagina is een foutpagina", "the page at the end is an error page"
        yield Wrong(path="status", nl=nl, en=en, expected=200, actual=end.status)
    elif not end.logged_in:
        nl = (
            "de module begint zonder dat iemand inlogt; dat mag alleen als zij geen persoonlijke of medische gegevens "
            "verwerkt"
        )
        en = "the module starts without anybody logging in; it may if it processes no personal or medical data"
        yield Wrong(path="login", nl=nl, en=en, expected=True, actual=False)
