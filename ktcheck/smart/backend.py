"""The SMART backend services token: how the suite's own application gets into a domain.

Source: ``kt2-standard.md`` sections 11 (TOP-KT-016, SMART configuration) and 12 (TOP-KT-005c, TOP-KT-021:
client credentials with ``private_key_jwt``). Tokens and assertions stay in memory: no ``repr``, error or
evidence holds them.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from ktcheck import http
from ktcheck.domain import Client
from ktcheck.errors import InputError, RunError
from ktcheck.smart import keys
from ktcheck.smart.keys import Algorithm, SigningKey
from ktcheck.smart.scopes import Range, origins, readable
from ktcheck.snapshot.store import RESOURCE_TYPES

ASSERTION_SECONDS = 240
"""How long an assertion is valid: at most 5 minutes, less a minute for clocks that differ."""

ASSUMED_SECONDS = 300
"""The life of a token whose response has no ``expires_in`` (the texts imply at most 5 minutes)."""

Secret = Callable[[str], None]
"""Told every secret of a run as it comes into being."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALL_SCOPES = "*"  # the server gives what the role allows (TOP-KT-005c)
_BEARER_VALUE = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_CLIENT_REFUSED = frozenset({"invalid_client", "unauthorized_client"})
_OTHER_ERRORS = frozenset({"invalid_request", "invalid_grant", "unsupported_grant_type", "invalid_scope"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What we use of the SMART configuration; ``algorithms`` is empty when it announces none."""

    token_endpoint: str
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token.

    ``seconds`` is how long it lives, ``renew_at`` the moment (``time.monotonic``) from which another one is
    requested: when 10% of its life is left, or 30 seconds if that is less. ``granted`` says per resource type
    whether all of it may be read or a part; None when the server did not say. ``origins``: of a part, whose (Devices).
    """

    value: str = field(repr=False)
    seconds: float
    renew_at: float
    granted: Mapping[str, Range] | None
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class BackendServices:
    """Gets tokens for one client of one domain, and keeps the current one until it nears its end."""

    def __init__(
        self,
        fhir_base_url: str,
        client: Client,
        *,
        evidence: http.Evidence,
        trace_id: str,
        secret: Secret = lambda _: None,
    ) -> None:
        """Reads the private key; raises ``InputError`` when it does not serve.

        Every assertion and token is told to ``secret`` before it is used, so that no output can hold it.
        """
        self._base_url = fhir_base_url.rstrip("/")
        self._client = client
        self._key = keys.load(client.private_key_file)
        self._evidence = evidence
        self._trace_id = trace_id
        self._secret = secret
        self._lock = asyncio.Lock()
        self._configuration: Configuration | None = None
        self._algorithm: Algorithm | None = None
        self._token: Token | None = None

    @property
    def key(self) -> SigningKey:
        """The key of the client, read once: checking one takes a noticeable time."""
        return self._key

    async def token(self, *, refused: Token | None = None) -> Token:
        """A token that is valid now; another one than ``refused``, which the server answered with 401.

        Raises ``InputError`` when the client is not accepted, ``RunError`` when no token could be had.
        """
        async with self._lock:
            current = self._token
            if current is None or current is refused or time.monotonic() >= current.renew_at:
                current = self._token = await self._request()
                self._secret(current.value)
            return current

    async def algorithm(self) -> Algorithm:
        """The algorithm with which the domain accepts the signatures of this client.

        Raises ``InputError`` when the client is not accepted, ``RunError`` when that could not be found out.
        """
        await self.token()
        assert self._algorithm is not None  # a token was had with one
        return self._algorithm

    async def configuration(self) -> Configuration:
        """The SMART configuration, read once, without a token. Raises ``RunError`` when it is unusable."""
        if self._configuration is None:
            url = f"{self._base_url}/.well-known/smart-configuration"
            async with http.read_client(self._base_url, evidence=self._evidence, trace_id=self._trace_id) as client:
                response = await client.get(url, headers={"Accept": "application/json"})
            self._configuration = _configuration(response, url)
        return self._configuration

    async def _request(self) -> Token:
        """Try the algorithms that may fit, until the server accepts the client."""
        configuration = await self.configuration()
        candidates = self._candidates(configuration)
        for algorithm in candidates:
            moment = time.monotonic()
            response = await self._post(configuration.token_endpoint, algorithm)
            error = _error(response)
            if response.status_code == 200:
                self._algorithm = algorithm
                return _token(response, moment)
            if response.status_code != 401 and error not in _CLIENT_REFUSED:
                what = f"status {response.status_code}" + (f" ({error})" if error else "")
                raise RunError(
                    f"{response.url.host}: the token endpoint gives no token but {what}; try again later, "
                    "or ask the administrator of the domain"
                )
        raise InputError(
            f"{httpx2.URL(configuration.token_endpoint).host}: the token endpoint does not accept "
            f"[client] client_id {self._client.client_id!r} signed with {', '.join(candidates)}; make client_id, "
            "key_id and private key fit what the domain administration has registered"
        )

    def _candidates(self, configuration: Configuration) -> tuple[Algorithm, ...]:
        """The algorithm that worked before, or the first that is announced, or else all the key can do."""
        if self._algorithm:
            return (self._algorithm,)
        announced = [name for name in self._key.algorithms if name in configuration.algorithms]
        return tuple(announced[:1]) or self._key.algorithms

    async def _post(self, token_endpoint: str, algorithm: Algorithm) -> httpx2.Response:
        wire = http.Wire(token_endpoint, evidence=self._evidence, trace_id=self._trace_id)
        transport = http.EndpointTransport(wire, address=token_endpoint)
        async with httpx2.AsyncClient(transport=transport, timeout=http.TIMEOUT, follow_redirects=False) as client:

            async def send() -> httpx2.Response:
                # A new assertion for each attempt: its jti may be used only once.
                form = {
                    "grant_type": "client_credentials",
                    "scope": _ALL_SCOPES,
                    "client_assertion_type": _ASSERTION_TYPE,
                    "client_assertion": self._assertion(token_endpoint, algorithm),
                }
                return await client.post(token_endpoint, data=form, headers={"Accept": "application/json"})

            return await http.politely(send, httpx2.URL(token_endpoint).host)

    def _assertion(self, token_endpoint: str, algorithm: Algorithm) -> str:
        now = int(time.time())
        claims = {
            "iss": self._client.client_id,
            "sub": self._client.client_id,
            "aud": token_endpoint,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        assertion = self._key.sign(claims, algorithm=algorithm, key_id=self._client.key_id)
        self._secret(assertion)
        return assertion


class BearerAuth(httpx2.Auth):
    """Puts the current token on each request, and tries once more with a new one after a 401."""

    def __init__(self, service: BackendServices) -> None:
        self._service = service

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The exchange as ``httpx2`` wants it."""
        token = await self._service.token()
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == 401:
            token = await self._service.token(refused=token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request


def _object(response: httpx2.Response) -> dict[str, Any]:
    """The JSON object of a response; empty when it is none."""
    try:
        content = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _configuration(response: httpx2.Response, url: str) -> Configuration:
    if response.status_code != 200:
        raise RunError(
            f"{url} answers {response.status_code}, so there is no token to be had; check [target] fhir_base_url"
        )
    content = _object(response)
    endpoint = content.get("token_endpoint")
    try:
        secure = isinstance(endpoint, str) and http.is_secure(endpoint)
    except httpx2.InvalidURL:
        secure = False
    if not isinstance(endpoint, str) or not secure:
        raise RunError(f"{url} names no https token_endpoint, so there is no token to be had; report it to its owner")
    algorithms = content.get("token_endpoint_auth_signing_alg_values_supported")
    names = algorithms if isinstance(algorithms, list) else []
    return Configuration(token_endpoint=endpoint, algorithms=tuple(name for name in names if isinstance(name, str)))


def _error(response: httpx2.Response) -> str | None:
    """The OAuth error code of a refusal, if it is one that the standard knows (RFC 6749 section 5.2)."""
    code = _object(response).get("error") if response.status_code != 200 else None
    return code if code in _CLIENT_REFUSED | _OTHER_ERRORS else None


def _token(response: httpx2.Response, moment: float) -> Token:
    """The token of a response to a request that was sent at ``moment``."""
    content = _object(response)
    value, kind, scope = (content.get(name) for name in ("access_token", "token_type", "scope"))
    bearer = isinstance(kind, str) and kind.lower() == "bearer"
    if not bearer or not isinstance(value, str) or not _BEARER_VALUE.fullmatch(value):
        raise RunError(f"{response.url.host}: the token endpoint answers 200 without a usable Bearer token; report it")
    seconds = _seconds(content.get("expires_in"))
    told = scope if isinstance(scope, str) else None
    return Token(
        value=value,
        seconds=seconds,
        renew_at=moment + seconds - min(30.0, seconds / 10),
        granted=readable(told, RESOURCE_TYPES),
        origins=origins(told, RESOURCE_TYPES),
    )


def _seconds(expires_in: object) -> float:
    """The life of a token; some servers write the number as a string."""
    text = str(expires_in)
    return float(text) if text.isdecimal() and int(text) > 0 else float(ASSUMED_SECONDS)
