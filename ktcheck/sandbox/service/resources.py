"""The FHIR resource service: capabilities, read and search, with the rights of the token (TOP-KT-002, TOP-KT-005)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from ktcheck import __version__
from ktcheck.sandbox.service import audit
from ktcheck.sandbox.service.answers import FHIR_ID, Refused, fhir
from ktcheck.sandbox.service.rights import Rights, rights
from ktcheck.sandbox.service.search import Query, find, parameters, understand
from ktcheck.sandbox.service.tenant import RESOURCE_TYPES, Search, Tenant, origin

Json = dict[str, Any]

_IMPLEMENTATION_GUIDE = "http://koppeltaal.nl/fhir/ImplementationGuide"
_PROFILE_RELEASE = "0.16.3"
_PAGE = "_page"


def capabilities(tenant: Tenant) -> Response:
    """The CapabilityStatement, for which no token is needed."""
    types = [
        {
            "type": kind,
            "versioning": "versioned",
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": name, "type": value} for name, value in parameters(kind).items()],
        }
        for kind in RESOURCE_TYPES
    ]
    statement = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-09-12",
        "kind": "instance",
        "software": {"name": "Koppeltaal-oefenvoorziening", "version": __version__},
        "implementation": {"description": tenant.domain.domain.name, "url": tenant.fhir_base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "implementationGuide": [_IMPLEMENTATION_GUIDE],
        "rest": [{"mode": "server", "resource": types}],
    }
    return fhir(statement)


def implementation_guide(tenant: Tenant, request: Request) -> Response:
    """The release of the profiles in use, for which no token is needed (developer guide)."""
    guide = {
        "resourceType": "ImplementationGuide",
        "id": "koppeltaal",
        "url": _IMPLEMENTATION_GUIDE,
        "version": _PROFILE_RELEASE,
        "name": "Koppeltaal",
        "status": "active",
        "packageId": "koppeltaalv2.00",
        "fhirVersion": ["4.0.1"],
    }
    asked = request.query_params.get("url", _IMPLEMENTATION_GUIDE)
    entries = [{"resource": guide, "search": {"mode": "match"}}] if asked == _IMPLEMENTATION_GUIDE else []
    link = [{"relation": "self", "url": f"{tenant.fhir_base}/ImplementationGuide?{request.url.query}"}]
    return fhir(_bundle(len(entries), link, entries))


def read(tenant: Tenant, request: Request, kind: str, own: str) -> Response:
    """One resource: 403 without the right, 404 when it never was, 410 when it was deleted."""
    who = authorised(tenant, request, kind)
    resource = tenant.of_type(kind).get(own)
    if resource is None:
        if f"{kind}/{own}" in tenant.domain.service.deleted:
            location = {"Location": f"{tenant.fhir_base}/{kind}/{own}/_history/2"}
            raise Refused(410, "deleted", "the resource was deleted", location)
        raise Refused(404, "not-found", "there is no such resource")
    if not _may_read(who, resource):
        raise Refused(403, "forbidden", "Unauthorized")
    audit.read(tenant, _caller(request, who.client_id), resource)
    meta = resource["meta"]
    changed = datetime.fromisoformat(meta["lastUpdated"]).astimezone(UTC)
    headers = {"ETag": f'W/"{meta["versionId"]}"', "Last-Modified": format_datetime(changed, usegmt=True)}
    return fhir(resource, headers=headers)


def search(tenant: Tenant, request: Request, kind: str) -> Response:
    """A page of a search: only what the token may read, without an error for the rest (search narrowing)."""
    who = authorised(tenant, request, kind)
    given = request.query_params.multi_items()
    if [name for name, _ in given] == [_PAGE]:
        return _next_page(tenant, request, who, kind)
    query = understand(kind, given)
    readable = [resource for resource in tenant.of_type(kind).values() if _may_read(who, resource)]
    found = find(readable, query)
    asked = f"{kind}?{urlencode(given)}"
    if query.only_count:
        audit.search(tenant, _caller(request, who.client_id), asked, ())
        total = len(found) + tenant.domain.service.total_off_by.get(kind, 0)
        return fhir(_bundle(total, [{"relation": "self", "url": f"{tenant.fhir_base}/{asked}"}], None))
    outcome = Search(
        client_id=who.client_id,
        kind=kind,
        ids=tuple(resource["id"] for resource in found),
        count=query.count,
        query=asked,
        whole=_is_whole(query),
    )
    return _page(tenant, request, outcome, None, 0)


def _is_whole(query: Query) -> bool:
    return not query.tests and query.count > 1


def _next_page(tenant: Tenant, request: Request, who: Rights, kind: str) -> Response:
    token, _, offset = request.query_params[_PAGE].rpartition(".")
    kept = tenant.searches.get(token)
    if kept is None or not offset.isdigit():
        raise Refused(410, "expired", "this page is not known any more; search again")
    if kept.client_id != who.client_id or kept.kind != kind:
        raise Refused(403, "forbidden", "Unauthorized")
    return _page(tenant, request, kept, token, int(offset))


def _page(tenant: Tenant, request: Request, outcome: Search, token: str | None, offset: int) -> Response:
    resources = tenant.of_type(outcome.kind)
    end = offset + outcome.count
    page = [resources[own] for own in outcome.ids[offset:end] if own in resources]
    here = f"{outcome.kind}?{_PAGE}={token}.{offset}" if token else outcome.query
    link = [{"relation": "self", "url": f"{tenant.fhir_base}/{here}"}]
    if end < len(outcome.ids):
        token = token or tenant.keep(outcome)
        link.append({"relation": "next", "url": f"{tenant.fhir_base}/{outcome.kind}?{_PAGE}={token}.{end}"})
    entries = [
        {
            "fullUrl": f"{tenant.fhir_base}/{outcome.kind}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in page
    ]
    audit.search(tenant, _caller(request, outcome.client_id), outcome.query, page)
    answer = fhir(_bundle(len(outcome.ids), link, entries))
    if outcome.whole and end >= len(outcome.ids):
        tenant.served_whole(outcome.kind)
    return answer


def _bundle(total: int, link: list[Json], entries: list[Json] | None) -> Json:
    content: Json = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": link}
    if entries:
        content["entry"] = entries
    return content


def authorised(tenant: Tenant, request: Request, kind: str) -> Rights:
    """The rights of the caller, who may read at least something of a type; first who he is, then what he may."""
    who = rights(request, tenant)
    if kind not in RESOURCE_TYPES:
        raise Refused(404, "not-supported", "this resource type is not part of Koppeltaal")
    if kind not in who.readable and "*" not in who.readable:
        raise Refused(403, "forbidden", "Unauthorized")
    return who


def _may_read(who: Rights, resource: Json) -> bool:
    devices = who.readable.get(resource["resourceType"], who.readable.get("*"))
    return devices is None or origin(resource) in devices


def _caller(request: Request, client_id: str) -> audit.Caller:
    """Who asks, with the ids of the request as far as they are FHIR ids."""
    given = {name: request.headers.get(f"x-{name}", "") for name in ("trace-id", "correlation-id")}
    usable = {name: value if re.fullmatch(FHIR_ID, value) else "" for name, value in given.items()}
    return audit.Caller(client_id, {"request-id": request.state.request_id, **usable})
