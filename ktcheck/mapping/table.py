"""Reads ``profiles/mapping.yaml`` (one row for each KT1 element) and ``profiles/values.yaml`` (code tables).

Sources: MIG-KT-001 (elements), MIG-KT-002 (identifiers), and the KT2 profiles where those say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal

from ktcheck import tables
from ktcheck.findings import Severity

State = Literal["agreed", "conflict", "open", "not-migrated"]
Impact = Literal["cannot-store", "loses-data", "changes-meaning", "warning"]
Basis = Literal["explicit", "general", "none"]
Transform = Literal[
    "copy", "code-map", "identifier", "default", "drop", "split", "join", "derive", "reference-rewrite", "none"
]
Compare = Literal[
    "exact",
    "code",
    "local-date",
    "instant",
    "period",
    "set",
    "normalised",
    "joined-name",
    "identifier",
    "reference",
    "none",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One KT1 element: where it goes, how, and whether everybody agrees.

    ``kt1``        kind of KT1 record, ``*`` for all of them, or a datatype (Identifier, HumanName, Contact, Address)
    ``path``       place in the neutral form of the record (or of the datatype), None when no KT1 element holds it; the
                   syntax is that of ``ktcheck.mapping.paths``
    ``applies``    of a row about several kinds: kind of record -> its element of that datatype, empty for the record
    ``when``, ``unless``  a condition, when the row is about some of the values: ``equals`` a code, its code ``outside``
                   a code table, ``more-than`` so many values, of a participant in a ``role``, ``beside`` a member
    ``kt2``, ``kt2_path``  the resource type and element in KT2, None when it does not move
    ``transform``, ``values``, ``compare``  how the value is made, with which code table, and compared
    ``memo``       where the memo puts it, when that is not ``kt2_path``
    ``agreement``  key of the question that settles it (``profiles/agreements.yaml``)
    ``required``   KT2 requires it: ``default`` has a value to use when KT1 lacks it, ``supplied`` does not
    ``default``    that value
    ``weight``     a finding about it weighs no more than this
    ``rules``      the rules that exercise the row
    """

    id: str
    kt1: str
    element: str
    transform: Transform
    status: State
    basis: Basis
    rules: tuple[str, ...]
    path: str | None = None
    kt2: str | None = None
    kt2_path: str | None = None
    applies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    when: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))
    unless: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))
    values: str | None = None
    compare: Compare | None = None
    impact: Impact | None = None
    memo: str | None = None
    memo_says: str | None = None
    agreement: str | None = None
    inferred: bool = False
    required: Literal["default", "supplied"] | None = None
    default: str | bool | None = None
    weight: Severity | None = None
    note_nl: str | None = None
    note_en: str | None = None


@cache
def rows() -> Mapping[str, Row]:
    """The mapping, by row id, in the order of the table."""
    data = tables.read("mapping.yaml")
    table = {}
    for row in data["rows"]:
        facts = {"applies": data["datatypes"].get(row["kt1"], {}), **row, "rules": tuple(row["rules"])}
        if "weight" in row:
            facts["weight"] = Severity(row["weight"])
        table[row["id"]] = Row(**facts)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What becomes of a KT1 code: a KT2 ``code`` of ``system``, None for no counterpart.

    ``agreement``: the answer to that question is the code instead.
    """

    code: str | None
    system: str | None
    agreement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMap:
    """A code table of ``values.yaml``; ``default`` is the KT2 code when KT1 has none."""

    codes: Mapping[str, Code]
    default: str | None = None


@cache
def values() -> Mapping[str, ValueMap]:
    """The code tables, by name."""
    table = {}
    for name, data in tables.read("values.yaml").items():
        codes = {}
        for kt1, target in data["codes"].items():
            facts = target if isinstance(target, dict) else {"code": target}
            codes[kt1] = Code(
                code=facts.get("code"),
                system=facts.get("system", data["system"]),
                agreement=facts.get("agreement"),
            )
        table[name] = ValueMap(codes=codes, default=data.get("default"))
    return table
