"""``ktcheck run`` and ``ktcheck report``: exit codes, the files of the contract, options."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from ktcheck.cli.practice import made
from tests.end_to_end.command import (
    REPOSITORY,
    Done,
    Json,
    files,
    findings,
    ktcheck,
    nothing_at,
    report,
    sentence,
    served,
    variant,
)

DEFECTS = ("task-missing", "task-duplicated", "bsn-lost", "reference-other-patient")
CAUGHT = {"completeness.present", "completeness.once", "identification.business-kept", "references.meant"}
CONTRACT = {"report.html", "report.pdf", "report.json", "junit.xml", "mapbaarheid.csv", "findings.ndjson"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def domains(home: Path) -> Iterator[dict[str, Path]]:
    with served(home, made("goed", 3, 8, ()), made("fout", 4, 8, DEFECTS), launch=True) as (_, paths):
        yield paths


@pytest.fixture(scope="module")
def good(domains: dict[str, Path], home: Path) -> tuple[Path, Done]:
    out = home / "good"
    return out, ktcheck("run", domains["goed"], "--out", out, cwd=home)


@pytest.fixture(scope="module")
def wrong(domains: dict[str, Path], home: Path) -> tuple[Path, Done]:
    out = home / "wrong"
    return out, ktcheck("run", domains["fout"], "--out", out, cwd=home)


def _allure(run: Path) -> list[Json]:
    return [orjson.loads(path.read_bytes()) for path in (run / "allure-results").glob("*-result.json")]


def test_a_correct_domain_is_approved(good: tuple[Path, Done]) -> None:
    out, done = good
    assert done.code == 0, done.err
    assert done.out == f"approved: {out / 'report.html'}\n"
    assert {path.name for path in out.iterdir() if path.is_file()} == CONTRACT
    assert (out / "allure-results").is_dir()
    assert findings(out) == []
    content = report(out)
    assert content["verdict"] == "approved"
    # A care plan gets no Task; nothing is waived, a first domain repeats nothing, nobody asked another validator, and
    # nobody launches in the portal.
    left = [row for row in content["scenarios"] if row["excused"]]
    assert {row["id"].partition("-")[0] for row in left} == {"VOL", "VRS", "HER", "PRO", "LAU"}
    assert sum(row["name"].startswith("Elke CarePlan ") for row in left) == 2
    shown = [row for row in content["scenarios"] if not row["excused"]]
    assert {row["status"] for row in shown} == {"passed"}
    assert all(row["examined"] > 0 for row in shown)


def test_a_defective_domain_is_rejected(wrong: tuple[Path, Done]) -> None:
    out, done = wrong
    assert done.code == 1, done.err
    assert done.out == f"rejected: {out / 'report.html'}\n"
    content = report(out)
    assert content["verdict"] == "rejected"
    assert {row["rule"] for row in findings(out)} == CAUGHT
    assert {row["rule"] for row in content["findings"]} == CAUGHT
    failed = {row["id"] for row in content["scenarios"] if row["status"] == "failed"}
    assert failed == {row["scenario"] for row in findings(out)}


@pytest.mark.parametrize("which", ["good", "wrong"])
def test_the_report_is_valid_against_its_schema(which: str, request: pytest.FixtureRequest) -> None:
    out, _ = request.getfixturevalue(which)
    schema = orjson.loads((REPOSITORY / "profiles" / "report.schema.json").read_bytes())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(report(out))] == []


def test_what_holds_real_references_is_for_its_owner_only(wrong: tuple[Path, Done]) -> None:
    out, _ = wrong
    private = [out / "findings.ndjson", out / "evidence" / "exchanges.ndjson"]
    assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]
    keys = "rule area severity requirements step scenario resource source path expected actual message_nl message_en"
    assert all(list(row) == keys.split() for row in findings(out))
    known = {row["id"] for row in report(out)["scenarios"]}
    assert {row["scenario"] for row in findings(out)} <= known


def test_the_evidence_holds_no_header_and_no_body(good: tuple[Path, Done]) -> None:
    lines = [orjson.loads(line) for line in (good[0] / "evidence" / "exchanges.ndjson").read_bytes().splitlines()]
    at_fhir = [line for line in lines if "/fhir/" in line["path"]]
    # The FHIR service refuses what it has to; nothing but that failed, and nothing was sent to it.
    assert {(line["method"], line["status"]) for line in at_fhir} == {("GET", 200), ("GET", 401)}
    assert {line["status"] for line in lines} == {200, 302, 400, 401}
    keys = "line previous_sha256 started method host path query status milliseconds bytes request_id trace_id"
    assert all(list(line) == keys.split() for line in lines)


def test_junit_tells_what_the_report_tells(wrong: tuple[Path, Done]) -> None:
    out, _ = wrong
    root = etree.fromstring((out / "junit.xml").read_bytes())
    scenarios = report(out)["scenarios"]
    assert root.get("tests") == str(len(scenarios))
    failed = [row for row in scenarios if row["status"] == "failed"]
    assert root.get("failures") == str(len(failed))
    cases = [case.get("name", "").split()[0] for case in root.iter("testcase") if case.find("failure") is not None]
    assert sorted(cases) == sorted(row["id"] for row in failed)


def test_allure_shows_steps_severity_and_requirements(wrong: tuple[Path, Done]) -> None:
    out, _ = wrong
    scenarios = {f"{row['id']} {row['name']}": row for row in report(out)["scenarios"]}
    results = _allure(out)
    assert {result["name"] for result in results} == set(scenarios)
    severities = {"blocking": "blocker", "major": "critical", "advice": "minor"}
    for result in results:
        scenario = scenarios[result["name"]]
        labels = {label["name"]: label["value"] for label in result["labels"]}
        assert labels["severity"] == severities[scenario["severity"]]
        assert labels["feature"] == scenario["feature"]
        assert [link["name"] for link in result.get("links", ())] == scenario["requirements"]
        assert result["steps"][0]["name"].startswith("Gegeven ")
        assert scenario["excused"] or result["steps"][-1]["name"].startswith("Dan ")
        assert result["status"] == {"not_run": "skipped"}.get(scenario["status"], scenario["status"])


def test_the_page_stands_on_its_own(wrong: tuple[Path, Done]) -> None:
    out, _ = wrong
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Afgekeurd" in page
    assert re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"?(?:https?:)?//", page) == []
    for requirement in report(out)["requirements"]:
        assert requirement["id"] in page


def test_report_builds_the_same_bytes_again(wrong: tuple[Path, Done], home: Path) -> None:
    out, _ = wrong
    before = files(out)
    for name in before:
        if name not in {"report.json", "findings.ndjson"} and not name.startswith("evidence/"):
            (out / name).unlink()
    done = ktcheck("report", out, cwd=home)
    assert done.code == 0, done.err
    assert files(out) == before


def test_report_in_english_and_back(wrong: tuple[Path, Done], home: Path) -> None:
    out, _ = wrong
    before = files(out)
    assert ktcheck("report", out, "--lang", "en", cwd=home).code == 0
    english = files(out)
    assert english["report.json"] == before["report.json"]
    assert b'<html lang="en"' in english["report.html"]
    assert ktcheck("report", out, "--lang", "nl", cwd=home).code == 0
    assert files(out) == before


def test_report_refuses_what_is_no_run(home: Path, tmp_path: Path) -> None:
    assert "no report.json" in sentence(ktcheck("report", tmp_path, cwd=home), 2)
    assert list(tmp_path.iterdir()) == []


def test_preparing_needs_no_target(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    path = tmp_path / "voorbereiden.toml"
    messages = domains["goed"].with_name("kt1")
    path.write_text(f'[domain]\nname = "Voorbereiding"\n\n[source]\nmessages = "{messages}"\n', encoding="utf-8")
    done = ktcheck("run", path, "--phase", "voorbereiden", cwd=tmp_path)
    assert done.code == 0, done.err
    (out,) = (tmp_path / "reports" / "voorbereiding").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z", out.name)
    content = report(out)
    assert content["filter"] == {"phase": "voorbereiden"}
    assert content["target"] is None
    judged = {row["phase"]: Counter[str]() for row in content["scenarios"]}
    for row in content["scenarios"]:
        judged[row["phase"]][row["status"]] += 1
    preparing = {row["id"]: row for row in content["scenarios"] if row["phase"] == "voorbereiden"}
    assert {row["status"] for row in preparing.values()} == {"passed", "failed", "not_run"}
    assert preparing["BRON-09"]["reason"] == "het domeinbestand noemt geen applicaties"
    assert preparing["BRON-10"]["reason"].startswith("geen applicatie heeft aantallen aangekondigd")
    assert {name for name, row in preparing.items() if row["status"] == "not_run"} == {"BRON-09", "BRON-10", "EIS-01"}
    assert preparing["PUB-01"]["status"] == "passed"
    assert {row["application"] for row in content["publication"]["order"]} == {None}
    assert set(judged["uitvoeren"]) == {"not_run"}


def test_a_preparing_run_leaves_the_target_alone(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    unreachable = {"fhir_base_url": 'fhir_base_url = "https://nergens.invalid/fhir/r4"'}
    path = variant(domains["goed"], "onbereikbaar-voorbereiden", unreachable)
    done = ktcheck("run", path, "--phase", "voorbereiden", "--out", tmp_path / "out", cwd=home)
    assert done.code == 0, done.err
    assert not (tmp_path / "out" / "evidence").exists()


def test_without_target_a_whole_run_is_no_approval(domains: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "zonder.toml"
    messages = domains["goed"].with_name("kt1")
    path.write_text(f'[domain]\nname = "Zonder"\n\n[source]\nmessages = "{messages}"\n', encoding="utf-8")
    done = ktcheck("run", path, "--out", "out", cwd=tmp_path)
    assert done.code in {1, 3}, done.err
    assert report(tmp_path / "out")["verdict"] in {"rejected", "incomplete"}


def test_tags_select_scenarios(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ktcheck("run", domains["fout"], "--tags", "IDE-05,IDE-02,~advice", "--out", out, cwd=home)
    assert done.code == 1, done.err
    content = report(out)
    assert content["filter"] == {"tags": "IDE-05,IDE-02,~advice"}
    assert {row["id"] for row in content["scenarios"] if row["status"] != "not_run"} == {"IDE-02", "IDE-05"}
    assert {row["rule"] for row in findings(out)} == {"identification.business-kept"}
    # Nobody was logged in for it.
    exchanges = [orjson.loads(line) for line in (out / "evidence" / "exchanges.ndjson").read_bytes().splitlines()]
    assert [row["path"] for row in exchanges if "authorize" in row["path"]] == []
    assert content["launches"] == []


def test_no_screenshots_of_a_selection_that_launches_nothing(
    domains: dict[str, Path], home: Path, tmp_path: Path
) -> None:
    done = ktcheck("run", domains["goed"], "--tags", "VOL-02", "--screenshots", "--out", tmp_path / "out", cwd=home)
    assert "launches nothing" in sentence(done, 2)
    nothing_at(tmp_path / "out")


def test_nothing_is_overwritten_without_force(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call = ("run", domains["goed"], "--tags", "VOL-02", "--out", out)
    assert ktcheck(*call, cwd=home).code == 0
    (out / "oud.txt").write_text("van eerder", encoding="utf-8")
    before = files(out)
    assert "--force" in sentence(ktcheck(*call, cwd=home), 2)
    assert files(out) == before
    again = ktcheck(*call, "--force", "--lang", "en", cwd=home)
    assert again.code == 0, again.err
    assert "Approved" in again.err
    assert b'<html lang="en"' in (out / "report.html").read_bytes()
    assert not (out / "oud.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_force_spares_what_ktcheck_did_not_make(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "scriptie.txt").write_text("van een ander", encoding="utf-8")
    done = ktcheck("run", domains["goed"], "--out", tmp_path / "out", "--force", cwd=home)
    assert "did not make" in sentence(done, 2)
    assert files(tmp_path / "out") == {"scriptie.txt": b"van een ander"}


def test_an_unknown_phase_is_refused(domains: dict[str, Path], home: Path, tmp_path: Path) -> None:
    done = ktcheck("run", domains["goed"], "--phase", "opruimen", "--out", tmp_path / "out", cwd=home)
    assert done.code == 2
    assert "voorbereiden" in done.err
    nothing_at(tmp_path / "out")
