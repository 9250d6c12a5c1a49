"""What a run says of its launches, and of one person's chain; invented."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PERSON = "Patient/00000000-0000-4000-8000-000000000001"
TASK = "Task/00000000-0000-4000-8000-000000000002"

_STEPS = (
    ("smart-configuration", "portal", 0, 42),
    ("launch", "portal", 60, 35),
    ("authorize", "module", 110, 48),
    ("login", "person", 170, 640),
    ("callback", "module", 830, 30),
    ("token", "authorization", 870, 95),
    ("introspection", "module", 980, 60),
    ("page", "module", 1050, 180),
    ("audit", "resource", 1300, 240),
)
_LINKS = ("kt1-record", "migration-identifier", "resource", "account", "login", "task", "launch", "audit")


def launch(number: int = 1, broken: str | None = None) -> Json:
    """A launch that worked, or that ended at the step ``broken``."""
    names = [name for name, *_ in _STEPS]
    end = names.index(broken) + 1 if broken else len(names)
    return {
        "id": f"L{number}",
        "plays": "portal",
        "application": "Rustwijzer",
        "user_type": "Patient",
        "person": PERSON,
        "task": TASK,
        "outcome": "failed" if broken else "launched",
        "milliseconds": 1540,
        "login": "form",
        "steps": [
            {
                "name": name,
                "actor": actor,
                "start_ms": start,
                "milliseconds": milliseconds,
                "status": 200,
                "ok": name != broken,
            }
            for name, actor, start, milliseconds in _STEPS[:end]
        ],
    }


def chain(broken: str | None = None) -> Json:
    """One person's chain; what comes after the link that is broken was not looked at."""
    at = _LINKS.index(broken) if broken else len(_LINKS)
    links = [
        {"name": name, "reference": PERSON if name == "resource" else None, "shown": None if place > at else place < at}
        for place, name in enumerate(_LINKS)
    ]
    return {"person": PERSON, "links": links}
