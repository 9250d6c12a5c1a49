"""The newest version wins, whatever the order of the files (kt1-source.md 4.3)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from ktcheck.source.links import instant, kind_of, split_link, time_stamp, version_stamp
from ktcheck.source.messages import RawMessage
from ktcheck.source.record import SourceRecord
from tests.source.kt1 import (
    QUEUE,
    V1,
    V2,
    V3,
    Json,
    acknowledgement,
    bundle,
    entry,
    example,
    extension,
    header,
    link,
    message,
    other,
    patient,
    plan,
    raw,
    records,
    reference,
)

PATIENT = link("Patient", 1)


def said(family: str, version: str | None = None, *, at: str = "2021-03-01T12:00:00Z", **more: object) -> RawMessage:
    """A message in which the patient is focal and is called so."""
    return message(entry(PATIENT, patient(family), version), at=at, **more)  # type: ignore[arg-type]


def thin(family: str, version: str | None = None, **more: object) -> RawMessage:
    """A message in which the patient only is a companion."""
    target = link("CarePlan", 1)
    content = plan(patient=reference(PATIENT))
    return message(entry(target, content), entry(PATIENT, patient(family), version), **more)  # type: ignore[arg-type]


def newest(folder: Path, *files: RawMessage) -> SourceRecord:
    """The patient's record, which is the same for every order of the files."""
    found = [records(folder, *order)["Patient", PATIENT] for order in itertools.permutations(files)]
    assert all(record == found[0] for record in found)
    return found[0]


def name(record: SourceRecord) -> str:
    return str(record.content["name"][0]["family"][0])


@pytest.mark.parametrize(
    ("expected", "files"),
    [
        ("a later version", [said("old", V1, received=True), said("new", V2, received=True)]),
        (
            "version before timestamp",
            [
                said("old", V1, received=True, at="2022-01-01T00:00:00Z"),
                said("new", V2, received=True, at="2021-01-01T00:00:00Z"),
            ],
        ),
        ("sent on top of what was received", [said("old", V1, received=True), said("new", V1)]),
        ("a later version than what was sent on", [said("old", V1), said("new", V2, received=True)]),
        (
            "the later of two on the same base",
            [said("old", V1, at="2021-03-05T09:00:00+02:00"), said("new", V1, at="2021-03-05T08:00:00Z")],
        ),
        (
            "timestamps in UTC when there are no versions",
            [said("old", at="2021-03-05T09:30:00+02:00"), said("new", at="2021-03-05T08:00:00.5Z")],
        ),
        (
            "a timestamp against a version",
            [said("old", V1, received=True), said("new", at="2021-03-01T11:00:01+01:00", received=True)],
        ),
        ("a version that is no date counts as none", [said("old", "7", received=True), said("new", V2, received=True)]),
        ("focal before companion", [said("new", V1, received=True), thin("old", V3, received=True)]),
        ("a message without time is the oldest", [said("old", at="?"), said("new", at="2021-01-01")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_order(expected: str, files: list[RawMessage], tmp_path: Path) -> None:
    record = newest(tmp_path, *files)
    assert name(record) == "new", expected
    assert "order-guessed" not in record.notes


def test_an_acknowledgement_gives_the_true_version(tmp_path: Path) -> None:
    first = said("first", at="2021-03-01T12:00:00Z", identifier="urn:uuid:M-1")
    middle = said("middle", V2, received=True)
    without = newest(tmp_path, first, middle)
    assert (name(without), without.version) == ("middle", V2)
    with_it = newest(tmp_path, first, middle, acknowledgement("m-1", f"{PATIENT}/_history/{V3}"))
    assert (name(with_it), with_it.version) == ("first", V3)
    assert "base-version" not in with_it.notes


def test_the_received_copy_of_a_sent_message_gives_its_version(tmp_path: Path) -> None:
    sent = said("one", identifier="m-1", at="2021-03-05T12:00:00Z")
    copy = said("one", V1, identifier="m-1", received=True, at="2021-03-05T12:00:00Z")
    record = newest(tmp_path, sent, copy, said("two", V2, received=True))
    assert (name(record), record.version) == ("two", V2)


def test_a_message_is_received_by_processing_status_or_queue_link(tmp_path: Path) -> None:
    status = extension(
        "MessageHeader#ProcessingStatus", [extension("MessageHeader#ProcessingStatusStatus", "New", "Code")]
    )
    by_status = said("b", V1, extension=[status])
    assert newest(tmp_path, by_status).notes == ()
    assert newest(tmp_path, said("b", V1, received=True)).notes == ()
    assert newest(tmp_path, said("b", V1)).notes == ("base-version",)
    assert newest(tmp_path, said("b")).notes == ()


def test_a_companion_counts_for_content_only_when_never_focal(tmp_path: Path) -> None:
    both = newest(tmp_path, said("full"), thin("thin"))
    assert (name(both), both.basis) == ("full", "focal")
    assert both.seen == {"focal": 1, "companion": 1, "reference": 0}
    alone = newest(tmp_path, thin("thin", V1, received=True), thin("newer", V2, received=True))
    assert (name(alone), alone.basis, alone.version) == ("newer", "companion", V2)


def test_only_the_file_order_decided(tmp_path: Path) -> None:
    record = newest(tmp_path, said("first", name="a.json"), said("last", name="b.json"))
    assert name(record) == "last"
    assert record.notes == ("order-guessed",)
    same = newest(tmp_path, said("same", name="a.json"), said("same", name="b.json"))
    assert same.notes == ()


def test_the_same_version_with_different_content(tmp_path: Path) -> None:
    one = said("one", V2, received=True, at="2021-03-02T11:00:00Z")
    two = said("two", V2, received=True, at="2021-03-02T12:00:00Z")
    record = newest(tmp_path, one, two, said("older", V1, received=True))
    assert name(record) == "two"
    assert record.notes == ("same-version-different-content",)
    acknowledged = said("three", V1, identifier="m-3")
    answer = acknowledgement("m-3", f"{PATIENT}/_history/{V2}")
    assert "same-version-different-content" in newest(tmp_path, one, acknowledged, answer).notes
    assert "same-version-different-content" not in newest(tmp_path, said("x", V2), said("y", V2)).notes


def test_the_same_link_twice_in_one_bundle(tmp_path: Path) -> None:
    twice = message(entry(PATIENT, patient("new"), V2), entry(PATIENT, patient("old"), V1), received=True)
    record = newest(tmp_path, twice)
    assert (name(record), record.version) == ("new", V2)
    assert record.seen == {"focal": 1, "companion": 0, "reference": 0}


def test_when_it_was_seen(tmp_path: Path) -> None:
    record = newest(
        tmp_path,
        said("a", at="2021-03-02T00:30:00+01:00"),
        thin("b", at="2021-03-05T12:00:00.25Z"),
        message(entry(link("Practitioner", 1), {"resourceType": "Practitioner"}), focal=[], at="nonsense"),
    )
    assert (record.first_seen, record.last_seen) == ("2021-03-01T23:30:00.000Z", "2021-03-05T12:00:00.250Z")


def test_a_refused_and_a_failed_message_are_noted(tmp_path: Path) -> None:
    refusal = acknowledgement("m-9", code="fatal-error")
    assert newest(tmp_path, said("a", identifier="m-9"), refusal).notes == ("refused",)
    failed = extension(
        "MessageHeader#ProcessingStatus", [extension("MessageHeader#ProcessingStatusStatus", "Failed", "Code")]
    )
    assert newest(tmp_path, said("a", V1, extension=[failed])).notes == ("receiver-failed",)


def test_a_search_counts_as_focal_and_before_the_event(tmp_path: Path) -> None:
    target = "https://koppeltaal.example/FHIR/Koppeltaal/Other/ActivityDefinition:7"

    def definition(text: str) -> Json:
        return other("ActivityDefinition", extension("ActivityDefinition#ActivityName", text))

    event = message(entry(target, definition("event"), V1), received=True)
    search = raw(bundle(entry(target, definition("search"), V1), domain=None))
    for order in itertools.permutations([event, search]):
        record = records(tmp_path, *order)["ActivityDefinition", target]
        assert record.content["#ActivityName"] == ["search"]
        assert record.notes == ("same-version-different-content",)
    later = message(entry(target, definition("later"), V2), received=True)
    assert records(tmp_path, later, search)["ActivityDefinition", target].content["#ActivityName"] == ["later"]


def test_versions_and_times_have_one_shape() -> None:
    assert version_stamp("2015-07-01T11:31:21:868.5330") == "2015-07-01T11:31:21:868"
    assert version_stamp("2021-03-05T18:40:14:207.551") == "2021-03-05T18:40:14:207"
    assert version_stamp("2021-03-05T18:40:14") == "2021-03-05T18:40:14:000"
    assert version_stamp("12") is None
    assert version_stamp(None) is None
    assert time_stamp("2021-03-05T18:40:14.2070000+01:00") == "2021-03-05T17:40:14:207"
    assert time_stamp("2021-03-05T18:40:14Z") == "2021-03-05T18:40:14:000"
    assert time_stamp("0001-01-01T00:00:00+01:00") == ""
    assert time_stamp(None) == ""
    assert instant("2021-03-05T17:40:14:207") == "2021-03-05T17:40:14.207Z"
    assert instant("") is None


def test_links_are_cut_and_typed() -> None:
    assert split_link(f"{PATIENT}/_history/{V1}") == (PATIENT, V1)
    assert split_link(f" {PATIENT}\u200b") == (PATIENT, None)
    assert split_link(f"{PATIENT}/_history/") == (PATIENT, None)
    for nothing in ("http://games.example/Practitioner/", "urn:uuid:1", "Patient/1", "http://host/", "", None, 7):
        assert split_link(nothing) is None
    assert kind_of(f"{QUEUE}/1") == "Other(MessageHeader)"
    assert kind_of("http://x.example/Other/ActivityDefinition:2075") == "ActivityDefinition"
    assert kind_of("http://x.example/careplan/1") == "CarePlan"
    assert kind_of("http://x.example/Device/11") == "Device"
    assert kind_of("http://x.example/J. de Vries/11") == "Other(unknown)"


def test_a_header_names_no_focal_resource(tmp_path: Path) -> None:
    file = message(entry(PATIENT, patient("a")), focal=[], event={"code": "CreateOrUpdatePatient", "system": "x"})
    assert newest(tmp_path, file).notes == ("focal-guessed",)
    assert newest(tmp_path, message(entry(PATIENT, patient("a")), focal=[])).basis == "companion"


def test_several_focal_resources(tmp_path: Path) -> None:
    two = link("Patient", 2)
    file = message(entry(PATIENT, patient("a")), entry(two, patient("b")), focal=[PATIENT, two])
    found = records(tmp_path, file)
    assert [(record.basis, record.notes) for record in found.values()] == [("focal", ("several-focal",))] * 2


def test_the_headers_link_is_used_when_the_entry_has_none(tmp_path: Path) -> None:
    head = header([f"{PATIENT}/_history/{V1}"], "2021-03-01T12:00:00Z", "m-0")
    head["event"] = {"code": "CreateOrUpdatePatient"}
    top = entry(f"{QUEUE}/1", head, V2)
    record = newest(tmp_path, raw(bundle(top, {"id": "urn:uuid:1", "content": patient("a")})))
    assert (record.basis, record.version) == ("focal", V1)
    linked = raw(bundle(top, {"id": PATIENT, "content": patient("a")}))
    assert newest(tmp_path, linked).version == V1


def test_the_example_with_its_acknowledgement(tmp_path: Path) -> None:
    found = records(tmp_path, example("careplan.json"), example("acknowledgement.json"))
    acknowledged = {record.type for record in found.values() if record.version == "2021-03-02T09:02:18:114.0375"}
    assert acknowledged == {
        "CarePlan",
        "CarePlanActivity",
        "CarePlanSubActivity",
        "Patient",
        "Practitioner",
        "CareTeam",
    }
    assert not any("base-version" in record.notes for record in found.values())


def _by(name: str | None, software: str = "Adapter") -> dict[str, Any]:
    return {"source": {**({"name": name} if name else {}), "software": software, "endpoint": "None"}}


@pytest.mark.parametrize(
    ("senders", "several"),
    [
        ([_by("Portaal"), _by("EPD")], True),
        ([_by("Portaal"), _by("portaal ")], False),
        ([_by("Portaal"), _by(None, "Adapter 1.2; Portaal")], False),
        ([_by("Portaal"), _by(None, "Adapter 1.2; EPD")], True),
        ([_by("Portaal"), {"source": {"endpoint": "None"}}], False),
    ],
)
def test_several_applications_sent_it_as_focal(tmp_path: Path, senders: list[dict[str, Any]], several: bool) -> None:
    for names in ("a", "a"), ("a", "b"):
        files = [
            said(name, version, received=True, **sender)
            for name, version, sender in zip(names, (V1, V2), senders, strict=True)
        ]
        assert newest(tmp_path, *files).notes == (("several-senders",) if several else ())


def test_who_sends_it_along_is_no_sender(tmp_path: Path) -> None:
    assert newest(tmp_path, said("a", V1, received=True), thin("a", V2, received=True, **_by("EPD"))).notes == ()


def test_a_definition_that_the_server_sent_on_has_one_sender(tmp_path: Path) -> None:
    target = link("Other", "ActivityDefinition:1")
    files = [
        message(entry(target, other("ActivityDefinition"), version), received=True, **_by(name))
        for version, name in ((V1, "Koppeltaal"), (V2, "Module"))
    ]
    assert records(tmp_path, *files)["ActivityDefinition", target].notes == ()
