"""Area *inhoud*, rule by rule: what the rule says of which outcomes of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ktcheck.facts import Comparison, Outcome, Result
from ktcheck.findings import Severity
from ktcheck.mapping.table import rows
from ktcheck.rules import Examination, Problem
from tests.building import ID, LINK, migrated, say, source, target

Say = Callable[[Comparison], Examination | None]
PLACE = "name[0].family"


def outcome(row: str, result: Result, **what: Any) -> Outcome:
    return Outcome(row=row, result=result, path=PLACE, source=LINK, expected="Varen", actual="Wikke", **what)


def comparison(*outcomes: Outcome) -> Comparison:
    return Comparison(target=target("Patient", migrated(source())), outcomes=outcomes)


def examination(examined: int, *problems: Problem) -> Examination:
    return Examination(scope="Patient", application="epd", problems=problems, examined=examined)


def problem(row: str, **what: Any) -> Problem:
    path, _, extension = (rows()[row].kt2_path or "").partition(".extension('")
    words: dict[str, object] = {"type": "Patient", "path": path, "reason_nl": "", "reason_en": ""}
    if extension:
        words["path"] = f"{path} ({extension.partition(chr(39))[0].rpartition('/')[2]})"
    return Problem(
        resource=f"Patient/{ID}",
        source=LINK,
        path=PLACE,
        expected="Varen",
        actual="Wikke",
        words=words | what.pop("words", {}),
        severity=rows()[row].weight,
        **what,
    )


def passes_on_differences(rule: Say, row: str) -> None:
    """A rule about elements tells the differences of its rows and leaves the rest to other rules."""
    elsewhere = "organization.name" if row != "organization.name" else "dt.name.family"
    assert rule(comparison()) is None
    assert rule(comparison(outcome(elsewhere, "different"))) is None
    assert rule(comparison(outcome(row, "not-comparable"))) is None
    assert rule(comparison(outcome(row, "added"))) is None
    assert rule(comparison(outcome(row, "equal"), outcome(elsewhere, "equal"))) == examination(1)
    assert rule(comparison(outcome(row, "other-answer", agreement="name-prefix"))) == examination(1)
    found = comparison(outcome(row, "equal"), outcome(row, "different", agreement="name-prefix"))
    assert rule(found) == examination(2, problem(row, agreement="name-prefix"))


def test_name() -> None:
    passes_on_differences(lambda fact: say("content.name", fact), "dt.name.family")


def test_a_name_says_which_extension() -> None:
    found = say("content.name", comparison(outcome("dt.name.prefix", "different")))
    assert found == examination(1, problem("dt.name.prefix"))
    assert found.problems[0].words["path"] == "name.family (humanname-own-prefix)"


def test_telecom() -> None:
    passes_on_differences(lambda fact: say("content.telecom", fact), "dt.telecom.value")


def test_address() -> None:
    passes_on_differences(lambda fact: say("content.address", fact), "dt.address.zip")


def test_gender() -> None:
    passes_on_differences(lambda fact: say("content.gender", fact), "patient.gender")


def test_birth_date() -> None:
    passes_on_differences(lambda fact: say("content.birth-date", fact), "patient.birth-date")


def test_active() -> None:
    passes_on_differences(lambda fact: say("content.active", fact), "patient.active")


def test_relationship() -> None:
    passes_on_differences(lambda fact: say("content.relationship", fact), "relatedperson.relationship")


def test_organization() -> None:
    passes_on_differences(lambda fact: say("content.organization", fact), "organization.name")


def test_identifier() -> None:
    passes_on_differences(lambda fact: say("content.identifier", fact), "dt.identifier.use")


def test_definition() -> None:
    passes_on_differences(lambda fact: say("content.definition", fact), "activitydefinition.name")


def test_definition_status() -> None:
    passes_on_differences(lambda fact: say("content.definition-status", fact), "activitydefinition.is-active")


def test_task_status() -> None:
    passes_on_differences(lambda fact: say("content.task-status", fact), "careplan.activity.status")


def test_task_period() -> None:
    passes_on_differences(lambda fact: say("content.task-period", fact), "careplan.activity.started")


def test_task() -> None:
    passes_on_differences(lambda fact: say("content.task", fact), "task.intent")


def test_team() -> None:
    passes_on_differences(lambda fact: say("content.team", fact), "careteam.name")


def test_assumption() -> None:
    assert say("content.assumption", comparison()) is None
    assert say("content.assumption", comparison(outcome("dt.name.prefix", "not-comparable"))) is None
    found = comparison(
        outcome("dt.name.family", "different"), outcome("dt.name.prefix", "other-answer", agreement="name-prefix")
    )
    assert say("content.assumption", found) == examination(2, problem("dt.name.prefix", agreement="name-prefix"))


def test_comparable() -> None:
    assert say("content.comparable", comparison()) is None
    reasons = {"reason_nl": "onbekende code", "reason_en": "unknown code"}
    found = comparison(outcome("dt.name.family", "different"), outcome("patient.gender", "not-comparable", **reasons))
    assert say("content.comparable", found) == examination(2, problem("patient.gender", words=reasons))


def test_added() -> None:
    assert say("content.added", comparison()) is None
    found = comparison(outcome("dt.name.family", "equal"), outcome("patient.telecom", "added"))
    assert say("content.added", found) == examination(2, problem("patient.telecom"))


@pytest.mark.parametrize("row", ["dt.name.suffix", "dt.address.period"])
def test_a_finding_weighs_no_more_than_its_row(row: str) -> None:
    rule = "content.name" if row.startswith("dt.name") else "content.address"
    found = say(rule, comparison(outcome(row, "different")))
    assert found is not None
    assert [problem.severity for problem in found.problems] == [Severity.ADVICE]
