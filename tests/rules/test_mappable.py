"""Rules about what fits in KT2, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from typing import Any

import pytest

from ktcheck.facts import Fit, Holder, Misfit, SourceIdentifier
from ktcheck.findings import Severity
from ktcheck.mapping import misfits
from ktcheck.rules import Examination, Problem
from tests.building import BSN, KT1, LINK, match, say, source

DUTCH = {"consequence_nl", "decides_nl"}
ENGLISH = {"consequence_en", "decides_en"}
OTHER = f"{KT1}/Patient/2"


def fits(*found: Misfit, kind: str = "Patient", landed: bool = False, whole: bool = False) -> Fit:
    """A record with these misfits."""
    return Fit(match=match(source(kind)), misfits=found, landed=landed, whole=found[:1] if whole else ())


def heard(examination: Examination | None) -> list[tuple[Any, ...]]:
    """What each problem is about: place, value, weight, question, and that its sentences are filled in."""
    assert examination is not None
    for problem in examination.problems:
        assert {*problem.words} - {"type", "count"} == {"what", *DUTCH, *ENGLISH}
        assert all(problem.words.values())
    return [
        (problem.source, problem.path, problem.actual, problem.severity, problem.agreement)
        for problem in examination.problems
    ]


BORN = Misfit(
    rule="mappable.required", row="patient.birth-date", kind="required", path="birthDate", agreement="supplied-values"
)
ACTIVE = Misfit(
    rule="mappable.required", row="patient.active", kind="required", path="active", agreement="supplied-values"
)
SETTLED = Misfit(
    rule="mappable.required",
    row="patient.active",
    kind="required",
    path="active",
    agreement="supplied-values",
    settled=True,
)


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        pytest.param(fits(), [], id="all there"),
        pytest.param(
            fits(BORN),
            [(LINK, "birthDate", None, Severity.MAJOR, "supplied-values")],
            id="only its owner can tell",
        ),
        pytest.param(
            fits(ACTIVE),
            [(LINK, "active", None, Severity.ADVICE, "supplied-values")],
            id="the mapping has a value",
        ),
        pytest.param(fits(SETTLED), [], id="agreed"),
        pytest.param(fits(BORN, landed=True), [], id="in KT2 already"),
    ],
)
def test_required(fact: Fit, found: list[tuple[Any, ...]]) -> None:
    assert heard(say("mappable.required", fact)) == found


def test_required_does_not_apply_where_the_mapping_requires_nothing() -> None:
    assert say("mappable.required", fits(kind="UserMessage")) is None


@pytest.mark.parametrize(
    ("misfit", "severity"),
    [
        pytest.param(
            Misfit(rule="mappable.code", row="patient.gender", kind="no-code", path="gender", value={"text": "v"}),
            Severity.MAJOR,
            id="no question is about it",
        ),
        pytest.param(
            Misfit(
                rule="mappable.code",
                row="careplan.participant.role",
                kind="no-code",
                path="participant[0].role",
                agreement="participant-role",
            ),
            Severity.ADVICE,
            id="there is a proposal",
        ),
    ],
)
def test_code(misfit: Misfit, severity: Severity) -> None:
    kind = "Patient" if misfit.row == "patient.gender" else "CarePlan"
    said = say("mappable.code", fits(misfit, kind=kind))
    assert heard(said) == [(LINK, misfit.path, misfit.value, severity, misfit.agreement)]
    assert say("mappable.code", fits(misfit, kind=kind, landed=True)) == Examination(scope=kind, application="epd")


PHOTO = Misfit(
    rule="mappable.lost", row="patient.photo", kind="lost", path="photo[0]", value={}, agreement="patient-photo"
)
AGE = Misfit(rule="mappable.lost", row="patient.age", kind="open", path="#Age[0]", value=41)
MESSAGE = Misfit(rule="mappable.lost", row="usermessage", kind="cannot-store", agreement="user-messages")
CONTENT = Misfit(rule="mappable.lost", row="usermessage.content", kind="cannot-store", path="#Content[0]", value="x")


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        pytest.param(fits(), [], id="nothing of the kind"),
        pytest.param(fits(PHOTO), [(LINK, "photo[0]", {}, Severity.MAJOR, "patient-photo")], id="lost"),
        pytest.param(fits(AGE), [(LINK, "#Age[0]", 41, Severity.ADVICE, None)], id="its row makes it lighter"),
        pytest.param(fits(BORN), [], id="of another rule"),
        pytest.param(
            fits(MESSAGE, CONTENT, kind="UserMessage", whole=True),
            [(LINK, None, None, Severity.ADVICE, "user-messages")],
            id="as a whole, so not element by element",
        ),
        pytest.param(
            fits(CONTENT, kind="UserMessage"), [(LINK, "#Content[0]", "x", Severity.ADVICE, None)], id="no place"
        ),
    ],
)
def test_lost(fact: Fit, found: list[tuple[Any, ...]]) -> None:
    assert heard(say("mappable.lost", fact)) == found


def test_changed() -> None:
    prefix = Misfit(
        rule="mappable.changed",
        row="dt.name.prefix",
        kind="changed",
        path="name[0].prefix[0]",
        value="van",
        agreement="name-prefix",
    )
    assert heard(say("mappable.changed", fits(prefix))) == [
        (LINK, "name[0].prefix[0]", "van", Severity.ADVICE, "name-prefix")
    ]
    assert heard(say("mappable.changed", fits(prefix, landed=True))) == []


@pytest.mark.parametrize(
    ("row", "question", "severity"),
    [
        pytest.param("careplan.activity.subactivity", "sub-activities", Severity.ADVICE, id="becomes something else"),
        pytest.param(
            "careplan.activity.performer.several", "several-performers", Severity.MAJOR, id="all but one lost"
        ),
    ],
)
def test_nested(row: str, question: str, severity: Severity) -> None:
    misfit = Misfit(rule="mappable.nested", row=row, kind="nested", path="p", value="v", agreement=question)
    said = say("mappable.nested", fits(misfit, kind="CarePlanActivity"))
    assert heard(said) == [(LINK, "p", "v", severity, question)]


def holder(key: str = LINK, *names: str, born: str | None = None) -> Holder:
    return Holder(key=key, application="epd", names=frozenset(names), born=born)


@pytest.mark.parametrize(
    ("holders", "clashes"),
    [
        pytest.param([holder()], False, id="one holder"),
        pytest.param([holder(LINK, "berg"), holder(OTHER, "berg")], False, id="one name"),
        pytest.param([holder(LINK, "berg"), holder(OTHER)], False, id="one without a name"),
        pytest.param([holder(LINK, "berg", "dam"), holder(OTHER, "dam")], False, id="a name in common"),
        pytest.param([holder(LINK, "berg"), holder(OTHER, "dam")], True, id="other names"),
        pytest.param(
            [holder(LINK, "berg", born="1980-01-02"), holder(OTHER, "berg", born="1980-01-02")], False, id="born alike"
        ),
        pytest.param(
            [holder(LINK, "berg", born="1980-01-02"), holder(OTHER, "berg", born="1981-01-02")], True, id="born apart"
        ),
        pytest.param([holder(LINK, "berg", born="1980-01-02"), holder(OTHER, "berg")], False, id="one birth date"),
    ],
)
def test_collision(holders: list[Holder], clashes: bool) -> None:
    shared = SourceIdentifier(type="Patient", system=BSN, value="1", holders=tuple(holders), landed=False)
    said = say("mappable.collision", shared)
    assert said is not None
    assert (said.scope, said.application) == ("Patient", "epd")
    if not clashes:
        assert said.problems == ()
        return
    (problem,) = said.problems
    assert (problem.source, problem.path) == (LINK, "identifier")
    assert problem.actual == {"system": BSN, "value": "1", "records": [LINK, OTHER]}
    assert problem.words["count"] == 2


def test_a_collision_of_what_is_in_kt2_is_judged_there() -> None:
    holders = (holder(LINK, "berg"), holder(OTHER, "dam"))
    landed = SourceIdentifier(type="Patient", system=BSN, value="1", holders=holders, landed=True)
    assert say("mappable.collision", landed) == Examination(scope="Patient", application="epd")


def test_a_finding_says_who_decides_and_on_what_it_rests() -> None:
    said = say("mappable.lost", fits(PHOTO))
    assert said is not None
    (problem,) = said.problems
    assert isinstance(problem, Problem)
    assert problem.words["what"] == "Patient, photo"
    assert problem.agreement == "patient-photo"


def test_every_kind_with_business_identifiers_has_a_row_for_collisions() -> None:
    kinds = ("Patient", "Practitioner", "RelatedPerson", "Organization", "CareTeam", "ActivityDefinition")
    assert {kind: misfits.collision(kind).kind for kind in kinds} == dict.fromkeys(kinds, "collision")
