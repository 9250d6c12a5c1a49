"""Defects in what the service lets pass: launches and token requests that it should refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Materialised

ACCEPTED: Mapping[str, tuple[str, str]] = {
    "hti-expired": ("een HTI-token dat is verlopen", "an HTI token that has expired"),
    "hti-not-yet-valid": ("een HTI-token dat nog niet geldt", "an HTI token that is not valid yet"),
    "hti-issued-in-future": ("een HTI-token van later dan nu", "an HTI token of later than now"),
    "hti-too-long": ("een HTI-token dat een uur geldig is", "an HTI token that is valid for an hour"),
    "hti-wrong-aud": ("een HTI-token voor een andere module", "an HTI token for another module"),
    "hti-unknown-iss": ("een HTI-token van een onbekend portaal", "an HTI token of an unknown portal"),
    "hti-wrong-signature": ("een HTI-token met een onjuiste handtekening", "an HTI token with a wrong signature"),
    "hti-alg-none": ("een HTI-token zonder handtekening", "an HTI token without a signature"),
    "hti-hs256-public-key": (
        "een HTI-token dat met de publieke sleutel als geheim is ondertekend",
        "an HTI token that was signed with the public key as secret",
    ),
    "hti-unknown-kid": ("een HTI-token met een onbekende sleutelnaam", "an HTI token with an unknown key id"),
    "hti-replayed": ("een HTI-token dat al is gebruikt", "an HTI token that was used before"),
    "hti-task-of-other-patient": ("de taak van een andere patiënt", "the task of another patient"),
    "hti-related-person-of-other-patient": (
        "een naaste bij de taak van een patiënt van wie hij geen naaste is",
        "a related person with the task of a patient whom he is not related to",
    ),
    "hti-inactive-user": ("een gebruiker die niet actief is", "a user who is not active"),
    "hti-other-definition": ("een andere definitie dan die van de taak", "another definition than that of the task"),
    "login-other-user": ("iemand anders die inlogt dan wie start", "somebody else who logs in than who launches"),
    "authorize-redirect-unregistered": ("een redirect_uri die niet bekend is", "a redirect_uri that is not registered"),
    "authorize-wrong-scope": ("een andere scope", "another scope"),
    "authorize-wrong-response-type": ("een ander response_type", "another response_type"),
    "authorize-missing-state": ("een verzoek zonder state", "a request without state"),
    "authorize-plain-pkce": ("een code_challenge zonder hash", "a code_challenge without a hash"),
    "authorize-no-pkce": ("een verzoek zonder code_challenge", "a request without code_challenge"),
    "authorize-wrong-aud": ("een verzoek voor een andere FHIR-service", "a request for another FHIR service"),
    "authorize-missing-launch": ("een verzoek zonder HTI-token", "a request without an HTI token"),
    "token-replayed-code": ("een code die al is ingewisseld", "a code that was redeemed before"),
    "token-code-of-other-client": ("een code van een andere applicatie", "a code of another application"),
    "token-wrong-verifier": ("een code_verifier die niet past", "a code_verifier that does not fit"),
    "token-missing-verifier": ("een tokenverzoek zonder code_verifier", "a token request without code_verifier"),
    "token-other-redirect-uri": (
        "een tokenverzoek met een andere redirect_uri",
        "a token request with another redirect_uri",
    ),
    "token-assertion-other-endpoint": (
        "een client assertion voor een ander adres",
        "a client assertion for another endpoint",
    ),
    "token-assertion-replayed": ("een client assertion die al is gebruikt", "a client assertion that was used before"),
    "token-assertion-expired": ("een client assertion die is verlopen", "a client assertion that has expired"),
    "token-assertion-too-long": (
        "een client assertion die een uur geldig is",
        "a client assertion that is valid for an hour",
    ),
    "token-assertion-alg-none": ("een client assertion zonder handtekening", "a client assertion without a signature"),
    "token-assertion-wrong-signature": (
        "een client assertion met een onjuiste handtekening",
        "a client assertion with a wrong signature",
    ),
    "token-assertion-unknown-kid": (
        "een client assertion met een onbekende sleutelnaam",
        "a client assertion with an unknown key id",
    ),
    "introspection-without-client": ("introspectie door een onbekende", "introspection by somebody unknown"),
    "introspection-token-of-other-domain": (
        "bij introspectie een token van een ander domein",
        "at introspection a token of another domain",
    ),
    "fhir-token-of-other-domain": (
        "bij de FHIR-service een token van een ander domein",
        "at the FHIR service a token of another domain",
    ),
    "fhir-token-noop": ("bij de FHIR-service het token NOOP", "at the FHIR service the token NOOP"),
}
"""What the service can be told to accept, by the name of the rule that it breaks."""


def _accepting(name: str) -> Callable[[Materialised], None]:
    def apply(domain: Materialised) -> None:
        domain.service.accepts.add(name)

    return apply


DEFECTS = tuple(
    Defect(
        name=f"accepts-{name}",
        caught_by=f"refusals.{name}",
        title_nl=f"De service aanvaardt {nl}",
        title_en=f"The service accepts {en}",
        apply=_accepting(name),
    )
    for name, (nl, en) in ACCEPTED.items()
)
