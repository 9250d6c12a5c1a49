"""The AuditEvents that the service writes about its own answers (TOP-KT-011, ``kt2-standard.md`` section 17)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ktcheck.sandbox.kt2_content import reference
from ktcheck.sandbox.service.tenant import Tenant, instant
from ktcheck.sandbox.vocabulary import DCM, PROFILE, RESOURCE_ORIGIN, TERMINOLOGY

Json = dict[str, Any]

_STRUCTURE = PROFILE.removesuffix("KT2")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the ids that came with the request: request-id, trace-id, correlation-id (or empty)."""

    client_id: str
    trace: dict[str, str]


def read(tenant: Tenant, caller: Caller, resource: Json) -> None:
    """Log that a resource was read."""
    entity = {"what": _versioned(resource), "type": type_of(resource["resourceType"])}
    tenant.log(event(tenant, caller, "read", "R", [entity]))


def search(tenant: Tenant, caller: Caller, query: str, hits: Iterable[Json]) -> None:
    """Log a page of a search: the query, and one entity per hit. ``query`` is ``<Type>?<parameters>``."""
    kind = query.partition("?")[0]
    asked = {
        "type": type_of(kind),
        "role": {"system": f"{TERMINOLOGY}object-role", "code": "24", "display": "Query"},
        "query": base64.b64encode(query.encode()).decode(),
    }
    found = [{"what": _versioned(hit), "type": type_of(kind)} for hit in hits]
    tenant.log(event(tenant, caller, "search-type", "E", [asked, *found]))


def event(tenant: Tenant, caller: Caller, interaction: str, action: str, entities: list[Json]) -> Json:
    """What every AuditEvent has; ``interaction`` is that of the REST service."""
    now = instant(datetime.now(UTC))
    world = tenant.domain.domain.world
    device = reference("Device", caller.client_id)
    role = {"coding": [{"system": DCM, "code": "110153", "display": "Source Role ID"}]}
    ids = [{"url": f"{_STRUCTURE}{name}", "valueId": value} for name, value in caller.trace.items() if value]
    return {
        "resourceType": "AuditEvent",
        "id": str(uuid4()),
        "meta": {"versionId": "1", "lastUpdated": now, "profile": [f"{PROFILE}AuditEvent"]},
        "extension": [{"url": RESOURCE_ORIGIN, "valueReference": device}, *ids],
        "type": {"system": f"{TERMINOLOGY}audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": interaction}],
        "action": action,
        "recorded": now,
        "outcome": "0",
        "agent": [{"type": role, "who": device, "requestor": True}],
        "source": {"site": world.name, "observer": reference("Device", world.provision)},
        "entity": entities,
    }


def _versioned(resource: Json) -> Json:
    kind = resource["resourceType"]
    return {"reference": f"{kind}/{resource['id']}/_history/{resource['meta']['versionId']}", "type": kind}


def type_of(kind: str) -> Json:
    """The type of an entity: that of a resource."""
    return {"system": "http://hl7.org/fhir/resource-types", "code": kind}
