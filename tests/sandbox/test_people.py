from __future__ import annotations

import pytest

from ktcheck.sandbox.people import bsn, person


def _eleven(number: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11 == 0


def test_numbers_are_invented_unique_and_satisfy_the_eleven_test() -> None:
    numbers = []
    for index in range(20_000):
        number = bsn(index)
        if number is None:
            break
        numbers.append(number)
    assert len(numbers) == len(set(numbers)) > 9_000
    assert all(number.startswith("9999") and len(number) == 9 and _eleven(number) for number in numbers)
    assert bsn(20_000) is None


@pytest.mark.parametrize("kind", ["patient", "practitioner", "relative"])
def test_a_person_is_the_same_on_every_call_and_lives_nowhere(kind: str) -> None:
    for index in range(200):
        who = person(7, index, kind)
        assert who == person(7, index, kind)
        assert who.email.endswith(".example")
        assert who.phone.startswith("06000")
        assert len(who.phone) == 10
        assert (who.bsn is not None) == (kind == "patient")


def test_another_seed_gives_other_people() -> None:
    one = [person(1, index) for index in range(20)]
    two = [person(2, index) for index in range(20)]
    assert one != two
