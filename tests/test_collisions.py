"""Which KT1 records share a business identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ktcheck.agreements import Agreements
from ktcheck.facts import SourceIdentifier
from ktcheck.index import Index
from ktcheck.snapshot.store import Snapshot
from ktcheck.source.record import SourceRecord
from tests.building import BSN, KT1, answers, number
from tests.practice import write_snapshot
from tests.test_index import domain, inventory, record, resource, temp

ONE, TWO = f"{KT1}/Patient/1", f"{KT1}/Patient/2"


def patient(
    key: str, value: str = "9999", family: str = "Berg", born: str | None = "1980-01-02", **more: Any
) -> SourceRecord:
    who: dict[str, Any] = {
        "name": [{"family": family.split()}],
        **({"birthDate": f"{born}T00:00:00+01:00"} if born else {}),
    }
    return record("Patient", key, identifier=[{"system": "bsn", "value": value}], **who, **more)


def shared(
    path: Path, records: Sequence[SourceRecord], landed: Sequence[str] = (), agreements: Agreements | None = None
) -> list[SourceIdentifier]:
    snapshot = None
    if landed:
        resources = [resource("Patient", number(which), temp("Patient", key)) for which, key in enumerate(landed, 1)]
        write_snapshot(resources, path / "snapshot")
        snapshot = Snapshot.open(path / "snapshot")
    found = inventory(path / "inventory.ndjson", records)
    index = Index(path / "index.sqlite", domain(), found, snapshot, agreements)
    index.build()
    try:
        return list(index.source_identifiers())
    finally:
        index.close()


def test_every_identifier_is_a_fact_and_spellings_of_its_system_are_one(tmp_path: Path) -> None:
    other = replace(patient(TWO, "8888"), content={"identifier": [{"system": BSN, "value": "8888"}]})
    found = shared(tmp_path, [patient(ONE), other])
    assert [(item.system, item.value, len(item.holders)) for item in found] == [(BSN, "8888", 1), (BSN, "9999", 1)]
    assert not any(item.clashes or item.landed for item in found)
    assert found[0].holders[0].key == TWO


def test_who_has_an_identifier_is_told_by_name_and_birth_date(tmp_path: Path) -> None:
    (found,) = shared(tmp_path, [patient(ONE, family="van den Berg"), patient(TWO, family="Dam", born=None)])
    one, two = found.holders
    assert (one.names, one.born) == (frozenset({"berg"}), "1980-01-02")
    assert (two.names, two.born) == (frozenset({"dam"}), None)
    assert (one.application, found.clashes, found.landed) == ("epd", True, False)


@pytest.mark.parametrize(
    ("landed", "all_of_them"),
    [pytest.param([ONE], False, id="one is in KT2"), pytest.param([ONE, TWO], True, id="both are")],
)
def test_an_identifier_landed_when_all_its_holders_did(tmp_path: Path, landed: list[str], all_of_them: bool) -> None:
    (found,) = shared(tmp_path, [patient(ONE), patient(TWO, family="Dam")], landed)
    assert found.landed is all_of_them


def relative(key: str, of: str, family: str) -> SourceRecord:
    return record(
        "RelatedPerson",
        key,
        references={"patient": (of,)},
        identifier=[{"system": "urn:nr", "value": "7"}],
        name={"family": [family]},
    )


def test_related_persons_are_told_apart_by_patient(tmp_path: Path) -> None:
    relatives = [relative(f"{KT1}/RelatedPerson/{which}", of, "Berg") for which, of in enumerate((ONE, TWO, TWO))]
    assert [len(item.holders) for item in shared(tmp_path, relatives)] == [1, 2]


def definition(key: str, text: str, application: str) -> SourceRecord:
    content: dict[str, Any] = {"#ActivityDefinitionIdentifier": [text]}
    found = record("ActivityDefinition", key, **content)
    return replace(found, application=application)


def test_two_definitions_of_one_application_with_one_text_clash(tmp_path: Path) -> None:
    texts = [
        definition(f"{KT1}/ActivityDefinition/{which}", "QUEST", app)
        for which, app in enumerate(("module", "module", "andere"))
    ]
    found = shared(tmp_path, [*texts, definition(f"{KT1}/ActivityDefinition/9", "OTHER", "module")])
    assert {(item.value, len(item.holders), item.clashes) for item in found} == {
        ("QUEST", 3, True),
        ("OTHER", 1, False),
    }


def named(kind: str, key: str, name: str) -> SourceRecord:
    system = {"system": "urn:nr", "value": "7"}
    if kind == "CareTeam":
        content: dict[str, Any] = {"#CareTeamIdentifier": [system], "#Name": [name]}
        return record(kind, key, references={"subject": (ONE,)}, **content)
    return record(kind, key, identifier=[system], name=name)


@pytest.mark.parametrize("kind", ["Organization", "CareTeam"])
@pytest.mark.parametrize(("other", "clashes"), [("NOORD  ", False), ("Zuid", True)])
def test_what_is_no_person_is_told_by_its_name(tmp_path: Path, kind: str, other: str, clashes: bool) -> None:
    (found,) = shared(tmp_path, [named(kind, f"{KT1}/{kind}/1", "Noord"), named(kind, f"{KT1}/{kind}/2", other)])
    assert found.clashes is clashes


def test_what_stays_behind_collides_with_nothing(tmp_path: Path) -> None:
    relatives = [relative(f"{KT1}/RelatedPerson/{which}", ONE, "Berg") for which in range(2)]
    messages = [record("UserMessage", f"{KT1}/UserMessage/1", identifier=[{"system": "urn:nr", "value": "1"}])]
    assert shared(tmp_path, [*relatives, *messages], agreements=answers(related_persons="no")) == []


def test_all_holders_of_a_dummy_number_are_named(tmp_path: Path) -> None:
    records = [patient(f"{KT1}/Patient/{which}", family=f"F{which}") for which in range(50)]
    (found,) = shared(tmp_path, records)
    assert len(found.holders) == len({holder.key for holder in found.holders}) == 50
