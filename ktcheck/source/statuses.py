"""The status of an activity: the newest of its care plan and the status messages about it (kt1-source.md 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ktcheck.source.careplan import code, first_text, plain, values
from ktcheck.source.store import Newest, Store

_FINAL = frozenset({"Completed", "Cancelled", "Expired", "SkippedByUser"})


@dataclass(frozen=True, slots=True)
class Reported:
    """A status as a module reported it; ``fresh`` as in ``Newest``."""

    fresh: str
    code: str


class Statuses:
    """The newest reported status of every activity and sub-activity, in the store's database.

    When an application made a new link for every update, the newest of all that name the activity counts.
    """

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._database.execute("CREATE TABLE status (activity TEXT, part TEXT, fresh TEXT, link TEXT, code TEXT)")
        for status in store.newest("CarePlanActivityStatus"):
            self._add(status)
        self._database.execute("CREATE INDEX by_activity ON status (activity, part)")

    def _add(self, status: Newest) -> None:
        activity = first_text(status.content, "#Activity")
        if not activity:
            return
        found = [("", code(status.content, "#ActivityStatus"))]
        found += [
            (plain(name), code(item, "#SubActivityStatus"))
            for item in values(status.content, "#SubActivity")
            if (name := first_text(item, "#SubActivityIdentifier"))
        ]
        self._database.executemany(
            "INSERT INTO status VALUES (?, ?, ?, ?, ?)",
            [(activity.strip(), part, status.fresh, status.link, text) for part, text in found if text],
        )

    def reported(self, activity: str, part: str = "") -> Reported | None:
        """The newest reported status of an activity, or of its sub-activity with that identifier."""
        row = self._database.execute(
            "SELECT fresh, code FROM status WHERE activity = ? AND part = ? ORDER BY fresh DESC, link DESC LIMIT 1",
            (activity, plain(part)),
        ).fetchone()
        return Reported(*row) if row else None


def effective(own: str | None, plan_fresh: str, reported: Reported | None) -> tuple[dict[str, Any], set[str]]:
    """The status that counts, as ``{"code", "from", "other"}``, and the notes about it.

    ``own`` is the code in the plan, of which ``plan_fresh`` is the stamp.
    """
    if reported is None:
        return {"code": own, "from": "plan", "other": None}, set()
    if own is None:
        return {"code": reported.code, "from": "status", "other": None}, set()
    notes = {"status-differs"} if own != reported.code else set()
    if reported.fresh > plan_fresh:
        return {"code": reported.code, "from": "status", "other": own}, notes
    if reported.code in _FINAL and own not in _FINAL:
        notes.add("status-went-back")
    return {"code": own, "from": "plan", "other": reported.code}, notes
