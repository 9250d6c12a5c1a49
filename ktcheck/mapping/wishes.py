"""What the table, KT1 and the answers of the cluster ask of an element of a KT2 resource.

Sources: the rows of ``profiles/mapping.yaml`` (``values``, ``compare``, ``required``, ``default``), the code tables of
``profiles/values.yaml``, and the answers of the cluster. While a question is open, what its other possible answers ask
is kept apart from what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ktcheck.agreements import Agreements, questions
from ktcheck.facts import Outcome, Source
from ktcheck.mapping import transforms
from ktcheck.mapping.paths import codes
from ktcheck.mapping.table import Code, Row, values

Json = Mapping[str, Any]

SUPPLIED = "supplied-values"
_SAYS_NOTHING = "unknown"
_TEXTS = "gender"  # the code table of which KT1 senders wrote a text instead of a code


@dataclass(frozen=True, slots=True)
class Case:
    """A KT2 resource beside the KT1 records of one kind that it stands for."""

    resource: Json
    kind: str
    records: tuple[Source, ...]
    agreements: Agreements
    release: str

    @property
    def contents(self) -> tuple[Json, ...]:
        """The neutral content of each record."""
        return tuple(record.content for record in self.records)

    def outcome(self, row: Row, place: str, **what: Any) -> Outcome:
        """An outcome of a row at a place in the resource."""
        return Outcome(row=row.id, path=place, source=self.records[0].key, **what)


@dataclass(frozen=True, slots=True)
class Wish:
    """What KT1 and the answers of the cluster ask of an element.

    ``value``      what has to be there, None: nothing
    ``others``     what other possible answers to an open question ask
    ``agreement``  the question that decides, None when all its answers ask the same
    ``reason``     why it cannot be compared; ``value`` is then a guess, or None
    ``free``       any value will do: its owner supplies it
    """

    value: Any = None
    others: tuple[Any, ...] = ()
    agreement: str | None = None
    reason: str | None = None
    free: bool = False


def chosen(case: Case, key: str, by_answer: Mapping[str, Any]) -> Wish:
    """What the answer to a question asks, beside what its other possible answers would."""
    value = by_answer.get(option := case.agreements.option(key))
    if all(other == value for other in by_answer.values()):
        return Wish(value)
    others = () if case.agreements.agreed(key) else possible(key, case.release)
    asked = [by_answer[name] for name in others if name != option and name in by_answer]
    return Wish(value, tuple(other for other in asked if other != value), key)


@cache
def possible(key: str, release: str) -> tuple[str, ...]:
    """The answers to a question that a release of the profiles allows."""
    return tuple(name for name, option in questions()[key].options.items() if release not in option.not_in)


def wish(case: Case, row: Row, raw: Any) -> Wish:
    """What a row asks, given the KT1 value (None: KT1 has none)."""
    if raw is None:
        return lacking(case, row)
    if row.values:
        return coded(case, row, raw)
    value = raw
    if row.compare == "local-date":
        value = transforms.local_date(raw)
        if value is not None and (after := transforms.day_after_utc(raw)):
            return Wish(value, others=(after,), reason="midnight")
    if value is None or (row.compare == "instant" and not transforms.readable(value)):
        return Wish(reason="unreadable")
    if row.agreement and questions()[row.agreement].options.keys() == {"copy", "drop"}:
        return chosen(case, row.agreement, {"copy": value, "drop": None})
    return Wish(value)


def lacking(case: Case, row: Row) -> Wish:
    """What a row asks when KT1 has no value: the default, what the owner supplies, or nothing."""
    if row.required == "supplied":
        return Wish(free=True)
    default = row.default
    if default is None and row.required and row.values:
        default = values()[row.values].default
    if default is None:
        return Wish()
    if row.required is None and case.resource.get(row.kt2_path or "") is None:
        return Wish()
    if default == _SAYS_NOTHING:
        # The owner may know better than the mapping what KT1 did not say (OQ-19).
        agreed = case.agreements.option(SUPPLIED) == "defaults"
        return Wish(default, agreement=SUPPLIED, free=not agreed)
    return Wish(default)


def coded(case: Case, row: Row, raw: Any) -> Wish:
    """What a code table makes of a KT1 code, Coding or CodeableConcept."""
    texts = codes(raw)
    if not texts:
        code = find(_TEXTS, [_letter(raw)]) if row.values == _TEXTS else None
        return Wish(code.code if code else None, reason="text-only")
    code = find(row.values or "", texts)
    return Wish(reason="unknown-code") if code is None else of_code(case, row, code)


def _letter(raw: Any) -> str:
    """The KT1 code that a text begins with: M(an), F(emale), V(rouw)."""
    text = raw.get("text") if isinstance(raw, Mapping) else None
    letter = text.strip()[:1].upper() if isinstance(text, str) else ""
    return "F" if letter == "V" else letter


def find(table: str, texts: Iterable[str]) -> Code | None:
    """The row of a code table for the first of some KT1 codes that it knows, whatever its case."""
    known = _folded(table)
    return next((code for text in texts if (code := known.get(text.casefold())) is not None), None)


@cache
def _folded(table: str) -> Mapping[str, Code]:
    return {text.casefold(): code for text, code in values()[table].codes.items()}


def of_code(case: Case, row: Row, code: Code) -> Wish:
    """What is asked of an element for a row of a code table; in a coding, with its system."""
    if code.agreement is None:
        return Wish(in_place(row, code.code, code.system))
    options = questions()[code.agreement].options
    return chosen(case, code.agreement, {name: in_place(row, name, code.system) for name in options})


def in_place(row: Row, code: str | None, system: str | None) -> Any:
    """A KT2 code in the form of its element: a coding where the row says so."""
    is_coding = (row.kt2_path or "").endswith("coding")
    return {"system": system, "code": code} if is_coding and code is not None else code
