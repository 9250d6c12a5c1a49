"""The AuditEvents about logging in and launching (TOP-KT-011, TOP-KT-023, ``kt2-standard.md`` section 17).

The id of the HTI token is the trace id of all of them (TOP-KT-006).
"""

from __future__ import annotations

import re
from typing import Any

from ktcheck.sandbox.kt2_content import reference
from ktcheck.sandbox.service.answers import FHIR_ID
from ktcheck.sandbox.service.audit import Caller, event, type_of
from ktcheck.sandbox.service.launch import Launch
from ktcheck.sandbox.service.tenant import Tenant
from ktcheck.sandbox.vocabulary import DCM, TERMINOLOGY

Json = dict[str, Any]

_ROLES = {"Patient": "1", "RelatedPerson": "6", "Practitioner": "15"}


def authentication(tenant: Tenant, client_id: str, launch: Launch, outcome: str, *, good: bool) -> None:
    """The authorization service: how the login for a launch went; ``outcome`` says at which step, and what."""
    faults = tenant.launch_faults
    if good and "audit-login-missing" in faults:
        return
    person = launch.sub
    if "audit-login-other-person" in faults:
        kind, _, own = person.partition("/")
        person = next((f"{kind}/{other}" for other in tenant.of_type(kind) if other != own), person)
    role = {"system": f"{TERMINOLOGY}object-role", "code": _ROLES.get(person.partition("/")[0], "")}
    _log(
        tenant,
        client_id,
        person,
        launch.jti,
        {
            "type": {"system": DCM, "code": "110114", "display": "User Authentication"},
            "subtype": [{"system": DCM, "code": "110122", "display": "Login"}],
            "outcome": "0" if good else "8",
            "outcomeDesc": outcome,
        },
        {"role": role},
    )


def launch(tenant: Tenant, client_id: str, task: str, trace_id: str) -> None:
    """A portal: it sends a user to a module with a launch of a task."""
    _log(tenant, client_id, task, trace_id, _application("110151", "Application Launcher", client_id, good=True), {})


def launched(tenant: Tenant, client_id: str, task: str, trace_id: str, *, good: bool) -> None:
    """A module: it starts a task, or does not."""
    if good and "audit-launched-missing" in tenant.launch_faults:
        return
    _log(tenant, client_id, task, trace_id, _application("110150", "Application", client_id, good=good), {})


def _application(code: str, display: str, client_id: str, *, good: bool) -> Json:
    """What an application logs about its own activity."""
    role = {"coding": [{"system": DCM, "code": code, "display": display}]}
    return {
        "type": {"system": DCM, "code": "110100", "display": "Application Activity"},
        "subtype": [{"system": DCM, "code": "110120", "display": "Application Start"}],
        "outcome": "0" if good else "8",
        "agent": [{"type": role, "who": reference("Device", client_id), "requestor": True}],
    }


def _log(tenant: Tenant, client_id: str, what: str, trace_id: str, content: Json, entity: Json) -> None:
    """Write an AuditEvent about a person or a task; of what is not there nothing can be logged."""
    kind, _, own = what.partition("/")
    if own not in tenant.domain.resources.get(kind, {}):
        return
    traced = re.fullmatch(FHIR_ID, trace_id) and "audit-without-trace" not in tenant.launch_faults
    caller = Caller(client_id, {"trace-id": trace_id} if traced else {})
    about = {"what": reference(kind, own), "type": type_of(kind), **entity}
    tenant.log({**event(tenant, caller, "", "E", [about]), **content})
