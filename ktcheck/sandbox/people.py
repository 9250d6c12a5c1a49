"""Invented people: names put together from lists, addresses that do not exist, reserved mail domains.

Every citizen service number starts with 9999, a range that is not issued, and satisfies the eleven-test.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

Gender = Literal["male", "female", "other", "unknown"]

_FEMALE = ("Merel", "Iris", "Noor", "Fenna", "Jildou", "Sanne", "Roos", "Elin", "Maud", "Tess", "Lotte", "Wende")
_MALE = ("Teun", "Bram", "Sjoerd", "Joris", "Wout", "Ruben", "Tijn", "Gijs", "Jelle", "Stijn", "Hidde", "Daan")
_EITHER = ("Robin", "Noa", "Kim", "Jip", "Sam", "Puck")
_PREFIXES = ("", "", "", "van", "de", "van der", "ter", "van den")
_FAMILY_STARTS = (
    "Kwartel", "Zwaluw", "Bramen", "Distel", "Lijster", "Kwikstaart", "Varen", "Tureluur", "Meidoorn", "Pinkster",
    "Wikke", "Zuring", "Wulpen", "Kamille", "Brem", "Gruttoos",
)  # fmt: skip
_FAMILY_ENDS = ("gaarde", "schot", "molle", "horne", "weerd", "stede", "kamp", "sluis", "hage", "broek", "loo", "enk")
_STREETS = ("Proefstraat", "Verzonnenlaan", "Oefenpad", "Voorbeeldweg", "Nergensdreef", "Testsingel")
_CITIES = ("Ergenshuizen", "Nergenswoude", "Verzonnendam", "Oefenstede", "Voorbeeldrecht")

_ELEVEN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)
_YOUNGEST = date(2003, 1, 1)
_DAYS_OF_BIRTH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist. ``bsn`` is None when the invented numbers have run out."""

    given: tuple[str, ...]
    prefix: str
    family: str
    gender: Gender
    birth: date
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    bsn: str | None

    @property
    def surname(self) -> str:
        """The family name with its prefix."""
        return f"{self.prefix} {self.family}".strip()


def person(seed: int, index: int, kind: str = "patient") -> Person:
    """The invented person number ``index`` of a kind (patient, practitioner, relative); the same on every call."""
    rng = random.Random(f"{seed}:{kind}:{index}")
    gender: Gender = rng.choices(("female", "male", "other"), (48, 48, 4))[0]
    names = {"female": _FEMALE, "male": _MALE}.get(gender, _EITHER)
    given = tuple(rng.sample(names, 2 if rng.random() < 0.3 else 1))
    prefix = rng.choice(_PREFIXES)
    family = rng.choice(_FAMILY_STARTS) + rng.choice(_FAMILY_ENDS)
    return Person(
        given=given,
        prefix=prefix,
        family=family,
        gender=gender,
        birth=_YOUNGEST - timedelta(days=rng.randrange(_DAYS_OF_BIRTH)),
        email=f"{given[0]}.{family}.{index}@{kind}.example".lower(),
        phone=f"06000{index % 100_000:05d}",
        street=f"{rng.choice(_STREETS)} {rng.randint(1, 180)}",
        postcode=f"{rng.randint(1000, 9998)} {rng.choice('ABCDEGH')}{rng.choice('ABCDEGH')}",
        city=rng.choice(_CITIES),
        bsn=bsn(index) if kind == "patient" else None,
    )


def bsn(index: int) -> str | None:
    """The invented citizen service number of an index, unique; None above the 9,090 or so that exist."""
    numbers = _numbers()
    return numbers[index] if index < len(numbers) else None


@cache
def _numbers() -> tuple[str, ...]:
    """All numbers 9999dddde that satisfy the eleven-test: the last digit follows from the ones before it."""
    found = []
    for middle in range(10_000):
        digits = f"9999{middle:04d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, _ELEVEN_WEIGHTS, strict=True)) % 11
        if check < 10:
            found.append(f"{digits}{check}")
    return tuple(found)
