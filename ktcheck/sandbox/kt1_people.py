"""People and organizations as KT1 resources: FHIR DSTU1 in JSON form (kt1-source.md sections 5.1 to 5.4 and 6)."""

from __future__ import annotations

from typing import Any

from ktcheck.sandbox.facts import (
    Address,
    Application,
    Contact,
    Dossier,
    Name,
    Number,
    Organization,
    Practitioner,
    Relative,
)
from ktcheck.sandbox.people import Person
from ktcheck.sandbox.vocabulary import AGB, KT1_BSN, KT1_GENDER, NS

Json = dict[str, Any]

_V3 = "http://hl7.org/fhir/v3/"
_FIRST_SUMMER_MONTH, _LAST_SUMMER_MONTH = 4, 9
_PHOTO: Json = {"contentType": "image/gif", "data": "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="}


def patient(dossier: Dossier, *, older: bool = False) -> Json:
    """The patient as the EPD sent him; ``older``: before he moved house."""
    who = dossier.person
    content: Json = {"resourceType": "Patient"}
    if dossier.pattern == 0:
        content["extension"] = [{"url": f"{NS}Patient#Age", "valueInteger": 41}]
    content["identifier"] = []
    if who.bsn:
        system = KT1_BSN[dossier.bsn_spelling]
        content["identifier"].append(identifier("official", system, who.bsn, label="BSN"))
    content["identifier"] += [_number(number) for number in dossier.numbers]
    content |= {"name": [name(item) for item in dossier.names], "telecom": [contact(item) for item in dossier.contacts]}
    if dossier.tells_gender:
        content["gender"] = gender(who)
    content["birthDate"] = f"{who.birth}" if dossier.pattern == 4 else _midnight(who)
    home, *others = dossier.addresses
    content["address"] = [address(home), *(address(item) for item in others)]
    if older:
        content["address"][0]["line"] = ["Oudepad 1"]
    content |= _base_elements(dossier)
    if dossier.organization:
        content["managingOrganization"] = {"reference": dossier.organization}
    if dossier.other_patient:
        content["link"] = [{"other": {"reference": dossier.other_patient}, "type": "refer"}]
    if dossier.index % 2 == 0 or not dossier.active:
        content["active"] = dossier.active
    return content


def _base_elements(dossier: Dossier) -> Json:
    """What DSTU1 has for a patient, KT1 described but hardly filled, and KT2 does not have at all."""
    if dossier.pattern == 0:
        return {"photo": [_PHOTO]}
    if dossier.pattern == 1 and dossier.organization:
        return {"careProvider": [{"reference": dossier.organization}]}
    if dossier.pattern == 2:
        neighbour = Name(use="official", given=("Puck",), family="Voorbeeldbuur")
        return {
            "deceasedBoolean": False,
            "maritalStatus": concept(f"{_V3}MaritalStatus", "M"),
            "contact": [
                {
                    "relationship": [concept("http://hl7.org/fhir/patient-contact-relationship", "friend")],
                    "name": name(neighbour),
                    "telecom": [{"system": "phone", "value": "0600099904"}],
                }
            ],
        }
    if dossier.pattern == 3:
        return {"multipleBirthBoolean": False, "communication": [concept("urn:ietf:bcp:47", "nl")]}
    return {}


def thin_patient(dossier: Dossier) -> Json:
    """What some adapters send as companion: a name and nothing else, written another way."""
    who = dossier.person
    return {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": [who.surname], "given": list(who.given)}],
    }


def practitioner(facts: Practitioner, sender: Application) -> Json:
    """The practitioner as the portal or the EPD knows him: each adds its own number."""
    who = facts.person
    content: Json = {
        "resourceType": "Practitioner",
        "identifier": [
            identifier("official", "agb-z" if facts.number % 3 == 0 else AGB, f"{facts.number:08d}"),
            identifier("secondary", f"{sender.site}/medewerker", f"m{facts.number}"),
        ],
        "name": name(Name(use="official", given=who.given, prefix=who.prefix, family=who.family)),
        "telecom": [{"system": "email", "value": who.email, "use": "work"}],
    }
    if facts.turn == 0:
        content["telecom"].append({"system": "phone", "value": who.phone, "use": "work"})
        content |= {
            "organization": {"reference": facts.organization, "display": "Zorgvoorbeeld Noord"},
            "role": [concept("http://hl7.org/fhir/practitioner-role", "doctor")],
            "specialty": [concept("http://hl7.org/fhir/practitioner-specialty", "cardio")],
            "period": {"start": "2018-01-01"},
        }
    elif facts.turn == 1:
        home = Address(use="home", line=who.street, city=who.city, postcode=who.postcode)
        content |= {
            "address": address(home),
            "photo": [_PHOTO],
            "qualification": [{"code": {"text": "GZ-psycholoog"}}],
            "communication": [concept("urn:ietf:bcp:47", "nl")],
        }
    else:
        content |= {"gender": gender(who), "birthDate": _midnight(who)}
    return content


def related_person(facts: Relative, dossier: Dossier, epd: Application) -> Json:
    """The related person of a dossier; KT1 has no birth date and no active for one."""
    other_list = facts.relation == "WORK"
    content: Json = {"resourceType": "RelatedPerson"}
    if dossier.pattern == 0:
        content["extension"] = [{"url": f"{NS}RelatedPerson#Age", "valueInteger": 44}]
    content |= {
        "identifier": [identifier("secondary", f"{epd.site}/contactpersoon", str(facts.number))],
        "patient": {"reference": dossier.link},
        "relationship": concept(f"{epd.site}/relaties" if other_list else f"{_V3}RoleCode", facts.relation),
        "name": name(facts.name),
    }
    if facts.contacts:
        content["telecom"] = [contact(item) for item in facts.contacts]
    if facts.tells_gender:
        content["gender"] = gender(facts.person)
    if facts.address:
        content["address"] = address(facts.address)
    if dossier.pattern == 4:
        content["gender"]["coding"][0]["system"] = "http://hl7.org/fhir/vs/administrative-gender"
        content["photo"] = [_PHOTO]
    return content


def organization(facts: Organization) -> Json:
    """An organization, as companion of another resource."""
    content: Json = {"resourceType": "Organization"}
    if facts.agb:
        content["identifier"] = [identifier("official", AGB, facts.agb)]
    code, text = facts.kind
    content["name"] = facts.name
    content["type"] = concept("http://hl7.org/fhir/organization-type", code) | {"text": text}
    content["telecom"] = [{"system": "phone", "value": "0600099905", "use": "work"}]
    content["address"] = [{"use": "work", "line": ["Voorbeeldweg 1"], "city": "Voorbeeldrecht", "zip": "1236 AB"}]
    if facts.part_of:
        content["partOf"] = {"reference": facts.part_of}
    else:
        content["contact"] = [{"purpose": concept("http://hl7.org/fhir/contactentity-type", "ADMIN")}]
    if facts.says_active:
        content["active"] = True
    return content


def identifier(use: str, system: str, value: str, *, label: str | None = None) -> Json:
    """A business identifier."""
    text = {"label": label} if label else {}
    return {"use": use, **text, "system": system, "value": value}


def _number(facts: Number) -> Json:
    content = identifier(facts.use, facts.system, facts.value)
    if facts.since:
        content["period"] = {"start": facts.since}
    if facts.assigner:
        content["assigner"] = {"reference": facts.assigner}
    return content


def name(facts: Name) -> Json:
    """A name: its particles split into words with its title, as most adapters did, or in the family name."""
    particles = facts.prefix.split()
    content: Json = {"use": facts.use} if facts.says_use else {}
    if facts.text:
        content["text"] = facts.text
    if facts.joined:
        content["family"] = [facts.surname]
    elif facts.family:
        content["family"] = [facts.family]
    if facts.given:
        content["given"] = list(facts.given)
    prefix = [*([facts.title] if facts.title else []), *([] if facts.joined else particles)]
    if prefix:
        content["prefix"] = prefix
    if facts.suffix:
        content["suffix"] = [facts.suffix]
    if facts.since:
        content["period"] = {"start": facts.since}
    return content


def contact(facts: Contact) -> Json:
    """A way to reach somebody."""
    content: Json = {"system": facts.system, "value": facts.value}
    if facts.use:
        content["use"] = facts.use
    if facts.until:
        content["period"] = {"end": facts.until}
    return content


def address(facts: Address) -> Json:
    """An address; one without a line has a use and a period only."""
    content: Json = {"use": facts.use}
    if facts.line:
        content |= {"line": [facts.line], "city": facts.city, "zip": facts.postcode, "country": "NL"}
    more = {"text": facts.text, "state": facts.state, "period": {"end": facts.until} if facts.until else None}
    return content | {key: value for key, value in more.items() if value}


def gender(who: Person) -> Json:
    """The gender as a DSTU1 concept."""
    system = f"{_V3}NullFlavor" if who.gender == "unknown" else f"{_V3}AdministrativeGender"
    return concept(system, KT1_GENDER[who.gender])


def concept(system: str, code: str) -> Json:
    """A CodeableConcept with one code."""
    return {"coding": [{"system": system, "code": code}]}


def _midnight(who: Person) -> str:
    """The date of birth as most adapters wrote it: midnight, in Dutch time."""
    summer = _FIRST_SUMMER_MONTH <= who.birth.month <= _LAST_SUMMER_MONTH
    return f"{who.birth}T00:00:00{'+02:00' if summer else '+01:00'}"
