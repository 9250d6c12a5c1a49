"""The AuditEvents that the service writes about its own answers (TOP-KT-011, ``kt2-standard.md`` section 17)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ktcheck.sandbox.kt2_content import reference
from ktcheck.sandbox.service.answers import FHIR_ID
from ktcheck.sandbox.service.launch import Launch
from ktcheck.sandbox.service.tenant import Tenant, instant
from ktcheck.sandbox.vocabulary import DCM, PROFILE, RESOURCE_ORIGIN, TERMINOLOGY

Json = dict[str, Any]

_STRUCTURE = PROFILE.removesuffix("KT2")
_ROLES = {"Patient": "1", "RelatedPerson": "6", "Practitioner": "15"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the ids that came with the request: request-id, trace-id, correlation-id (or empty)."""

    client_id: str
    trace: dict[str, str]


def read(tenant: Tenant, caller: Caller, resource: Json) -> None:
    """Log that a resource was read."""
    entity = {"what": _versioned(resource), "type": _type(resource["resourceType"])}
    tenant.log(_event(tenant, caller, "read", "R", [entity]))


def search(tenant: Tenant, caller: Caller, query: str, hits: Iterable[Json]) -> None:
    """Log a page of a search: the query, and one entity per hit. ``query`` is ``<Type>?<parameters>``."""
    kind = query.partition("?")[0]
    asked = {
        "type": _type(kind),
        "role": {"system": f"{TERMINOLOGY}object-role", "code": "24", "display": "Query"},
        "query": base64.b64encode(query.encode()).decode(),
    }
    found = [{"what": _versioned(hit), "type": _type(kind)} for hit in hits]
    tenant.log(_event(tenant, caller, "search-type", "E", [asked, *found]))


def authentication(tenant: Tenant, client_id: str, launch: Launch, outcome: str, *, good: bool) -> None:
    """Log how the login for a launch ended; the trace id is the id of the launch. Of nobody nothing is logged."""
    kind, _, own = launch.sub.partition("/")
    if own not in tenant.domain.resources.get(kind, {}):
        return
    role = {"system": f"{TERMINOLOGY}object-role", "code": _ROLES[kind]}
    user = {"what": {"reference": launch.sub, "type": kind}, "type": _type(kind), "role": role}
    event = _event(
        tenant,
        Caller(client_id, {"trace-id": launch.jti if re.fullmatch(FHIR_ID, launch.jti) else ""}),
        "",
        "E",
        [user],
    )
    event |= {
        "type": {"system": DCM, "code": "110114", "display": "User Authentication"},
        "subtype": [{"system": DCM, "code": "110122", "display": "Login"}],
        "outcome": "0" if good else "8",
        "outcomeDesc": outcome,
    }
    tenant.log(event)


def _event(tenant: Tenant, caller: Caller, interaction: str, action: str, entities: list[Json]) -> Json:
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


def _type(kind: str) -> Json:
    return {"system": "http://hl7.org/fhir/resource-types", "code": kind}
