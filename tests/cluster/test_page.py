"""The page over all clusters: what it says, what it leads to, and that everybody can read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as parser
from pypdf import PdfReader

from tests.accessibility import LocalPages
from tests.cluster.plans import SIZES, STATES, name, report, write_plan, write_report
from tests.end_to_end.command import Done, ktcheck, sentence

BEAMER = (1920, 1080)
TABLET = (1000, 900)


def cluster(plan: Path, *arguments: object) -> Done:
    return ktcheck("cluster", plan, "--on", "2026-11-25", *arguments, cwd=plan.parent)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp("clusters"))


@pytest.fixture(scope="module")
def page(plan: Path) -> Path:
    done = cluster(plan)
    assert done.code == 0, done.err
    assert "5 clusters, 30 domains, 5 approved" in done.out
    return plan.with_suffix(".html")


def parse(page: Path) -> Any:
    return parser.fromstring(page.read_bytes())


def text_of(page: Path) -> str:
    return " ".join(parse(page).text_content().split())


def rows(page: Path) -> dict[str, Any]:
    tree = parse(page)
    return {
        " ".join(row.find("th").text_content().split()): row
        for row in tree.xpath("//section[@class='cluster']//tbody/tr")
    }


def test_every_domain_has_a_row_with_its_verdict_in_words_and_a_link_to_its_report(page: Path) -> None:
    found = rows(page)
    assert len(found) == sum(SIZES)
    words = {
        "approved": "Goedgekeurd",
        "approved_with_reservations": "Met voorbehoud",
        "rejected": "Afgekeurd",
        "incomplete": "Onvolledig",
        "preparing": "Voorbereiding",
        "not_started": "Niet begonnen",
    }
    for number, states in enumerate(STATES, 1):
        for sequence, state in enumerate(states, 1):
            row = found[name(number, sequence)]
            assert row.xpath("string(td[@class='verdict'])").strip() == words[state]
            links = row.xpath(".//a/@href")
            assert len(links) == (state != "not_started")
            assert all((page.parent / link).is_file() for link in links)


def test_it_says_whether_the_template_counts_and_what_is_late(page: Path) -> None:
    text = text_of(page)
    assert "Sjabloon: de goedgekeurde migratie van domein-11; de mijlpaal is nog niet bevestigd" in text
    assert "Nog geen sjabloon, want domein-31: is nog niet goedgekeurd" in text
    assert re.search(r"Te laat: domein-16 \(voorbereiden 11 nov, 14 dagen\)", text)


def test_it_runs_no_script_and_fetches_nothing(page: Path) -> None:
    tree = parse(page)
    assert tree.xpath("//script | //link | //img | //*[@src] | //@onclick") == []
    assert not [link for link in tree.xpath("//@href") if not link.startswith(("#", "reports/"))]


@pytest.mark.browser
@pytest.mark.parametrize("size", [BEAMER, TABLET, (360, 780)])
def test_everybody_can_read_it(page: Path, local_pages: LocalPages, size: tuple[int, int]) -> None:
    assert local_pages.violations(page, size=size) == []


@pytest.mark.browser
@pytest.mark.parametrize("size", [BEAMER, TABLET])
def test_thirty_domains_fit(page: Path, local_pages: LocalPages, size: tuple[int, int]) -> None:
    with local_pages.opened(page, size=size, scripts=True) as opened:
        width, height = opened.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        cut = opened.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
        )
    assert (width <= size[0], cut) == (True, 0)
    if size == BEAMER:
        assert height <= size[1]


@pytest.mark.browser
def test_it_prints_on_one_page(page: Path, local_pages: LocalPages, tmp_path: Path) -> None:
    with local_pages.opened(page) as opened:
        opened.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    (sheet,) = PdfReader(tmp_path / "page.pdf").pages
    assert sheet.mediabox.width > sheet.mediabox.height
    assert "domein-55" in sheet.extract_text()


# ---- the command -----------------------------------------------------------------------------------------------------


def test_reports_that_cannot_be_used_are_told_on_the_page_and_by_the_exit_code(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    broken = tmp_path / "reports" / name(5, 1) / "1"
    write_report(broken, report("approved", 5, 2))
    (tmp_path / "reports" / name(1, 1) / "kapot").mkdir()
    (tmp_path / "reports" / name(1, 1) / "kapot" / "report.json").write_text("{", encoding="utf-8")
    done = cluster(plan, "--lang", "en", "--out", tmp_path / "wall.html")
    assert done.code == 2
    assert "domein-51" in done.err
    assert "other domain" in done.err
    assert "damaged" in done.err
    text = text_of(tmp_path / "wall.html")
    assert "Reports that do not count" in text
    assert "domein-51 1: this report is about another domain" in text
    assert "domein-11 kapot: this report.json is damaged" in text


def test_a_page_is_not_overwritten_without_force(plan: Path, page: Path) -> None:
    assert "exists already" in sentence(cluster(plan), 2)
    assert cluster(plan, "--force").code == 0


def test_folders_of_reports_can_be_elsewhere(plan: Path, tmp_path: Path) -> None:
    done = cluster(plan, "--reports", tmp_path, "--out", tmp_path / "leeg.html")
    assert done.code == 0, done.err
    assert "0 approved" in done.out


def test_a_plan_that_is_not_there_or_wrong_is_one_sentence(tmp_path: Path) -> None:
    assert "there is no such file" in sentence(cluster(tmp_path / "clusters.toml"), 2)
    path = write_plan(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("sequence = 2", "sequence = 9", 1), encoding="utf-8")
    assert "sequence must count from 1" in sentence(cluster(path), 2)
    assert not path.with_suffix(".html").exists()
