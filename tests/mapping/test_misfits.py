"""What of a KT1 record does not fit, by the rows of the mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.facts import Context, Fit, SourceMatch
from ktcheck.mapping import misfits
from ktcheck.mapping.misfits import fit
from ktcheck.mapping.paths import applying, held, tops
from ktcheck.mapping.table import rows
from tests.building import CONTEXT, agreed, match, source

PREPARING = replace(CONTEXT, migrated=False)
# What every complete record of a kind holds, so that a test only has to name what is odd.
COMPLETE: Mapping[str, Mapping[str, Any]] = {
    "Patient": {
        "name": [{"use": "official", "family": ["Berg"], "given": ["Noor"]}],
        "gender": {"coding": [{"code": "F"}]},
        "birthDate": "1980-01-02",
        "active": True,
    },
    "Practitioner": {
        "name": {"use": "official", "family": ["Berg"], "given": ["Noor"]},
        "telecom": [{"system": "email", "value": "n@berg.example"}],
    },
    "CarePlan": {"patient": {"reference": "p"}, "status": "active"},
    "CarePlanActivity": {"#ActivityStatus": [{"code": "Available"}], "prohibited": False},
    "CareTeam": {"#Status": [{"code": "active"}], "#Subject": [{"reference": "p"}], "#Name": ["Team"]},
    "Organization": {"name": "Noord", "active": True},
    "UserMessage": {"#Content": ["x"]},
}


def of(
    kind: str, *, context: Context = PREPARING, landed: bool = False, without: str = "", **content: Any
) -> set[tuple[str, str, str | None, bool]]:
    """(row, kind of misfit, place, settled) of a record that has this besides what a complete one holds."""
    given = {name: value for name, value in {**COMPLETE[kind], **content}.items() if name != without}
    found = judged(match(source(kind, content=given), holders=("x",) if landed else ()), context)
    return {(misfit.row, misfit.kind, misfit.path, misfit.settled) for misfit in found.misfits}


def judged(fact: SourceMatch, context: Context = PREPARING) -> Fit:
    found = fit(fact, context)
    assert found is not None
    return found


# ---- what KT2 requires ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Patient", "CarePlanActivity", "CareTeam", "Organization"])
def test_a_complete_record_has_no_misfits(kind: str) -> None:
    assert of(kind) == set()


@pytest.mark.parametrize(
    ("element", "row"),
    [("birthDate", "patient.birth-date"), ("gender", "patient.gender"), ("active", "patient.active")],
)
def test_what_a_record_lacks_is_required(element: str, row: str) -> None:
    assert of("Patient", without=element) == {(row, "required", element, False)}


def test_an_answer_settles_what_the_mapping_has_a_value_for_and_not_what_only_the_owner_knows() -> None:
    answered = replace(agreed(supplied_values="owner"), migrated=False)
    assert of("Patient", without="gender", context=answered) == {("patient.gender", "required", "gender", True)}
    assert of("Patient", without="birthDate", context=answered) == {
        ("patient.birth-date", "required", "birthDate", False)
    }


def test_what_kt1_has_no_element_for_follows_the_answer() -> None:
    wanted = ("practitioner.active", "required", None)
    assert {(*wanted, False)} == of("Practitioner")
    assert {(*wanted, True)} == of("Practitioner", context=replace(agreed(supplied_values="owner"), migrated=False))


def test_a_part_of_a_repeating_element_is_looked_for_in_each_of_them() -> None:
    names = [{"use": "official", "family": ["Berg"], "given": ["Noor"]}, {"family": ["Dam"]}, {"family": ["Eik"]}]
    assert of("Patient", name=names) == {
        ("dt.name.use", "required", "name[1].use", False),
        ("dt.name.use", "required", "name[2].use", False),
    }
    assert of("Practitioner", name={"family": ["Dam"], "given": ["Noor"]}) >= {
        ("dt.name.use", "required", "name.use", False)
    }


def test_a_reference_that_follows_from_other_records_is_there() -> None:
    team = source("CareTeam", content={**COMPLETE["CareTeam"], "#Subject": []}, references={"subject": ("p",)})
    assert judged(match(team, holders=())).misfits == ()


def test_a_team_without_a_patient_rests_on_the_question_about_such_teams() -> None:
    alone = {(*row, settled) for *row, settled in of("CareTeam", without="#Subject")}
    assert alone == {("careteam.subject", "required", "#Subject", False)}
    answered = replace(agreed(teams_without_subject="organization"), migrated=False)
    assert of("CareTeam", without="#Subject", context=answered) == {("careteam.subject", "required", "#Subject", True)}


# ---- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gender", "odd"),
    [
        pytest.param({"coding": [{"code": "F"}]}, False, id="in the table"),
        pytest.param({"coding": [{"code": "f"}]}, False, id="another case"),
        pytest.param({"coding": [{"code": "X"}, {"code": "M"}]}, False, id="one of two"),
        pytest.param("M", False, id="a plain code"),
        pytest.param({"coding": [{"code": "V"}]}, True, id="not in the table"),
        pytest.param({"text": "vrouw"}, True, id="a text only"),
    ],
)
def test_a_code_has_a_counterpart_or_not(gender: object, odd: bool) -> None:
    assert of("Patient", gender=gender) == ({("patient.gender", "no-code", "gender", False)} if odd else set())


def test_a_code_that_a_question_is_about_has_a_counterpart() -> None:
    waiting: dict[str, Any] = {"#ActivityStatus": [{"code": "Waiting"}]}
    assert of("CarePlanActivity", **waiting) == set()


# ---- lost, changed, nested -------------------------------------------------------------------------------------------


def test_a_question_settles_what_is_lost() -> None:
    photo = [{"contentType": "image/png"}]
    assert of("Patient", photo=photo) == {("patient.photo", "lost", "photo[0]", False)}
    answered = replace(agreed(patient_photo="drop"), migrated=False)
    assert of("Patient", photo=photo, context=answered) == {("patient.photo", "lost", "photo[0]", True)}


def test_a_row_tells_once_what_a_record_has_more_than_once() -> None:
    names = [
        {"use": use, "prefix": ["van", "der"], "family": ["Berg"], "given": ["Noor"]} for use in ("official", "maiden")
    ]
    assert of("Patient", name=names) == {("dt.name.prefix", "changed", "name[0].prefix[0]", False)}


def test_two_performers_are_one_too_many() -> None:
    one, two = ({"performer": [{"reference": "p"}] * number} for number in (1, 2))
    assert of("CarePlanActivity", simple=one) == set()
    assert of("CarePlanActivity", simple=two) == {
        ("careplan.activity.performer.several", "nested", "simple.performer[0]", False)
    }


def test_what_the_memo_leaves_out_by_agreement_is_settled() -> None:
    lessons = [{"#SubActivityName": ["Les 1"]}]
    definition = source("ActivityDefinition", content={"#SubActivity": lessons})
    found = {misfit.row: misfit.settled for misfit in judged(match(definition, holders=())).misfits}
    assert found["activitydefinition.subactivity"] is True


def test_a_proposal_without_a_question_was_followed_once_there_is_a_domain_to_judge() -> None:
    activity = match(
        source("CarePlanActivity", content={**COMPLETE["CarePlanActivity"], "prohibited": True}), holders=()
    )
    wanted = ("careplan.activity.prohibited", "open")
    assert [(misfit.row, misfit.kind, misfit.settled) for misfit in judged(activity).misfits] == [(*wanted, False)]
    assert [misfit.settled for misfit in judged(activity, CONTEXT).misfits] == [True]


def test_a_user_message_goes_nowhere_as_a_whole() -> None:
    found = judged(match(source("UserMessage", content=COMPLETE["UserMessage"]), holders=(), expected=False))
    assert [misfit.row for misfit in found.whole] == ["usermessage"]
    assert {misfit.row for misfit in found.misfits} == {"usermessage", "usermessage.content"}


# ---- which records ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(match(source("Other(Onbekend)"), holders=()), id="the mapping does not know the kind"),
        pytest.param(match(replace(source(), stays=True), holders=()), id="stays by an answer"),
        pytest.param(match(source(basis="reference"), holders=()), id="KT1 only refers to it"),
        pytest.param(match(holders=(), visible=False), id="nobody can see whether it is there"),
    ],
)
def test_of_some_records_nothing_can_be_said(fact: SourceMatch) -> None:
    assert fit(fact, CONTEXT) is None


def test_what_is_in_kt2_has_landed_and_is_still_counted() -> None:
    patient = source(content={**COMPLETE["Patient"], "photo": [{}]})
    assert judged(match(patient)).landed
    assert not judged(match(patient, holders=())).landed
    assert [misfit.row for misfit in judged(match(patient)).misfits] == ["patient.photo"]


def test_what_gets_no_resource_landed_when_there_is_a_domain_to_see_it_in() -> None:
    plan = match(source("CarePlan", content=COMPLETE["CarePlan"]), holders=(), expected=False)
    assert judged(plan, CONTEXT).landed
    assert not judged(plan, PREPARING).landed


def test_a_kind_that_the_release_does_not_have_is_counted_and_nobody_can_decide() -> None:
    old = replace(PREPARING, profile_version="0.8")
    (misfit,) = judged(match(source("RelatedPerson"), holders=()), old).misfits
    assert (misfit.row, misfit.kind, misfit.settled) == ("relatedperson", "cannot-store", True)


# ---- for all rows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Patient", "Practitioner", "CarePlan", "CarePlanActivity", "ActivityDefinition"])
@given(
    content=st.dictionaries(
        st.sampled_from([part for row in rows().values() if row.path for part in row.path.split(".")]),
        st.sampled_from([True, 1, "x", ["x"], {"code": "x"}, [{"system": "email", "prefix": ["van"]}], {"text": "x"}]),
        max_size=4,
    )
)
def test_looking_only_at_what_is_there_misses_nothing(kind: str, content: dict[str, Any]) -> None:
    for row in applying(kind):
        members = tops(row, kind)
        if held(row, kind, content):
            assert members is None or not members.isdisjoint(content)
    assert judged(match(source(kind, content=content), holders=())).misfits is not None


def test_every_rule_has_records_to_look_at() -> None:
    rules = {rule for row in rows().values() for rule in row.rules if rule.startswith("mappable.")}
    assert rules == {f"mappable.{name}" for name in ("required", "code", "lost", "changed", "nested", "collision")}
    assert misfits.asked("mappable.nested", "CarePlanActivity")
    assert not misfits.asked("mappable.nested", "Patient")
