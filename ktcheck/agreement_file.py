"""``afspraken.toml``: what a cluster answered to the questions of ``profiles/agreements.yaml`` (MIG-KT-001).

One table for each question that was answered; a question that is not there was not agreed on. Written so that people
can fill it in: every question is explained, and commented out until somebody answers it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from ktcheck.agreements import Agreements, Answer, Option, Question, questions
from ktcheck.errors import InputError

_KEYS = ("answer", "value", "by", "on", "reason")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_WIDTH = 118


# ---- reading -------------------------------------------------------------------------------------------------------


def load(path: Path) -> Agreements:
    """Read the answers of a cluster.

    Raises:
        InputError: the file cannot be read, names an unknown question or answer, or a value is missing or has the
            wrong type; the sentence names the question and what is known.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; make one with 'ktcheck agreements --out'") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"{path}: the agreements cannot be read: {reason}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def parse(content: str) -> Agreements:
    """The answers in the text of an ``afspraken.toml``.

    Raises:
        InputError: as ``load``, without the name of the file.
    """
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not valid TOML: {error}") from None
    except (ValueError, RecursionError):
        raise InputError("a number is too long or tables are nested too deep; correct the file") from None
    return Agreements(MappingProxyType({key: _answer(key, table) for key, table in data.items()}))


def _answer(key: str, table: object) -> Answer:
    question = questions().get(key)
    if question is None:
        raise InputError(f"unknown question {key}{nearest(key, questions())}")
    if not isinstance(table, dict):
        raise InputError(f'{key} must be a table: [{key}], and below it answer = "..."')
    for name in table:
        if name not in _KEYS:
            raise InputError(f"unknown key {key}.{name}{nearest(name, _KEYS)}")
    option = _option(question, table.get("answer"))
    return Answer(
        option=option.name,
        value=_value(key, option, table.get("value")),
        by=_text(key, "by", table.get("by")),
        on=_date(f"{key}.on", table["on"]) if "on" in table else None,
        reason=_text(key, "reason", table.get("reason")),
    )


def _option(question: Question, name: object) -> Option:
    known = ", ".join(f'"{option}"' for option in question.options)
    if name is None:
        raise InputError(f"{question.key} has no answer; known are {known}")
    if not isinstance(name, str):
        raise InputError(f"{question.key}.answer must be a text in quotes; known are {known}")
    if name not in question.options:
        raise InputError(f"{question.key} cannot be answered with {name!r}; known are {known}")
    return question.options[name]


def _value(key: str, option: Option, value: object) -> str | None:
    """What has to be said besides the answer; what does not has no place."""
    if option.value is None:
        if value is not None:
            raise InputError(f"{key}.value has no meaning with answer {option.name!r}; take it out")
        return None
    if option.value == "date":
        return _date(f"{key}.value (with answer {option.name!r})", value)
    if not isinstance(value, str) or not _URI.fullmatch(value):
        raise InputError(f"{key}.value must be a URI in quotes with answer {option.name!r}")
    return value


def _date(what: str, value: object) -> str:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise InputError(f"{what} must be a date without quotes, such as 2026-01-31")
    return value.isoformat()


def _text(key: str, name: str, value: object) -> str | None:
    """A text for people; an empty one was not filled in."""
    if not isinstance(value, str | None):
        raise InputError(f"{key}.{name} must be a text in quotes")
    return (value or "").strip() or None


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the known one that is most like it, or where to find them all."""
    names = list(known)
    if near := difflib.get_close_matches(word, names, n=1, cutoff=0.5):
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(names)}" if len(names) < 10 else "; 'ktcheck agreements' lists them all"


# ---- writing -------------------------------------------------------------------------------------------------------

_HEAD = """\
# Afspraken van het cluster: wat de mapping van Koppeltaal 1.x naar 2.0 openlaat, of waarin memo en profiel botsen.
#
# Bij elke vraag staan de mogelijke antwoorden; het voorstel telt zolang er niets is afgesproken. Een antwoord begint te
# tellen door de # weg te halen voor [de naam van de vraag] en voor de regels daaronder. De domeinen van het cluster
# delen dit bestand: in elk domeinbestand staat [agreements] file = "...".
#
#   answer  het antwoord             value  wat het antwoord verder nodig heeft: een datum of een URI
#   by      wie het besliste: een partij of een rol, nooit de naam van een persoon
#   on      wanneer, zonder aanhalingstekens: 2026-01-31         reason  waarom
#
# Nakijken: ktcheck agreements DOMEIN.toml, en daarna ktcheck run DOMEIN.toml --phase afspreken
"""


def text(answers: Mapping[str, Answer]) -> str:
    """The text of an ``afspraken.toml`` with these answers: every question explained, in Dutch."""
    return "\n".join([_HEAD, *(line for item in questions().values() for line in _block(item, answers.get(item.key)))])


def _block(question: Question, answer: Answer | None) -> Iterator[str]:
    sources = f" ({', '.join(question.sources)})" if question.sources else ""
    yield from _comment(f"{question.title_nl}{sources}", "# ==== ")
    yield from _comment(question.why_nl)
    yield from _comment(f"Beslist: {question.decides_nl}.")
    for option in question.options.values():
        yield from _comment(f"{option.text_nl}{_remarks(question, option)}", f"#   {option.name}: ")
    mark = "" if answer else "# "
    yield f"{mark}[{question.key}]"
    for name, value in _pairs(question, answer or Answer(option=question.default, by="", reason="")):
        yield f"{mark}{name} = {value}"
    yield ""


def _remarks(question: Question, option: Option) -> str:
    remarks = ["voorstel"] if option.name == question.default else []
    if option.value:
        remarks.append("met value = " + {"date": "2026-01-31 (een datum)", "uri": '"https://..."'}[option.value])
    if option.not_in:
        remarks.append("kan niet in profielversie " + " en ".join(option.not_in))
    remarks += [f"vraagt om {other}: {' of '.join(names)}" for other, names in option.needs.items()]
    return f" ({'; '.join(remarks)})" if remarks else ""


def _comment(sentence: str, start: str = "# ") -> list[str]:
    return textwrap.wrap(
        sentence, _WIDTH, initial_indent=start, subsequent_indent="#".ljust(len(start)), break_on_hyphens=False
    )


def _pairs(question: Question, answer: Answer) -> Iterator[tuple[str, str]]:
    """The keys of an answer as TOML."""
    is_date = question.options[answer.option].value == "date"
    yield "answer", _quoted(answer.option)
    if answer.value is not None:
        yield "value", answer.value if is_date else _quoted(answer.value)
    if answer.by is not None:
        yield "by", _quoted(answer.by)
    if answer.on is not None:
        yield "on", answer.on
    if answer.reason is not None:
        yield "reason", _quoted(answer.reason)


def _quoted(value: str) -> str:
    """A TOML string: one of JSON, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
