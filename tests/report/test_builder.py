import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ktcheck.errors import RunError
from ktcheck.events import Bus, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import Finding, ScenarioResult, Severity, Status, Verdict
from ktcheck.privacy import Pseudonyms
from ktcheck.report.builder import ReportBuilder
from ktcheck.suite import PROFILES
from tests.report.samples import KEY, LINK, facts, finding, logical_id, play, sample, scenario

SCHEMA = json.loads((PROFILES / "report.schema.json").read_text())


def report(*finished: tuple[ScenarioResult, tuple[Finding, ...]], **changes: Any) -> dict[str, Any]:
    builder = ReportBuilder(Pseudonyms(KEY))
    builder(RunStarted(started="2026-11-23T09:00:00Z", facts=facts(**changes), scenarios=len(finished)))
    for result, findings in finished:
        builder(ScenarioFinished(result=result, findings=findings))
    builder(RunFinished(finished="2026-11-23T09:01:00Z", verdict=Verdict.REJECTED, reasons=(), counts=()))
    return builder.report()


def outcomes(made: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["outcome"] for row in made["requirements"]}


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False


@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete"])
def test_a_report_fits_its_schema(kind: str) -> None:
    made = json.loads(json.dumps(sample(kind)))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(made)] == []


def test_every_finding_goes_to_the_file_with_its_real_values() -> None:
    lines: list[dict[str, Any]] = []
    play(Bus([ReportBuilder(Pseudonyms(KEY), lines.append)]), "rejected")
    assert len(lines) == 5040
    assert lines[0]["source"] == LINK.format(0)
    assert lines[0]["expected"] == "Jan Voorbeeld"
    assert lines[0]["scenario"] == "VOL-02"


def test_a_public_finding_points_to_its_line() -> None:
    lines: list[dict[str, Any]] = []
    builder = ReportBuilder(Pseudonyms(KEY), lines.append)
    play(Bus([builder]), "rejected")
    for public in builder.report()["findings"]:
        real = lines[public["line"] - 1]
        assert (public["rule"], public["resource"]) == (real["rule"], real["resource"])
        assert public["source"] == Pseudonyms(KEY).of(real["source"])


def test_the_report_holds_no_values_and_no_links() -> None:
    text = json.dumps(sample("rejected"))
    assert "Jan Voorbeeld" not in text
    assert "kt1.example" not in text


def test_a_reference_in_a_message_becomes_a_pseudonym() -> None:
    wrong = finding(
        "references.resolves", 1, resource="Patient/999900018", message_nl=f"{LINK.format(1)}: Patient/999900018"
    )
    (public,) = report((scenario(0, Status.FAILED, 1), (wrong,)))["findings"]
    assert "999900018" not in json.dumps(public)
    assert LINK.format(1) not in json.dumps(public)


def test_a_scenario_keeps_two_hundred_findings_and_counts_the_rest() -> None:
    made = sample("rejected")
    assert len(made["findings"]) == 200 + 31 + 200 + 9
    assert made["findings_omitted"] == 5040 - 440
    assert {row["rule"]: row["findings"] for row in made["findings_by_rule"]}["references.resolves"] == 2600


def test_no_rule_is_crowded_out() -> None:
    many = tuple(finding("completeness.once", at) for at in range(500))
    few = tuple(finding("references.resolves", at) for at in range(5))
    kept = report((scenario(2, Status.FAILED, 505), many + few))["findings"]
    assert len(kept) == 200
    assert sum(1 for row in kept if row["rule"] == "references.resolves") == 5


def test_requirements_get_an_outcome() -> None:
    assert outcomes(sample("approved")) == {
        "MIG-KT-001-01": "verified",
        "MIG-KT-001-02": "verified",
        "MIG-KT-002-02": "verified",
        "KT2-PROF-001": "verified",
        "KT2-LAUNCH-001": "verified",
        "KT2-LOG-001": "not_covered",
    }
    assert outcomes(sample("incomplete"))["KT2-LAUNCH-001"] == "not_evidenced"


def test_only_the_requirement_that_a_finding_names_is_violated() -> None:
    failed = scenario(2, Status.FAILED, 1, requirements=("MIG-KT-001-01", "MIG-KT-002-02"))
    named = finding("completeness.present", 1, requirements=("MIG-KT-002-02",))
    made = outcomes(report((failed, (named,))))
    assert made["MIG-KT-002-02"] == "violated"
    assert made["MIG-KT-001-01"] == "not_evidenced"


def test_a_finding_without_requirements_counts_against_all_of_its_scenario() -> None:
    failed = scenario(5, Status.FAILED, 1)
    made = outcomes(report((failed, (finding("references.resolves", 1, requirements=()),))))
    assert made["KT2-PROF-001"] == "violated"


def test_a_requirement_is_not_verified_while_one_of_its_scenarios_shows_nothing() -> None:
    made = outcomes(report((scenario(2), ()), (scenario(3, Status.NOT_EVIDENCED), ())))
    assert made["MIG-KT-001-02"] == "not_evidenced"


def test_examined_nothing_is_no_evidence() -> None:
    assert outcomes(report((scenario(5, examined=0), ())))["KT2-PROF-001"] == "not_evidenced"


def test_what_a_domain_need_not_have_does_not_stand_in_the_way_but_a_filter_does() -> None:
    absent = scenario(3, Status.NOT_EVIDENCED, excused=True)
    filtered = scenario(3, Status.NOT_RUN, excused=True)
    assert outcomes(report((scenario(2), ()), (absent, ())))["MIG-KT-001-02"] == "verified"
    assert outcomes(report((scenario(2), ()), (filtered, ())))["MIG-KT-001-02"] == "not_evidenced"
    assert outcomes(report((absent, ())))["MIG-KT-001-02"] == "not_evidenced"


def test_a_scenario_that_did_not_run_gives_no_evidence() -> None:
    assert outcomes(report())["MIG-KT-001-02"] == "not_evidenced"


def test_severities_of_one_rule_are_counted_apart() -> None:
    pair = (finding("completeness.present", 1), finding("completeness.present", 2, severity=Severity.ADVICE))
    rows = report((scenario(2, Status.FAILED, 2), pair))["findings_by_rule"]
    assert [(row["severity"], row["findings"]) for row in rows] == [("blocking", 1), ("advice", 1)]


def test_an_unfinished_run_has_no_report() -> None:
    builder = ReportBuilder(Pseudonyms(KEY))
    builder(RunStarted(started="2026-11-23T09:00:00Z", facts=facts(), scenarios=1))
    with pytest.raises(RunError, match="did not finish"):
        builder.report()


def test_a_uuid_stays_visible() -> None:
    (public,) = report((scenario(0, Status.FAILED, 1), (finding("references.resolves", 3),)))["findings"]
    assert public["resource"] == f"Task/{logical_id(3)}"
