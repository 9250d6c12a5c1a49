"""A small server of the suite's own on this machine, at which a portal or a person's browser arrives."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from ktcheck.errors import InputError

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

_MOST_BYTES = 64 * 1024
_STOP_SECONDS = 5.0
_POLL = 0.01
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PAGE = """<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><title>ktcheck</title></head>
<body><main><h1>{title}</h1>{content}</main></body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came: at ``url``, with the fields of a form, at ``moment`` (seconds since 1970)."""

    method: str
    url: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    content_type: str | None
    moment: float
    monotonic: float


def check_local(url: str, key: str) -> None:
    """See to it that the suite can listen at an address.

    Raises:
        InputError: it is not on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOCAL or not parts.port:
        raise InputError(
            f"[launch] {key} has to be an address of this machine with a port, such as http://127.0.0.1:8765/launch, "
            "because ktcheck listens there itself; correct it"
        )


def page(title: str, content: str = "") -> str:
    """A page for the person at the browser; ``content`` is HTML."""
    return _PAGE.format(title=title, content=content)


class Receiver:
    """Listens at the host and port of ``url`` for as long as the ``async with`` block lasts.

    ``pages`` are the pages that it has to show, by path; anything at another path is given to ``received``, and
    answered with ``thanks``.

    Raises:
        InputError: the port is taken.
    """

    def __init__(self, url: str, *, thanks: str, pages: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port or 80
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._thanks = thanks
        self._pages = pages or {}
        self._queue: asyncio.Queue[Received] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self._host, self._port))
        except OSError:
            self._socket.close()
            raise InputError(
                f"port {self._port} of this machine, at which [launch] wants to receive, is taken; choose another one"
            ) from None
        config = uvicorn.Config(
            self._serve, log_level="critical", access_log=False, lifespan="off", ws="none", interface="asgi3"
        )
        self._server = uvicorn.Server(config)
        # In a thread of its own, because there it leaves the signals of the program alone.
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            await asyncio.sleep(_POLL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        await asyncio.to_thread(self._thread.join, _STOP_SECONDS)
        self._socket.close()

    async def received(self, seconds: float) -> Received | None:
        """The next request, None when none comes in time."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        shown = self._pages.get(request.url.path)
        if shown is not None and request.method == "GET":
            return HTMLResponse(shown, headers=_HEADERS)
        if request.url.path == "/favicon.ico":
            return Response(status_code=404)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return HTMLResponse(page("Dit is te groot"), 413, _HEADERS)
        query = f"?{request.url.query}" if request.url.query else ""
        content_type = request.headers.get("content-type")
        kind = (content_type or "").partition(";")[0].strip().lower() or None
        received = Received(
            method=request.method,
            url=f"{self._origin}{request.url.path}{query}",
            fields=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
            content_type=kind,
            moment=time.time(),
            monotonic=time.monotonic(),
        )
        self._loop.call_soon_threadsafe(self._queue.put_nowait, received)
        return HTMLResponse(self._thanks, headers=_HEADERS)


async def _body(request: Request) -> bytes | None:
    """What was sent, None when that is too much."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return None
    return body
