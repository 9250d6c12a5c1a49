"""What a page in the browser sends: held back by the browser's network layer until it is known to be allowed.

Source: Chrome DevTools Protocol, domain Fetch. It also holds back the requests that a redirect leads to.
"""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import httpx2

from ktcheck import http
from ktcheck.launch.agent import MOST_REQUESTS, BarredError, Hop, Until, Visit, check_may_be_opened
from ktcheck.launch.ways.form import secrets_in
from ktcheck.launch.ways.pages import endless
from ktcheck.smart.backend import Secret

if TYPE_CHECKING:
    from playwright.async_api import CDPSession


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that was let through and has no answer yet."""

    method: str
    url: str
    fields: Mapping[str, str] | None
    started: datetime
    clock: float


class Traffic:
    """Every request of a page: lets through what may be sent, and records it.

    ``hops`` are those of the page itself, ``stopped`` is the one that ``until`` held back and ``barred`` why the page
    may not go on; ``moved`` is when it last went somewhere (``time.monotonic``), ``ended`` is set when it is over.
    """

    def __init__(self, until: Until, base_url: str, secret: Secret, evidence: http.Evidence, trace_id: str) -> None:
        self.hops: list[Hop] = []
        self.stopped: Hop | None = None
        self.barred: BarredError | None = None
        self.ended = asyncio.Event()
        self.moved = time.monotonic()
        self._until = until
        self._base_url = base_url
        self._secret = secret
        self._evidence = evidence
        self._trace_id = trace_id
        self._sent: dict[str, _Sent] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._posts: Visit | None = None
        self._frame = ""

    @property
    def over(self) -> bool:
        """Whether the page goes no further."""
        return self.stopped is not None or self.barred is not None

    async def watch(self, session: CDPSession, visit: Visit) -> None:
        """Hold back every request from now on; the first one is that of the visit."""
        self._session = session
        self._posts = visit if visit.fields is not None else None
        self._frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        session.on("Fetch.requestPaused", self._paused)
        stages = [{"requestStage": "Request"}, {"requestStage": "Response"}]
        await session.send("Fetch.enable", {"patterns": stages})

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._decide(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, event: dict[str, Any]) -> None:
        from playwright.async_api import Error  # noqa: PLC0415

        answered = "responseStatusCode" in event or "responseErrorReason" in event
        command = self._answered(event) if answered else self._asked(event)
        with suppress(Error):  # the page may have gone away meanwhile
            await self._session.send(command.pop("command"), {"requestId": event["requestId"], **command})
        if self.over:
            self.ended.set()

    def _asked(self, event: dict[str, Any]) -> dict[str, Any]:
        """What becomes of a request that is about to be sent."""
        request, is_page = event["request"], self._is_page(event)
        method, url, fields, changed = request["method"], request["url"], _fields(request), {}
        if is_page and self._posts:
            method, fields, self._posts = "POST", self._posts.fields or {}, None
            changed = _as_form(request, fields)
        clock = time.monotonic()
        if is_page:
            self.moved = clock
            if self._until(url):
                self.stopped = Hop(method=method, url=url, fields=fields, status=None, started=clock, milliseconds=0)
                return _ABORT.copy()
        if url.startswith(("data:", "blob:", "about:")):
            return {"command": "Fetch.continueRequest"}
        try:
            check_may_be_opened(method, url, self._base_url)
            if len(self.hops) >= MOST_REQUESTS:
                raise endless()
        except BarredError as error:
            if is_page:
                self.barred = error
            return _ABORT.copy()
        for value in secrets_in(url, fields):
            self._secret(value)
        self._sent[_name(event)] = _Sent(method, url, fields, datetime.now(UTC), clock)
        return {"command": "Fetch.continueRequest", **changed}

    def _answered(self, event: dict[str, Any]) -> dict[str, Any]:
        """Record an answer, or that there is none, and let it through."""
        sent = self._sent.pop(_name(event), None)
        status = event.get("responseStatusCode")
        if sent:
            milliseconds = round((time.monotonic() - sent.clock) * 1000)
            self._evidence(self._exchange(sent, status, milliseconds).record())
            if self._is_page(event):
                self.moved = time.monotonic()
                self.hops.append(
                    Hop(
                        method=sent.method,
                        url=sent.url,
                        fields=sent.fields,
                        status=status,
                        started=sent.clock,
                        milliseconds=milliseconds,
                    )
                )
                if status is None:
                    host = httpx2.URL(sent.url).host
                    self.barred = BarredError(f"{host} is niet te bereiken", f"{host} cannot be reached")
        return {"command": "Fetch.continueRequest"}

    def _is_page(self, event: dict[str, Any]) -> bool:
        return event.get("resourceType") == "Document" and event.get("frameId") == self._frame

    def _exchange(self, sent: _Sent, status: int | None, milliseconds: int) -> http.Exchange:
        url = httpx2.URL(sent.url)
        return http.Exchange(
            started=sent.started.isoformat(timespec="milliseconds"),
            method=sent.method,
            host=url.netloc.decode("ascii"),
            path=url.path,
            query=dict.fromkeys(url.params),
            status=status,
            milliseconds=milliseconds,
            bytes=0,
            request_id=str(uuid.uuid4()),
            trace_id=self._trace_id,
        )


_ABORT = {"command": "Fetch.failRequest", "errorReason": "Aborted"}


def _name(event: dict[str, Any]) -> str:
    return str(event.get("networkId") or event["requestId"])


def _fields(request: dict[str, Any]) -> Mapping[str, str] | None:
    """What a form posts."""
    text = request.get("postData")
    return dict(parse_qsl(text, keep_blank_values=True)) if isinstance(text, str) else None


def _as_form(request: dict[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """The navigation as the form post that a portal's page would make of it."""
    headers = {**request.get("headers", {}), "Content-Type": "application/x-www-form-urlencoded"}
    return {
        "method": "POST",
        "postData": base64.b64encode(urlencode(fields).encode()).decode(),
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
    }
