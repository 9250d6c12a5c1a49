"""Which references a record has, by name: links without version of what its content refers to.

The names are the contract with the rules (``profiles/references.yaml``); names without links are left out.
A performer is only there when the activity names one; without it the plan's patient performs (kt1-source.md 5.7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ktcheck.source.careplan import Part, first_text, links, participants, values
from ktcheck.source.links import kind_of, split_link

References = dict[str, tuple[str, ...]]

_MEMBERS = {
    "Patient": {"managingOrganization": "managingOrganization", "careProvider": "careProvider"},
    "Practitioner": {"organization": "organization"},
    "RelatedPerson": {"patient": "patient"},
    "Organization": {"partOf": "partOf"},
    "CarePlan": {"patient": "patient"},
    "ActivityDefinition": {"application": "#Application"},
    "CareTeam": {"subject": "#Subject", "managingOrganization": "#ManagingOrganization"},
    "UserMessage": {"from": "#From", "to": "#To"},
}


def once(items: Iterable[str | None]) -> tuple[str, ...]:
    """The texts in their order, each once, without None."""
    return tuple(dict.fromkeys(item for item in items if item))


def without_empty(found: dict[str, tuple[str, ...]]) -> References:
    """The names that have links."""
    return {name: items for name, items in found.items() if items}


def references(kind: str, content: dict[str, Any]) -> References:
    """The references of a resource, for as far as its own content tells them."""
    found = {name: once(links(values(content, member))) for name, member in _MEMBERS.get(kind, {}).items()}
    if kind == "CarePlan":
        people = participants(content)
        found["participant"] = once(person.member for person in people)
        found["careTeam"] = once(team for person in people for team in person.teams)
    elif kind == "CarePlanActivityStatus":
        found["activity"] = once([first_text(content, "#Activity")])
    elif kind == "UserMessage":
        context = first_text(content, "#Context")
        split = split_link(context)
        found["context"] = once([split[0] if split else context])
    return without_empty(found)


def plan_patient(plan: dict[str, Any], header_patient: str | None) -> tuple[str, ...]:
    """The patient of a plan, or else the header's when that is one (it can be anybody, kt1-source.md 3)."""
    found = once(links(values(plan, "patient")))
    if not found and header_patient and kind_of(header_patient) == "Patient":
        return (header_patient,)
    return found


def activity_references(
    link: str, plan: dict[str, Any], activity: dict[str, Any], patient: tuple[str, ...]
) -> References:
    """The references of an activity: its own, and the plan's participants, who take part in all activities."""
    people = participants(plan) + participants(activity)
    return without_empty(
        {
            "carePlan": (link,),
            "patient": patient,
            "performer": once(links(values(activity.get("simple"), "performer"))),
            "participant": once(person.member for person in people),
            "requester": once(person.member for person in people if "Requester" in person.roles),
            "careTeam": once(team for person in people for team in person.teams),
            "definition": once([first_text(activity, "#ActivityDefinition")]),
        }
    )


def sub_activity_references(parent: Part, of_parent: References) -> References:
    """The references of a sub-activity: its parent's key, and what holds for the parent."""
    own: References = {"activity": (parent.key,)}
    return own | {name: of_plan for name, of_plan in of_parent.items() if name in {"carePlan", "patient", "performer"}}
