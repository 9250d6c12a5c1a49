"""The practice domain holds all that the mapping speaks of, so that every row of the table is put to the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.mapping.paths import held
from ktcheck.mapping.table import rows
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.source import inventory
from ktcheck.source.inventory import Inventory
from ktcheck.source.messages import RawMessage
from ktcheck.source.record import SourceRecord

# What no message of KT1 held: resources that KT1 did not have (Location, Condition) and elements that nobody used.
NEVER_SEEN = {
    "patient.animal",
    "practitioner.location",
    "organization.location",
    "careplan.concern",
    "application.other",
}


def _records(size: int, folder: Path) -> list[SourceRecord]:
    messages = (RawMessage(name=name, data=data) for name, data in PracticeDomain(4, size).messages())
    inventory.build(messages, folder / "inventory.ndjson")
    return list(Inventory.open(folder / "inventory.ndjson").records())


@pytest.mark.parametrize("size", [5, 12])
def test_from_five_patients_every_element_of_the_mapping_occurs(size: int, tmp_path: Path) -> None:
    records = _records(size, tmp_path)
    of_records = {name for name, row in rows().items() if row.path and row.kt1 != "Message"}
    found = {
        name
        for name in of_records
        for record in records
        if record.content and held(rows()[name], record.type, record.content)
    }
    assert of_records - found == NEVER_SEEN


def test_the_reader_knows_all_that_was_written(tmp_path: Path) -> None:
    records = _records(5, tmp_path)
    notes = {note for record in records for note in record.notes}
    assert notes == {"status-differs", "key-from-id", "no-start-date", "unknown-extension"}
    (state,) = (record for record in records if "unknown-extension" in record.notes)
    assert state.type == "CarePlanActivityStatus"
