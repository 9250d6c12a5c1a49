"""A tiny KT2 domain over real HTTP: one token endpoint, search with paging, and knobs to go wrong with."""

from __future__ import annotations

import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ktcheck.domain import Client, Domain
from ktcheck.smart import keys
from ktcheck.snapshot.store import RESOURCE_TYPES

PATH = "/api/v1/DEMO/fhir/r4"
CLIENT_ID = "5d1f7d0e-4c0c-4a56-9b0c-1d2f3a4b5c6d"
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]


@dataclass
class Fake:
    """The state of the domain; tests change it before or while they read."""

    jwks: dict[str, Any]
    store: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    base_url: str = ""
    token_endpoint: str | None = None
    algorithms: list[str] = field(default_factory=lambda: list(ALGORITHMS))
    announced: list[str] | None = None
    scope: str | None = "system/*.rs"
    expires_in: object = 300
    page_limit: int = 200
    unsupported: frozenset[str] = frozenset()
    intercept: Callable[[Request], Response | None] = lambda _: None
    requests: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    running: int = 0
    most_at_once: int = 0

    def add(self, resource_type: str, number: int) -> None:
        """Put so many invented resources of a type in the domain, the oldest first."""
        have = self.store.setdefault(resource_type, [])
        for _ in range(number):
            have.append(resource(resource_type, len(have)))

    def searches(self, resource_type: str) -> list[dict[str, str]]:
        return [query for _, path, query, _ in self.requests if path == f"{PATH}/{resource_type}"]

    async def answer(self, request: Request) -> Response:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            query, headers = dict(request.query_params), dict(request.headers)
            self.requests.append((request.method, request.url.path, query, headers))
            return self.intercept(request) or await self._route(request)
        finally:
            self.running -= 1

    async def _route(self, request: Request) -> Response:
        path = request.url.path.removeprefix(PATH)
        if path == "/oauth2/token" and request.method == "POST":
            return self._token(dict(parse_qsl((await request.body()).decode())))
        if path == "/.well-known/smart-configuration":
            configuration: dict[str, Any] = {"token_endpoint": self.token_endpoint}
            if self.announced is not None:
                configuration["token_endpoint_auth_signing_alg_values_supported"] = self.announced
            return JSONResponse(configuration)
        if path == "/metadata":
            return JSONResponse(self._metadata())
        if path == "/ImplementationGuide":
            guide = {"resourceType": "ImplementationGuide", "id": "koppeltaalv2.00", "version": "0.16.3"}
            return JSONResponse(bundle([guide], 1, None))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return JSONResponse({"resourceType": "OperationOutcome"}, 401)
        return self._search(path, request)

    def _metadata(self) -> dict[str, Any]:
        types = [{"type": name, "interaction": [{"code": "search-type"}]} for name in RESOURCE_TYPES]
        return {
            "resourceType": "CapabilityStatement",
            "fhirVersion": "4.0.1",
            "software": {"name": "fake", "version": "1"},
            "rest": [{"mode": "server", "resource": [t for t in types if t["type"] not in self.unsupported]}],
        }

    def _token(self, form: dict[str, Any]) -> Response:
        assertion = str(form.pop("client_assertion", ""))
        self.assertions.append(assertion)
        try:
            token = jwt.decode(assertion, KeySet.import_key_set(self.jwks), algorithms=self.algorithms)  # type: ignore[arg-type]
        except (JoseError, ValueError):
            return JSONResponse({"error": "invalid_client"}, 401)
        claims = token.claims
        fits = (
            claims["iss"] == claims["sub"] == CLIENT_ID
            and claims["aud"] == self.token_endpoint
            and claims["iat"] <= time.time() < claims["exp"] <= claims["iat"] + 300
            and len(self.assertions) == len(set(self.assertions))
            and token.header["typ"] == "JWT"
            and form
            == {
                "grant_type": "client_credentials",
                "scope": "*",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            }
        )
        if not fits:
            return JSONResponse({"error": "invalid_request"}, 400)
        self.issued.append(f"geheim-{uuid.uuid4()}")
        self.valid.add(self.issued[-1])
        answer = {"access_token": self.issued[-1], "token_type": "Bearer"}
        answer |= {"scope": self.scope} if self.scope is not None else {}
        return JSONResponse(answer | ({"expires_in": self.expires_in} if self.expires_in is not None else {}))

    def _search(self, path: str, request: Request) -> Response:
        """Pages over the live data, as a server with offsets does."""
        query = request.query_params
        name = query.get("_getpages", path.strip("/"))
        have = list(self.store.get(name, ()))
        if name == "AuditEvent":
            self.add("AuditEvent", 1)
        if query.get("_summary") == "count":
            return JSONResponse(bundle([], len(have), None))
        if query.get("_sort", "").startswith("-"):
            have.reverse()
        size = min(int(query["_count"]), self.page_limit)
        start = int(query.get("_getpagesoffset", 0))
        more = start + size < len(have)
        following = f"{self.base_url}?_getpages={name}&_getpagesoffset={start + size}&_count={size}"
        return JSONResponse(bundle(have[start : start + size], len(have), following if more else None))


def resource(resource_type: str, number: int, version: int = 1) -> dict[str, Any]:
    """An invented resource with a UUID; the later ones changed later."""
    return {
        "resourceType": resource_type,
        "id": str(uuid.UUID(int=(RESOURCE_TYPES.index(resource_type) << 64) + number)),
        "meta": {
            "versionId": str(version),
            "lastUpdated": f"2026-01-0{version}T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        },
    }


def bundle(resources: list[dict[str, Any]], total: object, following: str | None) -> dict[str, Any]:
    content: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    content |= {"total": total} if total is not None else {}
    content["link"] = [{"relation": "self", "url": "about:blank"}]
    content["link"] += [{"relation": "next", "url": following}] if following else []
    content["entry"] = [{"resource": item, "search": {"mode": "match"}} for item in resources]
    return content


@contextmanager
def serving(fake: Fake, certificate: tuple[Path, Path] | None = None) -> Iterator[Fake]:
    """Serve it on a free port of this machine; ``certificate`` (chain, key) makes it https."""
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", fake.answer, methods=methods)])
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none", access_log=False)
    if certificate:
        config.ssl_certfile, config.ssl_keyfile = map(str, certificate)
        config.ssl_version = ssl.PROTOCOL_TLS_SERVER
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        scheme = "https" if certificate else "http"
        fake.base_url = f"{scheme}://127.0.0.1:{port}{PATH}"
        fake.token_endpoint = fake.token_endpoint or f"{fake.base_url}/oauth2/token"
        yield fake
    finally:
        server.should_exit = True
        thread.join(10)


def client_of(folder: Path, kind: keys.Algorithm = "ES384") -> tuple[Client, dict[str, Any]]:
    """A registered client with a new key in ``folder``, and its JWKS."""
    pair = keys.make(folder, kind)
    client = Client(client_id=CLIENT_ID, private_key_file=pair.private_key_file, key_id=pair.key_id)
    return client, json.loads(pair.jwks_file.read_bytes())


def domain_of(base_url: str, client: Client) -> Domain:
    content = {"domain": {"name": "demo"}, "target": {"fhir_base_url": base_url}, "client": client.model_dump()}
    return Domain.model_validate(content)
