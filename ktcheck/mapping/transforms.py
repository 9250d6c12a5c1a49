"""How a KT1 value is made into a KT2 value, and what of two values does not count as a difference.

Sources: ``transform`` and ``compare`` of the rows of ``profiles/mapping.yaml``; DSTU1 and R4 datatypes; nl-core.
Everything here is a pure function of values that may come from outside, so nothing here raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from ktcheck import tables
from ktcheck.source.careplan import values

_HERE = ZoneInfo("Europe/Amsterdam")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_DASHES = re.compile(r"\s*[-\u2010-\u2015]\s*")
_NOT_IN_NUMBERS = re.compile(r"[\s\-\u2010-\u2015().]")
# +31 6, 0031 6 and +31 (0)6 are written for 06.
_DUTCH = re.compile(r"(?:\+|00)310?(?=\d{9}$)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")


# ---- texts ---------------------------------------------------------------------------------------------------------


def tidy(value: Any) -> Any:
    """A text without spaces around it and with single ones inside, a list of texts as one; anything else as it is."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).replace("\u2019", "'").split())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tidy(" ".join(value))
    return value


def same_text(expected: Any, actual: Any) -> bool:
    """Whether two values are the same but for white space; a list of texts is the text that they make together."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return bool(tidy(expected) == tidy(actual))


def compact(value: Any) -> Any:
    """A postal code without spaces and case."""
    return "".join(value.split()).upper() if isinstance(value, str) else value


def contact(system: Any, value: Any) -> Any:
    """A telephone number without blanks and dashes, an e-mail address without the case of its host."""
    if not isinstance(value, str):
        return value
    if system in {"phone", "fax"}:
        return _DUTCH.sub("0", _NOT_IN_NUMBERS.sub("", value.strip().removeprefix("tel:")))
    if system == "email":
        return value.strip().removeprefix("mailto:").casefold()
    return value.strip()


# ---- dates and times -----------------------------------------------------------------------------------------------


def local_date(text: Any) -> str | None:
    """The date in a DSTU1 dateTime: its first ten characters, never by way of UTC; None when it has none."""
    found = text.strip()[:10] if isinstance(text, str) else ""
    if not _DATE.fullmatch(found):
        return None
    try:
        date.fromisoformat(f"{found}-01-01"[:10])  # a year or a month alone is a date too
    except ValueError:
        return None
    return found


def day_after_utc(text: Any) -> str | None:
    """The day here, when a date was sent as the last hours of the day before in UTC: 22:00Z and 23:00Z are midnight."""
    match = _MOMENT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or match[2] not in {"22:00", "23:00"} or match[5] not in {"Z", "+00:00"}:
        return None
    moment = _moment(text)
    here = _here(moment)[0] if moment else None
    return here if here != match[1] else None


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment: the wall clock (to the millisecond) and the instant; None without a time, or without a zone."""

    date: str
    clock: datetime | None
    instant: datetime | None


@cache
def _zone(text: str) -> Any:
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo


def _moment(text: Any) -> _Moment | None:
    text = text.strip() if isinstance(text, str) else ""
    if _DATE.fullmatch(text):
        return _Moment(text, None, None)
    if not (found := _MOMENT.fullmatch(text)):
        return None
    date, minutes, seconds, fraction, zone = found.groups()
    try:
        clock = datetime.fromisoformat(f"{date}T{minutes}{seconds or ':00'}.{(fraction or '')[:3]:0<3}")
        instant = clock.replace(tzinfo=_zone(zone)).astimezone(UTC) if zone else None
    except (ValueError, OverflowError):
        return None
    return _Moment(date, clock, instant)


def readable(text: Any) -> bool:
    """Whether this is a date or a moment."""
    return _moment(text) is not None


def same_moment(expected: Any, actual: Any) -> bool:
    """Whether two texts say the same moment, in whatever time zone, to the millisecond.

    A KT1 date without a time is that date here; a KT1 time without a zone is the same clock, or that time here.
    """
    one, other = _moment(expected), _moment(actual)
    if one is None or other is None:
        return bool(expected == actual)
    if one.clock is None:
        return one.date in {other.date, _here(other)[0]}
    if one.instant:
        return one.instant == other.instant
    return other.clock is not None and one.clock in {other.clock, _here(other)[1]}


def _here(moment: _Moment) -> tuple[str | None, datetime | None]:
    """The date and the wall clock in the Netherlands."""
    if moment.instant is None:
        return None, None
    try:
        local = moment.instant.astimezone(_HERE).replace(tzinfo=None)
    except OverflowError:
        return None, None
    return f"{local:%Y-%m-%d}", local


def same_period(expected: Any, actual: Any) -> bool:
    """Whether two periods start and end at the same moments."""
    if not isinstance(expected, Mapping) or not isinstance(actual, Mapping):
        return bool(expected == actual)
    return all(
        same_moment(expected.get(end), actual.get(end)) for end in ("start", "end") if end in expected or end in actual
    )


# ---- names ---------------------------------------------------------------------------------------------------------


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    table = tables.read("names.yaml")
    return tuple(frozenset(map(_plain, table[kind])) for kind in ("particles", "titles"))  # type: ignore[return-value]


def _plain(word: str) -> str:
    return word.casefold().strip(".'\u2019`\u2018")


@dataclass(frozen=True, slots=True)
class Surname:
    """A family name as KT1 has it; ``unknown``: a word before it is no known particle and no known title."""

    particles: str
    own: str
    unknown: bool

    @property
    def full(self) -> str:
        """The particles and the name, as R4 ``family`` has them."""
        return f"{self.particles} {self.own}".strip()


def surname(name: Mapping[str, Any]) -> Surname:
    """The family name of a KT1 name; titles in ``prefix`` are no part of it."""
    particles, titles = _words()
    words = prefix_words(name)
    kept = [word for word in words if _plain(word) not in titles]
    own = tidy([item for item in values(name, "family") if isinstance(item, str)])
    return Surname(" ".join(kept), own, any(_plain(word) not in particles for word in kept))


def known_particles(text: str) -> str:
    """Those words of a prefix that are known to belong to a family name."""
    particles, _ = _words()
    return " ".join(word for word in text.split() if _plain(word) in particles)


def prefix_words(name: Mapping[str, Any]) -> list[str]:
    """The words of ``prefix``, one by one; KT1 senders split it or not."""
    return [word for item in values(name, "prefix") if isinstance(item, str) for word in item.split()]


def joined(*parts: Any) -> str:
    """A family name to compare with: single spaces, and none around a hyphen."""
    return _DASHES.sub("-", tidy([part for part in parts if isinstance(part, str)]))


def givens(items: Iterable[Any]) -> list[str]:
    """Given names to compare with, one word each; an initial has no dot."""
    words = [word for item in items if isinstance(item, str) for word in tidy(item).split()]
    # A.M. is two initials, as A. M. is.
    words = [one for word in words for one in (word.replace(".", "") if _INITIALS.fullmatch(word) else [word])]
    return [word.rstrip(".") if len(word) == 2 else word for word in words]
