"""What a defect is, and how one finds the resource to spoil: always the same one in the same domain."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ktcheck.errors import InputError
from ktcheck.sandbox.facts import Activity, Dossier, Plan
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import MIGRATION

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One known fault. ``caught_by`` is the id of the rule that has to see it; ``apply`` puts it in a domain.

    ``apply`` raises InputError when the domain is too small to hold the fault (from five patients it never is).
    """

    name: str
    caught_by: str
    title_nl: str
    title_en: str
    apply: Callable[[Materialised], None]


def too_small(what: str) -> InputError:
    """The error of a domain that has not got what a defect needs."""
    return InputError(f"this practice domain does not have {what} for the defect; make it 5 patients or more")


def first(domain: Materialised, kind: str, where: Callable[[Json], bool] = bool, *, skip: int = 0) -> Json:
    """The resource of a type with the lowest logical id for which ``where`` holds, after ``skip`` others."""
    of_type = domain.resources.get(kind, {})
    found = [of_type[own] for own in sorted(of_type) if where(of_type[own])]
    if len(found) <= skip:
        raise too_small(f"such a {kind}")
    return found[skip]


def copy(domain: Materialised, resource: Json, name: str) -> Json:
    """A copy of a resource under a new logical id that depends on the domain only; not yet in it."""
    return {**deepcopy(resource), "id": domain.domain.world.uuid("defect", name)}


def remove(domain: Materialised, resource: Json) -> None:
    """Take a resource out of the domain."""
    del domain.resources[resource["resourceType"]][resource["id"]]


def follow(value: Any, old: str, new: str) -> None:
    """Let every reference to ``old`` (also to a version of it) point to ``new``."""
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str) and (text == old or text.startswith(f"{old}/")):
            value["reference"] = text.replace(old, new)
        for item in value.values():
            follow(item, old, new)
    elif isinstance(value, list):
        for item in value:
            follow(item, old, new)


def merge(domain: Materialised, kept: Json, gone: Json) -> None:
    """Let one resource stand for another too: it takes over its identifiers and the references to it."""
    kept["identifier"] += [item for item in gone["identifier"] if item not in kept["identifier"]]
    remove(domain, gone)
    for resource in domain.all():
        follow(resource, f"{gone['resourceType']}/{gone['id']}", f"{kept['resourceType']}/{kept['id']}")


def migration_identifier(resource: Json) -> Json:
    """The first migration identifier of a resource."""
    return next(item for item in resource.get("identifier", []) if item["system"].startswith(MIGRATION))


def of_kind(kind: str) -> Callable[[Json], bool]:
    """Whether a resource was migrated from a KT1 type, such as CarePlanActivity."""
    return lambda resource: any(item["system"] == MIGRATION + kind for item in resource.get("identifier", []))


def with_identifier(system: str) -> Callable[[Json], bool]:
    """Whether a resource has an identifier under a system."""
    return lambda resource: any(item["system"] == system for item in resource.get("identifier", []))


def activity(
    domain: Materialised, where: Callable[[Activity], bool], *, removed: bool = False
) -> tuple[Dossier, Plan, Activity]:
    """The first activity for which ``where`` holds, with its plan and dossier; ``removed``: of those that left."""
    for dossier in domain.domain.dossiers:
        for plan in dossier.plans:
            for item in plan.activities:
                if item.removed == removed and where(item):
                    return dossier, plan, item
    raise too_small("such an activity")


def task(domain: Materialised, where: Callable[[Activity], bool]) -> Json:
    """The Task of the first activity for which ``where`` holds and that another defect did not take away."""
    tasks, task_id = domain.resources["Task"], domain.domain.migration.task_id
    _, _, item = activity(domain, lambda item: task_id(item) in tasks and where(item))
    return tasks[task_id(item)]
