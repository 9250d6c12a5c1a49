"""Made resources and values to test rows with: one resource a profile, that has all that the rows let it have."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tests.conformance.rows import rows

Json = dict[str, Any]

KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/"
INSTANTIATES = "http://vzvz.nl/fhir/StructureDefinition/instantiates"
_DUTCH = "http://nictiz.nl/fhir/StructureDefinition/"
_R4 = "http://hl7.org/fhir/StructureDefinition/"
_CODES = "http://terminology.hl7.org/CodeSystem/"
_SNOMED = "http://snomed.info/sct"
_ZIB_ROLES = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472"


def coded(system: str, code: str, **more: str) -> Json:
    """A CodeableConcept with one code."""
    return {"coding": [{"system": system, "code": code, **more}]}


def to(place: str) -> Json:
    """A reference."""
    return {"reference": place}


def _extension(url: str, kind: str, value: Any) -> Json:
    return {"url": url, f"value{kind}": value}


ORIGIN = _extension(f"{KT2}resource-origin", "Reference", to("Device/d"))
_NAME: Json = {
    "use": "official",
    "extension": [_extension(f"{_R4}humanname-assembly-order", "Code", "NL1")],
    "family": "Distel",
    "given": ["Merel"],
    "_given": [{"extension": [_extension(f"{_R4}iso21090-EN-qualifier", "Code", "BR")]}],
}
_COUNTRY = coded("urn:iso:std:iso:3166", "NL")
_ADDRESS: Json = {
    "use": "home",
    "extension": [
        _extension(
            f"{_DUTCH}ext-AddressInformation.AddressType", "CodeableConcept", coded(_CODES + "v3-AddressUse", "HP")
        )
    ],
    "city": "Oefenstede",
    "country": "Nederland",
    "_country": {"extension": [_extension(f"{_DUTCH}ext-CodeSpecification", "CodeableConcept", _COUNTRY)]},
}
_PERSON: Json = {
    "extension": [ORIGIN],
    "identifier": [{"system": "https://epd.example/nummer", "value": "1"}],
    "active": True,
    "name": [_NAME],
}

# What the rows of a release prohibit is taken out of these.
_RESOURCES: Mapping[str, Json] = {
    "KT2ActivityDefinition": {
        "extension": [
            ORIGIN,
            _extension(f"{KT2}KT2EndpointExtension", "Reference", to("Endpoint/e")),
            _extension(f"{KT2}KT2PublisherId", "Id", "p"),
        ],
        "url": "https://module.example/ActivityDefinition/a",
        "title": "Ademoefening",
        "status": "active",
        "useContext": [
            {
                "code": {
                    "system": "http://vzvz.nl/fhir/CodeSystem/koppeltaal-usage-context-type",
                    "code": "koppeltaal-expansion",
                },
                "valueCodeableConcept": coded("http://vzvz.nl/fhir/CodeSystem/koppeltaal-expansion", "026-RolvdNaaste"),
            }
        ],
        "topic": [coded(_CODES + "definition-topic", "treatment")],
    },
    "KT2AuditEvent": {
        "extension": [
            ORIGIN,
            *(_extension(f"{KT2}{name}-id", "Id", "i") for name in ("trace", "correlation", "request")),
        ],
        "type": {"system": _CODES + "audit-event-type", "code": "rest"},
        "recorded": "2026-01-01T00:00:00Z",
        "agent": [
            {
                "type": coded("http://dicom.nema.org/resources/ontology/DCM", "110153"),
                "who": to("Device/d"),
                "requestor": True,
            }
        ],
        "source": {"observer": to("Device/d")},
        "entity": [{"what": to("Patient/p")}],
    },
    "KT2CareTeam": {
        "extension": [ORIGIN],
        "identifier": [{"system": "https://portaal.example/teams", "value": "1"}],
        "status": "active",
        "subject": to("Patient/p"),
        "participant": [
            {"role": [coded(_SNOMED, "407542009")], "member": to("RelatedPerson/r")},
            {"role": [coded(_SNOMED, "768832004")], "member": to("Practitioner/p")},
        ],
        "managingOrganization": [to("Organization/o")],
    },
    "KT2Device": {
        "extension": [ORIGIN],
        "identifier": [{"system": "http://vzvz.nl/fhir/NamingSystem/koppeltaal-client-id", "value": "c"}],
        "status": "active",
        "deviceName": [{"name": "Portaal", "type": "user-friendly-name"}],
        "owner": to("Organization/o"),
    },
    "KT2Endpoint": {
        "extension": [ORIGIN],
        "status": "active",
        "connectionType": {
            "system": "http://vzvz.nl/fhir/CodeSystem/koppeltaal-endpoint-connection-type",
            "code": "hti-smart-on-fhir",
        },
        "managingOrganization": to("Organization/o"),
        "payloadType": [coded(_CODES + "endpoint-payload-type", "any")],
        "address": "https://module.example/launch",
    },
    "KT2Organization": {
        "extension": [ORIGIN],
        "identifier": [{"system": "https://epd.example/afdeling", "value": "1"}],
        "active": True,
        "name": "Noord",
        "partOf": to("Organization/o"),
    },
    "KT2Patient": {
        **_PERSON,
        "gender": "female",
        "birthDate": "1990-01-01",
        "address": [_ADDRESS],
        "managingOrganization": to("Organization/o"),
    },
    "KT2Practitioner": {
        **_PERSON,
        "telecom": [
            {"system": "email", "value": "merel@practitioner.example"},
            {
                "system": "phone",
                "value": "0600000000",
                "extension": [_extension(f"{_DUTCH}ext-Comment", "String", "overdag")],
            },
        ],
    },
    "KT2RelatedPerson": {
        **_PERSON,
        "patient": to("Patient/p"),
        "relationship": [
            coded(_ZIB_ROLES, "24", display="Wettelijke vertegenwoordiger"),
            coded(_CODES + "v3-RoleCode", "SIS"),
        ],
        "gender": "female",
        "birthDate": "1990-01-01",
    },
    "KT2Subscription": {
        "extension": [ORIGIN],
        "status": "active",
        "reason": "Taken volgen",
        "criteria": "Task?status=ready",
        "channel": {"type": "rest-hook", "endpoint": "https://portaal.example/meldingen"},
    },
    "KT2Task": {
        "extension": [ORIGIN, _extension(INSTANTIATES, "Reference", to("ActivityDefinition/a"))],
        "identifier": [{"system": "https://portaal.example/taken", "value": "1"}],
        "instantiatesCanonical": "https://module.example/ActivityDefinition/a",
        "partOf": [to("Task/t")],
        "status": "ready",
        "intent": "order",
        "priority": "routine",
        "code": coded("http://vzvz.nl/fhir/CodeSystem/koppeltaal-task-code", "view"),
        "for": to("Patient/p"),
        "requester": to("Practitioner/p"),
        "owner": to("Patient/p"),
    },
}
_EXTENSIONS: Mapping[str, Json] = {
    item["url"].rpartition("/")[2]: item for resource in _RESOURCES.values() for item in resource["extension"]
}

# The extensions whose url ends in something else than the name of their slice.
EXTENSIONS: Mapping[str, str] = {
    "addressType": "ext-AddressInformation.AddressType",
    "comment": "ext-Comment",
    "correlationId": "correlation-id",
    "countryCode": "ext-CodeSpecification",
    "endpoint": "KT2EndpointExtension",
    "nameUsage": "humanname-assembly-order",
    "publisherId": "KT2PublisherId",
    "requestId": "request-id",
    "traceId": "trace-id",
}

# Which item of a list in these resources is in another slice.
SLICES: Mapping[str, int] = {
    "emailAddresses": 0,
    "koppeltaal-expansion": 0,
    "kt2contactperson": 0,
    "kt2healthcareProfessional": 1,
    "nameInformation": 0,
    "role": 0,
    "healthProfessionalRole": 0,
    "telephoneNumbers": 1,
}

# An item of a slice that is prohibited.
PROHIBITED: Mapping[str, Json] = {
    "emailAddresses": {"system": "email", "value": "noord@organization.example"},
    "healthcareProfessional": {"member": to("PractitionerRole/r")},
    "nationality": {
        "url": f"{_R4}patient-nationality",
        "extension": [_extension("code", "CodeableConcept", coded("urn:oid:2.16.840.1.113883.2.4.4.16.32", "0001"))],
    },
    "patient": {"member": to("Patient/p")},
    "telephoneNumbers": {"system": "phone", "value": "0600000000"},
}

# A value of each type; by element where the type says too little.
_QUANTITY: Json = {"value": 1, "unit": "dag", "system": "http://unitsofmeasure.org", "code": "d"}
_VALUES: Mapping[str, Any] = {
    "Address": {"city": "Oefenstede"},
    "Age": _QUANTITY,
    "Annotation": {"text": "tekst"},
    "Attachment": {"title": "tekst"},
    "CodeableConcept": {"text": "tekst"},
    "Coding": {"system": "https://example.org/codes", "code": "x"},
    "ContactDetail": {"name": "tekst"},
    "ContactPoint": {"system": "phone", "value": "0600000000"},
    "Dosage": {"text": "tekst"},
    "Duration": _QUANTITY,
    "Extension": {"url": "https://example.org/extension", "valueString": "tekst"},
    "Identifier": {"value": "1"},
    "ParameterDefinition": {"use": "in", "type": "string"},
    "Period": {"start": "2026-01-01"},
    "Quantity": _QUANTITY,
    "Range": {"low": {"value": 1}},
    "RelatedArtifact": {"type": "citation"},
    "Timing": {"event": ["2026-01-01"]},
    "UsageContext": {"code": {"code": "user"}, "valueCodeableConcept": {"text": "tekst"}},
    "boolean": True,
    "canonical": "https://example.org/canonical",
    "code": "x",
    "date": "2026-01-01",
    "dateTime": "2026-01-01",
    "decimal": 1.5,
    "id": "i",
    "integer": 2,
    "markdown": "tekst",
    "string": "tekst",
    "uri": "https://example.org/uri",
    "url": "https://example.org/url",
    "ActivityDefinition.dynamicValue": {
        "path": "description",
        "expression": {"language": "text/fhirpath", "expression": "1"},
    },
    "ActivityDefinition.intent": "order",
    "ActivityDefinition.kind": "Task",
    "ActivityDefinition.participant": {"type": "patient"},
    "ActivityDefinition.priority": "routine",
    "AuditEvent.entity.detail": {"type": "x", "valueString": "tekst"},
    "Device.property": {"type": {"text": "tekst"}},
    "Device.specialization": {"systemType": {"text": "tekst"}},
    "Device.udiCarrier": {"deviceIdentifier": "1"},
    "Device.version": {"value": "1"},
    "Endpoint.payloadMimeType": "application/fhir+json",
    "Organization.contact": {"purpose": {"text": "tekst"}},
    "Patient.communication": {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "nl"}]}},
    "Patient.contact": {"name": {"use": "official", "family": "Distel"}},
    "Patient.link": {"other": to("Patient/p"), "type": "seealso"},
    "Patient.maritalStatus": coded(_CODES + "v3-MaritalStatus", "M"),
    "Practitioner.communication": {"coding": [{"system": "urn:ietf:bcp:47", "code": "nl"}]},
    "Practitioner.qualification": {"code": {"text": "tekst"}},
    "Subscription.channel.payload": "application/fhir+json",
    "Task.input": {"type": {"text": "tekst"}, "valueString": "tekst"},
    "Task.output": {"type": {"text": "tekst"}, "valueString": "tekst"},
    "Task.restriction": {"repetitions": 1},
}


def resource(version: str, profile: str) -> Json:
    """The resource, or extension, of a profile in a release."""
    if profile in _EXTENSIONS:
        return copy.deepcopy(_EXTENSIONS[profile])
    made = {"resourceType": profile.removeprefix("KT2"), **copy.deepcopy(_RESOURCES[profile])}
    gone = {row.path for row in rows(version) if row.profile == profile and row.most == "0" and not row.slice_name}
    return {name: value for name, value in made.items() if name not in gone}


def value(element: str, kind: str, targets: frozenset[str]) -> Any:
    """A valid value for an element of a type, in R4."""
    if kind == "Reference":
        return to(f"{min(targets - {'Resource'}, default='Patient')}/x")
    return copy.deepcopy(_VALUES.get(element, _VALUES.get(kind)))
