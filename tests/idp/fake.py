"""Tiny directories and an issuer over real HTTP: Keycloak's admin API, SCIM 2.0, and knobs to go wrong with."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = "s-3f9a0c7be1d24c55"
CLAIM = "koppeltaal_id"
EXTENSION = "urn:example:koppeltaal:2.0:User"
REALM = "zorg"
_DEFAULT_MAX = 100


def user(number: int, value: str | None = None, *, enabled: bool = True) -> dict[str, Any]:
    """An account, as both kinds of directory make their own answer of."""
    return {"number": number, "value": f"v{number}" if value is None else value, "enabled": enabled}


@dataclass
class Fake:
    """What there is, what was asked, and what goes wrong. ``most`` is the largest page that is given."""

    users: list[dict[str, Any]] = field(default_factory=list)
    most: int = 1_000
    total_off_by: int = 0
    lost_from: int | None = None
    same_page: bool = False
    lifetime: int = 1_000
    discovery: dict[str, Any] = field(default_factory=dict)
    jwks: Any = None
    intercept: Callable[[Request], Response | None] = lambda _: None
    requests: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    used: int = 0
    origin: str = ""

    @property
    def issuer(self) -> str:
        return f"{self.origin}/issuer"

    def paths(self, end: str) -> list[dict[str, str]]:
        return [query for _, path, query, _ in self.requests if path.endswith(end)]

    async def answer(self, request: Request) -> Response:
        self.requests.append((request.method, request.url.path, dict(request.query_params), dict(request.headers)))
        path = request.url.path
        return self.intercept(request) or await self._route(request, path)

    async def _route(self, request: Request, path: str) -> Response:
        if path == "/issuer/.well-known/openid-configuration":
            return JSONResponse(self.discovery)
        if path == "/issuer/jwks":
            return JSONResponse(self.jwks)
        if path == f"/realms/{REALM}/protocol/openid-connect/token":
            return await self._token(request)
        if path.startswith(f"/admin/realms/{REALM}/users"):
            return self._keycloak(request, path)
        if path == "/scim/Users":
            return self._scim(request)
        return JSONResponse({"error": "not found"}, 404)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        right = {"grant_type": "client_credentials", "client_id": "ktcheck", "client_secret": SECRET}
        if request.method != "POST" or form != right:
            return JSONResponse({"error": "unauthorized_client"}, 401)
        self.tokens.append(f"token-{len(self.tokens)}-7c1b0f")
        self.used = 0
        return JSONResponse({"access_token": self.tokens[-1], "expires_in": 60, "token_type": "Bearer"})

    def _keycloak(self, request: Request, path: str) -> Response:
        self.used += 1
        if not self.tokens or self._bearer(request) != self.tokens[-1] or self.used > self.lifetime:
            return JSONResponse({"error": "HTTP 401 Unauthorized"}, 401)
        if path.endswith("/count"):
            return JSONResponse(len(self.users) + self.total_off_by)
        first = 0 if self.same_page else int(request.query_params.get("first", 0))
        most = min(int(request.query_params.get("max", _DEFAULT_MAX)), self.most)
        return JSONResponse([_keycloak_user(one) for one in self._readable()[first : first + most]])

    def _scim(self, request: Request) -> Response:
        if self._bearer(request) != SECRET:
            error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "401"}
            return JSONResponse(error, 401, media_type="application/scim+json")
        start = 1 if self.same_page else int(request.query_params.get("startIndex", 1))
        most = min(int(request.query_params.get("count", _DEFAULT_MAX)), self.most)
        page = self._readable()[start - 1 : start - 1 + most]
        content: dict[str, Any] = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(self.users) + self.total_off_by,
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": [_scim_user(one) for one in page],
        }
        return JSONResponse(content, media_type="application/scim+json")

    def _readable(self) -> list[dict[str, Any]]:
        return self.users[: self.lost_from]

    @staticmethod
    def _bearer(request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")


def _keycloak_user(one: dict[str, Any]) -> dict[str, Any]:
    content = {"id": f"id-{one['number']}", "username": f"u{one['number']}", "enabled": one["enabled"]}
    return {**content, "attributes": {CLAIM: [one["value"]]}} if one["value"] else content


def _scim_user(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION],
        "id": f"id-{one['number']}",
        "userName": f"u{one['number']}",
        "externalId": one["value"],
        "active": one["enabled"],
        "emails": [{"value": f"{one['value']}@voorbeeld.example"}],
        EXTENSION: {"koppeltaalId": one["value"]},
    }


@contextmanager
def serving(fake: Fake) -> Iterator[str]:
    """Serve it; the origin of its addresses."""
    routes = [Route("/{path:path}", fake.answer, methods=["GET", "POST", "PUT", "DELETE"])]
    config = uvicorn.Config(Starlette(routes=routes), log_level="error", access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        fake.origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
        try:
            yield fake.origin
        finally:
            server.should_exit = True
            thread.join(10)
