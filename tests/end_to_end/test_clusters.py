"""The practice set, smaller than it is: two clusters from their domains to the page over both, as a user gets it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html as parser

from ktcheck.cli import demo
from ktcheck.cli.practice_clusters import CLUSTERS, PracticeCluster, plan_text
from ktcheck.cluster import plan
from tests.accessibility import LocalPages
from tests.end_to_end.command import Done, ktcheck, report


def _few(cluster: PracticeCluster, *names: str) -> PracticeCluster:
    """A cluster with some of its providers."""
    providers = tuple(provider for provider in cluster.providers if provider.name in names)
    return PracticeCluster(
        name=cluster.name, description=cluster.description, products=cluster.products, providers=providers
    )


SET = (
    _few(CLUSTERS[0], "de-linde", "het-veer", "de-brug", "vlietzicht", "de-torenhof"),
    _few(CLUSTERS[3], "havenzicht", "kanaalhuis"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs and the page of the small set are."""
    out = tmp_path_factory.mktemp("clusters")
    demo.practice_set(out, force=False, clusters=SET)
    return out


def _rows(place: Path) -> dict[str, list[str]]:
    tree: Any = parser.fromstring((place / "clusters.html").read_bytes())
    rows = tree.xpath("//section[@class='cluster']//tbody/tr")
    return {
        " ".join(row.find("th").text_content().split()): [" ".join(cell.text_content().split()) for cell in row]
        for row in rows
    }


@pytest.mark.slow
def test_every_domain_is_on_the_page_as_far_as_it_is(place: Path) -> None:
    verdicts = {name: cells[6] for name, cells in _rows(place).items()}
    assert verdicts == {
        "de-linde": "Goedgekeurd",
        "het-veer": "Goedgekeurd",
        "de-brug": "Afgekeurd",
        "vlietzicht": "Voorbereiding",
        "de-torenhof": "Niet begonnen",
        "havenzicht": "Onvolledig",
        "kanaalhuis": "Niet begonnen",
    }


@pytest.mark.slow
def test_the_page_says_what_the_reports_say(place: Path) -> None:
    for name, cells in _rows(place).items():
        runs = sorted((place / "reports" / name).glob("*/report.json"))
        whole = [run for run in runs if report(run.parent)["filter"] is None]
        assert cells[9] == f"{len(whole)}" + (f"+{len(runs) - len(whole)} deelruns" if len(runs) > len(whole) else "")
    linde = _rows(place)["de-linde"]
    assert "mijlpaal" in linde[5]
    assert linde[7] == "100%"
    blocking = [
        row for row in report(place / "reports" / "de-brug" / "1")["findings_by_rule"] if row["severity"] == "blocking"
    ]
    assert _rows(place)["de-brug"][8].startswith(str(sum(row["findings"] for row in blocking)))


@pytest.mark.slow
def test_the_next_domain_is_laid_beside_the_first_of_its_cluster(place: Path) -> None:
    made = report(place / "reports" / "het-veer" / "1")
    assert (made["template"]["domain"], made["template"]["differences"]) == ("de-linde", [])
    assert made["cluster"] == "Zonnepad"
    said = {step["id"]: step["confirmed"] and step["confirmed"]["state"] for step in made["steps"]}
    assert (said["E2"], said["V5"]) == ("valid", "valid")


@pytest.mark.slow
@pytest.mark.browser
def test_everybody_can_read_it(place: Path, local_pages: LocalPages) -> None:
    assert local_pages.violations(place / "clusters.html", size=(1920, 1080)) == []


@pytest.mark.slow
def test_the_page_can_be_made_again_for_another_day(place: Path) -> None:
    done: Done = ktcheck(
        "cluster", place / "clusters.toml", "--on", "2040-01-01", "--out", place / "later.html", cwd=place
    )
    assert done.code == 0, done.err
    assert "Te laat" in (place / "later.html").read_text(encoding="utf-8")


def test_the_practice_set_has_five_clusters_and_thirty_domains(tmp_path: Path) -> None:
    path = tmp_path / "clusters.toml"
    path.write_text(plan_text(CLUSTERS, date(2026, 3, 1), "reports"), encoding="utf-8")
    found = plan.load(path)
    assert len(found) == 5
    assert sum(len(cluster.domains) for cluster in found) == 30
    assert all(cluster.participants for cluster in found)
