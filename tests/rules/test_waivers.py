"""Truth tables of the rules about waivers."""

from __future__ import annotations

import pytest

from ktcheck.facts import Waived, Waiver
from ktcheck.findings import Severity
from ktcheck.rules import Examination
from tests.building import say

DAY = "2026-03-01"


def waived(covers: int = 1, **changes: object) -> Waived:
    values: dict[str, object] = {
        "id": "V-1",
        "rule": "content.telecom",
        "type": "Patient",
        "most": 2,
        "who": "A. Voorbeeld",
        "role": "informatiemanager",
        "why": "nazorg",
        "on": "2026-01-01",
        "until": DAY,
        "step": "E3",
    }
    return Waived(waiver=Waiver(**{**values, **changes}), covers=covers, day=DAY)  # type: ignore[arg-type]


def problems(examination: Examination | None) -> int | None:
    return len(examination.problems) if examination else None


@pytest.mark.parametrize(("until", "found"), [(DAY, 0), ("2026-02-28", 1), ("2027-01-01", 0)])
def test_a_waiver_counts_until_its_last_day(until: str, found: int) -> None:
    assert problems(say("waivers.current", waived(until=until))) == found


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (waived(1), 0),
        (waived(0), 1),
        (waived(0, until="2026-02-28"), None),
        (waived(0, type=None), None),
    ],
)
def test_a_waiver_that_counts_covers_something(fact: Waived, found: int | None) -> None:
    assert problems(say("waivers.used", fact)) == found


@pytest.mark.parametrize(
    ("fact", "severity"),
    [
        (waived(2), None),
        (waived(2, type=None, path="Patient.telecom"), None),
        (waived(2, type=None, application="EPD"), None),
        (waived(3), Severity.MAJOR),
        (waived(1, type=None), "as the rule says"),
        (waived(1, rule="content.*"), "as the rule says"),
        (waived(1, path="Patient.*"), "as the rule says"),
        (waived(1, application="*"), "as the rule says"),
    ],
)
def test_a_waiver_names_what_it_covers_and_no_more(fact: Waived, severity: object) -> None:
    examination = say("waivers.narrow", fact)
    assert examination is not None
    assert [problem.severity or "as the rule says" for problem in examination.problems] == ([severity] * bool(severity))
