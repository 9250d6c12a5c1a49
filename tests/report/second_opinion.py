"""What the profiles section of a report tells, for the sample runs."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def unchecked() -> list[Json]:
    """Codes of which only the form was checked."""
    rows = [
        ("snomed-ct", "SNOMED CT", "SNOMED CT", "CareTeam", "CareTeam.participant.role.coding", 58, 41),
        ("snomed-ct", "SNOMED CT", "SNOMED CT", "Task", "Task.code.coding", 12, 12),
        ("country", "landen (ISO 3166)", "countries (ISO 3166)", "Patient", "Address.country", 903, 903),
        (None, None, None, "Patient", "Patient.communication.language", 3, 2),
    ]  # fmt: skip
    keys = ("system", "name_nl", "name_en", "resource_type", "element", "codes", "resources")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def opinion(**changes: Any) -> Json:
    """A second opinion that differs about some resources, and is not there of others."""
    rows = [
        ("Patient", "ktcheck", "required", "contact", None, None, 3),
        ("Task", "service", "prohibited", "restriction", "mag er niet zijn", "may not be there", 1),
    ]
    keys = ("resource_type", "valid_by", "code", "path", "what_nl", "what_en", "resources")
    return {
        "kind": "fhir",
        "host": "kt2.example",
        "resources": 9936,
        "shapes": 212,
        "chosen_shapes": 160,
        "chosen": 200,
        "answered": 197,
        "agreed_valid": 180,
        "agreed_invalid": 13,
        "differences": [dict(zip(keys, row, strict=True)) for row in rows],
        "unanswered": [
            {"cause": "status", "status": 500, "resources": 2},
            {"cause": "slow", "status": None, "resources": 1},
        ],
    } | changes


def unheard() -> Json:
    """A validator that was asked and gave no judgement at all."""
    unanswered = [
        {"cause": "given-up", "status": None, "resources": 197},
        {"cause": "no-judgement", "status": None, "resources": 2},
        {"cause": "unreachable", "status": None, "resources": 1},
    ]
    nothing = {"answered": 0, "agreed_valid": 0, "agreed_invalid": 0, "differences": [], "unanswered": unanswered}
    return opinion(kind="validator", host="validator.example:3500", **nothing)
