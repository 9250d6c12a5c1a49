"""The addresses of the practice service (TOP-KT-018).

``/api/v1/<domain>/fhir/r4`` and ``/api/v1/<domain>/oauth2`` are Koppeltaal itself, ``/api/v1/<domain>/beheer`` is its
domain administration, ``/idp/<domain>/<name>`` is an identity provider and ``/apps/<domain>/<name>`` an application.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktcheck.sandbox.service import administration, oauth, resources, scim, smart
from ktcheck.sandbox.service.answers import FHIR_ID, Refused, plain_json, refusal
from ktcheck.sandbox.service.applications import module, portal
from ktcheck.sandbox.service.applications.application import Application
from ktcheck.sandbox.service.authorize import authorize, callback
from ktcheck.sandbox.service.introspect import introspect
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.provider import Provider, endpoints, tokens
from ktcheck.sandbox.service.tenant import Tenant
from ktcheck.sandbox.service.token import token
from ktcheck.sandbox.service.validation import validate

_FHIR = "/api/v1/{domain}/fhir/r4"
_OAUTH2 = "/api/v1/{domain}/oauth2"
_APPS = "/apps/{domain}/{application}"
_IDP = "/idp/{domain}/{provider}"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ACCEPTED = {"*/*", "application/*", "application/fhir+json", "application/json"}

Found = TypeVar("Found")


def application(tenants: Mapping[str, Tenant]) -> Starlette:
    """The service for a number of domains, by name."""

    def domain(request: Request) -> Tenant:
        return _found(tenants, request.path_params["domain"], "domain")

    def fhir(request: Request) -> Tenant:
        _check_method(request)
        return operation(request)

    def operation(request: Request) -> Tenant:
        tenant = domain(request)
        _check_accept(request)
        return tenant

    def provider(request: Request) -> Provider:
        return _found(domain(request).providers, request.path_params["provider"], "identity provider")

    def program(request: Request) -> Application:
        return _found(domain(request).applications, request.path_params["application"], "application")

    routes = [
        _route(f"{_FHIR}/metadata", fhir, lambda tenant, _: resources.capabilities(tenant)),
        _route(f"{_FHIR}/.well-known/smart-configuration", fhir, _smart_configuration),
        _route(f"{_FHIR}/ImplementationGuide", fhir, resources.implementation_guide),
        _route(f"{_FHIR}/{{kind}}", fhir, _search),
        _route(f"{_FHIR}/{{kind}}/$validate", operation, validate, "POST"),
        _route(f"{_FHIR}/{{kind}}/{{own}}", fhir, _read),
        _route("/api/v1/{domain}/beheer", domain, administration.page, "GET"),
        _route(f"{_OAUTH2}/token", domain, token),
        _route(f"{_OAUTH2}/introspect", domain, introspect),
        _route(f"{_OAUTH2}/jwks", domain, _jwks),
        _route(f"{_OAUTH2}/authorize", domain, authorize, "GET", "POST"),
        _route(f"{_OAUTH2}/callback", domain, callback, "GET"),
        _route(f"{_IDP}/.well-known/openid-configuration", provider, endpoints.discovery, "GET"),
        _route(f"{_IDP}/jwks", provider, endpoints.jwks, "GET"),
        _route(f"{_IDP}/authorize", provider, endpoints.authorize, "GET", "POST"),
        _route(f"{_IDP}/login", provider, endpoints.login, "POST"),
        _route(f"{_IDP}/token", provider, tokens.token, "POST"),
        _route(f"{_IDP}/userinfo", provider, tokens.userinfo, "GET"),
        _route(f"{_IDP}/scim/{{path:path}}", provider, scim.answer, "GET"),
        _route(f"{_APPS}/launch", program, module.launch, "POST"),
        _route(f"{_APPS}/callback", program, module.callback, "GET"),
        _route(f"{_APPS}/gestart", program, module.page, "GET"),
        _route(f"{_APPS}/taken", program, portal.tasks, "GET"),
        _route(f"{_APPS}/start", program, portal.start, "POST"),
    ]
    refusals = {Refused: refusal, Denied: oauth.refusal, HTTPException: _http_refusal}
    app = Starlette(routes=routes, exception_handlers=refusals)
    app.add_middleware(_RequestIds)
    return app


def _route(
    path: str,
    find: Callable[[Request], Found],
    answer: Callable[[Found, Request], Response | Awaitable[Response]],
    *methods: str,
) -> Route:
    """Let ``answer`` answer for what a request is about; without methods it answers all of them."""

    async def endpoint(request: Request) -> Response:
        result = answer(find(request), request)
        return result if isinstance(result, Response) else await result

    return Route(path, endpoint, methods=list(methods or _METHODS))


def _found(known: Mapping[str, Found], name: str, what: str) -> Found:
    if name not in known:
        raise Refused(404, "not-found", f"there is no such {what}")
    return known[name]


def _check_method(request: Request) -> None:
    """The service reads only."""
    if request.method not in {"GET", "HEAD"}:
        raise Refused(405, "not-supported", "this service is read-only", {"Allow": "GET, HEAD"})


def _check_accept(request: Request) -> None:
    """The service speaks JSON only."""
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
    private = "jwks-with-private-member" in tenant.launch_faults
    key = {**tenant.key.as_dict(private=private), "use": "sig", "alg": "ES256"}
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
