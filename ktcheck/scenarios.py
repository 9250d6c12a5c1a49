"""What the tags of a scenario say. Tags are the only place where a scenario's id, weight and sources are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ktcheck.findings import Severity

AREAS = (
    "bron",
    "mapbaarheid",
    "volledigheid",
    "identificatie",
    "inhoud",
    "referenties",
    "profielen",
    "idp",
    "launch",
    "autorisatie",
    "interacties",
    "abonnementen",
    "logging",
    "herhaling",
)
PHASES = ("afspreken", "voorbereiden", "uitvoeren", "evalueren")
ID = re.compile(r"(BRON|SNAP|VOL|IDE|REF)-\d{2}")
_STEP = "stap-"
_DELIVERY = "levering-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of a scenario, understood.

    ``deliveries`` are parts of the KT2 provision (``target.delivered``) without which it cannot run.
    """

    id: str
    area: str
    severity: Severity
    step: str
    requirements: tuple[str, ...]
    deliveries: tuple[str, ...]
    all: tuple[str, ...]


def understand(tags: Iterable[str]) -> Tags:
    """Read a scenario's tags, its feature's included.

    Raises:
        ValueError: one of id, area, severity and step is missing or there twice.
    """
    found = sorted(tags)
    severities = [tag for tag in found if tag in list(Severity)]
    ids = [tag for tag in found if ID.fullmatch(tag)]
    areas = [tag for tag in found if tag in AREAS]
    steps = [tag.removeprefix(_STEP) for tag in found if tag.startswith(_STEP)]
    deliveries = [tag.removeprefix(_DELIVERY) for tag in found if tag.startswith(_DELIVERY)]
    for what, values in (("id", ids), ("area", areas), ("severity", severities), ("step", steps)):
        if len(values) != 1:
            raise ValueError(f"a scenario needs exactly one {what} among its tags, not {values}: {found}")
    known = {*severities, *ids, *areas}
    requirements = [tag for tag in found if tag not in known and not tag.startswith((_STEP, _DELIVERY))]
    return Tags(
        id=ids[0],
        area=areas[0],
        severity=Severity(severities[0]),
        step=steps[0],
        requirements=tuple(requirements),
        deliveries=tuple(deliveries),
        all=tuple(found),
    )


def selected(tags: Iterable[str], wanted: str | None) -> bool:
    """Whether a ``--tags`` filter takes a scenario: ``a,b`` any of them; ``~c`` not this one."""
    if not wanted:
        return True
    names = [name.strip().removeprefix("@") for name in wanted.split(",") if name.strip()]
    refused = {name[1:].removeprefix("@") for name in names if name.startswith("~")}
    taken = {name for name in names if not name.startswith("~")}
    own = set(tags)
    return not (own & refused) and (not taken or bool(own & taken))
