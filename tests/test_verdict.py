"""The verdict, as design.md words it: a truth table."""

from __future__ import annotations

from collections import Counter

import pytest

from ktcheck.findings import EXIT_CODES, ScenarioResult, Severity, Status, Verdict
from ktcheck.verdict import judge

B, M, A = Severity.BLOCKING, Severity.MAJOR, Severity.ADVICE
P, F = Status.PASSED, Status.FAILED


def _scenario(status: Status, *, excused: bool = False) -> ScenarioResult:
    return ScenarioResult(
        id="VOL-01",
        feature="f",
        name="n",
        phase="uitvoeren",
        area="volledigheid",
        tags=(),
        requirements=(),
        step="U2",
        severity=B,
        status=status,
        examined=1,
        findings=0,
        excused=excused,
    )


@pytest.mark.parametrize(
    ("statuses", "findings", "verdict"),
    [
        ([P], {}, Verdict.APPROVED),
        ([P, P], {A: 9}, Verdict.APPROVED),
        ([P, F], {M: 1}, Verdict.APPROVED_WITH_RESERVATIONS),
        ([P, F], {B: 1}, Verdict.REJECTED),
        ([P, F], {B: 1, M: 3, A: 2}, Verdict.REJECTED),
        ([P, Status.NOT_EVIDENCED], {}, Verdict.INCOMPLETE),
        ([P, Status.NOT_DELIVERED], {}, Verdict.INCOMPLETE),
        ([P, Status.NOT_RUN], {}, Verdict.INCOMPLETE),
        ([P, Status.BLOCKED], {}, Verdict.INCOMPLETE),
        ([P, Status.ERROR], {}, Verdict.INCOMPLETE),
        ([P, Status.NOT_EVIDENCED], {M: 1}, Verdict.INCOMPLETE),
        ([F, Status.NOT_EVIDENCED], {B: 1}, Verdict.REJECTED),
        ([], {}, Verdict.INCOMPLETE),
    ],
)
def test_truth_table(statuses: list[Status], findings: dict[Severity, int], verdict: Verdict) -> None:
    judged, reasons = judge([_scenario(status) for status in statuses], Counter(findings))
    assert judged is verdict
    assert reasons


def test_a_filter_that_was_asked_for_does_not_make_a_run_incomplete() -> None:
    judged, _ = judge([_scenario(P), _scenario(Status.NOT_RUN, excused=True)], Counter())
    assert judged is Verdict.APPROVED


@pytest.mark.parametrize(
    ("statuses", "findings", "verdict"),
    [
        ([P, F], {}, Verdict.APPROVED_WITH_RESERVATIONS),
        ([P, F], {A: 2}, Verdict.APPROVED_WITH_RESERVATIONS),
        ([P, F], {B: 1}, Verdict.REJECTED),
        ([F, Status.NOT_EVIDENCED], {}, Verdict.INCOMPLETE),
    ],
)
def test_a_waiver_in_use_leaves_reservations_and_excuses_nothing_else(
    statuses: list[Status], findings: dict[Severity, int], verdict: Verdict
) -> None:
    scenarios = [_scenario(status) for status in statuses]
    judged, reasons = judge(scenarios, Counter(findings), Counter({"V-1": 2}))
    assert judged is verdict
    assert "2 bevindingen vrijgesteld (V-1)" in reasons


def test_nothing_but_excused_scenarios_is_no_approval() -> None:
    judged, _ = judge([_scenario(Status.NOT_RUN, excused=True)], Counter())
    assert judged is Verdict.INCOMPLETE


def test_reasons_are_counted_in_proper_dutch() -> None:
    _, reasons = judge([_scenario(F), _scenario(Status.BLOCKED), _scenario(Status.BLOCKED)], Counter({B: 1, M: 2}))
    assert reasons == ("1 blokkerende bevinding", "2 scenario's geblokkeerd", "2 ernstige bevindingen")


def test_every_verdict_has_its_exit_code() -> None:
    assert {verdict: EXIT_CODES[verdict] for verdict in Verdict} == {
        Verdict.APPROVED: 0,
        Verdict.APPROVED_WITH_RESERVATIONS: 0,
        Verdict.REJECTED: 1,
        Verdict.INCOMPLETE: 3,
    }
