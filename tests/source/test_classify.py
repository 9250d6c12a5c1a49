"""Every file is exactly one kind of bundle (``Counts``)."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.source.inventory import Inventory
from ktcheck.source.links import NS
from ktcheck.source.messages import RawMessage
from ktcheck.source.record import Counts
from tests.source.kt1 import (
    QUEUE,
    V1,
    acknowledgement,
    bundle,
    entry,
    example,
    header,
    inventory,
    link,
    message,
    other,
    patient,
    raw,
)

KINDS = [field.name for field in fields(Counts)][1:11]
PATIENT = link("Patient", 1)
DEFINITION = "https://koppeltaal.example/FHIR/Koppeltaal/Other/ActivityDefinition:7"


def count(found: Inventory) -> dict[str, int]:
    """The kinds of file that were met, after checking that they add up."""
    kinds = {name: getattr(found.counts, name) for name in KINDS}
    assert sum(kinds.values()) == found.counts.files
    return {name: number for name, number in kinds.items() if number}


def validate_only() -> dict[str, Any]:
    content = orjson.loads(message(entry(PATIENT, patient())).data)
    content["category"].append({"term": f"{NS}ValidateOnly", "scheme": "http://hl7.org/fhir/tag"})
    return dict(content)


def summary(*extra: dict[str, Any]) -> dict[str, Any]:
    head = header([PATIENT], "2021-03-01T12:00:00Z", "s-1")
    return bundle(entry(f"{QUEUE}/9", head, V1), *extra, totalResults="1")


CASES: dict[str, tuple[RawMessage, str]] = {
    "message": (example("patient.xml"), "messages"),
    "acknowledgement": (example("acknowledgement.json"), "acknowledgements"),
    "outcome": (example("outcome.xml"), "outcomes"),
    "outcome in a bundle": (raw(bundle({"content": {"resourceType": "OperationOutcome"}})), "outcomes"),
    "refusal with a header": (
        raw(bundle({"content": header([], "", "x")}, {"content": {"resourceType": "OperationOutcome"}})),
        "outcomes",
    ),
    "search": (raw(bundle(entry(DEFINITION, other("ActivityDefinition"), V1), domain=None)), "searches"),
    "summary": (example("summary.json"), "header_only"),
    "empty search": (raw(bundle(domain=None, totalResults="0")), "empty"),
    "empty feed": (RawMessage("x.xml", b'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id></feed>'), "empty"),
    "empty without entry": (raw({"resourceType": "Bundle", "totalResults": "0"}), "empty"),
    "test message": (raw(validate_only()), "validate_only"),
    "no entry": (raw({"resourceType": "Bundle", "id": "x"}), "rejected"),
    "another resource": (raw(patient()), "rejected"),
    "another resource in XML": (RawMessage("p.xml", b'<Patient xmlns="http://hl7.org/fhir"/>'), "rejected"),
    "no header": (raw(bundle(entry(PATIENT, patient()))), "rejected"),
    "nothing readable": (raw(bundle({"content": {}}, {"id": "x"}, {"content": "x"})), "rejected"),
}


@pytest.mark.parametrize("name", CASES)
def test_kind_of_file(name: str, tmp_path: Path) -> None:
    file, kind = CASES[name]
    found = inventory(tmp_path, file)
    assert count(found) == {kind: 1}
    assert bool(found.rejects) == (kind == "rejected")
    assert bool(list(found.records())) == (kind in {"messages", "searches", "header_only"})


def test_the_same_identifier_is_a_duplicate(tmp_path: Path) -> None:
    one = message(entry(PATIENT, patient()), identifier="A-1")
    two = message(entry(PATIENT, patient()), identifier="urn:uuid:a-1")
    three = message(entry(PATIENT, patient()), identifier="a-2")
    found = inventory(tmp_path, one, two, three)
    assert count(found) == {"messages": 2, "duplicates": 1}
    assert next(found.records()).seen == {"focal": 2, "companion": 0, "reference": 0}


def test_without_identifier_the_same_bytes_are_a_duplicate(tmp_path: Path) -> None:
    files = [message(entry(PATIENT, patient()), identifier=" ", name=name) for name in ("a", "b")]
    assert count(inventory(tmp_path, *files)) == {"messages": 1, "duplicates": 1}


def test_domains_are_counted_and_can_be_set_aside(tmp_path: Path) -> None:
    files = [
        message(entry(PATIENT, patient()), domain="Noord", identifier="n1"),
        message(entry(PATIENT, patient()), domain="noord", identifier="n2"),
        message(entry(link("Patient", 2), patient()), domain="Zuid", identifier="z"),
        message(entry(link("Patient", 3), patient()), domain=None, identifier="-"),
        raw(bundle(entry(DEFINITION, other("ActivityDefinition"), V1), domain=None)),
    ]
    every = inventory(tmp_path, *files)
    assert count(every) == {"messages": 4, "searches": 1}
    assert every.counts.domains == {"(none)": 1, "Noord": 1, "Zuid": 1, "noord": 1}
    mine = inventory(tmp_path, *files, kt1_domain="NOORD")
    assert count(mine) == {"messages": 2, "searches": 1, "other_domain": 2}
    assert mine.counts.domains == {"Noord": 1, "noord": 1}
    assert mine.counts.resources == {"ActivityDefinition": 1, "Patient": 1}


def test_the_domain_can_be_escaped_or_only_in_the_label(tmp_path: Path) -> None:
    content = orjson.loads(message(entry(PATIENT, patient()), domain="Zorg%20Noord").data)
    labelled = orjson.loads(message(entry(PATIENT, patient()), domain=None).data)
    labelled["category"].append({"label": "Zorg Noord", "scheme": "http://hl7.org/fhir/tag/security"})
    found = inventory(tmp_path, raw(content), raw(labelled), kt1_domain="Zorg Noord")
    assert found.counts.domains == {"Zorg Noord": 2}


def test_an_unreadable_entry_leaves_the_others(tmp_path: Path) -> None:
    no_link = {"id": "urn:uuid:x", "content": patient("Haas")}
    file = message(entry(PATIENT, patient()), {"id": link("Patient", 2)}, no_link, name="half.json", focal=PATIENT)
    found = inventory(tmp_path, file)
    assert count(found) == {"messages": 1}
    assert [(reject.file, reject.place) for reject in found.rejects] == [
        ("half.json", "entry 3"),
        ("half.json", "entry 4"),
    ]
    assert [record.key for record in found.records()] == [PATIENT]
    assert not any("Haas" in reject.reason_nl + reject.reason_en for reject in found.rejects)


def test_a_header_beside_only_unreadable_entries_is_a_message(tmp_path: Path) -> None:
    found = inventory(tmp_path, message({"id": "x", "content": {}}, focal=PATIENT))
    assert count(found) == {"messages": 1}
    assert [(record.key, record.basis) for record in found.records()] == [(PATIENT, "reference")]


def test_a_header_alone_tells_that_its_focal_resource_exists(tmp_path: Path) -> None:
    found = inventory(tmp_path, raw(summary()))
    assert count(found) == {"header_only": 1}
    record = next(found.records())
    assert (record.type, record.key, record.basis) == ("Patient", PATIENT, "reference")
    assert record.first_seen == "2021-03-01T12:00:00.000Z"


def test_several_messages_in_one_bundle(tmp_path: Path) -> None:
    second = header([link("Patient", 2)], "2021-03-02T12:00:00Z", "s-2")
    both = raw(
        summary(entry(PATIENT, patient()), {"content": second}, entry(link("Patient", 2), patient("Haas"))),
    )
    found = inventory(tmp_path, both)
    assert count(found) == {"messages": 1}
    assert [(record.key, record.basis, record.first_seen) for record in found.records()] == [
        (PATIENT, "focal", "2021-03-01T12:00:00.000Z"),
        (link("Patient", 2), "focal", "2021-03-02T12:00:00.000Z"),
    ]


def test_an_acknowledgement_is_no_source_data(tmp_path: Path) -> None:
    found = inventory(tmp_path, acknowledgement("m", f"{PATIENT}/_history/{V1}"))
    assert count(found) == {"acknowledgements": 1}
    assert found.counts.domains == {}


def test_a_response_with_other_entries_is_a_message(tmp_path: Path) -> None:
    found = inventory(tmp_path, message(entry(PATIENT, patient()), response={"identifier": "x", "code": "ok"}))
    assert count(found) == {"messages": 1}


def test_versions_counts_different_contents(tmp_path: Path) -> None:
    found = inventory(
        tmp_path,
        message(entry(PATIENT, patient("Vos"))),
        message(entry(PATIENT, patient("Vos"), V1), received=True),
        message(entry(PATIENT, patient("Haas"))),
        message(entry(PATIENT, {**patient("Haas"), "id": "ref009"})),
    )
    assert found.counts.versions == 2
