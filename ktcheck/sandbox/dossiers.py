"""How one dossier comes about: a patient, those around him and his care plans, by pattern and by chance.

Pattern 0
    patient: initials and a usual name, fax, temporary address with state and text, photo, age; an older version of him
    around him: a related person (code of the Dutch list, address, age), a team with status Active and two organizations
    plan: goal, notes; sub-activities, an activity with ActivityID, goal and notes whose status is newer than the plan,
    one that the related person does
Pattern 1
    patient: title, suffix and period of a name, url, a number with period and assigner, care provider
    around him: a team without status (or proposed), its identifier a plain text; a thin companion, a user message
    plan: planned; an activity that left it, one with two performers; a supervisor and the patient himself take part
Pattern 2
    patient: text of a name, gender UN, old phone, old address, a number with use usual, bare-word BSN system,
    deceased, marital status, contact
    around him: a related person (code outside the Dutch list, no gender, particles in the family name)
    plan: an activity that is prohibited, without ActivityIdentifier, dates and kind
Pattern 3
    patient: particles in the family name, no gender, phone for a time, an address that is a period only, number with
    use temp, plural BSN system, communication, multiple birth; an organization that is only referred to; the first of
    every two is not active any more (nobody around him: a related person stays active in KT2)
    plan: its patient in the header only; sub-activities, no end date, percentage as decimal, black box state; the same
    message twice, a second activity
Pattern 4
    patient: gender UNK, maiden name, e-mail of work, plain birth date, link to another patient; an older version of him
    around him: a related person (code without a counterpart, no name use, no telecom, photo), a team that names no
    patient, is suspended (or inactive) and ended
    plans: two, the second completed, with a parent and seldom used elements; expired, cancelled and with an archived
    definition; a secretary and somebody without a role take part, the team of a participant is under its other name

From five patients there is an activity in each of the seven statuses.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ktcheck.sandbox import particulars
from ktcheck.sandbox.facts import (
    PATTERNS,
    Activity,
    Dossier,
    Goal,
    Participant,
    ParticipantRole,
    Plan,
    Relative,
    SubActivity,
    Team,
)
from ktcheck.sandbox.people import person

if TYPE_CHECKING:
    from ktcheck.sandbox.world import World

_SPELLINGS: Sequence[Literal["url", "plural", "word"]] = ("url", "url", "word", "plural", "url")
_RELATIONS = ("SIS", "BRO", "MTH", "FTH", "DOMPART", "DAUC")
_OTHER_LIST = 9
_TEAM_STATUSES = ("Active", None, None, None, "suspended", "active", "proposed", None, None, "inactive")
_NO_LONGER_ACTIVE = 10
_WITH_RELATIVE = {0, 2, 4}
_WITH_TEAM = {0, 1, 4}
_IN_NORTH = {0, 1}
_EXTRA_STATUSES = ("Available", "InProgress", "Completed", "Cancelled", "Waiting", "Expired", "SkippedByUser")
_EXTRA_MAX = 2


def open_dossier(world: World, index: int) -> Dossier:
    """The dossier of patient number ``index``; the same on every call."""
    rng = random.Random(f"{world.seed}:{world.name}:dossier:{index}")
    pattern = index % PATTERNS
    number = 48_000 + index
    opened = world.opened(index)
    north, south = f"{world.epd.base}/Organization/1", f"{world.epd.base}/Organization/9"
    link = f"{world.epd.base}/Patient/{number}"
    relative = _relative(world, index, rng) if pattern in _WITH_RELATIVE else None
    who = particulars.patient(person(world.seed, index), pattern)
    return Dossier(
        index=index,
        link=link,
        number=number,
        person=who,
        opened=opened,
        bsn_spelling=_SPELLINGS[pattern],
        names=particulars.patient_names(who, pattern),
        contacts=particulars.patient_contacts(who, pattern),
        addresses=particulars.patient_addresses(who, pattern),
        numbers=particulars.patient_numbers(str(number), world.epd.site, north, pattern),
        tells_gender=pattern != 3,
        organization=north if pattern in _IN_NORTH else south if pattern == 3 else None,
        relative=relative,
        team=_team(world, index, opened) if pattern in _WITH_TEAM else None,
        plans=_plans(_Author(world, index, rng, link, relative, opened)),
        other_patient=f"{world.epd.base}/Patient/{number - 1}" if pattern == 4 else None,
        active=index % _NO_LONGER_ACTIVE != 3,
    )


def _team(world: World, index: int, opened: datetime) -> Team:
    pattern = index % PATTERNS
    organizations = (f"{world.epd.base}/Organization/1", f"{world.epd.base}/Organization/2")
    return Team(
        link=f"{world.portal.base}/CareTeam/t-{index}",
        number=index,
        name=f"Team {index}",
        names_subject=pattern != 4,
        status=_TEAM_STATUSES[index % len(_TEAM_STATUSES)],
        organizations={0: organizations, 1: organizations[:1]}.get(pattern, ()),
        since=f"{opened:%Y-%m-%d}",
        until=f"{opened + timedelta(days=400):%Y-%m-%d}" if pattern == 4 else None,
        bare=pattern == 1,
    )


def _relative(world: World, index: int, rng: random.Random) -> Relative:
    pattern = index % PATTERNS
    who = particulars.relative(person(world.seed, index, "relative"), pattern)
    relation = rng.choice(_RELATIONS)
    if pattern == 2:
        relation = "DAU"
    elif pattern == 4:
        relation = "WORK" if index % (2 * PATTERNS) == _OTHER_LIST else "FRND"
    return Relative(
        link=f"{world.epd.base}/RelatedPerson/{7000 + index}",
        number=7000 + index,
        person=who,
        relation=relation,
        name=particulars.relative_name(who, pattern),
        contacts=particulars.relative_contacts(who, pattern),
        address=particulars.home(who) if pattern == 0 else None,
        tells_gender=pattern != 2,
    )


def _plans(author: _Author) -> tuple[Plan, ...]:
    """The plans of a dossier: one, or two in pattern 4."""
    pattern = author.index % PATTERNS
    write = (author.pattern_0, author.pattern_1, author.pattern_2, author.pattern_3, author.pattern_4)
    plans: list[Plan] = []
    for number, activities in enumerate(write[pattern]()):
        sent = author.opened + timedelta(days=3, hours=number)
        changed = sent + timedelta(days=2) if any(activity.removed for activity in activities) else sent
        extra = author.extra() if number == 0 else ()
        plans.append(
            Plan(
                link=author.plan(number),
                status="completed" if number else "planned" if pattern == 1 else "active",
                names_patient=pattern != 3,
                parent=author.plan(0) if number else None,
                native=number > 0,
                goals=(_GOAL,) if pattern == 0 else (),
                notes="Overleg met de huisarts is geweest" if pattern == 0 else None,
                participants=author.participants(),
                activities=(*activities, *extra),
                sent=sent,
                changed=changed,
            )
        )
    return tuple(plans)


_GOAL = Goal(id="g-1", description="Beter slapen", status="in progress", notes="Samen afgesproken")
_SIDE_ROLES: Sequence[ParticipantRole | None] = ("Caregiver", "Supervisor", "Caregiver", "Analyst", "Secretary")


@dataclass(frozen=True, slots=True)
class _Author:
    """The practitioner who plans: knows the dossier so far and writes its activities."""

    world: World
    index: int
    rng: random.Random
    patient: str
    relative: Relative | None
    opened: datetime

    def plan(self, number: int) -> str:
        return f"{self.world.portal.base}/CarePlan/c-{1000 + self.index}{'b' * number}"

    def participants(self) -> tuple[Participant, ...]:
        requester = Participant(member=self.practitioner(0), role="Requester")
        if self.index % PATTERNS == 1:
            return requester, Participant(member=self.patient, role="Thirdparty")
        if self.relative is None:
            return (requester,)
        return requester, Participant(member=self.relative.link, role="Thirdparty")

    def side(self, number: int) -> tuple[Participant, ...]:
        """Who takes part in the first activity of a plan, besides the participants of the plan."""
        if number != 1:
            return ()
        pattern = self.index % PATTERNS
        colleague = Participant(member=self.practitioner(1), role=_SIDE_ROLES[pattern])
        untold = Participant(member=self.practitioner(0), role=None)
        return (colleague, untold) if pattern == 4 else (colleague,)

    def practitioner(self, turn: int, *, by_the_epd: bool = False) -> str:
        """The link of the patient's practitioner (turn 0) or a colleague (1); the EPD's link where it has one."""
        return self.world.practitioner(self.index + turn).links[-1 if by_the_epd else 0]

    def key(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def activity(
        self,
        number: int,
        definition: str,
        planned: str,
        *,
        identifier: str | None = None,
        performers: tuple[str, ...] = (),
        plan: int = 0,
    ) -> Activity:
        """An activity in status ``planned``, with the times that go with that status."""
        begin = self.opened + timedelta(days=4 + number)
        instant = {
            name: f"{begin + timedelta(days=days):%Y-%m-%dT19:%M:%S}+00:00"
            for name, days in (("started", 1), ("finished", 2), ("cancelled", 3))
        }
        return Activity(
            id=f"a-{number}",
            key=identifier or f"{self.plan(plan)}#a-{number}",
            identifier=identifier,
            definition=self.world.definitions[definition],
            planned=planned,
            current=planned,
            performers=performers,
            start=f"{begin:%Y-%m-%d}T00:00:00+01:00",
            end=f"{begin + timedelta(days=60):%Y-%m-%d}T23:59:59+01:00",
            description=f"Stap {number} van de behandeling" if number % 2 else None,
            started=instant["started"] if planned in {"InProgress", "Completed"} else None,
            finished=instant["finished"] if planned == "Completed" else None,
            cancelled=instant["cancelled"] if planned == "Cancelled" else None,
            participants=self.side(number),
        )

    def lessons(self, activity: Activity, first: tuple[str, str], second: tuple[str, str]) -> Activity:
        """The activity with the two lessons of its definition, each with its planned and current status."""
        names = [identifier for identifier, _ in activity.definition.subs]
        subs = tuple(
            SubActivity(identifier=name, planned=planned, current=current)
            for name, (planned, current) in zip(names, (first, second), strict=True)
        )
        return replace(activity, subs=subs)

    def linked(self, number: int) -> str:
        return f"{self.plan(0)}#a-{number}"

    def pattern_0(self) -> tuple[tuple[Activity, ...], ...]:
        course = self.activity(1, "RUSTWIJZER", "Available", identifier=self.linked(1), performers=(self.patient,))
        course = self.lessons(course, ("Available", "Completed"), ("Waiting", "Waiting"))
        course = replace(course, current="InProgress", goal=_GOAL.id, notes="In overleg rustig aan")
        own = (self.practitioner(0),)
        questions = self.activity(2, "KLACHTENLIJST", "Completed", identifier=self.key(), performers=own)
        beside = () if self.relative is None else (self.relative.link,)
        diary = self.activity(3, "SLAAPDAGBOEK", "Available", identifier=self.linked(3), performers=beside)
        return ((course, questions, diary),)

    def pattern_1(self) -> tuple[tuple[Activity, ...], ...]:
        course = self.activity(1, "RUSTWIJZER", "Waiting", identifier=self.linked(1))
        colleague = (self.practitioner(1, by_the_epd=True),)
        questions = self.activity(2, "KLACHTENLIJST", "InProgress", identifier=self.key(), performers=colleague)
        both = (self.practitioner(0), self.practitioner(1))
        meeting = self.activity(3, "GESPREK", "Available", identifier=self.key(), performers=both)
        gone = self.activity(9, "SLAAPDAGBOEK", "Available", identifier=self.key(), performers=(self.patient,))
        return ((course, questions, meeting, replace(gone, removed=True)),)

    def pattern_2(self) -> tuple[tuple[Activity, ...], ...]:
        diary = self.activity(1, "SLAAPDAGBOEK", "Available", identifier=self.key(), performers=(self.patient,))
        skipped = self.activity(2, "KLACHTENLIJST", "SkippedByUser")
        return ((diary, replace(skipped, start=None, end=None, prohibited=True)),)

    def pattern_3(self) -> tuple[tuple[Activity, ...], ...]:
        course = self.activity(1, "RUSTWIJZER", "InProgress", identifier=self.linked(1), performers=(self.patient,))
        course = self.lessons(course, ("Completed", "Completed"), ("Available", "Completed"))
        diary = self.activity(2, "SLAAPDAGBOEK", "Available", identifier=self.linked(2), performers=(self.patient,))
        return ((replace(course, current="Completed", end=None), diary),)

    def pattern_4(self) -> tuple[tuple[Activity, ...], ...]:
        diary = self.activity(1, "SLAAPDAGBOEK", "Expired", identifier=self.key())
        own = (self.practitioner(0),)
        questions = self.activity(2, "KLACHTENLIJST", "Cancelled", identifier=self.key(), performers=own)
        old = self.activity(1, "KLACHTENLIJST-OUD", "Completed", identifier=self.key(), plan=1)
        return (diary, questions), (old,)

    def extra(self) -> tuple[Activity, ...]:
        """Up to two more activities by chance, for the patient to do."""
        return tuple(
            self.activity(
                11 + number,
                self.rng.choice(("RUSTWIJZER", "SLAAPDAGBOEK", "KLACHTENLIJST")),
                self.rng.choice(_EXTRA_STATUSES),
                identifier=self.key(),
                performers=(self.patient,),
            )
            for number in range(self.rng.randint(0, _EXTRA_MAX))
        )
