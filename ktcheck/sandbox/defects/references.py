"""Defects in references: to nothing, to the wrong thing, in the wrong form, or gone."""

from __future__ import annotations

from typing import Any

from ktcheck.sandbox.defects.defect import Defect, first, merge, of_kind, task
from ktcheck.sandbox.kt2_content import reference
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import AGB, INSTANTIATES, RESOURCE_ORIGIN

Json = dict[str, Any]


def _main_task(domain: Materialised) -> Json:
    return first(domain, "Task", of_kind("CarePlanActivity"))


def _dangling(domain: Materialised) -> None:
    nobody = domain.domain.world.uuid("defect", "reference-dangling")
    _main_task(domain)["requester"] = reference("Practitioner", nobody)


def _to_deleted(domain: Materialised) -> None:
    gone = reference("Patient", domain.domain.world.uuid("defect", "reference-to-deleted"))
    domain.service.deleted.add(gone["reference"])
    _by_practitioner(domain)["for"] = gone


def _by_practitioner(domain: Materialised) -> Json:
    """A Task that a practitioner performs, so that its patient is only in ``for``."""
    return task(domain, lambda item: item.performer is not None and "/Practitioner/" in item.performer)


def _wrong_type(domain: Materialised) -> None:
    own = _main_task(domain)
    own["requester"] = dict(own["for"])


def _logical(domain: Materialised) -> None:
    own = _main_task(domain)
    requester = domain.resources["Practitioner"][own["requester"]["reference"].split("/")[1]]
    number = next(item for item in requester["identifier"] if item["system"] == AGB)
    own["requester"] = {"type": "Practitioner", "identifier": dict(number)}


def _absolute_elsewhere(domain: Materialised) -> None:
    own = _main_task(domain)["requester"]
    own["reference"] = f"https://elders.example/fhir/r4/{own['reference']}"


def _lost(domain: Materialised) -> None:
    del first(domain, "Patient", lambda item: "managingOrganization" in item)["managingOrganization"]


def _part_of_lost(domain: Materialised) -> None:
    del first(domain, "Task", of_kind("CarePlanSubActivity"))["partOf"]


def _other_patient(domain: Materialised) -> None:
    own = _by_practitioner(domain)
    other = first(domain, "Patient", lambda item: reference("Patient", item["id"]) != own["for"])
    own["for"] = reference("Patient", other["id"])


def _owner_other(domain: Materialised) -> None:
    """A practitioner who has nothing to do with the activity: no performer, no participant of its plan."""
    own = task(domain, lambda item: not item.subs)
    key = own["identifier"][0]["value"]
    plans = (plan for dossier in domain.domain.dossiers for plan in dossier.plans)
    plan = next(plan for plan in plans if any(item.key == key for item in plan.activities))
    involved = {participant.member for participant in plan.participants}
    involved |= {participant.member for item in plan.activities for participant in item.participants}
    involved |= {item.performer for item in plan.activities if item.performer}
    known = {domain.domain.world.target(link)[1] for link in involved}
    stranger = first(domain, "Practitioner", lambda item: item["id"] not in known)
    own["owner"] = reference("Practitioner", stranger["id"])


def _owner_other_team(domain: Materialised) -> None:
    own = _by_practitioner(domain)
    team = first(domain, "CareTeam", lambda item: item["subject"] != own["for"])
    own["owner"] = reference("CareTeam", team["id"])


def _relatives_merged(domain: Materialised) -> None:
    merge(domain, first(domain, "RelatedPerson"), first(domain, "RelatedPerson", skip=1))


def _owner_from_participant(domain: Materialised) -> None:
    own = task(domain, lambda item: bool(item.participants and item.performer) and not item.subs)
    key = own["identifier"][0]["value"]
    item = next(item for dossier in domain.domain.dossiers for _, item in dossier.activities if item.key == key)
    own["owner"] = domain.domain.migration.reference(item.participants[0].member)
    del domain.agreements["participants"]


def _instantiates(own: Json) -> Json:
    found: Json = next(item for item in own["extension"] if item["url"] == INSTANTIATES)
    return found


def _definition_canonical(domain: Materialised) -> None:
    own = _main_task(domain)
    extension = _instantiates(own)
    definition = domain.resources["ActivityDefinition"][extension["valueReference"]["reference"].split("/")[1]]
    own["extension"].remove(extension)
    own["instantiatesCanonical"] = definition["url"]


def _definition_other(domain: Materialised) -> None:
    extension = _instantiates(_main_task(domain))
    meant = extension["valueReference"]
    other = first(domain, "ActivityDefinition", lambda item: reference("ActivityDefinition", item["id"]) != meant)
    extension["valueReference"] = reference("ActivityDefinition", other["id"])


def _origin_wrong(domain: Materialised) -> None:
    module = domain.domain.world.application("Klachtenlijst")
    _origin(first(domain, "Patient"))["valueReference"] = reference("Device", module.client_id)


def _origin_missing(domain: Materialised) -> None:
    del first(domain, "Patient")["extension"]


def _origin_other_module(domain: Materialised) -> None:
    module = domain.domain.world.application("Klachtenlijst")
    own_device = reference("Device", module.client_id)
    own = first(domain, "ActivityDefinition", lambda item: _origin(item)["valueReference"] != own_device)
    _origin(own)["valueReference"] = own_device


def _origin(own: Json) -> Json:
    found: Json = next(item for item in own["extension"] if item["url"] == RESOURCE_ORIGIN)
    return found


def _endpoint_lost(domain: Materialised) -> None:
    own = first(domain, "ActivityDefinition")
    own["extension"] = [_origin(own)]


DEFECTS = (
    Defect(
        name="reference-dangling",
        caught_by="references.resolves",
        title_nl="Een taak verwijst naar een behandelaar die er nooit was",
        title_en="A task refers to a practitioner that never was",
        apply=_dangling,
    ),
    Defect(
        name="reference-to-deleted",
        caught_by="references.resolves",
        title_nl="Een taak is voor een patiënt die is verwijderd",
        title_en="A task is for a patient that was deleted",
        apply=_to_deleted,
    ),
    Defect(
        name="reference-wrong-type",
        caught_by="references.type",
        title_nl="De aanvrager van een taak is een patiënt",
        title_en="The requester of a task is a patient",
        apply=_wrong_type,
    ),
    Defect(
        name="reference-logical",
        caught_by="references.literal",
        title_nl="Een taak noemt de aanvrager alleen met een identifier",
        title_en="A task names its requester by identifier only",
        apply=_logical,
    ),
    Defect(
        name="reference-absolute-elsewhere",
        caught_by="references.literal",
        title_nl="Een taak verwijst naar een behandelaar op een andere server",
        title_en="A task refers to a practitioner on another server",
        apply=_absolute_elsewhere,
    ),
    Defect(
        name="reference-lost",
        caught_by="references.kept",
        title_nl="De organisatie van een patiënt is niet meegekomen",
        title_en="The organization of a patient was lost",
        apply=_lost,
    ),
    Defect(
        name="part-of-lost",
        caught_by="references.kept",
        title_nl="Een subtaak hoort nergens meer bij",
        title_en="A sub-task is not part of anything any more",
        apply=_part_of_lost,
    ),
    Defect(
        name="reference-other-patient",
        caught_by="references.meant",
        title_nl="Een taak is voor een andere patiënt",
        title_en="A task is for another patient",
        apply=_other_patient,
    ),
    Defect(
        name="owner-other",
        caught_by="references.meant",
        title_nl="Een taak is van iemand die er niets mee te maken heeft",
        title_en="A task is owned by somebody who has nothing to do with it",
        apply=_owner_other,
    ),
    Defect(
        name="owner-team-of-another",
        caught_by="references.meant",
        title_nl="Een taak is van het zorgteam van een andere patiënt",
        title_en="A task is owned by the care team of another patient",
        apply=_owner_other_team,
    ),
    Defect(
        name="related-persons-merged",
        caught_by="references.meant",
        title_nl="De naasten van twee patiënten zijn één naaste geworden",
        title_en="The related persons of two patients became one",
        apply=_relatives_merged,
    ),
    Defect(
        name="owner-from-participant",
        caught_by="references.assumption",
        title_nl="Een taak is van een deelnemer in plaats van de uitvoerder",
        title_en="A task is owned by a participant instead of the performer",
        apply=_owner_from_participant,
    ),
    Defect(
        name="definition-canonical",
        caught_by="references.instantiates",
        title_nl="Een taak noemt haar definitie met instantiatesCanonical",
        title_en="A task names its definition with instantiatesCanonical",
        apply=_definition_canonical,
    ),
    Defect(
        name="definition-other",
        caught_by="references.meant",
        title_nl="Een taak verwijst naar een andere activiteitdefinitie",
        title_en="A task refers to another activity definition",
        apply=_definition_other,
    ),
    Defect(
        name="origin-wrong",
        caught_by="references.origin",
        title_nl="Een patiënt heeft een module als herkomst",
        title_en="A patient has a module as its origin",
        apply=_origin_wrong,
    ),
    Defect(
        name="origin-missing",
        caught_by="references.origin",
        title_nl="Een patiënt heeft geen herkomst",
        title_en="A patient has no origin",
        apply=_origin_missing,
    ),
    Defect(
        name="origin-other-module",
        caught_by="references.origin",
        title_nl="Een definitie is gepubliceerd door een andere module",
        title_en="A definition was published by another module",
        apply=_origin_other_module,
    ),
    Defect(
        name="endpoint-lost",
        caught_by="references.endpoint",
        title_nl="Een definitie heeft geen lanceeradres",
        title_en="A definition has no launch address",
        apply=_endpoint_lost,
    ),
)
