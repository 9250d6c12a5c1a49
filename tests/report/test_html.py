import re
import time
from typing import Any

import pytest
from lxml import html as parser

import ktcheck
from ktcheck.errors import InputError
from ktcheck.report import html, view
from ktcheck.report.bars import KINDS, segments
from ktcheck.report.texts import Texts
from tests.report.samples import sample

HOSTILE = "<script>alert(1)</script>\"'><img src=http://evil.example/x onerror=1>{{ 7*7 }}"


def parse(text: str) -> Any:
    return parser.fromstring(text)


def poisoned(value: Any, key: str = "") -> Any:
    """The report with hostile text in everything that is free text."""
    free = {
        "domain",
        "domain_environment",
        "name",
        "application",
        "environment",
        "cluster",
        "reason",
        "text",
        "keyword",
        "feature",
        "path",
        "owner",
        "baseline",
        "topic",
        "by",
        "element",
        "kt1",
        "kt2",
        "type",
        "row",
        "waits_for",
        "host",
        "code",
        "resource_type",
        "system",
    }
    if isinstance(value, dict):
        return {name: poisoned(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, key) for item in value]
    if isinstance(value, str) and (key in free or key.endswith(("_nl", "_en")) or key == "reasons"):
        return HOSTILE
    return value


@pytest.mark.parametrize(
    ("kind", "nl", "en"),
    [
        ("approved", "Goedgekeurd", "Approved"),
        ("rejected", "Afgekeurd", "Rejected"),
        ("incomplete", "Onvolledig", "Incomplete"),
    ],
)
def test_the_first_heading_of_the_page_is_the_verdict(kind: str, nl: str, en: str) -> None:
    for lang, word in (("nl", nl), ("en", en)):
        page = parse(html.render(sample(kind), lang))
        assert page.get("lang") == lang
        assert word in page.xpath("string(//main//h2[1])")
        assert word in page.xpath("string(//title)")


@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete"])
def test_the_page_fetches_nothing(kind: str) -> None:
    text = html.render(sample(kind))
    page = parse(text)
    targets = page.xpath(
        "//@src | //@href | //@xlink:href | //@srcset", namespaces={"xlink": "http://www.w3.org/1999/xlink"}
    )
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert not page.xpath("//script | //link | //iframe | //object")
    assert "@import" not in text
    assert set(re.findall(r"url\(([^)]*)", text)) <= {"#publicatie-pijl", *(f"#p-{kind}" for kind in KINDS)}


def test_every_link_and_symbol_is_on_the_page() -> None:
    for kind in ("rejected", "incomplete"):
        page = parse(html.render(sample(kind)))
        ids = page.xpath("//@id")
        assert {target[1:] for target in page.xpath("//@href")} <= set(ids)
        assert len(ids) == len(set(ids))


def test_hostile_text_stays_text() -> None:
    text = html.render(poisoned(sample("rejected")))
    page = parse(text)
    assert not page.xpath("//script | //img | //*[@onerror]")
    assert "49" not in page.xpath("string(//h1)")
    assert HOSTILE in page.xpath("string(//h1)")


def test_every_table_header_has_a_scope() -> None:
    page = parse(html.render(sample("rejected")))
    assert page.xpath("//th")
    assert not page.xpath("//th[not(@scope)]")
    assert not page.xpath("//svg[@role='img'][not(@aria-label or @aria-labelledby)]")


def test_a_partial_run_says_so_on_top() -> None:
    page = parse(html.render(sample("incomplete")))
    (note,) = page.xpath("//main/*[1][contains(@class, 'partial')]")
    assert "deelrun" in note.text_content()
    assert "volledigheid" in note.text_content()
    assert "deelrun" not in html.render(sample("approved"))


def test_the_rest_of_many_findings_is_named() -> None:
    page = parse(html.render(sample("rejected")))
    assert "en nog 2.580 in findings.ndjson" in page.text_content()
    assert max(len(table.xpath(".//tbody/tr")) for table in page.xpath("//table[@class='findings']")) == view.SHOWN


def test_the_version_that_made_the_page_again_is_shown() -> None:
    report = {**sample("approved"), "ktcheck": "0.0.1"}
    footer = parse(html.render(report)).xpath("string(//footer)")
    assert "ktcheck 0.0.1" in footer
    assert f"opnieuw gemaakt met ktcheck {ktcheck.__version__}" in footer


def test_unknown_numbers_are_a_dash_and_no_crash() -> None:
    report = sample("approved")
    row = {key: None if isinstance(value, int) else value for key, value in report["counts"][0].items()}
    page = html.render({**report, "counts": [row], "source": None, "target": None, "requirements": [], "steps": []})
    assert "–" in page


def test_an_unknown_language_is_one_sentence() -> None:
    with pytest.raises(InputError, match="choose nl or en"):
        html.render(sample("approved"), "fr")


def test_five_thousand_findings_are_quick_and_small() -> None:
    report = sample("rejected")
    begin = time.perf_counter()
    page = html.render(report)
    assert time.perf_counter() - begin < 5
    assert len(page) < 1_000_000


def test_a_small_number_is_still_to_be_seen() -> None:
    parts = segments({"expected": 100_001, "migrated": 100_000, "missing": 1})
    assert [part.kind for part in parts] == ["same", "missing"]
    assert parts[1].width > 1
    assert parts[0].x + parts[0].width == pytest.approx(parts[1].x, abs=0.01)
    assert parts[1].x + parts[1].width == pytest.approx(100, abs=0.01)
    assert segments({"migrated": 0}) == ()


def test_rules_are_told_by_weight_and_owner() -> None:
    groups = view.rule_groups(sample("rejected"))
    assert [group.severity for group in groups] == ["blocking", "blocking", "major", "advice"]
    assert [owner for owner, _ in view.by_owner(groups, "blocking")] == [
        "Bronapplicaties",
        "Bronapplicatie van het type",
    ]


def test_the_source_application_itself_is_the_owner_where_it_is_known() -> None:
    text = {"owner": "Bronapplicatie van het type"}
    group = view.RuleGroup(
        id="r",
        text=text,
        severity="blocking",
        owner=text["owner"],
        total=5,
        scenarios=["VOL-01"],
        applications={"Voorbeeld EPD": 3},
    )
    assert view.by_owner([group], "blocking") == [("Voorbeeld EPD", [(group, 3)]), (text["owner"], [(group, 2)])]


def test_numbers_and_moments_are_local() -> None:
    nl, en = Texts("nl"), Texts("en")
    assert (nl.number(1234567), en.number(1234567), nl.number(None)) == ("1.234.567", "1,234,567", "–")
    assert nl.moment("2026-11-23T10:05:00+01:00") == "23 november 2026, 09:05 UTC"
    assert nl.duration("2026-11-23T09:00:00Z", "2026-11-23T11:05:00Z") == "2 u 05 min"
    assert (nl.seconds(0.5), en.seconds(0.5)) == ("0,50 s", "0.50 s")


def test_no_text_is_missing_in_a_language() -> None:
    table = Texts("nl")
    for section in ("verdict", "meaning", "status", "severity", "outcome"):
        assert table.label(section, "no_such_key") == "no such key"
    sections = _sections()
    assert all(set(row) == {"nl", "en"} and all(row.values()) for rows in sections.values() for row in rows.values())


def _sections() -> dict[str, dict[str, dict[str, str]]]:
    import yaml

    from ktcheck.suite import PROFILES

    sections: dict[str, dict[str, dict[str, str]]] = yaml.safe_load((PROFILES / "texts" / "report.yaml").read_bytes())
    return sections


def test_what_the_verdict_does_not_wait_for_is_no_work() -> None:
    report = sample("incomplete")
    for scenario in report["scenarios"]:
        scenario["excused"] = scenario["status"] == "not_delivered"
    assert [status for status, _, _ in view.unproven(report)] == ["not_evidenced", "blocked"]
    assert "van 7 scenario's geslaagd; 1 buiten beschouwing" in " ".join(
        parse(html.render(report)).text_content().split()
    )


def test_the_snapshot_is_told_per_type() -> None:
    page = parse(html.render(sample("approved")))
    text = " ".join(page.xpath("//section[@aria-labelledby='basis']//text()[normalize-space()]"))
    assert "Patient 1.204 1.204 nee alles Task 8.232 – – beperkt" in text
    assert "https://kt2.example/api/v1/zorgvoorbeeld/fhir/r4" in text
    assert "{'" not in text
    bare = {**sample("approved"), "target": {"types": [{"type": "Patient"}]}}
    assert "Volgens de server" in html.render(bare)


def test_the_draaiboek_decides_the_order_of_the_phases() -> None:
    report = sample("approved")
    report["scenarios"].reverse()
    assert [phase for phase, _ in view.phases(report)] == ["voorbereiden", "uitvoeren", "evalueren"]


def _profiles(kind: str, lang: str) -> str:
    (section,) = parse(html.render(sample(kind), lang)).xpath("//section[@aria-labelledby='profielen']")
    return re.sub(r"\s+", " ", section.text_content())


def test_codes_of_which_only_the_form_was_checked_are_told_per_system() -> None:
    told = _profiles("rejected", "nl")
    assert "landen (ISO 3166): 903 Patient Address.country 903 903" in told
    assert "SNOMED CT: 70 CareTeam" in told
    assert "onbekend codesysteem: 3" in told
    assert "geen codes waarvan alleen de vorm" in _profiles("approved", "nl")


def test_a_second_opinion_is_told_with_its_differences_and_its_silences() -> None:
    told = _profiles("rejected", "en")
    assert "The service itself ($validate at kt2.example) judged a choice of the resources too" in told
    assert "200 of 9,936 resources were chosen: one of each of 160 of the 212 distinct shapes" in told
    assert "valid according to both: 180" in told
    assert "disagree: 4" in told
    assert "not judged: 2, the service answered with HTTP status 500" in told
    assert "Patient valid invalid contact required 3" in told
    assert "Task invalid valid restriction may not be there 1" in told


def test_a_second_opinion_that_could_not_be_had_is_told() -> None:
    told = _profiles("incomplete", "nl")
    assert "Ook de validator op validator.example:3500" in told
    assert "Er kwam geen enkel oordeel" in told
    assert "geldig volgens beide" not in told
    assert "No second opinion was asked" in _profiles("approved", "en")


def test_a_report_of_before_these_sections_can_be_made_again() -> None:
    older = {
        name: value for name, value in sample("rejected").items() if name not in {"second_opinion", "unchecked_codes"}
    }
    told = parse(html.render(older, "nl")).xpath("//section[@aria-labelledby='profielen']")[0].text_content()
    assert "Er is geen tweede mening gevraagd" in told
