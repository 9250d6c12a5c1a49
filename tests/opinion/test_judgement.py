"""Reading what a validator answers: only codes and plain places leave, and what is no judgement is none."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.opinion.judgement import Issue, Judgement, of_outcome, of_wrapper

Json = dict[str, Any]
VALID = Judgement(valid=True, issues=())


def outcome(*issues: Json) -> Json:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def answer(*issues: Json) -> Json:
    return {"outcomes": [{"fileInfo": {}, "issues": list(issues)}], "sessionId": "1"}


@pytest.mark.parametrize(
    "content",
    [
        outcome({"severity": "information", "code": "informational", "diagnostics": "All OK"}),
        outcome({"severity": "warning", "code": "not-found", "diagnostics": "a code system is not known"}),
    ],
)
def test_without_an_error_it_is_valid(content: Json) -> None:
    assert of_outcome(content) == VALID


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_an_error_makes_it_invalid(severity: str) -> None:
    issue = {
        "severity": severity,
        "code": "required",
        "diagnostics": "Jansen has no birth date",
        "details": {"text": "min 1"},
        "expression": ["Patient.name[0].given"],
    }
    found = of_outcome(outcome({"severity": "warning", "code": "value"}, issue))
    said = Issue(code="required", path="name[0].given", text="Jansen has no birth date; min 1")
    assert found == Judgement(valid=False, issues=(said,))


@pytest.mark.parametrize(
    ("issue", "code", "path"),
    [
        ({"code": "Jansen, J."}, None, None),
        ({"code": 3}, None, None),
        ({}, None, None),
        ({"code": "value", "expression": ["Patient.name.where(family='Jansen')"]}, "value", None),
        ({"code": "value", "location": ["/f:Patient/f:name", "Patient.name"]}, "value", "name"),
        ({"code": "value", "expression": "Patient"}, "value", None),
        ({"code": "value", "expression": ["Patient.value[x]"]}, "value", "value[x]"),
        ({"code": "value", "expression": [None, 5]}, "value", None),
    ],
)
def test_what_may_be_personal_does_not_leave(issue: Json, code: str | None, path: str | None) -> None:
    found = of_outcome(outcome({"severity": "error", **issue}))
    assert found is not None
    assert [(item.code, item.path) for item in found.issues] == [(code, path)]


@pytest.mark.parametrize(
    "content",
    [
        None, [], {}, "x", {"resourceType": "Patient"}, {"resourceType": "OperationOutcome"}, outcome(),
        {"resourceType": "OperationOutcome", "issue": "x"},
        outcome({"severity": "error", "code": "not-supported"}),
        outcome({"severity": "error", "code": "value"}, {"severity": "fatal", "code": "exception"}),
        outcome({"severity": "error", "code": "timeout"}),
    ],
)  # fmt: skip
def test_what_is_no_judgement(content: object) -> None:
    assert of_outcome(content) is None


@pytest.mark.parametrize(
    "content",
    [
        None, {}, {"outcomes": []}, {"outcomes": [{}]}, {"outcomes": [{"issues": []}, {"issues": []}]},
        {"outcomes": [{"issues": "x"}]},
        answer({"level": "ERROR", "type": "NOTFOUND", "message": "Unable to resolve the profile"}),
        answer({"level": "FATAL", "type": "EXCEPTION", "message": "out of memory"}),
    ],
)  # fmt: skip
def test_what_is_no_judgement_of_a_wrapper(content: object) -> None:
    assert of_wrapper(content) is None


def test_a_wrapper_says_valid_or_what_is_wrong() -> None:
    assert of_wrapper(answer()) == VALID
    assert of_wrapper({"outcomes": [{"messages": [{"level": "WARNING"}]}]}) == VALID
    wrong = {"level": "ERROR", "type": "CODEINVALID", "message": "Jansen", "location": "Patient.gender", "line": 1}
    assert of_wrapper(answer(wrong)) == Judgement(
        valid=False, issues=(Issue(code="codeinvalid", path="gender", text="Jansen"),)
    )
