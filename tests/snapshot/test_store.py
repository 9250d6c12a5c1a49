from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ktcheck.domain import OwnedType
from ktcheck.errors import InputError
from ktcheck.snapshot.store import RESOURCE_TYPES, Manifest, Snapshot, TypeCount
from ktcheck.suite import PROFILES
from tests.snapshot.fake import resource


def write(folder: Path, name: str, *lines: object) -> None:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / f"{name}.ndjson").write_text(text)


def manifest_of(**changes: Any) -> Manifest:
    count: dict[str, Any] = {
        "type": "Patient",
        "pages": 1,
        "entries": 2,
        "distinct": 2,
        "duplicates": 0,
        "total_before": 2,
        "total_after": None,
        "changed": None,
        "rights": "all",
        "supported": True,
        "self_logging": False,
    }
    return Manifest(
        taken_from="https://acc21.koppeltaal.example/fhir",
        started="2026-01-01T10:00:00.000+00:00",
        finished="2026-01-01T10:01:00Z",
        software={"name": "x"},
        fhir_version="4.0.1",
        profile_release=None,
        types=(TypeCount(**(count | changes)),),
    )


def put(folder: Path, manifest: object) -> None:
    content = manifest.record() if isinstance(manifest, Manifest) else manifest
    (folder / "snapshot.json").write_text(json.dumps(content))


def test_resources_come_one_at_a_time_in_file_order(tmp_path: Path) -> None:
    patients = [resource("Patient", number) for number in (3, 1, 2)]
    write(tmp_path, "Task", resource("Task", 1), "")
    write(tmp_path, "Patient", *patients)
    (tmp_path / "leesmij.txt").write_text("x")
    snapshot = Snapshot.open(tmp_path)
    assert snapshot.manifest is None
    assert snapshot.types() == ("Patient", "Task")
    stream = snapshot.resources("Patient")
    assert next(stream) == patients[0]
    assert list(stream) == patients[1:]
    assert len(list(snapshot.resources("Task"))) == 1
    assert list(snapshot.resources("Device")) == []
    snapshot.validate()


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, "Patient", resource("Patient", 1), resource("Patient", 2))
    put(tmp_path, manifest_of())
    snapshot = Snapshot.open(tmp_path)
    assert snapshot.manifest == manifest_of()
    snapshot.validate()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("patient", "did you mean Patient"),
        ("Patients", "did you mean Patient"),
        ("Practioner", "did you mean Practitioner"),
        ("xyz", "known are Patient, Pract"),
    ],
)
def test_an_unknown_file_is_named_with_the_nearest_known(tmp_path: Path, name: str, hint: str) -> None:
    write(tmp_path, name)
    with pytest.raises(InputError, match=hint):
        Snapshot.open(tmp_path)
    write(tmp_path, "Device")
    (tmp_path / f"{name}.ndjson").unlink()
    with pytest.raises(InputError, match=hint):
        list(Snapshot.open(tmp_path).resources(name))


BROKEN = {
    "no JSON": ('{"resourceType": "Patient", "id": "Jansen"', "is not valid JSON"),
    "a list": ("[1]", "is not a Patient resource"),
    "another type": ({"resourceType": "Task", "id": "Jansen"}, "is not a Patient resource"),
    "no id": ({"resourceType": "Patient", "name": [{"family": "Jansen"}]}, "is a Patient without an id"),
    "an id that is a number": ({"resourceType": "Patient", "id": 1}, "is a Patient without an id"),
    "an empty id": ({"resourceType": "Patient", "id": ""}, "is a Patient without an id"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_named_without_its_content(tmp_path: Path, name: str) -> None:
    line, sentence = BROKEN[name]
    write(tmp_path, "Patient", resource("Patient", 1), "", line)
    with pytest.raises(InputError, match=rf"Patient\.ndjson: line 3 {sentence}") as error:
        Snapshot.open(tmp_path).validate()
    assert "Jansen" not in str(error.value)


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Patient.ndjson").write_bytes(b'{"resourceType": "\xff"}\n')
    with pytest.raises(InputError, match="line 1 is not valid JSON"):
        Snapshot.open(tmp_path).validate()


def test_no_directory_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such snapshot directory"):
        Snapshot.open(tmp_path / "weg")
    with pytest.raises(InputError, match=r"no <ResourceType>\.ndjson"):
        Snapshot.open(tmp_path)


def test_a_file_that_was_cut_off_or_lost_is_noticed(tmp_path: Path) -> None:
    put(tmp_path, manifest_of())
    write(tmp_path, "Patient", resource("Patient", 1))
    with pytest.raises(InputError, match=r"1 resources, but snapshot.json says 2"):
        Snapshot.open(tmp_path).validate()
    (tmp_path / "Patient.ndjson").unlink()
    write(tmp_path, "Task")
    with pytest.raises(InputError, match=r"Patient\.ndjson is gone"):
        Snapshot.open(tmp_path).validate()
    put(tmp_path, manifest_of(rights="none", distinct=0))
    Snapshot.open(tmp_path).validate()


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"format": 1},
        manifest_of().record() | {"format": 2},
        manifest_of().record() | {"extra": 1},
        manifest_of().record() | {"started": "yesterday"},
        manifest_of(rights="some").record(),
        manifest_of(type="Basic").record(),
        manifest_of(distinct=-1).record(),
    ],
)
def test_a_wrong_manifest_is_one_sentence(tmp_path: Path, content: object) -> None:
    write(tmp_path, "Patient")
    put(tmp_path, content)
    with pytest.raises(InputError, match="not a snapshot manifest") as error:
        Snapshot.open(tmp_path)
    assert "\n" not in str(error.value)


def test_a_manifest_that_is_no_json(tmp_path: Path) -> None:
    write(tmp_path, "Patient")
    (tmp_path / "snapshot.json").write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        Snapshot.open(tmp_path)


def test_the_schema_is_one_and_knows_the_same_types() -> None:
    schema = json.loads((PROFILES / "snapshot.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert tuple(schema["$defs"]["type"]["properties"]["type"]["enum"]) == RESOURCE_TYPES
    assert set(RESOURCE_TYPES) == set(OwnedType.__args__)  # type: ignore[attr-defined]


def test_reading_a_snapshot_needs_no_network_library() -> None:
    code = "import sys, ktcheck.snapshot.store; print({'httpx2', 'joserfc'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
