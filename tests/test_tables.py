"""The tables in ``profiles/`` agree with themselves, with each other and with the types of Koppeltaal 2.0."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ktcheck import tables
from ktcheck.findings import Severity
from ktcheck.sandbox.defects.refusals import ACCEPTED
from ktcheck.snapshot.store import RESOURCE_TYPES
from ktcheck.tables import Migration, ReferenceRow, RefusedThing, RuleText

ROWS = tables.migration().rows
REFERENCES = tables.references()
IDENTIFIERS = tables.identifiers()


# ---- what moves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kt1", "kt2", "identifier"),
    [
        ("Patient", "Patient", "Patient"),
        ("Practitioner", "Practitioner", "Practitioner"),
        ("RelatedPerson", "RelatedPerson", "RelatedPerson"),
        ("Organization", "Organization", "Organization"),
        ("CareTeam", "CareTeam", "CareTeam"),
        ("ActivityDefinition", "ActivityDefinition", "ActivityDefinition"),
        ("CarePlanActivity", "Task", "CarePlanActivity"),
        ("CarePlanSubActivity", "Task", "CarePlanSubActivity"),
    ],
)
def test_this_moves(kt1: str, kt2: str, identifier: str) -> None:
    assert (ROWS[kt1].kt2, ROWS[kt1].identifier) == (kt2, identifier)
    assert ROWS[kt1].moves("0.16.3")


def test_nothing_else_moves() -> None:
    staying = {name for name, row in ROWS.items() if not row.moves("0.16.3")}
    assert staying == {
        "CarePlan",
        "CarePlanActivityStatus",
        "CarePlanActivityResult",
        "UserMessage",
        "StorageItem",
        "Device",
        "Other(BlackBoxState)",
    }


def test_the_migration_identifier_is_that_of_the_memo() -> None:
    assert tables.migration().system == "http://koppeltaal.nl/migration/identifier/"
    assert tables.migration().use == "temp"


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.kt1)
def test_a_kind_has_an_identifier_when_it_moves_and_an_explanation_when_not(row: Migration) -> None:
    assert (row.identifier is None) == (row.kt2 is None)
    assert row.kt2 is None or row.kt2 in RESOURCE_TYPES
    stays_somewhere = row.kt2 is None or row.excluded or row.needs
    assert bool(row.why_nl) == bool(row.why_en) == bool(stays_somewhere)
    assert bool(row.named) or not row.also


def test_no_two_kinds_share_a_name_in_the_migration_identifier() -> None:
    names = Counter(row.identifier for row in ROWS.values() if row.identifier)
    assert max(names.values()) == 1
    assert not {name for row in ROWS.values() for name in row.also} & set(names)


def test_a_release_can_leave_a_type_out() -> None:
    row = ROWS["RelatedPerson"]
    assert [row.moves(version) for version in ("0.8", "0.16.3", "unknown")] == [False, True, True]


# ---- references ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", REFERENCES.rows.values(), ids=lambda row: f"{row.resource}.{row.path[-40:]}")
def test_a_reference_is_of_known_types_and_follows_known_kinds(row: ReferenceRow) -> None:
    assert row.resource == "*" or row.resource in RESOURCE_TYPES
    for allowed in (row.targets, *row.differs.values()):
        assert set(allowed) <= set(RESOURCE_TYPES)
    assert row.targets or row.exempt
    for kind, names in row.kt1.items():
        assert ROWS[kind].kt2 == row.resource
        assert names
    assert row.also_type is None or row.also_type in row.targets


@pytest.mark.parametrize(
    ("resource_type", "path", "resource"),
    [
        pytest.param("Task", "for", "Task", id="a row of its own"),
        pytest.param("Task", REFERENCES.origin, "*", id="the row of every type"),
        pytest.param("AuditEvent", REFERENCES.origin, "*", id="the row of every type, for another"),
        pytest.param("Patient", "for", None, id="of another type"),
        pytest.param("Task", "focus", None, id="no profile describes it"),
    ],
)
def test_the_row_of_an_element(resource_type: str, path: str, resource: str | None) -> None:
    row = REFERENCES.row(resource_type, path)
    assert (row.resource if row else None) == resource


def test_the_elements_that_follow_kt1() -> None:
    following = {row.path for row in REFERENCES.following("Task")}
    assert following == {"for", "owner", "requester", "partOf", REFERENCES.instantiates}
    assert REFERENCES.following("AuditEvent") == ()


def test_the_named_extensions_have_a_row() -> None:
    assert REFERENCES.row("Task", REFERENCES.origin)
    assert REFERENCES.row("Task", REFERENCES.instantiates)
    assert REFERENCES.row("ActivityDefinition", REFERENCES.endpoint)


def test_the_allowed_types_differ_by_release() -> None:
    owner = REFERENCES.rows["Task", "owner"]
    assert set(owner.allowed("0.16.3")) - set(owner.allowed("0.8")) == {"RelatedPerson"}
    assert owner.allowed("unknown") == owner.targets


# ---- identifiers ---------------------------------------------------------------------------------------------------


def test_systems_are_normalised_in_one_step() -> None:
    for table in (IDENTIFIERS.normalise, IDENTIFIERS.not_national):
        assert table
        assert not set(table) & set(table.values())
    shared = set(IDENTIFIERS.normalise) & set(IDENTIFIERS.not_national)
    assert {name: IDENTIFIERS.normalise[name] for name in shared} == {
        name: IDENTIFIERS.not_national[name] for name in shared
    }


def test_mandatory_identifiers_are_of_known_types() -> None:
    assert set(RESOURCE_TYPES) - IDENTIFIERS.mandatory == {
        "ActivityDefinition",
        "Endpoint",
        "Subscription",
        "AuditEvent",
    }


# ---- texts, steps, requirements ------------------------------------------------------------------------------------


def test_a_message_is_filled_in_per_language() -> None:
    texts = {"message_nl": "{count} van {type}", "message_en": "{count} of {type}"}
    rule = RuleText(
        id="a.b", area="bron", severity=Severity.ADVICE, requirements=(), step="V1", owner="wie", texts=texts
    )
    assert rule.message("nl", {"count": 2, "type": "Task"}) == "2 van Task"
    assert rule.message("en", {"count": 2, "type": "Task"}) == "2 of Task"
    with pytest.raises(KeyError, match="type"):
        rule.message("nl", {"count": 2})


@pytest.mark.parametrize(
    ("text", "words"), [("", set()), ("niets", set()), ("{a} en {b_nl} en {a}", {"a", "b_nl"}), ("{ a }", set())]
)
def test_placeholders(text: str, words: set[str]) -> None:
    assert tables.placeholders(text) == words


def test_steps_and_requirements_are_found_by_their_id() -> None:
    assert {name for name, step in tables.steps().items() if step["id"] != name} == set()
    assert {name for name, row in tables.requirements().items() if row.id != name} == set()
    assert tables.requirements()["IDR-8"].scenarios
    assert tables.requirements()["KT2-PROF-011"].reason_nl


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "text\n"])
def test_a_file_that_is_no_table_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(tables, "PROFILES", tmp_path)
    with pytest.raises(TypeError, match=r"profiles/wrong\.yaml is no table"):
        tables.read("wrong.yaml")


# ---- what has to be refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", tables.refusals().values(), ids=lambda row: row.name)
def test_what_has_to_be_refused_says_what_it_is_and_why(row: RefusedThing) -> None:
    assert row.name.startswith(f"{row.group}-")
    assert row.severity in {Severity.BLOCKING, Severity.MAJOR}
    assert row.requirements
    assert set(row.requirements) <= set(tables.requirements())
    assert row.because_nl.endswith(".")
    assert row.because_en.endswith(".")


def test_everything_that_the_practice_service_can_wrongly_accept_has_to_be_refused() -> None:
    assert {row.name: (row.what_nl, row.what_en) for row in tables.refusals().values()} == ACCEPTED


# ---- references of KT1 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "names"), tables.source_references().items(), ids=tables.source_references())
def test_a_kt1_reference_is_of_known_kinds(kind: str, names: dict[str, tuple[str, ...]]) -> None:
    assert kind in ROWS
    assert names
    for kinds in names.values():
        assert kinds
        assert set(kinds) <= set(ROWS)


def test_what_a_kt2_reference_follows_is_in_the_table_of_kt1_references() -> None:
    table = tables.source_references()
    for row in REFERENCES.rows.values():
        for kind, names in row.kt1.items():
            assert set(names) <= set(table[kind])
