"""Content beside content: a right migration is silent, and what is changed is found where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck import tables
from ktcheck.facts import Comparison, Context, Outcome
from ktcheck.mapping import compare as compare_module
from ktcheck.mapping import elements, table, wishes
from ktcheck.mapping.compare import compare
from ktcheck.mapping.table import rows
from tests.building import CONTEXT, MIGRATION, agreed, migrated, source, target
from tests.mapping.pairs import (
    MOBILE,
    NAMES,
    NULL_FLAVOR,
    PAIRS,
    ROLE_CODE,
    TOPICS,
    Json,
    Pair,
    activities,
    definitions,
    patients,
)


def compared(kind: str, content: Json | list[Json], resource: Json, context: Context = CONTEXT) -> Comparison | None:
    """A KT2 resource beside one or more KT1 records."""
    contents = content if isinstance(content, list) else [content]
    records = [source(kind, f"https://kt1.example/{number}", content=item) for number, item in enumerate(contents)]
    types = {"CarePlanActivity": "Task", "CarePlanSubActivity": "Task"}
    fact = target(types.get(kind, kind), *(migrated(record) for record in records), **deepcopy(resource))
    return compare(fact, context)


def told(
    kind: str, content: Json | list[Json], resource: Json, context: Context = CONTEXT
) -> list[tuple[str, str, str | None]]:
    """What came of it, but what is equal: result, place and agreement."""
    found = compared(kind, content, resource, context)
    assert found
    return [(item.result, item.path, item.agreement) for item in found.outcomes if item.result != "equal"]


def of_pair(pair: Pair, resource: Json, context: Context = CONTEXT) -> list[Outcome]:
    found = compared(pair.kind, pair.content, resource, context)
    assert found
    assert {item.row for item in found.outcomes} <= rows().keys()
    return [item for item in found.outcomes if item.result != "equal"]


# ---- properties ----------------------------------------------------------------------------------------------------


@given(PAIRS)
def test_a_right_migration_is_silent(pair: Pair) -> None:
    assert of_pair(pair, pair.resource) == []


STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")
EXTENSION = re.compile(r"(.*)\.family\.extension\('(.*)'\)\.valueString")


def parent(resource: Json, path: str) -> tuple[Any, str | int]:
    """What holds the value at a path, and under which name or position."""
    if found := EXTENSION.fullmatch(path):
        holder, key = parent(resource, found[1])
        extensions = holder[key]["_family"]["extension"]
        return next(item for item in extensions if item["url"] == found[2]), "valueString"
    at: Any = resource
    steps: list[str | int] = []
    for part in path.split("."):
        name, place = STEP.fullmatch(part).groups()  # type: ignore[union-attr]
        steps += [name, *([int(place)] if place else [])]
    for step in steps[:-1]:
        at = at[step]
    return at, steps[-1]


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {"start": "1999-12-31"}
    if re.match(r"\d{4}-\d\d", value):
        return f"1066-10-1{9 - int(value[3])}{value[10:]}"
    return {"home": "old", "official": "temp", "male": "female"}.get(value, f"x{value}x")


def without_positions(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


@given(PAIRS, st.data())
def test_any_single_changed_value_is_found_at_its_path(pair: Pair, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(pair.leaves))
    resource = deepcopy(pair.resource)
    holder, key = parent(resource, path)
    holder[key] = another(holder[key])
    found = of_pair(pair, resource)
    places = {item.path for item in found if item.result in {"different", "added"}}
    assert places & {path, path.removesuffix("[0]"), f"{path}.start"}
    wrong = [item for item in found if item.result == "different"]
    assert all(item.expected != item.actual for item in wrong)
    assert len(wrong) == 1


@given(PAIRS, st.data())
def test_any_single_lost_value_is_found_at_its_path(pair: Pair, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(pair.leaves))
    resource = deepcopy(pair.resource)
    holder, key = parent(resource, path)
    del holder[key]
    found = of_pair(pair, resource)
    results = {without_positions(item.path): item.result for item in found}
    assert results.keys() & {without_positions(path), without_positions(f"{path}.start")}
    assert set(results.values()) <= {"different", "other-answer"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "2020", "9999-99-99T99:99:99Z", "@"]),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["use", "family", "given", "prefix", "coding", "code", "system", "value", "extension", "url"]
            ),
            part,
            max_size=4,
        )
    ),
)


@given(PAIRS, st.data())
def test_nothing_stumbles_over_what_is_no_fhir(pair: Pair, data: st.DataObject) -> None:
    content, resource = dict(pair.content), deepcopy(pair.resource)
    resource[data.draw(st.sampled_from(sorted(resource)))] = data.draw(JSON)
    content[data.draw(st.sampled_from(sorted(content)))] = data.draw(JSON)
    found = compared(pair.kind, content, resource)
    assert found
    assert all(item.path and item.row in rows() for item in found.outcomes)


# ---- the table decides ---------------------------------------------------------------------------------------------

CACHED = (table.rows, table.values, compare_module._comparers, elements.parts, elements.supplied, wishes._folded)
Change = Callable[[str, Callable[[Json], None]], None]


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Changes a table of ``profiles/`` as somebody from VZVZ would."""
    read = tables.read

    def forget() -> None:
        for function in CACHED:
            function.cache_clear()

    def apply(name: str, edit: Callable[[Json], None]) -> None:
        def changed(asked: str) -> Json:
            data = read(asked)
            if asked == name:
                edit(data)
            return data

        monkeypatch.setattr(tables, "read", changed)
        forget()

    yield apply
    monkeypatch.undo()
    forget()


def row_of(data: Json, name: str) -> Json:
    found: Json = next(row for row in data["rows"] if row["id"] == name)
    return found


GENDER = {"gender": {"coding": [{"code": "UN"}]}, "active": True, "birthDate": "1990-01-01"}
AS_MAPPED = {"gender": "other", "active": True, "birthDate": "1990-01-01"}


def test_another_code_in_the_table_is_another_code_in_kt2(change: Change) -> None:
    assert told("Patient", GENDER, AS_MAPPED) == []
    change("values.yaml", lambda data: data["gender"]["codes"].update(UN="unknown"))
    assert told("Patient", GENDER, AS_MAPPED) == [("different", "gender", None)]
    assert told("Patient", GENDER, {**AS_MAPPED, "gender": "unknown"}) == []


def test_a_row_that_is_not_to_be_compared_is_not(change: Change) -> None:
    wrong = {**AS_MAPPED, "gender": "male"}
    assert told("Patient", GENDER, wrong) == [("different", "gender", None)]
    change("mapping.yaml", lambda data: row_of(data, "patient.gender").update(compare="none"))
    assert told("Patient", GENDER, wrong) == []


def test_another_place_in_the_table_is_another_place_in_kt2(change: Change) -> None:
    team = {"#Name": ["Team Noord"]}
    assert told("CareTeam", team, {"status": "active", "name": "Team Noord"}) == []
    change("mapping.yaml", lambda data: row_of(data, "careteam.name").update(kt2_path="title"))
    assert told("CareTeam", team, {"status": "active", "title": "Team Noord"}) == []
    assert told("CareTeam", team, {"status": "active", "name": "Team Noord"}) == [("different", "title", None)]


# ---- nothing to compare --------------------------------------------------------------------------------------------


def test_of_what_kt1_only_refers_to_nothing_is_compared() -> None:
    record = source("Organization", "https://kt1.example/1", basis="reference")
    assert compare(target("Organization", migrated(record), name="Noord"), CONTEXT) is None
    assert compare(target("Organization", name="Noord"), CONTEXT) is None
    assert compared("Organization", {}, {"name": "Noord"}) is None


def test_a_task_that_was_withdrawn_is_not_compared() -> None:
    assert compared("CarePlanActivity", activity(), {**DONE, "status": "entered-in-error"}) is None


def test_the_content_of_a_companion_counts() -> None:
    record = source("Organization", "https://kt1.example/1", basis="companion", content={"name": "Noord"})
    found = compare(target("Organization", migrated(record), name="Zuid", active=True), CONTEXT)
    assert found
    assert [item.path for item in found.outcomes if item.result == "different"] == ["name"]


# ---- names ---------------------------------------------------------------------------------------------------------

OWN_PREFIX = f"name[0].family.extension('{NAMES}own-prefix').valueString"
OWN_NAME = f"name[0].family.extension('{NAMES}own-name').valueString"


def called(**parts: Any) -> Json:
    return {"name": [{"use": "official", "given": ["Iris"], **parts}], "gender": "female"}


def family(text: str, **parts: str) -> Json:
    extensions = [{"url": NAMES + part.replace("_", "-"), "valueString": value} for part, value in parts.items()]
    return {"family": text, "_family": {"extension": extensions}}


BRAM = {"name": [{"use": "official", "given": ["Iris"], "family": ["Bram"], "prefix": ["van", "der"]}]}
MEMO = called(family="Bram", prefix=["van", "der"])
PROPOSED = called(**family("van der Bram", own_prefix="van der", own_name="Bram"))
PRESENT = {"gender": {"coding": [{"code": "F"}]}, "active": True}


def name_told(kt1: Json, kt2: Json, context: Context = CONTEXT) -> list[tuple[str, str, str | None]]:
    resource = {**kt2, "active": True, "birthDate": "1990-01-01"}
    return told("Patient", {**PRESENT, **kt1, "birthDate": "1990-01-01"}, resource, context)


@pytest.mark.parametrize(
    ("kt2", "context", "expected"),
    [
        pytest.param(PROPOSED, CONTEXT, [], id="as proposed"),
        pytest.param(PROPOSED, agreed(name_prefix="own-prefix"), [], id="as agreed"),
        pytest.param(
            MEMO,
            CONTEXT,
            [("other-answer", "name[0].family", "name-prefix"), ("other-answer", OWN_PREFIX, "name-prefix")],
            id="as the memo reads it, while nobody agreed",
        ),
        pytest.param(MEMO, agreed(name_prefix="prefix"), [], id="as the memo reads it, as agreed"),
        pytest.param(
            MEMO,
            agreed(name_prefix="own-prefix"),
            [("different", "name[0].family", "name-prefix"), ("different", OWN_PREFIX, "name-prefix")],
            id="as the memo reads it, against the agreement",
        ),
        pytest.param(
            PROPOSED,
            agreed(name_prefix="prefix"),
            [("different", "name[0].family", "name-prefix"), ("different", "name[0].prefix", "name-prefix")],
            id="as proposed, against the agreement",
        ),
        pytest.param(
            called(family="Bram"),
            CONTEXT,
            [("other-answer", "name[0].family", "name-prefix"), ("different", OWN_PREFIX, "name-prefix")],
            id="lost",
        ),
        pytest.param(
            called(**family("van der Bram", own_name="Bram")),
            CONTEXT,
            [("different", OWN_PREFIX, "name-prefix")],
            id="in the family name only",
        ),
        pytest.param(
            called(**family("van der Bram", own_prefix="van der", own_name="Brem")),
            CONTEXT,
            [("different", OWN_NAME, None)],
            id="another own name",
        ),
        pytest.param(
            called(**family("van der  Bram", own_prefix="van der", own_name="Bram")), CONTEXT, [], id="white space"
        ),
    ],
)
def test_particles(kt2: Json, context: Context, expected: list[tuple[str, str, str | None]]) -> None:
    assert name_told(BRAM, kt2, context) == expected


def name(**parts: Any) -> Json:
    return {"name": [{"use": "official", "given": ["Iris"], **parts}]}


@pytest.mark.parametrize(
    ("kt1", "kt2", "expected"),
    [
        pytest.param(
            name(family=["Bram", "Distel"]), called(**family("Bram Distel", own_name="Bram Distel")), [], id="two words"
        ),
        pytest.param(
            name(family=["van der Bram"]),
            called(**family("van der Bram", own_prefix="van der", own_name="Bram")),
            [],
            id="particles in the family name are taken apart",
        ),
        pytest.param(
            name(family=["Distel-Bram"], prefix=["de"]),
            called(**family("de Distel - Bram", partner_prefix="de", partner_name="Distel", own_name="Bram")),
            [],
            id="the partner's name goes before",
        ),
        pytest.param(
            name(family=["Bram - Distel"]),
            called(**family("Bram-Distel", partner_name="Distel", own_name="Bram")),
            [],
            id="the partner's name goes after",
        ),
        pytest.param(name(family=["Bram"], prefix=["Dhr."]), called(family="Bram"), [], id="a title gets lost"),
        pytest.param(
            name(family=["Bram"], prefix=["Dhr."]), called(family="Bram", prefix=["Dhr."]), [], id="a title is kept"
        ),
        pytest.param(
            name(family=["Bram"]),
            called(family="Bram", prefix=["Dr."]),
            [("added", "name[0].prefix", None)],
            id="a title that KT1 did not have",
        ),
        pytest.param(
            name(family=["Bram"]),
            called(**family("Bram", own_prefix="de")),
            [("added", OWN_PREFIX, None)],
            id="particles that KT1 did not have",
        ),
        pytest.param(
            name(family=["Bram"], prefix=["qua"]),
            called(family="Bram"),
            [("not-comparable", "name[0].family", None), ("not-comparable", OWN_PREFIX, "name-prefix")],
            id="a word that may be a title",
        ),
        pytest.param(
            name(family=["Bram"], prefix=["qua"]),
            called(**family("qua Bram", own_prefix="qua", own_name="Bram")),
            [],
            id="a word that may be a title, kept",
        ),
        pytest.param(
            {"name": [{"text": "I. Bram"}]},
            {"name": [{"use": "official", "given": ["I"], "family": "Bram"}], "gender": "female"},
            [],
            id="text only, the same name",
        ),
        pytest.param(
            {"name": [{"text": "Iris Bram"}]},
            {"name": [{"use": "official", "given": ["I."], "family": "Bram"}], "gender": "female"},
            [("not-comparable", "name[0]", None)],
            id="text only",
        ),
        pytest.param(name(family=["Bram"], given=["J"]), called(family="Bram", given=["J."]), [], id="an initial"),
        pytest.param(
            name(family=["Bram"], given=["Anna Maria"]), called(family="Bram", given=["Anna", "Maria"]), [], id="given"
        ),
        pytest.param(
            name(family=["Bram"], given=["Anna", "Maria"]),
            called(family="Bram", given=["Maria", "Anna"]),
            [("different", "name[0].given[0]", None)],
            id="given names in another order",
        ),
        pytest.param(
            {"name": [{"given": ["Iris"], "family": ["Bram"]}]}, called(family="Bram"), [], id="official by default"
        ),
        pytest.param(
            {"name": [{"given": ["Iris"], "family": ["Bram"]}]},
            {"name": [{"given": ["Iris"], "family": "Bram", "use": "usual"}], "gender": "female"},
            [("different", "name[0].use", None)],
            id="not official",
        ),
        pytest.param(
            {"name": [{"use": "official", "family": ["Bram"]}]},
            called(family="Bram"),
            [],
            id="KT2 requires a given name, so its owner supplied one",
        ),
        pytest.param(
            name(family=["Bram"], suffix=["MSc"], period={"start": "2019-05-01"}),
            called(family="Bram"),
            [("other-answer", "name[0].suffix", "name-suffix"), ("other-answer", "name[0].period", "name-period")],
            id="what KT2 does not use was dropped",
        ),
        pytest.param(
            name(family=["Bram"], suffix=["MSc"]),
            called(family="Bram", suffix=["BSc"]),
            [("different", "name[0].suffix", "name-suffix")],
            id="another suffix",
        ),
        pytest.param(
            name(family=["Bram"]), called(family="Bram", text="Iris Bram"), [], id="a text that says the parts again"
        ),
        pytest.param(
            name(family=["Bram"]),
            called(family="Bram", text="Zus"),
            [("added", "name[0].text", None)],
            id="another text",
        ),
        pytest.param({}, called(family="Bram"), [], id="KT1 has no name at all: its owner supplied what KT2 requires"),
        pytest.param(
            name(family=["Bram"]),
            {"name": [], "gender": "female"},
            [("different", "name", None)],
            id="the name is gone",
        ),
        pytest.param(
            name(family=["Bram"]),
            {"name": [*called(family="Bram")["name"], {"use": "nickname", "given": ["Ies"]}], "gender": "female"},
            [("added", "name[1]", None)],
            id="a name that KT1 did not have",
        ),
    ],
)
def test_names(kt1: Json, kt2: Json, expected: list[tuple[str, str, str | None]]) -> None:
    assert name_told(kt1, kt2) == expected


def test_an_agreement_to_drop_is_kept() -> None:
    kt1 = name(family=["Bram"], suffix=["MSc"])
    context = agreed(name_suffix="drop")
    assert name_told(kt1, called(family="Bram"), context) == []
    found = name_told(kt1, called(family="Bram", suffix=["MSc"]), context)
    assert found == [("different", "name[0].suffix", "name-suffix")]


# ---- contact details and addresses ---------------------------------------------------------------------------------

MOBILE_PATH = f"telecom[0].system.extension('{MOBILE}').valueCodeableConcept"
MARKED = {"_system": {"extension": [{"url": MOBILE, "valueCodeableConcept": {"coding": [{"code": "MC"}]}}]}}


def reached(
    kind: str, kt1: list[Json], kt2: list[Json], context: Context = CONTEXT
) -> list[tuple[str, str, str | None]]:
    content = {"telecom": kt1, "gender": {"coding": [{"code": "F"}]}, "birthDate": "1990-01-01"}
    resource = {"telecom": kt2, "gender": "female", "birthDate": "1990-01-01", "active": True}
    return told(kind, content, resource, context)


PHONE = {"system": "phone", "value": "0600000001"}


@pytest.mark.parametrize(
    ("kt2", "context", "expected"),
    [
        pytest.param({**PHONE, **MARKED}, CONTEXT, [], id="as proposed"),
        pytest.param({**PHONE, **MARKED}, agreed(mobile_number="extension"), [], id="as agreed"),
        pytest.param(
            {**PHONE, "use": "mobile"}, CONTEXT, [("other-answer", MOBILE_PATH, "mobile-number")], id="as the memo"
        ),
        pytest.param({**PHONE, "use": "mobile"}, agreed(mobile_number="use"), [], id="as the memo, agreed"),
        pytest.param(
            {**PHONE, **MARKED},
            agreed(mobile_number="use"),
            [("different", "telecom[0].use", "mobile-number")],
            id="against the agreement",
        ),
        pytest.param(PHONE, CONTEXT, [("different", MOBILE_PATH, "mobile-number")], id="lost"),
        pytest.param(
            {**PHONE, **MARKED, "use": "home"}, CONTEXT, [("added", "telecom[0].use", None)], id="with another use"
        ),
    ],
)
def test_mobile_numbers(kt2: Json, context: Context, expected: list[tuple[str, str, str | None]]) -> None:
    assert reached("Patient", [{**PHONE, "use": "mobile"}], [kt2], context) == expected


@pytest.mark.parametrize(
    ("kind", "kt1", "kt2", "expected"),
    [
        pytest.param("Patient", [], [], [], id="none"),
        pytest.param("Patient", [], [PHONE], [("added", "telecom[0]", None)], id="one that KT1 did not have"),
        pytest.param("Patient", [PHONE], [], [("different", "telecom", None)], id="lost"),
        pytest.param("Patient", [{"system": "phone", "use": "home"}], [], [], id="an empty one"),
        pytest.param(
            "Patient",
            [{**PHONE, "use": "home"}],
            [PHONE],
            [("different", "telecom[0].use", None)],
            id="the use is lost",
        ),
        pytest.param("Practitioner", [{**PHONE, "use": "home"}], [PHONE], [], id="KT2 does not use it"),
        pytest.param(
            "Practitioner",
            [{**PHONE, "use": "home"}],
            [{**PHONE, "use": "work"}],
            [("different", "telecom[0].use", None)],
            id="another use",
        ),
        pytest.param(
            "Practitioner",
            [PHONE],
            [PHONE, {"system": "email", "value": "a@b.example"}],
            [],
            id="KT2 requires an e-mail address, so its owner supplied one",
        ),
        pytest.param(
            "Practitioner",
            [{"system": "email", "value": "a@b.example"}],
            [{"system": "email", "value": "a@b.example"}, {"system": "email", "value": "c@b.example"}],
            [("added", "telecom[1]", None)],
            id="a second e-mail address",
        ),
        pytest.param(
            "Patient",
            [{"value": "a@b.example"}],
            [{"system": "email", "value": "a@B.example"}],
            [("not-comparable", "telecom[0].system", None)],
            id="KT1 does not say what it is",
        ),
        pytest.param(
            "Patient",
            [{"system": "pager", "value": "1"}],
            [{"system": "other", "value": "1"}],
            [("not-comparable", "telecom[0].system", None)],
            id="a code that KT1 does not have",
        ),
        pytest.param(
            "Patient",
            [{**PHONE, "use": "home"}],
            [{**PHONE, "use": "home", **MARKED}],
            [("added", MOBILE_PATH, None)],
            id="not a mobile number in KT1",
        ),
        pytest.param(
            "Patient",
            [PHONE, {"system": "phone", "value": "0600000002"}],
            [{"system": "phone", "value": "0600000002"}, {"system": "phone", "value": "0600000003"}],
            [("different", "telecom[1].value", None)],
            id="the one that changed",
        ),
    ],
)
def test_contact_details(
    kind: str, kt1: list[Json], kt2: list[Json], expected: list[tuple[str, str, str | None]]
) -> None:
    assert reached(kind, kt1, kt2) == expected


def test_an_address_of_a_period_only_is_empty() -> None:
    content = {**PRESENT, "address": [{"use": "old", "period": {"end": "2020-02-29"}}]}
    assert told("Patient", content, {"gender": "female", "active": True, "birthDate": "1990-01-01"}) == []


def test_an_address_of_another_street_and_place_is_another_address() -> None:
    content = {**PRESENT, "address": [{"line": ["Oefenpad 1"], "city": "Ergenshuizen"}]}
    resource = {
        "gender": "female",
        "active": True,
        "birthDate": "1990-01-01",
        "address": [{"use": "home", "line": ["Testsingel 2"], "city": "Nergenswoude"}],
    }
    assert told("Patient", content, resource) == [("different", "address", None), ("added", "address[0]", None)]


# ---- single elements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kt1", "kt2", "context", "expected"),
    [
        pytest.param(None, "unknown", CONTEXT, [], id="KT1 has none"),
        pytest.param(None, "female", CONTEXT, [], id="KT1 has none, its owner knows better"),
        pytest.param(
            None,
            "female",
            agreed(supplied_values="defaults"),
            [("different", "gender", "supplied-values")],
            id="KT1 has none, and defaults were agreed",
        ),
        pytest.param(None, None, CONTEXT, [("different", "gender", "supplied-values")], id="nobody has one"),
        pytest.param({"coding": [{"code": "m"}]}, "male", CONTEXT, [], id="in lower case"),
        pytest.param({"coding": [{"code": "Q"}, {"code": "F"}]}, "female", CONTEXT, [], id="the known one of two"),
        pytest.param({"coding": [{"code": "Q"}]}, "male", CONTEXT, [("not-comparable", "gender", None)], id="unknown"),
        pytest.param({"text": "vrouw"}, "female", CONTEXT, [("not-comparable", "gender", None)], id="text"),
        pytest.param({"text": "V"}, "male", CONTEXT, [("different", "gender", None)], id="text that says otherwise"),
        pytest.param({"text": "?"}, "male", CONTEXT, [("not-comparable", "gender", None)], id="text that says nothing"),
    ],
)
def test_gender(
    kt1: Json | None, kt2: str | None, context: Context, expected: list[tuple[str, str, str | None]]
) -> None:
    content: Json = {"active": True, "birthDate": "1990-01-01"} | ({"gender": kt1} if kt1 else {})
    resource: Json = {"active": True, "birthDate": "1990-01-01"} | ({"gender": kt2} if kt2 else {})
    assert told("Patient", content, resource, context) == expected


@pytest.mark.parametrize(
    ("kt1", "kt2", "expected"),
    [
        pytest.param("1990-03-01T00:00:00+01:00", "1990-03-01", [], id="the date here"),
        pytest.param(
            "1990-03-01T00:00:00+01:00", "1990-02-28", [("different", "birthDate", None)], id="the date in UTC"
        ),
        pytest.param("1990-03", "1990-03", [], id="part of a date"),
        pytest.param("1 maart 1990", "1990-03-01", [("not-comparable", "birthDate", None)], id="no date"),
        pytest.param(None, "1990-03-01", [], id="supplied by its owner"),
    ],
)
def test_birth_dates(kt1: str | None, kt2: str, expected: list[tuple[str, str, str | None]]) -> None:
    content = PRESENT | ({"birthDate": kt1} if kt1 else {})
    assert told("Patient", content, {"gender": "female", "active": True, "birthDate": kt2}) == expected


@pytest.mark.parametrize(
    ("kind", "kt1", "kt2", "expected"),
    [
        pytest.param("Patient", {}, True, [], id="absent is in use"),
        pytest.param("Patient", {}, False, [("different", "active", None)], id="absent is not false"),
        pytest.param("Patient", {"active": False}, False, [], id="not in use"),
        pytest.param("Patient", {"active": False}, True, [("different", "active", None)], id="not in use in KT1"),
    ],
)
def test_active(kind: str, kt1: Json, kt2: bool, expected: list[tuple[str, str, str | None]]) -> None:
    content = {"gender": {"coding": [{"code": "F"}]}, "birthDate": "1990-01-01", **kt1}
    assert told(kind, content, {"gender": "female", "birthDate": "1990-01-01", "active": kt2}) == expected


RELATION = "relationship[0].coding[0].code"


@pytest.mark.parametrize(
    ("code", "kt2", "context", "expected"),
    [
        pytest.param("DAU", (ROLE_CODE, "DAUC"), CONTEXT, [], id="the nearest more general one"),
        pytest.param("DAU", (NULL_FLAVOR, "OTH"), agreed(relationship_other="other"), [], id="OTH, as agreed"),
        pytest.param(
            "DAU",
            (NULL_FLAVOR, "OTH"),
            CONTEXT,
            [("other-answer", RELATION, "relationship-other")],
            id="OTH, while nobody agreed",
        ),
        pytest.param(
            "DAU",
            (NULL_FLAVOR, "OTH"),
            agreed(relationship_other="generalise"),
            [("different", RELATION, "relationship-other")],
            id="OTH, against the agreement",
        ),
        pytest.param(
            "DAU", (ROLE_CODE, "SIS"), CONTEXT, [("different", RELATION, "relationship-other")], id="something else"
        ),
        pytest.param(
            "DAU", (ROLE_CODE, "SIS"), agreed(relationship_other="owner-chooses"), [], id="as its owner chose"
        ),
        pytest.param("WORK", (NULL_FLAVOR, "OTH"), CONTEXT, [], id="a code that the table does not know"),
        pytest.param("SIS", (NULL_FLAVOR, "SIS"), CONTEXT, [("different", RELATION, None)], id="the wrong system"),
        pytest.param("SIS", None, CONTEXT, [("different", "relationship.coding", None)], id="lost"),
        pytest.param(None, (ROLE_CODE, "SIS"), CONTEXT, [], id="KT1 has none: its owner supplied it"),
    ],
)
def test_relationships(
    code: str | None,
    kt2: tuple[str, str] | None,
    context: Context,
    expected: list[tuple[str, str, str | None]],
) -> None:
    content = PRESENT | ({"relationship": {"coding": [{"code": code}]}} if code else {})
    resource: Json = {"gender": "female", "active": True, "birthDate": "1990-01-01"}
    if kt2:
        resource["relationship"] = [{"coding": [{"system": kt2[0], "code": kt2[1]}]}]
    assert told("RelatedPerson", content, resource, context) == expected


@pytest.mark.parametrize(
    ("kt1", "kt2", "expected"),
    [
        pytest.param("use", {"use": "official"}, [("different", "identifier[1].use", None)], id="another use"),
        pytest.param("value", {"value": "2"}, [("different", "identifier[1].value", None)], id="another value"),
        pytest.param("system", {"system": "https://other.example"}, [], id="not there: told by identification"),
        pytest.param("", {"value": " 1 "}, [], id="white space"),
    ],
)
def test_identifiers(kt1: str, kt2: Json, expected: list[tuple[str, str, str | None]]) -> None:
    own = {"use": "secondary", "system": "https://epd.example", "value": "1", "label": kt1 or "-"}
    moved = {"use": "secondary", "system": "https://epd.example", "value": "1", **kt2}
    migration = {"use": "temp", "system": f"{MIGRATION}Organization", "value": "https://kt1.example/0"}
    resource = {"active": True, "name": "Noord", "identifier": [migration, moved]}
    assert told("Organization", {"name": "Noord", "identifier": [own]}, resource) == expected


# ---- definitions ---------------------------------------------------------------------------------------------------

DEFINED = {"#ActivityName": ["Rustwijzer"], "#ActivityDescription": ["Tien lessen."]}
AS_MEMO = {"name": "Rustwijzer", "title": "Tien lessen.", "status": "active"}
AS_PROPOSED = {"title": "Rustwijzer", "description": "Tien lessen.", "status": "active"}
KIND = agreed(definition_kind="topic")
TITLE, DESCRIPTION = "definition-name", "definition-description"


@pytest.mark.parametrize(
    ("kt2", "context", "expected"),
    [
        pytest.param(AS_PROPOSED, CONTEXT, [], id="as proposed"),
        pytest.param(
            AS_MEMO,
            CONTEXT,
            [("other-answer", "title", TITLE), ("other-answer", "description", DESCRIPTION)],
            id="as the memo",
        ),
        pytest.param(
            AS_MEMO, agreed(definition_name="name", definition_description="title"), [], id="as the memo, agreed"
        ),
        pytest.param(
            AS_MEMO,
            agreed(definition_name="title", definition_description="description"),
            [("different", "title", TITLE), ("different", "description", DESCRIPTION)],
            id="as the memo, against the agreement",
        ),
        pytest.param(
            {**AS_PROPOSED, "title": "Iets anders", "name": "Rustwijzer"},
            CONTEXT,
            [("different", "title", TITLE)],
            id="a title from nowhere",
        ),
    ],
)
def test_texts_of_a_definition(kt2: Json, context: Context, expected: list[tuple[str, str, str | None]]) -> None:
    assert told("ActivityDefinition", DEFINED, kt2, context) == expected


@pytest.mark.parametrize(
    ("status", "context", "expected"),
    [
        pytest.param("retired", CONTEXT, [], id="as proposed"),
        pytest.param("draft", CONTEXT, [("other-answer", "status", "inactive-definitions")], id="as it may be"),
        pytest.param("draft", agreed(inactive_definitions="draft"), [], id="as agreed"),
        pytest.param("active", CONTEXT, [("different", "status", "inactive-definitions")], id="wrong"),
    ],
)
def test_a_definition_that_is_not_active(
    status: str, context: Context, expected: list[tuple[str, str, str | None]]
) -> None:
    content = {**DEFINED, "#IsActive": [False], "#IsArchived": [False]}
    assert told("ActivityDefinition", content, {**AS_PROPOSED, "status": status}, context) == expected


@pytest.mark.parametrize(
    ("kind", "topics", "context", "expected"),
    [
        pytest.param("Game", ["treatment"], KIND, [], id="as agreed"),
        pytest.param("Game", [], KIND, [("different", "topic.coding", "definition-kind")], id="dropped"),
        pytest.param("Game", [], agreed(definition_kind="drop"), [], id="dropped, as agreed"),
        pytest.param(
            "Game",
            ["treatment"],
            agreed(definition_kind="drop"),
            [("different", "topic[0].coding[0].code", "definition-kind")],
            id="kept against the agreement",
        ),
        pytest.param("Meeting", [], KIND, [], id="a kind without counterpart"),
        pytest.param("Quiz", [], KIND, [("not-comparable", "topic.coding", None)], id="a kind that nobody knows"),
    ],
)
def test_the_kind_of_a_definition(
    kind: str, topics: list[str], context: Context, expected: list[tuple[str, str, str | None]]
) -> None:
    topic = [{"coding": [{"system": TOPICS, "code": code}]} for code in topics]
    content = {**DEFINED, "#ActivityKind": [{"code": kind}]}
    assert told("ActivityDefinition", content, {**AS_PROPOSED, "topic": topic}, context) == expected


# ---- tasks ---------------------------------------------------------------------------------------------------------

DONE = {"intent": "order", "status": "ready"}


def activity(code: str | None = "Available", **content: str) -> Json:
    said = {"code": code, "from": "plan", "other": None}
    return {**{f"#{name}": [text] for name, text in content.items()}, "effectiveStatus": said}


@pytest.mark.parametrize("kind", ["CarePlanActivity", "CarePlanSubActivity"])
@pytest.mark.parametrize(
    ("code", "kt2", "context", "expected"),
    [
        pytest.param(
            "Waiting", "on-hold", CONTEXT, [("other-answer", "status", "status-waiting")], id="another answer"
        ),
        pytest.param("Waiting", "on-hold", agreed(status_waiting="on-hold"), [], id="as agreed"),
        pytest.param(
            "Waiting",
            "draft",
            agreed(status_waiting="on-hold"),
            [("different", "status", "status-waiting")],
            id="against the agreement",
        ),
        pytest.param("Waiting", "ready", CONTEXT, [("different", "status", "status-waiting")], id="no answer at all"),
        pytest.param("Expired", "failed", CONTEXT, [("other-answer", "status", "status-expired")], id="expired"),
        pytest.param("SkippedByUser", "failed", agreed(status_skipped="failed"), [], id="skipped"),
        pytest.param("Paused", "on-hold", CONTEXT, [("not-comparable", "status", None)], id="nobody knows this code"),
        pytest.param(None, "draft", CONTEXT, [], id="KT1 has none: the default"),
        pytest.param(None, "ready", CONTEXT, [("not-comparable", "status", None)], id="KT1 has none: another"),
    ],
)
def test_statuses(
    kind: str, code: str | None, kt2: str, context: Context, expected: list[tuple[str, str, str | None]]
) -> None:
    assert told(kind, activity(code), {**DONE, "status": kt2}, context) == expected


START, END = "executionPeriod.start", "executionPeriod.end"
PLANNED = activity(StartDate="2021-03-01T00:00:00+01:00", EndDate="2021-03-31T23:59:59+02:00")
IN_PERIOD = {"start": "2021-03-01T00:00:00+01:00", "end": "2021-03-31T23:59:59+02:00"}


@pytest.mark.parametrize(
    ("content", "period", "context", "expected"),
    [
        pytest.param(PLANNED, IN_PERIOD, CONTEXT, [], id="planned"),
        pytest.param(PLANNED, {"start": "2021-02-28T23:00:00Z", "end": IN_PERIOD["end"]}, CONTEXT, [], id="other zone"),
        pytest.param(
            PLANNED,
            {},
            CONTEXT,
            [("other-answer", START, "planned-dates"), ("other-answer", END, "planned-dates")],
            id="planned, dropped while nobody agreed",
        ),
        pytest.param(PLANNED, {}, agreed(planned_dates="drop"), [], id="planned, dropped as agreed"),
        pytest.param(
            PLANNED,
            IN_PERIOD,
            agreed(planned_dates="drop"),
            [("different", START, "planned-dates"), ("different", END, "planned-dates")],
            id="planned, kept against the agreement",
        ),
        pytest.param(
            {**PLANNED, "#Started": ["2021-03-02T10:00:00Z"]},
            IN_PERIOD,
            CONTEXT,
            [("different", START, None)],
            id="when it was started wins",
        ),
        pytest.param(
            {**PLANNED, "#Cancelled": ["2021-03-05T10:00:00Z"]},
            {**IN_PERIOD, "end": "2021-03-05T10:00:00Z"},
            CONTEXT,
            [],
            id="cancelled, with that moment",
        ),
        pytest.param({**PLANNED, "#Cancelled": ["2021-03-05T10:00:00Z"]}, IN_PERIOD, CONTEXT, [], id="with the plan's"),
        pytest.param(
            {**PLANNED, "#Cancelled": ["2021-03-05T10:00:00Z"]},
            {"start": IN_PERIOD["start"]},
            CONTEXT,
            [],
            id="cancelled, without an end",
        ),
        pytest.param(
            {**PLANNED, "#Cancelled": ["2021-03-05T10:00:00Z"]},
            {**IN_PERIOD, "end": "2021-03-06T10:00:00Z"},
            CONTEXT,
            [("different", END, "planned-dates")],
            id="cancelled, with another end",
        ),
        pytest.param(activity(), IN_PERIOD, CONTEXT, [("added", START, None), ("added", END, None)], id="from nowhere"),
        pytest.param(
            activity(Started="gisteren"),
            {"start": "2021-03-01"},
            CONTEXT,
            [("not-comparable", START, None)],
            id="unreadable",
        ),
        pytest.param(activity(StartDate="2021-03-01"), {"start": "2021-02-28T23:00:00Z"}, CONTEXT, [], id="date here"),
        pytest.param(
            activity(Started="2021-03-01T09:00:00"), {"start": "2021-03-01T08:00:00Z"}, CONTEXT, [], id="clock here"
        ),
    ],
)
def test_periods(content: Json, period: Json, context: Context, expected: list[tuple[str, str, str | None]]) -> None:
    assert told("CarePlanActivity", content, {**DONE, "executionPeriod": period}, context) == expected


@pytest.mark.parametrize(
    ("kt2", "expected"),
    [
        pytest.param({"priority": "routine"}, [], id="routine"),
        pytest.param({"priority": "urgent"}, [("different", "priority", None)], id="urgent"),
        pytest.param({"intent": "plan"}, [("different", "intent", None)], id="another intent"),
    ],
)
def test_fixed_values(kt2: Json, expected: list[tuple[str, str, str | None]]) -> None:
    assert told("CarePlanActivity", activity(), {**DONE, **kt2}) == expected


def test_a_description_is_kept_unless_it_tells_the_definition() -> None:
    content = activity(ActivityDescription="Stap 1")
    resource = {**DONE, "description": "RUSTWIJZER"}
    assert told("CarePlanActivity", content, resource) == [("different", "description", None)]
    assert told("CarePlanActivity", content, resource, agreed(task_definition="description")) == []


# ---- care teams ----------------------------------------------------------------------------------------------------

ROLE = "participant[0].role[0].coding[0].code"
CAREGIVER = {"system": "http://snomed.info/sct", "code": "405623001"}


@pytest.mark.parametrize(
    ("coding", "context", "expected"),
    [
        pytest.param(CAREGIVER, CONTEXT, [], id="of the table"),
        pytest.param({"code": "x"}, CONTEXT, [("other-answer", ROLE, "participant-role")], id="of no table"),
        pytest.param(
            {"code": "x"},
            agreed(participant_role="table"),
            [("different", ROLE, "participant-role")],
            id="of no table, against the agreement",
        ),
        pytest.param({"code": "x"}, agreed(participant_role="any"), [], id="as its owner chose"),
        pytest.param(
            CAREGIVER,
            agreed(participant_role="none"),
            [("different", ROLE, "participant-role")],
            id="no role was agreed",
        ),
    ],
)
def test_roles(coding: Json, context: Context, expected: list[tuple[str, str, str | None]]) -> None:
    resource = {"name": "Team", "status": "active", "participant": [{"role": [{"coding": [coding]}]}]}
    assert told("CareTeam", {"#Name": ["Team"]}, resource, context) == expected


# ---- several records of one person ---------------------------------------------------------------------------------


def practitioner(**content: Any) -> Json:
    return {"name": {"use": "official", "family": ["Bram"], "given": ["Iris"]}, **content}


NAMED = {"active": True, "name": [{"use": "official", "family": "Bram", "given": ["Iris"]}]}


def email(value: str) -> Json:
    return {"system": "email", "value": value}


def test_of_several_records_all_contact_details_are_there() -> None:
    records = [practitioner(telecom=[email("a@b.example")]), practitioner(telecom=[email("c@b.example")])]
    both = {**NAMED, "telecom": [email("c@b.example"), email("a@b.example")]}
    assert told("Practitioner", records, both) == []
    one = {**NAMED, "telecom": [email("a@b.example")]}
    assert told("Practitioner", records, one) == [("different", "telecom", None)]


@pytest.mark.parametrize(
    ("gender", "result"), [("male", "not-comparable"), ("female", "not-comparable"), ("other", "different")]
)
def test_records_that_contradict_each_other(gender: str, result: str) -> None:
    records = [practitioner(gender={"coding": [{"code": code}]}) for code in "MF"]
    assert told("Practitioner", records, {**NAMED, "gender": gender}) == [(result, "gender", None)]


def test_a_record_that_says_nothing_contradicts_nothing() -> None:
    records = [practitioner(), practitioner(gender={"coding": [{"code": "F"}]})]
    assert told("Practitioner", records, {**NAMED, "gender": "female"}) == []


def test_names_of_two_records_may_contradict() -> None:
    married = {"name": {"use": "official", "family": ["Bram-Distel"], "given": ["Iris"]}}
    assert told("Practitioner", [practitioner(), married], NAMED) == [("not-comparable", "name", None)]


def test_every_activity_of_a_pair_has_its_own_row() -> None:
    pair = Pair("CarePlanActivity", activity("Completed"), "Task", {**DONE, "status": "completed"}, ())
    found = compared(pair.kind, pair.content, pair.resource)
    assert found
    assert "careplan.activity.status" in {item.row for item in found.outcomes}
    reported = {"effectiveStatus": {"code": "Completed", "from": "status", "other": "Available"}}
    found = compared(pair.kind, reported, pair.resource)
    assert found
    assert "activitystatus.status" in {item.row for item in found.outcomes}


@given(st.one_of(patients(), definitions(), activities()))
def test_a_comparison_does_not_depend_on_who_is_first(pair: Pair) -> None:
    twice = compared(pair.kind, [pair.content, deepcopy(pair.content)], pair.resource)
    assert twice
    assert {item.result for item in twice.outcomes} == {"equal"}
