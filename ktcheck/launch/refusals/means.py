"""What it takes to try what has to be refused: applications, test accounts and tasks, and what was used before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ktcheck.domain import TestAccount
from ktcheck.launch.messages import Fresh, Task
from ktcheck.launch.players import Joined
from ktcheck.launch.recipe import Redeemed
from ktcheck.launch.ways import Kind


class MissingError(Exception):
    """Something cannot be tried; the text says in Dutch what is missing, and what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A test account with the task that it launches; ``active`` is that of the person (``<Type>/<id>``)."""

    account: TestAccount = field(repr=False)
    person: str
    task: Task
    login: Kind
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What there is in a domain.

    ``other`` is a second application in it, ``elsewhere`` one in another domain; a text says in Dutch why it is not
    there. ``definitions`` (ActivityDefinitions) and ``devices`` (of applications other than the suite's) exist.
    """

    own: Joined
    other: Joined | str
    elsewhere: Joined | str
    targets: tuple[Target, ...]
    definitions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    def user(self) -> Target:
        """Who launches what is refused for something else than who he is: a patient, if there is one."""
        for target in (*self._active("Patient"), *self._active("")):
            return target
        raise MissingError(
            "er is geen testaccount van een actieve persoon met een taak; zet dat in [[launch.accounts]]"
        )

    def colleague(self) -> Target:
        """Somebody else of the same user type as ``user``."""
        user = self.user()
        kind = user.person.partition("/")[0]
        for target in self._active(kind):
            if target.person != user.person:
                return target
        raise MissingError(f"er is geen tweede testaccount van een {kind} met een taak; zet dat in [[launch.accounts]]")

    def patient(self) -> Target:
        """A patient."""
        for target in self._active("Patient"):
            return target
        raise MissingError("er is geen testaccount van een Patient met een taak; zet dat in [[launch.accounts]]")

    def other_patient(self, patient: str | None) -> Target:
        """Another patient than this one, with a task that is for him."""
        for target in self._active("Patient"):
            if target.person != patient and target.task.patient == target.person:
                return target
        raise MissingError(
            "er is geen testaccount van een andere Patient met een eigen taak; zet dat in [[launch.accounts]]"
        )

    def related(self) -> Target:
        """A related person."""
        for target in self._active("RelatedPerson"):
            return target
        raise MissingError("er is geen testaccount van een RelatedPerson met een taak; zet dat in [[launch.accounts]]")

    def inactive(self) -> Target:
        """Somebody who is not active, preferably of the same user type as ``user``."""
        kind = self.user().person.partition("/")[0]
        found = [target for target in self.targets if not target.active]
        for target in sorted(found, key=lambda target: not target.person.startswith(f"{kind}/")):
            return target
        raise MissingError(
            "er is geen testaccount van een persoon met active false en een taak; zet dat in [[launch.accounts]]"
        )

    def _active(self, kind: str) -> Iterator[Target]:
        return (target for target in self.targets if target.active and target.person.startswith(kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a launch that worked used up."""

    hti: str = field(repr=False)
    code: Redeemed = field(repr=False)
    assertion: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a change may use: the means, what the good launch before it used up, and tokens of applications."""

    means: Means
    fresh: Fresh
    used: Used | None = None
    own_token: str | None = field(default=None, repr=False)
    token_of_elsewhere: str | None = field(default=None, repr=False)
