"""What a validator says of a resource: its answer, read. Its texts may quote a person, so only codes and places leave.

Sources: FHIR R4, Resource-validate and OperationOutcome; the model of the answer of the HL7 validator-wrapper
(``outcomes`` with ``issues``; before 2021 ``messages``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ERRORS = frozenset({"error", "fatal"})
# Issue types by which a validator says that it could not judge, and not what it thinks (R4 issue-type).
_NO_JUDGEMENT = frozenset({
    "conflict", "exception", "expired", "forbidden", "incomplete", "lockerror", "login", "nostore", "notfound",
    "notsupported", "security", "suppressed", "throttled", "timeout", "toocostly", "transient", "unknown",
})  # fmt: skip
_CODE = re.compile(r"[a-z][a-z-]{1,29}")
_PLACE = re.compile(r"[A-Z][A-Za-z]+((?:\.[A-Za-z]+(?:\[x\])?(?:\[\d+\])?)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An error that a validator found: its type, its FHIR path without the resource type, and its own words.

    ``code`` and ``path`` are None when the validator does not say, or says more than a code or a path.
    """

    code: str | None
    path: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a validator finds a resource valid; ``issues`` are the errors, none when it is."""

    valid: bool
    issues: tuple[Issue, ...]


def of_outcome(content: object) -> Judgement | None:
    """What an OperationOutcome says; None when it is none, or says that nothing was judged."""
    if not isinstance(content, dict) or content.get("resourceType") != "OperationOutcome":
        return None
    found = list(_objects(content.get("issue")))
    return _judgement(found, "severity", "code") if found else None


def of_wrapper(content: object) -> Judgement | None:
    """What the answer of a validator-wrapper to one file says; None as in ``of_outcome``."""
    outcomes = list(_objects(content.get("outcomes"))) if isinstance(content, dict) else []
    if len(outcomes) != 1:
        return None
    found = outcomes[0].get("issues", outcomes[0].get("messages"))
    return _judgement(list(_objects(found)), "level", "type") if isinstance(found, list) else None


def _judgement(found: list[dict[str, Any]], severity: str, code: str) -> Judgement | None:
    errors = [item for item in found if str(item.get(severity)).lower() in _ERRORS]
    issues = tuple(_issue(item, code) for item in errors)
    if any(str(item.get(code)).lower().replace("-", "") in _NO_JUDGEMENT for item in errors):
        return None
    return Judgement(valid=not issues, issues=issues)


def _issue(item: dict[str, Any], code: str) -> Issue:
    said = str(item.get(code)).lower()
    details = item.get("details")
    texts = [item.get("diagnostics"), details.get("text") if isinstance(details, dict) else None, item.get("message")]
    return Issue(
        code=said if said != "none" and _CODE.fullmatch(said) else None,
        path=_path(item),
        text="; ".join(text for text in texts if isinstance(text, str)),
    )


def _path(item: dict[str, Any]) -> str | None:
    """The place of an issue, when it is a plain FHIR path and not an expression with values in it."""
    for given in (item.get("expression"), item.get("location")):
        for place in given if isinstance(given, list) else [given]:
            found = _PLACE.fullmatch(place) if isinstance(place, str) else None
            if found:
                return found[1].lstrip(".") or None
    return None


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
