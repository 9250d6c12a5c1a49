"""Defects in what was migrated: too little, too much, or twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktcheck.sandbox.defects.defect import (
    Defect,
    activity,
    copy,
    first,
    merge,
    migration_identifier,
    of_kind,
    remove,
    task,
    too_small,
)
from ktcheck.sandbox.kt2_content import identifier, migration
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import MIGRATION


def _task_missing(domain: Materialised) -> None:
    remove(domain, task(domain, lambda item: not item.subs))


def _patient_and_all_missing(domain: Materialised) -> None:
    patient = first(domain, "Patient")
    about = f"Patient/{patient['id']}"
    remove(domain, patient)
    for resource in list(domain.all()):
        if any(text == about or text.startswith(f"{about}/") for text in _references(resource)):
            remove(domain, resource)


def _references(value: Any) -> Iterator[str]:
    """Every literal reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _task_duplicated(domain: Materialised) -> None:
    domain.put(copy(domain, task(domain, lambda item: not item.subs), "task-duplicated"))


def _activities_merged(domain: Materialised) -> None:
    """Two activities (or parts of one) alike, so that only their number is wrong."""
    tasks = [domain.resources["Task"][own] for own in sorted(domain.resources["Task"])]
    parents = {part["reference"] for item in tasks for part in item.get("partOf", [])}
    alone = [item for item in tasks if f"Task/{item['id']}" not in parents]
    for number, one in enumerate(alone):
        for other in alone[number + 1 :]:
            if all(one.get(name) == other.get(name) for name in ("for", "owner", "requester", "partOf", "extension")):
                merge(domain, one, other)
                return
    raise too_small("two activities that are alike")


def _referred_missing(domain: Materialised) -> None:
    referred = next((item.link for item in domain.domain.world.organizations if item.agb is None), None)
    if referred is None:
        raise too_small("an organization that is only referred to")
    system = f"{MIGRATION}Organization"
    organization = first(
        domain, "Organization", lambda item: {"use": "temp", "system": system, "value": referred} in item["identifier"]
    )
    remove(domain, organization)
    for patient in domain.resources["Patient"].values():
        if patient.get("managingOrganization", {}).get("reference") == f"Organization/{organization['id']}":
            del patient["managingOrganization"]


def _sub_activity_missing(domain: Materialised) -> None:
    remove(domain, first(domain, "Task", of_kind("CarePlanSubActivity")))


def _task_unknown(domain: Materialised) -> None:
    _, plan, item = activity(domain, lambda item: not item.subs)
    known = domain.resources["Task"][domain.domain.migration.task_id(item)]
    unknown = copy(domain, known, "task-unknown")
    unknown["identifier"] = [migration("CarePlanActivity", f"{plan.link}#a-404")]
    domain.put(unknown)


def _plan_as_task(domain: Materialised) -> None:
    _, plan, item = activity(domain, lambda item: not item.subs)
    main = copy(domain, domain.resources["Task"][domain.domain.migration.task_id(item)], "plan-as-task")
    main["identifier"] = [migration("CarePlan", plan.link)]
    domain.put(main)


def _removed_activity(domain: Materialised) -> None:
    dossier, plan, item = activity(domain, lambda item: item.removed, removed=True)
    domain.put(domain.domain.migration.task(item, plan, dossier))


def _patient_unaccounted(domain: Materialised) -> None:
    patient = copy(domain, first(domain, "Patient"), "patient-unaccounted")
    system = f"{migration_identifier(patient)['value'].split('/fhir/')[0]}/patientnummer"
    patient["identifier"] = [identifier("secondary", system, "99001")]
    domain.put(patient)


DEFECTS = (
    Defect(
        name="task-missing",
        caught_by="completeness.present",
        title_nl="Een activiteit is niet gemigreerd",
        title_en="An activity was not migrated",
        apply=_task_missing,
    ),
    Defect(
        name="patient-and-all-missing",
        caught_by="completeness.present",
        title_nl="Een patiënt ontbreekt met alles wat van hem is",
        title_en="A patient is missing with everything of his",
        apply=_patient_and_all_missing,
    ),
    Defect(
        name="task-duplicated",
        caught_by="completeness.once",
        title_nl="Een activiteit is twee keer gemigreerd",
        title_en="An activity was migrated twice",
        apply=_task_duplicated,
    ),
    Defect(
        name="activities-merged",
        caught_by="completeness.own",
        title_nl="Twee activiteiten zijn één taak geworden",
        title_en="Two activities became one task",
        apply=_activities_merged,
    ),
    Defect(
        name="referred-missing",
        caught_by="completeness.referred",
        title_nl="Een organisatie waar KT1 alleen naar verwees ontbreekt, met de verwijzingen",
        title_en="An organization that KT1 only referred to is missing, and so are the references",
        apply=_referred_missing,
    ),
    Defect(
        name="sub-activity-missing",
        caught_by="completeness.sub-activity",
        title_nl="Een subactiviteit is niet gemigreerd",
        title_en="A sub-activity was not migrated",
        apply=_sub_activity_missing,
    ),
    Defect(
        name="task-unknown",
        caught_by="completeness.unexpected",
        title_nl="Een taak beroept zich op een activiteit die KT1 nooit had",
        title_en="A task claims an activity that KT1 never had",
        apply=_task_unknown,
    ),
    Defect(
        name="link-of-removed-activity",
        caught_by="completeness.unexpected",
        title_nl="Een activiteit die uit het plan was gehaald is toch gemigreerd",
        title_en="An activity that had left the plan was migrated after all",
        apply=_removed_activity,
    ),
    Defect(
        name="plan-as-task",
        caught_by="completeness.stays",
        title_nl="Een behandelplan kreeg een hoofdtaak, wat niet is afgesproken",
        title_en="A care plan got a main task, which was not agreed",
        apply=_plan_as_task,
    ),
    Defect(
        name="patient-unaccounted",
        caught_by="completeness.unaccounted",
        title_nl="Er is een patiënt zonder migratie-identifier",
        title_en="There is a patient without a migration identifier",
        apply=_patient_unaccounted,
    ),
)
