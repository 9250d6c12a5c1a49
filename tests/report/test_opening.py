from pathlib import Path
from typing import Any

import pytest
from lxml import html as parser

from ktcheck.report import document, html, junit, opening, timeline, view
from ktcheck.report.texts import Texts
from tests.accessibility import PHONE, LocalPages
from tests.report.launches import chain, launch
from tests.report.samples import sample

Json = dict[str, Any]


def full(kind: str, **changes: Any) -> Json:
    """A sample with everything that has a picture."""
    broken = "token" if kind == "rejected" else None
    attempt = view.attempt(sample("incomplete")) | {"started": "2026-11-20T09:15:04Z"}
    rule = {"rule": "completeness.present", "before": 9, "now": 2400, "new": 2395, "gone": 4, "same": 5}
    return {
        **sample(kind),
        "launches": [launch(1), launch(2, broken)],
        "chain": chain("launch" if broken else None),
        "attempts": [attempt],
        "confirmations": [
            {"step": step, "who": "A. Voorbeeld", "role": "projectleider", "on": "2026-11-20", "until": until}
            | {"grounds": "verslag van de kick-off", "state": state}
            for step, until, state in (("A0", None, "valid"), ("V5", "2026-11-21", "expired"), ("V5", None, "replaced"))
        ],
        "previous": {
            "started": "2026-11-20T09:15:04Z",
            "verdict": "incomplete",
            "same_baseline": False,
            "same_environment": True,
            "rules": [rule],
        },
        "self_checks": [
            {"application": "EPD", "seen": "same_baseline", "verdict": "approved", "finished": "2026-11-20T09:15:04Z"}
            | {"partial": False}
        ],
        **changes,
    }


def self_check(kind: str) -> Json:
    own = {"application": "Voorbeeld EPD", "role": "source", "owns": ["Patient"], "unseen": ["Task"]}
    return full(kind, self_check=own, self_checks=[], filter={"self_check": "Voorbeeld EPD"})


def parse(report: Json, lang: str = "nl") -> Any:
    return parser.fromstring(html.render(report, lang))


def words(page: Any, path: str) -> str:
    return " ".join(page.xpath(f"string({path})").split())


def test_the_first_screen_says_why_and_what_to_do_first_and_whose_it_is() -> None:
    page = parse(full("rejected"))
    verdict = words(page, "//section[contains(@class, 'verdict')]")
    assert "5.000 blokkerende bevindingen in 2 scenario's." in verdict
    assert "niet teruggevonden: 2.400 van 9.937 verwachte resources" in verdict
    assert "mislukte launches: 1 van 2" in verdict
    assert "sinds de vorige run: 2.395 nieuwe bevindingen, 4 opgelost" in verdict
    first = page.xpath("//section[@class='first']//li")
    assert len(first) == opening.FIRST
    assert "Bronapplicaties 2.600 bevindingen Elke verwijzing bestaat" in " ".join(first[0].text_content().split())
    assert words(page, "//ul[@class='tiles']/li[1]").startswith("Volledigheid75,8%")


@pytest.mark.parametrize(("kind", "word"), [("approved", "niets te herstellen"), ("incomplete", "Geblokkeerd")])
def test_without_findings_it_says_what_is_next(kind: str, word: str) -> None:
    assert word in words(parse(full(kind)), "//section[@class='first']")


@pytest.mark.parametrize(
    ("launches", "works"),
    [
        ([launch(1), launch(2)], "yes"),
        ([launch(1), launch(2, "token")], "partly"),
        ([launch(1, "login")], "no"),
    ],
)
def test_whether_launch_works(launches: list[Json], works: str) -> None:
    assert opening.launching(full("approved", launches=launches)).works == works


def test_without_a_launch_nobody_says_that_it_works() -> None:
    assert opening.launching(sample("approved")).works == "unknown"
    assert opening.launching(sample("incomplete")).works == "not_delivered"
    failed = sample("approved")
    failed["scenarios"][-1]["status"] = "failed"
    assert opening.launching(failed).works == "no"


def test_a_step_of_the_draaiboek_is_as_good_as_its_weakest_scenario() -> None:
    steps = {row["step"]["id"]: row["outcome"] for _, rows in opening.phases(sample("incomplete")) for row in rows}
    assert steps == {"V1": "passed", "U1": "not_evidenced", "U2": "passed", "U4": "blocked"}


def test_what_was_accepted_is_not_what_to_do_first() -> None:
    report = full("rejected")
    for row in report["findings_by_rule"]:
        row["waived"] = row["findings"] if row["rule"] == "references.resolves" else 0
    assert [task.group.id for task in opening.tasks(view.rule_groups(report))][:2] == [
        "completeness.present",
        "completeness.once",
    ]


def test_the_share_is_never_rounded_up() -> None:
    text = Texts("nl")
    assert (text.share(9999, 10_000), text.share(7, 7), text.share(0, 0), text.share(3, 4)) == (
        "99,9%",
        "100%",
        "–",
        "75%",
    )


def test_the_timeline_has_a_lane_for_each_actor_and_no_overlap() -> None:
    names = {step["name"]: step["name"] for step in launch()["steps"]}
    drawing = timeline.lay_out(launch(), names)
    assert [lane.actor for lane in drawing.lanes] == ["person", "portal", "module", "authorization", "resource"]
    assert len(drawing.bars) == 9
    taken: dict[float, float] = {}
    for bar in drawing.bars:
        room = len(bar.step["name"]) * 6
        begin = bar.label - room if bar.left else bar.x
        assert begin >= taken.get(bar.y, 0)
        taken[bar.y] = bar.x + bar.width + (0 if bar.left else room)
        assert 0 <= begin <= bar.x + bar.width <= timeline.WIDTH
    assert drawing.ticks[-1] == (1540, timeline.WIDTH)


def test_a_launch_that_took_no_time_can_be_drawn() -> None:
    quick = launch() | {"milliseconds": 0, "steps": []}
    assert timeline.lay_out(quick, {}).bars == ()


def test_the_chain_and_the_launches_are_told_in_words_too() -> None:
    page = parse(full("rejected"))
    links = [" ".join(item.text_content().split()) for item in page.xpath("//ol[@class='chain']/li")]
    assert len(links) == 8
    assert links[6].startswith("Launch verbroken")
    assert links[7].startswith("Logging niet getoetst")
    assert page.xpath("//svg[contains(@class, 'timeline')]/title")
    assert "token 200 ✗" in words(page, "//section[@aria-labelledby='launch']//table")


def test_all_attempts_are_listed_and_what_changed() -> None:
    page = parse(full("rejected"))
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//table[@class='attempts']/tbody/tr")]
    assert len(rows) == 2
    assert "Onvolledig" in rows[0]
    assert "deelrun" in rows[0]
    assert "Afgekeurd" in rows[1]
    assert "Alles wat over moest is ercompleteness.present 92.400 42.3955" in words(page, "//table[@class='changes']")
    assert "andere toetsset" in words(page, "//section[@aria-labelledby='pogingen']")


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete"])
def test_a_self_check_never_reads_as_the_acceptance_verdict(kind: str, lang: str) -> None:
    report = self_check(kind)
    text = Texts(lang)
    page = parse(report, lang)
    for path in ("//title", "//h2[@id='oordeel']"):
        assert text(f"self_verdict.{kind}") in words(page, path)
    # Earlier attempts may be acceptance runs.
    told = page.text_content().replace(words(page, "//table[@class='attempts']"), "")
    assert text("head.title") not in told
    assert text("intro.self_check", name="Voorbeeld EPD") in " ".join(told.split())
    paper = document.document(report, text)
    assert paper["verdict"]["word"] == text(f"self_verdict.{kind}")
    assert paper["heading"] == text("head.title_self_check")
    assert len(paper["signatures"]["blocks"]) == 1
    assert 'name="self_check" value="Voorbeeld EPD"' in junit.render(report, lang)


def test_what_prints_is_bounded() -> None:
    page = parse(full("rejected"))
    for table in page.xpath("//table[@class='findings']"):
        printed = table.xpath("./tbody/tr[not(contains(@class, 'screen-only'))]")
        assert 0 < len(printed) <= html.PRINTED


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete", "self-check"])
def test_the_page_is_accessible(kind: str, local_pages: LocalPages, tmp_path: Path) -> None:
    report = self_check("rejected") if kind == "self-check" else full(kind)
    for lang in ("nl", "en"):
        file = tmp_path / f"{lang}.html"
        file.write_text(html.render(report, lang), encoding="utf-8")
        assert local_pages.violations(file) == []
        assert local_pages.violations(file, size=PHONE) == []


@pytest.mark.browser
def test_a_rejected_run_is_no_pile_of_paper(local_pages: LocalPages, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.render(full("rejected")), encoding="utf-8")
    data = local_pages.printed(file, tmp_path / "report.pdf").read_bytes()
    assert 3 < data.count(b"/Type /Page\n") <= 15


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["approved", "rejected", "incomplete"])
def test_all_that_matters_fits_on_one_screen(kind: str, local_pages: LocalPages, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.render(full(kind)), encoding="utf-8")
    with local_pages.opened(file, size=(1280, 800)) as page:
        box = page.locator(".tiles").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_every_confirmation_is_told_with_its_worth() -> None:
    rows = parse(full("approved")).xpath("//table[@class='confirmations']/tbody/tr")
    told = [" ".join(" ".join(row.itertext()).split()) for row in rows]
    assert told[0] == "A0 geldig A. Voorbeeld, projectleider 20 november 2026 verslag van de kick-off"
    assert "verlopen tot en met 21 november 2026" in told[1]
    assert "vervangen door een latere" in told[2]


@pytest.mark.parametrize(("state", "outcome"), [("valid", "passed"), ("expired", "not_evidenced"), (None, "not_run")])
def test_a_step_that_people_confirm_comes_to_what_the_confirmation_is_worth(state: str | None, outcome: str) -> None:
    report = full("approved")
    said = report["confirmations"][0] | {"state": state} if state else None
    step = {**report["steps"][0], "id": "A0", "phase": "afspreken", "confirm": ["baseline"], "confirmed": said}
    report["steps"] = [step, *report["steps"]]
    ((phase, (row,)), *_) = opening.phases(report)
    assert (phase, row["outcome"]) == ("afspreken", outcome)
    assert ("Nog niet bevestigd" in words(parse(report), "//table[@class='draaiboek']")) == (state is None)


@pytest.mark.parametrize(("state", "told"), [("valid", False), ("other_version", True)])
def test_a_step_says_who_confirmed_it_and_whether_that_still_counts(state: str, told: bool) -> None:
    report = full("approved")
    report["steps"][0]["confirmed"] = {
        "who": "A. Voorbeeld",
        "role": "projectleider",
        "grounds": "verslag van de kick-off",
        "on": "2026-11-20",
        "until": None,
        "state": state,
    }
    text = words(parse(report), "//table[@class='draaiboek']")
    assert "bevestigd door A. Voorbeeld (projectleider), 20 november 2026: verslag van de kick-off" in text
    assert ("gegeven voor een andere versie" in text) == told
