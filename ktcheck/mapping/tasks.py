"""The Task of an activity: its status and its period.

Sources: MIG-KT-001 (activity), kt1-source.md 11 (the status that counts), OQ-03 (statuses), OQ-07 (planned dates).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktcheck.facts import Outcome, Result
from ktcheck.mapping.elements import element, first, found, one_of, reason
from ktcheck.mapping.table import Code, Row, rows, values
from ktcheck.mapping.transforms import readable, same_moment
from ktcheck.mapping.wishes import Case, Wish, chosen, coded, of_code, wish

_PLANNED = "planned-dates"
_CANCELLED = "#Cancelled"
_DEFINITION, _TEXT = "task-definition", "#ActivityDefinition"


def status(case: Case, row: Row) -> Iterator[Outcome]:
    """The status: that of the plan or of the newest status message, whichever counts."""
    said = [content.get("effectiveStatus") for content in case.contents]
    known = [item for item in said if isinstance(item, dict) and item.get("code")]
    from_message = any(item.get("from") == "status" for item in known)
    wishes = [coded(case, row, item["code"]) for item in known]
    row = _reported(row) if from_message else row
    yield from one_of(case, row, wishes or [_unknown(case, row)])


def _reported(row: Row) -> Row:
    """The row of the status message that goes with the row of the status in the plan."""
    sub = row.kt1 == "CarePlanSubActivity"
    return rows()["activitystatus.subactivity.status" if sub else "activitystatus.status"]


def _unknown(case: Case, row: Row) -> Wish:
    """KT1 says nothing: the default is proposed, another status can be right too."""
    default = values()[row.values].default if row.values else None
    if default is None or case.resource.get("status") == default:
        return of_code(case, row, Code(code=default, system=None))
    return Wish(reason="no-value")


def description(case: Case, row: Row) -> Iterator[Outcome]:
    """The description; or the definition in it, when that was agreed (the memo's reading)."""
    if case.agreements.option(_DEFINITION) != "description":
        yield from element(case, row)
        return
    path, actual = row.kt2_path or "", case.resource.get(row.kt2_path or "")
    texts = [text for content in case.contents if isinstance(text := first(content, _TEXT), str)]
    told = {"expected": texts, "actual": actual, "agreement": _DEFINITION}
    if not texts or (isinstance(actual, str) and any(text in actual for text in texts)):
        yield case.outcome(row, path, result="equal", **told)
    elif isinstance(actual, str) and actual.strip():
        # It may be told by its title, which is not in the activity.
        yield case.outcome(row, path, result="not-comparable", **told, **reason("definition-text"))
    else:
        yield case.outcome(row, path, result="different", **told)


def kind(case: Case, row: Row) -> Iterator[Outcome]:
    """The kind: KT2's Task.code is a permission (view: read-only), so it is there only when that was agreed."""
    key = row.agreement or "activity-kind"
    if not any(first(content, row.path) is not None for content in case.contents):
        return
    option, agreed = case.agreements.option(key), case.agreements.agreed(key)
    actual = case.resource.get("code")
    if (actual is not None) == (option == "code"):
        result: Result = "equal"
    else:
        result = "different" if agreed else "other-answer"
    yield case.outcome(row, "code", result=result, actual=actual, agreement=key)


def start(case: Case, row: Row) -> Iterator[Outcome]:
    """When it was started, or else was planned to start."""
    yield from _moment(case, row, rows()["careplan.activity.start-date"])


def end(case: Case, row: Row) -> Iterator[Outcome]:
    """When it was finished, or else was planned to end.

    Whether a cancelled one ends when it was cancelled was left open: that moment, the planned one or none will do.
    """
    planned = rows()["careplan.activity.end-date"]
    path = row.kt2_path or ""
    actual = next((value for _, value in found(case.resource, path)), None)
    finished = any(first(content, row.path) is not None for content in case.contents)
    cancelled = [value for content in case.contents if (value := first(content, _CANCELLED)) is not None]
    if cancelled and not finished and any(actual is None or same_moment(value, actual) for value in cancelled):
        yield case.outcome(planned, path, result="equal", expected=cancelled, actual=actual)
        return
    yield from _moment(case, row, planned)


def _moment(case: Case, happened: Row, planned: Row) -> Iterator[Outcome]:
    """What happened wins from what was planned, in the same element."""
    for row in (happened, planned):
        said = [value for content in case.contents if (value := first(content, row.path)) is not None]
        if said:
            yield from one_of(case, row, [_asked(case, row, value) for value in said])
            return
    yield from one_of(case, happened, [Wish()])


def _asked(case: Case, row: Row, value: Any) -> Wish:
    if row.agreement != _PLANNED or not readable(value):
        return wish(case, row, value)
    return chosen(case, _PLANNED, {"execution-period": value, "drop": None, "restriction": None})
