"""One domain as the service holds it: its resources, its clients, its searches and its log."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from joserfc.jwk import ECKey

from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service.once import Once
from ktcheck.sandbox.service.provider import Provider
from ktcheck.sandbox.service.registry import Client, Registry
from ktcheck.sandbox.vocabulary import RESOURCE_ORIGIN

if TYPE_CHECKING:
    from ktcheck.sandbox.service.applications.application import Application
    from ktcheck.sandbox.service.login import Waiting

Json = dict[str, Any]

RESOURCE_TYPES = (
    "Patient",
    "Practitioner",
    "RelatedPerson",
    "Organization",
    "CareTeam",
    "Task",
    "ActivityDefinition",
    "Endpoint",
    "Device",
    "Subscription",
    "AuditEvent",
)

AUDIENCE = "fhir-server"
NOOP = "NOOP"

_SEARCHES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Search:
    """The outcome of a search, kept so that its pages stay the same while resources change."""

    client_id: str
    kind: str
    ids: tuple[str, ...]
    count: int
    query: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code was handed out for: who asked, with which challenge, who logged in, and what was launched."""

    client_id: str
    redirect_uri: str
    scope: str
    challenge: str | None
    challenge_method: str
    nonce: str | None
    user: str
    context: Json
    until: float


@dataclass(slots=True)
class Tenant:
    """A practice domain that is being served at ``root`` (``.../api/v1/<domain>``).

    ``token_lifetime`` and ``audit_delay`` are in seconds; the log of a request shows after the delay.
    """

    domain: Materialised
    root: str
    token_lifetime: int
    audit_delay: float
    registry: Registry = field(default_factory=Registry)
    used: Once = field(default_factory=Once)
    grants: dict[str, Grant] = field(default_factory=dict)
    logins: dict[str, Waiting] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    searches: OrderedDict[str, Search] = field(default_factory=OrderedDict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    pending: list[tuple[float, Json]] = field(default_factory=list)

    @property
    def fhir_base(self) -> str:
        """The FHIR base URL of the domain."""
        return f"{self.root}/fhir/r4"

    @property
    def issuer(self) -> str:
        """The base URL of its authorization service."""
        return f"{self.root}/oauth2"

    @property
    def token_endpoint(self) -> str:
        """Where access tokens are handed out; the audience of client assertions."""
        return f"{self.issuer}/token"

    @property
    def authorization_endpoint(self) -> str:
        """Where a module sends the browser of its user."""
        return f"{self.issuer}/authorize"

    @property
    def introspection_endpoint(self) -> str:
        """Where an application asks whether a token is good."""
        return f"{self.issuer}/introspect"

    @property
    def callback(self) -> str:
        """Where identity providers send the browser back to; registered there as redirect URI."""
        return f"{self.issuer}/callback"

    @property
    def accepts(self) -> set[str]:
        """What the service wrongly accepts."""
        return self.domain.service.accepts

    @property
    def launch_faults(self) -> set[str]:
        """What goes wrong in a login or a launch that is good."""
        return self.domain.service.launch

    def scopes(self, client: Client) -> tuple[str, ...]:
        """What a client may do now, as scopes."""
        if client.scopes is not None:
            return client.scopes
        narrowed = self.domain.service.narrowed
        own = f"?resource-origin=Device/{client.client_id}"
        return tuple(f"system/{kind}.rs{own if kind in narrowed else ''}" for kind in RESOURCE_TYPES)

    def of_type(self, kind: str) -> dict[str, Json]:
        """The resources of a type by logical id; for AuditEvent with what was logged by now."""
        if kind == "AuditEvent":
            self._settle()
        return self.domain.resources.setdefault(kind, {})

    def log(self, event: Json) -> None:
        """Write an AuditEvent, slightly later, as KT2 does."""
        self.pending.append((time.monotonic() + self.audit_delay, event))

    def _settle(self) -> None:
        now = time.monotonic()
        for due, event in self.pending:
            if due <= now:
                self.domain.put(event)
        self.pending = [item for item in self.pending if item[0] > now]

    def keep(self, search: Search) -> str:
        """Keep the outcome of a search for its pages; the oldest one is forgotten."""
        token = secrets.token_urlsafe(12)
        self.searches[token] = search
        if len(self.searches) > _SEARCHES_KEPT:
            self.searches.popitem(last=False)
        return token

    def served_whole(self, kind: str) -> None:
        """All pages of a type were served: the moment at which a fault may change one of its resources."""
        faults = self.domain.service
        resources = self.of_type(kind)
        if kind in faults.changes_after_reading and resources:
            faults.changes_after_reading.discard(kind)
            meta = resources[min(resources)]["meta"]
            meta["versionId"] = str(int(meta["versionId"]) + 1)
            meta["lastUpdated"] = instant(datetime.now(UTC))


def instant(moment: datetime) -> str:
    """A FHIR instant in milliseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+00:00"


def origin(resource: Json) -> str | None:
    """The Device that made a resource, as a reference."""
    for extension in resource.get("extension", ()):
        if extension.get("url") == RESOURCE_ORIGIN:
            found = extension.get("valueReference", {}).get("reference")
            return found if isinstance(found, str) else None
    return None
