"""A portal: shows somebody's tasks and launches one with an HTI token (TOP-KT-007, HTI 2.0)."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from joserfc import jwt
from starlette.requests import Request
from starlette.responses import Response

from ktcheck.sandbox.service import audit_launch, faults, oauth, pages
from ktcheck.sandbox.service.applications.application import Application
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.tenant import origin
from ktcheck.sandbox.vocabulary import ENDPOINT_EXTENSION, INSTANTIATES

Json = dict[str, Any]

_STATUSES = {"ready", "in-progress"}
_LAUNCH_SECONDS = 240
_PEOPLE = 50


def tasks(portal: Application, request: Request) -> Response:
    """The people who have something to do, or what one of them has to do, with a button for each task."""
    user = request.query_params.get("user")
    if user is None:
        owners = dict.fromkeys(task["owner"]["reference"] for task in _open(portal))
        links = [{"name": owner, "link": f"?{urlencode({'user': owner})}"} for owner in [*owners][:_PEOPLE]]
        return pages.choice("Voorbeeldportaal", "Namens wie wilt u een taak starten?", links)
    items = [
        {"name": _title(portal, task), "buttons": _buttons(portal, task)}
        for task in _open(portal)
        if task["owner"]["reference"] == user
    ]
    return pages.choice("Taken", f"Wat {user} te doen heeft:", items, f"{portal.address}/start")


async def start(portal: Application, request: Request) -> Response:
    """Sign a launch of a task and hand the browser over to the module."""
    try:
        form = await oauth.form(request)
    except Denied as error:
        return pages.refused("Starten kan niet", str(error))
    task = portal.tenant.of_type("Task").get(form.get("task", ""))
    address = _addresses(portal, task).get(form.get("application", "")) if task else None
    if task is None or address is None:
        return pages.refused("Starten kan niet", "Deze taak kan niet in deze toepassing worden gestart.", 404)
    claims = faults.put_in(_claims(portal, task, form["application"]), portal.faults, faults.HTI)
    audit_launch.launch(portal.tenant, portal.client_id, claims["resource"], claims["jti"])
    header = faults.put_in(portal.header, portal.faults, faults.HTI_HEADER)
    fields = {"launch": jwt.encode(header, claims, portal.key), "iss": portal.base}
    return pages.handover(address, faults.put_in(fields, portal.faults, faults.HTI_FORM))


def _open(portal: Application) -> list[Json]:
    """What is to be done now, by somebody who can log in."""
    people = ("Patient/", "Practitioner/", "RelatedPerson/")
    return [
        task
        for task in portal.tenant.of_type("Task").values()
        if task.get("status") in _STATUSES and task.get("owner", {}).get("reference", "").startswith(people)
    ]


def _title(portal: Application, task: Json) -> str:
    definition = portal.tenant.of_type("ActivityDefinition").get(_target(task, INSTANTIATES), {})
    return f"{definition.get('title', 'Taak')} (Task/{task['id']})"


def _buttons(portal: Application, task: Json) -> list[Json]:
    names = {app.client_id: app.name for app in portal.tenant.domain.domain.applications}
    return [
        {"task": task["id"], "application": client_id, "text": f"Starten in {names.get(client_id, client_id)}"}
        for client_id in _addresses(portal, task)
    ]


def _addresses(portal: Application, task: Json) -> dict[str, str]:
    """Where a task can be launched, by application: at the endpoint of its definition, and where one is being tried."""
    tenant = portal.tenant
    definition = tenant.of_type("ActivityDefinition").get(_target(task, INSTANTIATES), {})
    endpoint = tenant.of_type("Endpoint").get(_target(definition, ENDPOINT_EXTENSION), {})
    found = {}
    if endpoint.get("address"):
        found[str(origin(definition)).removeprefix("Device/")] = endpoint["address"]
    tried = {client.client_id: client.launch_uri for client in tenant.registry.clients.values() if client.launch_uri}
    return {**found, **tried}


def _target(resource: Json, extension: str) -> str:
    """The logical id behind the reference in an extension, or nothing."""
    for item in resource.get("extension", ()):
        if item.get("url") == extension:
            return str(item.get("valueReference", {}).get("reference", "")).rpartition("/")[2]
    return ""


def _claims(portal: Application, task: Json, application: str) -> Json:
    """The HTI token: who (the owner of the task) does what, for whom."""
    now = int(time.time())
    subject, owner = task["for"]["reference"], task["owner"]["reference"]
    claims = {
        "iss": portal.client_id,
        "aud": f"Device/{application}",
        "sub": owner,
        "resource": f"Task/{task['id']}",
        "definition": f"ActivityDefinition/{_target(task, INSTANTIATES)}",
        "intent": task["intent"],
        "hti-version": "2.0",
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + _LAUNCH_SECONDS,
    }
    return claims if owner == subject else {**claims, "patient": subject}
