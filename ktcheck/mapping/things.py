"""Relationships, activity definitions and care teams: elements that take more than one row, or an answer, to compare.

Sources: MIG-KT-001 and its conflicts with the KT2 profiles (``profiles/mapping.yaml``), OQ-09, OQ-13 and OQ-22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ktcheck import matching
from ktcheck.facts import Outcome, Result
from ktcheck.mapping.elements import first, found, one_of
from ktcheck.mapping.paths import codes
from ktcheck.mapping.table import Code, Row, rows, values
from ktcheck.mapping.transforms import same_text
from ktcheck.mapping.wishes import Case, Wish, chosen, coded, find, in_place, wish

_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_OTHER = "OTH"


# ---- related persons -----------------------------------------------------------------------------------------------


def relationship(case: Case, row: Row) -> Iterator[Outcome]:
    """What somebody is to the patient: a code of the Dutch list, or what was agreed for others (OQ-22)."""
    said = [value for content in case.contents if (value := first(content, row.path)) is not None]
    if not said:
        yield from one_of(case, row, [wish(case, row, None)])
        return
    outside = rows()["relatedperson.relationship.other"]
    inside = [value for value in said if find(row.values or "", codes(value)) or not codes(value)]
    if inside:
        yield from one_of(case, row, [coded(case, row, value) for value in said])
    else:
        yield from one_of(case, outside, [_generalised(case, outside, value) for value in said])


def _generalised(case: Case, row: Row, value: Any) -> Wish:
    known = values()[row.values or ""]
    code = find(row.values or "", codes(value)) or Code(code=known.default, system=_NULL_FLAVOR)
    nearest = in_place(row, code.code, code.system)
    if row.agreement is None:
        return Wish(nearest)
    if case.agreements.option(row.agreement) == "owner-chooses":
        return Wish(agreement=row.agreement, free=True)
    other = in_place(row, _OTHER, _NULL_FLAVOR)
    return chosen(case, row.agreement, {"generalise": nearest, "other": other})


# ---- activity definitions ------------------------------------------------------------------------------------------


def definition_name(case: Case, row: Row) -> Iterator[Outcome]:
    """The name that users see: the title, or the name where the memo puts it; then the title is the description."""
    yield from _placed(case, row, "title", "name")


def definition_description(case: Case, row: Row) -> Iterator[Outcome]:
    """The description, or the title where the memo puts it."""
    yield from _placed(case, row, "description", "title")


def _placed(case: Case, row: Row, proposed: str, memo: str) -> Iterator[Outcome]:
    """A text that was agreed to be in one of two elements."""
    texts = [value for content in case.contents if (value := first(content, row.path)) is not None]
    agreed = row.agreement is not None and case.agreements.agreed(row.agreement)
    option = case.agreements.option(row.agreement) if row.agreement else proposed
    path = memo if option == memo else proposed
    held = {place: next((value for _, value in found(case.resource, place)), None) for place in (proposed, memo)}
    elsewhere = memo if path == proposed else proposed
    if (
        texts
        and not agreed
        and row.agreement
        and not any(same_text(text, held[path]) for text in texts)
        and any(same_text(text, held[elsewhere]) for text in texts)
        and _as_the_memo(case, held)
    ):
        said = {"expected": texts[0], "actual": held[path], "agreement": row.agreement}
        yield case.outcome(row, path, result="other-answer", **said)
        return
    wishes = [Wish(text, agreement=row.agreement) for text in texts]
    yield from one_of(case, replace(row, kt2_path=path), wishes or [_no_text(case, row, path)])


def _no_text(case: Case, row: Row, path: str) -> Wish:
    """KT1 has no such text. A title is required, so another text may be there."""
    return Wish(free=True) if path == "title" else wish(case, row, None)


def _as_the_memo(case: Case, held: Mapping[str, Any]) -> bool:
    """Whether the title is what the memo makes of it: the description, if there is one."""
    descriptions = [text for content in case.contents if (text := first(content, "#ActivityDescription"))]
    title = held.get("title")
    return not descriptions or any(same_text(text, title) for text in descriptions)


def definition_status(case: Case, row: Row) -> Iterator[Outcome]:
    """The status that follows from two booleans."""
    yield from one_of(case, row, [_definition_status(case, row, content) for content in case.contents])


def _definition_status(case: Case, row: Row, content: Mapping[str, Any]) -> Wish:
    if first(content, "#IsArchived") is True:
        return coded(case, row, "archived")
    return coded(case, row, "inactive" if first(content, "#IsActive") is False else "active")


def definition_identifier(case: Case, row: Row) -> Iterator[Outcome]:
    """The text by which care plans refer to a definition is the value of an identifier of its own."""
    texts = [value for content in case.contents if isinstance(value := first(content, row.path), str)]
    there = [
        (f"identifier[{position}].value", item.get("value"))
        for position, item in enumerate(case.resource.get("identifier") or ())
        if isinstance(item, Mapping) and not matching.is_migration_system(str(item.get("system")))
    ]
    for text in dict.fromkeys(texts):
        place, actual = next(
            (at for at in there if same_text(text, at[1])), there[0] if there else ("identifier", None)
        )
        result = "equal" if same_text(text, actual) else "different"
        yield case.outcome(row, place, result=result, expected=text, actual=actual)
    if not texts:
        yield case.outcome(row, "identifier", result="equal")


def topic(case: Case, row: Row) -> Iterator[Outcome]:
    """The kind as topic, or not, as agreed; a kind without counterpart has none.

    While nobody agreed it is only compared when the table says how.
    """
    if row.compare in {None, "none"} and not case.agreements.agreed(row.agreement or ""):
        return
    as_coding = replace(row, kt2_path="topic.coding", compare="code")
    said = [value for content in case.contents if (value := first(content, row.path)) is not None]
    yield from one_of(case, as_coding, [_topic(case, as_coding, value) for value in said] or [Wish()])


def _topic(case: Case, row: Row, value: Any) -> Wish:
    asked = coded(case, row, value)
    if asked.reason or row.agreement is None:
        return asked
    return chosen(case, row.agreement, {"topic": asked.value, "drop": None})


# ---- care teams ----------------------------------------------------------------------------------------------------


# KT2 has roles for practitioners and roles for related persons (KT2_CareTeam, slices of participant).
_OF_RELATIVES = frozenset({"407542009", "310391000146105", "125677006", "62071000"})


def roles(case: Case, _: Row) -> Iterator[Outcome]:
    """The roles of members are those of the code table, or none, as agreed (OQ-13)."""
    row = rows()["careplan.participant.role"]
    key = row.agreement or "participant-role"
    known = {(code.system, code.code) for code in values()[row.values or ""].codes.values() if code.code}
    option, agreed = case.agreements.option(key), case.agreements.agreed(key)
    held = list(found(case.resource, "participant.role.coding"))
    members = dict(found(case.resource, "participant.member.reference"))
    for place, coding in held:
        in_table = isinstance(coding, Mapping) and (coding.get("system"), coding.get("code")) in known
        member = str(members.get(f"{place.partition('.')[0]}.member.reference"))
        if isinstance(coding, Mapping) and ("RelatedPerson/" in member) != (coding.get("code") in _OF_RELATIVES):
            in_table = False
        right = option == "any" or (option == "table" and in_table)
        result: Result = "equal" if right else "different" if agreed else "other-answer"
        yield case.outcome(row, f"{place}.code", result=result, actual=coding, agreement=key)
    if not held:
        yield case.outcome(row, "participant", result="equal")
