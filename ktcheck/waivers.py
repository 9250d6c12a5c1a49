"""Waivers: findings that somebody accepts, by name, for a reason, and until a day (``waivers.toml``).

A waiver takes findings of one rule in a scope. It never covers a rule as a whole, more findings than it says, or what
was not checked; a waived finding stays in the report, and a waiver in use leaves reservations (design.md, "Verdict").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from ktcheck import signed_file, tables
from ktcheck.errors import InputError
from ktcheck.facts import Waived, Waiver
from ktcheck.findings import Finding

State = Literal["in_use", "unused", "expired", "too_broad"]

_KEYS = ("id", "rule", "type", "application", "path", "most", "who", "role", "why", "on", "until", "step")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")
# A path with or without its type, and without positions in lists.
_IN_PATH = re.compile(r"^[A-Z]\w*\.|\[\d+\]")
# What people sign for is not accepted by signing for that too.
_NOT_WAIVED = ("waivers.", "confirmations.")


def load(path: Path, applications: Iterable[str]) -> tuple[Waiver, ...]:
    """Read the waivers of a domain that has these applications.

    Raises:
        InputError: the file cannot be read, a waiver names what is not known, or who, why or until when is missing.
    """
    data = signed_file.read(path, "waivers", "write it, or leave [waivers] out of the domain file")
    try:
        found = tuple(_waiver(label, row, list(applications)) for label, row in signed_file.rows(data, "waiver", _KEYS))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    twice = [name for name, number in Counter(waiver.id for waiver in found).items() if number > 1]
    if twice:
        raise InputError(f"{path}: there is more than one waiver {twice[0]!r}; give each its own id")
    return found


def _waiver(label: str, row: signed_file.Table, applications: list[str]) -> Waiver:
    texts = {key: signed_file.text(label, row, key) or "" for key in ("id", "rule", "who", "role", "why", "step")}
    scope = {key: signed_file.text(label, row, key, needed=False) for key in ("type", "application", "path")}
    if not _ID.fullmatch(texts["id"]):
        raise InputError(f"{label}.id must be a letter and then letters, digits and dashes, such as V-1")
    label = f"waiver {texts['id']}"
    rule, known = texts["rule"], list(tables.rules())
    if "*" not in rule and rule not in known:
        raise InputError(f"{label}: there is no rule {rule!r}{signed_file.nearest(rule, known)}")
    if rule.startswith(_NOT_WAIVED):
        raise InputError(f"{label}: findings of {rule} cannot be waived; correct the file that they are about")
    application = scope["application"]
    if application and "*" not in application and application not in applications:
        nearest = signed_file.nearest(application, applications)
        raise InputError(f"{label}: the domain has no application {application!r}{nearest}")
    after = [name for name, step in tables.steps().items() if step["phase"] == "evalueren"]
    if texts["step"] not in after:
        raise InputError(f"{label}: step must be one of the draaiboek's phase Evalueren: {', '.join(after)}")
    signed, until = (signed_file.date(label, row, key) or "" for key in ("on", "until"))
    if until < signed:
        raise InputError(f"{label}: until ({until}) lies before on ({signed}); correct one of them")
    most = signed_file.number(label, row, "most")
    return Waiver(
        **texts,
        type=scope["type"],
        application=application,
        path=scope["path"],
        most=most,
        on=signed,
        until=until,
    )


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether a finding is of the waiver's rule and in its scope; a type or list positions in a path do not count."""
    return (
        finding.rule == waiver.rule
        and waiver.type in {None, finding.scope, (finding.resource or "").partition("/")[0]}
        and waiver.application in {None, finding.application}
        and (waiver.path is None or _plain(waiver.path) == _plain(finding.path or ""))
    )


def _plain(path: str) -> str:
    return _IN_PATH.sub("", path)


class Waivers:
    """The waivers of a run on a day (ISO 8601), and what they cover; ``count`` comes before every question."""

    def __init__(self, waivers: Iterable[Waiver] = (), day: str = "") -> None:
        self._waivers = tuple(waivers)
        self._day = day
        self._covered: Counter[str] = Counter()
        # By rule, those that can take a finding at all.
        self._able: dict[str, list[Waiver]] = {}
        for waiver in self._waivers:
            if not waiver.blanket and not self._fact(waiver).expired:
                self._able.setdefault(waiver.rule, []).append(waiver)

    def __bool__(self) -> bool:
        return bool(self._waivers)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of which findings can be waived."""
        return tuple(self._able)

    def count(self, findings: Iterable[Finding]) -> Iterator[Waived]:
        """Count what each waiver covers of all findings of a run, and give a fact for each waiver."""
        self._covered.update(waiver.id for finding in findings if (waiver := self._first(finding)))
        yield from map(self._fact, self._waivers)

    def of(self, finding: Finding) -> str | None:
        """The id of the waiver that a finding is under, None when it weighs as ever."""
        waiver = self._first(finding)
        return waiver.id if waiver and self._state(waiver) == "in_use" else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``waivers``; ``findings`` is how many it covers, waived or not."""
        for waiver in self._waivers:
            yield {**asdict(waiver), "state": self._state(waiver), "findings": self._covered[waiver.id]}

    def _state(self, waiver: Waiver) -> State:
        """What became of a waiver; only one that is in use waives anything."""
        fact = self._fact(waiver)
        if fact.expired:
            return "expired"
        if waiver.blanket or fact.over:
            return "too_broad"
        return "in_use" if fact.covers else "unused"

    def _fact(self, waiver: Waiver) -> Waived:
        return Waived(waiver=waiver, covers=self._covered[waiver.id], day=self._day)

    def _first(self, finding: Finding) -> Waiver | None:
        """The first waiver in the file that can take a finding: a renewed one takes over from one that expired."""
        return next((waiver for waiver in self._able.get(finding.rule, ()) if covers(waiver, finding)), None)
