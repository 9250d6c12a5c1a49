"""Area *idp*, the identity providers themselves: what they announce fits OpenID Connect and the domain file."""

from __future__ import annotations

from ktcheck.facts import Context
from ktcheck.findings import Severity
from ktcheck.idp.facts import IssuerMetadata
from ktcheck.rules.base import Examination, Problem, rule

_CODE = "code"


def _examined(issuer: IssuerMetadata, *problems: Problem) -> Examination:
    return Examination(scope=issuer.user_types[0], problems=problems)


def _words(issuer: IssuerMetadata, **more: object) -> dict[str, object]:
    return {"user_types": ", ".join(issuer.user_types), **more}


@rule("issuer.discovery", IssuerMetadata)
def discovery(issuer: IssuerMetadata, _: Context) -> Examination:
    """The issuer has a discovery document at its well-known address (IAM-002, TOP-KT-023: OpenID Connect only)."""
    if issuer.found:
        return _examined(issuer)
    if issuer.status is None:
        nl, en = "er komt geen antwoord", "no answer comes"
    elif issuer.status == 200:
        nl, en = "het antwoord is geen JSON-object", "the answer is no JSON object"
    else:
        nl, en = f"het antwoord heeft status {issuer.status}", f"the answer has status {issuer.status}"
    words = _words(issuer, why_nl=nl, why_en=en)
    return _examined(issuer, Problem(expected=issuer.issuer, actual=issuer.status, words=words))


@rule("issuer.name", IssuerMetadata)
def name(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """The document says the issuer of the domain file, to the letter (IAM-006, TOP-KT-023, OIDC Discovery 4.3)."""
    if not issuer.found:
        return None
    if issuer.announced == issuer.issuer:
        return _examined(issuer)
    return _examined(issuer, Problem(expected=issuer.issuer, actual=issuer.announced, words=_words(issuer)))


@rule("issuer.https", IssuerMetadata)
def https(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """Every address in the document is https (IAM-002, TOP-KT-023); only this machine itself may do without."""
    if not issuer.found:
        return None
    problems = tuple(
        Problem(path=endpoint, words=_words(issuer, endpoint=endpoint))
        for endpoint, secure in issuer.endpoints
        if not secure
    )
    return Examination(scope=issuer.user_types[0], problems=problems, examined=len(issuer.endpoints))


@rule("issuer.algorithms", IssuerMetadata)
def algorithms(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """An id_token is signed asymmetrically: no ``none``, no HS* (IAM-003, TOP-KT-023).

    HS* beside an asymmetric one is advice: many providers announce all they can, and what counts is what they use.
    """
    if not issuer.found:
        return None
    announced = issuer.algorithms or ()
    symmetric = [algorithm for algorithm in announced if algorithm.upper().startswith("HS")]
    unsigned = [algorithm for algorithm in announced if algorithm.casefold() == "none"]
    usable = len(announced) > len(symmetric) + len(unsigned)
    found = []
    if unsigned:
        found.append(_algorithms(issuer, "none", None))
    if not usable and not unsigned:
        found.append(_algorithms(issuer, ", ".join(announced) or "-", None))
    elif usable and symmetric:
        found.append(_algorithms(issuer, ", ".join(symmetric), Severity.ADVICE))
    return _examined(issuer, *found)


def _algorithms(issuer: IssuerMetadata, told: str, severity: Severity | None) -> Problem:
    words = _words(issuer, algorithms=told)
    return Problem(path="id_token_signing_alg_values_supported", actual=told, words=words, severity=severity)


@rule("issuer.code-flow", IssuerMetadata)
def code_flow(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """The provider does the authorization code flow (IAM-003, TOP-KT-023)."""
    if not issuer.found:
        return None
    if _CODE in (issuer.response_types or ()):
        return _examined(issuer)
    problem = Problem(
        path="response_types_supported", expected=_CODE, actual=issuer.response_types, words=_words(issuer)
    )
    return _examined(issuer, problem)


@rule("issuer.keys", IssuerMetadata)
def keys(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """The key set holds a key to check signatures with, and no private one (IAM-003, IAM-006, TOP-KT-020)."""
    if not issuer.found:
        return None
    if issuer.keys is None:
        nl, en = "is niet op te halen", "cannot be fetched"
    elif any(key.private for key in issuer.keys):
        nl, en = "toont een privésleutel", "shows a private key"
    elif not any(key.signs for key in issuer.keys):
        nl, en = "heeft geen sleutel om handtekeningen te controleren", "has no key to check signatures with"
    else:
        return _examined(issuer)
    return _examined(issuer, Problem(path="jwks_uri", words=_words(issuer, why_nl=nl, why_en=en)))


@rule("issuer.claim", IssuerMetadata)
def claim(issuer: IssuerMetadata, _: Context) -> Examination | None:
    """Where the provider announces its claims, the one that persons are matched on is among them (IAM-006)."""
    if not issuer.found or issuer.claims_supported is None:
        return None
    missing = [item for item in issuer.claims if item not in issuer.claims_supported]
    words = _words(issuer, claims=", ".join(missing))
    problems = (Problem(path="claims_supported", expected=missing, words=words),) if missing else ()
    return _examined(issuer, *problems)
