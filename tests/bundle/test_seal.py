"""What is in a bundle, and that the same run and key give the same one."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from ktcheck.bundle import contents, dsse, zipped
from ktcheck.bundle.seal import seal
from ktcheck.errors import InputError
from ktcheck.report import build
from ktcheck.suite import PROFILES
from tests.bundle.conftest import Sealed, write_run


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def said(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(dsse.parse(files["statement.dsse.json"]).payload)
    return found


def test_everything_public_is_in_it_and_nothing_else(sealed: Sealed) -> None:
    files = opened(sealed.data)
    apart = {name for name in files if not name.startswith("allure-results/")}
    assert apart == {
        "evidence/exchanges.ndjson",
        "junit.xml",
        "key.jwk.json",
        "manifest.json",
        "mapbaarheid.csv",
        "report.html",
        "report.json",
        "report.pdf",
        "statement.dsse.json",
    }
    report = build.read(sealed.run)
    assert len(files) - len(apart) == len(report["scenarios"]) + 2
    assert [name for name, data in files.items() if b"GEHEIM" in data] == []
    for name in files.keys() - {"key.jwk.json", "manifest.json", "statement.dsse.json"}:
        assert files[name] == (sealed.run / name).read_bytes(), name


def test_the_pages_are_those_of_the_report_whatever_lies_in_the_directory(sealed: Sealed, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "report.html").write_text("goedgekeurd, echt waar")
    (run / "allure-results" / "extra-result.json").write_text("{}")
    assert opened(seal(run, key=sealed.key)) == opened(sealed.data)


def test_the_same_run_and_key_give_the_same_bytes(sealed: Sealed, tmp_path: Path) -> None:
    assert seal(sealed.run, key=sealed.key) == sealed.data
    assert seal(write_run(tmp_path / "again"), key=sealed.key) == sealed.data
    assert seal(sealed.run, key=sealed.key, lang="en") != sealed.data


def test_the_zip_has_one_moment_one_mode_and_sorted_names(sealed: Sealed) -> None:
    with zipfile.ZipFile(sealed.path) as archive:
        members = archive.infolist()
    assert {member.date_time for member in members} == {(2026, 11, 23, 9, 31, 40)}
    assert {member.external_attr >> 16 for member in members} == {0o100644}
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert [member.filename for member in members] == sorted(member.filename for member in members)


def test_the_manifest_follows_its_schema(sealed: Sealed) -> None:
    files = opened(sealed.data)
    manifest = orjson.loads(files["manifest.json"])
    schema = orjson.loads((PROFILES / "bundle.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(manifest)
    assert {row["name"]: row["size"] for row in manifest["files"]} == {
        name: len(data) for name, data in files.items() if name not in {"manifest.json", "statement.dsse.json"}
    }


@pytest.mark.parametrize(("kind", "result"), [("approved", "PASSED"), ("rejected", "FAILED"), ("incomplete", "FAILED")])
def test_the_statement_says_what_came_of_the_run(kind: str, result: str, sealed: Sealed, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", kind)
    files = opened(seal(run, key=sealed.key))
    report = build.read(run)
    statement = said(files)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = statement["predicate"]
    assert predicate["result"] == result
    assert {row["name"] for row in statement["subject"]} == files.keys() - {"statement.dsse.json"}
    assert predicate["passedTests"] == [row["id"] for row in report["scenarios"] if row["status"] == "passed"]
    names = {row["name"]: row["uri"] for row in predicate["configuration"]}
    assert names["baseline"] == f"urn:ktcheck:baseline:{report['baseline']}"
    assert names["mapping"] == "urn:ktcheck:mapping:1"


def test_the_statement_tells_what_failed_from_what_warned(sealed: Sealed) -> None:
    predicate = said(opened(sealed.data))["predicate"]
    assert predicate["failedTests"] == ["VOL-02", "REF-01"]
    assert predicate["warnedTests"] == ["VOL-03", "IDN-01"]


def test_reservations_are_a_warning(sealed: Sealed, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "approved", verdict="approved_with_reservations")
    assert said(opened(seal(run, key=sealed.key)))["predicate"]["result"] == "WARNED"


def test_without_a_key_nothing_is_signed(sealed: Sealed) -> None:
    files = opened(seal(sealed.run))
    assert opened(sealed.data).keys() - files.keys() == {"key.jwk.json", "statement.dsse.json"}


def _cut(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"200", b"404"), *lines[1:]]


@pytest.mark.parametrize(
    ("change", "sentence"), [(_cut, "not the evidence that report.json names"), (_changed, "line 2: ")]
)
def test_evidence_that_was_changed_is_not_sealed(change: Any, sentence: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    path = run / "evidence" / "exchanges.ndjson"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(InputError, match=sentence):
        seal(run)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read: No such file"):
        seal(run)


def test_a_report_of_before_the_chains_can_be_sealed(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    report = orjson.loads((run / "report.json").read_bytes())
    del report["evidence"]
    (run / "report.json").write_bytes(orjson.dumps(report))
    assert "evidence/exchanges.ndjson" not in opened(seal(run))


def test_names_that_lead_elsewhere_are_never_packed(sealed: Sealed) -> None:
    report = build.read(sealed.run)
    for name in ("../x", "/x", "a/../b", "", "a//b", ".x", "a\\b", "é"):
        with pytest.raises(ValueError, match="not a name for a file"):
            zipped.pack({name: b""}, datetime.fromisoformat(report["finished"]))


def test_a_key_is_written_nowhere(sealed: Sealed) -> None:
    secret = [line for line in sealed.key_file.read_bytes().splitlines() if b"-----" not in line]
    assert len(secret) == 1
    assert secret[0] not in sealed.data
    assert repr(sealed.key).count("Key(") == 2
    assert contents.KEY in opened(sealed.data)
    assert "d" not in orjson.loads(opened(sealed.data)[contents.KEY])
