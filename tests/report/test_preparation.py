"""Agreements, mappability and publication order on the page and in the sheet."""

import csv
import io
import json
from typing import Any

import pytest
from lxml import html as parser

from ktcheck.report import html, view
from ktcheck.report.bars import segments
from ktcheck.report.build import pages
from ktcheck.report.csv import COLUMNS, NAME, render
from ktcheck.report.texts import Texts
from ktcheck.suite import PROFILES
from tests.report.preparation import EPD, MISFITS, MODULE, PORTAL, PROVIDER, QUESTIONS, SOURCES, VZVZ
from tests.report.samples import sample


def section(report: dict[str, Any], name: str, lang: str = "nl") -> Any:
    (found,) = parse(html.render(report, lang)).xpath(f"//section[@aria-labelledby='{name}']")
    return found


def parse(text: str) -> Any:
    return parser.fromstring(text)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def sheet(report: dict[str, Any], lang: str = "nl") -> list[list[str]]:
    return list(csv.reader(io.StringIO(render(report, lang).decode("utf-8-sig"), newline=""), delimiter=";"))


def test_what_nobody_agreed_on_comes_first_with_who_decides() -> None:
    found = section(sample("rejected"), "afspraken")
    assert "De mapping laat 9 vragen open; 2 daarvan zijn voor dit domein afgesproken." in words(found)
    *groups, answered = found.xpath(".//details")
    assert [words(group.find("summary")) for group in groups] == [
        f"{VZVZ[0]} 3 vragen",
        f"{SOURCES[0]} 3 vragen",
        f"{PROVIDER[0]} 1 vraag",
    ]
    assert sum(len(group.xpath(".//tbody/tr")) for group in groups) == len(QUESTIONS) - 2
    assert [group.get("open") is not None for group in (*groups, answered)] == [True, True, True, False]
    assert "Clusteroverleg, 2026-10-01" in words(answered)


def test_when_all_is_agreed_no_table_of_open_questions_is_left() -> None:
    found = section(sample("approved"), "afspraken")
    assert "Alle 9 vragen die de mapping openlaat, zijn voor dit domein afgesproken." in words(found)
    assert len(found.xpath(".//table")) == 1
    assert "uitgangspunt" not in words(found).lower()
    assert "keep: 2027-06-01" in words(found)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", ["afspraken", "mapbaarheid", "publicatie"])
def test_a_run_without_these_says_so_in_a_sentence(name: str, lang: str) -> None:
    found = section(sample("incomplete"), name, lang)
    assert not found.xpath(".//table | .//svg[@role]")
    (sentence,) = found.xpath("./p")
    assert words(sentence).endswith(".")


def test_a_source_that_fits_is_not_a_source_that_nobody_read() -> None:
    assert "past zonder meer" in words(section(sample("approved"), "mapbaarheid"))
    assert "geen broninventaris gelezen" in words(section(sample("incomplete"), "mapbaarheid"))


def test_an_order_of_nothing_is_a_sentence() -> None:
    report = {**sample("approved"), "publication": {"order": [], "cycles": [], "waiting": []}}
    found = section(report, "publicatie")
    assert not found.xpath(".//table | .//svg")
    assert "niets dat gepubliceerd moet worden" in words(found)


def test_what_does_not_fit_is_told_per_application_the_biggest_first() -> None:
    groups = view.mappability(sample("rejected"))
    assert [group.application for group in groups] == [EPD, MODULE, PORTAL, None]
    assert [row["records"] for row in groups[0].rows] == [6410, 1822, 977, 312, 17, 6, 4]
    assert (groups[0].records, groups[0].undecided, groups[3].undecided) == (9548, 5, 0)
    found = section(sample("rejected"), "mapbaarheid")
    assert "Voorbeeld EPD 7 elementen, 5 zonder afspraak" in words(found)
    assert "(niet vast te stellen) 1 element" in words(found)
    assert "Geen plaats (2): Koppeltaal 2.0 kan dit element niet opslaan" in words(found)


def test_every_kind_and_status_of_the_schema_has_words() -> None:
    schema = json.loads((PROFILES / "report.schema.json").read_text())
    row = schema["properties"]["mappability"]["items"]["properties"]
    kinds = set(row["kind"]["enum"])
    assert kinds == set(view.MISFITS) == set(Texts("nl").keys("kind")) == set(Texts("nl").keys("kind_meaning"))
    assert set(row["status"]["enum"]) == set(Texts("nl").keys("row_status"))


def test_a_long_table_is_folded() -> None:
    report = sample("rejected")
    assert all(item.get("open") is not None for item in section(report, "mapbaarheid").xpath(".//details"))
    report["mappability"] *= 2
    folded = [item.get("open") is None for item in section(report, "mapbaarheid").xpath(".//details")]
    assert folded == [True, False, False, False]


def test_an_element_points_to_its_agreement() -> None:
    page = parse(html.render(sample("rejected")))
    (row,) = page.xpath("//table[@class='mappability']//tr[contains(., '#SubActivity')]")
    (link,) = row.xpath(".//a")
    assert words(link) == "Wat er van subactiviteiten wordt"
    assert page.xpath(f"//tr[@id='{link.get('href')[1:]}']")
    assert "uitgangspunt, niet afgesproken" in words(row)


def test_findings_show_the_agreement_they_rest_on() -> None:
    page = parse(html.render(sample("rejected")))
    (rule,) = page.xpath("//article[@id='regel-major-completeness-once']")
    assert "Rust op Eén persoon onder meer links (uitgangspunt, niet afgesproken)" in words(rule)
    (other,) = page.xpath("//article[@id='regel-blocking-completeness-present']")
    assert "Rust op" not in words(other)


def test_an_agreement_that_the_report_does_not_list_is_a_key() -> None:
    report = {**sample("rejected"), "agreements": []}
    page = parse(html.render(report))
    (rule,) = page.xpath("//article[@id='regel-major-completeness-once']")
    assert "Rust op several-links" in words(rule)
    assert {target[1:] for target in page.xpath("//@href")} <= set(page.xpath("//@id"))


def test_the_order_is_a_table_and_a_diagram() -> None:
    report = sample("rejected")
    found = section(report, "publicatie")
    (drawing,) = found.xpath(".//svg[@role='img']")
    labels = [found.xpath(f"string(.//*[@id='{name}'])") for name in drawing.get("aria-labelledby").split()]
    assert labels[0] == "Diagram van de publicatievolgorde"
    assert labels[1].startswith("5 rondes met 12 blokken")
    assert len(drawing.xpath("./svg/rect")) == len(report["publication"]["order"]) == 12
    assert len(found.xpath(".//table/tbody/tr")) == 12
    assert not found.xpath(".//script")
    assert "Task (Rustwijzer): 12" in words(found)


def test_circles_and_who_waits_for_whom_are_named() -> None:
    text = words(section(sample("rejected"), "publicatie"))
    assert f"Organization ({EPD}) ⇄ Organization ({PORTAL})" in text
    assert f"Task ({EPD}): records van deze soort wachten op elkaar" in text
    assert f"{EPD} wacht op {MODULE} (8.232 verwijzingen)" in text
    assert f"(niet vast te stellen) wacht op {EPD} (1 verwijzing)" in text
    assert "Kringen" not in words(section(sample("approved"), "publicatie"))


def test_circles_without_an_order_are_shown() -> None:
    report = sample("rejected")
    report["publication"] = {**report["publication"], "order": []}
    found = section(report, "publicatie")
    assert "⇄" in words(found)
    assert not found.xpath(".//table | .//svg[@role]")


def test_a_different_record_is_a_migrated_record() -> None:
    count = {"expected": 12, "migrated": 8, "missing": 1, "different": 3, "not_comparable": 5, "not_migrated": 4}
    assert {part.kind: part.value for part in segments(count)} == {
        "same": 5,
        "different": 3,
        "unseen": 3,
        "missing": 1,
        "not_migrated": 4,
    }
    assert {part.kind: part.value for part in segments({"expected": 2, "migrated": 2, "different": 3})} == {
        "different": 2
    }


def test_differences_and_what_cannot_be_compared_are_told_with_their_meaning() -> None:
    found = section(sample("rejected"), "volledigheid")
    (row,) = found.xpath(".//div[@class='row'][contains(., 'CarePlanActivity')]")
    assert "wijkt af 120" in words(row)
    assert "niet te vergelijken 360" in words(row)
    assert row.xpath(".//*[@class='different']/title/text()") == ["Overgezet, inhoud wijkt af: 120"]
    assert "niet fout, en ook niet aangetoond" in words(found)
    assert "Overgezet, inhoud wijkt af" not in words(section(sample("approved"), "volledigheid"))


def test_before_the_migration_nothing_is_missing() -> None:
    report = {**sample("rejected"), "target": None}
    found = section(report, "volledigheid")
    assert "Koppeltaal 2.0 is in deze run niet gelezen" in words(found)
    assert "ntbreekt" not in words(found)
    assert not found.xpath(".//svg")
    assert "9.937 records moeten over" in words(parse(html.render(report)).xpath("//ul[@class='tiles']")[0])


def test_the_sheet_opens_in_dutch_excel() -> None:
    data = render(sample("rejected"))
    assert data.startswith(b"\xef\xbb\xbfApplicatie;")
    assert data.endswith(b"\r\n")
    rows = sheet(sample("rejected"))
    assert len(rows) == len(MISFITS) + 1
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows[1][:7] == [
        EPD,
        "CarePlanActivity",
        "#StartDate",
        "Task.executionPeriod",
        "6410",
        "Verandert van betekenis",
        "memo en profiel botsen",
    ]
    assert rows[-1][0] == "(niet vast te stellen)"


def test_the_sheet_is_in_the_language_of_the_report() -> None:
    header, first, *_ = sheet(sample("rejected"), "en")
    assert header[0] == "Application"
    assert "Changes meaning" in first


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " ="])
def test_no_cell_of_the_sheet_is_a_formula(start: str) -> None:
    report = sample("rejected")
    for row in report["mappability"]:
        row["application"] = row["element"] = row["decides_nl"] = f"{start}HYPERLINK(1)"
    cells = [cell for line in sheet(report)[1:] for cell in line]
    assert f"'{start}HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_sheet_is_there_when_there_was_a_source() -> None:
    assert sheet(sample("approved"))[1:] == []
    assert NAME in pages(sample("approved"), "nl")
    assert NAME not in pages(sample("incomplete"), "nl")
