"""The inventory of incompatibilities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ktcheck.agreements import questions
from ktcheck.facts import Fit, Holder, Misfit, SourceIdentifier
from ktcheck.mappability import Mappability
from ktcheck.suite import PROFILES
from tests.building import KT1, match, source

Json = dict[str, Any]

PHOTO = Misfit(rule="mappable.lost", row="patient.photo", kind="lost", path="photo[0]", agreement="patient-photo")
BORN = Misfit(
    rule="mappable.required", row="patient.birth-date", kind="required", path="birthDate", agreement="supplied-values"
)
PREFIX = Misfit(
    rule="mappable.changed",
    row="dt.name.prefix",
    kind="changed",
    path="name[0].prefix[0]",
    value="van",
    agreement="name-prefix",
    settled=True,
)


def fits(*found: Misfit, app: str | None = "epd", landed: bool = False) -> Fit:
    return Fit(match=match(source(app=app)), misfits=found, landed=landed)


def table(*facts: Any) -> list[Json]:
    mappability = Mappability()
    for fact in facts:
        mappability.add(fact)
    return list(mappability.rows())


def test_nothing_heard_is_an_empty_table() -> None:
    assert table() == []
    assert table(match(), fits()) == []


def test_a_row_says_what_where_what_becomes_of_it_and_who_decides() -> None:
    (row,) = table(fits(PHOTO))
    question = questions()["patient-photo"]
    assert {name: row[name] for name in row if not name.startswith("consequence")} == {
        "row": "patient.photo",
        "application": "epd",
        "kt1": "Patient",
        "element": "photo",
        "kt2": None,
        "kind": "lost",
        "status": "conflict",
        "agreement": "patient-photo",
        "agreed": False,
        "records": 1,
        "decides_nl": question.decides_nl,
        "decides_en": question.decides_en,
    }
    assert row["consequence_nl"]
    assert row["consequence_nl"] != row["consequence_en"]


def test_a_datatype_is_told_with_the_element_that_has_it() -> None:
    (row,) = table(fits(PREFIX))
    assert row["element"] == "name.prefix"
    assert row["kt2"].startswith("Patient.name.family.extension")
    assert row["agreed"] is True


def test_a_record_counts_once_for_an_element_also_when_it_is_in_kt2_already() -> None:
    again = replace(PREFIX, path="name[1].prefix[0]", value="der")
    rows = table(fits(PREFIX, again), fits(PREFIX, landed=True), fits(PHOTO))
    assert [(row["row"], row["records"]) for row in rows] == [("dt.name.prefix", 2), ("patient.photo", 1)]


def test_rows_are_told_by_application_and_the_most_records_first() -> None:
    rows = table(fits(PHOTO, app=None), fits(PHOTO, app="b"), fits(BORN, app="a"), fits(PHOTO, app="b"), fits(BORN))
    found = [(row["application"], row["row"], row["records"]) for row in rows]
    assert found == [
        ("a", "patient.birth-date", 1),
        ("b", "patient.photo", 2),
        ("epd", "patient.birth-date", 1),
        (None, "patient.photo", 1),
    ]


def _shared(*names: str, landed: bool = False) -> SourceIdentifier:
    holders = tuple(
        Holder(key=f"{KT1}/Patient/{place}", application=f"app {place}", names=frozenset({name}))
        for place, name in enumerate(names)
    )
    return SourceIdentifier(type="Patient", system="s", value="999900006", holders=holders, landed=landed)


def test_a_collision_counts_for_every_application_that_has_a_part_in_it() -> None:
    assert table(_shared("berg", "berg")) == []
    rows = table(_shared("berg", "dam", landed=True), _shared("berg", "dam"))
    assert [(row["application"], row["kind"], row["records"]) for row in rows] == [
        ("app 0", "collision", 2),
        ("app 1", "collision", 2),
    ]


@given(st.lists(st.tuples(st.sampled_from([PHOTO, BORN, PREFIX]), st.sampled_from(["a", "b", None])), max_size=9))
def test_the_rows_fit_the_schema_of_the_report_and_hold_nothing_of_a_record(
    found: list[tuple[Misfit, str | None]],
) -> None:
    rows = table(*(fits(misfit, app=app) for misfit, app in found), _shared("berg", "dam"))
    schema = orjson.loads((PROFILES / "report.schema.json").read_bytes())["properties"]["mappability"]
    Draft202012Validator(schema).validate(rows)
    assert sum(row["records"] for row in rows) == len(found) + 2
    text = str(rows)
    assert KT1 not in text
    assert "999900006" not in text
