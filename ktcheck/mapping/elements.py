"""One element of the mapping: whether KT2 has what is asked of it, and where.

Sources: the rows of ``profiles/mapping.yaml`` (``kt2_path``, ``compare``), what is asked (``ktcheck.mapping.wishes``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from ktcheck.facts import Outcome
from ktcheck.mapping import transforms
from ktcheck.mapping.table import Row, rows
from ktcheck.mapping.wishes import Case, Json, Wish, lacking, wish

Same = Callable[[Any, Any], bool]

_REASONS = {
    "unknown-code": ("de code uit KT1 staat niet in de codetabel", "the KT1 code is not in the code table"),
    "text-only": ("KT1 heeft alleen tekst, geen code of naamdelen", "KT1 has only text, no code or parts of a name"),
    "unreadable": ("de datum of tijd uit KT1 is niet te lezen", "the KT1 date or time cannot be read"),
    "contradiction": (
        "de KT1-records van deze resource spreken elkaar tegen",
        "the KT1 records of this resource contradict each other",
    ),
    "unknown-prefix": (
        "een woord voor de KT1-achternaam is geen bekend voorvoegsel en geen bekende titel",
        "a word before the KT1 family name is no known particle and no known title",
    ),
    "no-value": (
        "KT1 heeft er geen waarde voor, KT2 heeft niet de voorgestelde",
        "KT1 has no value for it and KT2 has not the proposed one",
    ),
    "definition-text": (
        "de omschrijving zegt iets, maar niet de identificatie van de definitie",
        "the description says something, but not the identifier of the definition",
    ),
    "midnight": (
        "de afzender schreef middernacht in UTC: of dit de dag zelf is of de dag erna, is niet te zeggen",
        "the sender wrote midnight in UTC: whether this is the day itself or the day after cannot be told",
    ),
    "no-system": (
        "KT1 zegt niet wat voor contactgegeven dit is",
        "KT1 does not say what kind of contact detail this is",
    ),
}


def judge(
    case: Case, row: Row, place: str, wishes: Sequence[Wish], actual: Any, same: Same | None = None
) -> Outcome | None:
    """What came of an element with one value; ``wishes`` are those of each KT1 record that has one.

    None when neither side has anything, so that there is nothing to say.
    """
    same = same or sameness(row)
    unique = [item for position, item in enumerate(wishes) if item not in wishes[:position]]
    if len(unique) > 1:
        return _contradiction(case, row, place, unique, actual, same)
    asked = unique[0] if unique else Wish()
    if asked.value is None and actual is None and asked.reason is None and not asked.free:
        return None
    said = {"expected": asked.value, "actual": actual, "agreement": asked.agreement}
    agrees = _agrees(asked.value, actual, same)
    either = agrees or any(_agrees(other, actual, same) for other in asked.others)
    if asked.reason and (either or asked.value is None):
        return case.outcome(row, place, result="not-comparable", **said, **reason(asked.reason))
    if agrees or (asked.free and (actual is not None or asked.value is None)):
        return case.outcome(row, place, result="equal", **said)
    if any(_agrees(other, actual, same) for other in asked.others):
        return case.outcome(row, place, result="other-answer", **said)
    if asked.value is None and asked.agreement is None:
        return case.outcome(row, place, result="added", **said)
    return case.outcome(row, place, result="different", **said)


def reason(code: str) -> dict[str, str]:
    """Why something is not comparable, in two languages."""
    dutch, english = _REASONS[code]
    return {"reason_nl": dutch, "reason_en": english}


def _agrees(expected: Any, actual: Any, same: Same) -> bool:
    if expected is None or actual is None:
        return expected is actual
    return same(expected, actual)


def _contradiction(case: Case, row: Row, place: str, unique: Sequence[Wish], actual: Any, same: Same) -> Outcome:
    asked = [item.value for item in unique]
    every = [*asked, *(other for item in unique for other in item.others)]
    said: dict[str, Any] = {"expected": asked, "actual": actual, "agreement": unique[0].agreement}
    if any(item.free or _agrees(value, actual, same) for item in unique for value in every):
        return case.outcome(row, place, result="not-comparable", **said, **reason("contradiction"))
    return case.outcome(row, place, result="different", **said)


def sameness(row: Row) -> Same:
    """How the values of a row are compared."""
    if row.compare == "normalised" and (row.kt2_path or "").endswith("postalCode"):
        return lambda expected, actual: bool(transforms.compact(expected) == transforms.compact(actual))
    return _SAME.get(row.compare or "", _same_value)


def same_code(expected: Any, actual: Any) -> bool:
    """Whether a code, or a coding with its system, is the expected one."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return all(actual.get(name) == value for name, value in expected.items() if value is not None)
    return bool(expected == actual)


def _same_value(expected: Any, actual: Any) -> bool:
    same = transforms.same_period if isinstance(expected, Mapping) else transforms.same_text
    return same(expected, actual)


_SAME: Mapping[str, Same] = {
    "code": same_code,
    "local-date": lambda expected, actual: bool(expected == actual),
    "instant": transforms.same_moment,
    "period": transforms.same_period,
}


# ---- elements of a resource ----------------------------------------------------------------------------------------


def found(content: Any, path: str, place: str = "") -> Iterator[tuple[str, Any]]:
    """The values at a path in a KT2 resource, lists flattened, with their places (``type[0].coding[1]``)."""
    name, _, rest = path.partition(".")
    value = content.get(name) if isinstance(content, Mapping) else None
    items = value if isinstance(value, list) else [] if value is None else [value]
    for position, item in enumerate(items):
        here = f"{place}{name}[{position}]" if isinstance(value, list) else f"{place}{name}"
        if rest:
            yield from found(item, rest, f"{here}.")
        else:
            yield here, item


def first(content: Json, name: str | None) -> Any:
    """The first value of a member of a KT1 record, None when it has none."""
    value = content.get(name) if name else None
    if isinstance(value, list):
        return value[0] if value else None
    return value


def element(case: Case, row: Row) -> Iterator[Outcome]:
    """An element of a resource that has one value, or of whose values one has to be it."""
    raw = [value for content in case.contents if (value := first(content, row.path)) is not None]
    yield from one_of(case, row, [wish(case, row, value) for value in raw] or [lacking(case, row)])


def one_of(case: Case, row: Row, wishes: Sequence[Wish]) -> Iterator[Outcome]:
    """What came of an element, or of a list in which one item has to be what is asked."""
    path = row.kt2_path or ""
    there = list(found(case.resource, path)) or [(path, None)]
    same = sameness(row)
    place, actual = there[0] if len(there) == 1 else _best(there, wishes, same)
    if isinstance(actual, Mapping) and path.endswith("coding"):
        place = f"{place}.code"
    outcome = judge(case, row, place, wishes, actual, same)
    yield outcome or case.outcome(row, path, result="equal")
    asked = [value for item in wishes if not item.free for value in (item.value, *item.others) if value is not None]
    if outcome is None or outcome.result != "equal" or not asked:
        return
    for where, extra in there:
        # Beside what is right, something else may not say the opposite.
        if _competes(asked[0], extra) and not any(_agrees(value, extra, same) for value in asked):
            yield case.outcome(row, where, result="different", expected=asked[0], actual=extra)


def _competes(asked: Any, extra: Any) -> bool:
    """Whether a further value in a list says something else of the same thing: in codings, of the same system."""
    if isinstance(asked, Mapping) and isinstance(extra, Mapping):
        return bool(asked.get("system") == extra.get("system"))
    return isinstance(extra, str)


def _best(there: Sequence[tuple[str, Any]], wishes: Sequence[Wish], same: Same) -> tuple[str, Any]:
    """The item that is asked, or else that another answer asks, or else the first."""
    for asked in ([item.value for item in wishes], [other for item in wishes for other in item.others]):
        for place, actual in there:
            if any(_agrees(value, actual, same) for value in asked):
                return place, actual
    return there[0]


def part(case: Case, row: Row, place: str, wanted: Json, actual: Json) -> Outcome | None:
    """A member of a datatype: the row's in the KT1 value beside that in the KT2 value; ``place`` is of the latter."""
    member = (row.kt2_path or "").partition(".")[2]
    return judge(case, row, f"{place}.{member}", [wish(case, row, wanted.get(row.path or ""))], actual.get(member))


@cache
def supplied(kind: str, path: str) -> tuple[Row, ...]:
    """The rows that say that KT2 requires something at a path which KT1 may lack, so that the owner supplies it."""
    return tuple(
        row for row in rows().values() if row.kt1 == kind and row.kt2_path == path and row.required == "supplied"
    )


@cache
def parts(datatype: str, kind: str) -> Mapping[str, Row]:
    """The rows of a datatype for a kind of record that are compared, by id."""
    return {
        row.id: row
        for row in rows().values()
        if row.kt1 == datatype and kind in row.applies and row.compare != "none" and row.kt2_path
    }
