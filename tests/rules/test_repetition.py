"""The repetition of the first domain, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.facts import Explained, Explanation, Likeness, TemplateUsed
from ktcheck.findings import Severity
from ktcheck.rules import Examination
from tests.building import say

CLEAN = Examination(scope="Herhaling")
WHY = Explanation(what="idp Patient", why="eigen keuze", who="stuurgroep")


def likeness(aspect: str, **differently: Any) -> Likeness:
    fine: dict[str, Any] = {
        "aspect": aspect,
        "name": "Patient",
        "domain": "eerste",
        "template": "a",
        "actual": "a",
        "same": True,
    }
    return Likeness(**{**fine, **differently})


def judged(examination: Examination | None) -> tuple[str, Severity | None, object]:
    assert examination is not None
    (problem,) = examination.problems
    return str(problem.path), problem.severity, problem.words["explained_nl"]


def check(examine: Any, aspect: str) -> None:
    """What every aspect has in common."""
    assert examine(likeness(aspect)) == CLEAN
    assert examine(likeness("another")) is None
    assert judged(examine(likeness(aspect, actual="b", same=False)))[2] == "niet verklaard"
    path, severity, words = judged(examine(likeness(aspect, actual=None, same=False, explanation=WHY)))
    assert (path, severity) == (f"{aspect} Patient", Severity.ADVICE)
    assert words == "verklaard door stuurgroep: eigen keuze"


def test_versions() -> None:
    check(lambda fact: say("repetition.versions", fact), "versions")


def test_agreements() -> None:
    check(lambda fact: say("repetition.agreements", fact), "agreements")


def test_applications() -> None:
    check(lambda fact: say("repetition.applications", fact), "applications")


def test_permissions() -> None:
    check(lambda fact: say("repetition.permissions", fact), "permissions")


def test_idp() -> None:
    check(lambda fact: say("repetition.idp", fact), "idp")


def test_identifiers() -> None:
    check(lambda fact: say("repetition.identifiers", fact), "identifiers")


def test_counts() -> None:
    check(lambda fact: say("repetition.counts", fact), "counts")
    share = likeness("counts", actual="40%", same=False)
    rate = likeness("counts", name="CareTeam/Patient", actual="0.1", same=False)
    assert judged(say("repetition.counts", share))[1] is None
    assert judged(say("repetition.counts", rate))[1] is Severity.ADVICE


def test_launch() -> None:
    check(lambda fact: say("repetition.launch", fact), "launch")


def test_waivers() -> None:
    check(lambda fact: say("repetition.waivers", fact), "waivers")


def test_what_is_there_or_not_is_said_in_words() -> None:
    examination = say("repetition.identifiers", likeness("identifiers", template=None, actual="+", same=False))
    assert examination is not None
    words = examination.problems[0].words
    assert (words["template_nl"], words["actual_nl"]) == ("afwezig", "aanwezig")
    assert (words["template_en"], words["actual_en"]) == ("absent", "present")


@pytest.mark.parametrize(
    ("wrong", "severities"),
    [
        pytest.param((), [], id="approved first domain"),
        pytest.param(("missing",), [Severity.MAJOR], id="none"),
        pytest.param(("not-approved", "other-cluster"), [None, None], id="two things wrong"),
    ],
)
def test_template(wrong: tuple[str, ...], severities: list[Severity | None]) -> None:
    examination = say("repetition.template", TemplateUsed(domain="eerste", wrong=wrong))
    assert examination is not None
    assert examination.scope == "Herhaling"
    assert [problem.severity for problem in examination.problems] == severities


def test_explanations() -> None:
    assert say("repetition.explanations", Explained(explanation=WHY, used=True)) == CLEAN
    examination = say("repetition.explanations", Explained(explanation=WHY, used=False))
    assert examination is not None
    assert examination.problems[0].words == {"what": "idp Patient"}
