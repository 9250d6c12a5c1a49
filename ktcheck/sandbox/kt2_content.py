"""The facts as KT2 resources: FHIR R4 under the profiles of release 0.16.3, migrated as the mapping says.

Where the mapping is open or in conflict with a profile, its proposal is followed (``migration-mapping.yaml``).
Sources per element: ``kt2-standard.md`` section 3 (profiles), 6 (identifiers, references) and 26 (migration).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ktcheck.sandbox.facts import (
    Activity,
    Address,
    Application,
    Contact,
    Definition,
    Dossier,
    Name,
    Organization,
    Plan,
    Practitioner,
    Relative,
    SubActivity,
    Team,
)
from ktcheck.sandbox.vocabulary import (
    AGB,
    BSN,
    CLIENT_ID,
    DCM,
    ENDPOINT_EXTENSION,
    FHIR_STRUCTURE,
    INSTANTIATES,
    MIGRATION,
    NATIVE_DEFINITION,
    PERFORMER,
    PROFILE,
    RELATION_OUTSIDE_LIST,
    RESOURCE_ORIGIN,
    TASK_STATUS,
    TEAM_ROLE,
    TEAM_STATUS,
    TERMINOLOGY,
    TOPIC,
)
from ktcheck.sandbox.world import World

Json = dict[str, Any]

_MIGRATED = datetime(2026, 9, 12, 6, 0, tzinfo=UTC)
_PRACTITIONERS = 10_000
# Type after type: what is common, and then of all patients one thing after the other. Room for 100,000 dossiers.
_ROUNDS = {"Patient": 1, "AuditEvent": 1, "RelatedPerson": 2, "CareTeam": 3, "Task": 4}
_ROUND_MILLISECONDS = 10_000_000
_DOSSIER_MILLISECONDS = 100
_CODE_SPECIFICATION = "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification"


class Migration:
    """Makes the KT2 resources of a practice domain."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reference(self, link: str) -> Json:
        """A literal reference to what a KT1 link stands for."""
        return reference(*self._world.target(link))

    def patient(self, dossier: Dossier) -> Json:
        """KT2_Patient: the identifiers of KT1 with the systems normalised, and the migration identifier."""
        world = self._world
        who = dossier.person
        identifiers = [migration("Patient", dossier.link)]
        if who.bsn:
            identifiers.append(identifier("official", BSN, who.bsn))
        identifiers += [identifier(number.use, number.system, number.value) for number in dossier.numbers]
        content = {
            **self._head("Patient", world.target(dossier.link)[1], world.epd, dossier.index),
            "identifier": identifiers,
            "active": dossier.active,
            "name": [human_name(name) for name in dossier.names],
            "telecom": [contact_point(contact) for contact in dossier.contacts],
            "gender": who.gender,
            "birthDate": f"{who.birth}",
            "address": [address(item) for item in dossier.addresses if item.line],
        }
        if dossier.organization:
            content["managingOrganization"] = self.reference(dossier.organization)
        return content

    def practitioner(self, facts: Practitioner) -> Json:
        """KT2_Practitioner: one resource for all links of a person, with the identifiers of all of them."""
        world = self._world
        identifiers = [migration("Practitioner", link) for link in facts.links]
        identifiers.append(identifier("official", AGB, f"{facts.number:08d}"))
        identifiers += [
            identifier("secondary", f"{application.site}/medewerker", f"m{facts.number}")
            for _, application in zip(facts.links, (world.portal, world.epd), strict=False)
        ]
        who = facts.person
        order = _PRACTITIONERS + facts.number
        content = {
            **self._head("Practitioner", world.target(facts.links[0])[1], world.portal, None, order),
            "identifier": identifiers,
            "active": True,
            "name": [human_name(Name(use="official", given=who.given, prefix=who.prefix, family=who.family))],
            "telecom": [{"system": "email", "value": who.email}],
        }
        if facts.turn == 0:
            content["telecom"].append({"system": "phone", "value": who.phone})
        elif facts.turn == 2:
            content |= {"gender": who.gender, "birthDate": f"{who.birth}"}
        return content

    def related_person(self, facts: Relative, dossier: Dossier) -> Json:
        """KT2_RelatedPerson: the birth date, which KT1 does not have, comes from the owner's own records."""
        world = self._world
        number = identifier("secondary", f"{world.epd.site}/contactpersoon", str(facts.number))
        relation = {"system": f"{TERMINOLOGY}v3-RoleCode", "code": facts.relation}
        relation = RELATION_OUTSIDE_LIST.get(facts.relation, relation)
        content = {
            **self._head("RelatedPerson", world.target(facts.link)[1], world.epd, dossier.index, 1),
            "identifier": [migration("RelatedPerson", facts.link), number],
            "active": True,
            "patient": self.reference(dossier.link),
            "relationship": [{"coding": [relation]}],
            "name": [human_name(facts.name)],
            "gender": facts.person.gender,
            "birthDate": f"{facts.person.birth}",
        }
        if facts.contacts:
            content["telecom"] = [contact_point(contact) for contact in facts.contacts]
        if facts.address:
            content["address"] = [address(facts.address)]
        return content

    def organization(self, facts: Organization, number: int) -> Json:
        """KT2_Organization, also of one that KT1 only referred to: the owner knows its name."""
        content = {
            **self._head("Organization", self._world.target(facts.link)[1], self._world.epd, None, 1000 + number),
            "identifier": [migration("Organization", facts.link)],
            "active": True,
        }
        if facts.agb:
            content["identifier"].append(identifier("official", AGB, facts.agb))
            code, text = facts.kind
            coding = {"coding": [{"system": f"{TERMINOLOGY}organization-type", "code": code}]}
            content["type"] = [{**({} if code == "pharm" else coding), "text": text}]
        content["name"] = facts.name
        if facts.part_of:
            content["partOf"] = self.reference(facts.part_of)
        return content

    def care_team(self, facts: Team, dossier: Dossier) -> Json:
        """KT2_CareTeam: its members are the participants of the plans that name it, in KT1's words or none."""
        world = self._world
        number = {"value": f"t-{facts.number}"}
        if not facts.bare:
            number = identifier("secondary", f"{world.portal.site}/teams", f"t-{facts.number}")
        content = {
            **self._head("CareTeam", world.target(facts.link)[1], world.portal, dossier.index, 2),
            "identifier": [migration("CareTeam", facts.link), number],
            "status": TEAM_STATUS[facts.status],
            "name": facts.name,
            "subject": self.reference(dossier.link),
            "period": {"start": facts.since, **({"end": facts.until} if facts.until else {})},
            "participant": self._members(dossier),
        }
        if facts.organizations:
            content["managingOrganization"] = [self.reference(facts.organizations[0])]
        return content

    def _members(self, dossier: Dossier) -> list[Json]:
        """Practitioners and related persons; the patient is not a member of his own team."""
        members: dict[str, Json] = {}
        for plan in dossier.plans:
            own = [item for activity in plan.current for item in activity.participants]
            for participant in (*plan.participants, *own):
                if participant.member == dossier.link:
                    continue
                member = self.reference(participant.member)
                entry = members.setdefault(member["reference"], {"member": member})
                if participant.role in TEAM_ROLE:
                    entry["role"] = [{"coding": [TEAM_ROLE[participant.role]]}]
        return list(members.values())

    def activity_definition(self, facts: Definition, number: int) -> Json:
        """KT2_ActivityDefinition, published by its module, with the endpoint where it is launched."""
        world = self._world
        module = world.application(facts.application)
        endpoint = reference("Endpoint", world.uuid("Endpoint", module.name))
        content = self._head("ActivityDefinition", world.target(facts.link)[1], module, None, 4000 + number)
        content["extension"].append({"url": ENDPOINT_EXTENSION, "valueReference": endpoint})
        content |= {
            "identifier": [
                migration("ActivityDefinition", facts.link),
                identifier("official", f"{module.site}/activiteiten", facts.identifier),
            ],
            "url": f"{module.site}/ActivityDefinition/{facts.identifier}",
            "title": facts.name,
            "status": "retired" if facts.archived or facts.active is False else "active",
        }
        if facts.native:
            content["identifier"].append({"system": NATIVE_DEFINITION, "value": facts.identifier})
        if facts.kind in TOPIC:
            content["topic"] = [{"coding": [{"system": f"{TERMINOLOGY}definition-topic", "code": TOPIC[facts.kind]}]}]
        if facts.performer:
            content["participant"] = [{"type": PERFORMER[facts.performer]}]
        if facts.description:
            content["description"] = facts.description
        return content

    def endpoint(self, module: Application, number: int) -> Json:
        """KT2_Endpoint: where a module is launched."""
        connection = "http://vzvz.nl/fhir/CodeSystem/koppeltaal-endpoint-connection-type"
        payload = {"system": f"{TERMINOLOGY}endpoint-payload-type", "code": "any"}
        return {
            **self._head("Endpoint", self._world.uuid("Endpoint", module.name), module, None, 3000 + number),
            "status": "active",
            "connectionType": {"system": connection, "code": "hti-smart-on-fhir"},
            "name": f"Launch {module.name}",
            "payloadType": [{"coding": [payload]}],
            "address": f"{module.site}/launch",
        }

    def device(self, name: str, client_id: str, number: int) -> Json:
        """KT2_Device of an application: registered by the provision, so that is its origin."""
        return {
            **self._head("Device", client_id, None, None, number),
            "identifier": [identifier("official", CLIENT_ID, client_id)],
            "status": "active",
            "deviceName": [{"name": name, "type": "user-friendly-name"}],
        }

    def subscription(self, application: Application, number: int) -> Json:
        """KT2_Subscription: an application that wants to know which Tasks can be done."""
        own = self._world.uuid("Subscription", application.name)
        return {
            **self._head("Subscription", own, application, None, 5000 + number),
            "status": "active",
            "reason": f"Taken volgen in {application.name}",
            "criteria": "Task?status=ready",
            "channel": {"type": "rest-hook", "endpoint": f"{application.site}/meldingen"},
        }

    def task(self, activity: Activity, plan: Plan, dossier: Dossier) -> Json:
        """KT2_Task: one for an activity of the newest version of a plan."""
        world = self._world
        content = self._head(
            "Task", self.task_id(activity), world.portal, dossier.index, _order(activity, plan, dossier)
        )
        content["extension"].append({"url": INSTANTIATES, "valueReference": self.reference(activity.definition.link)})
        content |= {
            "identifier": [migration("CarePlanActivity", activity.key)],
            "status": TASK_STATUS[activity.current],
            "intent": "order",
        }
        if activity.description:
            content["description"] = activity.description
        requester = next(item.member for item in plan.participants if item.role == "Requester")
        start = activity.started or activity.start
        end = activity.finished or activity.cancelled or activity.end
        period = {name: time for name, time in (("start", start), ("end", end)) if time}
        if period:
            content["executionPeriod"] = period
        return content | {
            "for": self.reference(dossier.link),
            "authoredOn": f"{plan.sent:%Y-%m-%dT%H:%M:%S}+00:00",
            "lastModified": f"{plan.changed:%Y-%m-%dT%H:%M:%S}+00:00",
            "requester": self.reference(requester),
            "owner": self.owner(activity, dossier),
        }

    def owner(self, activity: Activity, dossier: Dossier) -> Json:
        """Who owns the Task of an activity: its performer, the patient when it has none, or the team of several."""
        if len(activity.performers) > 1 and dossier.team:
            return self.reference(dossier.team.link)
        return self.reference(activity.performer or dossier.link)

    def task_id(self, activity: Activity) -> str:
        """The logical id of the Task of an activity."""
        return self._world.uuid("Task", activity.key)

    def sub_task(self, sub: SubActivity, activity: Activity, plan: Plan, dossier: Dossier) -> Json:
        """KT2_Task of a sub-activity: part of the Task of its activity, for and by the same people."""
        world = self._world
        key = f"{activity.key}#{sub.identifier}"
        order = 40 + int(sub.identifier.rsplit("-", 1)[1])
        content = self._head("Task", world.uuid("Task", key), world.portal, dossier.index, order)
        definition = self.reference(activity.definition.link)
        content["extension"].append({"url": INSTANTIATES, "valueReference": definition})
        return content | {
            "identifier": [migration("CarePlanSubActivity", key)],
            "partOf": [reference("Task", self.task_id(activity))],
            "status": TASK_STATUS[sub.current],
            "intent": "order",
            "for": self.reference(dossier.link),
            "authoredOn": f"{plan.sent:%Y-%m-%dT%H:%M:%S}+00:00",
            "owner": self.owner(activity, dossier),
        }

    def audit_event(self, dossier: Dossier) -> Json:
        """KT2_AuditEvent of the creation of a patient by the EPD, as the provision logged it."""
        world = self._world
        head = self._head("AuditEvent", world.uuid("AuditEvent", dossier.link), world.epd, dossier.index, 60)
        rest = {"system": f"{TERMINOLOGY}audit-event-type", "code": "rest"}
        create = {"system": "http://hl7.org/fhir/restful-interaction", "code": "create"}
        role = {"coding": [{"system": DCM, "code": "110153", "display": "Source Role ID"}]}
        patient = world.target(dossier.link)[1]
        return {
            **head,
            "type": rest,
            "subtype": [create],
            "action": "C",
            "recorded": head["meta"]["lastUpdated"],
            "outcome": "0",
            "agent": [{"type": role, "who": reference("Device", world.epd.client_id), "requestor": True}],
            "source": {"site": world.name, "observer": reference("Device", world.provision)},
            "entity": [
                {
                    "what": {"reference": f"Patient/{patient}/_history/1", "type": "Patient"},
                    "type": {"system": "http://hl7.org/fhir/resource-types", "code": "Patient"},
                }
            ],
        }

    def _head(self, kind: str, own: str, origin: Application | None, dossier: int | None, order: int = 0) -> Json:
        """Type, id, meta and origin. ``order`` is that in time, in its round: what another refers to is older."""
        milliseconds = order
        if dossier is not None:
            milliseconds += _ROUNDS[kind] * _ROUND_MILLISECONDS + dossier * _DOSSIER_MILLISECONDS
        updated = _MIGRATED + timedelta(milliseconds=milliseconds)
        device = origin.client_id if origin else self._world.provision
        return {
            "resourceType": kind,
            "id": own,
            "meta": {
                "versionId": "1",
                "lastUpdated": f"{updated:%Y-%m-%dT%H:%M:%S}.{updated.microsecond // 1000:03d}+00:00",
                "profile": [PROFILE + kind],
            },
            "extension": [{"url": RESOURCE_ORIGIN, "valueReference": reference("Device", device)}],
        }


def _order(activity: Activity, plan: Plan, dossier: Dossier) -> int:
    return 10 + 15 * dossier.plans.index(plan) + plan.activities.index(activity)


def reference(kind: str, own: str) -> Json:
    """A literal reference with its type, the only form that KT2 uses."""
    return {"reference": f"{kind}/{own}", "type": kind}


def identifier(use: str, system: str, value: str) -> Json:
    """An identifier as KT2 has it: use, system and value only."""
    return {"use": use, "system": system, "value": value}


def migration(kind: str, key: str) -> Json:
    """The migration identifier (MIG-KT-002) of a KT1 link without version, or of the key of an activity."""
    return identifier("temp", MIGRATION + kind, key)


def human_name(facts: Name) -> Json:
    """A name in the nl-core form: prefix and own name beside the family name, a qualifier at each given name.

    A title has no place in KT2. The particles of a family name that KT1 did not split stay where they are.
    """
    content: Json = {"use": facts.use}
    if facts.text:
        content["text"] = facts.text
    if facts.family:
        own_name = facts.surname if facts.joined else facts.family
        parts = [{"url": f"{FHIR_STRUCTURE}humanname-own-name", "valueString": own_name}]
        if facts.prefix and not facts.joined:
            parts.insert(0, {"url": f"{FHIR_STRUCTURE}humanname-own-prefix", "valueString": facts.prefix})
        content |= {"family": facts.surname, "_family": {"extension": parts}}
    if facts.given:
        content |= {"given": list(facts.given), "_given": [_qualifier(given, facts.use) for given in facts.given]}
    if facts.suffix:
        content["suffix"] = [facts.suffix]
    if facts.since:
        content["period"] = {"start": facts.since}
    return content


def _qualifier(given: str, use: str) -> Json:
    """What kind of given name it is: an initial, a calling name or a birth name."""
    code = "IN" if given.endswith(".") else "CL" if use == "usual" else "BR"
    return {"extension": [{"url": f"{FHIR_STRUCTURE}iso21090-EN-qualifier", "valueCode": code}]}


def contact_point(facts: Contact) -> Json:
    """A way to reach somebody; nl-core says mobile with an extension, because its list of uses has no mobile."""
    content: Json = {"system": facts.system}
    if facts.use == "mobile":
        code = {"system": f"{TERMINOLOGY}v3-AddressUse", "code": "MC"}
        extension = {"url": _CODE_SPECIFICATION, "valueCodeableConcept": {"coding": [code]}}
        content["_system"] = {"extension": [extension]}
    content["value"] = facts.value
    if facts.use and facts.use != "mobile":
        content["use"] = facts.use
    if facts.until:
        content["period"] = {"end": facts.until}
    return content


def address(facts: Address) -> Json:
    """An address, with the elements that KT2 can hold although it says that it does not use them."""
    content: Json = {"use": facts.use}
    if facts.text:
        content["text"] = facts.text
    content |= {"line": [facts.line], "city": facts.city}
    if facts.state:
        content["state"] = facts.state
    content |= {"postalCode": facts.postcode, "country": "NL"}
    if facts.until:
        content["period"] = {"end": facts.until}
    return content
