"""The words of the pages (``profiles/texts/``), and numbers and moments as a reader expects them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import yaml

from ktcheck.errors import InputError
from ktcheck.suite import PROFILES

LANGUAGES = ("nl", "en")


@cache
def _table() -> Mapping[str, Any]:
    table: dict[str, Any] = {}
    for name in ("report.yaml", "pdf.yaml", "cluster.yaml"):
        with (PROFILES / "texts" / name).open("rb") as file:
            table |= yaml.safe_load(file)
    return table


class Texts:
    """Texts in one language (``nl`` or ``en``).

    Raises:
        InputError: another language.
    """

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise InputError(f"there is no language {lang!r}; choose {' or '.join(LANGUAGES)}")
        self.lang = lang

    def __call__(self, key: str, **words: object) -> str:
        """The text of a key such as ``verdict.approved``, with its {words} filled in."""
        section, _, name = key.partition(".")
        text: str = _table()[section][name][self.lang]
        return text.format_map(words) if words else text

    def label(self, section: str, name: str) -> str:
        """The text of a key, or the name itself when the table does not have it."""
        row = _table()[section].get(name)
        return row[self.lang] if row else name.replace("_", " ")

    def keys(self, section: str) -> tuple[str, ...]:
        """The keys of a section, in the order of the table."""
        return tuple(_table()[section])

    def of(self, row: Mapping[str, Any], stem: str) -> str:
        """The member ``<stem>_nl`` or ``<stem>_en`` of a row of the report."""
        return row.get(f"{stem}_{self.lang}") or ""

    def verdict(self, report: Mapping[str, Any]) -> str:
        """The verdict in words; those of a self-check never read as that of an acceptance run."""
        return self(f"{'self_verdict' if report.get('self_check') else 'verdict'}.{report['verdict']}")

    def share(self, part: int, whole: int) -> str:
        """99,4%: rounded down, so that it says 100% of nothing less; a dash for a part of nothing."""
        if not whole:
            return "–"
        tenths = 1000 * part // whole
        return f"{tenths // 10}{',' if self.lang == 'nl' else '.'}{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"

    def number(self, value: int | None) -> str:
        """12.345 in Dutch, 12,345 in English, a dash for what is not known."""
        if value is None:
            return "–"
        text = f"{value:,}"
        return text.replace(",", ".") if self.lang == "nl" else text

    def value(self, value: object) -> str:
        """Any plain fact: yes or no, a number, a text, a dash for what is not known."""
        if isinstance(value, bool):
            return self("word.yes" if value else "word.no")
        return self.number(value) if isinstance(value, int) or value is None else str(value)

    def moment(self, instant: str) -> str:
        """An instant of the report in UTC: 23 november 2026, 15:26 UTC."""
        moment = _instant(instant)
        month = _table()["month"][str(moment.month)][self.lang]
        return f"{moment.day} {month} {moment.year}, {moment:%H:%M} UTC"

    def day(self, date: str) -> str:
        """A day of the report (ISO 8601): 23 november 2026."""
        day = datetime.fromisoformat(date)
        return f"{day.day} {_table()['month'][str(day.month)][self.lang]} {day.year}"

    def duration(self, started: str, finished: str) -> str:
        """How long it took: 45 s, 12 min, 2 u 05 min."""
        seconds = round((_instant(finished) - _instant(started)).total_seconds())
        if seconds < 90:
            return f"{seconds} s"
        minutes = round(seconds / 60)
        if minutes < 90:
            return f"{minutes} min"
        return f"{minutes // 60} {self('word.hour')} {minutes % 60:02d} min"

    def seconds(self, value: float) -> str:
        """0,42 s in Dutch, 0.42 s in English."""
        text = f"{value:.2f} s"
        return text.replace(".", ",") if self.lang == "nl" else text


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
