"""``ktcheck agreements``: list, explain, write; and a run of this phase that needs nothing but a domain file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ktcheck import agreement_file
from ktcheck.agreements import Answer, questions
from ktcheck.cli.main import cli
from ktcheck.errors import InputError
from tests.end_to_end.command import findings, ktcheck, report

TASK = {"main-task": Answer(option="task", by="cluster Noord", on="2026-01-31", reason="Overzicht voor de patiënt.")}


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    """A domain file that names agreements which do not exist yet."""
    path = tmp_path / "domain.toml"
    path.write_text('[domain]\nname = "Zorgvoorbeeld"\n\n[agreements]\nfile = "afspraken.toml"\n', encoding="utf-8")
    return path


@pytest.fixture
def answered(domain: Path) -> Path:
    """A domain file with one agreement."""
    domain.with_name("afspraken.toml").write_text(agreement_file.text(TASK), encoding="utf-8")
    return domain


def call(*arguments: object) -> list[str]:
    """The lines that ``ktcheck agreements`` writes."""
    result = CliRunner().invoke(cli, ["agreements", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result.stdout.splitlines()


# ---- list --------------------------------------------------------------------------------------------------------


def test_without_answers_everything_is_an_assumption(domain: Path) -> None:
    head, *rows, empty, counts = call(domain)
    assert head.split() == ["Vraag", "Antwoord", "Stand", "Wie", "beslist"]
    assert [row.split()[:3] for row in rows] == [
        [key, question.default, "uitgangspunt"] for key, question in questions().items()
    ]
    assert all(row.endswith(item.decides_nl) for row, item in zip(rows, questions().values(), strict=True))
    assert (empty, counts) == ("", f"0 afgesproken; {len(questions())} uitgangspunt, niet afgesproken")


def test_answers_are_listed_in_the_language_that_was_asked_for(answered: Path) -> None:
    lines = call(answered, "--lang", "en")
    (row,) = [line for line in lines if line.startswith("main-task ")]
    assert row.split() == ["main-task", "task", "agreed", "The", "cluster", "and", "VZVZ"]
    assert lines[-1] == f"1 agreed; {len(questions()) - 1} assumption, not agreed"


def test_a_value_is_listed_with_its_answer(domain: Path) -> None:
    answers = {"temporary-identifiers": Answer(option="remove", value="2027-06-01")}
    domain.with_name("afspraken.toml").write_text(agreement_file.text(answers), encoding="utf-8")
    (row,) = [line for line in call(domain) if line.startswith("temporary-identifiers ")]
    assert row.split()[1:4] == ["remove", "2027-06-01", "afgesproken"]


def test_a_domain_file_without_agreements_agreed_on_nothing(tmp_path: Path) -> None:
    path = tmp_path / "domain.toml"
    path.write_text('[domain]\nname = "Zorgvoorbeeld"\n', encoding="utf-8")
    assert call(path)[-1].startswith("0 afgesproken")


# ---- explain -----------------------------------------------------------------------------------------------------


def test_a_question_is_explained(domain: Path) -> None:
    said = " ".join(" ".join(call(domain, "--explain", "several-performers")).split())
    question = questions()["several-performers"]
    assert said.startswith(f"several-performers: {question.title_nl} (OQ-12) {question.why_nl}")
    assert "Wie beslist: Cluster en VZVZ" in said
    assert "als lid. [voorstel; vraagt om care-teams: yes]" in said
    assert said.endswith("uitgangspunt: care-team")


def test_what_an_answer_cannot_do_and_needs_besides_is_explained(domain: Path) -> None:
    said = " ".join(call(domain, "--explain", "planned-dates", "--lang", "en"))
    assert "[cannot be done in profile release 0.16.3, 0.8]" in " ".join(said.split())
    assert "[with a date (value)]" in " ".join(call(domain, "--explain", "temporary-identifiers", "--lang", "en"))


def test_who_answered_when_and_why_is_explained(answered: Path) -> None:
    assert call(answered, "--explain", "main-task")[-4:] == [
        "afgesproken: task",
        "  by: cluster Noord",
        "  on: 2026-01-31",
        "  reason: Overzicht voor de patiënt.",
    ]


def test_an_unknown_question_is_an_error(domain: Path) -> None:
    with pytest.raises(InputError, match="there is no question 'main-tusk'; did you mean 'main-task'"):
        call(domain, "--explain", "main-tusk")


# ---- write -------------------------------------------------------------------------------------------------------


def test_the_file_is_written_with_nothing_agreed(domain: Path) -> None:
    out = domain.with_name("afspraken.toml")
    assert call(domain, "--out", out) == [f"agreements: {out}, 0 of {len(questions())} questions answered"]
    assert out.read_text(encoding="utf-8") == agreement_file.text({})


def test_what_is_there_is_not_overwritten(answered: Path) -> None:
    out = answered.with_name("afspraken.toml")
    before = out.read_bytes()
    with pytest.raises(InputError, match="exists already; choose another --out or use --force"):
        call(answered, "--out", out)
    assert out.read_bytes() == before


def test_written_again_the_answers_are_kept(answered: Path) -> None:
    out = answered.with_name("afspraken.toml")
    out.write_text('[main-task]\nanswer = "task"\nby = "cluster Noord"\n', encoding="utf-8")
    call(answered, "--out", out, "--force")
    assert out.read_text(encoding="utf-8") == agreement_file.text(
        {"main-task": Answer(option="task", by="cluster Noord")}
    )


def test_a_new_file_has_the_answers_of_the_domain_and_has_to_be_named(answered: Path) -> None:
    out = answered.with_name("nieuw.toml")
    said = call(answered, "--out", out)
    assert agreement_file.load(out).answers == TASK
    assert said[0].endswith(f"1 of {len(questions())} questions answered")
    assert said[1] == 'name it in the domain file of every domain of the cluster: [agreements] file = "..."'


def test_a_file_that_is_wrong_is_not_written_again(answered: Path) -> None:
    out = answered.with_name("fout.toml")
    out.write_text('[main-task]\nanswer = "some"\n', encoding="utf-8")
    with pytest.raises(InputError, match="main-task cannot be answered with 'some'"):
        call(answered, "--out", out, "--force")
    assert out.read_text(encoding="utf-8") == '[main-task]\nanswer = "some"\n'


# ---- run ---------------------------------------------------------------------------------------------------------


def test_agreeing_needs_nothing_but_a_domain_file(answered: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = ktcheck("run", answered, "--phase", "afspreken", "--out", out, cwd=tmp_path)
    assert done.code == 0, done.err
    content = report(out)
    shown = {row["id"]: (row["status"], row["examined"]) for row in content["scenarios"] if row["phase"] == "afspreken"}
    number = len(questions())
    assert shown == {"AFS-01": ("failed", number), "AFS-02": ("passed", number), "AFS-03": ("passed", number)}
    assert content["verdict"] == "approved"
    assert (content["source"], content["target"]) == (None, None)
    rows = {row["key"]: row for row in content["agreements"]}
    assert list(rows) == list(questions())
    assert (rows["main-task"]["option"], rows["main-task"]["by"]) == ("task", "cluster Noord")
    lines = findings(out)
    assert {line["path"] for line in lines} == set(questions()) - {"main-task"}
    assert {line["severity"] for line in lines} == {"advice"}
    assert all("Uitgangspunt, niet afgesproken: " in line["message_nl"] for line in lines)


def test_a_wrong_agreement_stops_a_run_with_one_sentence(answered: Path, tmp_path: Path) -> None:
    answered.with_name("afspraken.toml").write_text('[main-tusk]\nanswer = "task"\n', encoding="utf-8")
    done = ktcheck("run", answered, "--phase", "afspreken", cwd=tmp_path)
    assert done.code == 2
    assert "unknown question main-tusk; did you mean 'main-task'?" in done.err
    assert "Traceback" not in done.err
