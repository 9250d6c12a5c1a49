"""Which resources get a second opinion."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from ktcheck.opinion.shapes import MOST, SAMPLE, Choice, choose, shape
from ktcheck.sandbox.generate import PracticeDomain

Json = dict[str, Any]


def fine(_: Mapping[str, Any]) -> bool:
    return True


def patients(number: int, **content: Any) -> list[Json]:
    return [{"resourceType": "Patient", "id": f"p{index:04d}", **content} for index in range(number)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({"active": True}, {"active": False}, True, id="values do not matter"),
        pytest.param({"name": [{"use": "A"}]}, {"name": [{"use": "B"}, {"use": "C"}]}, True, id="numbers neither"),
        pytest.param({"name": [{"family": "A"}]}, {"name": [{"given": ["A"]}]}, False, id="elements"),
        pytest.param(
            {"extension": [{"url": "a", "valueId": "1"}]}, {"extension": [{"url": "b", "valueId": "1"}]}, False,
            id="extensions by url",
        ),
        pytest.param({"meta": {"profile": ["a"]}}, {"meta": {"profile": ["b"]}}, False, id="claimed profiles"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order does not matter"),
    ],
)  # fmt: skip
def test_a_shape(one: Json, other: Json, same: bool) -> None:
    assert (shape(one, valid=True) == shape(other, valid=True)) is same


def test_what_ktcheck_finds_invalid_is_a_shape_of_its_own() -> None:
    found = choose(patients(3), lambda resource: resource["id"] != "p0002")
    assert (found.resources, found.shapes, found.chosen_shapes) == (3, 2, 2)
    assert set(found.names) == {"Patient/p0000", "Patient/p0001", "Patient/p0002"}


def test_one_of_every_shape_and_a_sample() -> None:
    made = [*patients(500), {"resourceType": "Task", "id": "t", "status": "draft"}]
    found = choose(made, fine)
    assert (found.resources, found.shapes, found.chosen_shapes) == (501, 2, 2)
    assert {"Patient/p0000", "Task/t"} <= set(found.names)
    assert SAMPLE <= len(found.names) <= SAMPLE + 2


def test_there_is_a_bound_and_no_type_crowds_out_another() -> None:
    many = [{"resourceType": "Task", "id": f"t{index:04d}", f"x{index}": 1} for index in range(3 * MOST)]
    found = choose([*many, *patients(2)], fine)
    assert len(found.names) <= MOST
    assert found.shapes == 3 * MOST + 1
    assert found.chosen_shapes == MOST - SAMPLE
    assert found.names[0] == "Patient/p0000"


def test_the_choice_does_not_depend_on_the_order() -> None:
    made = list(PracticeDomain(2, 30).resources())
    first = choose(made, fine)
    random.Random(1).shuffle(made)
    assert choose(made, fine) == first
    assert len(set(first.names)) == len(first.names)


def test_nothing_is_nothing() -> None:
    assert choose([], fine) == Choice(names=(), resources=0, shapes=0, chosen_shapes=0)
