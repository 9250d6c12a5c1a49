"""Whatever is done to a bundle is found and named; a second implementation, written apart, agrees."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktcheck.bundle import contents, dsse, keys, zipped
from ktcheck.bundle.seal import seal
from ktcheck.bundle.verify import Check, verify
from ktcheck.errors import InputError
from ktcheck.output import json_bytes
from ktcheck.report import build
from tests.bundle.conftest import Sealed, write_run
from tests.bundle.independent import BadBundleError, check
from tests.bundle.test_seal import opened

Files = dict[str, bytes]
FINISHED = datetime(2026, 11, 23, 9, 31, 40, tzinfo=UTC)


def wrong(checks: list[Check]) -> list[str]:
    return [f"{check.about}: {check.text}" for check in checks if not check.right]


def text(checks: list[Check], about: str) -> str:
    (found,) = [check.text for check in checks if check.about == about]
    return found


def judged(data: bytes, place: Path, trusted: tuple[keys.PublicKey, ...] = ()) -> list[str]:
    """What is wrong with a bundle of these bytes."""
    place.write_bytes(data)
    try:
        return wrong(verify(place, trusted))
    except InputError as error:
        return [str(error)]


def second(data: bytes, jwk: dict[str, str] | None = None) -> bool:
    """Whether the second implementation accepts it."""
    try:
        check(data, jwk)
    except BadBundleError:
        return False
    return True


def test_a_bundle_as_it_was_made_is_right(sealed: Sealed) -> None:
    trusted = keys.load_public(sealed.jwks)
    checks = verify(sealed.path, trusted)
    assert wrong(checks) == []
    assert [item.about for item in checks] == ["report", "files", "signature", "statement", "evidence", "zip", "pages"]
    assert text(checks, "signature") == f"by key {trusted[0].id}, which you gave"
    assert text(checks, "evidence") == "evidence/exchanges.ndjson: 5 lines, the chain is unbroken"
    assert "the same when made again" in text(checks, "pages")
    assert second(sealed.data, sealed.jwk)


def test_without_a_key_of_the_user_the_trust_is_told(sealed: Sealed) -> None:
    said = text(verify(sealed.path), "signature")
    assert "comes out of the bundle itself" in said
    assert "anybody can have signed it" in said
    assert second(sealed.data)


def test_a_bundle_without_a_signature_says_so(sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(seal(sealed.run))
    checks = verify(path)
    assert wrong(checks) == []
    assert text(checks, "signature").startswith("none: anybody can have made this bundle")
    assert second(path.read_bytes())
    assert wrong(verify(path, [sealed.key.public])) == [
        "signature: there is no statement.dsse.json, so nobody signed this bundle"
    ]
    assert not second(path.read_bytes(), sealed.jwk)


def test_another_key_than_that_of_the_user(sealed: Sealed, tmp_path: Path) -> None:
    other = keys.make(tmp_path / "other", key_id=sealed.key.public.id)
    trusted = keys.load_public(other.jwks_file)
    assert wrong(verify(sealed.path, trusted)) == [
        f"signature: by key {sealed.key.public.id}, which is not a key that you gave"
    ]
    assert not second(sealed.data, orjson.loads(other.jwks_file.read_bytes())["keys"][0])


# ---- somebody changed it ------------------------------------------------------------------------------------


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: data for key, data in files.items() if key != name}


def changed(name: str, old: bytes = b"e", new: bytes = b"E") -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1)}

    return change


def added(name: str) -> Callable[[Files], Files]:
    return lambda files: {**files, name: b"{}"}


CASES: dict[str, tuple[Callable[[Files], Files], str]] = {
    "page changed": (changed("report.html"), "files: report.html was changed"),
    "pdf changed": (changed("report.pdf"), "files: report.pdf was changed"),
    "report changed": (changed("report.json", b"rejected", b"approved"), "files: report.json was changed"),
    "report no longer adds up": (
        changed("report.json", b'"findings_omitted": ', b'"findings_omitted": 1'),
        "report: report.json does not add up",
    ),
    "report no JSON": (changed("report.json", b"{", b"["), "report: report.json is not valid JSON"),
    "export missing": (without("junit.xml"), "files: junit.xml is missing"),
    "evidence missing": (without("evidence/exchanges.ndjson"), "evidence: evidence/exchanges.ndjson is missing"),
    "evidence changed": (
        changed("evidence/exchanges.ndjson", b"200", b"201"),
        "evidence: evidence/exchanges.ndjson: line 2: does not follow from the line before it",
    ),
    "evidence added": (added("evidence/more.ndjson"), "evidence: evidence/more.ndjson is no evidence of this run"),
    "file added": (added("extra.html"), "files: extra.html was added"),
    "manifest changed": (
        changed("manifest.json", b"rejected", b"approved"),
        "what was signed is not about manifest.json",
    ),
    "manifest no JSON": (changed("manifest.json", b"{", b"["), "manifest: manifest.json is not valid JSON"),
    "manifest incomplete": (changed("manifest.json", b'"lang"', b'"taal"'), "manifest: manifest.json is not one"),
    "manifest written otherwise": (changed("manifest.json", b"\n", b"\n "), "manifest: manifest.json is not one"),
    "signature missing": (without("statement.dsse.json"), "signature: there is no statement.dsse.json"),
    "key missing": (without("key.jwk.json"), "signature: statement.dsse.json or key.jwk.json was changed"),
    "key changed": (changed("key.jwk.json", b'"x": "', b'"x": "A'), "files: key.jwk.json was changed"),
    "statement written otherwise": (changed("statement.dsse.json", b"\n", b"\n "), "signature: statement.dsse.json or"),
    "statement no JSON": (changed("statement.dsse.json", b"{", b""), "signature: statement.dsse.json or"),
    "key id changed": (changed("statement.dsse.json", b'"keyid": "', b'"keyid": "x'), "signature: the signature in"),
    "payload changed": (
        changed("statement.dsse.json", b'"payload": "e', b'"payload": "f'),
        "signature: the signature in",
    ),
    "payload type changed": (
        changed("statement.dsse.json", b"in-toto", b"in-koto"),
        "signature: statement.dsse.json or",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_changed_is_named(name: str, sealed: Sealed, tmp_path: Path) -> None:
    change, expected = CASES[name]
    data = zipped.pack(change(opened(sealed.data)), FINISHED)
    said = judged(data, tmp_path / "b.zip", (sealed.key.public,))
    assert [sentence for sentence in said if expected in sentence], said
    assert not second(data, sealed.jwk)


@pytest.mark.parametrize("name", ["report.json", "manifest.json"])
def test_a_bundle_without_its_heart_is_none(name: str, sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(zipped.pack(without(name)(opened(sealed.data)), FINISHED))
    with pytest.raises(InputError, match=f"has no {name}"):
        verify(path)


def forged(sealed: Sealed, change: Callable[[Files], Files], statement: dict[str, Any] | None = None) -> bytes:
    """What somebody makes who owns the key, with sums and signature that fit."""
    files = {name: data for name, data in change(opened(sealed.data)).items() if name != "statement.dsse.json"}
    report = build.parse(files["report.json"], "report.json")
    files["manifest.json"] = json_bytes(contents.manifest(report, files, "nl"))
    said = contents.statement(report, files) | (statement or {})
    files["statement.dsse.json"] = dsse.sign(json_bytes(said), sealed.key).data()
    return zipped.pack(files, FINISHED)


def test_a_page_that_says_something_else_is_found_though_it_was_signed(sealed: Sealed, tmp_path: Path) -> None:
    data = forged(sealed, changed("report.html", b"Afgekeurd", b"Akkoord  "))
    assert judged(data, tmp_path / "b.zip") == ["pages: report.html is not made of report.json"]
    assert judged(forged(sealed, added("extra.html")), tmp_path / "b.zip") == [
        "pages: extra.html is not made of report.json"
    ]
    assert judged(forged(sealed, lambda files: files), tmp_path / "b.zip") == []


def test_a_statement_that_says_something_else_is_found_though_it_was_signed(sealed: Sealed, tmp_path: Path) -> None:
    predicate = {"result": "PASSED", "configuration": [], "passedTests": [], "warnedTests": [], "failedTests": []}
    data = forged(sealed, lambda files: files, {"predicate": predicate})
    assert judged(data, tmp_path / "b.zip") == ["statement: what was signed is not what report.json says of the run"]
    assert not second(data)
    assert judged(forged(sealed, lambda files: files, {"subject": [7]}), tmp_path / "b.zip") == [
        "statement: what was signed is not an in-toto statement"
    ]


def test_pages_of_another_version_are_not_compared(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(contents, "made_by", lambda: {"ktcheck": "9", "pages": "0" * 64, "libraries": "typst 9"})
    checks = verify(sealed.path)
    assert wrong(checks) == []
    assert "not compared with report.json: they were made by another version" in text(checks, "pages")
    assert "other than here: ktcheck, pages, libraries" in text(checks, "pages")


def test_a_report_of_another_version_is_told(sealed: Sealed, tmp_path: Path) -> None:
    data = zipped.pack(changed("report.json", b'"format": 1', b'"format": 9')(opened(sealed.data)), FINISHED)
    assert [line for line in judged(data, tmp_path / "b.zip") if "not a report that this version" in line]


# ---- every byte ---------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_anywhere_is_found(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    whole = bytearray(sealed.data)
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "flipped.zip"
    assert judged(bytes(whole), path) != []
    assert not second(bytes(whole))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_in_any_file_is_found_though_the_zip_fits(
    sealed: Sealed, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    files = opened(sealed.data)
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    again = zipped.pack({**files, name: bytes(content)}, FINISHED)
    said = judged(again, tmp_path_factory.getbasetemp() / "flipped.zip", (sealed.key.public,))
    assert [sentence for sentence in said if name in sentence], said
    assert not second(again, sealed.jwk)


def around(data: bytes) -> list[int]:
    """The places of all bytes that are not in the contents of a file."""
    inside: set[int] = set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            start = member.header_offset + 30 + len(member.filename)
            inside.update(range(start, start + member.file_size))
    return [place for place in range(len(data)) if place not in inside]


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_byte_around_the_files_has_a_meaning(mask: int) -> None:
    data = zipped.pack({"a/b.json": b"{}", "leeg": b"", "report.json": b"[1]"}, FINISHED)
    places = around(data)
    assert len(places) == len(data) - 5
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= mask
        try:
            same = zipped.pack(zipped.unpack(bytes(flipped), Path("b.zip")), FINISHED) == flipped
        except (InputError, ValueError):
            same = False
        assert not same, place


@given(st.integers(0, 10_000_000))
@settings(max_examples=40, deadline=None)
def test_a_bundle_that_was_cut_off_is_no_bundle(
    sealed: Sealed, tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    data = sealed.data[: length % len(sealed.data)]
    said = judged(data, tmp_path_factory.getbasetemp() / "cut.zip")
    assert len(said) == 1
    assert "zip file" in said[0]
    assert not second(data)


@pytest.mark.parametrize("extra", [b"x", b"\0" * 100], ids=["a byte", "many"])
@pytest.mark.parametrize("front", [True, False], ids=["in front", "behind"])
def test_what_hangs_on_to_the_zip_is_found(extra: bytes, front: bool, sealed: Sealed, tmp_path: Path) -> None:
    data = extra + sealed.data if front else sealed.data + extra
    assert judged(data, tmp_path / "b.zip") != []
    assert not second(data)


# ---- no bundle at all ---------------------------------------------------------------------------------------


def made(*names: str, method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        for name in names:
            archive.writestr(name, "x" * 1000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a zip file"),
        (b"%PDF-1.7", "is not a zip file"),
        (b"PK\x03\x04" + b"\0" * 50, "damaged or incomplete zip file"),
        (made("../../etc/passwd"), "a file whose name a bundle may not have"),
        (made("/etc/passwd"), "a file whose name a bundle may not have"),
        (made("a\\b"), "a file whose name a bundle may not have"),
        (made("map/"), "a file whose name a bundle may not have"),
        (made("a", "a"), "holds a twice"),
        (made("a", method=zipfile.ZIP_DEFLATED), "a is compressed, so another program packed it"),
        (made("a"), "has no report.json"),
    ],
    ids=["empty", "pdf", "header only", "slip", "absolute", "backslash", "folder", "double", "deflated", "other zip"],
)
def test_what_is_no_bundle_is_one_sentence(data: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match=sentence) as error:
        verify(path)
    assert "\n" not in str(error.value)
    assert [item.name for item in tmp_path.iterdir()] == ["b.zip"]
    assert not second(data)


def test_contents_that_overlap_are_a_bomb(tmp_path: Path) -> None:
    """Many entries that all point to the same bytes: more comes out than is in the file."""
    data = made("a", "b", "c", "d")
    directory = data.index(b"PK\x01\x02")
    central = bytearray(data[directory:])
    at = 0
    while (at := central.find(b"PK\x01\x02", at)) >= 0:
        central[at + 42 : at + 46] = (0).to_bytes(4, "little")
        central[at + 20 : at + 28] = (directory - 31).to_bytes(4, "little") * 2
        at += 4
    with pytest.raises(InputError, match="damaged or incomplete"):
        zipped.unpack(data[:directory] + bytes(central), tmp_path / "b.zip")


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MOST_BYTES", 2**20)
    path = tmp_path / "b.zip"
    with path.open("wb") as file:
        file.truncate(2**20 + 1)
    with pytest.raises(InputError, match="larger than 1 MB"):
        verify(path)
    monkeypatch.setattr(zipped, "MOST_FILES", 3)
    path.write_bytes(made("a", "b", "c", "d"))
    with pytest.raises(InputError, match="more than 3 files"):
        verify(path)


def test_a_run_that_is_too_large_is_not_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MOST_BYTES", 2**10)
    with pytest.raises(InputError, match="too much for a bundle"):
        seal(write_run(tmp_path / "run"))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        verify(tmp_path / "weg.zip")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        verify(tmp_path)
