"""What portals and modules send in a launch, as Koppeltaal wants it: nothing is sent from here.

Source: ``kt2-standard.md`` sections 12 (client assertion), 14 (HTI token), 15 (authorize and token request) and 16
(introspection). A ``Draft`` becomes a token by ``sign``; time and everything that nobody may guess come from ``Fresh``.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ktcheck.launch import forged
from ktcheck.smart.keys import Algorithm, SigningKey

SCOPE = "launch openid fhirUser"
"""The scope of every launch (LNH-008)."""

LIFETIME = 240
"""How long our tokens are valid, in seconds: at most 5 minutes, less a minute for clocks that differ."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HTI_VERSION = "2.0"

Signature = Literal["own", "of-another-key", "none", "with-public-key"]
"""How a token is signed; all but the first are for tokens that have to be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Where the moment, and everything that has to be new, comes from.

    ``now`` gives seconds since 1970, ``unguessable`` 43 characters of base64url, ``identifier`` a UUID.
    """

    now: Callable[[], float] = time.time
    unguessable: Callable[[], str] = field(default=lambda: secrets.token_urlsafe(32))
    identifier: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """An application as what it sends shows it: its client_id, and its key under the name that is registered."""

    client_id: str
    key_id: str
    algorithm: Algorithm
    key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task to launch, with references to what it instantiates and to its patient, and its ``intent``."""

    reference: str
    definition: str | None
    patient: str | None
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A JWT that is still to be signed.

    ``claims`` are all but ``iat`` and ``exp``, which follow from ``issued`` (seconds since 1970) and ``lifetime``
    (seconds). ``key_id`` is the ``kid`` in the header.
    """

    signer: Signer
    key_id: str
    claims: Mapping[str, Any] = field(repr=False)
    issued: int
    lifetime: int = LIFETIME
    signature: Signature = "own"

    def all_claims(self) -> dict[str, Any]:
        """The claims as they are signed."""
        return {**self.claims, "iat": self.issued, "exp": self.issued + self.lifetime}


def hti_token(portal: Signer, device: str, sub: str, task: Task, fresh: Fresh) -> Draft:
    """The HTI 2.0 token with which a portal launches a task at the module that is ``Device/<id>`` for user ``sub``."""
    claims = {
        "iss": portal.client_id,
        "aud": device,
        "sub": sub,
        "resource": task.reference,
        "definition": task.definition,
        "patient": task.patient if task.patient != sub else None,
        "intent": task.intent,
        "hti-version": _HTI_VERSION,
        "jti": fresh.identifier(),
    }
    return _draft(portal, claims, fresh)


def assertion(client: Signer, endpoint: str, fresh: Fresh) -> Draft:
    """The client assertion with which an application shows an endpoint who it is (``private_key_jwt``, RFC 7523)."""
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": endpoint, "jti": fresh.identifier()}
    return _draft(client, claims, fresh)


def _draft(signer: Signer, claims: Mapping[str, Any], fresh: Fresh) -> Draft:
    known = {name: value for name, value in claims.items() if value is not None}
    return Draft(signer=signer, key_id=signer.key_id, claims=known, issued=int(fresh.now()))


def sign(draft: Draft) -> str:
    """The JWT in compact form, signed in the way that the draft says."""
    signer, claims = draft.signer, draft.all_claims()
    if draft.signature == "none":
        return forged.unsigned(claims, key_id=draft.key_id)
    if draft.signature == "with-public-key":
        return forged.signed_with_public_key(claims, key_id=draft.key_id, public_key=signer.key.public_pem())
    key = signer.key if draft.signature == "own" else signer.key.another()
    return key.sign(claims, algorithm=signer.algorithm, key_id=draft.key_id)


def new_pkce(fresh: Fresh) -> tuple[str, str]:
    """A new code_verifier, and its code_challenge by S256 (RFC 7636)."""
    verifier = fresh.unguessable()
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorize_parameters(
    *, client_id: str, redirect_uri: str, base: str, state: str, nonce: str, challenge: str
) -> dict[str, str]:
    """The authorize request of a module, but for ``launch``: the HTI token that a portal gave it.

    ``base`` is the FHIR base URL.
    """
    return {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "aud": base,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def token_form(*, code: str, redirect_uri: str, verifier: str | None, client_assertion: str) -> dict[str, str]:
    """The token request of a module that got a code at ``redirect_uri``; without a verifier it has to be refused."""
    shown = {} if verifier is None else {"code_verifier": verifier}
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        **shown,
        **_by(client_assertion),
    }


def introspection_form(*, token: str, client_assertion: str | None) -> dict[str, str]:
    """The question whether a token is good; when nobody shows who asks it has to be refused."""
    return {"token": token, **({} if client_assertion is None else _by(client_assertion))}


def _by(client_assertion: str) -> dict[str, str]:
    return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": client_assertion}
