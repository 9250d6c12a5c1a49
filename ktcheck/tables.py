"""The rules that are data: what moves, which references mean what, identifier systems, texts, requirements.

The tables are YAML files in ``profiles/``; somebody from VZVZ can read and correct them. This module only reads
them into frozen objects. A table that does not fit is a mistake of ours and raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Literal

import yaml

from ktcheck.findings import Severity
from ktcheck.suite import PROFILES

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(name: str) -> dict[str, Any]:
    """A table of ``profiles/`` as it is written."""
    with (PROFILES / name).open("rb") as file:
        data = yaml.load(file, Loader=_LOADER)  # noqa: S506 (a safe loader)
    if not isinstance(data, dict):
        raise TypeError(f"profiles/{name} is no table")
    return data


# What is different in a row of a table: question -> answer -> field -> value.
Answers = Mapping[str, Mapping[str, Mapping[str, Any]]]


def _answers(row: dict[str, Any]) -> Answers:
    """What answers change in a row, with lists as the fields of the row have them."""
    return {
        question: {
            answer: {name: _frozen(value) for name, value in fields.items()} for answer, fields in answers.items()
        }
        for question, answers in row.get("answers", {}).items()
    }


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A row of ``migration.yaml``: what becomes of one kind of KT1 record, unless an answer says otherwise.

    ``ktcheck.scope`` gives the rows as they are under the answers of a cluster; ``left_out`` is then the question by
    whose answer no record of the kind moves.
    """

    kt1: str
    kt2: str | None
    identifier: str | None = None
    also: tuple[str, ...] = ()
    named: str | None = None
    excluded: tuple[str, ...] = ()
    needs: str | None = None
    lacking: str | None = None
    instead: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    optional: bool = False
    alone: bool = False
    inside: bool = False
    agreement: str | None = None
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    left_out: str | None = None
    why_nl: str | None = None
    why_en: str | None = None

    def moves(self, profile_version: str) -> bool:
        """Whether records of this kind move to KT2 in that release of the profiles."""
        return self.kt2 is not None and self.left_out is None and profile_version not in self.excluded


When = Literal["always", "only-referred", "without-needed", "ended", "not-launched", "archived-and-unused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """A row of ``stays`` in ``migration.yaml``: records (of ``kt1``; empty: any kind) that an answer leaves behind."""

    agreement: str
    answers: tuple[str, ...]
    when: When
    kt1: tuple[str, ...] = ()

    def about(self, kind: str) -> bool:
        """Whether it is about that kind of record."""
        return not self.kt1 or kind in self.kt1


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationTable:
    """``migration.yaml``; ``system`` is the prefix of every migration identifier's system (MIG-KT-002).

    ``profile_versions`` are the releases of the KT2 profiles that the tables know, newest first.
    """

    profile_versions: tuple[str, ...]
    system: str
    use: str
    rows: Mapping[str, Migration]
    stays: tuple[Stays, ...]


@cache
def migration() -> MigrationTable:
    """What of KT1 moves to KT2, by KT1 kind."""
    data = read("migration.yaml")
    rows = {}
    for row in data["types"]:
        excluded = tuple(row.pop("except", ()))
        also = tuple(row.pop("also", ()))
        rows[row["kt1"]] = Migration(**{**row, "answers": _answers(row)}, excluded=excluded, also=also)
    stays = tuple(
        Stays(**{**row, "answers": tuple(row["answers"]), "kt1": tuple(row.get("kt1", ()))}) for row in data["stays"]
    )
    return MigrationTable(
        profile_versions=tuple(data["profile_versions"]), system=data["system"], use=data["use"], rows=rows, stays=stays
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """A row of ``references.yaml``: one reference element of a KT2 resource type (``*``: of every type)."""

    resource: str
    path: str
    targets: tuple[str, ...]
    differs: Mapping[str, tuple[str, ...]]
    kt1: Mapping[str, tuple[str, ...]]
    agreed: bool = False
    agreement: str | None = None
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    also: tuple[str, ...] = ()
    also_type: str | None = None
    plus: tuple[str, ...] = ()
    several: str | None = None
    many: bool = False
    single: bool = False
    each: bool = False
    exempt: bool = False
    absent: bool = False

    def allowed(self, profile_version: str) -> tuple[str, ...]:
        """The target types that the profile of that release allows; empty: any."""
        return self.differs.get(profile_version, self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTable:
    """``references.yaml``, by (resource type, path)."""

    origin: str
    instantiates: str
    endpoint: str
    rows: Mapping[tuple[str, str], ReferenceRow]

    def row(self, resource_type: str, path: str) -> ReferenceRow | None:
        """The row for an element, or None for a reference that no profile describes."""
        return self.rows.get((resource_type, path)) or self.rows.get(("*", path))

    def following(self, resource_type: str) -> tuple[ReferenceRow, ...]:
        """The rows of a type that have to follow a KT1 reference."""
        return tuple(row for (name, _), row in self.rows.items() if name == resource_type and row.kt1)


@cache
def references() -> ReferenceTable:
    """Which references the KT2 profiles have, and what KT1 says about them."""
    data = read("references.yaml")
    rows = {}
    for row in data["references"]:
        rows[row["resource"], row["path"]] = ReferenceRow(
            **{
                **row,
                "targets": tuple(row["targets"]),
                "differs": {key: tuple(value) for key, value in row.get("differs", {}).items()},
                "kt1": {key: tuple(value) for key, value in row.get("kt1", {}).items()},
                "also": tuple(row.get("also", ())),
                "answers": _answers(row),
            }
        )
    return ReferenceTable(
        origin=data["origin"], instantiates=data["instantiates"], endpoint=data["endpoint"], rows=rows
    )


@cache
def source_references() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The KT1 kinds that each reference of a KT1 kind may lead to: kind -> name -> kinds."""
    data = read("source-references.yaml")
    return {kind: {name: tuple(kinds) for name, kinds in row.items()} for kind, row in data.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierTable:
    """``identifiers.yaml``: spellings of systems, national systems, types with a mandatory identifier, and the rest."""

    normalise: Mapping[str, str]
    not_national: Mapping[str, str]
    mandatory: frozenset[str]
    client_id: str
    personal: frozenset[str]
    dummies: frozenset[str]

    def spelt(self, system: str) -> str:
        """A system as KT2 spells it."""
        return self.normalise.get(system, self.not_national.get(system, system))


@cache
def identifiers() -> IdentifierTable:
    """The tables about identifiers."""
    data = read("identifiers.yaml")
    sets = {name: frozenset(data[name]) for name in ("mandatory", "personal", "dummies")}
    return IdentifierTable(**{**data, **sets})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """A row of ``needs.yaml``: what an application may say it cannot do without, and how KT1 shows it.

    Either an ``element`` of the patient (``holds``: what an item of it must have, ``date``: one that can be read), an
    ``identifier`` of that system, or a ``record`` of another kind whose reference ``by`` is the patient.
    """

    nl: str
    en: str
    element: str | None = None
    holds: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    date: bool = False
    identifier: str | None = None
    record: str | None = None
    by: str | None = None


@cache
def needs() -> Mapping[str, Needed]:
    """What applications may require, by the name that the domain file uses."""
    return {name: Needed(**row) for name, row in read("needs.yaml").items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A row of ``rules/<module>.yaml``: how much a rule weighs and what it says, in two languages."""

    id: str
    area: str
    severity: Severity
    requirements: tuple[str, ...]
    step: str
    owner: str
    texts: Mapping[str, str]

    def message(self, language: str, words: Mapping[str, object]) -> str:
        """The finding's message with its words filled in."""
        return self.texts[f"message_{language}"].format_map(words)


_TEXTS = tuple(f"{part}_{lang}" for part in ("title", "message", "why", "remedy", "look") for lang in ("nl", "en"))


@cache
def rules() -> Mapping[str, RuleText]:
    """Texts and weights of every rule, by rule id."""
    table = {}
    files = sorted((PROFILES / "rules").glob("*.yaml"))
    rows = chain.from_iterable(read(f"rules/{path.name}").items() for path in files)
    for name, row in chain(rows, _rules_about_refusals()):
        table[name] = RuleText(
            id=name,
            area=row["area"],
            severity=Severity(row["severity"]),
            requirements=tuple(row["requirements"]),
            step=row["step"],
            owner=row["owner"],
            texts={key: row[key] for key in _TEXTS},
        )
    return table


RefusalGroup = Literal["hti", "login", "authorize", "token", "introspection", "fhir"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedThing:
    """A row of ``refusals.yaml``: something that has to be refused, and why.

    ``group`` is where the thing is: in the HTI token, at the login, or in a request to one of four services.
    """

    name: str
    group: RefusalGroup
    severity: Severity
    requirements: tuple[str, ...]
    what_nl: str
    what_en: str
    because_nl: str
    because_en: str


def _rules_about_refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    """A row as in ``rules/<module>.yaml`` for each row of ``refusals.yaml``, made of what all of them say."""
    general = read("refusals.yaml")["rule"]
    for thing in refusals().values():
        row = {**general, "severity": thing.severity, "requirements": thing.requirements}
        for language, what, because in (
            ("nl", thing.what_nl, thing.because_nl),
            ("en", thing.what_en, thing.because_en),
        ):
            for part in ("title", "message"):
                row[f"{part}_{language}"] = general[f"{part}_{language}"].replace("{what}", what)
            row[f"why_{language}"] = because
        yield f"refusals.{thing.name}", row


@cache
def refusals() -> Mapping[str, RefusedThing]:
    """What has to be refused, by name."""
    table = {}
    for row in read("refusals.yaml")["refusals"]:
        fields = {**row, "severity": Severity(row["severity"]), "requirements": tuple(row["requirements"])}
        table[row["name"]] = RefusedThing(**fields)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A row of ``requirements.yaml``; either ``scenarios`` verify it or ``reason`` says why none does (yet)."""

    id: str
    topic: str
    area: str
    level: str
    actor: str
    status: str
    statement_nl: str
    statement_en: str
    scenarios: tuple[str, ...] = ()
    reason_nl: str | None = None
    reason_en: str | None = None


@cache
def requirements() -> Mapping[str, Requirement]:
    """The requirement register, by id."""
    data = read("requirements.yaml")
    table = {}
    for row in data["requirements"]:
        reason = data["reasons"].get(row.pop("reason", None), {})
        table[row["id"]] = Requirement(
            **{**row, "scenarios": tuple(row.get("scenarios", ()))},
            reason_nl=reason.get("nl"),
            reason_en=reason.get("en"),
        )
    return table


@cache
def steps() -> Mapping[str, Mapping[str, Any]]:
    """The steps of the draaiboek by id, in its order."""
    return {row["id"]: row for row in read("draaiboek.yaml")["steps"]}


def steps_of(sequence: int) -> Mapping[str, Mapping[str, Any]]:
    """The steps of a domain with this place in its cluster (1 = the first)."""
    place = "first" if sequence == 1 else "next"
    return {name: row for name, row in steps().items() if row.get("only", place) == place}


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(text: str) -> frozenset[str]:
    """The words that a message has to be filled in with."""
    return frozenset(_PLACEHOLDER.findall(text))
