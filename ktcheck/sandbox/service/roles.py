"""The roles of applications: what each may read, as scopes (TOP-KT-005; ``kt2-standard.md`` section 10)."""

from __future__ import annotations

from ktcheck.sandbox.facts import Role

_EVERYBODY = ("Patient", "Practitioner", "RelatedPerson")
_READABLE: dict[Role, tuple[str, ...]] = {
    "portal": (*_EVERYBODY, "ActivityDefinition", "Task", "Endpoint", "CareTeam"),
    "module": (*_EVERYBODY, "ActivityDefinition", "Task", "Endpoint", "CareTeam"),
    "source": (*_EVERYBODY, "CareTeam", "AuditEvent"),
}


def scopes(role: Role) -> tuple[str, ...]:
    """The scopes of a role: the practice service is for reading only, so there is nothing else to grant."""
    return tuple(f"system/{kind}.rs" for kind in _READABLE[role])
