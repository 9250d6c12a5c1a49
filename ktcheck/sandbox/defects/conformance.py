"""Defects that make a resource not meet the profile of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ktcheck.sandbox.defects.defect import Defect, first
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import PROFILE, SNOMED

Json = dict[str, Any]
Change = Callable[[Json], None]

_DICOM = "http://nema.org/dicom/dicm"


def _change(kind: str, change: Change, where: Callable[[Json], bool] = bool) -> Callable[[Materialised], None]:
    """A change of the first resource of a type for which ``where`` holds."""

    def apply(domain: Materialised) -> None:
        change(first(domain, kind, where))

    return apply


def _set(**values: Any) -> Change:
    """A change of members of a resource."""

    def change(resource: Json) -> None:
        resource.update(values)

    return change


def _without(member: str) -> Change:
    """A change that takes a member away."""

    def change(resource: Json) -> None:
        del resource[member]

    return change


def _claim(*profiles: str) -> Change:
    """A change of the profiles that a resource claims."""

    def change(resource: Json) -> None:
        resource["meta"]["profile"] = list(profiles)

    return change


def _claim_nothing(resource: Json) -> None:
    del resource["meta"]["profile"]


def _no_qualifier(practitioner: Json) -> None:
    """Given names without telling initials from names."""
    del practitioner["name"][0]["_given"]


def _country_code(patient: Json, code: str = "NL") -> None:
    """The code of a country beside its name, as nl-core has it."""
    coding = {"system": "urn:iso:std:iso:3166", "code": code}
    url = "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification"
    patient["address"][0]["_country"] = {"extension": [{"url": url, "valueCodeableConcept": {"coding": [coding]}}]}


def _tag(system: str, code: str) -> Change:
    """A change that labels a resource with a code that no profile says anything about."""

    def change(resource: Json) -> None:
        resource["meta"]["tag"] = [{"system": system, "code": code}]

    return change


def _with(member: str) -> Callable[[Json], bool]:
    """Whether a resource has a member."""
    return lambda resource: member in resource


def _defect(name: str, rule: str, title_nl: str, title_en: str, apply: Callable[[Materialised], None]) -> Defect:
    return Defect(name=name, caught_by=f"conformance.{rule}", title_nl=title_nl, title_en=title_en, apply=apply)


DEFECTS = (
    _defect(
        "patient-deceased",
        "patient",
        "Van een patiënt staat er dat hij is overleden, wat het profiel verbiedt",
        "It says of a patient that he died, which the profile prohibits",
        _change("Patient", _set(deceasedBoolean=False)),
    ),
    _defect(
        "patient-element-unknown",
        "patient",
        "Een patiënt heeft een element dat FHIR R4 niet kent",
        "A patient has an element that FHIR R4 does not know",
        _change("Patient", _set(careProvider=[{"display": "Huisarts"}])),
    ),
    _defect(
        "given-unqualified",
        "practitioner",
        "Van de voornamen van een behandelaar is niet gezegd of het namen of initialen zijn",
        "It is not told of a practitioner's given names whether they are names or initials",
        _change("Practitioner", _no_qualifier),
    ),
    _defect(
        "photo-kept",
        "related-person",
        "Een naaste heeft nog de foto uit KT1",
        "A related person still has the photo of KT1",
        _change("RelatedPerson", _set(photo=[{"title": "Pasfoto"}])),
    ),
    _defect(
        "organization-telecom-kept",
        "organization",
        "Een organisatie heeft nog het telefoonnummer uit KT1",
        "An organization still has the telephone number of KT1",
        _change("Organization", _set(telecom=[{"system": "phone", "value": "0300000000"}])),
    ),
    _defect(
        "team-note-kept",
        "care-team",
        "Een zorgteam heeft nog een notitie",
        "A care team still has a note",
        _change("CareTeam", _set(note=[{"text": "Overleg op maandag"}])),
    ),
    _defect(
        "task-restriction",
        "task",
        "De geplande data van een taak staan waar het memo ze zet en het profiel ze verbiedt",
        "The planned dates of a task are where the memo puts them and the profile prohibits them",
        _change("Task", _set(restriction={"period": {"start": "2021-01-04T00:00:00+01:00"}})),
    ),
    _defect(
        "task-authored-form",
        "task",
        "De datum van een taak is niet geschreven zoals FHIR voorschrijft",
        "The date of a task is not written as FHIR prescribes",
        _change("Task", _set(authoredOn="04-01-2021")),
    ),
    _defect(
        "definition-kind-kept",
        "activity-definition",
        "Een activiteitdefinitie heeft nog kind, dat het profiel verbiedt",
        "An activity definition still has kind, which the profile prohibits",
        _change("ActivityDefinition", _set(kind="Task")),
    ),
    _defect(
        "endpoint-address-missing",
        "endpoint",
        "Een endpoint heeft geen adres",
        "An endpoint has no address",
        _change("Endpoint", _without("address")),
    ),
    _defect(
        "device-name-missing",
        "device",
        "Een Device heeft geen naam voor gebruikers",
        "A Device has no user-friendly name",
        _change("Device", _without("deviceName")),
    ),
    _defect(
        "subscription-by-email",
        "subscription",
        "Een abonnement meldt zich per e-mail",
        "A subscription notifies by e-mail",
        _change("Subscription", lambda item: item["channel"].update(type="email")),
    ),
    _defect(
        "log-without-outcome",
        "audit-event",
        "Een logregel heeft een uitkomst die R4 niet kent",
        "A log entry has an outcome that R4 does not know",
        _change("AuditEvent", _set(outcome="1")),
    ),
    _defect(
        "profile-not-claimed",
        "claimed",
        "Een taak noemt haar profiel niet",
        "A task does not claim its profile",
        _change("Task", _claim_nothing),
    ),
    _defect(
        "profile-of-other-type",
        "claimed",
        "Een patiënt noemt het profiel van een behandelaar",
        "A patient claims the profile of a practitioner",
        _change("Patient", _claim(f"{PROFILE}Practitioner")),
    ),
    _defect(
        "profile-unknown",
        "claimed",
        "Een organisatie noemt een profiel dat niet bestaat",
        "An organization claims a profile that does not exist",
        _change("Organization", _claim("http://koppeltaal.nl/fhir/StructureDefinition/Organization")),
    ),
    _defect(
        "log-role-not-advised",
        "advised",
        "De rol van een entiteit in een logregel staat niet in de geadviseerde waardelijst",
        "The role of an entity in a log entry is not in the advised value set",
        _change("AuditEvent", lambda item: item["entity"][0].update(role={"system": _DICOM, "code": "110153"})),
    ),
    _defect(
        "country-code",
        "unchecked",
        "Een adres heeft een landcode uit een lijst die niet te controleren is",
        "An address has a country code of a list that cannot be checked",
        _change("Patient", _country_code, _with("address")),
    ),
    _defect(
        "snomed-not-listed",
        "unchecked",
        "Een zorgteam heeft een SNOMED-code die in geen waardelijst van de profielen staat",
        "A care team has a SNOMED code that is in no value set of the profiles",
        _change("CareTeam", _tag(SNOMED, "386053000")),
    ),
    _defect(
        "snomed-check-digit",
        "code-form",
        "Een zorgteam heeft een SNOMED-code waarvan het controlecijfer niet klopt",
        "A care team has a SNOMED code of which the check digit is wrong",
        _change("CareTeam", _tag(SNOMED, "386053001")),
    ),
    _defect(
        "country-name-as-code",
        "code-form",
        "Een adres heeft de naam van een land waar de code hoort",
        "An address has the name of a country where its code should be",
        _change("Patient", lambda item: _country_code(item, "Nederland"), _with("address")),
    ),
    _defect(
        "oid-malformed",
        "code-form",
        "Een Device noemt een systeem dat geen OID is, al staat dat ervoor",
        "A Device names a system that is no OID, though it says so",
        _change("Device", _tag("urn:oid:2.16.840.01", "x")),
    ),
)
