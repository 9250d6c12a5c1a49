"""A second opinion in a whole run: the domain's own $validate, and a validator that is asked by plain pytest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ktcheck.cli.practice import made
from tests.end_to_end.command import REPOSITORY, Json, findings, ktcheck, python, report, served
from tests.opinion.validator import Validator, serving


@pytest.fixture(scope="module")
def domains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    domain = made("meningen", 6, 6, ())
    domain.service.opinion = "strict"
    with served(tmp_path_factory.mktemp("opinion"), domain, launch=True) as (_, paths):
        yield paths


def told(run: Path) -> tuple[Json, Json]:
    """What the report says of the second opinion, and of the scenario about it."""
    said = report(run)
    return said["second_opinion"], next(item for item in said["scenarios"] if item["id"] == "PRO-16")


def test_a_difference_is_advice_and_leaves_the_verdict(domains: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ktcheck("run", domains["meningen"], "--second-opinion", "fhir", "--out", out, cwd=tmp_path)
    opinion, scenario = told(out)
    assert (done.code, report(out)["verdict"]) == (0, "approved")
    assert (scenario["status"], scenario["severity"]) == ("failed", "advice")
    assert scenario["examined"] == opinion["answered"] == opinion["chosen"]
    assert {row["valid_by"] for row in opinion["differences"]} == {"ktcheck"}
    assert {item["rule"] for item in findings(out)} == {"opinion.agrees"}
    assert "sturen" in done.err


def test_a_validator_gets_the_resources_and_no_page_does(domains: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serving(Validator()) as validator:
        arguments = ("--domain", domains["meningen"], "--second-opinion", validator.base_url, "--out", out)
        done = python("-m", "pytest", "-q", REPOSITORY / "features", *arguments, cwd=REPOSITORY)
    assert done.code == 0
    opinion, scenario = told(out)
    assert (opinion["kind"], opinion["differences"], scenario["status"]) == ("validator", [], "passed")
    sent = [orjson.loads(request["filesToValidate"][0]["fileContent"]) for request in validator.requests]
    assert len(sent) == opinion["answered"]
    names = {item["name"][0]["family"] for item in sent if item["resourceType"] == "Patient"}
    assert names
    for path in out.rglob("*"):
        if path.is_file() and path.name != "findings.ndjson":
            assert not [name for name in names if name.encode() in path.read_bytes()], path


def test_a_validator_that_is_not_there_is_told_and_leaves_the_verdict(domains: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serving(Validator()) as validator:
        pass
    arguments = ("--tags", "PRO-16,PRO-01", "--second-opinion", validator.base_url, "--out", out)
    done = ktcheck("run", domains["meningen"], *arguments, cwd=tmp_path)
    opinion, scenario = told(out)
    assert (done.code, report(out)["verdict"]) == (0, "approved")
    assert (scenario["status"], scenario["excused"]) == ("blocked", True)
    assert {row["cause"] for row in opinion["unanswered"]} == {"unreachable", "given-up"}
    assert "niet te bereiken" in (out / "report.html").read_text(encoding="utf-8")
