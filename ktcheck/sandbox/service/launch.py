"""The launch that a portal asks for, in an HTI token, and what has to be true of it (TOP-KT-007)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ktcheck.sandbox.service.incoming import Accepts, Untrusted, check_times, faults, is_for, signed_by, token_id
from ktcheck.sandbox.service.tenant import Tenant
from ktcheck.sandbox.vocabulary import INSTANTIATES

Json = dict[str, Any]

USER_TYPES = ("Patient", "Practitioner", "RelatedPerson")

_CONTEXT = ("resource", "definition", "sub", "patient", "intent")
_REMEMBERED = 600


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch: who (``sub``) does what (``resource``, a Task). ``jti`` is the trace id of everything about it."""

    portal: str
    claims: Json

    @property
    def jti(self) -> str:
        """The id of the HTI token."""
        return str(self.claims["jti"])

    @property
    def sub(self) -> str:
        """The user, as a reference."""
        return str(self.claims["sub"])

    @property
    def hint(self) -> str | None:
        """The logical name of an identity provider, when the portal gave one."""
        found = self.claims.get("idp_hint")
        return found if isinstance(found, str) else None

    @property
    def context(self) -> Json:
        """What a token response tells about the launch."""
        return {name: self.claims[name] for name in _CONTEXT if name in self.claims}


def believed(text: str, tenant: Tenant, client_id: str) -> Launch:
    """The launch in an HTI token that was meant for an application.

    Raises:
        Untrusted: the token was not signed by an application of the domain, is not for this one, or not of now.
    """
    accepts = faults(tenant.accepts, "hti")
    portal, claims = signed_by(text, tenant.registry, accepts)
    if not is_for(claims, f"Device/{client_id}") and not accepts("wrong-aud"):
        raise Untrusted("aud is not the Device of the application")
    check_times(claims, accepts)
    token_id(claims)
    return Launch(portal.client_id, claims)


def check_new(launch: Launch, tenant: Tenant) -> None:
    """An HTI token launches once."""
    new = tenant.used.first(f"launch {launch.portal} {launch.jti}", time.time() + _REMEMBERED)
    if not new and not faults(tenant.accepts, "hti")("replayed"):
        raise Untrusted("the launch was used before")


def check_true(launch: Launch, tenant: Tenant) -> None:
    """The user exists and is active, and the task is his: for him, or for the patient he is there for."""
    accepts = faults(tenant.accepts, "hti")
    claims = launch.claims
    user = found(tenant, claims.get("sub"), USER_TYPES)
    task = found(tenant, claims.get("resource"), ("Task",))
    if user.get("active") is not True and not accepts("inactive-user"):
        raise Untrusted("the user is not active")
    _check_patient(claims, user, task, accepts)
    definition: Json = next((item for item in task["extension"] if item["url"] == INSTANTIATES), {})
    if claims.get("definition") != definition.get("valueReference", {}).get("reference"):
        found(tenant, claims.get("definition"), ("ActivityDefinition",))
        if not accepts("other-definition"):
            raise Untrusted("definition is not that of the task")


def _check_patient(claims: Json, user: Json, task: Json, accepts: Accepts) -> None:
    subject = task.get("for", {}).get("reference")
    kind = user["resourceType"]
    told = claims.get("patient")
    if kind == "RelatedPerson" and user["patient"]["reference"] != subject:
        if not accepts("related-person-of-other-patient"):
            raise Untrusted("the user is a related person of somebody else")
        return
    of_other = (kind == "Patient" and claims["sub"] != subject) or (told is not None and told != subject)
    if of_other and not accepts("task-of-other-patient"):
        raise Untrusted("the task is for another patient")


def found(tenant: Tenant, reference: object, kinds: tuple[str, ...]) -> Json:
    """The resource behind a reference to one of some types.

    Raises:
        Untrusted: it is no such reference, or there is no such resource.
    """
    kind, _, own = reference.partition("/") if isinstance(reference, str) else ("", "", "")
    resource = tenant.of_type(kind).get(own) if kind in kinds else None
    if resource is None:
        raise Untrusted(f"{' or '.join(kinds)} is not named, or not there")
    return resource
