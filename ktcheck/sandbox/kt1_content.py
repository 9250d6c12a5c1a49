"""The facts as KT1 resources: FHIR DSTU1 in JSON form, with Koppeltaal's extensions (kt1-source.md section 5)."""

from __future__ import annotations

from typing import Any

from ktcheck.sandbox.facts import (
    Activity,
    Application,
    Definition,
    Dossier,
    Organization,
    Participant,
    Plan,
    Practitioner,
    Relative,
    Team,
)
from ktcheck.sandbox.people import Person
from ktcheck.sandbox.vocabulary import AGB, KT1_BSN, KT1_GENDER, KT1_SERVER, NS

Json = dict[str, Any]

DEVICE_NUMBERS = {"RUSTAPP": 64, "KLACHTAPP": 65}
_FIRST_SUMMER_MONTH, _LAST_SUMMER_MONTH = 4, 9


def patient(dossier: Dossier, epd: Application, *, older: bool = False) -> Json:
    """The patient as the EPD sent him; ``older``: before he moved house."""
    who = dossier.person
    content: Json = {"resourceType": "Patient"}
    if dossier.pattern == 0:
        content["extension"] = [{"url": f"{NS}Patient#Age", "valueInteger": 41}]
    content["identifier"] = []
    if who.bsn:
        system = KT1_BSN[dossier.bsn_spelling]
        content["identifier"].append(identifier("official", system, who.bsn, label="BSN"))
    content["identifier"].append(identifier("secondary", f"{site(epd)}/patientnummer", str(dossier.number)))
    summer = _FIRST_SUMMER_MONTH <= who.birth.month <= _LAST_SUMMER_MONTH
    content |= {
        "name": [name(who)],
        "telecom": [
            {"system": "email", "value": who.email, "use": "home"},
            {"system": "phone", "value": who.phone, "use": "mobile"},
        ],
        "gender": gender(who),
        "birthDate": f"{who.birth}T00:00:00{'+02:00' if summer else '+01:00'}",
        "address": [
            {
                "use": "home",
                "line": ["Oudepad 1" if older else who.street],
                "city": who.city,
                "zip": who.postcode,
                "country": "NL",
            }
        ],
    }
    if dossier.organization:
        content["managingOrganization"] = {"reference": dossier.organization}
    if dossier.index % 2 == 0:
        content["active"] = True
    return content


def thin_patient(dossier: Dossier) -> Json:
    """What some adapters send as companion: a name and nothing else, written another way."""
    who = dossier.person
    return {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": [who.surname], "given": list(who.given)}],
    }


def practitioner(facts: Practitioner, sender: Application) -> Json:
    """The practitioner as the portal or the EPD knows him: each adds its own number."""
    return {
        "resourceType": "Practitioner",
        "identifier": [
            identifier("official", "agb-z" if facts.number % 3 == 0 else AGB, f"{facts.number:08d}"),
            identifier("secondary", f"{site(sender)}/medewerker", f"m{facts.number}"),
        ],
        "name": name(facts.person),
        "telecom": [{"system": "email", "value": facts.person.email, "use": "work"}],
    }


def related_person(facts: Relative, dossier: Dossier, epd: Application) -> Json:
    """The related person of a dossier; KT1 has no birth date and no active for one."""
    return {
        "resourceType": "RelatedPerson",
        "identifier": [identifier("secondary", f"{site(epd)}/contactpersoon", str(facts.number))],
        "patient": {"reference": dossier.link},
        "relationship": {"coding": [{"system": "http://hl7.org/fhir/v3/RoleCode", "code": facts.relation}]},
        "name": name(facts.person),
        "telecom": [{"system": "phone", "value": facts.person.phone, "use": "home"}],
        "gender": gender(facts.person),
    }


def organization(facts: Organization) -> Json:
    """An organization, as companion of another resource."""
    content: Json = {"resourceType": "Organization"}
    if facts.agb:
        content["identifier"] = [identifier("official", AGB, facts.agb)]
    content["name"] = facts.name
    content["type"] = {"coding": [{"system": "http://hl7.org/fhir/organization-type", "code": "dept"}]}
    if facts.part_of:
        content["partOf"] = {"reference": facts.part_of}
    content["active"] = True
    return content


def care_team(facts: Team, dossier: Dossier, portal: Application) -> Json:
    """A care team: a name, a period, perhaps a patient, never members."""
    team_number = identifier("secondary", f"{site(portal)}/teams", f"t-{facts.number}")
    extension: list[Json] = [
        {"url": f"{NS}CareTeam#CareTeamIdentifier", "valueIdentifier": team_number},
        {"url": f"{NS}CareTeam#Status", "valueCoding": coding("CareTeamStatus", "active")},
        {"url": f"{NS}CareTeam#Name", "valueString": facts.name},
    ]
    if facts.names_subject:
        extension.append({"url": f"{NS}CareTeam#Subject", "valueResource": {"reference": dossier.link}})
    extension.append({"url": f"{NS}CareTeam#Period", "valuePeriod": {"start": facts.since}})
    if facts.organization:
        organization_link = {"reference": facts.organization}
        extension.append({"url": f"{NS}CareTeam#ManagingOrganization", "valueResource": organization_link})
    return other("CareTeam", extension)


def care_plan(plan: Plan, dossier: Dossier, *, older: bool = False) -> Json:
    """A care plan with its activities in full; ``older``: with those that have left it since."""
    team = dossier.team.link if dossier.team else None
    return {
        "resourceType": "CarePlan",
        "patient": {"reference": dossier.link},
        "status": "active",
        "participant": [_plan_participant(participant, team) for participant in plan.participants],
        "activity": [_activity(item, team) for item in plan.activities if older or not item.removed],
    }


def _plan_participant(participant: Participant, team: str | None) -> Json:
    content: Json = {}
    if team:
        url = f"{NS}CarePlan#ParticipantCareTeam"
        content["extension"] = [{"url": url, "valueResource": {"reference": team}}]
    content["role"] = {"coding": [coding("CarePlanParticipantRole", participant.role)]}
    content["member"] = {"reference": participant.member}
    return content


def _activity(facts: Activity, team: str | None) -> Json:
    plan = f"{NS}CarePlan#"
    extension: list[Json] = []
    if facts.identifier:
        extension.append({"url": f"{plan}ActivityIdentifier", "valueString": facts.identifier})
    extension += [
        {"url": f"{plan}ActivityDefinition", "valueString": facts.definition.identifier},
        {"url": f"{plan}ActivityKind", "valueCoding": coding("ActivityKind", facts.definition.kind)},
    ]
    if facts.description:
        extension.append({"url": f"{plan}ActivityDescription", "valueString": facts.description})
    extension += [_sub_activity("CarePlan", sub.identifier, sub.planned) for sub in facts.subs]
    extension += [_activity_participant(participant, team) for participant in facts.participants]
    extension += [
        {"url": f"{plan}StartDate", "valueDateTime": facts.start},
        {"url": f"{plan}EndDate", "valueDateTime": facts.end},
        {"url": f"{plan}ActivityStatus", "valueCoding": coding("CarePlanActivityStatus", facts.planned)},
    ]
    moments = {"Started": facts.started, "Finished": facts.finished, "Cancelled": facts.cancelled}
    extension += [{"url": plan + event, "valueInstant": time} for event, time in moments.items() if time]
    content: Json = {"id": facts.id, "extension": extension, "prohibited": False}
    if facts.performer:
        content["simple"] = {"category": "procedure", "performer": [{"reference": facts.performer}]}
    return content


def _sub_activity(kind: str, name: str, status: str) -> Json:
    return {
        "url": f"{NS}{kind}#SubActivity",
        "extension": [
            {"url": f"{NS}{kind}#SubActivityIdentifier", "valueString": name},
            {
                "url": f"{NS}{kind}#SubActivityStatus",
                "valueCoding": coding("CarePlanActivityStatus", status),
            },
        ],
    }


def _activity_participant(participant: Participant, team: str | None) -> Json:
    role = {"coding": [coding("CarePlanParticipantRole", participant.role)]}
    extension: list[Json] = [
        {"url": f"{NS}CarePlan#ParticipantMember", "valueResource": {"reference": participant.member}},
        {"url": f"{NS}CarePlan#ParticipantRole", "valueCodeableConcept": role},
    ]
    if team:
        url = f"{NS}CarePlan#ParticipantCareTeam"
        extension.append({"url": url, "valueResource": {"reference": team}})
    return {"url": f"{NS}CarePlan#Participant", "extension": extension}


def activity_status(activity: Activity, *, older: bool = False) -> Json:
    """What a module reports about an activity; ``older``: its first report, before the newest."""
    status = activity.planned if older else activity.current
    extension: list[Json] = [
        {"url": f"{NS}CarePlanActivityStatus#Activity", "valueString": activity.key},
        {
            "url": f"{NS}CarePlanActivityStatus#ActivityStatus",
            "valueCoding": coding("CarePlanActivityStatus", status),
        },
        {
            "url": f"{NS}CarePlanActivityStatus#PercentageCompleted",
            "valueInteger": 10 if older else 100 if status == "Completed" else 35,
        },
    ]
    for sub in activity.subs:
        now = sub.planned if older else sub.current
        extension.append(_sub_activity("CarePlanActivityStatus", sub.identifier, now))
    return other("CarePlanActivityStatus", extension)


def activity_definition(facts: Definition, *, older: bool = False) -> Json:
    """A definition as the server hands it out; ``older``: under the name it had before."""
    definition = f"{NS}ActivityDefinition#"
    device = f"{KT1_SERVER}/Device/{DEVICE_NUMBERS[facts.application]}"
    extension: list[Json] = [
        {
            "url": f"{definition}Application",
            "valueResource": {"reference": device, "display": facts.application},
        },
        {"url": f"{definition}ActivityName", "valueString": f"{facts.name} (proef)" if older else facts.name},
        {"url": f"{definition}ActivityDefinitionIdentifier", "valueString": facts.identifier},
        {"url": f"{definition}ActivityKind", "valueCoding": coding("ActivityKind", facts.kind)},
        {"url": f"{definition}DefaultPerformer", "valueCoding": coding("ActivityPerformer", "Patient")},
        {"url": f"{definition}IsActive", "valueBoolean": True},
        {"url": f"{definition}LaunchType", "valueCode": "Web"},
        {"url": f"{definition}IsArchived", "valueBoolean": facts.archived},
    ]
    if facts.description:
        extension.append({"url": f"{definition}ActivityDescription", "valueString": facts.description})
    for identifier_text, title in facts.subs:
        parts = {"SubActivityName": title, "SubActivityIdentifier": identifier_text}
        nested = [{"url": definition + part, "valueString": text} for part, text in parts.items()]
        extension.append({"url": f"{definition}SubActivity", "extension": nested})
    return other("ActivityDefinition", extension)


def user_message(dossier: Dossier, activity: Activity) -> Json:
    """A question of the patient about an activity, to the practitioner who asked for it."""
    kind = {"coding": [coding("UserMessageKind", "Question")]}
    return other(
        "UserMessage",
        [
            {"url": f"{NS}UserMessage#Context", "valueUri": activity.key},
            {"url": f"{NS}UserMessage#From", "valueResource": {"reference": dossier.link}},
            {
                "url": f"{NS}UserMessage#To",
                "valueResource": {"reference": dossier.plans[0].participants[0].member},
            },
            {"url": f"{NS}UserMessage#MessageKind", "valueCodeableConcept": kind},
            {"url": f"{NS}UserMessage#SubjectString", "valueString": "Vraag over een les"},
            {"url": f"{NS}UserMessage#Content", "valueString": "<p>Mag ik deze les overslaan?</p>"},
        ],
    )


def other(kind: str, extension: list[Json]) -> Json:
    """A resource that DSTU1 does not have: its kind is in the code, its content in extensions."""
    return {
        "resourceType": "Other",
        "extension": extension,
        "code": {"coding": [coding("OtherResourceUsage", kind)]},
    }


def coding(system: str, code: str) -> Json:
    """A code of one of Koppeltaal's own systems."""
    return {"system": NS + system, "code": code, "display": code}


def identifier(use: str, system: str, value: str, *, label: str | None = None) -> Json:
    """A business identifier."""
    text = {"label": label} if label else {}
    return {"use": use, **text, "system": system, "value": value}


def name(who: Person) -> Json:
    """A name with its prefix split into words, as most adapters wrote it."""
    parts: Json = {"use": "official", "family": [who.family], "given": list(who.given)}
    if who.prefix:
        parts["prefix"] = who.prefix.split()
    return parts


def gender(who: Person) -> Json:
    """The gender as a DSTU1 concept."""
    code = KT1_GENDER[who.gender]
    return {"coding": [{"system": "http://hl7.org/fhir/v3/AdministrativeGender", "code": code}]}


def site(application: Application) -> str:
    """Scheme and host of an application: the root of the identifier systems of its own."""
    return "/".join(application.base.split("/")[:3])
