"""What of two values counts as a difference, and how a value is made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.mapping import transforms

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=6), part, max_size=3),
)
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
DAY = datetime.fromisoformat
MOMENTS = st.datetimes(DAY("1900-01-02"), DAY("2100-01-01"), timezones=ZONES)


# ---- texts and numbers ---------------------------------------------------------------------------------------------


@given(st.lists(st.text("abc ", min_size=1), min_size=1))
def test_white_space_makes_no_difference(words: list[str]) -> None:
    assert transforms.same_text("  ".join(words), "\n".join(words))
    assert transforms.same_text(words, " ".join(words))
    assert not transforms.same_text("".join(words), "".join(words) + "x")


def test_true_is_no_text_and_no_number() -> None:
    assert transforms.same_text(True, True)
    assert not transforms.same_text(True, 1)
    assert not transforms.same_text("true", True)


@given(st.text("0123456789", min_size=3, max_size=12), st.integers(1, 2))
def test_blanks_and_dashes_of_a_telephone_number_make_no_difference(digits: str, place: int) -> None:
    written = f" {digits[:place]}-{digits[place:]} "
    assert transforms.contact("phone", written) == digits == transforms.contact("fax", written)
    other = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert transforms.contact("phone", other) != digits


@pytest.mark.parametrize(
    ("system", "one", "other", "same"),
    [
        ("email", "Iris.Bram@Ergens.Example", "Iris.Bram@ergens.example", True),
        ("email", "mailto:iris.bram@ergens.example", "Iris.Bram@ergens.example", True),
        ("email", "iris.bram@ergens.example", "iris.brom@ergens.example", False),
        ("phone", "+31 (0)6 1234-5678", "0612345678", True),
        ("phone", "0031612345678", "tel:06.12345678", True),
        ("phone", "+31612345678", "0612345679", False),
        ("email", "iris@ergens.example", "iris@elders.example", False),
        ("url", "https://ergens.example/A", "https://ergens.example/a", False),
        (None, "06-1", "061", False),
    ],
)
def test_contact_details(system: str | None, one: str, other: str, same: bool) -> None:
    assert (transforms.contact(system, one) == transforms.contact(system, other)) is same


@given(st.integers(1000, 9999), st.text("ABCDEGH", min_size=2, max_size=2))
def test_spaces_and_case_of_a_postal_code_make_no_difference(digits: int, letters: str) -> None:
    assert transforms.compact(f" {digits}{letters.lower()}") == transforms.compact(f"{digits} {letters}")
    assert transforms.compact(f"{digits}{letters}") != transforms.compact(f"{digits}{letters}X")


# ---- dates and times -----------------------------------------------------------------------------------------------


@given(st.dates(), st.integers(-11, 14))
def test_a_date_is_never_moved_by_its_zone(day: date, hours: int) -> None:
    sign = "-" if hours < 0 else "+"
    assert transforms.local_date(f"{day}T00:00:00{sign}{abs(hours):02}:00") == f"{day}"
    assert transforms.local_date(f" {day} ") == f"{day}"


@pytest.mark.parametrize("text", ["", "gisteren", "01-02-1990", "1990-1-1", "19900101", None, 1990, ["1990-01-01"]])
def test_what_is_no_date_has_none(text: Any) -> None:
    assert transforms.local_date(text) is None
    assert not transforms.readable(text)


@pytest.mark.parametrize("text", ["1990", "1990-03", "1990-03-01", "1990-03-01T10:00:00Z", "1990-03-01T10:00+01:00"])
def test_what_can_be_read(text: str) -> None:
    assert transforms.readable(text)


def written(moment: datetime) -> str:
    text = moment.isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


@given(MOMENTS, ZONES)
def test_the_same_moment_in_another_zone(moment: datetime, zone: timezone) -> None:
    one, other = written(moment), written(moment.astimezone(zone))
    assert transforms.same_moment(one, other)
    assert transforms.same_moment(f"{moment:%Y-%m-%dT%H:%M:%S}.1234567Z", f"{moment:%Y-%m-%dT%H:%M:%S}.123Z")
    assert not transforms.same_moment(one, written(moment + timedelta(milliseconds=1)))
    assert not transforms.same_moment(one, f"{moment:%Y-%m-%d}")


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_a_date_is_that_date_here(day: date) -> None:
    text = f"{day}"
    assert transforms.same_moment(text, f"{day}T00:00:00Z")
    assert transforms.same_moment(text, f"{day - timedelta(days=1)}T23:30:00Z")
    assert not transforms.same_moment(text, f"{day - timedelta(days=1)}T12:00:00Z")
    assert not transforms.same_moment(text, f"{day - timedelta(days=1)}")


@given(st.datetimes(DAY("2000-01-01"), DAY("2030-01-01")))
def test_a_time_without_a_zone_is_that_clock_or_that_time_here(moment: datetime) -> None:
    text = f"{moment:%Y-%m-%dT%H:%M:%S}"
    assert transforms.same_moment(text, f"{text}Z")
    assert not transforms.same_moment(text, f"{moment + timedelta(hours=5):%Y-%m-%dT%H:%M:%S}Z")
    winter = datetime(moment.year, 1, 15, 12, tzinfo=UTC)
    assert transforms.same_moment(f"{winter:%Y-%m-%d}T13:00:00", f"{winter:%Y-%m-%dT%H:%M:%S}Z")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"start": "2021-01-01"}, {"start": "2020-12-31T23:00:00Z"}, True),
        ({"start": "2021-01-01"}, {"start": "2021-01-01", "end": "2021-02-01"}, False),
        ({"start": "2021-01-01", "end": "2021-02-01"}, {"start": "2021-01-01"}, False),
        ({"end": "2021-02-01"}, {"end": "2021-02-01"}, True),
        ({"end": "2021-02-01"}, "2021-02-01", False),
    ],
)
def test_periods(one: Any, other: Any, same: bool) -> None:
    assert transforms.same_period(one, other) is same


# ---- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "full", "unknown"),
    [
        ({"family": ["Bram"]}, "Bram", False),
        ({"family": ["Bram", "Distel"], "prefix": ["van", "der"]}, "van der Bram Distel", False),
        ({"family": ["Bram"], "prefix": ["Van der"]}, "Van der Bram", False),
        ({"family": ["Bram"], "prefix": ["dhr.", "'t"]}, "'t Bram", False),
        ({"family": ["Bram"], "prefix": ["Prof", "Dr.", "ir"]}, "Bram", False),
        ({"family": ["Bram"], "prefix": ["qua"]}, "qua Bram", True),
        ({"family": "Bram", "prefix": "van"}, "van Bram", False),
        ({}, "", False),
        ({"family": [7], "prefix": [{}]}, "", False),
    ],
)
def test_surnames(name: dict[str, Any], full: str, unknown: bool) -> None:
    found = transforms.surname(name)
    assert (found.full, found.unknown) == (full, unknown)


def test_known_particles() -> None:
    assert transforms.known_particles("qua van der") == "van der"
    assert transforms.known_particles("qua") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bram-Distel", "Bram - Distel", True),
        ("Bram\u2013Distel", "Bram-Distel", True),
        ("van  der Bram", "van der Bram", True),
        ("Bram Distel", "Bram-Distel", False),
        ("Bram", "bram", False),
    ],
)
def test_joined_names(one: str, other: str, same: bool) -> None:
    assert (transforms.joined(one) == transforms.joined(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["J."], ["J"], True),
        (["Anna Maria"], ["Anna", "Maria"], True),
        (["J.P."], ["J.", "P."], True),
        (["J.P."], ["J."], False),
        (["Anna", "Maria"], ["Maria", "Anna"], False),
    ],
)
def test_given_names(one: list[str], other: list[str], same: bool) -> None:
    assert (transforms.givens(one) == transforms.givens(other)) is same


# ---- what comes from outside may be anything -----------------------------------------------------------------------


@given(ANYTHING, ANYTHING)
def test_no_transform_stumbles(one: Any, other: Any) -> None:
    for same in (transforms.same_text, transforms.same_moment, transforms.same_period):
        assert same(one, one)
        assert same(one, other) in {True, False}
    assert transforms.contact("phone", one) == transforms.contact("phone", one)
    assert transforms.compact(one) == transforms.compact(one)
    assert isinstance(transforms.readable(one), bool)
    assert isinstance(transforms.joined(one, other), str)
    name = {"family": one, "prefix": other}
    assert isinstance(transforms.surname(name).full, str)
