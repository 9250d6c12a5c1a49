"""The neutral form of a resource: without local anchors, empty values and narrative, extensions by name.

Source: kt1-source.md sections 4.5 (anchors), 5 (extensions) and 8 (rules 3 to 6, 12 and 13). References in it
have no version. A goal that an activity refers to by local id is named by its place among the plan's goals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktcheck.source.elements import shape
from ktcheck.source.links import OTHER_KINDS, clean, is_empty_link, kt1_name, other, split_link

_NESTED = "nested"
_OWN_ID = "@id"
_STATUS_CODES = frozenset({"Waiting", "Available", "InProgress", "Completed", "Cancelled", "Expired", "SkippedByUser"})

# The extensions of KT1 by name, with the type of their value; nested ones have parts.
_EXTENSIONS = {
    name: kind
    for kind, names in {
        "text": (
            "ActivityID ActivityIdentifier ActivityDefinition ActivityDescription ActivityName Activity "
            "ActivityDefinitionIdentifier LaunchType SubActivityIdentifier SubActivityName SubActivityDescription "
            "StartDate EndDate Started Finished Cancelled Name SubjectString Content Context RelationType "
            "ProcessingStatusStatus ProcessingStatusStatusLastChanged ProcessingStatusException Questionnaire"
        ),
        "boolean": "IsActive IsArchived IsDomainSpecific IsExpired SubActivityIsActive",
        "integer": "Age",
        "decimal": "PercentageCompleted",
        "Coding": "ActivityKind ActivityStatus DefaultPerformer Status SubActivityStatus",
        "Concept": "ApplicationRoles MessageKind ParticipantRole",
        "Identifier": "CareTeamIdentifier",
        "Period": "Period",
        "Reference": (
            "Application From IssueResource ManagingOrganization ParticipantCareTeam ParticipantMember Patient "
            "RelationReference Subject To"
        ),
        _NESTED: "Participant ProcessingStatus Relation SubActivity",
    }.items()
    for name in names.split()
}
# The part that a nested extension's plain value stands for (1.0 wrote sub-activities so).
_MAIN_PART = {
    "Participant": "ParticipantMember",
    "ProcessingStatus": "ProcessingStatusStatus",
    "Relation": "RelationReference",
    "SubActivity": "SubActivityIdentifier",
}
_UNQUALIFIED = ("Activity", "Questionnaire")
_ALIASES = {"CareTeam": "ParticipantCareTeam"}


def kind_of_resource(resource: dict[str, Any], notes: set[str]) -> str:
    """The KT1 kind of a resource; of an Other from its code, never from its link (rule 2)."""
    name = str(resource["resourceType"])
    if name != "Other":
        if name in _PLAIN_KINDS:
            return name
        notes.add("unknown-kind")
        return other(name)
    concept = resource.get("code")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    items = codings if isinstance(codings, list) else []
    codes = {str(item["code"]).strip() for item in items if isinstance(item, dict) and item.get("code")}
    code = min(codes, default="unknown")
    if len(codes) == 1 and code in OTHER_KINDS:
        return code
    notes.add("unknown-kind")
    return other(".".join(sorted(codes)) or code)


_PLAIN_KINDS = frozenset({"Patient", "Practitioner", "RelatedPerson", "Organization", "Device", "CarePlan"})


def neutral(resource: dict[str, Any], notes: set[str]) -> dict[str, Any]:
    """The neutral form of a resource in DSTU1 JSON form; adds codes of ``NOTES`` to ``notes``."""
    narrative = isinstance(resource.get("text"), dict)
    source = {name: value for name, value in resource.items() if not (narrative and name == "text")}
    _mark_activities(source)
    found = _object(source, notes) or {}
    _unmark_activities(found)
    if "#Activity" not in found and "#ActivityStatus" in found and source["resourceType"] == "Other":
        _move_activity(found)
    return found


def _mark_activities(plan: dict[str, Any]) -> None:
    """Keep what the local ids in a plan say: an activity's own id, and by place the goals that it refers to."""
    activities = plan.get("activity")
    if plan["resourceType"] != "CarePlan" or not isinstance(activities, list):
        return
    goals = plan.get("goal")
    places = {
        goal["id"]: str(place)
        for place, goal in enumerate(goals if isinstance(goals, list) else [], 1)
        if isinstance(goal, dict) and isinstance(goal.get("id"), str)
    }
    plan["activity"] = marked = []
    for activity in activities:
        if not isinstance(activity, dict):
            continue
        changed = {**activity, _OWN_ID: activity.get("id", "")}
        if isinstance(activity.get("goal"), list):
            changed["goal"] = [places.get(name, name) for name in activity["goal"] if isinstance(name, str)]
        marked.append(changed)


def _unmark_activities(plan: dict[str, Any]) -> None:
    """The id of an activity may be its identity, and is when it has no ActivityIdentifier (kt1-source.md 4.6)."""
    for activity in plan.get("activity", []) if plan.get("resourceType") == "CarePlan" else []:
        own = activity.pop(_OWN_ID, None)
        if isinstance(own, str):
            activity["id"] = own.strip()


def apart(content: dict[str, Any]) -> tuple[dict[str, Any], list[str | None]]:
    """The content without local ids that a sender may make anew in every message, and those, activity by activity."""
    activities = content.get("activity")
    if content.get("resourceType") != "CarePlan" or not isinstance(activities, list):
        return content, []
    local = [item.get("id") if "#ActivityIdentifier" in item else None for item in activities]
    stable = [
        {name: value for name, value in item.items() if name != "id" or "#ActivityIdentifier" not in item}
        for item in activities
    ]
    return {**content, "activity": stable}, local


def together(content: dict[str, Any], local: list[str | None]) -> dict[str, Any]:
    """The opposite of ``apart``."""
    if not any(local):
        return content
    activities = [{**item, "id": own} if own else item for item, own in zip(content["activity"], local, strict=True)]
    return {**content, "activity": activities}


def _move_activity(status: dict[str, Any]) -> None:
    """One table of the documents prints the URL of ``#Activity`` as ``#ActivityStatus`` (kt1-source.md 5.9)."""
    values = status["#ActivityStatus"]
    bare = [item["code"] for item in values if isinstance(item, dict) and set(item) == {"code"}]
    names = [name for name in bare if isinstance(name, str) and name not in _STATUS_CODES]
    if len(names) == 1:
        status["#Activity"] = names
        status["#ActivityStatus"] = [item for item in values if item != {"code": names[0]}]
        if not status["#ActivityStatus"]:
            del status["#ActivityStatus"]


def _value(value: Any, notes: set[str]) -> Any:
    """A value without what is empty; None when nothing is left."""
    if isinstance(value, dict):
        return _object(value, notes)
    if isinstance(value, list):
        return [item for item in (_value(item, notes) for item in value) if item is not None] or None
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _object(source: dict[str, Any], notes: set[str]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, value in source.items():
        if name in {"extension", "modifierExtension"} and isinstance(value, list):
            _extensions(name, value, found, notes)
        elif name == "reference" and isinstance(value, str):
            if (reference := _reference(value, notes)) is not None:
                found[name] = reference
        elif name != "id" and (clear := _value(value, notes)) is not None:
            found[name] = clear
    return found or None


def _reference(text: str, notes: set[str]) -> str | None:
    if is_empty_link(text):
        notes.add("empty-reference")
        return None
    if split := split_link(text):
        return split[0]
    notes.add("relative-reference")
    return clean(text)


def _extensions(member: str, items: list[Any], found: dict[str, Any], notes: set[str]) -> None:
    """Put KT1 extensions under ``#Name``; leave others where they were."""
    for item in items:
        if not isinstance(item, dict):
            continue
        name = _name(item.get("url"))
        if name is None:
            notes.add("unknown-extension")
            if (kept := _object(item, notes)) is not None:
                found.setdefault(member, []).append(kept)
            continue
        if name not in _EXTENSIONS:
            notes.add("unknown-extension")
        value = _extension(item, name, notes)
        if value is not None:
            found.setdefault(f"#{name}", []).append(value)


def _name(url: object) -> str | None:
    if not isinstance(url, str):
        return None
    if clean(url) in _UNQUALIFIED:
        return clean(url)
    _, mark, name = (kt1_name(url) or "").partition("#")
    return _ALIASES.get(name, name) if mark and name else None


def _extension(item: dict[str, Any], name: str, notes: set[str]) -> Any:
    kind = _EXTENSIONS.get(name, "")
    if item.get("extension"):
        return _object({key: value for key, value in item.items() if key != "url"}, notes)
    values = [value for key, value in item.items() if key.startswith("value")]
    value = _value(shape(values[0], kind), notes) if values else None
    if kind == _NESTED and value is not None:
        return {f"#{_MAIN_PART[name]}": [value]}
    return value


def links_in(content: Any) -> Iterator[str]:
    """Every absolute resource link that a neutral form refers to."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name == "reference" and (split := split_link(value)) and "#" not in split[0]:
                yield split[0]
            else:
                yield from links_in(value)
    elif isinstance(content, list):
        for item in content:
            yield from links_in(item)
