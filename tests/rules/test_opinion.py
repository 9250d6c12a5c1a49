"""Area *profielen*: a second opinion beside the judgement of ktcheck."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck import tables
from ktcheck.facts import Opinion
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from tests.building import ID, say


def opinion(**facts: Any) -> Opinion:
    return Opinion(
        **{"type": "Patient", "resource": f"Patient/{ID}", "service": None, "ours": True, "theirs": True} | facts
    )


def problem(fact: Opinion) -> Problem:
    examination = say("opinion.agrees", fact)
    assert examination is not None
    (found,) = examination.problems
    return found


@pytest.mark.parametrize("valid", [True, False])
def test_agreement_is_examined_and_no_finding(valid: bool) -> None:
    assert say("opinion.agrees", opinion(ours=valid, theirs=valid)) == Examination(scope="Patient")


def test_a_difference_says_who_said_what() -> None:
    fact = opinion(theirs=False, code="required", path="contact[0].name", said=("Jansen has no contact",))
    found = problem(fact)
    rule = tables.rules()["opinion.agrees"]
    assert rule.message("en", found.words) == (
        "Opinions differ about this Patient: ktcheck says that it meets the profile, the service itself says "
        "that it does not (contact.name required)"
    )
    assert (found.path, found.actual) == ("contact[0].name", ["Jansen has no contact"])
    assert "Jansen" not in str(found.words)


def test_a_difference_the_other_way_round_says_what_ktcheck_found() -> None:
    fact = opinion(
        ours=False,
        service="validator.example",
        code="prohibited",
        path="deceasedBoolean",
        what_nl="mag er niet zijn",
        what_en="may not be there",
    )
    found = problem(fact)
    rule = tables.rules()["opinion.agrees"]
    assert rule.message("nl", found.words) == (
        "Over deze Patient verschillen de meningen: volgens ktcheck voldoet zij niet (deceasedBoolean mag er niet "
        "zijn), volgens validator.example voldoet zij aan het profiel"
    )
    assert found.actual is None


def test_a_service_need_not_say_what_or_where() -> None:
    assert problem(opinion(theirs=False)).words["theirs_en"] == "it does not"


def test_it_weighs_nothing_and_shows_no_requirement() -> None:
    rule = tables.rules()["opinion.agrees"]
    assert rule.severity is Severity.ADVICE
    assert rule.requirements == ()
