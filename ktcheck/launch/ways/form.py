"""Logging in without a browser: follows redirects and fills in the forms of the pages that come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import httpx2

import ktcheck
from ktcheck import http
from ktcheck.domain import TestAccount
from ktcheck.launch.agent import (
    MOST_REQUESTS,
    VISIT_SECONDS,
    BarredError,
    Hop,
    Until,
    Visit,
    Visited,
    check_may_be_opened,
    password,
)
from ktcheck.launch.ways.pages import Form, check_form, endless, login_refused, no_account, read_page
from ktcheck.smart.backend import Secret

SHORTEST_SECRET = 12
"""A cookie or code that is shorter (``nl``, ``true``) lets nobody in; taking it out of all output would only garble."""

_HEADERS = {
    "User-Agent": f"Mozilla/5.0 (compatible; ktcheck/{ktcheck.__version__})",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "nl",
}
_MOST_BYTES = 5 * 1024 * 1024
"""No page is longer than this, so that none fills the memory."""

_TIMEOUT = httpx2.Timeout(30.0, connect=10.0, pool=None)
_KEEPS_METHOD = frozenset({307, 308})
_REDIRECTS = frozenset({301, 302, 303}) | _KEEPS_METHOD
# What lets somebody in, wherever it is in an address or a form.
_SECRET_NAMES = frozenset({
    "launch", "token", "code", "state", "nonce", "code_challenge", "session_code", "id_token", "access_token",
    "id_token_hint", "client_assertion", "SAMLResponse", "csrf", "execution",
})  # fmt: skip


class FormAgent:
    """A browser that knows links and forms, and no scripts."""

    def __init__(self, *, evidence: http.Evidence, trace_id: str, secret: Secret, base_url: str) -> None:
        self._secret = secret
        self._base_url = base_url
        # Secure cookies go to this machine too, as browsers do it: nothing leaves it.
        self._cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._client = httpx2.AsyncClient(
            transport=_Wires(evidence, trace_id),
            headers=_HEADERS,
            cookies=self._cookies,
            timeout=_TIMEOUT,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def visit(self, visit: Visit, *, until: Until, account: TestAccount | None) -> Visited:
        """As ``Agent`` says."""
        walk = _Walk(self, until, account)
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                await walk.go(_Request("GET" if visit.fields is None else "POST", visit.url, visit.fields))
        except BarredError as error:
            return walk.visited(error.nl, error.en)
        except TimeoutError:
            return walk.visited(
                f"het duurde langer dan {VISIT_SECONDS:.0f} seconden", f"it took more than {VISIT_SECONDS:.0f} seconds"
            )
        return walk.visited()

    async def send(self, request: _Request) -> tuple[Hop, httpx2.Response | BarredError]:
        """Send it once: what it was, and its answer or why there is none."""
        check_may_be_opened(request.method, request.url, self._base_url)
        for value in secrets_in(request.url, request.fields):
            self._secret(value)
        headers = {"Origin": _origin(request.page)} if request.page and request.method == "POST" else {}
        started = time.monotonic()
        answer: httpx2.Response | BarredError
        try:
            answer = await self._client.request(request.method, request.url, data=request.fields, headers=headers)
        except httpx2.RequestError as error:
            answer = _trouble(error, httpx2.URL(request.url).host)
        hop = Hop(
            method=request.method,
            url=request.url,
            fields=request.fields,
            status=answer.status_code if isinstance(answer, httpx2.Response) else None,
            started=started,
            milliseconds=round((time.monotonic() - started) * 1000),
        )
        for cookie in self._cookies:
            if len(cookie.value or "") >= SHORTEST_SECRET:
                self._secret(str(cookie.value))
        return hop, answer

    def fill_in(self, form: Form, account: TestAccount) -> dict[str, str]:
        """The fields of a login form with what the account has."""
        fields = dict(form.fields)
        if form.username:
            fields[form.username] = account.username
        if form.password:
            word = password(account)
            self._secret(word)
            fields[form.password] = word
        return fields


def secrets_in(url: str, fields: Mapping[str, str] | None) -> Iterator[str]:
    """What a request has in its address or its form that lets somebody in."""
    query = parse_qsl(httpx2.URL(url).query.decode("ascii"))
    for name, value in (*query, *(fields or {}).items()):
        if name in _SECRET_NAMES and len(value) >= SHORTEST_SECRET:
            yield value


@dataclass(frozen=True, slots=True)
class _Request:
    """What is to be sent next; ``page`` has the form that it comes from, ``password``: that of the account is in it."""

    method: str
    url: str
    fields: Mapping[str, str] | None = None
    page: str | None = None
    password: bool = False


class _Walk:
    """A visit as it goes from page to page."""

    def __init__(self, agent: FormAgent, until: Until, account: TestAccount | None) -> None:
        self._agent = agent
        self._until = until
        self._account = account
        self._hops: list[Hop] = []
        self._stopped: Hop | None = None
        self._named = False
        self._asked = False  # for the password, which was then given
        self._accepted = False

    def visited(self, reason_nl: str | None = None, reason_en: str | None = None) -> Visited:
        """What came of it."""
        return Visited(
            hops=tuple(self._hops),
            stopped=self._stopped,
            status=self._hops[-1].status if self._hops else None,
            logged_in=self._accepted,
            reason_nl=reason_nl,
            reason_en=reason_en,
        )

    async def go(self, request: _Request) -> None:
        """From the first request to the last page, or to where ``until`` holds."""
        following: _Request | None = request
        for _ in range(MOST_REQUESTS):
            if following is None:
                return
            request = following
            if self._until(request.url):
                self._stopped = Hop(
                    method=request.method,
                    url=request.url,
                    fields=request.fields,
                    status=None,
                    started=time.monotonic(),
                    milliseconds=0,
                )
                return
            hop, answer = await self._agent.send(request)
            self._hops.append(hop)
            if isinstance(answer, BarredError):
                raise answer
            if request.password:
                self._accepted = _is_good(answer.status_code)
            following = _redirected(answer, request) or self._submitted(answer)
        raise endless()

    def _submitted(self, response: httpx2.Response) -> _Request | None:
        """The next request from a page, when there is one that needs nobody but the account."""
        if not _is_html(response):
            return None
        page = read_page(response.content, str(response.url))
        if page.login and page.login.password and self._asked:
            self._accepted = False
            raise login_refused(response.status_code)
        if not _is_good(response.status_code):
            return None
        if page.automatic:
            return _submission(page.automatic, page.automatic.fields, response.url)
        if page.login is None or self._asked or (self._named and not page.login.password):
            return None
        if self._account is None:
            raise no_account()
        self._asked = page.login.password is not None
        self._named = True
        return _submission(page.login, self._agent.fill_in(page.login, self._account), response.url)


def _redirected(response: httpx2.Response, request: _Request) -> _Request | None:
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    try:
        url = str(response.url.join(location))
    except httpx2.InvalidURL:
        raise BarredError(
            "een doorverwijzing leidt naar iets dat geen adres is", "a redirect leads to no address"
        ) from None
    if response.status_code in _KEEPS_METHOD:
        return _Request(request.method, url, request.fields)
    return _Request("GET", url)


def _submission(form: Form, fields: Mapping[str, str], page: httpx2.URL) -> _Request:
    check_form(form)
    if form.method == "POST":
        return _Request("POST", form.action, fields, str(page), password=form.password is not None)
    return _Request("GET", str(httpx2.URL(form.action).copy_with(params=fields)), None, str(page))


class _Wires(httpx2.AsyncBaseTransport):
    """The network for a browser: one wire for each server, all of them recorded."""

    def __init__(self, evidence: http.Evidence, trace_id: str) -> None:
        self._evidence = evidence
        self._trace_id = trace_id
        self._wires: dict[tuple[str, str, int | None], http.Wire] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it once."""
        url = str(request.url)
        place = http.origin(url)
        if place not in self._wires:
            self._wires[place] = http.Wire(
                url, evidence=self._evidence, trace_id=self._trace_id, most_bytes=_MOST_BYTES
            )
        return await self._wires[place].handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        for wire in self._wires.values():
            await wire.aclose()


def _origin(url: str) -> str:
    parsed = httpx2.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"


def _is_html(response: httpx2.Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in {"text/html", "application/xhtml+xml"}


def _is_good(status: int | None) -> bool:
    return status is not None and status < 400


def _trouble(error: httpx2.RequestError, host: str) -> BarredError:
    """Why no answer came, without the library's own text, which may quote an address."""
    if isinstance(error, httpx2.TimeoutException):
        return BarredError(f"{host} antwoordt niet op tijd", f"{host} does not answer in time")
    if isinstance(error, httpx2.ConnectError):
        return BarredError(f"{host} is niet te bereiken", f"{host} cannot be reached")
    return BarredError(
        f"{host} breekt de verbinding af, of antwoordt iets dat geen HTTP is of te lang",
        f"{host} breaks off the connection, or answers something that is not HTTP or too long",
    )
