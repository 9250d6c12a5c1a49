"""What ``report.json`` says of launches: a row for each, and the chain of one person from KT1 to the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ktcheck.launch.facts import Launch, LaunchFact, LoggedEvent, Login

Json = dict[str, Any]


def row(launch: Launch) -> Json:
    """A launch as in ``report.json``, with real references: the report decides what of these may be shown."""
    attempt = launch.attempt
    return {
        "id": attempt.id,
        "plays": attempt.plays,
        "application": attempt.application,
        "user_type": attempt.user_type,
        "person": attempt.person,
        "task": attempt.task,
        "outcome": "launched" if launch.worked else "failed",
        "milliseconds": launch.milliseconds,
        "login": launch.login,
        "steps": [asdict(step) for step in launch.steps],
    }


def chain(facts: Iterable[LaunchFact]) -> Json | None:
    """The chain of the first person of whom every link is shown, or else of whom most links are; None without any."""
    facts = tuple(facts)
    chains = [_chain(launch, facts) for launch in facts if isinstance(launch, Launch)]
    return max(chains, key=lambda found: [link["shown"] for link in found["links"]].count(True), default=None)


def _chain(launch: Launch, facts: tuple[LaunchFact, ...]) -> Json:
    attempt = launch.attempt
    own = [fact for fact in facts if isinstance(fact, Login | LoggedEvent) and fact.attempt.id == attempt.id]
    login = next((fact.logged_in for fact in own if isinstance(fact, Login)), None)
    logged = [fact.events > 0 and fact.traced for fact in own if isinstance(fact, LoggedEvent)]
    links: list[tuple[str, str | None, bool | None]] = [
        ("kt1-record", None, launch.person_migrated),
        ("migration-identifier", None, launch.person_migrated),
        ("resource", attempt.person, True),  # a launch is only tried with somebody whom the snapshot has
        ("account", None, launch.account),
        ("login", None, login),
        ("task", attempt.task, launch.task_migrated),
        ("launch", attempt.id, launch.worked),
        ("audit", None, all(logged) if logged else None),
    ]
    return {
        "person": attempt.person,
        "links": [{"name": name, "reference": reference, "shown": shown} for name, reference, shown in links],
    }
