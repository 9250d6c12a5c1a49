"""The answers are part of where a domain was tested, and are read before anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck import domain as domains
from ktcheck.agreements import Agreements
from ktcheck.errors import InputError
from ktcheck.events import Bus
from ktcheck.preparation import Prepared, prepare
from ktcheck.version import environment
from tests.building import answers


def prepared(path: Path, folder: Path) -> Prepared:
    folder.mkdir()
    return prepare(domains.load(path), folder, Bus(), evidence=lambda _: None, secret=lambda _: None)


def domain_file(folder: Path, agreed: str | None) -> Path:
    path = folder / "domain.toml"
    named = '[agreements]\nfile = "afspraken.toml"\n' if agreed is not None else ""
    path.write_text(f'[domain]\nname = "Zorgvoorbeeld"\n{named}', encoding="utf-8")
    if agreed is not None:
        (folder / "afspraken.toml").write_text(agreed, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("agreed", "option", "settled"),
    [
        pytest.param(None, "none", False, id="no file"),
        pytest.param("", "none", False, id="an empty file"),
        pytest.param('[main-task]\nanswer = "task"\n', "task", True, id="answered"),
    ],
)
def test_rules_and_report_know_the_answers(agreed: str | None, option: str, settled: bool, tmp_path: Path) -> None:
    found = prepared(domain_file(tmp_path, agreed), tmp_path / "work")
    assert found.context.agreements.option("main-task") == option
    assert found.context.agreements.agreed("main-task") is settled
    (row,) = [row for row in found.facts()["agreements"] if row["key"] == "main-task"]
    assert (row["option"], row["agreed"]) == (option, settled)
    found.assessment.close()


def test_a_wrong_file_stops_before_anything_is_read(tmp_path: Path) -> None:
    path = domain_file(tmp_path, '[main-task]\nanswer = "some"\n')
    with pytest.raises(InputError, match=r"afspraken\.toml: main-task cannot be answered with 'some'"):
        prepared(path, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_the_environment_is_another_one_with_other_answers(tmp_path: Path) -> None:
    domain = domains.load(domain_file(tmp_path, None))
    agreed = [
        Agreements(),
        answers(main_task="none"),
        answers(main_task="task"),
        answers(temporary_identifiers="remove 2027-01-01"),
        answers(temporary_identifiers="remove 2027-06-01"),
    ]
    hashes = [environment(domain, item) for item in agreed]
    assert len(set(hashes)) == len(hashes)
    assert environment(domain, answers(main_task="task")) == hashes[2]


def test_a_domain_file_may_name_agreements_that_have_to_be_written_yet(tmp_path: Path) -> None:
    path = domain_file(tmp_path, "")
    (tmp_path / "afspraken.toml").unlink()
    found = domains.load(path, agreements_exist=False)
    assert found.agreements is not None
    assert found.agreements.file == tmp_path / "afspraken.toml"
    with pytest.raises(InputError, match=r"agreements\.file names .*afspraken\.toml, which is not a file"):
        domains.load(path)
