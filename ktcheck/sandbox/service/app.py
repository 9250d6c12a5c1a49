"""The addresses of the practice service: ``/api/v1/<domain>/fhir/r4`` and ``/api/v1/<domain>/oauth2`` (TOP-KT-018)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktcheck.sandbox.service import oauth, resources, smart
from ktcheck.sandbox.service.answers import FHIR_ID, Refused, plain_json, refusal
from ktcheck.sandbox.service.authorize import authorize, callback
from ktcheck.sandbox.service.introspect import introspect
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.provider import Provider, endpoints
from ktcheck.sandbox.service.tenant import Tenant
from ktcheck.sandbox.service.token import token

_FHIR = "/api/v1/{domain}/fhir/r4"
_OAUTH2 = "/api/v1/{domain}/oauth2"
_IDP = "/idp/{domain}/{provider}"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ACCEPTED = {"*/*", "application/*", "application/fhir+json", "application/json"}

Answer = Callable[[Tenant, Request], Response | Awaitable[Response]]


def application(tenants: Mapping[str, Tenant]) -> Starlette:
    """The service for a number of domains, by name."""

    def at(path: str, answer: Answer, methods: Sequence[str] = _METHODS) -> Route:
        async def endpoint(request: Request) -> Response:
            tenant = tenants.get(request.path_params["domain"])
            if tenant is None:
                raise Refused(404, "not-found", "there is no such domain")
            if path.startswith(_FHIR):
                _check_request(request)
            result = answer(tenant, request)
            return result if isinstance(result, Response) else await result

        return Route(path, endpoint, methods=list(methods))

    def idp(path: str, answer: Callable[[Provider, Request], Response | Awaitable[Response]], method: str) -> Route:
        async def endpoint(request: Request) -> Response:
            tenant = tenants.get(request.path_params["domain"])
            provider = tenant.providers.get(request.path_params["provider"]) if tenant else None
            if provider is None:
                raise Refused(404, "not-found", "there is no such identity provider")
            result = answer(provider, request)
            return result if isinstance(result, Response) else await result

        return Route(f"{_IDP}{path}", endpoint, methods=[method])

    routes = [
        at(f"{_FHIR}/metadata", lambda tenant, _: resources.capabilities(tenant)),
        at(f"{_FHIR}/.well-known/smart-configuration", _smart_configuration),
        at(f"{_FHIR}/ImplementationGuide", resources.implementation_guide),
        at(f"{_FHIR}/{{kind}}", _search),
        at(f"{_FHIR}/{{kind}}/{{own}}", _read),
        at(f"{_OAUTH2}/token", token),
        at(f"{_OAUTH2}/introspect", introspect),
        at(f"{_OAUTH2}/jwks", _jwks),
        at(f"{_OAUTH2}/authorize", authorize, ["GET", "POST"]),
        at(f"{_OAUTH2}/callback", callback, ["GET"]),
        idp("/.well-known/openid-configuration", endpoints.discovery, "GET"),
        idp("/jwks", endpoints.jwks, "GET"),
        idp("/authorize", endpoints.authorize, "GET"),
        idp("/authorize", endpoints.authorize, "POST"),
        idp("/login", endpoints.login, "POST"),
        idp("/token", endpoints.token, "POST"),
        idp("/userinfo", endpoints.userinfo, "GET"),
    ]
    app = Starlette(
        routes=routes, exception_handlers={Refused: refusal, Denied: oauth.refusal, HTTPException: _http_refusal}
    )
    app.add_middleware(_RequestIds)
    return app


def _check_request(request: Request) -> None:
    """The service reads only, and speaks JSON only."""
    if request.method not in {"GET", "HEAD"}:
        raise Refused(405, "not-supported", "this service is read-only", {"Allow": "GET, HEAD"})
    accept = request.headers.get("accept", "*/*")
    if not any(item.split(";")[0].strip() in _ACCEPTED for item in accept.split(",")):
        raise Refused(406, "not-supported", "this service answers in application/fhir+json")


def _smart_configuration(tenant: Tenant, _: Request) -> Response:
    return plain_json(smart.configuration(tenant))


def _search(tenant: Tenant, request: Request) -> Response:
    return resources.search(tenant, request, request.path_params["kind"])


def _read(tenant: Tenant, request: Request) -> Response:
    return resources.read(tenant, request, request.path_params["kind"], request.path_params["own"])


def _jwks(tenant: Tenant, _: Request) -> Response:
    key = {**tenant.key.as_dict(private=False), "use": "sig", "alg": "ES256"}
    return plain_json({"keys": [key]})


async def _http_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await refusal(request, Refused(error.status_code, "not-found", "there is nothing at this address"))


class _RequestIds:
    """Gives every request an X-Request-Id if it has none, and echoes it and the X-Trace-Id (TOP-KT-006)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if re.fullmatch(FHIR_ID, given) else str(uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        echoed = [(b"x-request-id", request_id.encode())]
        if b"x-trace-id" in headers:
            echoed.append((b"x-trace-id", headers[b"x-trace-id"]))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *echoed]
            await send(message)

        await self._app(scope, receive, answer)
