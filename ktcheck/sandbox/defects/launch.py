"""Faults in a launch that is good: in what the service answers and logs, and in what a module or a portal does."""

from __future__ import annotations

from collections.abc import Callable

from ktcheck.sandbox.defects.defect import Defect, copy, too_small
from ktcheck.sandbox.launchable import choose, launchable
from ktcheck.sandbox.materialised import Materialised

# (fault, the rule that has to see it, what it is, in Dutch and in English)
_FAULTS = (
    (
        "smart-configuration-incomplete", "launch.smart-configuration",
        "De SMART-configuratie noemt de launch met HTI niet", "The SMART configuration does not name the HTI launch",
    ),
    (
        "jwks-with-private-member", "launch.keys",
        "De sleutelset van de autorisatieservice toont een privésleutel",
        "The key set of the authorization service shows a private key",
    ),
    (
        "module-takes-no-launch", "launch.works",
        "De module geeft een fout op elke launch", "The module answers every launch with an error",
    ),
    (
        "idp-login-broken", "login.works",
        "De inlogpagina van de identityproviders is stuk", "The login page of the identity providers is broken",
    ),
    (
        "idp-other-than-agreed", "login.provider",
        "De autorisatieservice stuurt gebruikers naar een andere identityprovider",
        "The authorization service sends users to another identity provider",
    ),
    (
        "state-changed", "launch.callback",
        "De autorisatieservice geeft een andere state terug", "The authorization service gives another state back",
    ),
    (
        "access-token-real", "launch.access-token",
        "Het access_token van een launch is een echt token", "The access token of a launch is a real token",
    ),
    (
        "context-without-resource", "launch.context",
        "Het tokenantwoord zegt niet om welke taak het gaat", "The token response does not say which task it is about",
    ),
    (
        "context-other-task", "launch.context",
        "Het tokenantwoord noemt een andere taak", "The token response names another task",
    ),
    (
        "context-other-patient", "launch.context",
        "Het tokenantwoord noemt een andere patiënt", "The token response names another patient",
    ),
    (
        "context-extra-fhir-context", "launch.token-response",
        "Het tokenantwoord heeft een fhirContext", "The token response has a fhirContext",
    ),
    (
        "refresh-token-given", "launch.token-response",
        "Het tokenantwoord heeft een refresh_token", "The token response has a refresh_token",
    ),
    (
        "scope-differs", "launch.token-response",
        "Het tokenantwoord heeft een andere scope", "The token response has another scope",
    ),
    (
        "lifetime-long", "launch.token-response",
        "Het tokenantwoord geldt een uur", "The token response is valid for an hour",
    ),
    (
        "id-token-wrong-aud", "launch.id-token",
        "Het id_token is voor een ander", "The id_token is for somebody else",
    ),
    (
        "id-token-wrong-iss", "launch.id-token",
        "Het id_token noemt een andere issuer", "The id_token names another issuer",
    ),
    (
        "id-token-wrong-signature", "launch.id-token",
        "Het id_token is met een onbekende sleutel ondertekend", "The id_token was signed with an unknown key",
    ),
    ("id-token-expired", "launch.id-token", "Het id_token is al verlopen", "The id_token has expired already"),
    (
        "id-token-nonce-lost", "launch.id-token",
        "De nonce komt niet terug in het id_token", "The nonce does not come back in the id_token",
    ),
    (
        "id-token-other-sub", "launch.id-token",
        "Het id_token gaat over iemand anders", "The id_token is about somebody else",
    ),
    (
        "introspection-denies-good", "launch.introspection",
        "Introspectie noemt een goed HTI-token ongeldig", "Introspection calls a good HTI token invalid",
    ),
    (
        "introspection-of-id-token-denied", "launch.introspection",
        "Introspectie noemt een goed id_token ongeldig", "Introspection calls a good id_token invalid",
    ),
    (
        "introspection-claims-differ", "launch.introspection",
        "Introspectie noemt een andere gebruiker dan het HTI-token",
        "Introspection names another user than the HTI token",
    ),
    (
        "introspection-audience-of-guide", "launch.introspection",
        "Introspectie wil een client assertion voor het token_endpoint",
        "Introspection wants a client assertion for the token endpoint",
    ),
    (
        "audit-login-missing", "logging.login",
        "Het inloggen wordt niet gelogd", "Logging in is not logged",
    ),
    (
        "audit-login-other-person", "logging.login",
        "Het inloggen wordt gelogd als van iemand anders", "Logging in is logged as somebody else's",
    ),
    (
        "audit-launched-missing", "logging.launched",
        "De module logt niet dat een taak is gestart", "The module does not log that a task was started",
    ),
    (
        "module-launches-other", "logging.launched",
        "De module start een andere taak dan is gelanceerd", "The module starts another task than was launched",
    ),
    (
        "audit-without-trace", "logging.trace",
        "Wat van een launch wordt gelogd heeft geen trace-id", "What is logged of a launch has no trace id",
    ),
    (
        "module-without-pkce", "launch.authorize-request",
        "De module stuurt geen code_challenge", "The module sends no code_challenge",
    ),
    (
        "module-plain-pkce", "launch.authorize-request",
        "De module stuurt een code_challenge zonder hash", "The module sends a code_challenge without a hash",
    ),
    (
        "module-wrong-scope", "launch.authorize-request",
        "De module vraagt een andere scope", "The module asks for another scope",
    ),
    (
        "module-wrong-aud", "launch.authorize-request",
        "De module vraagt toegang tot zichzelf", "The module asks for access to itself",
    ),
    (
        "module-constant-state", "launch.fresh",
        "De module gebruikt steeds dezelfde state", "The module uses the same state every time",
    ),
    (
        "module-without-login", "launch.page",
        "De module start een taak zonder dat iemand inlogt", "The module starts a task without anybody logging in",
    ),
    (
        "module-page-missing", "launch.page",
        "De eindpagina van de module bestaat niet", "The page at the end does not exist at the module",
    ),
    (
        "module-page-error", "launch.page",
        "De eindpagina van de module geeft een fout", "The page at the end of the module is an error",
    ),
    (
        "module-token-in-query", "launch.no-secret-in-address",
        "De module zet het id_token in een adres", "The module puts the id_token in an address",
    ),
    (
        "portal-without-kid", "launch.portal-token",
        "Het HTI-token van het portaal zegt niet met welke sleutel het is ondertekend",
        "The HTI token of the portal does not say which key signed it",
    ),
    (
        "portal-wrong-aud", "launch.portal-token",
        "Het HTI-token van het portaal is voor een andere module", "The HTI token of the portal is for another module",
    ),
    (
        "portal-long-lived", "launch.portal-token",
        "Het HTI-token van het portaal geldt een uur", "The HTI token of the portal is valid for an hour",
    ),
    (
        "portal-without-definition", "launch.portal-token",
        "Het HTI-token van het portaal noemt geen definitie", "The HTI token of the portal names no definition",
    ),
    (
        "portal-with-name", "launch.portal-token",
        "Het HTI-token van het portaal noemt een naam", "The HTI token of the portal tells a name",
    ),
    (
        "portal-field-token", "launch.portal-form",
        "Het portaal noemt het veld met het HTI-token token", "The portal calls the field with the HTI token token",
    ),
    (
        "portal-without-iss", "launch.portal-form",
        "Het portaal zegt niet van welk domein de launch is", "The portal does not say which domain the launch is of",
    ),
)  # fmt: skip


def _failing(fault: str) -> Callable[[Materialised], None]:
    return lambda domain: domain.service.launch.add(fault)


def _not_migrated(domain: Materialised) -> None:
    """The domain file says to launch a task that was made in KT2, after the migration."""
    people = {account.person for account in choose(domain)}
    like = next((task for task in launchable(domain) if task["owner"]["reference"] in people), None)
    if like is None:
        raise too_small("somebody with a test account")
    task = copy(domain, like, "launched-task-not-migrated")
    task["identifier"] = [{"system": "https://portaal.zorgvoorbeeld.example/taak", "value": task["id"]}]
    domain.put(task)
    domain.launched.append(f"Task/{task['id']}")


DEFECTS = (
    Defect(
        name="launched-task-not-migrated",
        caught_by="launch.migrated",
        title_nl="Het domeinbestand laat een taak starten die niet is gemigreerd",
        title_en="The domain file has a task launched that was not migrated",
        apply=_not_migrated,
    ),
    *(
        Defect(name=fault, caught_by=rule, title_nl=nl, title_en=en, apply=_failing(fault))
        for fault, rule, nl, en in _FAULTS
    ),
)
