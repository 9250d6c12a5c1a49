"""A user's browser, as launches need it: what it is to open, what it opened, and what it may not do."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote

import httpx2

from ktcheck import http
from ktcheck.domain import TestAccount
from ktcheck.errors import InputError

MOST_REQUESTS = 40
"""How many pages and redirects a visit may have: two brokers between module and login page take about twenty."""

VISIT_SECONDS = 60.0
"""How long a visit may take from its first request to its last, when no person has to do anything."""

Until = Callable[[str], bool]

_READING = frozenset({"GET", "HEAD"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a browser is to open; ``fields`` are posted as a form, None asks with GET."""

    url: str = field(repr=False)
    fields: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request of the browser. ``started`` is of ``time.monotonic``; ``status`` is None when no answer came."""

    method: str
    url: str = field(repr=False)
    fields: Mapping[str, str] | None = field(default=None, repr=False)
    status: int | None
    started: float
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What came of a visit.

    ``hops`` are all requests, in their order. ``stopped`` is the request that ``until`` held back: it was not sent.
    ``status`` is that of the last page, None when there is none. ``logged_in``: a login form was filled in, and
    accepted. ``reason_nl`` and ``reason_en`` say why it ended early, without anything secret or personal.
    """

    hops: tuple[Hop, ...]
    stopped: Hop | None
    status: int | None
    logged_in: bool
    reason_nl: str | None = None
    reason_en: str | None = None


class Agent(Protocol):
    """The browser of one user, with cookies of its own; closed after use."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def visit(self, visit: Visit, *, until: Until, account: TestAccount | None) -> Visited:
        """Open it, follow it to its end and log in on the way with ``account``, if there is one.

        A request to an address for which ``until`` holds is not sent but given back as ``stopped``. Whatever the other
        side does, something comes back; nothing is raised for it.
        """
        ...


class BarredError(Exception):
    """A request that is not made, or a page that is not gone on with; says why in Dutch and in English."""

    def __init__(self, nl: str, en: str) -> None:
        super().__init__(en)
        self.nl = nl
        self.en = en


def password(account: TestAccount) -> str:
    """The password of a test account.

    Raises:
        InputError: the environment variable that has it is not set.
    """
    found = os.environ.get(account.password_env)
    if not found:
        raise InputError(
            f"the environment variable {account.password_env}, with the password of a test account of [launch], "
            "is not set; set it and call again"
        )
    return found


def check_may_be_opened(method: str, url: str, base_url: str) -> None:
    """See to it that nothing goes in the clear, nor a name with it, and that nothing writes to the FHIR base.

    Raises:
        BarredError: it may not be opened.
    """
    try:
        parsed = httpx2.URL(url)
        secure = http.is_secure(url)
    except httpx2.InvalidURL:
        raise BarredError("een pagina verwijst naar iets dat geen adres is", "a page leads to no address") from None
    if not secure:
        raise BarredError(
            f"een pagina verwijst naar een adres van {_host(parsed)} zonder https; dat is niet geopend",
            f"a page leads to an address of {_host(parsed)} without https, which was not opened",
        )
    if parsed.userinfo:
        raise BarredError(
            f"een pagina verwijst naar een adres van {_host(parsed)} met een naam erin; dat is niet geopend",
            f"a page leads to an address of {_host(parsed)} with a name in it, which was not opened",
        )
    if method not in _READING and _is_within(parsed, httpx2.URL(base_url)):
        raise BarredError(
            f"een pagina wil met {method} iets naar het FHIR-adres sturen; dat is niet gedaan",
            f"a page wants to send something to the FHIR address with {method}, which was not done",
        )


def _host(url: httpx2.URL) -> str:
    return url.host or "onbekend"


def _is_within(url: httpx2.URL, base: httpx2.URL) -> bool:
    """Whether an address is the base or beneath it, however it is spelt."""
    path, above = _plain_path(url), _plain_path(base)
    return _place(url) == _place(base) and (path == above or path.startswith(above.rstrip("/") + "/"))


def _place(url: httpx2.URL) -> tuple[str, int | None]:
    host = url.host.rstrip(".").lower()
    _, _, port = http.origin(str(url))
    return ("localhost" if host in _LOOPBACK else host), port


def _plain_path(url: httpx2.URL) -> str:
    path = url.path
    while (plain := unquote(path)) != path:
        path = plain
    # A proxy may take either kind of stroke, and upper case for lower case.
    return posixpath.normpath("/" + path.replace("\\", "/").lstrip("/")).lower()
