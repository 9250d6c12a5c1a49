"""Plans, activities, definitions, teams and messages as KT1 resources: FHIR DSTU1 in JSON form.

Koppeltaal's own elements are extensions. Source: kt1-source.md sections 5.0 and 5.6 to 5.11.
"""

from __future__ import annotations

from typing import Any

from ktcheck.sandbox.facts import Activity, Application, Definition, Dossier, Goal, Participant, Plan, Team
from ktcheck.sandbox.kt1_people import identifier
from ktcheck.sandbox.vocabulary import KT1_SERVER, NATIVE_DEFINITION, NS

Json = dict[str, Any]

_SELDOM_USED: Json = {"status": "completed", "simple": {"category": "procedure", "details": "Op papier ingevuld"}}
DEVICE_NUMBERS = {"RUSTAPP": 64, "KLACHTAPP": 65}


def care_team(facts: Team, dossier: Dossier, portal: Application) -> Json:
    """A care team: a name, a period, perhaps a patient, never members."""
    number = f"t-{facts.number}"
    own: Json = {"valueIdentifier": identifier("secondary", f"{portal.site}/teams", number)}
    extension: list[Json] = [
        {"url": f"{NS}CareTeam#CareTeamIdentifier", **({"valueString": number} if facts.bare else own)},
        {"url": f"{NS}CareTeam#Name", "valueString": facts.name},
    ]
    if facts.status:
        extension.append({"url": f"{NS}CareTeam#Status", "valueCoding": coding("CareTeamStatus", facts.status)})
    if facts.names_subject:
        extension.append({"url": f"{NS}CareTeam#Subject", "valueResource": {"reference": dossier.link}})
    period = {"start": facts.since, **({"end": facts.until} if facts.until else {})}
    extension.append({"url": f"{NS}CareTeam#Period", "valuePeriod": period})
    for organization in facts.organizations:
        url = f"{NS}CareTeam#ManagingOrganization"
        extension.append({"url": url, "valueResource": {"reference": organization}})
    return other("CareTeam", extension)


def care_plan(plan: Plan, dossier: Dossier, *, older: bool = False) -> Json:
    """A care plan with its activities in full; ``older``: with those that have left it since."""
    team = dossier.team.link if dossier.team else None
    content: Json = {"resourceType": "CarePlan"}
    if plan.parent:
        relation = [
            {"url": f"{NS}CarePlan#RelationType", "valueCode": "Parent"},
            {"url": f"{NS}CarePlan#RelationReference", "valueResource": {"reference": plan.parent}},
        ]
        content["extension"] = [{"url": f"{NS}CarePlan#Relation", "extension": relation}]
    if plan.native:
        number = identifier("secondary", "https://portaal.example/plannen", str(dossier.number))
        content |= {"identifier": [number], "period": {"start": f"{plan.sent:%Y-%m-%d}"}}
        content["modified"] = f"{plan.sent:%Y-%m-%dT%H:%M:%S}+00:00"
    if plan.names_patient:
        content["patient"] = {"reference": dossier.link}
    # Samples have the team of a participant under another name too (kt1-source.md 8, rule 4).
    name = "CareTeam" if dossier.pattern == 4 else "ParticipantCareTeam"
    content["status"] = plan.status
    content["participant"] = [_plan_participant(item, name, team) for item in plan.participants]
    if plan.goals:
        content["goal"] = [_goal(goal) for goal in plan.goals]
    content["activity"] = [
        _activity(item, team) | (_SELDOM_USED if plan.native else {})
        for item in plan.activities
        if older or not item.removed
    ]
    if plan.notes:
        content["notes"] = plan.notes
    return content


def _plan_participant(participant: Participant, name: str, team: str | None) -> Json:
    content: Json = {}
    if team:
        content["extension"] = [{"url": f"{NS}CarePlan#{name}", "valueResource": {"reference": team}}]
    if participant.role:
        content["role"] = {"coding": [coding("CarePlanParticipantRole", participant.role)]}
    content["member"] = {"reference": participant.member}
    return content


def _goal(facts: Goal) -> Json:
    return {"id": facts.id, "description": facts.description, "status": facts.status, "notes": facts.notes}


def _activity(facts: Activity, team: str | None) -> Json:
    plan = f"{NS}CarePlan#"
    extension: list[Json] = []
    if facts.identifier:
        extension.append({"url": f"{plan}ActivityIdentifier", "valueString": facts.identifier})
    if facts.goal:
        extension.append({"url": f"{plan}ActivityID", "valueString": facts.id})
    extension.append({"url": f"{plan}ActivityDefinition", "valueString": facts.definition.identifier})
    if facts.identifier:
        extension.append({"url": f"{plan}ActivityKind", "valueCoding": coding("ActivityKind", facts.definition.kind)})
    if facts.description:
        extension.append({"url": f"{plan}ActivityDescription", "valueString": facts.description})
    extension += [_sub_activity("CarePlan", sub.identifier, sub.planned) for sub in facts.subs]
    extension += [_activity_participant(participant, team) for participant in facts.participants]
    dates = {"StartDate": facts.start, "EndDate": facts.end}
    extension += [{"url": plan + name, "valueDateTime": time} for name, time in dates.items() if time]
    status = coding("CarePlanActivityStatus", facts.planned)
    extension.append({"url": f"{plan}ActivityStatus", "valueCoding": status})
    moments = {"Started": facts.started, "Finished": facts.finished, "Cancelled": facts.cancelled}
    extension += [{"url": plan + event, "valueInstant": time} for event, time in moments.items() if time]
    content: Json = {"id": facts.id, "extension": extension}
    if facts.goal:
        content["goal"] = [facts.goal]
    content["prohibited"] = facts.prohibited
    if facts.notes:
        content["notes"] = facts.notes
    if facts.performers:
        performers = [{"reference": link} for link in facts.performers]
        content["simple"] = {"category": "procedure", "performer": performers}
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
    url = f"{NS}CarePlan#ParticipantMember"
    extension: list[Json] = [{"url": url, "valueResource": {"reference": participant.member}}]
    if participant.role:
        role = {"coding": [coding("CarePlanParticipantRole", participant.role)]}
        extension.append({"url": f"{NS}CarePlan#ParticipantRole", "valueCodeableConcept": role})
    if team:
        url = f"{NS}CarePlan#ParticipantCareTeam"
        extension.append({"url": url, "valueResource": {"reference": team}})
    return {"url": f"{NS}CarePlan#Participant", "extension": extension}


def activity_status(activity: Activity, *, older: bool = False) -> Json:
    """What a module reports about an activity; ``older``: its first report, before the newest."""
    status = activity.planned if older else activity.current
    done = 10 if older else 100 if status == "Completed" else 35
    extension: list[Json] = [
        {"url": f"{NS}CarePlanActivityStatus#Activity", "valueString": activity.key},
        {
            "url": f"{NS}CarePlanActivityStatus#ActivityStatus",
            "valueCoding": coding("CarePlanActivityStatus", status),
        },
        {
            "url": f"{NS}CarePlanActivityStatus#PercentageCompleted",
            **({"valueDecimal": float(done)} if status == "Completed" else {"valueInteger": done}),
        },
    ]
    for sub in activity.subs:
        now = sub.planned if older else sub.current
        extension.append(_sub_activity("CarePlanActivityStatus", sub.identifier, now))
    if status == "Completed":
        extension.append({"url": "https://rustwijzer.example/toestand", "valueString": "les=2"})
    return other("CarePlanActivityStatus", extension)


def device(application: Application) -> Json:
    """An application as the server knew it; what it needed to launch one, and what KT1 called its roles."""
    roles = {"coding": [coding("ApplicationRoles", "ELearning")]}
    return {
        "resourceType": "Device",
        "extension": [{"url": f"{NS}Application#ApplicationRoles", "valueCodeableConcept": roles}],
        "identifier": [{"system": f"{KT1_SERVER}/Application", "value": application.kt1_identifier}],
        "type": {"coding": [coding("DeviceKind", "Application")]},
        "url": f"{application.site}/kt1-launch",
    }


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
        {"url": f"{definition}IsArchived", "valueBoolean": facts.archived},
    ]
    if facts.performer:
        url = f"{definition}DefaultPerformer"
        extension.append({"url": url, "valueCoding": coding("ActivityPerformer", facts.performer)})
    if facts.launch:
        extension.append({"url": f"{definition}LaunchType", "valueCode": facts.launch})
    said = {"IsActive": facts.active, "IsDomainSpecific": facts.domain_specific}
    extension += [
        {"url": definition + name, "valueBoolean": value} for name, value in said.items() if value is not None
    ]
    if facts.description:
        extension.append({"url": f"{definition}ActivityDescription", "valueString": facts.description})
    for number, (text, title) in enumerate(facts.subs):
        nested: list[Json] = [
            {"url": f"{definition}SubActivityName", "valueString": title},
            {"url": f"{definition}SubActivityIdentifier", "valueString": text},
        ]
        if number == 0:
            nested.append({"url": f"{definition}SubActivityDescription", "valueString": "Een korte oefening."})
            nested.append({"url": f"{definition}SubActivityIsActive", "valueBoolean": True})
        extension.append({"url": f"{definition}SubActivity", "extension": nested})
    content = other("ActivityDefinition", extension)
    if facts.native:
        content["identifier"] = [{"system": NATIVE_DEFINITION, "value": facts.identifier}]
    return content


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
