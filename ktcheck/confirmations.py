"""Confirmations: that a step was taken that only people can see, by whom and on what grounds (``bevestigingen.toml``).

A confirmation is about the version that was under test when it was given. It records the parts of it that its step
rests on (``confirm`` in ``profiles/draaiboek.yaml``), and counts no more when one of those is another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ktcheck import signed_file, tables
from ktcheck.errors import InputError
from ktcheck.facts import Confirmation, Confirmed, ConfirmedState
from ktcheck.output import replace_files

_KEYS = ("step", "who", "role", "on", "until", "grounds", "version")
_PARTS = ("profile_version", "environment", "baseline")
_AFTER = "evalueren"

Version = Mapping[str, str]


def load(path: Path) -> tuple[Confirmation, ...]:
    """Read the confirmations of a domain, in the order of the file.

    Raises:
        InputError: the file cannot be read, or who, role, day, grounds or version is missing.
    """
    data = signed_file.read(path, "confirmations", "let 'ktcheck confirm' write it, or leave [confirmations] out")
    try:
        return tuple(_confirmation(label, row) for label, row in signed_file.rows(data, "confirmation", _KEYS))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _confirmation(label: str, row: signed_file.Table) -> Confirmation:
    step, who, role, grounds = (signed_file.text(label, row, key) or "" for key in ("step", "who", "role", "grounds"))
    on, until = signed_file.date(label, row, "on") or "", signed_file.date(label, row, "until", needed=False)
    version = row.get("version")
    if not isinstance(version, dict) or not all(isinstance(value, str) for value in version.values()):
        raise InputError(f"{label}.version must be the table that 'ktcheck confirm' writes; confirm the step again")
    signed_file.only(f"{label}.version", version, _PARTS)
    made = Confirmation(step=step, who=who, role=role, grounds=grounds, on=on, until=until, version=version)
    _check_days(label, made)
    return made


def made(step: str, version: Version, *, who: str, role: str, grounds: str, on: str, until: str | None) -> Confirmation:
    """A new confirmation of a step that people confirm, about this version under test; days are ISO 8601.

    Raises:
        InputError: there is no such step, scenarios show it, or a text is missing or may not be in a report.
    """
    row = tables.steps().get(step)
    confirmable = [name for name, other in tables.steps().items() if "confirm" in other]
    if row is None:
        raise InputError(f"the draaiboek has no step {step!r}{signed_file.nearest(step, confirmable)}")
    if "confirm" not in row:
        names = ", ".join(confirmable)
        raise InputError(f"step {step} is shown by scenarios, so nobody has to confirm it; people confirm {names}")
    said = {"--who": who, "--role": role, "--grounds": grounds}
    texts = {option: signed_file.text("confirm", {option: value}, option) or "" for option, value in said.items()}
    confirmation = Confirmation(
        step=step,
        who=texts["--who"],
        role=texts["--role"],
        grounds=texts["--grounds"],
        on=on,
        until=until,
        version={part: version[part] for part in row["confirm"]},
    )
    _check_days("confirm", confirmation)
    return confirmation


def _check_days(label: str, confirmation: Confirmation) -> None:
    if confirmation.until and confirmation.until < confirmation.on:
        raise InputError(
            f"{label}: until ({confirmation.until}) lies before on ({confirmation.on}); correct one of them"
        )


def append(path: Path, confirmation: Confirmation) -> None:
    """Write a confirmation below those that are in the file; what is there stays as it is.

    Raises:
        InputError: the file is there and is no file of confirmations.
        RunError: writing fails.
    """
    path = path.resolve()  # of a link the file behind it is written
    before = ""
    if path.exists():
        load(path)
        before = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n"
    replace_files(path.parent, {path.name: (before + text(confirmation)).encode()})


def text(confirmation: Confirmation) -> str:
    """A confirmation as a table of the file."""
    quoted = signed_file.quoted
    version = ", ".join(f"{part} = {quoted(value)}" for part, value in confirmation.version.items())
    lines = [
        "[[confirmation]]",
        *(f"{key} = {quoted(getattr(confirmation, key))}" for key in ("step", "who", "role")),
        f"on = {confirmation.on}",
        *([f"until = {confirmation.until}"] if confirmation.until else []),
        f"grounds = {quoted(confirmation.grounds)}",
        f"version = {{{version}}}",
    ]
    return "\n".join([*lines, ""])


class Confirmations:
    """The confirmations of a domain as they stand on a day (ISO 8601), for the version under test.

    ``sequence`` is the place of the domain in its cluster: the first one has steps of its own. Of several
    confirmations of a step the last in the file counts. ``confirmations`` None: the domain names no file.
    """

    def __init__(
        self,
        confirmations: Iterable[Confirmation] | None = None,
        *,
        version: Version | None = None,
        day: str = "",
        sequence: int = 1,
    ) -> None:
        self._kept = confirmations is not None
        self._all = tuple(confirmations or ())
        self._last = {confirmation.step: confirmation for confirmation in self._all}
        self._version = version or {}
        self._day = day
        self._steps = {name: row for name, row in tables.steps_of(sequence).items() if "confirm" in row}

    def __bool__(self) -> bool:
        return self._kept

    def any(self, *, of_steps: bool = False) -> bool:
        """Whether anybody confirmed anything; ``of_steps``: a step that people confirm."""
        return any(not of_steps or self._state(confirmation) != "unknown_step" for confirmation in self._last.values())

    def facts(self) -> Iterator[Confirmed]:
        """Every step of this domain that people confirm, and every other confirmation that counts."""
        if not self._kept:
            return
        for name, row in self._steps.items():
            last = self._last.get(name)
            yield Confirmed(
                step=name,
                title_nl=row["title_nl"],
                title_en=row["title_en"],
                before_verdict=row["phase"] != _AFTER,
                confirmation=last,
                state=self._state(last) if last else None,
            )
        for name, last in self._last.items():
            if self._state(last) == "unknown_step":
                yield Confirmed(step=name, confirmation=last, state="unknown_step")

    def of(self, step: str) -> dict[str, Any] | None:
        """What ``report.json`` says of the confirmation of a step, None when nobody confirmed it."""
        last = self._last.get(step)
        return self._row(last) if last else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``confirmations``, in the order of the file."""
        earlier = Counter(confirmation.step for confirmation in self._all)
        for confirmation in self._all:
            earlier[confirmation.step] -= 1
            state = {"state": "replaced"} if earlier[confirmation.step] else {}
            yield {"step": confirmation.step, **self._row(confirmation), **state}

    def _row(self, confirmation: Confirmation) -> dict[str, Any]:
        said = asdict(confirmation)
        return {
            **{key: said[key] for key in ("who", "role", "on", "until", "grounds")},
            "state": self._state(confirmation),
        }

    def _state(self, confirmation: Confirmation) -> ConfirmedState:
        step = tables.steps().get(confirmation.step, {})
        if "confirm" not in step:
            return "unknown_step"
        if any(confirmation.version.get(part) != self._version.get(part) for part in step["confirm"]):
            return "other_version"
        if confirmation.until and confirmation.until < self._day:
            return "expired"
        return "valid"
