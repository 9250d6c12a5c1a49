"""Logging in by hand: a person opens a page of ktcheck, logs in, and is received at the local redirect_uri."""

from __future__ import annotations

import html
import secrets
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ktcheck.domain import TestAccount
from ktcheck.launch.agent import BarredError, Hop, Until, Visit, Visited, check_may_be_opened
from ktcheck.launch.receiver import Received, Receiver, page
from ktcheck.launch.trail import query

MANUAL_SECONDS = 300.0
"""How long a person has."""

Announce = Callable[[str, int, int], None]
"""Tells a person what to do, and how many seconds have passed of how many."""

_TICK = 5.0
_THANKS = page("Bedankt", "<p>ktcheck gaat verder; dit venster kan dicht.</p>")


class ManualAgent:
    """The browser of a person. Of what happens in it only what comes to this machine is seen.

    Args:
        base_url: the FHIR base of the domain, to which no person is sent with a form.
        redirect_uri: where the person is received; it is on this machine.
        announce: tells the person what to do.
        seconds: how long he has.
    """

    def __init__(
        self, *, base_url: str, redirect_uri: str, announce: Announce, seconds: float = MANUAL_SECONDS
    ) -> None:
        self._base_url = base_url
        self._redirect_uri = redirect_uri
        parts = urlsplit(redirect_uri)
        self._start = f"{parts.scheme}://{parts.netloc}/ktcheck-{secrets.token_hex(4)}"
        self._announce = announce
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was left open."""

    async def visit(self, visit: Visit, *, until: Until, account: TestAccount | None) -> Visited:
        """As ``Agent`` says; where ``until`` never holds, the person says how it ended."""
        method = "GET" if visit.fields is None else "POST"
        try:
            check_may_be_opened(method, visit.url, self._base_url)
        except BarredError as error:
            return Visited(hops=(), stopped=None, status=None, logged_in=False, reason_nl=error.nl, reason_en=error.en)
        begun = time.monotonic()
        name = urlsplit(self._start).path
        good, bad = f"{name}-gelukt", f"{name}-mislukt"
        pages = {
            name: page(
                "Een taak starten", _form(visit) + _button(good, "Het is gelukt") + _button(bad, "Het lukte niet")
            )
        }
        async with Receiver(self._redirect_uri, thanks=_THANKS, pages=pages) as receiver:
            who = f" als {account.user_type} ({account.password_env})" if account else ""
            what = f"open {self._start} en log in{who}"
            while (passed := time.monotonic() - begun) < self._seconds:
                self._announce(what, round(passed), round(self._seconds))
                came = await receiver.received(min(_TICK, self._seconds - passed))
                if came is None:
                    continue
                if until(came.url):
                    return self._visited(visit, begun, stopped=_hop(came))
                if urlsplit(came.url).path in {good, bad}:
                    return self._said(visit, begun, good=urlsplit(came.url).path == good)
        return self._visited(
            visit,
            begun,
            reason_nl=f"er werd niet binnen {self._seconds:.0f} seconden ingelogd; draai de run opnieuw",
            reason_en=f"nobody logged in within {self._seconds:.0f} seconds; run again",
        )

    def _said(self, visit: Visit, begun: float, *, good: bool) -> Visited:
        """What a person says of a launch that does not come back to this machine."""
        if good:
            return self._visited(visit, begun, status=200)
        return self._visited(
            visit, begun, reason_nl="wie inlogde zegt dat het niet lukte", reason_en="who logged in says that it failed"
        )

    def _visited(
        self,
        visit: Visit,
        begun: float,
        *,
        stopped: Hop | None = None,
        status: int | None = None,
        reason_nl: str | None = None,
        reason_en: str | None = None,
    ) -> Visited:
        method = "GET" if visit.fields is None else "POST"
        asked = Hop(method=method, url=visit.url, fields=visit.fields, status=status, started=begun, milliseconds=0)
        waited = round((time.monotonic() - begun) * 1000)
        # What the person did meanwhile: it began with a page of this machine.
        person = Hop(method="GET", url=self._start, status=status, started=begun, milliseconds=waited)
        return Visited(
            hops=(asked, person) if status is None else (asked,),
            stopped=stopped,
            status=status,
            logged_in=stopped is not None and any(key == "code" for key, _ in (*query(stopped.url), *_items(stopped))),
            reason_nl=reason_nl,
            reason_en=reason_en,
        )


def _items(hop: Hop) -> tuple[tuple[str, str], ...]:
    return tuple((hop.fields or {}).items())


def _hop(came: Received) -> Hop:
    return Hop(
        method=came.method,
        url=came.url,
        fields=came.fields if came.method == "POST" else None,
        status=None,
        started=came.monotonic,
        milliseconds=0,
    )


def _form(visit: Visit) -> str:
    """A button that opens what has to be opened, in a window of its own; nothing secret has to be typed over."""
    method = "get" if visit.fields is None else "post"
    url, fields = visit.url, visit.fields
    if fields is None:
        url, fields = url.partition("?")[0], dict(query(visit.url))
    inputs = "".join(_hidden(fields))
    return (
        f'<form method="{method}" action="{html.escape(url)}" target="_blank">{inputs}<button>Beginnen</button></form>'
    )


def _hidden(fields: Mapping[str, str]) -> list[str]:
    return [
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    ]


def _button(path: str, text: str) -> str:
    return f'<form method="post" action="{path}"><button>{text}</button></form>'
