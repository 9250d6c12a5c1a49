"""How a domain stands: which of its runs counts, what that says of each phase, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.cluster.page import owned
from ktcheck.cluster.plan import PlannedDomain
from ktcheck.cluster.runs import Runs, look
from ktcheck.cluster.standing import Planning, Standing, stand
from tests.cluster.plans import DAY, report, write_report

Json = dict[str, Any]


def domain(sequence: int = 1, planned: Mapping[str, str] | None = None) -> PlannedDomain:
    return PlannedDomain(
        name=f"domein-1{sequence}",
        cluster="Cluster 1",
        sequence=sequence,
        environment="acc21",
        reports="reports",
        planned=planned or {},
    )


def standing(content: Json | None, sequence: int = 1, planned: Mapping[str, str] | None = None) -> Standing:
    return stand(domain(sequence, planned), Runs(newest=content, attempts=1), DAY)


def confirmed(content: Json, state: str) -> Json:
    said = {"who": "A", "role": "b", "on": "2026-11-24", "until": None, "grounds": "c", "state": state}
    step = {**content["steps"][0], "id": "E2", "phase": "evalueren", "confirmed": said}
    return {**content, "steps": [*content["steps"], step]}


# ---- which run counts ------------------------------------------------------------------------------------------------


def test_the_newest_run_of_the_whole_domain_counts_and_attempts_are_counted(tmp_path: Path) -> None:
    for folder, content in {
        "1": report("rejected", 1, 1, started="2026-11-20T10:00:00Z", finished="2026-11-20T10:10:00Z"),
        "2": report("approved", 1, 1, started="2026-11-21T10:00:00Z", finished="2026-11-21T10:10:00Z"),
        "3": report("preparing", 1, 1, started="2026-11-22T10:00:00Z", finished="2026-11-22T10:10:00Z"),
    }.items():
        write_report(tmp_path / folder, content)
    own = {"application": "Voorbeeld-EPD", "role": "source", "owns": ["Patient"], "unseen": []}
    alone = report("rejected", 1, 1, self_check=own, filter={"self_check": "Voorbeeld-EPD"})
    write_report(tmp_path / "zelftest", alone)
    (tmp_path / ".4.part").mkdir()
    (tmp_path / ".4.part" / "report.json").write_text("half", encoding="utf-8")
    runs = look(domain(), tmp_path)
    assert runs.newest is not None
    assert (runs.newest["started"], runs.folder) == ("2026-11-21T10:00:00Z", tmp_path / "2")
    assert (runs.attempts, runs.partial, runs.troubles) == (2, 1, ())


def test_while_there_is_no_run_of_the_whole_domain_the_newest_selection_counts(tmp_path: Path) -> None:
    write_report(tmp_path / "1", report("preparing", 1, 1))
    runs = look(domain(), tmp_path)
    assert (runs.folder, runs.attempts, runs.partial) == (tmp_path / "1", 0, 1)


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"domain": "elders"}, "other_domain"),
        ({"domain_environment": "acc99"}, "other_environment"),
        ({"cluster": "Cluster 9"}, "other_place"),
        ({"sequence": 4}, "other_place"),
        ({"verdict": "prima"}, "damaged"),
        ({"findings_omitted": 3}, "damaged"),
    ],
)
def test_a_report_that_says_nothing_of_the_domain_is_told(tmp_path: Path, changes: Json, trouble: str) -> None:
    write_report(tmp_path / "a" / "1", {**report("approved", 1, 1), **changes})
    runs = look(domain(), tmp_path)
    assert (runs.newest, runs.troubles) == (None, (("a/1", trouble),))
    assert stand(domain(), runs, DAY).state == "unknown"


def test_an_approval_that_does_not_follow_from_the_findings_is_told(tmp_path: Path) -> None:
    write_report(tmp_path / "1", report("rejected", 1, 2) | {"verdict": "approved"})
    runs = look(domain(2), tmp_path)
    assert (runs.newest, runs.troubles) == (None, (("1", "not_what_it_found"),))


def test_a_domain_without_reports_was_not_started(tmp_path: Path) -> None:
    found = stand(domain(), look(domain(), tmp_path / "nog-niet"), DAY)
    assert (found.state, found.phases, found.template) == ("not_started", {}, ("no-run",))


# ---- what a run says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "uitvoeren"),
    [
        ("approved", "approved"),
        ("approved_with_reservations", "approved_with_reservations"),
        ("rejected", "rejected"),
        ("incomplete", "incomplete"),
    ],
)
def test_a_phase_has_a_verdict_of_its_own(state: str, uitvoeren: str) -> None:
    found = standing(report(state, 1, 1))
    assert (found.state, found.phases["uitvoeren"], found.phases["voorbereiden"]) == (state, uitvoeren, "approved")
    assert "afspreken" not in found.phases  # no scenario is about it


def test_a_waived_finding_leaves_a_reservation_and_nothing_open() -> None:
    content = report("rejected", 1, 1)
    for row in content["findings_by_rule"]:
        row["waived"] = row["findings"]
    for row in content["scenarios"]:
        row["waived"] = row["findings"]
    found = standing(content)
    assert (found.phases["uitvoeren"], found.open) == ("approved_with_reservations", {})


@pytest.mark.parametrize(
    ("asked", "state", "phases"),
    [
        ({"phase": "voorbereiden"}, "preparing", {"voorbereiden"}),
        ({"phase": "uitvoeren"}, "partial", {"uitvoeren"}),
        ({"tags": "idp"}, "partial", set()),
        ({"phase": "voorbereiden", "tags": "bron"}, "partial", set()),
    ],
)
def test_a_selection_is_no_verdict_and_says_only_what_it_looked_at(asked: Json, state: str, phases: set[str]) -> None:
    found = standing({**report("approved", 1, 1), "filter": asked})
    assert (found.state, set(found.phases)) == (state, phases)


@pytest.mark.parametrize(
    ("state", "said", "milestone"),
    [("approved", "valid", True), ("approved", "other_version", False), ("rejected", "valid", False)],
)
def test_the_milestone_is_an_approval_that_people_confirmed(state: str, said: str, milestone: bool) -> None:
    assert standing(confirmed(report(state, 1, 1), said)).milestone is milestone


@pytest.mark.parametrize(
    ("content", "sequence", "reasons"),
    [
        (report("approved", 1, 1), 1, ()),
        (report("rejected", 1, 1), 1, ("not-approved",)),
        (report("approved", 1, 1, shape=None), 1, ("no-shape",)),
        (report("preparing", 1, 1), 1, ("partial",)),
        (report("approved", 1, 2), 2, None),
    ],
)
def test_the_run_of_the_first_domain_is_the_template_or_there_is_a_reason(
    content: Json, sequence: int, reasons: tuple[str, ...] | None
) -> None:
    assert standing(content, sequence).template == reasons


def test_what_is_open_is_counted_per_actiehouder_over_all_domains() -> None:
    rows = [
        standing(report("rejected", 1, 1)),
        standing(report("rejected", 1, 2), 2),
        standing(report("approved", 1, 1)),
    ]
    found = owned(rows)
    assert {row.domains for row in found} == {("domein-11", "domein-12")}
    assert sum(row.numbers[0] for row in found) == 2 * rows[0].number("blocking") == 2 * 5000
    assert [row.numbers[0] for row in found] == sorted((row.numbers[0] for row in found), reverse=True)


# ---- planning --------------------------------------------------------------------------------------------------------


# DAY is a Wednesday.
@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        ({}, Planning(due="unplanned")),
        ({"voorbereiden": "2026-11-24"}, Planning(due="late", phase="voorbereiden", day="2026-11-24", days=1)),
        ({"voorbereiden": "2026-11-25"}, Planning(due="this_week", phase="voorbereiden", day="2026-11-25", days=0)),
        ({"voorbereiden": "2026-11-29"}, Planning(due="this_week", phase="voorbereiden", day="2026-11-29", days=4)),
        ({"voorbereiden": "2026-11-30"}, Planning(due="later", phase="voorbereiden", day="2026-11-30", days=5)),
    ],
)
def test_a_domain_that_did_nothing_yet(planned: dict[str, str], expected: Planning) -> None:
    assert standing(None, planned=planned).planning == expected


@pytest.mark.parametrize(
    ("state", "phase", "due"),
    [
        ("approved", "evalueren", "late"),
        ("rejected", "uitvoeren", "late"),
        ("incomplete", "uitvoeren", "late"),
        ("preparing", "uitvoeren", "late"),
    ],
)
def test_the_first_phase_that_is_not_done_is_next(state: str, phase: str, due: str) -> None:
    days = {"voorbereiden": "2026-10-01", "uitvoeren": "2026-10-15", "evalueren": "2026-11-01"}
    found = standing(report(state, 1, 1), planned=days).planning
    assert (found.phase, found.due) == (phase, due)


def test_with_the_milestone_everything_is_done() -> None:
    content = confirmed(report("approved", 1, 1), "valid")
    assert standing(content, planned={"uitvoeren": "2026-10-15", "evalueren": "2026-11-01"}).planning == Planning(
        due="done"
    )


@given(ahead=st.integers(-800, 800))
def test_planning_says_how_many_days_it_is(ahead: int) -> None:
    day = DAY + timedelta(days=ahead)
    found = standing(None, planned={"uitvoeren": day.isoformat()}).planning
    assert found.days == abs(ahead)
    assert (found.due == "late") == (ahead < 0)
    assert (found.due == "this_week") == (0 <= ahead <= 6 - DAY.weekday())
