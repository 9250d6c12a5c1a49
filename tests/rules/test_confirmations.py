"""Truth tables of the rules about confirmations."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.facts import Confirmation, Confirmed
from ktcheck.findings import Severity
from ktcheck.rules import Examination
from tests.building import say

SAID = Confirmation(step="V5", who="A. Voorbeeld", role="beheerder", grounds="verslag", on="2026-01-01")


def confirmed(state: Any, *, before_verdict: bool = True) -> Confirmed:
    said = None if state is None else SAID
    return Confirmed(
        step="V5", title_nl="t", title_en="t", before_verdict=before_verdict, confirmation=said, state=state
    )


def severities(examination: Examination | None) -> list[Severity | None] | None:
    return [problem.severity for problem in examination.problems] if examination else None


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (confirmed(None), [None]),
        (confirmed("valid"), []),
        (confirmed("expired"), []),
        (confirmed(None, before_verdict=False), None),
        (confirmed("valid", before_verdict=False), None),
    ],
)
def test_what_comes_before_the_verdict_is_confirmed(fact: Confirmed, found: object) -> None:
    assert severities(say("confirmations.given", fact)) == found


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (confirmed(None), None),
        (confirmed("valid"), []),
        (confirmed("other_version"), []),
        (confirmed("unknown_step"), [None]),
    ],
)
def test_people_confirm_what_is_theirs_to_confirm(fact: Confirmed, found: object) -> None:
    assert severities(say("confirmations.known", fact)) == found


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (confirmed(None), None),
        (confirmed("unknown_step"), None),
        (confirmed("valid"), []),
        (confirmed("other_version"), [None]),
        (confirmed("expired"), [None]),
        (confirmed("other_version", before_verdict=False), [Severity.ADVICE]),
        (confirmed("expired", before_verdict=False), [Severity.ADVICE]),
        (confirmed("valid", before_verdict=False), []),
    ],
)
def test_a_confirmation_counts_for_its_version_and_until_its_last_day(fact: Confirmed, found: object) -> None:
    assert severities(say("confirmations.valid", fact)) == found
