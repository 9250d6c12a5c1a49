"""Hears every secret that passes a practice service: in what comes in and in what goes out, whoever sends it."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAMES = {
    "access_token", "client_assertion", "client_secret", "code", "code_verifier", "csrf", "id_token", "launch", "login",
    "nonce", "password", "refresh_token", "state", "token",
}  # fmt: skip
_NO_SECRET = {"NOOP", ""}
_INPUT = re.compile(r'name="(\w+)" value="([^"]+)"')


class Tap:
    """The secrets in the order of hearing, by the kind of thing that they are.

    ``cookie`` and ``authorization`` are those of the headers.
    """

    def __init__(self) -> None:
        self.heard: dict[str, dict[str, None]] = {}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The same service, listened to."""

        async def listening(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            self._pairs(scope["query_string"].decode())
            for name, value in scope["headers"]:
                if name == b"authorization":
                    self._add("authorization", value.decode().partition(" ")[2])
                if name == b"cookie":
                    self._cookies(value.decode())

            async def receiving() -> Message:
                message = await receive()
                self._body(message.get("body", b""))
                return message

            async def sending(message: Message) -> None:
                for name, value in message.get("headers", ()):
                    if name.lower() == b"set-cookie":
                        self._cookies(value.decode())
                    if name.lower() == b"location":
                        self._pairs(urlsplit(value.decode()).query)
                self._body(message.get("body", b""))
                await send(message)

            await app(scope, receiving, sending)

        return listening

    def all(self) -> set[str]:
        """Every secret, whatever it is."""
        return {secret for kind in self.heard.values() for secret in kind}

    def last(self, kind: str) -> str:
        """The one of a kind that was heard of last."""
        return list(self.heard[kind])[-1]

    def _add(self, kind: str, value: object) -> None:
        if isinstance(value, str) and value not in _NO_SECRET:
            self.heard.setdefault(kind, {})[value] = None

    def _pairs(self, text: str) -> None:
        for name, value in parse_qsl(text):
            if name in _NAMES:
                self._add(name, value)

    def _cookies(self, text: str) -> None:
        for morsel in SimpleCookie(text).values():
            self._add("cookie", morsel.value)

    def _body(self, data: bytes) -> None:
        """A form, a page with a form, or a JSON answer; resources are not read."""
        if data.startswith(b"{") and b'"resourceType"' not in data:
            content = orjson.loads(data)
            for name in _NAMES & content.keys():
                self._add(name, content[name])
        elif data.startswith(b"<!DOCTYPE"):
            for name, value in _INPUT.findall(data.decode()):
                if name in _NAMES:
                    self._add(name, value)
        elif b"=" in data and data.isascii() and not data.startswith((b"{", b"<", b"[")):
            self._pairs(data.decode())
