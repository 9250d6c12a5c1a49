"""Reading the plan of the clusters: what it holds, and what can be wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.cluster.plan import Cluster, Participant, load
from ktcheck.errors import InputError

TEXT = """
[[cluster]]
name = "Noord"
description = "één EPD met één module"
[[cluster.participant]]
product = "Voorbeeld-EPD"
role = "source"
sources = ["Patient", "Task"]

[[cluster]]
name = "Zuid"

[[domain]]
name = "het-veer"
cluster = "Noord"
sequence = 2
environment = "acc21"
reports = "reports/het-veer"

[[domain]]
name = "de-linde"
cluster = "Noord"
sequence = 1
reports = "reports/de-linde"
planned = {voorbereiden = 2026-01-10, uitvoeren = 2026-02-01, evalueren = 2026-02-15}

[[domain]]
name = "de-eik"
cluster = "Zuid"
sequence = 1
reports = "reports/de-eik"
"""


def read(folder: Path, content: str) -> tuple[Cluster, ...]:
    path = folder / "clusters.toml"
    path.write_text(content, encoding="utf-8")
    return load(path)


def test_a_plan_is_read_with_the_domains_in_their_sequence(tmp_path: Path) -> None:
    north, south = read(tmp_path, TEXT)
    assert (north.name, north.description, south.description) == ("Noord", "één EPD met één module", "")
    assert north.participants == (Participant(product="Voorbeeld-EPD", role="source", sources=("Patient", "Task")),)
    assert [domain.name for domain in north.domains] == ["de-linde", "het-veer"]
    assert list(north.domains[0].planned) == ["voorbereiden", "uitvoeren", "evalueren"]
    assert north.domains[1].environment == "acc21"
    assert [domain.name for domain in south.domains] == ["de-eik"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[[domain]]", "[[domein]]", r"unknown key domein; did you mean 'domain'"),
        ('cluster = "Zuid"', 'cluster = "Zuidd"', r"domain\[3\]: there is no cluster 'Zuidd'; did you mean 'Zuid'"),
        ('name = "Zuid"', 'name = "Noord"', "there is no cluster 'Zuid'"),
        ('name = "de-eik"', 'name = "de-linde"', "the domain 'de-linde' is there more than once"),
        ("reports/de-eik", "reports/de-linde", "the folder of reports 'reports/de-linde' is there more than once"),
        ("sequence = 2", "sequence = 3", "cluster 'Noord': sequence must count from 1 .* and is 1, 3"),
        ("sequence = 2", "sequence = 1", "cluster 'Noord': sequence must count from 1 .* and is 1, 1"),
        ("sequence = 2", 'sequence = "2"', r"domain\[1\].sequence must be a whole number"),
        ('reports = "reports/de-eik"', "", r"domain\[3\].reports is missing"),
        ('role = "source"', 'role = "bron"', r"participant\[1\].role is 'bron'; known are source, portal, module"),
        ('"Patient", "Task"', '"Patiënt"', r"sources names 'Patiënt'; did you mean 'Patient'"),
        ('["Patient", "Task"]', '"Patient"', "sources must be a list of KT2 types"),
        ("{voorbereiden = 2026-01-10, ", "{voorbereide = 2026-01-10, ", "did you mean 'voorbereiden'"),
        (
            "voorbereiden = 2026-01-10",
            "voorbereiden = 2026-03-10",
            "a phase is planned before the one that precedes it",
        ),
        ("uitvoeren = 2026-02-01", 'uitvoeren = "2026-02-01"', "uitvoeren must be a date without quotes"),
        ("planned = {", "planned = 2026-01-01 #{", "planned must be a table of days"),
        ('"één EPD met één module"', '"vraag a@voorbeeld.example"', "an e-mail address"),
        ("[[cluster]]", "[[cluster", "not valid TOML"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError, match=sentence) as error:
        read(tmp_path, TEXT.replace(old, new))
    assert "clusters.toml: " in str(error.value)


@pytest.mark.parametrize("content", ["", '[[cluster]]\nname = "Noord"\n'])
def test_an_empty_plan_is_no_plan(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"no \[\[cluster\]\] or no \[\[domain\]\]"):
        read(tmp_path, content)


def test_a_cluster_without_domains_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cluster 'Oost': sequence must count from 1 .* and is no domain"):
        read(tmp_path, f'{TEXT}\n[[cluster]]\nname = "Oost"\n')
