"""The names of people, part by part.

Sources: the rows ``dt.name.*`` of ``profiles/mapping.yaml``; nl-core NameInformation, as the KT2 profiles use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from ktcheck.facts import Outcome
from ktcheck.mapping import transforms
from ktcheck.mapping.elements import judge, part, parts, reason, supplied
from ktcheck.mapping.lists import ItemList, compare_list, extension
from ktcheck.mapping.table import Row
from ktcheck.mapping.wishes import Case, Json, Wish, chosen
from ktcheck.source.careplan import values

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/humanname-"
_QUALIFIER = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier"
_OWN_PREFIX, _PREFIX = "own-prefix", "prefix"  # places of the particles before a family name, and answers


def names(case: Case, row: Row) -> Iterator[Outcome]:
    """The names of a person, part by part."""
    yield from compare_list(case, row, ItemList(_name_key, _alike_names, _name, _use))


def _name_key(one: Json) -> Any:
    given = transforms.givens(values(one, "given"))
    return _use(one), transforms.joined(transforms.surname(one).full), tuple(given), str(one.get("text"))


def _use(one: Json) -> Any:
    return str(one.get("use", "official"))


def _alike_names(one: Json, other: Json) -> int:
    same_family = transforms.joined(transforms.surname(one).full) == transforms.joined(other.get("family"))
    same_given = transforms.givens(values(one, "given")) == transforms.givens(values(other, "given"))
    return 1 + 4 * same_family + 2 * same_given + bool(one.get("use", "official") == other.get("use"))


def _name(case: Case, place: str, one: Json, other: Json) -> Iterator[Outcome | None]:
    named = parts("HumanName", case.kind)
    if "family" not in one and "given" not in one and "text" in one:
        yield _only_text(case, named["dt.name.text"], place, one, other)
        return
    for name, row in named.items():
        if name == "dt.name.family":
            yield from _family(case, row, place, one, other)
        elif name == "dt.name.prefix":
            yield _prefix(case, row, place, one, other)
        elif name == "dt.name.given":
            yield _given(case, row, place, one, other)
        elif name != "dt.name.text" or "text" in one or not _renders(other):
            yield part(case, row, place, one, other)


def _only_text(case: Case, row: Row, place: str, one: Json, other: Json) -> Outcome | None:
    """A KT1 name without parts: only whether it is the same name as a whole."""
    whole = transforms.tidy([*transforms.givens(values(other, "given")), str(other.get("family", ""))])
    text = transforms.tidy([" ".join(transforms.givens([one["text"]]))])
    if whole == text:
        return case.outcome(row, place, result="equal", expected=one["text"], actual=whole)
    return judge(case, row, place, [Wish(reason="text-only")], whole)


def _renders(other: Json) -> bool:
    """Whether the text of a KT2 name only says its parts again."""
    words = " ".join(str(transforms.tidy(values(other, name))) for name in ("prefix", "given", "family")).split()
    text = other.get("text")
    return isinstance(text, str) and set(text.split()) <= set(words)


class _Family:
    """The family name of a KT2 name, with the parts that nl-core keeps beside it."""

    def __init__(self, name: Json) -> None:
        self.family = name.get("family")
        beside = name.get("_family")
        found = {
            part: extension(beside, f"{_EXTENSION}{part}")
            for part in ("own-prefix", "own-name", "partner-prefix", "partner-name")
        }
        self.parts = {
            part: text for part, item in found.items() if item and isinstance(text := item.get("valueString"), str)
        }
        self.prefix = " ".join(transforms.prefix_words(name))

    def has(self, where: str, particles: str) -> bool:
        """Whether the particles are at a place; ``prefix`` may hold the titles that KT1 had there too."""
        if where == _PREFIX:
            return f" {particles} " in f" {self.prefix} "
        there = (self.parts.get(_OWN_PREFIX), self.parts.get("partner-prefix"))
        return any(transforms.same_text(particles, text) for text in there)

    def is_put_together(self, whole: Any, particles: str) -> bool:
        """Whether the parts make the whole: the own name, alone or with the partner's before or after it.

        With the particles of KT1 will do too: that those are not there is told by itself.
        """
        return any(self._makes(whole, prefix) for prefix in (self.parts.get(_OWN_PREFIX), particles))

    def _makes(self, whole: Any, own_prefix: str | None) -> bool:
        own = transforms.joined(own_prefix, self.parts.get("own-name"))
        partner = transforms.joined(self.parts.get("partner-prefix"), self.parts.get("partner-name"))
        names = [name for name in (own, partner) if name]
        said = transforms.joined(whole)
        return any(joint.join(order) == said for order in permutations(names) for joint in ("-", " "))


def _place(place: str, part: str) -> str:
    return f"{place}.family.extension('{_EXTENSION}{part}').valueString"


def _family(case: Case, row: Row, place: str, one: Json, other: Json) -> Iterator[Outcome | None]:
    asked, key = transforms.surname(one), parts("HumanName", case.kind)["dt.name.prefix"].agreement
    actual = other.get("family")
    by_answer = {_OWN_PREFIX: asked.full or None, _PREFIX: asked.own or None}
    said = chosen(case, key, by_answer) if key else Wish(asked.full or None)
    if not asked.full and supplied(case.kind, row.kt2_path or ""):
        said = Wish(free=True)
    known = f"{transforms.known_particles(asked.particles)} {asked.own}".strip()
    if asked.unknown and _same_name(known, actual):
        said = Wish(known, reason="unknown-prefix")
    outcome = judge(case, row, f"{place}.family", [said], actual, _same_name)
    yield outcome
    beside = _Family(other)
    name_given = "own-name" in beside.parts or "partner-name" in beside.parts
    if outcome and outcome.result != "different" and name_given and not beside.is_put_together(actual, asked.particles):
        where = "own-name" if "own-name" in beside.parts else "partner-name"
        yield case.outcome(
            row, _place(place, where), result="different", expected=asked.own, actual=beside.parts[where]
        )


def _same_name(expected: Any, actual: Any) -> bool:
    return isinstance(actual, str) and transforms.joined(expected) == transforms.joined(actual)


def _prefix(case: Case, row: Row, place: str, one: Json, other: Json) -> Outcome | None:
    """The particles before a family name: in the extension, or where the memo puts them."""
    particles, beside = transforms.surname(one).particles, _Family(other)
    if not particles:
        return _prefix_added(case, row, place, one, beside)
    answers = {name: name for name in (_OWN_PREFIX, _PREFIX)}
    asked = chosen(case, row.agreement, answers) if row.agreement else Wish(_OWN_PREFIX)
    where = f"{place}.prefix" if asked.value == _PREFIX else _place(place, _OWN_PREFIX)
    actual = beside.parts.get(_OWN_PREFIX) or beside.prefix or None
    said = {"expected": particles, "actual": actual, "agreement": asked.agreement}
    if beside.has(asked.value, particles):
        return case.outcome(row, where, result="equal", **said)
    if any(beside.has(elsewhere, particles) for elsewhere in asked.others):
        return case.outcome(row, where, result="other-answer", **said)
    known = transforms.known_particles(particles)
    if known != particles and (not known or beside.has(asked.value, known)):
        return case.outcome(row, where, result="not-comparable", **said, **reason("unknown-prefix"))
    return case.outcome(row, where, result="different", **said)


def _prefix_added(case: Case, row: Row, place: str, one: Json, beside: _Family) -> Outcome | None:
    """KT1 had no particles: then KT2 has those that are in the family name itself, or none.

    Those of another family name are no news beside that name.
    """
    own = beside.parts.get(_OWN_PREFIX)
    whole = transforms.joined(transforms.surname(one).own)
    if (
        own
        and _same_name(whole, beside.family)
        and not whole.startswith(f"{transforms.joined(own)} ")
        and "partner-name" not in beside.parts
    ):
        return case.outcome(row, _place(place, _OWN_PREFIX), result="added", actual=own)
    if set(beside.prefix.split()) - set(transforms.prefix_words(one)):
        return case.outcome(row, f"{place}.prefix", result="added", actual=beside.prefix)
    return None


def _more_given(name: Json, number: int) -> list[bool]:
    """Of each given name whether nl-core says that it is an initial (IN) or a call name (CL)."""
    beside = values(name, "_given")
    qualifiers = [extension(beside[at], _QUALIFIER) if at < len(beside) else None for at in range(number)]
    return [item is not None and item.get("valueCode") in {"IN", "CL"} for item in qualifiers]


def _given(case: Case, row: Row, place: str, one: Json, other: Json) -> Outcome | None:
    wanted, there = values(one, "given"), values(other, "given")
    expected, actual = transforms.givens(wanted), transforms.givens(there)
    if expected != actual:
        # The owner may know initials and a call name that KT1 had no place for.
        there = [name for name, more in zip(there, _more_given(other, len(there)), strict=True) if not more]
        actual = transforms.givens(there)
    where = f"{place}.given"
    if expected != actual and len(wanted) == len(there):
        position = next((at for at, pair in enumerate(zip(wanted, there, strict=True)) if pair[0] != pair[1]), 0)
        where = f"{where}[{position}]"
    free = not expected and bool(supplied(case.kind, row.kt2_path or ""))
    asked = [Wish(expected or None, free=free)]
    return judge(case, row, where, asked, actual or None, lambda given, held: bool(given == held))
