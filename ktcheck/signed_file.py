"""What the files have in common that people sign or fill in: waivers, confirmations, clusters. TOML, strictly read.

What people write there is shown in every report, so it may not hold what identifies a patient.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ktcheck.errors import InputError

Table = Mapping[str, Any]

# Nine digits, also when written in groups: a citizen service number (BSN) looks like that.
_BSN = re.compile(r"(?<!\d)(?:\d[ .-]?){8}\d(?!\d)")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}")


def read(path: Path, what: str, hint: str) -> dict[str, Any]:
    """The tables of a TOML file; ``what`` names it in an error, ``hint`` says what to do when it is not there.

    Raises:
        InputError: the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"{path}: the {what} cannot be read: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: a number is too long or tables are nested too deep; correct the file") from None


def rows(data: Table, name: str, keys: Iterable[str]) -> list[tuple[str, Table]]:
    """The tables ``[[name]]`` with how an error names each; a key that is not in ``keys`` is an error.

    Raises:
        InputError: there is something else in the file.
    """
    for other in data:
        if other != name:
            raise InputError(f"unknown key {other}; each is a table [[{name}]]")
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise InputError(f"{name} must be tables: [[{name}]], and below it its keys")
    named = [(f"{name}[{place}]", row) for place, row in enumerate(found, 1)]
    for label, row in named:
        only(label, row, keys)
    return named


def only(label: str, row: Table, keys: Iterable[str]) -> None:
    """Refuse keys that are not known.

    Raises:
        InputError: a key is unknown; the sentence names the nearest known one.
    """
    known = list(keys)
    for key in row:
        if key not in known:
            raise InputError(f"unknown key {label}.{key}{nearest(key, known)}")


def text(label: str, row: Table, key: str, *, needed: bool = True) -> str | None:
    """A text of a row, None when it is empty and need not be there.

    Raises:
        InputError: it is no text, it is missing, or it holds what may not be in a report.
    """
    value = row.get(key)
    if not isinstance(value, str | None):
        raise InputError(f"{label}.{key} must be a text in quotes")
    value = " ".join((value or "").split())
    if not value:
        if needed:
            raise InputError(f"{label}.{key} is missing; it may not be empty")
        return None
    public(f"{label}.{key}", value)
    return value


def public(label: str, value: str) -> None:
    """Refuse a text that would put somebody's number or address in every report.

    Raises:
        InputError: it holds nine digits in a row (as a BSN has) or an e-mail address.
    """
    for pattern, what in ((_BSN, "a number of nine digits, as a BSN has"), (_EMAIL, "an e-mail address")):
        if pattern.search(value):
            raise InputError(f"{label} holds {what}; take it out, because every report shows this text")


def date(label: str, row: Table, key: str, *, needed: bool = True) -> str | None:
    """A TOML date of a row as ISO 8601.

    Raises:
        InputError: it is missing or no date.
    """
    if key not in row and not needed:
        return None
    value = row.get(key)
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise InputError(f"{label}.{key} must be a date without quotes, such as 2026-01-31")
    return value.isoformat()


def number(label: str, row: Table, key: str) -> int:
    """A whole number of a row, one or more.

    Raises:
        InputError: it is missing or no such number.
    """
    value = row.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{label}.{key} must be a whole number, 1 or more")
    return value


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the known one that is most like it, or a few of all."""
    names = list(known)
    if near := difflib.get_close_matches(word, names, n=1, cutoff=0.5):
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(names)}" if 0 < len(names) < 20 else ""


def quoted(value: str) -> str:
    """A TOML string: one of JSON, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
