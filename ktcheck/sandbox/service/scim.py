"""The accounts of an identity provider as a SCIM 2.0 service (RFC 7643, RFC 7644): to be read, with a bearer token.

The protocol is that of ``scim2-server``; the attribute ``externalId`` holds the number that persons are matched on.
It has small pages and no filters, as real services may.
"""

from __future__ import annotations

import hmac
from typing import Any

import orjson
from scim2_models import (
    Filter,
    Meta,
    ResourceType,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    UnauthorizedException,
    User,
)
from scim2_server.applications.asgi import ASGIApplication
from scim2_server.memory import AsyncInMemoryStorage, InMemoryStorage
from scim2_server.requests import ScimRequest
from scim2_server.storage import SearchPage
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.accounts import CLAIM, Account
from ktcheck.sandbox.service.provider import Provider

ATTRIBUTE = "externalId"

_LARGEST_PAGE = 50
_DESCRIPTION = ScimProvider(
    [User], config=ServiceProviderConfig(filter=Filter(supported=False, max_results=_LARGEST_PAGE))
)


def address(provider: Provider) -> str:
    """Where the SCIM service of a provider is."""
    return f"{provider.issuer}/scim"


async def answer(provider: Provider, request: Request) -> Response:
    """What the SCIM service says to a request below its address."""
    asked = ScimRequest(
        method=request.method,
        base_url=address(provider),
        path=f"/{request.path_params['path']}",
        query=dict(request.query_params),
        headers=request.headers.items(),
    )
    said = await _Directory(provider).serve(asked)
    return Response(b"" if said.body is None else orjson.dumps(said.body), int(said.status), said.headers)


class _Directory(ASGIApplication):
    """The protocol, for whoever has the token of the provider."""

    def __init__(self, provider: Provider) -> None:
        storage = _Storage(lost=provider.name in provider.faults.directory_lost)
        storage.resources = [_user(account) for account in provider.accounts]
        super().__init__(AsyncInMemoryStorage(storage), _DESCRIPTION)
        self._token = provider.directory_token

    def check_auth(self, request: ScimRequest) -> None:
        """Let in who has the token."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise UnauthorizedException


class _Storage(InMemoryStorage):
    """Accounts in memory; when ``lost``, the last one is counted and never given."""

    def __init__(self, *, lost: bool) -> None:
        super().__init__()
        self._lost = lost

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """A page of accounts."""
        page = super().search(resource_types, search_request, position=position)
        if (
            self._lost
            and page.resources
            and (search_request.start_index or 1) + len(page.resources) > (page.total or 0)
        ):
            page.resources.pop()
        return page


def _user(account: Account) -> User[Any]:
    return User(
        id=account.subject,
        user_name=account.username,
        external_id=account.claims.get(CLAIM),
        active=account.enabled,
        meta=Meta(resource_type="User"),
    )
