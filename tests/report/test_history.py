from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.errors import InputError
from ktcheck.output import json_bytes
from ktcheck.report import build, history, view
from tests.report.samples import sample

Json = dict[str, Any]


def written(folder: Path, report: Json, lines: list[Json] | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / build.REPORT).write_bytes(json_bytes(report))
    if lines is not None:
        text = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        (folder / history.FINDINGS).write_bytes(text)
    return folder


def run(kind: str, day: int, **changes: Any) -> Json:
    """A sample of an earlier or later day."""
    times = {"started": f"2026-11-{day:02}T09:15:04Z", "finished": f"2026-11-{day:02}T09:31:40Z"}
    return sample(kind) | times | changes


def line(rule: str, resource: str) -> Json:
    return {"rule": rule, "resource": resource, "source": None, "path": "x", "message_nl": "fout"}


def test_the_attempts_are_the_runs_of_the_same_domain_beside_it(tmp_path: Path) -> None:
    written(tmp_path / "1", run("rejected", 3))
    written(tmp_path / "2", run("approved", 4, domain="een-ander"))
    written(tmp_path / "3", run("approved", 9))
    written(tmp_path / "4", run("incomplete", 2))
    found = history.beside(tmp_path / "5", run("approved", 5))
    assert [(row["started"][:10], row["verdict"]) for row in found.attempts] == [
        ("2026-11-02", "incomplete"),
        ("2026-11-03", "rejected"),
    ]
    assert (found.attempts[1]["blocking"], found.attempts[1]["major"]) == (5000, 31)
    assert [row["partial"] for row in found.attempts] == [True, False]
    assert found.unreadable == 0


def test_an_attempt_that_was_thrown_away_is_still_known(tmp_path: Path) -> None:
    first = run("rejected", 1)
    second = run("rejected", 2, attempts=[view.attempt(first)])
    written(tmp_path / "second", second)
    found = history.beside(tmp_path / "third", run("approved", 3))
    assert [row["started"][:10] for row in found.attempts] == ["2026-11-01", "2026-11-02"]


def test_a_run_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    written(tmp_path / "1", {"format": 2})
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / build.REPORT).write_text("{")
    assert history.beside(tmp_path / "3", run("approved", 3)).unreadable == 2


def test_nothing_beside_it_is_no_history(tmp_path: Path) -> None:
    report = run("approved", 3)
    facts = history.beside(tmp_path / "new" / "run", report).facts(report, {})
    assert facts == {"attempts": [], "attempts_unreadable": 0, "previous": None}


def test_what_is_new_gone_and_the_same_since_the_previous_run(tmp_path: Path) -> None:
    rule = "completeness.present"
    written(tmp_path / "1", run("rejected", 1), [line(rule, "Task/1"), line(rule, "Task/2"), line("x.y", "Task/1")])
    report = run("rejected", 2)
    now = history.Findings([line(rule, "Task/2"), line(rule, "Task/3"), line(rule, "Task/4")])
    previous = history.beside(tmp_path / "2", report).facts(report, now.found)["previous"]
    rows = {row["rule"]: row for row in previous["rules"]}
    assert rows[rule] == {"rule": rule, "before": 2400, "now": 2400, "new": 2, "gone": 1, "same": 1}
    assert previous["same_baseline"]
    assert previous["started"] == "2026-11-01T09:15:04Z"


def test_without_the_findings_only_the_numbers_are_known(tmp_path: Path) -> None:
    written(tmp_path / "1", run("rejected", 1))
    report = run("approved", 2, baseline="another")
    previous = history.beside(tmp_path / "2", report).facts(report, {})["previous"]
    assert {row["rule"]: (row["before"], row["now"], row["new"]) for row in previous["rules"]} == {
        "completeness.present": (2400, 0, None),
        "completeness.once": (31, 0, None),
        "references.resolves": (2600, 0, None),
        "identification.use": (9, 0, None),
    }
    assert not previous["same_baseline"]


@pytest.mark.parametrize("asked", [{"phase": "uitvoeren"}, {"self_check": "Voorbeeld EPD"}])
def test_a_run_is_compared_with_one_of_the_same_selection(tmp_path: Path, asked: Json) -> None:
    written(tmp_path / "1", run("rejected", 1))
    written(tmp_path / "2", run("rejected", 2, filter=asked))
    for selection, day in ((None, "2026-11-01"), (asked, "2026-11-02")):
        found = history.beside(tmp_path / "3", run("approved", 3, filter=selection))
        assert found.previous is not None
        assert found.previous["started"].startswith(day)
        assert len(found.attempts) == 2


def test_a_report_with_a_history_is_one(tmp_path: Path) -> None:
    written(tmp_path / "1", run("rejected", 1), [])
    report = run("rejected", 2)
    report |= history.beside(tmp_path / "2", report).facts(report, {})
    assert build.read(written(tmp_path / "2", report)) == report


def test_two_runs_are_compared_the_earlier_one_first(tmp_path: Path) -> None:
    rule = "completeness.present"
    early = written(tmp_path / "a", run("rejected", 1), [line(rule, "Task/1")])
    late = written(tmp_path / "b", run("approved", 2, baseline="other"), [])
    for pair in ((early, late), (late, early)):
        page, changed = history.compared(*pair, "nl")
        row = next(row for row in changed["rules"] if row["rule"] == rule)
        assert (row["before"], row["now"], row["gone"]) == (2400, 0, 1)
        assert page.index("Afgekeurd") < page.index("Goedgekeurd")
        assert "met een andere toetsset getoetst" in page


def test_the_comparison_of_the_same_runs_is_the_same_page(tmp_path: Path) -> None:
    early, late = written(tmp_path / "a", run("rejected", 1)), written(tmp_path / "b", run("rejected", 2))
    assert history.compared(early, late, "en") == history.compared(late, early, "en")
    assert "Comparison of two runs" in history.compared(early, late, "en")[0]


def test_what_is_no_run_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no report.json"):
        history.compared(written(tmp_path / "a", run("rejected", 1)), tmp_path, "nl")
