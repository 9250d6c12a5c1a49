"""The operation ``$validate``: judges the resource in the request and keeps nothing (FHIR R4, Resource-validate)."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service.answers import Refused, fhir
from ktcheck.sandbox.service.judgement import judge
from ktcheck.sandbox.service.resources import authorised
from ktcheck.sandbox.service.tenant import Tenant

Json = dict[str, Any]

_WELL = {"severity": "information", "code": "informational", "diagnostics": "No issues detected"}
_STRICT = {
    "severity": "error",
    "code": "required",
    "diagnostics": "Patient.contact: minimum required = 1, but only found 0",
    "expression": ["Patient.contact"],
}


async def validate(tenant: Tenant, request: Request) -> Response:
    """Judge a resource of a type that the caller may read; the faults of the service decide how well it does that."""
    kind, fault = request.path_params["kind"], tenant.domain.service.opinion
    if fault == "refuses":
        raise Refused(401, "login", "the token is not one of this domain")
    authorised(tenant, request, kind)
    try:
        resource = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        resource = None
    if not isinstance(resource, dict) or resource.get("resourceType") != kind:
        raise Refused(400, "structure", f"the body is no {kind}")
    if fault == "breaks":
        return Response("Internal Server Error", 500)
    if fault == "stalls":
        await asyncio.sleep(tenant.domain.service.stalls_seconds)
    return fhir(_outcome(resource, fault))


def _outcome(resource: Json, fault: str | None) -> Any:
    if fault == "lenient" or (fault == "strict" and resource["resourceType"] == "Patient"):
        return {"resourceType": "OperationOutcome", "issue": [_WELL if fault == "lenient" else _STRICT]}
    return judge(resource)
