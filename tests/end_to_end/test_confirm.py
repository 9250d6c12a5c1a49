"""``ktcheck confirm`` as people use it: list, confirm, confirm again, and what can go wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ktcheck.sandbox.generate import PracticeDomain
from tests.end_to_end.command import Done, ktcheck, report, sentence, variant
from tests.practice import write_domain

SAID = ("--who", "A. Voorbeeld", "--role", "informatiemanager", "--grounds", "verslag van de go/no-go")


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    """A practice domain in which nobody confirmed anything yet."""
    path = write_domain(PracticeDomain(4, 5), tmp_path / "domain")
    path.with_name("bevestigingen.toml").unlink()
    return path


def confirm(domain: Path, *arguments: object) -> Done:
    return ktcheck("confirm", domain, *arguments, cwd=domain.parent)


def _said(domain: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = tomllib.loads(domain.with_name("bevestigingen.toml").read_text(encoding="utf-8"))[
        "confirmation"
    ]
    return rows


def test_a_step_is_confirmed_once_and_again_after_something_changed(domain: Path) -> None:
    listed = confirm(domain)
    assert listed.code == 0, listed.err
    assert listed.out.count("nog niet bevestigd") == 7
    done = confirm(domain, "V5", *SAID, "--on", "2026-01-12")
    assert done.code == 0, done.err
    assert "it rests on profile_version, environment" in done.out
    (first,) = _said(domain)
    assert (first["step"], first["who"], str(first["on"])) == ("V5", "A. Voorbeeld", "2026-01-12")
    assert "geldig" in next(line for line in confirm(domain).out.splitlines() if line.startswith("V5"))

    moved = variant(domain, "verhuisd", {"environment": 'environment = "acc99"'})
    told = next(line for line in confirm(moved, "--lang", "en").out.splitlines() if line.startswith("V5"))
    assert "given for another version" in told
    assert confirm(moved, "V5", *SAID).code == 0
    assert _said(domain)[0] == first
    assert len(_said(domain)) == 2
    assert "geldig" in next(line for line in confirm(moved).out.splitlines() if line.startswith("V5"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("X1", *SAID), "the draaiboek has no step 'X1'"),
        (("U2", *SAID), "step U2 is shown by scenarios"),
        (("V5", *SAID[2:]), "--who is missing"),
        (("V5", *SAID, "--on", "2999-01-01"), "--on 2999-01-01 lies ahead"),
        (("V5", *SAID, "--on", "2026-02-01", "--until", "2026-01-01"), "until (2026-01-01) lies before on"),
        (SAID, "which step is confirmed is missing"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(domain: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in sentence(confirm(domain, *arguments), 2)
    assert not domain.with_name("bevestigingen.toml").exists()


def test_a_domain_file_that_names_no_file_says_what_to_add(domain: Path) -> None:
    text = domain.read_text(encoding="utf-8").replace('[confirmations]\nfile = "bevestigingen.toml"\n', "")
    domain.write_text(text, encoding="utf-8")
    assert 'add [confirmations] file = "bevestigingen.toml"' in sentence(confirm(domain, "V5", *SAID), 2)
    assert confirm(domain).code == 0


def test_a_file_of_confirmations_that_is_not_there_stops_a_run_and_one_that_is_empty_does_not(domain: Path) -> None:
    said = sentence(ktcheck("run", domain, "--out", "run", "--phase", "evalueren", cwd=domain.parent), 2)
    assert "confirmations.file" in said
    domain.with_name("bevestigingen.toml").write_text("", encoding="utf-8")
    done = ktcheck("run", domain, "--out", "run", "--phase", "evalueren", cwd=domain.parent)
    made = report(domain.parent / "run")
    statuses = {row["id"]: (row["status"], row["excused"]) for row in made["scenarios"] if row["id"].startswith("BEV")}
    assert statuses == {"BEV-01": ("failed", False), "BEV-02": ("not_run", True), "BEV-03": ("not_run", True)}
    assert (made["verdict"], done.code) == ("approved", 0)


def test_the_report_says_who_confirmed_what(domain: Path) -> None:
    assert confirm(domain, "E2", *SAID, "--on", "2026-02-01").code == 0
    ktcheck("run", domain, "--out", "run", "--phase", "evalueren", cwd=domain.parent)
    made = report(domain.parent / "run")
    assert [(row["step"], row["state"]) for row in made["confirmations"]] == [("E2", "valid")]
    said = {step["id"]: step["confirmed"] for step in made["steps"] if "confirm" in step}
    assert said["E2"]["who"] == "A. Voorbeeld"
    assert said["V5"] is None
    page = (domain.parent / "run" / "report.html").read_text(encoding="utf-8")
    assert "bevestigd door A. Voorbeeld (informatiemanager), 1 februari 2026: verslag van de go/no-go" in page
