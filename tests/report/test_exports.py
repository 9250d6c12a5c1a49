import io
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from rich.console import Console

from ktcheck.errors import InputError
from ktcheck.events import Bus, Progress, RunFinished, ScenarioFinished
from ktcheck.findings import Status, Verdict
from ktcheck.output import RunWriter
from ktcheck.privacy import Redactor
from ktcheck.report import allure, junit
from ktcheck.report.build import pages, read, rebuild, write_all
from ktcheck.report.console import ConsoleListener
from tests.report.samples import SCENARIOS, facts, play, sample, scenario


def results(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(data) for name, data in files.items() if name.endswith("-result.json")]


def label(result: dict[str, Any], name: str) -> list[str]:
    return [item["value"] for item in result["labels"] if item["name"] == name]


def test_junit_counts_every_scenario() -> None:
    root = etree.fromstring(junit.render(sample("rejected")).encode())
    assert root.get("tests") == str(len(root.findall(".//testcase"))) == str(len(SCENARIOS))
    assert root.get("failures") == str(len(root.findall(".//failure"))) == "4"
    assert {suite.get("name") for suite in root.findall("testsuite")} == {row[1] for row in SCENARIOS}
    verdicts = {item.get("value") for item in root.findall(".//property[@name='verdict']")}
    assert verdicts == {"rejected"}


def test_a_junit_failure_tells_how_many_and_the_first() -> None:
    root = etree.fromstring(junit.render(sample("rejected")).encode())
    failure = root.findall(".//failure")[0]
    assert failure.get("message") == "2.400 bevindingen (1.204 onderzocht; Blokkerend)"
    assert len((failure.text or "").splitlines()) == junit.MESSAGES


def test_junit_tells_why_something_was_not_checked() -> None:
    root = etree.fromstring(junit.render(sample("incomplete")).encode())
    assert root.get("skipped") == "2"
    assert root.get("errors") == "1"
    assert "De server noemt geen aantal." in {
        item.get("message", "").split(": ")[-1] for item in root.findall(".//skipped")
    }


def test_junit_survives_any_text() -> None:
    report = sample("rejected")
    report["scenarios"][0]["name"] = "a\x00b\x1b]]><x>\ufffe"
    assert (
        etree.fromstring(junit.render(report).encode())
        .findall(".//testcase")[0]
        .get("name", "")
        .startswith("BRON-01 a")
    )


def test_allure_has_a_result_a_scenario() -> None:
    files = allure.render(sample("rejected"))
    made = results(files)
    assert [result["name"].split()[0] for result in made] == [row[0] for row in SCENARIOS]
    assert all(name == f"{json.loads(data)['uuid']}-result.json" for name, data in files.items() if "result" in name)
    assert {result["status"] for result in made} == {"passed", "failed"}


def test_an_allure_result_tells_phase_feature_severity_requirements_and_steps() -> None:
    result = results(allure.render(sample("rejected")))[3]
    assert label(result, "epic") == ["Uitvoeren"]
    assert label(result, "feature") == ["Volledigheid"]
    assert label(result, "severity") == ["blocker"]
    assert label(result, "requirement") == ["MIG-KT-001-02"]
    assert [(link["type"], link["name"]) for link in result["links"]] == [("tms", "MIG-KT-001-02")]
    assert result["steps"][0]["name"] == "Gegeven een momentopname van het domein"
    assert "**Onderzocht:** 1.204" in result["description"]
    assert "en nog 2.380 in findings.ndjson" in result["description"]


def test_allure_links_point_into_the_page() -> None:
    made = pages(sample("rejected"), "nl")
    page = made["report.html"].decode()
    for result in results(made):
        for link in result.get("links", []):
            assert f'id="{link["url"].partition("#")[2]}"' in page or link["name"] not in page


def test_allure_times_follow_each_other() -> None:
    made = results(allure.render(sample("approved")))
    for earlier, later in pairwise(made):
        assert earlier["start"] < earlier["stop"] <= later["start"]
    assert made[0]["steps"][0]["stop"] - made[0]["steps"][0]["start"] == 200


def test_allure_history_is_kept_between_runs_and_apart_between_domains() -> None:
    first, second, other = sample("approved"), sample("rejected"), sample("approved")
    second["started"] = "2026-11-24T09:15:04Z"
    other["domain"] = "anderdomein"
    a, b, c = (results(allure.render(report))[0] for report in (first, second, other))
    assert a["historyId"] == b["historyId"] != c["historyId"]
    assert a["testCaseId"] == c["testCaseId"]
    assert a["uuid"] != b["uuid"]


def test_every_allure_result_falls_in_one_category() -> None:
    for kind in ("rejected", "incomplete"):
        files = allure.render(sample(kind))
        categories = json.loads(files["categories.json"])
        for result in results(files):
            if result["status"] != "passed":
                message = result["statusDetails"]["message"]
                hits = [
                    row
                    for row in categories
                    if result["status"] in row["matchedStatuses"] and re.fullmatch(row["messageRegex"], message)
                ]
                assert len(hits) == 1


def test_allure_environment_is_plain_ascii_properties() -> None:
    report = sample("approved")
    report["cluster"] = "cluster é\\ 😀"
    lines = allure.render(report)["environment.properties"].decode("ascii").splitlines()
    assert "cluster=cluster \\u00e9\\\\ \\ud83d\\ude00" in lines
    assert "verdict=Goedgekeurd" in lines


def write(directory: Path, report: dict[str, Any], redactor: Redactor | None = None) -> Path:
    with RunWriter(directory, redactor or Redactor()) as writer:
        writer.append_line("findings.ndjson", {"rule": "x"})
        write_all(report, writer)
        return writer.commit()


def content(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete"])
def test_pages_made_again_are_identical(tmp_path: Path, kind: str) -> None:
    redactor = Redactor()
    redactor.register("hetzelfde script")
    run = write(tmp_path / "run", sample(kind), redactor)
    before = content(run)
    (run / "report.html").write_text("broken")
    (run / "allure-results" / "stray-result.json").write_text("{}")
    rebuild(run)
    assert content(run) == before
    assert {"report.json", "report.html", "junit.xml", "findings.ndjson"} <= set(before)
    assert b"hetzelfde script" not in b"".join(before.values())


def test_pages_can_be_made_in_the_other_language(tmp_path: Path) -> None:
    run = write(tmp_path / "run", sample("rejected"))
    rebuild(run, "en")
    assert "Rejected" in (run / "report.html").read_text()
    assert "findings (1,204 examined; Blocking)" in (run / "junit.xml").read_text()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "format does not fit"),
        ({"verdict": "fine"}, "verdict does not fit"),
        ({"extra": 1}, "does not fit"),
        ({"findings_omitted": 1}, "does not add up"),
        ({"started": "2026-99-23T09:15:04Z"}, "does not add up"),
    ],
)
def test_a_wrong_report_is_one_sentence(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    run = write(tmp_path / "run", sample("approved"))
    path = run / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    before = content(run)
    with pytest.raises(InputError, match=words):
        rebuild(run)
    assert content(run) == before


def test_no_report_or_no_json_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no report"):
        read(tmp_path)
    (tmp_path / "report.json").write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        read(tmp_path)
    (tmp_path / "report.json").write_text("[]")
    with pytest.raises(InputError, match="the file does not fit"):
        read(tmp_path)


def told(kind: str, terminal: bool = False, lang: str = "nl") -> str:
    out = io.StringIO()
    play(Bus([ConsoleListener(Console(file=out, force_terminal=terminal, width=80, highlight=False), lang)]), kind)
    return out.getvalue()


def test_the_console_tells_a_line_a_scenario_and_the_verdict() -> None:
    lines = told("rejected").splitlines()
    assert sum(line.startswith(("✓", "✗")) for line in lines) == len(SCENARIOS)
    assert "✗ Gezakt             VOL-02 Elke taak is overgezet  1.204 onderzocht, 2.400 bevindingen" in lines
    assert lines[-2:] == ["Afgekeurd", "  - 5.000 blokkerende bevindingen in 2 scenario's."]
    assert lines.count("… Momentopname: Task") == 1


def test_the_console_tells_why_something_was_not_checked() -> None:
    text = told("incomplete")
    assert "Nog niet geleverd" in text
    assert "(Launch is in dit domein nog niet opgeleverd.)" in text
    assert "Dit is een deelrun" in text


def test_the_console_tells_no_references_or_values() -> None:
    text = told("rejected", terminal=True)
    assert "Afgekeurd" in text
    assert "kt1.example" not in text
    assert "Voorbeeld " not in text
    assert "Task/" not in text


def test_the_console_speaks_english() -> None:
    assert "Rejected" in told("rejected", lang="en")


def test_the_console_takes_text_as_text() -> None:
    out = io.StringIO()
    listener = ConsoleListener(Console(file=out, highlight=False))
    listener(ScenarioFinished(result=scenario(0, Status.PASSED, name="[bold]x[/] \x1b[2J"), findings=()))
    listener(Progress(what="[red]bezig", done=1))
    listener.close()
    assert "[bold]x[/]  [2J" in out.getvalue()
    assert "… [red]bezig" in out.getvalue()
    assert facts()["domain"] not in out.getvalue()


def test_the_console_tells_once_what_a_filter_left_out() -> None:
    out = io.StringIO()
    listener = ConsoleListener(Console(file=out, highlight=False))
    for row in range(3):
        left_out = replace(scenario(row, Status.NOT_RUN, excused=True), steps=())
        listener(ScenarioFinished(result=left_out, findings=()))
    listener(RunFinished(finished="2026-11-23T09:01:00Z", verdict=Verdict.APPROVED, reasons=(), counts=()))
    assert out.getvalue().splitlines() == ["– 3 scenario's niet gevraagd (filter)", "", "Goedgekeurd"]
