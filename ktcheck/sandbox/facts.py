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
Kind = Literal["Game", "ELearning", "Questionnaire", "Meeting"]
Performer = Literal["Patient", "Practitioner", "RelatedPerson"]
Launch = Literal["Web", "Mobile", "None"]
ParticipantRole = Literal["Requester", "Caregiver", "Thirdparty", "Secretary", "Supervisor", "Analyst"]

PATTERNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application of the domain, in both worlds.

    ``client_id`` is the KT2 client id, equal to the logical id of ``device``; ``owns`` are the KT2 types it is the
    agreed source of. ``base`` is the root of the KT1 links it mints, ``kt1_identifier`` its name in KT1 launches
    and definitions, ``dialect`` the connector it used for KT1. ``requires`` are the things that it cannot do without in
    a patient who has a task in it, by their names in the domain file.
    """

    name: str
    client_id: str
    device: str
    role: Role
    owns: tuple[str, ...] = ()
    base: str = ""
    kt1_identifier: str | None = None
    dialect: Dialect = "python"
    requires: tuple[str, ...] = ()

    @property
    def site(self) -> str:
        """Scheme and host: the root of the identifier systems of its own."""
        return "/".join(self.base.split("/")[:3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """What the source application and the portal of a domain are called; the domains of a cluster have the same."""

    epd: str = "Voorbeeld EPD"
    portal: str = "Voorbeeldportaal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name of somebody. ``prefix`` are the particles of the family name, ``title`` is no part of it.

    ``joined``: KT1 has the particles in the family name. ``says_use``: KT1 says what the name is for; the official name
    it is where it does not. ``since`` is the date from which the name counts.
    """

    use: Literal["official", "usual", "maiden"]
    given: tuple[str, ...] = ()
    prefix: str = ""
    family: str = ""
    title: str | None = None
    suffix: str | None = None
    text: str | None = None
    since: str | None = None
    joined: bool = False
    says_use: bool = True

    @property
    def surname(self) -> str:
        """The family name with its particles."""
        return f"{self.prefix} {self.family}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to reach somebody; ``until`` is the date on which it ended."""

    system: Literal["phone", "fax", "email", "url"]
    value: str
    use: Literal["home", "work", "temp", "old", "mobile"] | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody lives or lived. Without a ``line`` KT1 has a use and a period only, which is no address."""

    use: Literal["home", "temp", "old"]
    line: str | None
    city: str | None = None
    postcode: str | None = None
    state: str | None = None
    text: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A business identifier other than the BSN. ``since`` and ``assigner`` (a KT1 link) are in KT1 only."""

    use: Literal["secondary", "usual", "temp"]
    system: str
    value: str
    since: str | None = None
    assigner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A location; without ``agb`` it was never sent in KT1, only referred to. ``kind`` is its DSTU1 type and name."""

    link: str
    name: str
    agb: str | None
    part_of: str | None = None
    kind: tuple[str, str] = ("dept", "Afdeling")
    says_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An activity definition; ``subs`` are the (identifier, name) of its sub-activities.

    ``active``: None where KT1 does not say. ``native``: KT1 has the identifier a second time, in the deprecated place.
    """

    link: str
    application: str
    identifier: str
    name: str
    kind: Kind
    description: str | None = None
    archived: bool = False
    active: bool | None = True
    performer: Performer | None = "Patient"
    launch: Launch | None = "Web"
    domain_specific: bool | None = None
    native: bool = False
    subs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """A practitioner under the links of the applications that know him; the first link is the portal's.

    Three kinds of practitioners take turns: of the first KT1 tells his place in the organization, of the second his
    address and qualification, of the third his gender and date of birth.
    """

    links: tuple[str, ...]
    number: int
    person: Person
    organization: str

    @property
    def turn(self) -> int:
        """Which of the three kinds this is, 0 to 2."""
        return (self.number - 1) % 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A related person; ``relation`` is a RoleCode, or ``WORK`` of a list from before that was agreed.

    ``tells_gender`` False: KT1 has none.
    """

    link: str
    number: int
    person: Person
    relation: str
    name: Name
    contacts: tuple[Contact, ...]
    address: Address | None
    tells_gender: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody involved in a plan or an activity; KT1 does not always say as what."""

    member: str
    role: ParticipantRole | None


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
    ``performers`` empty: nobody is named, so it is the patient. Times are texts as KT1 wrote them. ``prohibited``: the
    plan says that this may not be done. ``goal`` is the local id of a goal of its plan.
    """

    id: str
    key: str
    identifier: str | None
    definition: Definition
    planned: str
    current: str
    performers: tuple[str, ...]
    start: str | None
    end: str | None
    description: str | None = None
    started: str | None = None
    finished: str | None = None
    cancelled: str | None = None
    participants: tuple[Participant, ...] = ()
    subs: tuple[SubActivity, ...] = ()
    removed: bool = False
    prohibited: bool = False
    goal: str | None = None
    notes: str | None = None

    @property
    def performer(self) -> str | None:
        """The performer when there is one, None when there are none or several."""
        return self.performers[0] if len(self.performers) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a plan wants to reach; ``id`` is a local anchor that activities refer to."""

    id: str
    description: str
    status: Literal["in progress", "achieved"]
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A care plan; ``sent`` is when its first version went over the bus, ``changed`` when its newest did (UTC).

    ``names_patient`` False: KT1 has the patient in the header of the message only. ``parent`` is the link of the plan
    that this one belongs to. ``native``: KT1 filled the elements of DSTU1 that are seldom used.
    """

    link: str
    status: Literal["planned", "active", "completed"] = "active"
    names_patient: bool = True
    parent: str | None = None
    native: bool = False
    goals: tuple[Goal, ...] = ()
    notes: str | None = None
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
    """A care team of one patient. ``names_subject`` False: KT1 left that to the plans that name the team.

    ``status`` is as KT1 wrote it, None where it did not. ``bare``: KT1 wrote its identifier as a text, without system.
    """

    link: str
    number: int
    name: str
    names_subject: bool
    status: str | None
    organizations: tuple[str, ...]
    since: str
    until: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A patient and everything that belongs to him; ``opened`` (UTC) is when his first message was sent.

    ``active`` False: he is no patient any more, though what he had to do is still there.
    """

    index: int
    link: str
    number: int
    person: Person
    opened: datetime
    bsn_spelling: Literal["url", "plural", "word"]
    names: tuple[Name, ...]
    contacts: tuple[Contact, ...]
    addresses: tuple[Address, ...]
    numbers: tuple[Number, ...]
    tells_gender: bool
    organization: str | None
    relative: Relative | None
    team: Team | None
    plans: tuple[Plan, ...]
    other_patient: str | None = None
    active: bool = True

    @property
    def pattern(self) -> int:
        """Which of the five kinds of dossier this is, 0 to 4."""
        return self.index % PATTERNS

    @property
    def activities(self) -> tuple[tuple[Plan, Activity], ...]:
        """Every activity that has to be migrated, with its plan."""
        return tuple((plan, activity) for plan in self.plans for activity in plan.current)
