"""What the faults of a practice domain (``ServiceFaults.launch``) make of a good answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any
from uuid import uuid4

Json = dict[str, Any]
Change = Callable[[Json], Json]

ID_TOKEN: Mapping[str, Change] = {
    "id-token-wrong-aud": lambda claims: {**claims, "aud": str(uuid4())},
    "id-token-wrong-iss": lambda claims: {**claims, "iss": f"{claims['iss']}/oud"},
    "id-token-expired": lambda claims: {**claims, "iat": claims["iat"] - 900, "exp": claims["exp"] - 900},
    "id-token-nonce-lost": lambda claims: _without(claims, "nonce"),
    "id-token-other-sub": lambda claims: {**claims, "sub": _somebody_else(claims["sub"])},
}
HTI: Mapping[str, Change] = {
    "portal-wrong-aud": lambda claims: {**claims, "aud": f"Device/{uuid4()}"},
    "portal-long-lived": lambda claims: {**claims, "exp": claims["iat"] + 3600},
    "portal-without-definition": lambda claims: _without(claims, "definition"),
    "portal-with-name": lambda claims: {**claims, "name": "Jip Voorbeeld"},
}
HTI_HEADER: Mapping[str, Change] = {
    "portal-without-kid": lambda header: _without(header, "kid"),
}
HTI_FORM: Mapping[str, Change] = {
    "portal-field-token": lambda fields: {"token": fields["launch"], **_without(fields, "launch")},
    "portal-without-iss": lambda fields: _without(fields, "iss"),
}
TOKEN_RESPONSE: Mapping[str, Change] = {
    "context-without-resource": lambda content: _without(content, "resource"),
    "context-other-task": lambda content: {**content, "resource": f"Task/{uuid4()}"},
    "context-other-patient": lambda content: {**content, "patient": f"Patient/{uuid4()}"},
    "context-extra-fhir-context": lambda content: {
        **content,
        "fhirContext": [{"reference": content.get("resource")}],
    },
    "refresh-token-given": lambda content: {**content, "refresh_token": str(uuid4())},
    "scope-differs": lambda content: {**content, "scope": "launch openid"},
    "lifetime-long": lambda content: {**content, "expires_in": 3600},
}
SMART_CONFIGURATION: Mapping[str, Change] = {
    "smart-configuration-incomplete": lambda content: {
        **content,
        "capabilities": [item for item in content["capabilities"] if item != "context-ehr-hti"],
    },
}
DISCOVERY: Mapping[str, Change] = {
    "idp-id-token-alg-none-announced": lambda content: {
        **content,
        "id_token_signing_alg_values_supported": [*content["id_token_signing_alg_values_supported"], "none"],
    },
    "idp-discovery-issuer-differs": lambda content: {**content, "issuer": f"{content['issuer']}/oud"},
    "idp-without-code-flow": lambda content: {**content, "response_types_supported": ["id_token"]},
    "idp-claim-not-announced": lambda content: {**content, "claims_supported": ["sub"]},
    "idp-not-https": lambda content: {**content, "userinfo_endpoint": "http://inloggen.zorgvoorbeeld.example/userinfo"},
}
INTROSPECTION: Mapping[str, Change] = {
    "introspection-claims-differ": lambda claims: {**claims, "sub": _somebody_else(str(claims.get("sub")))},
}


def put_in(content: Json, faults: Set[str], changes: Mapping[str, Change]) -> Json:
    """The answer with those of the faults in it that are about it."""
    for name in sorted(faults & changes.keys()):
        content = changes[name](content)
    return content


def _without(content: Json, name: str) -> Json:
    return {key: value for key, value in content.items() if key != name}


def _somebody_else(reference: str) -> str:
    return f"{reference.partition('/')[0]}/{uuid4()}"
