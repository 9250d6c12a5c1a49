"""Paths of the mapping find values in the neutral form of a KT1 record, and say where."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.mapping.paths import codes, held
from ktcheck.mapping.table import Row, rows

NAMES = st.sampled_from(["name", "use", "#Participant", "valueString", "reference"])
CONTENTS = st.recursive(
    st.text(max_size=3) | st.booleans() | st.integers(0, 9),
    lambda inner: st.dictionaries(NAMES, st.lists(inner, min_size=1, max_size=3) | inner, max_size=4),
    max_leaves=20,
)
PATHS = st.sampled_from(["name", "name.use", "#Participant.name.use", "value[x]", "**.reference", "use | name.name"])


def _row(path: str, **facts: Any) -> Row:
    return Row(
        id="x",
        kt1="Patient",
        element="x",
        transform="copy",
        status="agreed",
        basis="none",
        rules=(),
        path=path,
        **facts,
    )


def _follow(content: Any, place: str) -> Any:
    for name, position in re.findall(r"([^.\[]+)(?:\[(\d+)\])?", place):
        content = content[name]
        if position:
            content = content[int(position)]
    return content


@given(CONTENTS.filter(lambda content: isinstance(content, dict)), PATHS)
def test_a_place_leads_to_the_value(content: dict[str, Any], path: str) -> None:
    found = held(_row(path), "Patient", content)
    assert all(_follow(content, place) is value for place, value in found)
    assert len({place for place, _ in found}) == len(found)


@given(st.lists(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3), min_size=1, max_size=3))
def test_lists_are_flattened_in_order(names: list[list[str]]) -> None:
    content = {"name": [{"given": given_names} for given_names in names]}
    found = held(rows()["dt.name.given"], "Patient", content)
    assert found == [
        (f"name[{outer}].given[{inner}]", text) for outer, items in enumerate(names) for inner, text in enumerate(items)
    ]


def test_a_single_element_has_no_position() -> None:
    content = {"name": {"family": ["Voorbeeld"], "use": "official"}}
    assert held(rows()["dt.name.use"], "Practitioner", content) == [("name.use", "official")]


def test_a_row_of_another_kind_finds_nothing() -> None:
    assert held(rows()["dt.address.city"], "Practitioner", {"address": {"city": "Ergens"}}) == []
    assert held(rows()["patient.gender"], "RelatedPerson", {"gender": {"text": "man"}}) == []


def test_a_choice_element_is_found_under_each_of_its_types() -> None:
    row = rows()["patient.deceased"]
    assert held(row, "Patient", {"deceasedBoolean": True}) == [("deceasedBoolean", True)]
    assert held(row, "Patient", {"deceasedDateTime": "2020"}) == [("deceasedDateTime", "2020")]
    assert held(row, "Patient", {"deceased": "2020", "deceasedly": "2020"}) == []


def test_a_code_goes_to_the_row_that_is_about_it() -> None:
    content = {"telecom": [{"use": "home"}, {"use": "mobile"}]}
    assert held(rows()["dt.telecom.use"], "Patient", content) == [("telecom[0].use", "home")]
    assert held(rows()["dt.telecom.use.mobile"], "Patient", content) == [("telecom[1].use", "mobile")]


@pytest.mark.parametrize(
    ("relationship", "outside"),
    [
        ({"coding": [{"code": "SIS"}]}, False),
        ({"coding": [{"code": "sis"}]}, False),
        ({"coding": [{"code": "FRND"}]}, True),
        ({"coding": [{"code": "FRND"}, {"code": "SIS"}]}, False),
        ({"text": "buurman"}, True),
    ],
)
def test_a_code_outside_a_table_is_told_apart(relationship: dict[str, Any], outside: bool) -> None:
    found = held(rows()["relatedperson.relationship.other"], "RelatedPerson", {"relationship": relationship})
    assert found == ([("relationship", relationship)] if outside else [])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_and_several_are_told_apart(number: int) -> None:
    performers = [{"reference": f"https://kt1.example/Practitioner/{place}"} for place in range(number)]
    content = {"simple": {"performer": performers}}
    one = held(rows()["careplan.activity.performer"], "CarePlanActivity", content)
    several = held(rows()["careplan.activity.performer.several"], "CarePlanActivity", content)
    assert (len(one), len(several)) == ((1, 0) if number == 1 else (0, number))


def test_a_participant_is_found_by_his_role() -> None:
    member = {"reference": "https://kt1.example/Practitioner/1"}
    requester = {"role": {"coding": [{"code": "Requester"}]}, "member": member}
    caregiver = {"role": {"coding": [{"code": "Caregiver"}]}, "member": member}
    row = rows()["careplan.participant.requester"]
    assert held(row, "CarePlan", {"participant": [caregiver, requester]}) == [("participant[1].member", member)]


def test_a_boolean_is_told_apart_from_its_opposite() -> None:
    row = rows()["careplan.activity.prohibited"]
    assert held(row, "CarePlanActivity", {"prohibited": True}) == [("prohibited", True)]
    assert held(row, "CarePlanActivity", {"prohibited": False}) == []


def test_only_the_display_of_a_reference_counts() -> None:
    content = {
        "gender": {"coding": [{"code": "F", "display": "vrouw"}]},
        "managingOrganization": {"reference": "https://kt1.example/Organization/1", "display": "Noord"},
    }
    assert held(rows()["dt.reference.display"], "Patient", content) == [("managingOrganization.display", "Noord")]


def test_an_unknown_condition_is_a_mistake_of_the_table() -> None:
    with pytest.raises(ValueError, match="no condition is called 'never'"):
        held(_row("name", when={"never": 1}), "Patient", {"name": "x"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("home ", ("home",)),
        ({"code": "Web", "system": "s"}, ("Web",)),
        ({"coding": [{"code": "M"}, {"display": "man"}, {"code": "UN"}]}, ("M", "UN")),
        ({"coding": {"code": "M"}}, ("M",)),
        ({"text": "man"}, ()),
        ({"code": 3}, ()),
        (True, ()),
        (None, ()),
        ({"coding": ["M"]}, ()),
    ],
)
def test_codes_of_whatever_holds_them(value: Any, expected: tuple[str, ...]) -> None:
    assert codes(value) == expected
