"""A canary in every personal field: it may sing in ``findings.ndjson``, and nowhere else (design.md, Principles)."""

from __future__ import annotations

import base64
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.cli.practice import made
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import answers, app, oauth, resources, server, token
from tests.end_to_end.canary import BIRTH, MARK, Canary, encoded, leaks, pdf_text, public_files, unmarked
from tests.end_to_end.command import Done, findings, ktcheck, nothing_at, report, sentence, served, variant
from tests.end_to_end.tap import Tap
from tests.practice import all_findings, assess_offline, write_domain

DEFECTS = (
    "order-undecidable",
    "unknown-kind",
    "task-unknown",
    "task-missing",
    "task-duplicated",
    "id-client-chosen",
    "link-with-version",
    "bsn-under-oid",
    "bsn-lost",
    "bsn-shared",
    "patient-unaccounted",
    "reference-logical",
    "reference-other-patient",
    "origin-wrong",
    "team-renamed",
    "gender-code-unknown",
    "total-wrong",
)
# The rules that see what the fixture below spoils by hand.
BY_HAND = {"source.readable", "references.resolves", "references.literal"}
TRUNCATED = "afgebroken-bericht-van-iemand.json"
AREAS = {"bron", "mapbaarheid", "volledigheid", "identificatie", "referenties", "inhoud", "profielen"}


@pytest.fixture(scope="module")
def secrets() -> Iterator[Tap]:
    """Listens to all that the practice service gets and gives."""
    tap = Tap()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "application", lambda tenants: tap.wrap(app.application(tenants)))
        yield tap


def _lines(key: Path) -> list[str]:
    """The lines of a private key."""
    return [line for line in key.read_text(encoding="utf-8").splitlines() if "-----" not in line]


def _all(secrets: Tap, key: Path) -> list[str]:
    """What was heard, the passwords that were given, and the lines of the keys of the suite."""
    keys = key.parent.parent.glob("*/private-key.pem")
    given = (key.parent.parent / "accounts.env").read_text(encoding="utf-8").split()
    return [
        *secrets.all(),
        *(line.partition("=")[2] for line in given),
        *(line for path in keys for line in _lines(path)),
    ]


@pytest.fixture(scope="module")
def marked() -> Materialised:
    """A domain with something wrong in every area, in which everything personal is marked."""
    domain = made("vogelhuis", 21, 9, DEFECTS)
    Canary().domain(domain)
    whole = next(data for name, data in domain.messages.items() if name.endswith(".json"))
    domain.messages[TRUNCATED] = whole[: len(whole) // 2]
    tasks = sorted(domain.resources["Task"].items())
    # References that are none: whatever stands in them may be somebody's name.
    for number, text in enumerate((f"{MARK} van der {MARK}", f"{MARK}7/8", f"urn:{MARK}", f"Patient/{MARK}8")):
        tasks[number][1]["encounter"] = {"reference": text}
    return domain


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy")


@pytest.fixture(scope="module")
def domain(home: Path, marked: Materialised, secrets: Tap) -> Iterator[Path]:
    with served(home, marked, launch=True) as (_, paths):
        yield paths["vogelhuis"]


@pytest.fixture(scope="module")
def run(domain: Path, home: Path) -> tuple[Path, Done]:
    (home / "tmp").mkdir()
    return home / "out", ktcheck("run", domain, "--out", "out", cwd=home, env={"TMPDIR": str(home / "tmp")})


@pytest.fixture(scope="module")
def snapshot(domain: Path, home: Path) -> Path:
    done = ktcheck("snapshot", domain, "--out", "momentopname", cwd=home)
    assert done.code == 0, done.err
    assert leaks(_console(done)) == []
    return home / "momentopname"


@pytest.fixture
def key(domain: Path) -> Path:
    return domain.with_name("key") / "private-key.pem"


def _console(done: Done) -> dict[str, bytes]:
    return {"stdout": done.out.encode(), "stderr": done.err.encode()}


def test_the_canary_is_everywhere(domain: Path, marked: Materialised, snapshot: Path, home: Path) -> None:
    """Without this, a test that finds no mark would prove nothing."""
    kept = ktcheck("inventory", domain.with_name("kt1"), "--out", "bron.ndjson", cwd=home)
    assert kept.code == 2
    assert TRUNCATED in kept.err
    assert leaks(_console(kept)) == []
    kinds = ("Patient", "Practitioner", "RelatedPerson", "Organization", "CareTeam", "Task")
    held = {kind: (snapshot / f"{kind}.ndjson").read_bytes().splitlines() for kind in kinds}
    assert {
        kind: [place for line in lines for place in unmarked(orjson.loads(line))] for kind, lines in held.items()
    } == {kind: [] for kind in kinds}
    records = [orjson.loads(line) for line in (home / "bron.ndjson").read_bytes().splitlines()[2:]]
    assert [row["type"] for row in records if MARK not in row["key"] and row["type"] != "Device"] == []
    assert len(leaks(marked.messages)) == len(marked.messages)


def test_the_marks_change_no_outcome(tmp_path: Path) -> None:
    """They are the same on both sides, so the rules say of the marked domain what they say of the domain as it was."""
    plain, other = made("gelijk", 21, 9, DEFECTS), made("gelijk", 21, 9, DEFECTS)
    Canary().domain(other)
    outcomes = []
    for name, domain in (("plain", plain), ("marked", other)):
        folder = tmp_path / name
        path = write_domain(domain.domain, folder, messages=domain.messages.items(), resources=domain.all())
        found = all_findings(assess_offline(path, folder))
        outcomes.append({rule: len(findings) for rule, findings in found.items()})
    assert outcomes[1].pop("conformance.code-form") > 0, "a mark does not have the form of a number"
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) >= 10


def test_the_canary_sings_where_it_may(run: tuple[Path, Done]) -> None:
    out, done = run
    assert done.code == 1, done.err
    found = findings(out)
    assert {row["area"] for row in found} == AREAS
    assert {row["rule"] for row in found} >= BY_HAND
    text = (out / "findings.ndjson").read_text(encoding="utf-8")
    assert f"https://kt1.example/{MARK}/Patient/{MARK}" in text
    assert any(f"Patient/{MARK}" in str(row["resource"]) for row in found)
    assert any(MARK in str(row["actual"]) for row in found)
    assert any(TRUNCATED in str(row["source"]) for row in found)
    assert leaks({"findings": text.encode()}) == ["findings"]


def test_no_mark_and_no_secret_in_what_is_public(run: tuple[Path, Done], secrets: Tap, key: Path) -> None:
    out, done = run
    assert {"access_token", "client_assertion", "authorization"} <= secrets.heard.keys()
    outputs = {**public_files(out), **_console(done)}
    assert {"report.html", "report.json", "junit.xml", "mapbaarheid.csv", "evidence/exchanges.ndjson"} <= set(outputs)
    assert leaks(outputs, _all(secrets, key)) == []
    assert [name for name, data in outputs.items() if TRUNCATED.encode() in data] == []


def test_the_messages_of_findings_hold_no_personal_value(run: tuple[Path, Done]) -> None:
    messages = [
        row[name].replace(str(row["resource"]), "") for row in findings(run[0]) for name in ("message_nl", "message_en")
    ]
    assert leaks({str(number): text.encode() for number, text in enumerate(messages)}) == []


def test_no_secret_in_findings(run: tuple[Path, Done], secrets: Tap, key: Path) -> None:
    data = (run[0] / "findings.ndjson").read_bytes()
    assert [secret for secret in _all(secrets, key) if any(form in data for form in encoded(secret))] == []


def test_every_finding_of_the_report_has_its_line(run: tuple[Path, Done]) -> None:
    """The pseudonyms lead to the real references for who has findings.ndjson, and for nobody else."""
    lines = findings(run[0])
    for row in report(run[0])["findings"]:
        assert lines[row["line"] - 1]["rule"] == row["rule"]
        if row["source"]:
            assert row["source"].startswith("bron-")


def test_nothing_else_is_left_on_disk(run: tuple[Path, Done], home: Path) -> None:
    assert run[0].is_dir()
    assert list((home / "tmp").iterdir()) == []
    assert leaks({path.name: b"" for path in home.iterdir()}) == []


def test_the_pages_built_again_hold_nothing_either(run: tuple[Path, Done], home: Path) -> None:
    out, _ = run
    done = ktcheck("report", out, "--lang", "en", cwd=home)
    assert done.code == 0, done.err
    assert leaks({**public_files(out), **_console(done)}) == []


def _bundle(run: Path, home: Path, lang: str) -> dict[str, bytes]:
    """Every file of a sealed bundle of the run, and what a reader of its PDF reads."""
    key = home / f"zegel-{lang}"
    assert ktcheck("keys", "--kind", "EdDSA", "--out", key, cwd=home).code == 0
    command = ("bundle", run, "--out", f"{lang}.zip", "--lang", lang, "--key", key / "private-key.pem")
    done = ktcheck(*command, cwd=home)
    assert done.code == 0, done.err
    with zipfile.ZipFile(home / f"{lang}.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    statement = base64.b64decode(orjson.loads(found["statement.dsse.json"])["payload"])
    text = pdf_text(found["report.pdf"])
    whole = (home / f"{lang}.zip").read_bytes()
    return {**found, **_console(done), "statement": statement, "text of report.pdf": text, "the zip": whole}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_sealed_bundle_holds_nothing_either(
    lang: str, run: tuple[Path, Done], home: Path, secrets: Tap, key: Path
) -> None:
    held = _bundle(run[0], home, lang)
    public = {"report.html", "report.pdf", "report.json", "junit.xml", "mapbaarheid.csv", "evidence/exchanges.ndjson"}
    assert public | {"statement.dsse.json", "manifest.json", "key.jwk.json"} <= held.keys()
    assert sum(name.startswith("allure-results/") for name in held) > 50
    seal = _lines(home / f"zegel-{lang}" / "private-key.pem")
    assert leaks(held, [*_all(secrets, key), *seal]) == []
    assert [name for name in held if "findings" in name or "snapshot" in name] == []


def test_equal_records_have_equal_pseudonyms_within_a_run_and_others_in_the_next(
    run: tuple[Path, Done], domain: Path, home: Path
) -> None:
    done = ktcheck("run", domain, "--out", "opnieuw", cwd=home)
    assert done.code == 1, done.err
    names: list[dict[str, str]] = []
    for out in (run[0], home / "opnieuw"):
        lines = findings(out)
        pairs = {(lines[row["line"] - 1]["source"], row["source"]) for row in report(out)["findings"] if row["source"]}
        assert len(pairs) == len({real for real, _ in pairs}) == len({shown for _, shown in pairs}) > 5
        names.append(dict(pairs))
    assert names[0].keys() == names[1].keys()
    assert set(names[0].values()).isdisjoint(names[1].values())
    shown = [
        set(re.findall(rb"bron-[0-9a-z]+", b"".join(public_files(out).values()))) for out in (run[0], home / "opnieuw")
    ]
    assert all(shown)
    assert shown[0].isdisjoint(shown[1])


def test_check_tells_nothing(domain: Path, home: Path, secrets: Tap, key: Path) -> None:
    done = ktcheck("check", domain, cwd=home)
    assert done.code == 0
    assert leaks(_console(done), _all(secrets, key)) == []


# ---- when it goes wrong -------------------------------------------------------------------------------------


def assert_fails_quietly(done: Done, code: int, out: Path, secrets: Tap, key: Path) -> None:
    sentence(done, code)
    assert leaks(_console(done), _all(secrets, key)) == []
    nothing_at(out)


@pytest.mark.parametrize("status", [400, 500])
def test_a_service_that_quotes_a_person_and_the_token(
    status: int, domain: Path, tmp_path: Path, secrets: Tap, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any) -> Any:
        raise answers.Refused(status, "invalid", f"{MARK} {BIRTH} {secrets.last('access_token')}")

    monkeypatch.setattr(resources, "search", refusing)
    assert_fails_quietly(ktcheck("run", domain, "--out", "out", cwd=tmp_path), 3, tmp_path / "out", secrets, key)


def test_a_token_endpoint_that_quotes_the_assertion(
    domain: Path, tmp_path: Path, secrets: Tap, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any) -> Any:
        raise oauth.Denied(400, "invalid_request", f"{MARK} {secrets.last('client_assertion')}")

    monkeypatch.setattr(token, "_granted", refusing)
    assert_fails_quietly(ktcheck("run", domain, "--out", "out", cwd=tmp_path), 3, tmp_path / "out", secrets, key)


def test_a_key_that_is_not_accepted(domain: Path, tmp_path: Path, secrets: Tap, key: Path) -> None:
    path = variant(domain, "onbekend", {"client_id": 'client_id = "onbekend"'})
    assert_fails_quietly(ktcheck("run", path, "--out", "out", cwd=tmp_path), 2, tmp_path / "out", secrets, key)


def test_a_damaged_key(domain: Path, tmp_path: Path, secrets: Tap, key: Path) -> None:
    lines = key.read_text(encoding="utf-8").splitlines()
    (domain.with_name("kapot.pem")).write_text("\n".join([*lines[:3], f"{MARK}!", *lines[5:]]), encoding="utf-8")
    path = variant(domain, "kapot", {"private_key_file": 'private_key_file = "kapot.pem"'})
    assert_fails_quietly(ktcheck("run", path, "--out", "out", cwd=tmp_path), 2, tmp_path / "out", secrets, key)


ODD: dict[str, Any] = {
    "identifier-text": {"identifier": MARK},
    "identifier-texts": {"identifier": [MARK]},
    "identifier-odd": {"identifier": [{"system": {MARK: 1}, "value": [MARK]}]},
    "name-number": {"name": 7, "birthDate": {"x": BIRTH}},
    "extension-text": {"extension": MARK},
    "extension-odd": {"extension": [{"url": [MARK], "valueReference": MARK}, MARK]},
    "reference-list": {"managingOrganization": {"reference": [MARK]}},
    "reference-text": {"managingOrganization": MARK},
    "meta-text": {"meta": MARK},
}


def _offline(domain: Path, snapshot: Path) -> Path:
    lines = dict.fromkeys(("[client]", "client_id", "private_key_file", "key_id"))
    return variant(domain, snapshot.name, {**lines, "fhir_base_url": f'snapshot = "{snapshot}"'})


def test_resources_of_an_odd_shape(domain: Path, snapshot: Path, tmp_path: Path) -> None:
    """What no FHIR server should give, it once gives: never a traceback, which would quote it."""
    copy = tmp_path / "snapshot"
    shutil.copytree(snapshot, copy)
    patients = copy / "Patient.ndjson"
    lines = [orjson.loads(line) for line in patients.read_bytes().splitlines()]
    for patient, odd in zip(lines, ODD.values(), strict=False):
        patient.update(odd)
    assert len(lines) >= len(ODD)
    patients.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    done = ktcheck("run", _offline(domain, copy), "--out", "out", cwd=tmp_path)
    assert "Traceback" not in done.err
    assert done.code in {1, 2}, done.err
    assert leaks({**_console(done), **(public_files(tmp_path / "out") if done.code == 1 else {})}) == []


def test_a_broken_line_that_holds_a_person(
    domain: Path, snapshot: Path, tmp_path: Path, secrets: Tap, key: Path
) -> None:
    copy = tmp_path / "snapshot"
    shutil.copytree(snapshot, copy)
    with (copy / "Patient.ndjson").open("ab") as lines:
        lines.write(b'{"resourceType": "Patient", "name": "' + MARK.encode() + b'", \n')
    done = ktcheck("run", _offline(domain, copy), "--out", "out", cwd=tmp_path)
    assert_fails_quietly(done, 2, tmp_path / "out", secrets, key)
