"""What the practice service itself thinks of a resource: its own reading of the profiles, apart from that of ktcheck.

Written from ``kt2-standard.md`` section 3 (release 0.16.3), and shallow: which elements there may and have to be, the
codes of statuses, the form of dates. That is enough for two independent judgements to differ or agree about something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

_ALWAYS = {
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "modifierExtension",
}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_DATES = ("birthDate", "authoredOn", "lastModified", "recorded")


@dataclass(frozen=True, slots=True)
class _Reading:
    """Which elements there have to be, which there may be besides, and what some of them can be."""

    needs: str
    may: str
    codes: Mapping[str, str] = field(default_factory=dict)


_PROFILES = {
    "Patient": _Reading(
        "identifier active name gender birthDate",
        "telecom address managingOrganization",
        {"gender": "male female other unknown"},
    ),
    "Practitioner": _Reading(
        "identifier active name telecom", "gender birthDate", {"gender": "male female other unknown"}
    ),
    "RelatedPerson": _Reading(
        "identifier active patient relationship name gender birthDate",
        "telecom address period communication",
        {"gender": "male female other unknown"},
    ),
    "Organization": _Reading("identifier active", "name type partOf"),
    "CareTeam": _Reading(
        "identifier status subject",
        "name period participant managingOrganization",
        {"status": "proposed active suspended inactive entered-in-error"},
    ),
    "Task": _Reading(
        "identifier status intent for owner",
        "instantiatesCanonical partOf priority code description executionPeriod authoredOn lastModified requester",
        {
            "status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed "
            "entered-in-error",
            "intent": "unknown proposal plan order original-order reflex-order filler-order instance-order option",
            "priority": "routine",
        },
    ),
    "ActivityDefinition": _Reading(
        "extension url title status",
        "identifier version name subtitle description useContext topic code participant",
        {"status": "draft active retired unknown"},
    ),
    "Device": _Reading(
        "identifier status deviceName", "type owner", {"status": "active inactive entered-in-error unknown"}
    ),
    "Endpoint": _Reading(
        "status connectionType payloadType address",
        "identifier name header managingOrganization",
        {"status": "active suspended error off entered-in-error test"},
    ),
    "Subscription": _Reading(
        "status reason criteria channel", "contact end error", {"status": "requested active error off"}
    ),
    "AuditEvent": _Reading(
        "type recorded agent source entity",
        "subtype action period outcome outcomeDesc",
        {"action": "C R U D E", "outcome": "0 4 8 12"},
    ),
}


def judge(resource: Json) -> Json:
    """An OperationOutcome about a resource; one that says that all is well when nothing is wrong."""
    kind = resource["resourceType"]
    issues = [
        {"severity": "error", "code": code, "diagnostics": f"{kind}.{name}: {text}", "expression": [f"{kind}.{name}"]}
        for code, name, text in _faults(resource, _PROFILES[kind])
    ]
    well = {"severity": "information", "code": "informational", "diagnostics": "No issues detected"}
    return {"resourceType": "OperationOutcome", "issue": issues or [well]}


def _faults(resource: Json, reading: _Reading) -> Iterator[tuple[str, str, str]]:
    """(issue type, element, text) of what is wrong."""
    needs, may = reading.needs.split(), reading.may.split()
    for name in needs:
        if name not in resource:
            yield "required", name, "minimum required = 1, but only found 0"
    for name in sorted({key.removeprefix("_") for key in resource} - {*_ALWAYS, *needs, *may}):
        yield "structure", name, "this element is not allowed by the profile"
    for name, codes in reading.codes.items():
        if name in resource and resource[name] not in codes.split():
            yield "code-invalid", name, "the code is not in the required value set"
    for name in _DATES:
        if name in resource and not (isinstance(resource[name], str) and _DATE.fullmatch(resource[name])):
            yield "value", name, "not a valid date"
