"""Which KT1 messages a practice domain left behind, and in whose folder each of them was saved.

Every message is at a moment of its own, and content that differs has a version or a moment that differs, so the
newest version of everything can be decided whatever the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from ktcheck.sandbox import kt1_content as content
from ktcheck.sandbox import kt1_people as people
from ktcheck.sandbox.facts import Application, Dossier, Plan
from ktcheck.sandbox.kt1_message import (
    Entry,
    Message,
    acknowledgement,
    categories,
    received,
    search_result,
    sent,
    version,
)
from ktcheck.sandbox.kt1_xml import document
from ktcheck.sandbox.vocabulary import KT1_SERVER, NS
from ktcheck.sandbox.world import World

File = tuple[str, bytes]

_MOVED = timedelta(days=1)
_FIRST_REPORT = timedelta(days=9)
_SECOND_REPORT = timedelta(days=10)
_QUESTION = timedelta(days=11)


@dataclass(frozen=True, slots=True)
class Archive:
    """The folders in which the messages of a domain were saved: per application, box and month."""

    world: World

    def sent(self, message: Message) -> File:
        """The file that the sender kept of a message."""
        suffix, data = sent(message)
        return self._name(message, message.sender, "verzonden", suffix), data

    def acknowledged(self, message: Message) -> File:
        """The file that the sender kept of the server's answer."""
        suffix, data = acknowledgement(message)
        return self._name(message, message.sender, "verzonden", f"ack.{suffix}"), data

    def received(self, message: Message, receiver: Application, *, status: str = "Success") -> File:
        """The file that a receiver kept of a message."""
        number = 700_000 + int(self.world.uuid("iid", message.id, receiver.name)[:7], 16)
        suffix, data = received(message, receiver, number, status)
        return self._name(message, receiver, "ontvangen", suffix), data

    def copy(self, file: File) -> File:
        """The same file once more, as happens when folders are put together."""
        stem, dot, suffix = file[0].rpartition(".")
        return f"{stem} (1){dot}{suffix}", file[1]

    def _name(self, message: Message, application: Application, box: str, suffix: str) -> str:
        """Names begin with chance, so that the order of the files says nothing about the order of the messages."""
        folder = application.name.replace(" ", "-").lower()
        chance = self.world.uuid("file", message.id)[:8]
        return f"{folder}/{box}/{message.time:%Y-%m}/{chance}-{message.id[:8]}.{suffix}"


def common_messages(world: World) -> Iterator[File]:
    """What belongs to no patient: practitioners, definitions, and what is no source data at all."""
    archive = Archive(world)
    for index in range(world.practitioners):
        practitioner = world.practitioner(index)
        for link, application in zip(practitioner.links, (world.portal, world.epd), strict=False):
            time = world.introduced(practitioner) + timedelta(seconds=90 * (application is world.epd))
            facts = people.practitioner(practitioner, application)
            entry = Entry(link=link, content=facts, before=None, after=version(time))
            message = _message(world, "CreateOrUpdatePractitioner", application, time, (entry,))
            if application is world.portal:
                yield archive.received(message, world.epd)
            else:
                yield archive.received(message, world.portal)
    yield from _definitions(world, archive)
    yield from _no_source_data(world, archive)


def _definitions(world: World, archive: Archive) -> Iterator[File]:
    """The search result of each module, archived definitions included, and an older event of one of them."""
    time = datetime.fromisoformat("2021-01-14T10:30:04.611700+00:00")
    for number, module in enumerate(app for app in world.applications if app.kt1_identifier):
        entries = [
            Entry(
                link=facts.link,
                content=content.activity_definition(facts),
                before=None,
                after=version(time + timedelta(hours=number)),
            )
            for facts in world.definitions.values()
            if facts.application == module.kt1_identifier
        ]
        suffix, data = search_result(
            world.uuid("search", number), world.name, entries, as_xml=module.dialect == "python"
        )
        yield f"beheer/activiteiten-{module.kt1_identifier}.{suffix}".lower(), data
    facts = world.definitions["RUSTWIJZER"]
    older = time - timedelta(days=30)
    entry = Entry(
        link=facts.link,
        content=content.activity_definition(facts, older=True),
        before=None,
        after=version(older),
    )
    server = Application(name="Koppeltaal", client_id="", device="", role="source", base=KT1_SERVER, dialect="java")
    module = world.application(facts.application)
    number = content.DEVICE_NUMBERS[facts.application]
    companion = Entry(
        link=f"{KT1_SERVER}/Device/{number}", content=content.device(module), before=None, after=version(older)
    )
    event = _message(world, "CreateOrUpdateActivityDefinition", server, older, (entry, companion))
    yield archive.received(event, world.portal)


def _no_source_data(world: World, archive: Archive) -> Iterator[File]:
    """A refusal, an empty search result and a message that was only to be validated."""
    link = world.dossier(0).link
    issue = {
        "extension": [
            {"url": f"{NS}OperationOutcome#IssueResource", "valueResource": {"reference": link}},
        ],
        "severity": "error",
        "type": {"system": "http://hl7.org/fhir/issue-type", "code": "conflict"},
        "details": "The specified resource version is not correct.",
    }
    refusal = {"resourceType": "OperationOutcome", "issue": [issue]}
    yield "voorbeeld-epd/verzonden/2021-06/geweigerd.xml", document(refusal)
    empty = {
        "resourceType": "Bundle",
        "id": f"urn:uuid:{world.uuid('search', 'empty')}",
        "totalResults": "0",
        "category": categories(world.name),
        "entry": [],
    }
    yield "beheer/wachtrij-leeg.json", orjson.dumps(empty)
    tried = f"{world.epd.base}/Patient/proef-1"
    entry = Entry(link=tried, content=people.thin_patient(world.dossier(0)) | {"active": True}, before=None, after=None)
    time = world.dossier(0).opened - timedelta(days=2)
    message = _message(world, "CreateOrUpdatePatient", world.epd, time, (entry,), patient=tried, validate_only=True)
    yield archive.sent(message)


def dossier_messages(world: World, dossier: Dossier) -> Iterator[File]:
    """Everything that was said about one patient."""
    archive = Archive(world)
    yield from _patient(world, dossier, archive)
    if dossier.relative:
        yield from _relative(world, dossier, archive)
    for plan in dossier.plans:
        yield from _plan(world, dossier, plan, archive)
    yield from _reports(world, dossier, archive)
    if asks_a_question(dossier):
        yield archive.sent(user_message(world, dossier))


def asks_a_question(dossier: Dossier) -> bool:
    """Whether there is a user message in which the patient asks something."""
    return dossier.pattern == 1


def patient_message(world: World, dossier: Dossier, *, older: bool = False) -> Message:
    """The newest message of the EPD about a patient, or the one before it."""
    moved = dossier.pattern in {0, 4}
    time = dossier.opened if older or not moved else dossier.opened + _MOVED
    before = version(dossier.opened) if moved and not older else None
    facts = people.patient(dossier, older=older)
    entry = Entry(link=dossier.link, content=facts, before=before, after=version(time))
    return _message(world, "CreateOrUpdatePatient", world.epd, time, (entry,), patient=dossier.link)


def _patient(world: World, dossier: Dossier, archive: Archive) -> Iterator[File]:
    newest = patient_message(world, dossier)
    if dossier.pattern == 0:
        first = patient_message(world, dossier, older=True)
        yield archive.sent(newest)
        yield archive.acknowledged(newest)
        yield archive.sent(first)
        yield archive.acknowledged(first)
    elif dossier.pattern == 1:
        yield archive.received(newest, world.portal)
    elif dossier.pattern == 2:
        yield archive.sent(newest)
    elif dossier.pattern == 3:
        yield archive.received(newest, world.portal)
        yield archive.sent(newest)
    else:
        file = archive.received(newest, world.portal)
        yield file
        yield archive.received(patient_message(world, dossier, older=True), world.portal, status="Failed")
        yield archive.copy(file)


def _relative(world: World, dossier: Dossier, archive: Archive) -> Iterator[File]:
    """The related person, with the patient and the organizations as companions."""
    if dossier.relative is None:
        return
    time = dossier.opened + timedelta(days=2)
    facts = people.related_person(dossier.relative, dossier, world.epd)
    known = version(world.introduced(world.practitioner(0)))
    companions = [
        Entry(link=item.link, content=people.organization(item), before=known, after=known)
        for item in world.organizations
        if item.agb
    ]
    entries = (
        Entry(link=dossier.relative.link, content=facts, before=None, after=version(time)),
        *companions,
        _companion_patient(world, dossier),
    )
    message = _message(world, "CreateOrUpdateRelatedPerson", world.epd, time, entries, patient=dossier.link)
    if dossier.pattern == 0:
        yield archive.sent(message)
        yield archive.acknowledged(message)
    else:
        yield archive.received(message, world.portal)


def _companion_patient(world: World, dossier: Dossier) -> Entry:
    """The patient next to something else: complete, in the version that the server issued for that content."""
    facts = people.patient(dossier)
    known = patient_message(world, dossier).entries[0].after
    return Entry(link=dossier.link, content=facts, before=known, after=known)


def plan_message(world: World, dossier: Dossier, plan: Plan, *, older: bool = False) -> Message:
    """The newest message of the portal about a plan, or the one before it."""
    changed = plan.changed > plan.sent
    time = plan.sent if older or not changed else plan.changed
    before = version(plan.sent) if changed and not older else None
    facts = content.care_plan(plan, dossier, older=older)
    entries = [Entry(link=plan.link, content=facts, before=before, after=version(time))]
    if older:
        thin = people.thin_patient(dossier)
        entries.append(Entry(link=dossier.link, content=thin, before=None, after=version(time)))
    else:
        companion = _companion_patient(world, dossier)
        if changed:
            companion = replace(companion, before=version(plan.sent), after=version(time))
        entries.append(companion)
    for participant in (*plan.participants, *(item for part in plan.activities for item in part.participants)):
        if "/Practitioner/" in participant.member and all(e.link != participant.member for e in entries):
            known = world.practitioner_behind(participant.member)
            introduced = version(world.introduced(known))
            who = people.practitioner(known, world.portal)
            entries.append(Entry(link=participant.member, content=who, before=introduced, after=introduced))
    if dossier.team:
        first = version(dossier.plans[0].sent)
        team = content.care_team(dossier.team, dossier, world.portal)
        known_before = None if time == dossier.plans[0].sent else first
        entries.append(Entry(link=dossier.team.link, content=team, before=known_before, after=first))
    return _message(world, "CreateOrUpdateCarePlan", world.portal, time, tuple(entries), patient=dossier.link)


def _plan(world: World, dossier: Dossier, plan: Plan, archive: Archive) -> Iterator[File]:
    newest = plan_message(world, dossier, plan)
    if dossier.pattern == 0 or (dossier.pattern == 4 and plan is dossier.plans[0]):
        yield archive.received(newest, world.epd)
    elif dossier.pattern == 1:
        yield archive.sent(newest)
        yield archive.acknowledged(newest)
        yield archive.received(plan_message(world, dossier, plan, older=True), world.application("Rustwijzer"))
    elif dossier.pattern == 2:
        yield archive.sent(newest)
    else:
        yield archive.sent(newest)
        yield archive.acknowledged(newest)
        if dossier.pattern == 3:
            yield archive.received(newest, world.epd)


def _reports(world: World, dossier: Dossier, archive: Archive) -> Iterator[File]:
    """The status messages of a module about the first activity, where its status moved on."""
    activity = dossier.plans[0].activities[0]
    if activity.planned == activity.current:
        return
    module = world.application("Rustwijzer")
    link = f"{module.base}/CarePlanActivityStatus/{5000 + dossier.index}"
    first, second = dossier.opened + _FIRST_REPORT, dossier.opened + _SECOND_REPORT
    event = "UpdateCarePlanActivityStatus"
    facts = content.activity_status(activity)
    if dossier.pattern == 3:
        only = Entry(link=link, content=facts, before=None, after=version(second))
        yield archive.sent(_message(world, event, module, second, (only,), patient=dossier.link))
        return
    newest = Entry(link=link, content=facts, before=version(first), after=version(second))
    yield archive.received(_message(world, event, module, second, (newest,), patient=dossier.link), world.portal)
    older = content.activity_status(activity, older=True)
    entry = Entry(link=link, content=older, before=None, after=version(first))
    yield archive.received(_message(world, event, module, first, (entry,), patient=dossier.link), world.portal)


def user_message(world: World, dossier: Dossier) -> Message:
    """A question of the patient, passed on by the module."""
    module = world.application("Rustwijzer")
    facts = content.user_message(dossier, dossier.plans[0].activities[0])
    link = f"{module.base}/UserMessage/{200 + dossier.index}"
    entry = Entry(link=link, content=facts, before=None, after=version(dossier.opened + _QUESTION))
    time = dossier.opened + _QUESTION
    return _message(world, "CreateOrUpdateUserMessage", module, time, (entry,), patient=dossier.link)


def _message(
    world: World,
    event: str,
    sender: Application,
    time: datetime,
    entries: tuple[Entry, ...],
    *,
    patient: str | None = None,
    validate_only: bool = False,
) -> Message:
    return Message(
        id=world.uuid("message", event, entries[0].link, time),
        domain=world.name,
        event=event,
        sender=sender,
        time=time,
        entries=entries,
        patient=patient,
        validate_only=validate_only,
    )
