"""The FHIR REST reads that a snapshot needs: capabilities, the profile release, counts and search pages.

Source: ``kt2-standard.md`` sections 1 (profile release), 7 (search, paging) and 9 (errors). Messages name
the type, the host and the status; never an id, a search value or the server's own text.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import orjson

from ktcheck.errors import RunError
from ktcheck.http import next_page
from ktcheck.snapshot.lines import version_of

IMPLEMENTATION_GUIDE = "http://koppeltaal.nl/fhir/ImplementationGuide"

# Statuses that say something about us or about the server; every other 4xx is about the request itself.
_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, 404, 408, 410, 429})
_ISSUE_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


class NoRightError(Exception):
    """403: the application may not read this type."""


class RefusedError(Exception):
    """The server does not accept the request as it is (another 4xx than those about us)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the CapabilityStatement says: FHIR version, software, and the types that can be searched."""

    fhir_version: str
    software: Mapping[str, Any]
    types: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The resource of a type that was changed last; all None when there is none."""

    id: str | None
    version: str | None
    updated: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One search page: its matches, the link to the next, and the total that the server says there is."""

    resources: tuple[dict[str, Any], ...]
    next: str | None
    total: int | None


class FhirClient:
    """Reads one domain. ``client`` is a read-only client (``ktcheck.http.read_client``) with the token."""

    def __init__(self, client: httpx2.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._host = httpx2.URL(base_url).host

    async def capabilities(self) -> Capabilities:
        """Read ``/metadata``, without a token. Raises ``RunError`` when it is no CapabilityStatement."""
        address = f"{self._base_url}/metadata"
        try:
            content = await self._read("metadata", address, auth=None)
        except (NoRightError, RefusedError):
            raise RunError(f"{address} is refused, though it is public; report it to its owner") from None
        if content.get("resourceType") != "CapabilityStatement":
            raise RunError(f"{address} is no CapabilityStatement; check [target] fhir_base_url")
        version, software = content.get("fhirVersion"), content.get("software")
        return Capabilities(
            fhir_version=version if isinstance(version, str) else "",
            software=software if isinstance(software, dict) else {},
            types=frozenset(_searchable(content)),
        )

    async def profile_release(self) -> str | None:
        """The version of the Koppeltaal ImplementationGuide on the server; None when it does not say.

        Some servers answer this without a token only, others with one only.
        """
        address = httpx2.URL(f"{self._base_url}/ImplementationGuide", params={"url": IMPLEMENTATION_GUIDE})
        for auth in (None, httpx2.USE_CLIENT_DEFAULT):
            response = await self._client.get(address, auth=auth)
            try:
                content = orjson.loads(response.content) if response.status_code == 200 else None
                page = _page(content, "ImplementationGuide")
            except (orjson.JSONDecodeError, ValueError):
                continue
            versions = [guide.get("version") for guide in page.resources]
            return next((text for text in versions if isinstance(text, str)), None)
        return None

    async def total(self, resource_type: str) -> int | None:
        """How many resources of a type the server says it has; None when it does not say."""
        try:
            return (await self._search(resource_type, {"_summary": "count"})).total
        except RefusedError:
            return None

    async def newest(self, resource_type: str) -> Newest | None:
        """The resource of a type that changed last; None when the server does not sort."""
        try:
            page = await self._search(resource_type, {"_sort": "-_lastUpdated", "_count": "1"})
        except RefusedError:
            return None
        if not page.resources:
            return Newest(id=None, version=None, updated=None)
        version, updated = version_of(page.resources[0])
        return Newest(id=page.resources[0]["id"], version=version, updated=updated)

    async def pages(self, resource_type: str, page_size: int) -> AsyncGenerator[Page, None]:
        """All search pages of a type, the resource that changed longest ago first if the server can sort.

        Raises ``NoRightError`` on a first page that may not be read; ``RunError`` for everything else that
        keeps us from the end, among which a server that gives the same page again and again.
        """
        try:
            page = await self._search(resource_type, {"_count": str(page_size), "_sort": "_lastUpdated"})
        except RefusedError:
            page = await self._strictly(resource_type, {"_count": str(page_size)})
        yield page
        seen = set[str]()
        while page.next:
            if page.next in seen:
                raise RunError(f"{self._host}: the search on {resource_type} gives the same next link twice")
            seen.add(page.next)
            try:
                page = await self._search(resource_type, None, url=page.next)
            except (NoRightError, RefusedError):
                raise RunError(
                    f"{self._host}: the search on {resource_type} is refused halfway; try again later"
                ) from None
            yield page

    async def found(self, resource_type: str, parameters: Mapping[str, str], *, pages: int) -> list[dict[str, Any]]:
        """What a search finds, as far as it is on the first ``pages`` pages.

        Raises ``NoRightError`` when the type may not be read, ``RefusedError`` when the server does not take the
        search, ``RunError`` for everything else that gives no answer.
        """
        page = await self._search(resource_type, parameters)
        resources = [*page.resources]
        for _ in range(pages - 1):
            if page.next is None:
                break
            page = await self._search(resource_type, None, url=page.next)
            resources += page.resources
        return resources

    async def _strictly(self, resource_type: str, parameters: Mapping[str, str]) -> Page:
        try:
            return await self._search(resource_type, parameters)
        except RefusedError:
            raise RunError(
                f"{self._host}: a plain search on {resource_type} is refused; report it to its owner"
            ) from None

    async def _search(
        self, resource_type: str, parameters: Mapping[str, str] | None, *, url: str | None = None
    ) -> Page:
        address = url or f"{self._base_url}/{resource_type}"
        content = await self._read(resource_type, address, params=parameters)
        try:
            page = _page(content, resource_type)
        except ValueError as error:
            raise RunError(f"{self._host}: the answer to a search on {resource_type} {error}") from None
        return replace(page, next=page.next and next_page(page.next, address, self._base_url))

    async def _read(self, what: str, url: str, **options: Any) -> dict[str, Any]:
        response = await self._client.get(url, **options)
        status = response.status_code
        if status == 403:
            raise NoRightError
        if 400 <= status < 500 and status not in _NOT_ABOUT_THE_REQUEST:
            raise RefusedError
        if status != 200:
            raise RunError(f"{self._host} answers {status} to a read of {what}; {_advice(status)}")
        try:
            content = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            content = None
        if not isinstance(content, dict):
            raise RunError(f"{self._host} answers a read of {what} with something that is not FHIR JSON")
        return content


def _advice(status: int) -> str:
    if status == 401:
        return "it does not accept its own token, so ask the administrator of the domain"
    if status in {404, 410} or 300 <= status < 400:
        return "check [target] fhir_base_url"
    return "try again later, or ask its owner"


def _searchable(statement: Mapping[str, Any]) -> Iterator[str]:
    """The types with a search interaction; a statement without interactions is given the benefit."""
    for rest in _objects(statement.get("rest")):
        for resource in _objects(rest.get("resource")):
            codes = [interaction.get("code") for interaction in _objects(resource.get("interaction"))]
            if isinstance(resource.get("type"), str) and (not codes or "search-type" in codes):
                yield resource["type"]


def _page(content: object, resource_type: str) -> Page:
    """Read a searchset; raises ``ValueError``, whose text ends a sentence, when it is none."""
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle":
        raise ValueError(f"is not a Bundle{_outcome(content)}")
    matches = []
    for entry in _objects(content.get("entry")):
        search = entry.get("search")
        if isinstance(search, dict) and search.get("mode", "match") != "match":
            continue
        resource = entry.get("resource")
        if not isinstance(resource, dict) or resource.get("resourceType") != resource_type:
            raise ValueError(f"has a match that is no {resource_type}; report it to the owner of the server")
        if not isinstance(resource.get("id"), str) or not resource["id"]:
            raise ValueError("has a match without an id; report it to the owner of the server")
        matches.append(resource)
    links = [link.get("url") for link in _objects(content.get("link")) if link.get("relation") == "next"]
    total = content.get("total")
    return Page(
        resources=tuple(matches),
        next=next((url for url in links if isinstance(url, str)), None),
        total=total if type(total) is int and total >= 0 else None,
    )


def _outcome(content: object) -> str:
    """The issue codes of an OperationOutcome; not its texts, which may quote a person."""
    issues = _objects(content.get("issue")) if isinstance(content, dict) else []
    codes = [code for code in (issue.get("code") for issue in issues) if isinstance(code, str)]
    known = sorted({code for code in codes if _ISSUE_CODE.fullmatch(code)})
    return f" but an OperationOutcome ({', '.join(known)})" if known else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
