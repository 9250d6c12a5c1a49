"""What an application asks the authorization service and the FHIR service itself, without a browser.

Only addresses that the SMART configuration names are used, once each; an answer is read up to 1 MiB. Whatever the other
side does, an ``Answer`` comes back. Source: ``kt2-standard.md`` sections 11, 12, 15 and 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from ktcheck import http
from ktcheck.errors import RunError
from ktcheck.launch.ways.form import SHORTEST_SECRET
from ktcheck.smart.backend import Secret

NOOP = "NOOP"
"""The access token of every launch; it opens nothing and is no secret (KT2-LAUNCH-022)."""

MOST_BYTES = 1024 * 1024

_JSON = "application/json"
_FHIR = "application/fhir+json"
# RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, OpenID Connect Core section 3.1.2.6.
_ERRORS = frozenset({
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable",
    "interaction_required", "login_required", "account_selection_required", "consent_required",
    "invalid_request_uri", "invalid_request_object", "request_not_supported", "request_uri_not_supported",
    "registration_not_supported", "invalid_token", "insufficient_scope",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What of a SMART configuration a launch needs; None for what is not there, or is an address that is not safe.

    ``authorize_post``: the authorize request may be posted, so that the HTI token is in no address.
    """

    issuer: str | None
    jwks: str | None
    authorization: str
    token: str
    introspection: str | None
    authorize_post: bool

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Endpoints | None:
        """Those of a configuration, whatever is in it; None when a code or a token cannot be asked for."""
        authorization, token = _safe(content.get("authorization_endpoint")), _safe(content.get("token_endpoint"))
        if authorization is None or token is None:
            return None
        issuer, capabilities = content.get("issuer"), content.get("capabilities")
        return cls(
            issuer=issuer if isinstance(issuer, str) else None,
            jwks=_safe(content.get("jwks_uri")),
            authorization=authorization,
            token=token,
            introspection=_safe(content.get("introspection_endpoint")),
            authorize_post=isinstance(capabilities, list) and "authorize-post" in capabilities,
        )


def _safe(url: Any) -> str | None:
    try:
        return url if isinstance(url, str) and http.is_secure(url) else None
    except httpx2.InvalidURL:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    ``status`` is None when nothing did; ``why_nl`` and ``why_en`` then say why. ``content`` is the JSON object of the
    answer, empty when it is none.
    """

    status: int | None
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
    content_type: str | None = None
    cache_control: str | None = None
    why_nl: str | None = None
    why_en: str | None = None

    @property
    def good(self) -> bool:
        """Whether it is a success (2xx)."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def failed(self) -> bool:
        """Whether the service did not come to a judgement: there is no answer, it broke down or is too busy."""
        return self.status is None or self.status >= 500 or self.status == 429

    @property
    def error(self) -> str | None:
        """The error code of OAuth2 in it, if it is one that a standard knows."""
        return known_error(self.content.get("error"))


def known_error(code: Any) -> str | None:
    """An error code of OAuth2 (RFC 6749, RFC 6750, OpenID Connect Core); None for any other text."""
    return code if isinstance(code, str) and code in _ERRORS else None


class Calls:
    """The calls of one launch: all have its trace id, the ``jti`` of the HTI token (TOP-KT-006)."""

    def __init__(self, *, evidence: http.Evidence, trace_id: str, secret: Secret) -> None:
        self._evidence = evidence
        self._trace_id = trace_id
        self._secret = secret

    def tell(self, *values: Any) -> None:
        """Tell what is a secret; ``NOOP``, what is no text, and what is too short to let anybody in are none."""
        for value in values:
            if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
                self._secret(value)

    async def post(self, endpoint: str, form: Mapping[str, str]) -> Answer:
        """Post a form to an endpoint of the authorization service, once."""
        wire = http.Wire(endpoint, evidence=self._evidence, trace_id=self._trace_id, most_bytes=MOST_BYTES)
        transport = http.EndpointTransport(wire, address=endpoint)
        async with httpx2.AsyncClient(transport=transport, timeout=http.TIMEOUT, follow_redirects=False) as client:
            try:
                answer = _answer(await client.post(endpoint, data=dict(form), headers={"Accept": _JSON}))
            except httpx2.RequestError:
                return _no_answer(endpoint)
        self.tell(*(answer.content.get(name) for name in ("access_token", "id_token", "refresh_token")))
        return answer

    async def get(self, url: str) -> Answer:
        """Read JSON that everybody may read."""
        return await self._get(url, {"Accept": _JSON})

    async def configuration(self, base: str) -> Answer:
        """The SMART configuration of a FHIR service."""
        return await self.get(f"{base}/.well-known/smart-configuration")

    async def read(self, base: str, kind: str, bearer: str) -> Answer:
        """Ask the FHIR service how many resources of a type there are: the least that a token is needed for."""
        return await self._get(f"{base}/{kind}?_summary=count", {"Accept": _FHIR, "Authorization": f"Bearer {bearer}"})

    async def _get(self, url: str, headers: Mapping[str, str]) -> Answer:
        try:
            async with http.read_client(
                url, evidence=self._evidence, trace_id=self._trace_id, most_bytes=MOST_BYTES
            ) as client:
                return _answer(await client.get(url, headers=headers))
        except RunError:
            return _no_answer(url)


def _answer(response: httpx2.Response) -> Answer:
    try:
        content = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        content = None
    return Answer(
        status=response.status_code,
        content=content if isinstance(content, dict) else {},
        content_type=response.headers.get("content-type"),
        cache_control=response.headers.get("cache-control"),
    )


def _no_answer(url: str) -> Answer:
    host = httpx2.URL(url).host
    return Answer(status=None, why_nl=f"{host} gaf geen bruikbaar antwoord", why_en=f"{host} gave no usable answer")
