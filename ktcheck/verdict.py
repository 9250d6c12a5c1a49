"""From scenarios and findings to a verdict (contract: design.md, "Verdict")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ktcheck.findings import ScenarioResult, Severity, Status, Verdict

_WORDS = {
    Status.NOT_EVIDENCED: "niet aangetoond",
    Status.NOT_DELIVERED: "nog niet geleverd",
    Status.NOT_RUN: "niet gedraaid",
    Status.BLOCKED: "geblokkeerd",
    Status.ERROR: "mislukt door een fout van ktcheck",
}


def judge(
    scenarios: Iterable[ScenarioResult], findings: Counter[Severity], waived: Counter[str] | None = None
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict and its reasons in Dutch, the most important first.

    ``findings`` counts the findings of each severity that nobody accepted, ``waived`` the others by the id of their
    waiver. A blocking finding rejects; something that had to be checked and was not makes the run incomplete; a major
    finding or a waiver in use leaves reservations.
    """
    scenarios = tuple(scenarios)
    unchecked: Counter[Status] = Counter()
    for scenario in scenarios:
        if scenario.status not in {Status.PASSED, Status.FAILED} and not scenario.excused:
            unchecked[scenario.status] += 1
    checked = sum(scenario.status in {Status.PASSED, Status.FAILED} for scenario in scenarios)
    reasons = []
    if findings[Severity.BLOCKING]:
        reasons.append(_number(findings[Severity.BLOCKING], "blokkerende bevinding", "blokkerende bevindingen"))
    reasons += [
        _number(number, f"scenario {_WORDS[status]}", f"scenario's {_WORDS[status]}")
        for status, number in unchecked.items()
    ]
    if not checked:
        reasons.append("geen enkel scenario is uitgevoerd")
    if findings[Severity.MAJOR]:
        reasons.append(_number(findings[Severity.MAJOR], "ernstige bevinding", "ernstige bevindingen"))
    if waived:
        number = _number(waived.total(), "bevinding vrijgesteld", "bevindingen vrijgesteld")
        reasons.append(f"{number} ({', '.join(sorted(waived))})")
    if findings[Severity.BLOCKING]:
        return Verdict.REJECTED, tuple(reasons)
    if unchecked or not checked:
        return Verdict.INCOMPLETE, tuple(reasons)
    if findings[Severity.MAJOR] or waived:
        return Verdict.APPROVED_WITH_RESERVATIONS, tuple(reasons)
    examined = sum(scenario.examined for scenario in scenarios)
    passed = sum(scenario.status is Status.PASSED for scenario in scenarios)
    done = f"alle {checked} scenario's geslaagd"
    if passed < checked:
        done = f"{passed} van {checked} scenario's geslaagd, bij de andere alleen adviezen"
    reasons.append(f"{done}, {examined} controles, geen bevinding die weegt")
    return Verdict.APPROVED, tuple(reasons)


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
