"""The accounts of a SCIM 2.0 service (RFC 7643, RFC 7644): ``/Users``, page by page.

Asked are only the attributes that are needed. Answers are read as plain JSON: a server that leaves out what the schema
demands still tells who has an account.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import httpx2
from scim2_client import SCIMClientException
from scim2_client.engines.httpx2 import AsyncSCIMClient
from scim2_models import SCIMException, ScimProvider, User

from ktcheck import http
from ktcheck.domain import Directory as Settings
from ktcheck.errors import InputError, RunError
from ktcheck.idp.accounts import DirectoryAccount, Page, secret_of, texts

_PAGE = 200
_MEDIA_TYPES = "application/scim+json, application/json"


class ScimDirectory:
    """Reads users with a bearer token."""

    def __init__(
        self,
        settings: Settings,
        attribute: str,
        *,
        evidence: http.Evidence,
        trace_id: str,
        secret: Callable[[str], None],
    ) -> None:
        assert settings.url is not None  # the domain file has it
        self._url = settings.url
        self._host = httpx2.URL(settings.url).host
        self._attribute = attribute
        self._evidence = evidence
        self._trace_id = trace_id
        token = secret_of(settings)
        secret(token)
        self._auth = _Bearer(token)
        self._total: int | None = None

    async def pages(self) -> AsyncGenerator[Page, None]:
        """All users; raises ``InputError`` when the token does not serve, ``RunError`` without a usable answer."""
        start = 1
        async with self._client() as client:
            while True:
                answer = await self._list(client, start, _PAGE)
                resources = answer.get("Resources") or []
                if not isinstance(resources, list) or not all(isinstance(user, dict) for user in resources):
                    raise self._unusable()
                if not resources:
                    return
                yield tuple(self._account(user) for user in resources)
                start += len(resources)

    async def total(self) -> int | None:
        """``totalResults``, asked for without any user."""
        async with self._client() as client:
            total = (await self._list(client, 1, 0)).get("totalResults")
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    def _client(self) -> httpx2.AsyncClient:
        client = http.read_client(
            self._url, evidence=self._evidence, trace_id=self._trace_id, auth=self._auth, accept=_MEDIA_TYPES
        )
        client.base_url = httpx2.URL(self._url)
        return client

    async def _list(self, client: httpx2.AsyncClient, start: int, count: int) -> Mapping[str, Any]:
        """A ListResponse of users."""
        attributes = ["userName", "active", self._attribute]
        scim = AsyncSCIMClient(client, provider=ScimProvider([User]))
        try:
            answer = await scim.query(
                User,
                query_parameters={"startIndex": start, "count": count, "attributes": ",".join(attributes)},
                check_request_payload=False,
                check_response_payload=False,
                raise_scim_errors=False,
            )
        except (SCIMClientException, SCIMException) as error:
            # Its notes and its source hold the answer, which may be about people.
            raise self._refused(getattr(getattr(error, "source", None), "status_code", None)) from None
        if not isinstance(answer, dict):
            raise self._unusable()
        if "status" in answer and "Resources" not in answer and "totalResults" not in answer:
            raise self._refused(answer["status"])
        return answer

    def _account(self, user: Mapping[str, Any]) -> DirectoryAccount:
        """Attribute names do not depend on case (RFC 7643 section 2.1)."""
        key, name = _member(user, "id"), _member(user, "userName")
        if not isinstance(key, str) or not isinstance(name, str):
            raise self._unusable()
        values = texts(_at(user, self._attribute))
        return DirectoryAccount(key=key, name=name, values=values, enabled=_member(user, "active") is not False)

    def _refused(self, status: object) -> InputError | RunError:
        code = str(status)  # a SCIM error has it as a string
        told = f"status {code}" if code.isascii() and code.isdecimal() and len(code) == 3 else "no usable status"
        if code in {"401", "403"}:
            return InputError(
                f"{self._host}: the SCIM service does not accept the token of [idp.directory] ({told}); correct the "
                "secret or what it may read"
            )
        if code == "404":
            return InputError(f"{self._host}: there is no /Users below [idp.directory] url; correct the address")
        return RunError(f"{self._host}: the SCIM service does not list its users ({told}); try again later")

    def _unusable(self) -> RunError:
        return RunError(f"{self._host}: /Users does not answer as SCIM 2.0 says; check [idp.directory] url")


class _Bearer(httpx2.Auth):
    """Puts the token on each request."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The exchange as ``httpx2`` wants it."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _member(item: Mapping[str, Any], name: str) -> Any:
    """A member by its name, however that is spelt."""
    wanted = name.casefold()
    return next((value for key, value in item.items() if key.casefold() == wanted), None)


def _at(user: Mapping[str, Any], attribute: str) -> Any:
    """The value at an attribute: ``externalId``, ``emails.value``, or one of an extension, ``urn:…:User:name``."""
    schema, _, path = attribute.rpartition(":")
    found: Any = _member(user, schema) if schema else user
    for name in path.split("."):
        if isinstance(found, list):
            found = [_member(item, name) for item in found if isinstance(item, dict)]
        else:
            found = _member(found, name) if isinstance(found, dict) else None
    return found
