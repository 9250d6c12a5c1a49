"""What a misfit means and who decides, for every row and kind."""

from __future__ import annotations

from typing import get_args

import pytest

from ktcheck import tables
from ktcheck.agreements import questions
from ktcheck.facts import Misfit, MisfitKind
from ktcheck.mapping import consequences
from ktcheck.mapping.table import Row, rows

KINDS = tables.read("mappability.yaml")["kinds"]
SENTENCES = ("consequence_nl", "consequence_en", "decides_nl", "decides_en")
TOLD = [
    pytest.param(row, kind, id=f"{row.id}-{kind}")
    for row in rows().values()
    if any(rule.startswith("mappable.") for rule in row.rules)
    for kind in row.applies or (row.kt1,)
]


def test_the_table_has_every_kind_of_misfit() -> None:
    assert set(KINDS) == {*get_args(MisfitKind), "default"}
    for text in KINDS.values():
        assert set(text) - {"note"} == {"when", *SENTENCES}
        assert tables.placeholders(text["consequence_nl"]) == tables.placeholders(text["consequence_en"])


@pytest.mark.parametrize(("row", "kt1"), TOLD)
def test_every_row_says_what_happens_and_who_decides(row: Row, kt1: str) -> None:
    kinds: list[MisfitKind] = ["lost", "cannot-store", "changed", "warning", "nested", "open", "collision"]
    kinds += ["required"] if row.required else []
    kinds += ["no-code"] if "mappable.code" in row.rules else []
    for kind in kinds:
        said = consequences.said(Misfit(rule="mappable.lost", row=row.id, kind=kind, agreement=row.agreement), kt1)
        assert set(said) == set(SENTENCES)
        assert all(said.values())
        filled = " ".join(said.values()) if kind in {"required", "no-code"} else ""
        assert not {"None", "{"} & set(filled.replace("{", " { ").split())
        if row.agreement:
            assert said["decides_nl"] == questions()[row.agreement].decides_nl


@pytest.mark.parametrize(
    ("row", "kt1", "place"),
    [
        ("patient.gender", "Patient", "Patient.gender"),
        ("patient.photo", "Patient", None),
        ("dt.name.use", "Practitioner", "Practitioner.name.use"),
        ("careplan.participant", "CarePlan", "CareTeam.participant.member"),
        ("application.endpoint", "Device", "Endpoint"),
    ],
)
def test_a_place_in_kt2_starts_with_the_resource_type(row: str, kt1: str, place: str | None) -> None:
    assert consequences.place(rows()[row], kt1) == place


@pytest.mark.parametrize(
    ("row", "kt1", "element"),
    [("patient.gender", "Patient", "gender"), ("dt.name.use", "Patient", "name.use")],
)
def test_an_element_of_a_datatype_is_told_with_what_has_it(row: str, kt1: str, element: str) -> None:
    assert consequences.element(rows()[row], kt1) == element


def test_a_note_of_the_row_says_it_better_than_its_kind() -> None:
    lost = Misfit(rule="mappable.lost", row="patient.photo", kind="lost", agreement="patient-photo")
    assert consequences.said(lost, "Patient")["consequence_nl"] == rows()["patient.photo"].note_nl


def test_a_default_is_told() -> None:
    lacking = Misfit(rule="mappable.required", row="patient.active", kind="required", agreement="supplied-values")
    said = consequences.said(lacking, "Patient")
    assert said["consequence_nl"].endswith("het wordt true.")
    assert "Patient.active" in said["consequence_en"]
