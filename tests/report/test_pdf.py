"""report.pdf: says what the report says, the same bytes every time, and takes no text for markup."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from ktcheck.output import RunWriter
from ktcheck.privacy import Redactor
from ktcheck.report import pdf
from ktcheck.report.build import read, rebuild, write_all
from ktcheck.report.document import RULES, document, participants
from ktcheck.report.texts import Texts
from tests.report.samples import sample

KINDS = ("approved", "rejected", "incomplete")


def reader(report: dict[str, Any], lang: str = "nl") -> PdfReader:
    return PdfReader(io.BytesIO(pdf.render(report, lang)))


def text(report: dict[str, Any], lang: str = "nl") -> str:
    """What the pages say, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in reader(report, lang).pages).split())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_it_says_the_verdict_its_reasons_and_the_scope(kind: str, lang: str) -> None:
    report = sample(kind)
    said, words = text(report, lang), Texts(lang)
    assert f"{words('verdict.' + kind)} {words('meaning.' + kind)}" in said
    for value in (*report["reasons"], report["domain_environment"], report["cluster"], report["baseline"]):
        assert value in said
    assert words.moment(report["started"]) in said
    assert words(f"pdf_sign.{kind}", domain=report["domain"]) in said


def test_it_says_what_was_counted_and_what_came_of_steps_and_requirements() -> None:
    report = sample("rejected")
    said = text(report)
    assert "CarePlanActivity → Task 6.410 6.410 4.010 120 360 2.400 31 7 0" in said
    assert "U4 Verwijzingen herschrijven Bronapplicaties" in said
    for row in report["requirements"]:
        assert row["id"] in said
        covered = row["outcome"] != "not_covered"
        assert (row["statement_nl"] in said) == covered, row["id"]


def test_every_open_finding_has_its_owner_and_remedy() -> None:
    said = text(sample("rejected"))
    assert "Blokkerend Bronapplicaties 2.600 Elke verwijzing bestaat" in said
    assert "Zet de resource alsnog over met hetzelfde script" in said
    assert "5.000 blokkerend, 31 belangrijk, 9 advies" in said


def test_every_party_has_a_place_to_sign() -> None:
    report = sample("rejected")
    said = text(report)
    parties = ["VZVZ (acceptatieteam)", "Zorgaanbieder", "Migratiefacilitator"]
    parties += [f"IT-deelnemer: {name}" for name in participants(report)]
    assert len(parties) == 6
    for party in parties:
        assert f"{party} Naam Functie Datum Handtekening" in said


def test_questions_that_nobody_answered_are_in_an_annex() -> None:
    report = sample("rejected")
    said = text(report)
    open_ = [row["title_nl"] for row in report["agreements"] if not row["agreed"]]
    assert len(open_) >= 2
    annex = said[said.index("Bijlage B") :]
    assert [title for title in open_ if title not in said[said.rindex("Bijlage B: vragen") :]] == [], annex
    assert "Bijlage B: vragen" not in text(sample("approved"))


def test_a_waiver_is_told_with_name_reason_and_end() -> None:
    report = sample("approved")
    assert "Er is geen enkele bevinding geaccepteerd." in text(report)
    report["waivers"] = [
        {
            "id": "V-1",
            "rule": "completeness.once",
            "who": "A. Tester",
            "role": "acceptatieteam",
            "why": "dubbel in de bron",
            "until": "2027-01-31",
            "step": "E2",
            "state": "in_use",
        }
    ]
    assert "completeness.once A. Tester, acceptatieteam dubbel in de bron 2027-01-31 E2 in gebruik" in text(report)


def test_a_confirmation_is_told_with_name_grounds_and_worth() -> None:
    report = sample("approved")
    report["confirmations"] = [
        {
            "step": "V5",
            "who": "A. Tester",
            "role": "beheerder",
            "on": "2026-01-12",
            "until": None,
            "grounds": "draaiboek van de dag",
            "state": "other_version",
        }
    ]
    told = "V5 A. Tester, beheerder, 12 januari 2026 draaiboek van de dag gegeven voor een andere versie"
    assert told in text(report)


def test_it_belongs_to_one_report(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", Redactor()) as writer:
        write_all(sample("rejected"), writer)
        run = writer.commit()
    digest = hashlib.sha256((run / "report.json").read_bytes()).hexdigest()
    said = " ".join(page.extract_text() for page in PdfReader(run / "report.pdf").pages)
    assert digest in said
    assert said.count(f"hoort bij report.json {digest[:16]}") == len(PdfReader(run / "report.pdf").pages)


def test_made_again_it_is_the_same_file(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", Redactor()) as writer:
        write_all(sample("rejected"), writer)
        run = writer.commit()
    before = (run / "report.pdf").read_bytes()
    rebuild(run)
    assert (run / "report.pdf").read_bytes() == before
    rebuild(run, "en")
    assert (run / "report.pdf").read_bytes() != before
    # Another process, another day and another time zone.
    code = (
        "import sys, orjson; from ktcheck.report import pdf; "
        "sys.stdout.buffer.write(pdf.render(orjson.loads(sys.stdin.buffer.read())))"
    )
    given = orjson.dumps(read(run))
    done = subprocess.run(
        [sys.executable, "-c", code], input=given, env={"TZ": "Asia/Tokyo", **_path()}, capture_output=True, check=True
    )
    assert done.stdout == before


def _path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_it_is_made_for_keeping_and_for_assistive_tools(lang: str) -> None:
    report = sample("rejected")
    made = reader(report, lang)
    catalog: Any = made.root_object
    assert catalog["/Lang"] == lang
    assert catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712 (a PDF object that equals it)
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert made.metadata is not None
    assert made.metadata.title == Texts(lang)("pdf.title", domain=report["domain"])
    assert made.metadata.creation_date is not None
    assert made.metadata.creation_date.isoformat() == "2026-11-23T09:31:40+00:00"
    standard = catalog["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", standard)
    assert re.search(r"pdfuaid:part>1<", standard)


def test_a_value_is_never_markup() -> None:
    report = sample("approved")
    name = '#panic("x") *vet* $x$ @bron <label> = kop \\ `c` #import "@preview/x:1.0.0" [x] // y /* z */'
    report["domain"] = report["requirements"][0]["statement_nl"] = report["reasons"] = name
    report["reasons"] = [name]
    assert f"• {name}" in text(report)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_printed(name: str) -> None:
    report = {**SMALL, "domain": name, "reasons": [name]}
    assert pdf.render(report).startswith(b"%PDF-1.7")


SMALL = {**sample("approved"), "requirements": [], "agreements": [], "scenarios": []}


def test_all_that_counts_as_printable_is() -> None:
    known = "".join(chr(code) for low, high in (*pdf._KNOWN, *pdf._SIGNS) for code in range(low, high + 1))
    kept = pdf.printable(known)
    assert kept.count("�") < len(known) / 10
    assert pdf.render({**SMALL, "reasons": [" ".join(kept)]}).startswith(b"%PDF-1.7")
    assert pdf.printable("a\x00b\u4e2dé\U0001f600\n") == "a�b�é� "


def test_more_rules_than_a_reader_takes_in_are_counted() -> None:
    report = sample("rejected")
    row = report["findings_by_rule"][0]
    report["findings_by_rule"] += [{**row, "rule": f"made.up{number}", "findings": 3} for number in range(RULES + 5)]
    made = document(report, Texts("nl"))
    section = next(item for item in made["sections"] if item.get("title") == "Openstaande bevindingen per actiehouder")
    shown = sum(int(line[2].replace(".", "")) for line in section["table"]["rows"])
    assert len(section["table"]["rows"]) == RULES
    rest, number = map(int, re.findall(r"\d+", section["note"].replace(".", ""))[:2])
    assert rest > 0
    assert shown + number == sum(item["findings"] for item in report["findings_by_rule"])


def test_a_big_report_takes_less_than_two_seconds() -> None:
    report = sample("rejected")
    for key in ("findings_by_rule", "requirements", "agreements"):
        row = report[key][0]
        name = {"findings_by_rule": "rule", "requirements": "id", "agreements": "key"}[key]
        report[key] = report[key] + [{**row, name: f"{row[name]}-{number}"} for number in range(300)]
    began = time.process_time()
    assert pdf.render(report)
    assert time.process_time() - began < 4, "2 s on a quiet machine; the test leaves room for a busy one"
