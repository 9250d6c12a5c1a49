"""What a rule is: a pure function from one fact to the problems it finds in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ktcheck.facts import Context, Fact
from ktcheck.findings import Severity

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that a rule finds wrong in a fact.

    ``words`` fill in the rule's message and are never personal; ``expected`` and ``actual`` may be. ``agreement`` is
    the key of the question whose answer it rests on, ``severity`` makes it weigh less than its rule says.
    """

    resource: str | None = None
    source: str | None = None
    path: str | None = None
    expected: Any = None
    actual: Any = None
    words: Mapping[str, object] = field(default_factory=dict)
    agreement: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a rule says of a fact that it applies to: how many things it examined, and what was wrong.

    ``scope`` is the KT1 kind or KT2 type that a scenario selects on, ``application`` the source application.
    ``gap`` says in Dutch what the rule would have needed to know to examine it (``examined`` is 0).
    """

    scope: str
    problems: tuple[Problem, ...] = ()
    examined: int = 1
    application: str | None = None
    gap: str | None = None


Check = Callable[[Any, Context], "Examination | None"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule: ``id`` as in ``profiles/rules/``, ``fact`` what it looks at."""

    id: str
    fact: type
    check: Check


_RULES: dict[str, Rule] = {}


def rule(name: str, fact: type[F]) -> Callable[[Callable[[F, Context], Examination | None]], Check]:
    """Register a function as the rule ``name`` for facts of one kind.

    The function returns None when the rule does not apply to the fact, so that it does not count as examined.
    """

    def register(check: Callable[[F, Context], Examination | None]) -> Check:
        if name in _RULES:
            raise ValueError(f"there are two rules {name}")
        _RULES[name] = Rule(name, fact, check)
        return check

    return register


def registered() -> Mapping[str, Rule]:
    """All rules by id, in the order of the modules."""
    return _RULES
