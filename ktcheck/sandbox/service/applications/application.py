"""What a portal and a module have in common: a key of their own, and being a client of the authorization service."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from ktcheck.sandbox import facts
from ktcheck.sandbox.service import outgoing
from ktcheck.sandbox.service.tenant import Tenant

Json = dict[str, Any]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Begun:
    """A launch that waits for the user to log in: the HTI token, and the secrets of the authorize request."""

    launch: str
    state: str
    verifier: str
    nonce: str
    until: float


@dataclass(slots=True)
class Application:
    """An application of a domain, at ``address``. It knows KT2 by its FHIR base URL, as any application does.

    ``launches`` are those that wait, by the value of the cookie of their browser.
    """

    tenant: Tenant
    facts: facts.Application
    address: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    launches: dict[str, Begun] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The FHIR base URL of the domain."""
        return self.tenant.fhir_base

    @property
    def client_id(self) -> str:
        """Its client id, which is the logical id of its Device."""
        return self.facts.client_id

    @property
    def faults(self) -> set[str]:
        """What goes wrong in a launch."""
        return self.tenant.launch_faults

    @property
    def header(self) -> Json:
        """The header of what it signs."""
        return {"alg": "ES256", "kid": self.key.kid}

    def sign(self, claims: Json) -> str:
        """A JWT with its own key."""
        return jwt.encode(self.header, claims, self.key)

    def authentication(self, endpoint: str) -> dict[str, str]:
        """The form fields with which it proves who it is at an endpoint."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": endpoint,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
            "jti": str(uuid4()),
        }
        return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": self.sign(claims)}

    async def configuration(self) -> Json:
        """Where the authorization service of the domain is."""
        return await outgoing.get(f"{self.base}/.well-known/smart-configuration")

    async def backend_token(self, smart: Json) -> str:
        """An access token of its own."""
        endpoint = smart["token_endpoint"]
        form = {"grant_type": "client_credentials", "scope": "", **self.authentication(endpoint)}
        return str((await outgoing.post(endpoint, form))["access_token"])

    async def fetch(self, reference: str, token: str, trace_id: str) -> Json:
        """A resource, with its own token; the launch is the trace of the request (TOP-KT-006)."""
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": str(uuid4()), "X-Trace-Id": trace_id}
        return await outgoing.get(f"{self.base}/{reference}", headers)


def random() -> str:
    """A value that nobody can guess: a state, a nonce, a verifier."""
    return secrets.token_urlsafe(48)
