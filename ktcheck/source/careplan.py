"""Care plans as KT1 keeps them: activities, sub-activities, participants and their keys.

Source: kt1-source.md sections 4.6 and 5.7. An activity is no resource of its own, but it becomes a Task.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ktcheck.source.links import split_link


def values(content: Any, name: str) -> list[Any]:
    """The values of a member as a list, whether it repeats or not; empty when absent."""
    value = content.get(name) if isinstance(content, dict) else None
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def first_text(content: Any, name: str) -> str | None:
    """The first value of a member that is a text."""
    return next((item for item in values(content, name) if isinstance(item, str)), None)


def links(items: list[Any]) -> list[str]:
    """The links in a list of references."""
    splits = (split_link(item.get("reference")) for item in items if isinstance(item, dict))
    return [split[0] for split in splits if split]


def code(content: Any, name: str) -> str | None:
    """The code of the first coding that a member has."""
    item = next(iter(values(content, name)), None)
    text = item.get("code") if isinstance(item, dict) else item
    return text if isinstance(text, str) else None


def concept_codes(content: Any, name: str) -> set[str]:
    """All codes of the concepts that a member has."""
    codings = [coding for item in values(content, name) for coding in values(item, "coding")]
    return {coding["code"] for coding in codings if isinstance(coding, dict) and isinstance(coding.get("code"), str)}


def plain(text: str) -> str:
    """A sub-activity identifier to compare with: without spaces and case (section 12)."""
    return "".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part in a plan or an activity, and as what; ``teams`` are the care teams he is of."""

    member: str | None
    roles: frozenset[str]
    teams: tuple[str, ...]


def participants(content: dict[str, Any]) -> list[Participant]:
    """The participants of a plan, or of an activity."""
    found = []
    for item in values(content, "participant"):
        if isinstance(item, dict):
            teams = tuple(links(values(item, "#ParticipantCareTeam")))
            member = next(iter(links(values(item, "member"))), None)
            found.append(Participant(member, frozenset(concept_codes(item, "role")), teams))
    for item in values(content, "#Participant"):
        if isinstance(item, dict):
            teams = tuple(links(values(item, "#ParticipantCareTeam")))
            member = next(iter(links(values(item, "#ParticipantMember"))), None)
            found.append(Participant(member, frozenset(concept_codes(item, "#ParticipantRole")), teams))
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """An activity or sub-activity: its key, what was decided about that, and its content."""

    key: str
    note: str | None
    content: dict[str, Any]


def activities(link: str, plan: dict[str, Any]) -> Iterator[Part]:
    """The activities of a plan, with their keys (MIG-KT-002)."""
    for place, activity in enumerate(values(plan, "activity"), 1):
        if not isinstance(activity, dict):
            continue
        if text := first_text(activity, "#ActivityIdentifier"):
            yield Part(text.strip(), None, activity)
        elif text := first_text(activity, "id"):
            yield Part(f"{link}#{text}", "key-from-id", activity)
        else:
            yield Part(f"{link}#{place}", "key-from-position", activity)


def sub_activities(key: str, activity: dict[str, Any]) -> Iterator[Part]:
    """The sub-activities of the activity with that key."""
    for place, item in enumerate(values(activity, "#SubActivity"), 1):
        if not isinstance(item, dict):
            continue
        if text := first_text(item, "#SubActivityIdentifier"):
            yield Part(f"{key}#{text.strip()}", None, item)
        else:
            yield Part(f"{key}#{place}", "key-from-position", item)
