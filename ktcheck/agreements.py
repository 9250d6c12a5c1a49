"""What the mapping leaves open, and what a cluster answered (``profiles/agreements.yaml``, ``afspraken.toml``).

Sources: the open questions of ``migration-mapping.yaml`` (OQ-nn) and its conflicts between memo and profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from ktcheck import tables

ValueKind = Literal["date", "uri"]

_RESTS_ON = {
    "nl": {
        True: " (rust op afspraak {key}: {option})",
        False: " (rust op uitgangspunt {key}: {option}, niet afgesproken)",
    },
    "en": {
        True: " (rests on agreement {key}: {option})",
        False: " (rests on assumption {key}: {option}, not agreed)",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A possible answer.

    ``not_in`` are the profile releases in which it cannot be done, ``needs`` the answers that other questions must
    have with it, ``value`` what has to be said besides (a date, an identifier system). ``afterwards``: that date has to
    lie after the approval.
    """

    name: str
    text_nl: str
    text_en: str
    not_in: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    value: ValueKind | None = None
    afterwards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A row of ``agreements.yaml``: something that a cluster has to agree on before it migrates.

    ``sources`` are the open questions it answers (OQ-nn), ``default`` is what the mapping proposes, ``decides`` who
    should decide.
    """

    key: str
    title_nl: str
    title_en: str
    why_nl: str
    why_en: str
    decides_nl: str
    decides_en: str
    default: str
    options: Mapping[str, Option]
    sources: tuple[str, ...] = ()


@cache
def questions() -> Mapping[str, Question]:
    """All questions, by key, in the order of the table."""
    table = {}
    for key, row in tables.read("agreements.yaml").items():
        options = {
            name: Option(
                name=name,
                text_nl=option["nl"],
                text_en=option["en"],
                not_in=tuple(option.get("not_in", ())),
                needs={other: tuple(names) for other, names in option.get("needs", {}).items()},
                value=option.get("value"),
                afterwards=option.get("afterwards", False),
            )
            for name, option in row.pop("options").items()
        }
        table[key] = Question(**{**row, "sources": tuple(row.get("sources", ()))}, key=key, options=options)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a cluster answered: ``value`` as ISO 8601 date or URI where the option asks for one.

    ``by`` (a party or a role), ``on`` (ISO 8601 date) and ``reason`` are for people.
    """

    option: str
    value: str | None = None
    by: str | None = None
    on: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agreements:
    """The answers of a cluster, by the key of the question; what is not answered has the table's default."""

    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))

    def agreed(self, key: str) -> bool:
        """Whether the cluster answered this question."""
        return key in self.answers

    def option(self, key: str) -> str:
        """The answer that counts: the cluster's, or else the default."""
        return self.answers[key].option if key in self.answers else questions()[key].default

    def rests_on(self, key: str, language: str) -> str:
        """The end of a sentence: on which answer it rests, so that a dispute is about that and not about the tool."""
        return _RESTS_ON[language][self.agreed(key)].format(key=key, option=self.option(key))

    def value(self, key: str) -> str | None:
        """What was said besides the answer: a date, an identifier system."""
        return self.answers[key].value if key in self.answers else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``agreements``: each question with the answer that counts."""
        for key, question in questions().items():
            option = question.options[self.option(key)]
            answer = self.answers.get(key)
            yield {
                "key": key,
                "title_nl": question.title_nl,
                "title_en": question.title_en,
                "option": option.name,
                "option_nl": option.text_nl,
                "option_en": option.text_en,
                "agreed": answer is not None,
                "value": answer.value if answer else None,
                "by": answer.by if answer else None,
                "on": answer.on if answer else None,
                "reason": answer.reason if answer else None,
                "default": question.default,
                "decides_nl": question.decides_nl,
                "decides_en": question.decides_en,
                "sources": list(question.sources),
            }
