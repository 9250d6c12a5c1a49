"""A whole set of launches in a practice domain that is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ktcheck.domain import Domain
from ktcheck.launch import observe
from ktcheck.launch.facts import LaunchFact
from ktcheck.launch.observe import Observed
from ktcheck.launch.people import People
from ktcheck.launch.playing import Outside
from ktcheck.snapshot.store import Snapshot
from tests.launch.served import Served
from tests.practice import write_snapshot

F = TypeVar("F", bound=LaunchFact)


class Everybody(People):
    """Whom and what everybody knows: all was migrated, and everybody has one account."""

    def is_migrated(self, name: str) -> bool:
        return bool(name)

    def has_one_account(self, user_type: object, person: object, application: object) -> bool | None:
        return bool(user_type and person) or application is not None


def launching(served: Served, **changes: Any) -> Domain:
    """The domain, with other settings in ``[launch]``."""
    assert served.domain.launch
    return served.domain.model_copy(update={"launch": served.domain.launch.model_copy(update=changes)})


def snapshot(served: Served, folder: Path) -> Snapshot:
    """What the domain holds now."""
    write_snapshot(served.materialised.all(), folder / "snapshot")
    return Snapshot.open(folder / "snapshot")


def observed(
    served: Served,
    taken: Snapshot,
    domain: Domain | None = None,
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> Observed:
    """Every launch of a domain, without what has to be refused."""
    return launched(domain or served.domain, taken, served.outside, progress)


def launched(
    domain: Domain,
    taken: Snapshot,
    outside: Outside,
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> Observed:
    """Every launch of a domain that something is known of."""
    names = observe.applications(domain, None)
    return observe.told(observe.launched(domain, taken, Everybody(domain), names, outside, progress))


def of(kind: type[F], found: Observed) -> list[F]:
    """The facts of a kind."""
    return [fact for fact in found.facts if isinstance(fact, kind)]
