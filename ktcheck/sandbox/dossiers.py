"""How one dossier comes about: a patient, those around him and his care plans, by pattern and by chance.

| pattern | what it adds to the domain |
| --- | --- |
| 0 | related person, care team, sub-activities, a status message newer than the plan, older patient version |
| 1 | an activity that left the plan, a thin companion, a user message, care team |
| 2 | bare-word BSN system, related person, an activity without ActivityIdentifier |
| 3 | plural BSN system, an organization that is only referred to, sub-activities, the same message twice |
| 4 | two plans, an archived definition, a care team that names no patient, older patient version |
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ktcheck.sandbox.facts import (
    PATTERNS,
    Activity,
    Dossier,
    Participant,
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
_WITH_RELATIVE = {0, 2}
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
    team = Team(
        link=f"{world.portal.base}/CareTeam/t-{index}",
        number=index,
        name=f"Team {index}",
        names_subject=pattern != 4,
        organization=north if pattern in _IN_NORTH else None,
        since=f"{opened:%Y-%m-%d}",
    )
    return Dossier(
        index=index,
        link=link,
        number=number,
        person=person(world.seed, index),
        opened=opened,
        bsn_spelling=_SPELLINGS[pattern],
        organization=north if pattern in _IN_NORTH else south if pattern == 3 else None,
        relative=relative,
        team=team if pattern in _WITH_TEAM else None,
        plans=_plans(_Author(world, index, rng, link, relative, opened)),
    )


def _relative(world: World, index: int, rng: random.Random) -> Relative:
    return Relative(
        link=f"{world.epd.base}/RelatedPerson/{7000 + index}",
        number=7000 + index,
        person=person(world.seed, index, "relative"),
        relation=rng.choice(_RELATIONS),
    )


def _plans(author: _Author) -> tuple[Plan, ...]:
    """The plans of a dossier: one, or two in pattern 4."""
    write = (author.pattern_0, author.pattern_1, author.pattern_2, author.pattern_3, author.pattern_4)
    plans: list[Plan] = []
    for number, activities in enumerate(write[author.index % PATTERNS]()):
        sent = author.opened + timedelta(days=3, hours=number)
        changed = sent + timedelta(days=2) if any(activity.removed for activity in activities) else sent
        extra = author.extra() if number == 0 else ()
        plans.append(
            Plan(
                link=author.plan(number),
                participants=author.participants(),
                activities=(*activities, *extra),
                sent=sent,
                changed=changed,
            )
        )
    return tuple(plans)


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
        if self.relative is None:
            return (requester,)
        return requester, Participant(member=self.relative.link, role="Thirdparty")

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
        performer: str | None = None,
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
            performer=performer,
            start=f"{begin:%Y-%m-%d}T00:00:00+01:00",
            end=f"{begin + timedelta(days=60):%Y-%m-%d}T23:59:59+01:00",
            description=f"Stap {number} van de behandeling" if number % 2 else None,
            started=instant["started"] if planned in {"InProgress", "Completed"} else None,
            finished=instant["finished"] if planned == "Completed" else None,
            cancelled=instant["cancelled"] if planned == "Cancelled" else None,
            participants=(Participant(member=self.practitioner(1), role="Caregiver"),) if number == 1 else (),
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
        course = self.activity(1, "RUSTWIJZER", "Available", identifier=self.linked(1), performer=self.patient)
        course = self.lessons(course, ("Available", "Completed"), ("Waiting", "Waiting"))
        questions = self.activity(
            2, "KLACHTENLIJST", "Completed", identifier=self.key(), performer=self.practitioner(0)
        )
        return ((replace(course, current="InProgress"), questions),)

    def pattern_1(self) -> tuple[tuple[Activity, ...], ...]:
        course = self.activity(1, "RUSTWIJZER", "Waiting", identifier=self.linked(1))
        colleague = self.practitioner(1, by_the_epd=True)
        questions = self.activity(2, "KLACHTENLIJST", "InProgress", identifier=self.key(), performer=colleague)
        gone = self.activity(9, "SLAAPDAGBOEK", "Available", identifier=self.key(), performer=self.patient)
        return ((course, questions, replace(gone, removed=True)),)

    def pattern_2(self) -> tuple[tuple[Activity, ...], ...]:
        diary = self.activity(1, "SLAAPDAGBOEK", "Available", identifier=self.key(), performer=self.patient)
        return ((diary, self.activity(2, "KLACHTENLIJST", "SkippedByUser")),)

    def pattern_3(self) -> tuple[tuple[Activity, ...], ...]:
        course = self.activity(1, "RUSTWIJZER", "InProgress", identifier=self.linked(1), performer=self.patient)
        course = self.lessons(course, ("Completed", "Completed"), ("Available", "Completed"))
        return ((replace(course, current="Completed"),),)

    def pattern_4(self) -> tuple[tuple[Activity, ...], ...]:
        diary = self.activity(1, "SLAAPDAGBOEK", "Expired", identifier=self.key())
        questions = self.activity(
            2, "KLACHTENLIJST", "Cancelled", identifier=self.key(), performer=self.practitioner(0)
        )
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
                performer=self.patient,
            )
            for number in range(self.rng.randint(0, _EXTRA_MAX))
        )
