"""The namespaces, code systems and code tables that the practice domain speaks.

KT1: ``kt1-source.md`` section 7. KT2: profiles 0.16.3. Tables from one to the other: the migration mapping.
"""

from __future__ import annotations

NS = "http://ggz.koppeltaal.nl/fhir/Koppeltaal/"
KT1_SERVER = "https://koppeltaal.example/FHIR/Koppeltaal"
KT1_BSN = {
    "url": "http://fhir.nl/fhir/NamingSystem/bsn",
    "plural": "http://fhir.nl/fhir/NamingSystems/bsn",
    "word": "bsn",
}
KT1_GENDER = {"female": "F", "male": "M", "other": "UN", "unknown": "UNK"}
NATIVE_DEFINITION = f"{NS}Profile/ActivityDefinition#ActivityDefinitionIdentifier"

MIGRATION = "http://koppeltaal.nl/migration/identifier/"
PROFILE = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"
RESOURCE_ORIGIN = "http://koppeltaal.nl/fhir/StructureDefinition/resource-origin"
ENDPOINT_EXTENSION = "http://koppeltaal.nl/fhir/StructureDefinition/KT2EndpointExtension"
INSTANTIATES = "http://vzvz.nl/fhir/StructureDefinition/instantiates"
CLIENT_ID = "http://vzvz.nl/fhir/NamingSystem/koppeltaal-client-id"
BSN = "http://fhir.nl/fhir/NamingSystem/bsn"
BSN_OID = "urn:oid:2.16.840.1.113883.2.4.6.3"
AGB = "http://fhir.nl/fhir/NamingSystem/agb-z"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
FHIR_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"

TASK_STATUS = {
    "Waiting": "draft",
    "Available": "ready",
    "InProgress": "in-progress",
    "Completed": "completed",
    "Cancelled": "cancelled",
    "Expired": "cancelled",
    "SkippedByUser": "rejected",
}
_ASSIGNED = {"system": SNOMED, "code": "405623001", "display": "Assigned practitioner"}
TEAM_ROLE = {
    "Caregiver": _ASSIGNED,
    "Supervisor": _ASSIGNED,
    "Secretary": {"system": SNOMED, "code": "224608005", "display": "Administrative healthcare staff"},
    "Thirdparty": {"system": SNOMED, "code": "125677006", "display": "Relative"},
}
TEAM_STATUS = {
    None: "active",
    "Active": "active",
    "active": "active",
    "proposed": "proposed",
    "suspended": "suspended",
    "inactive": "inactive",
}
TOPIC = {"ELearning": "treatment", "Game": "treatment", "Questionnaire": "assessment"}
PERFORMER = {"Patient": "patient", "Practitioner": "practitioner", "RelatedPerson": "related-person"}
_OTHER = {"system": f"{TERMINOLOGY}v3-NullFlavor", "code": "OTH"}
RELATION_OUTSIDE_LIST = {
    "DAU": {"system": f"{TERMINOLOGY}v3-RoleCode", "code": "DAUC"},
    "FRND": _OTHER,
    "WORK": _OTHER,
}
