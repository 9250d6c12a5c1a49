"""Polite, read-only and recorded HTTP: the only way in which ktcheck reads a domain.

Three layers, each with one duty. ``Wire`` sends one request: a bounded number at once, with trace headers,
written to the evidence. ``politely`` tries again when a server is busy. ``ReadOnlyTransport``, ``EndpointTransport``
and ``ValidatorTransport`` decide what may be sent at all, before anything leaves this machine.
Source: TOP-KT-006 (trace headers), RFC 9110 section 10.2.3 (Retry-After), the principles in ``design.md``.
"""

from __future__ import annotations

import asyncio
import email.utils
import logging
import re
import socket
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx2
import stamina

from ktcheck.errors import RunError

Evidence = Callable[[dict[str, Any]], None]
"""Where exchanges are recorded: gets ``Exchange.record()`` of every request that was sent."""

CONCURRENCY = 4
ATTEMPTS = 5
RETRY_AFTER_MAXIMUM = 60.0
TIMEOUT = httpx2.Timeout(60.0, connect=10.0, pool=None)
BUSY = frozenset({429, 502, 503, 504})

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HARMLESS_PARAMETERS = frozenset(
    {"_count", "_sort", "_summary", "_total", "_offset", "_getpagesoffset", "startIndex", "count", "first", "max"}
)
# With one of these a POST is, or may be taken for, a change.
_WRITING_HEADERS = frozenset({
    "if-match", "if-none-match", "if-none-exist", "prefer",
    "x-http-method", "x-http-method-override", "x-method-override",
})  # fmt: skip
# Headers that are true of an answer on its way, not once it was read and decoded.
_ABOUT_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Without a handler of its own, a retry would print a line on the console of whoever runs ktcheck.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, without headers and bodies, so without secrets and patient data.

    ``query`` has the parameter names, with the value of those that cannot hold anything personal (else None).
    ``status`` is None when no whole answer came; ``bytes`` is the length of the decoded body.
    """

    started: str
    method: str
    host: str
    path: str
    query: Mapping[str, str | None]
    status: int | None
    milliseconds: int
    bytes: int
    request_id: str
    trace_id: str

    def record(self) -> dict[str, Any]:
        """The exchange as one JSON object."""
        return asdict(self)


class Wire(httpx2.AsyncBaseTransport):
    """Sends a request once and reads the whole answer; when a server says Retry-After, all requests wait.

    ``concurrency`` bounds the requests at once. Every request gets a new ``X-Request-Id``; ``trace_id`` is
    the ``X-Trace-Id`` of them all. Plain http is refused, except to this machine itself. ``most_bytes`` is how long an
    answer may be (decoded); a longer one is broken off.
    """

    def __init__(
        self,
        base_url: str,
        *,
        evidence: Evidence,
        trace_id: str,
        concurrency: int = CONCURRENCY,
        most_bytes: int | None = None,
    ) -> None:
        self._network = _network(httpx2.URL(base_url))
        self._evidence = evidence
        self._trace_id = trace_id
        self._most_bytes = most_bytes
        self._slots = asyncio.Semaphore(concurrency)
        self._not_before = 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it; raises ``httpx2.RequestError`` when no whole answer comes."""
        if not is_secure(str(request.url)):
            raise RunError(f"{request.url.host}: refused, because only https is safe; correct the address")
        request_id = str(uuid.uuid4())
        request.headers["X-Request-Id"] = request_id
        request.headers["X-Trace-Id"] = self._trace_id
        async with self._slots:
            while (wait := self._not_before - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            started, clock = datetime.now(UTC), time.monotonic()
            status, size = None, 0
            try:
                response = await self._whole(await self._network.handle_async_request(request))
                size = len(response.content)
                status = response.status_code
            finally:
                exchange = Exchange(
                    started=started.isoformat(timespec="milliseconds"),
                    method=request.method,
                    host=request.url.netloc.decode("ascii"),
                    path=request.url.path,
                    query=_harmless(request.url.params),
                    status=status,
                    milliseconds=round((time.monotonic() - clock) * 1000),
                    bytes=size,
                    request_id=request_id,
                    trace_id=self._trace_id,
                )
                self._evidence(exchange.record())
            if status in BUSY:
                self._not_before = max(self._not_before, time.monotonic() + retry_after(response.headers))
        return response

    async def _whole(self, response: httpx2.Response) -> httpx2.Response:
        """The response with all of its content."""
        if self._most_bytes is None:
            await response.aread()
            return response
        content = bytearray()
        try:
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._most_bytes:
                    raise httpx2.RemoteProtocolError("the answer is too long")
        finally:
            await response.aclose()
        headers = [item for item in response.headers.multi_items() if item[0].lower() not in _ABOUT_THE_WIRE]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(content))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._network.aclose()


class ReadOnlyTransport(httpx2.AsyncBaseTransport):
    """Lets only GET and HEAD through, and a token only to the origin of ``base_url``.

    ``validates``: also ``POST <base_url>/<Type>/$validate``, which judges the resource in its body and keeps nothing
    (FHIR R4, operation Resource-validate, affectsState false).
    """

    def __init__(self, wire: Wire, *, base_url: str, validates: bool = False) -> None:
        self._wire = wire
        self._origin = origin(base_url)
        self._validate = re.compile(re.escape(httpx2.URL(base_url).path.rstrip("/")) + r"/[A-Z][A-Za-z]+/\$validate")
        self._validates = validates

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it politely; raises ``RunError``, before anything is sent, for what is not allowed."""
        if request.method not in {"GET", "HEAD"} and not self._may_validate(request):
            raise RunError(f"{request.url.host}: ktcheck only reads, so {request.method} was not sent")
        if "Authorization" in request.headers and origin(str(request.url)) != self._origin:
            raise RunError(f"{request.url.host}: not the host that the token is for, so the token was not sent to it")
        return await politely(lambda: self._wire.handle_async_request(request), request.url.host)

    def _may_validate(self, request: httpx2.Request) -> bool:
        """Whether it is exactly that operation, and no header could make something else of it."""
        return (
            self._validates
            and request.method == "POST"
            and origin(str(request.url)) == self._origin
            and bool(self._validate.fullmatch(request.url.path))
            and set(request.url.params) <= {"profile"}
            and _WRITING_HEADERS.isdisjoint(request.headers)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


class ValidatorTransport(httpx2.AsyncBaseTransport):
    """Lets only POST to exactly one address through, that of a validator, and never a token."""

    def __init__(self, wire: Wire, *, address: str) -> None:
        self._wire = wire
        self._address = httpx2.URL(address)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it politely; raises ``RunError``, before anything is sent, for any other request."""
        if request.method != "POST" or request.url != self._address or "Authorization" in request.headers:
            raise RunError(f"{request.url.host}: not a question to the validator, so it was not sent")
        return await politely(lambda: self._wire.handle_async_request(request), request.url.host)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


class EndpointTransport(httpx2.AsyncBaseTransport):
    """Lets only POST to exactly one address through: an endpoint of an authorization service.

    It does not try again by itself, because an assertion or a code may be used only once.
    """

    def __init__(self, wire: Wire, *, address: str) -> None:
        self._wire = wire
        self._address = httpx2.URL(address)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it once; raises ``RunError``, before anything is sent, for any other request."""
        if request.method != "POST" or request.url != self._address:
            raise RunError(f"{request.url.host}: not a request to the endpoint, so it was not sent")
        return await self._wire.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


def read_client(
    base_url: str,
    *,
    evidence: Evidence,
    trace_id: str,
    concurrency: int = CONCURRENCY,
    auth: httpx2.Auth | None = None,
    accept: str = "application/fhir+json",
    validates: bool = False,
    most_bytes: int | None = None,
) -> httpx2.AsyncClient:
    """A client for a service that cannot write, and does not follow redirects.

    ``auth`` is used for every request that does not say ``auth=None`` itself, ``accept`` is the media type asked for;
    ``validates`` as in ``ReadOnlyTransport``, ``most_bytes`` as in ``Wire``.
    """
    wire = Wire(base_url, evidence=evidence, trace_id=trace_id, concurrency=concurrency, most_bytes=most_bytes)
    return httpx2.AsyncClient(
        transport=ReadOnlyTransport(wire, base_url=base_url, validates=validates),
        headers={"Accept": accept},
        timeout=TIMEOUT,
        follow_redirects=False,
        auth=auth,
    )


def validator_client(address: str, *, evidence: Evidence, trace_id: str) -> httpx2.AsyncClient:
    """A client that can only ask the validator at this address; who asks decides how long it may take."""
    wire = Wire(address, evidence=evidence, trace_id=trace_id)
    transport = ValidatorTransport(wire, address=address)
    return httpx2.AsyncClient(transport=transport, timeout=httpx2.Timeout(None, connect=10.0), follow_redirects=False)


class _BusyError(Exception):
    """The server asks us to come back later; ``response`` is what it said."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


async def politely(send: Callable[[], Awaitable[httpx2.Response]], host: str) -> httpx2.Response:
    """Send until the server is not busy, at most ``ATTEMPTS`` times and ever slower: the last answer.

    Retry-After itself is obeyed by ``Wire``, for all requests together. Raises ``RunError``, a sentence that
    names the host and the cause, when no answer came.
    """

    async def once() -> httpx2.Response:
        response = await send()
        if response.status_code in BUSY:
            raise _BusyError(response)
        return response

    response = None
    try:
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20.0, wait_jitter=0.5
        ):
            with attempt:
                response = await once()
    except _BusyError as busy:
        response = busy.response
    except httpx2.RequestError as error:
        raise RunError(f"{host} {_why(error)}") from None
    assert response is not None
    return response


def _may_pass(error: Exception) -> bool:
    """Whether the trouble may be over in a moment; an unknown name or an untrusted certificate is not."""
    if isinstance(error, httpx2.TransportError):
        lasting = isinstance(error, (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError))
        return not lasting and not any(isinstance(e, (ssl.SSLError, socket.gaierror)) for e in _chain(error))
    return isinstance(error, _BusyError)


def _why(error: httpx2.RequestError) -> str:
    """The cause, without the library's own text, which may quote a header."""
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"has no trusted certificate ({cause.verify_message}); check the address and the proxy"
        if isinstance(cause, ssl.SSLError):
            return "does not make a secure (TLS) connection; check the address, the port and the proxy"
        if isinstance(cause, socket.gaierror):
            return "is not a known host name; check the address and the network"
    if isinstance(error, httpx2.ConnectError):
        return "cannot be reached; check the address, the network and the proxy"
    if isinstance(error, httpx2.TimeoutException):
        return "does not answer in time; try again later"
    return "breaks off the connection or answers something that is not HTTP; try again later"


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def retry_after(headers: httpx2.Headers) -> float:
    """Seconds to wait by the Retry-After header (a number or an HTTP date): 0 without, at most a minute."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        seconds = float(value)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_MAXIMUM)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address, by which it is decided who may get a token."""
    parts = httpx2.URL(url)
    return parts.scheme, parts.host, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def is_secure(url: str) -> bool:
    """Whether an address is https, or http on this machine itself."""
    parts = httpx2.URL(url)
    return bool(parts.host) and (parts.scheme == "https" or (parts.scheme == "http" and parts.host in _LOOPBACK))


def next_page(link: str, current: str, base_url: str) -> str:
    """The address of the next page, from a ``next`` link that may be relative.

    A server behind a proxy often gives http links for an https address: on the same host that is made https.
    Raises ``RunError`` when the link is unusable or leads to another host, which must not get the token.
    """
    base = httpx2.URL(base_url)
    try:
        url = httpx2.URL(current).join(link)
    except httpx2.InvalidURL:
        raise RunError(f"{base.host}: a search answer has a next link that is not an address") from None
    if base.scheme == "https" and url.scheme == "http" and url.host == base.host:
        url = url.copy_with(scheme="https", port=base.port)
    if url.userinfo or origin(str(url)) != origin(base_url):
        raise RunError(
            f"{base.host}: a search answer has a next link to {url.host or 'no host'}, which is not followed"
        )
    return str(url.copy_with(fragment=None))


def _harmless(parameters: httpx2.QueryParams) -> dict[str, str | None]:
    return {name: parameters[name] if name in _HARMLESS_PARAMETERS else None for name in parameters}


def _network(url: httpx2.URL) -> httpx2.AsyncHTTPTransport:
    """The real network, through the proxy that the environment names for this address, if any."""
    direct = url.host in _LOOPBACK or proxy_bypass(url.host)
    return httpx2.AsyncHTTPTransport(verify=_tls(), proxy=None if direct else getproxies().get(url.scheme))


@cache
def _tls() -> ssl.SSLContext:
    """Whom to trust; reading that takes a tenth of a second, and a launch makes several connections."""
    return httpx2.create_ssl_context()
