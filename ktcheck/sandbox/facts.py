"""What is true in a practice domain, apart from how KT1 said it and how KT2 says it.

People are named by their KT1 link. Both sides are made from these facts, so a correct migration is correct by
construction. Five patterns of dossiers take turns (``index % 5``); together they hold every oddity of the domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ktcheck.sandbox.people import Person

Dialect = Literal["python", "java", "js"]
Role = Literal["portal", "module", "source"]
Kind = Literal["Game", "ELearning", "Questionnaire"]

PATTERNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application of the domain, in both worlds.

    ``client_id`` is the KT2 client id, equal to the logical id of ``device``; ``owns`` are the KT2 types it is the
    agreed source of. ``base`` is the root of the KT1 links it mints, ``kt1_identifier`` its name in KT1 launches
    and definitions, ``dialect`` the connector it used for KT1.
    """

    name: str
    client_id: str
    device: str
    role: Role
    owns: tuple[str, ...] = ()
    base: str = ""
    kt1_identifier: str | None = None
    dialect: Dialect = "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A location; without ``agb`` it was never sent in KT1, only referred to."""

    link: str
    name: str
    agb: str | None
    part_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An activity definition; ``subs`` are the (identifier, name) of its sub-activities."""

    link: str
    application: str
    identifier: str
    name: str
    kind: Kind
    description: str | None = None
    archived: bool = False
    subs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """A practitioner under the links of the applications that know him; the first link is the portal's."""

    links: tuple[str, ...]
    number: int
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A related person; ``relation`` is a RoleCode that the Dutch list has too."""

    link: str
    number: int
    person: Person
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody involved in a plan or an activity."""

    member: str
    role: Literal["Requester", "Caregiver", "Thirdparty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubActivity:
    """A part of an activity; ``planned`` is its status in the plan, ``current`` after the status messages."""

    identifier: str
    planned: str
    current: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What somebody has to do. ``key`` identifies it; ``identifier`` is the text that KT1 sent, if any.

    ``removed``: it was in an older version of the plan and is gone from the newest one, so it is not migrated.
    ``performer`` None: nobody is named, so it is the patient. Times are texts as KT1 wrote them.
    """

    id: str
    key: str
    identifier: str | None
    definition: Definition
    planned: str
    current: str
    performer: str | None
    start: str
    end: str
    description: str | None = None
    started: str | None = None
    finished: str | None = None
    cancelled: str | None = None
    participants: tuple[Participant, ...] = ()
    subs: tuple[SubActivity, ...] = ()
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A care plan; ``sent`` is when its first version went over the bus, ``changed`` when its newest did (UTC)."""

    link: str
    participants: tuple[Participant, ...]
    activities: tuple[Activity, ...]
    sent: datetime
    changed: datetime

    @property
    def current(self) -> tuple[Activity, ...]:
        """The activities of the newest version."""
        return tuple(activity for activity in self.activities if not activity.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A care team of one patient. ``names_subject`` False: KT1 left that to the plans that name the team."""

    link: str
    number: int
    name: str
    names_subject: bool
    organization: str | None
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A patient and everything that belongs to him; ``opened`` (UTC) is when his first message was sent."""

    index: int
    link: str
    number: int
    person: Person
    opened: datetime
    bsn_spelling: Literal["url", "plural", "word"]
    organization: str | None
    relative: Relative | None
    team: Team | None
    plans: tuple[Plan, ...]

    @property
    def pattern(self) -> int:
        """Which of the five kinds of dossier this is, 0 to 4."""
        return self.index % PATTERNS

    @property
    def activities(self) -> tuple[tuple[Plan, Activity], ...]:
        """Every activity that has to be migrated, with its plan."""
        return tuple((plan, activity) for plan in self.plans for activity in plan.current)
