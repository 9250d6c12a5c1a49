"""The mapping is complete, agrees with itself and with the other tables, and finds what it speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from ktcheck import tables
from ktcheck.agreements import questions
from ktcheck.mapping.paths import applying, held
from ktcheck.mapping.table import Basis, Compare, Impact, Row, State, Transform, rows, values
from ktcheck.snapshot.store import RESOURCE_TYPES
from ktcheck.suite import PROFILES

ROWS = rows()
VALUES = values()
KNOWLEDGE = Path(__file__).parents[3] / "shared" / "knowledge" / "migration-mapping.yaml"
# What KT2 requires within an element that the memo does have.
OURS = {"patient.family", "patient.given", "practitioner.family", "practitioner.given", "practitioner.email"}
# These judge what came of a comparison, whatever the row.
WHATEVER_THE_ROW = {"content.added", "content.assumption", "content.comparable"}
# Contents of messages, and what the server administered: no record of the inventory.
NOT_RECORDS = {"Message", "Administration"}
EVERY = pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.id)
WITH_PATH = pytest.mark.parametrize(
    ("row", "kind", "path"),
    [
        pytest.param(row, kind, path, id=f"{row.id}-{kind}-{path}")
        for row in ROWS.values()
        if row.path
        for kind in row.applies or (row.kt1,)
        for path in row.path.split(" | ")
    ],
)


# ---- complete ------------------------------------------------------------------------------------------------------


def test_every_element_of_the_memo_has_a_row() -> None:
    if not KNOWLEDGE.exists():
        pytest.skip("the knowledge that the mapping was made from is not beside this repository")
    known = yaml.load(KNOWLEDGE.read_bytes(), Loader=yaml.CSafeLoader)["mappings"]
    assert [row["id"] for row in known] == [name for name in ROWS if name not in OURS]
    assert {row["id"]: row["status"] for row in known} == {
        name: row.status for name, row in ROWS.items() if name not in OURS
    }


def test_what_is_not_of_the_memo_is_told_apart() -> None:
    assert set(ROWS) >= OURS
    header = (PROFILES / "mapping.yaml").read_text(encoding="utf-8").partition("\ndatatypes:")[0]
    assert all(name in header for name in OURS)


@EVERY
def test_every_row_is_exercised_by_rules_that_exist(row: Row) -> None:
    assert row.rules
    assert len(set(row.rules)) == len(row.rules)
    assert set(row.rules) <= tables.rules().keys()


def test_every_rule_about_the_mapping_has_a_row() -> None:
    exercising = {rule for row in ROWS.values() for rule in row.rules}
    about = {rule for rule in tables.rules() if rule.startswith(("content.", "mappable."))}
    assert about
    assert about == {rule for rule in exercising if rule.startswith(("content.", "mappable."))}


# ---- one row -------------------------------------------------------------------------------------------------------


@EVERY
def test_a_row_uses_words_that_its_header_explains(row: Row) -> None:
    assert row.transform in get_args(Transform)
    assert row.compare in {None, *get_args(Compare)}
    assert row.status in get_args(State)
    assert row.impact in {None, *get_args(Impact)}
    assert row.basis in get_args(Basis)
    assert row.required in {None, "default", "supplied"}


@EVERY
def test_only_a_conflict_has_an_impact_and_a_question_settles_it(row: Row) -> None:
    assert (row.impact is not None) == (row.status == "conflict")
    assert row.agreement or row.status != "conflict"
    assert row.agreement is None or row.agreement in questions()


@EVERY
def test_what_is_not_settled_is_explained_in_both_languages(row: Row) -> None:
    assert bool(row.note_nl) == bool(row.note_en)
    assert row.note_nl or row.status == "agreed"
    assert row.note_nl or not row.required


@EVERY
def test_a_row_goes_to_an_element_of_koppeltaal_or_nowhere(row: Row) -> None:
    assert row.kt2 in {None, "*", *RESOURCE_TYPES}
    assert row.kt2 or row.kt2_path is None
    assert row.kt2 or row.compare is None
    assert row.kt2 is None or row.status != "not-migrated"


@EVERY
def test_what_is_compared_has_a_rule_about_contents_or_links(row: Row) -> None:
    about_contents = {rule for rule in row.rules if rule.startswith("content.")} - WHATEVER_THE_ROW
    about_links = {rule for rule in row.rules if rule.startswith(("references.", "identification.", "completeness."))}
    if row.compare in {"identifier", "reference"}:
        assert about_links
    elif row.compare not in {None, "none"}:
        assert about_contents
    assert row.kt2_path or row.memo or not about_contents  # by another answer it is where the memo puts it


@EVERY
def test_a_row_that_is_reported_before_the_migration_says_why(row: Row) -> None:
    kinds = {"mappable.lost", "mappable.changed", "mappable.nested"} & set(row.rules)
    assert len(kinds) <= 1
    assert row.values or "mappable.code" not in row.rules
    assert row.required or "mappable.required" not in row.rules
    assert kinds != {"mappable.lost"} or row.impact not in {"changes-meaning", "warning"}
    assert kinds != {"mappable.changed"} or row.impact not in {"cannot-store", "loses-data"}


@EVERY
def test_what_is_required_has_a_default_or_an_owner(row: Row) -> None:
    assert (row.required != "default") or row.default is not None
    assert (row.required != "supplied") or row.default is None
    table = VALUES[row.values].default if row.values else None
    if row.default is not None and table is not None:
        assert row.default == table


# ---- code tables ---------------------------------------------------------------------------------------------------


def test_every_code_table_is_used_and_every_table_named_is_there() -> None:
    conditions = [*(row.when for row in ROWS.values()), *(row.unless for row in ROWS.values())]
    named = {row.values for row in ROWS.values() if row.values}
    assert named == set(VALUES)
    assert {condition["outside"] for condition in conditions if "outside" in condition} <= named


@pytest.mark.parametrize("name", VALUES)
def test_the_question_about_a_code_has_codes_as_answers(name: str) -> None:
    table = VALUES[name]
    ours = {code.code for code in table.codes.values() if code.code}
    asked = [code.agreement for code in table.codes.values() if code.agreement]
    assert all(code.code is None or code.agreement is None for code in table.codes.values())
    for key in asked:
        assert questions()[key].options.keys() - ours <= {"on-hold", "requested", "failed", "draft", "rejected"}
    assert table.default is None or table.default in ours | {
        option for key in asked for option in questions()[key].options
    }


def test_no_relationship_is_in_both_tables() -> None:
    assert VALUES["relationship"].codes.keys().isdisjoint(VALUES["relationship_generalised"].codes)
    ours = {(code.system, code.code) for code in VALUES["relationship"].codes.values()}
    other = ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "OTH")
    assert {(code.system, code.code) for code in VALUES["relationship_generalised"].codes.values()} <= ours | {other}


# ---- what a row finds ----------------------------------------------------------------------------------------------


def _value(row: Row) -> Any:
    """A value that meets the row's condition."""
    if "equals" in row.when:
        return row.when["equals"]
    if "outside" in row.when:
        return {"coding": [{"code": "nowhere"}]}
    if "more-than" in row.when:
        return ["value"] * (int(row.when["more-than"]) + 1)
    return "value"


def _content(row: Row, names: list[str]) -> dict[str, Any]:
    """Content that has the value at a path."""
    name, *rest = names
    if name == "**":
        return {"somewhere": [_content(row, rest)]}
    name = name.replace("[x]", "DateTime")
    if rest:
        return {name: [_content(row, rest)]}
    beside: dict[str, Any] = {}
    if "role" in row.when:
        beside = {"role": {"coding": [{"code": row.when["role"]}]}}
    elif "beside" in row.when:
        beside = {str(row.when["beside"]): "value"}
    return {name: _value(row), **beside}


@WITH_PATH
def test_a_row_finds_the_value_that_it_speaks_of(row: Row, kind: str, path: str) -> None:
    under = row.applies.get(kind, "")
    content = _content(row, [name for name in (*under.split("."), *path.split(".")) if name])
    value = _value(row)
    found = held(row, kind, content)
    assert [item for _, item in found] == (value if isinstance(value, list) else [value])
    assert held(row, kind, {}) == []


@EVERY
def test_a_row_speaks_of_records_of_its_kinds_only(row: Row) -> None:
    kinds = set(row.applies) or ({row.kt1} if row.kt1 != "*" else set(tables.migration().rows))
    assert kinds <= tables.migration().rows.keys() | NOT_RECORDS
    assert {kind for kind in tables.migration().rows.keys() | NOT_RECORDS if row in applying(kind)} - NOT_RECORDS == (
        kinds - NOT_RECORDS
    )
    assert held(row, "Other(unknown)", {"any": {"reference": "x"}}) == [] or row.kt1 == "*"


@EVERY
def test_a_condition_is_one_that_exists(row: Row) -> None:
    known = {"equals", "outside", "more-than", "role", "beside"}
    assert len(row.when) <= 1
    assert len(row.unless) <= 1
    assert {*row.when, *row.unless} <= known
    assert row.path or not (row.when or row.unless)
