"""The accounts of a Keycloak realm, through its admin API.

Its trap is the page size: without ``max`` an answer holds 100 users and does not say that there are more. So pages are
asked for until one is empty, and the number is laid beside ``/users/count``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import httpx2
import orjson

from ktcheck import http
from ktcheck.domain import Directory as Settings
from ktcheck.errors import InputError, RunError
from ktcheck.idp.accounts import DirectoryAccount, Page, secret_of, texts

_PAGE = 200
_OWN_ATTRIBUTES = frozenset({"id", "username", "email"})


class KeycloakDirectory:
    """Reads users as a client of the realm with the roles ``view-users`` and ``query-users`` of realm-management."""

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
        self._users = f"{settings.url}/admin/realms/{settings.realm}/users"
        self._attribute = attribute
        self._evidence = evidence
        self._trace_id = trace_id
        self._auth = _ClientCredentials(settings, evidence=evidence, trace_id=trace_id, secret=secret)

    async def pages(self) -> AsyncGenerator[Page, None]:
        """All users of the realm; raises ``InputError`` when the client may not, ``RunError`` without an answer."""
        first = 0
        async with self._client() as client:
            while True:
                query: dict[str, str | int] = {"first": first, "max": _PAGE, "briefRepresentation": "false"}
                users = await self._get(client, self._users, query)
                if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
                    raise self._unusable()
                page = tuple(self._account(user) for user in users)
                if not page:
                    return
                yield page
                first += len(page)

    async def total(self) -> int | None:
        """``/users/count``."""
        async with self._client() as client:
            number = await self._get(client, f"{self._users}/count", {})
        if not isinstance(number, int) or isinstance(number, bool):
            raise self._unusable()
        return number

    def _client(self) -> httpx2.AsyncClient:
        return http.read_client(
            self._url, evidence=self._evidence, trace_id=self._trace_id, auth=self._auth, accept="application/json"
        )

    def _account(self, user: Mapping[str, Any]) -> DirectoryAccount:
        key, name, attributes = user.get("id"), user.get("username"), user.get("attributes")
        if not isinstance(key, str) or not isinstance(name, str):
            raise self._unusable()
        found = user if self._attribute in _OWN_ATTRIBUTES else attributes
        values = texts(found.get(self._attribute)) if isinstance(found, dict) else ()
        return DirectoryAccount(key=key, name=name, values=values, enabled=user.get("enabled") is not False)

    async def _get(self, client: httpx2.AsyncClient, url: str, query: Mapping[str, str | int]) -> Any:
        response = await client.get(url, params=query)
        host = response.url.host
        if response.status_code in {401, 403}:
            raise InputError(
                f"{host}: the client of [idp.directory] may not read the users of the realm (status "
                f"{response.status_code}); give its service account the roles view-users and query-users of "
                "realm-management"
            )
        if response.status_code == 404:
            raise InputError(f"{host}: there is no such realm; correct [idp.directory] url or realm")
        if response.status_code != 200:
            raise RunError(f"{host}: the users of the realm cannot be read (status {response.status_code})")
        return _json(response)

    def _unusable(self) -> RunError:
        return RunError(
            f"{httpx2.URL(self._url).host}: the admin API does not answer as Keycloak does; check the address"
        )


class _ClientCredentials(httpx2.Auth):
    """Puts a token of the realm on each request; another one after a 401, because they live for a minute."""

    def __init__(
        self, settings: Settings, *, evidence: http.Evidence, trace_id: str, secret: Callable[[str], None]
    ) -> None:
        self._endpoint = f"{settings.url}/realms/{settings.realm}/protocol/openid-connect/token"
        self._client_id = settings.client_id or ""
        self._client_secret = secret_of(settings)
        self._evidence = evidence
        self._trace_id = trace_id
        self._secret = secret
        self._token: str | None = None
        secret(self._client_secret)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The exchange as ``httpx2`` wants it."""
        self._token = self._token or await self._request()
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            self._token = await self._request()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    async def _request(self) -> str:
        wire = http.Wire(self._endpoint, evidence=self._evidence, trace_id=self._trace_id)
        transport = http.EndpointTransport(wire, address=self._endpoint)
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        host = httpx2.URL(self._endpoint).host
        async with httpx2.AsyncClient(transport=transport, timeout=http.TIMEOUT, follow_redirects=False) as client:
            response = await http.politely(lambda: client.post(self._endpoint, data=form), host)
        if response.status_code in {400, 401, 403}:
            raise InputError(
                f"{host}: Keycloak does not accept the client of [idp.directory] (status {response.status_code}); "
                "correct client_id or the secret, and let the client have a service account"
            )
        if response.status_code == 404:
            raise InputError(f"{host}: there is no such realm; correct [idp.directory] url or realm")
        content = _json(response) if response.status_code == 200 else None
        token = content.get("access_token") if isinstance(content, dict) else None
        if not isinstance(token, str) or not token:
            raise RunError(f"{host}: Keycloak gives no token (status {response.status_code}); try again later")
        self._secret(token)
        return token


def _json(response: httpx2.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise RunError(f"{response.url.host}: the admin API does not answer in JSON; check the address") from None
