"""Contact details, addresses and business identifiers, part by part.

Sources: the rows ``dt.telecom.*``, ``dt.address.*`` and ``dt.identifier.*`` of ``profiles/mapping.yaml``; nl-core
ContactInformation (mobile numbers), as the KT2 profiles use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ktcheck import matching, tables
from ktcheck.facts import Outcome
from ktcheck.mapping import transforms
from ktcheck.mapping.elements import judge, part, parts
from ktcheck.mapping.lists import ItemList, compare_list, extension, objects, use_of, wanted_of
from ktcheck.mapping.table import Row, rows
from ktcheck.mapping.wishes import Case, Json, Wish, chosen, coded, wish

_SPECIFICATION = "http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification"
_MOBILE_CODE = "MC"
# KT2_Practitioner marks telecom.use as not used, so leaving it out is right there.
_WITHOUT_USE = frozenset({"Practitioner"})


# ---- contact details -----------------------------------------------------------------------------------------------


def telecoms(case: Case, row: Row) -> Iterator[Outcome]:
    """Telephone numbers, e-mail addresses and such; those of all records of a person have to be there."""
    yield from compare_list(case, row, ItemList(_telecom_key, _alike_telecoms, _telecom, _telecom_value))


def _telecom_value(one: Json) -> Any:
    return str(transforms.contact(one.get("system") or _guess(one), one.get("value")))


def _telecom_key(one: Json) -> Any:
    return str(one.get("system")), _telecom_value(one), use_of(one)


def _guess(one: Json) -> str:
    return "email" if "@" in str(one.get("value")) else "phone"


def _alike_telecoms(one: Json, other: Json) -> int:
    system = one.get("system") or _guess(one)
    same_value: bool = transforms.contact(system, one.get("value")) == transforms.contact(system, other.get("value"))
    same_system: bool = system == other.get("system")
    if not same_value and not same_system:
        return 0
    return 4 * same_value + 2 * same_system + bool(one.get("use") == other.get("use"))


def _telecom(case: Case, place: str, one: Json, other: Json) -> Iterator[Outcome | None]:
    for name, row in parts("Contact", case.kind).items():
        if name == "dt.telecom.system" and "system" not in one:
            yield judge(case, row, f"{place}.system", [Wish(_guess(one), reason="no-system")], other.get("system"))
        elif name == "dt.telecom.value":
            yield _contact_value(case, row, place, one, other)
        elif name == "dt.telecom.use":
            yield from _use(case, row, place, one, other)
        elif name != "dt.telecom.use.mobile":
            yield part(case, row, place, one, other)


def _contact_value(case: Case, row: Row, place: str, one: Json, other: Json) -> Outcome | None:
    system = one.get("system") or _guess(one)

    def same(expected: Any, actual: Any) -> bool:
        if row.compare != "normalised":
            return transforms.same_text(expected, actual)
        return bool(transforms.contact(system, expected) == transforms.contact(system, actual))

    return judge(case, row, f"{place}.value", [wish(case, row, one.get("value"))], other.get("value"), same)


def _use(case: Case, row: Row, place: str, one: Json, other: Json) -> Iterator[Outcome | None]:
    """The use of a contact detail; that a number is a mobile one is an extension in KT2, or a use."""
    use, mobile = other.get("use"), _is_mobile(other)
    where = f"{place}.system.extension('{_SPECIFICATION}').valueCodeableConcept"
    if one.get("use") != "mobile":
        if case.kind not in _WITHOUT_USE or use is not None:
            yield part(case, row, place, one, other)
        if mobile:
            yield case.outcome(row, where, result="added", actual=_MOBILE_CODE)
        return
    marked = rows()["dt.telecom.use.mobile"]
    asked = Wish("extension")
    if marked.agreement:
        asked = chosen(case, marked.agreement, {"extension": "extension", "use": "use"})
    actual = {"extension"} if mobile else set()
    actual |= {"use"} if use == "mobile" else set()
    yield judge(
        case,
        marked,
        where if asked.value == "extension" else f"{place}.use",
        [asked],
        sorted(actual) or None,
        lambda expected, held: expected in held,
    )
    if use not in {None, "mobile"}:
        yield case.outcome(row, f"{place}.use", result="added", actual=use)


def _is_mobile(telecom: Json) -> bool:
    found = extension(telecom.get("_system"), _SPECIFICATION)
    concept = found.get("valueCodeableConcept") if found else None
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    there = codings if isinstance(codings, list) else []
    return any(isinstance(coding, Mapping) and coding.get("code") == _MOBILE_CODE for coding in there)


# ---- addresses -----------------------------------------------------------------------------------------------------


def addresses(case: Case, row: Row) -> Iterator[Outcome]:
    """The addresses of a person, part by part."""
    yield from compare_list(case, row, ItemList(_address_key, _alike_addresses, _address, use_of))


def _address_key(one: Json) -> Any:
    return use_of(one), *(str(transforms.tidy(one.get(name))) for name in ("line", "zip", "city", "country", "text"))


def _alike_addresses(one: Json, other: Json) -> int:
    same_line = "line" in one and transforms.same_text(one["line"], other.get("line"))
    same_code = "zip" in one and transforms.compact(one["zip"]) == transforms.compact(other.get("postalCode"))
    same_city = "city" in one and transforms.same_text(one["city"], other.get("city"))
    same_text = "text" in one and transforms.same_text(one["text"], other.get("text"))
    same_use = "use" in one and one["use"] == other.get("use")
    return 4 * same_line + 3 * same_code + 2 * same_city + 2 * same_text + same_use


def _address(case: Case, place: str, one: Json, other: Json) -> Iterator[Outcome | None]:
    for row in parts("Address", case.kind).values():
        yield part(case, row, place, one, other)


# ---- business identifiers ------------------------------------------------------------------------------------------


def identifiers(case: Case, row: Row) -> Iterator[Outcome]:
    """The use and the value of business identifiers; whether they are there is for the rules of identification."""
    compared = parts("Identifier", case.kind)
    use, value = compared.get("dt.identifier.use"), compared.get("dt.identifier.value")
    there = [
        (position, item)
        for position, item in objects(case.resource, "identifier")
        if not matching.is_migration_system(str(item.get("system")))
    ]
    wanted = [_spelt(item) for _, item in wanted_of(case, row.path or "", str)]
    left = [at for at in there if _key(at[1]) not in {_key(item) for item in wanted}]
    for item in wanted:
        position, same = next((at for at in there if _key(at[1]) == _key(item)), (0, None))
        if same is not None and value:
            yield case.outcome(value, f"identifier[{position}].value", result="equal", expected=item.get("value"))
        if same is not None and use and "use" in item and item is _first_like(item, wanted):
            # Two records of one person may each have another use for the same number: KT2 has room for one.
            asked = [coded(case, use, one["use"]) for one in wanted if _key(one) == _key(item) and "use" in one]
            outcome = judge(case, use, f"identifier[{position}].use", asked, same.get("use"))
            yield from [outcome] if outcome else []
        other = next((at for at in left if at[1].get("system") == item.get("system")), None)
        if same is None and other and value and not _stands_for_nothing(item):
            left.remove(other)
            said = {"expected": item.get("value"), "actual": other[1].get("value")}
            yield case.outcome(value, f"identifier[{other[0]}].value", result="different", **said)
    if not wanted and value:
        yield case.outcome(value, "identifier", result="equal")


def _first_like(item: Json, wanted: list[Json]) -> Json:
    return next(one for one in wanted if _key(one) == _key(item) and "use" in one)


def _spelt(item: Json) -> Json:
    system = item.get("system")
    return {**item, "system": tables.identifiers().spelt(system.strip())} if isinstance(system, str) else item


def _key(item: Json) -> tuple[Any, Any]:
    return str(item.get("system")), transforms.tidy(item.get("value")) if isinstance(item.get("value"), str) else ""


def _stands_for_nothing(item: Json) -> bool:
    return str(item.get("value")).casefold() in tables.identifiers().dummies
