"""What a red team found in the comparison of contents: damage that was approved, and right migrations that were not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ktcheck.facts import Context
from ktcheck.findings import Finding
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised
from tests.building import CONTEXT, agreed
from tests.mapping.test_compare import DONE, PRESENT, activity, told
from tests.practice import all_findings, assess_offline, write_domain
from tests.test_answers import Change, contained, main_tasks

Json = dict[str, Any]
Told = list[tuple[str, str, str | None]]

EN_QUALIFIER = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier"
RIGHT = {"active": True, "gender": "female"}
KT1_NAME = {"family": ["Bramenloo"], "given": ["Anna", "Maria"], "use": "official"}


# ---- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "code", "result"),
    [
        pytest.param("Practitioner/a", "405623001", "equal", id="a practitioner treats"),
        pytest.param("RelatedPerson/a", "125677006", "equal", id="a relative is a relative"),
        pytest.param("RelatedPerson/a", "405623001", "different", id="a relative treats"),
        pytest.param("Practitioner/a", "125677006", "different", id="a practitioner is a relative"),
    ],
)
def test_a_role_fits_who_has_it(member: str, code: str, result: str) -> None:
    coding = {"system": "http://snomed.info/sct", "code": code}
    participant = {"member": {"reference": member}, "role": [{"coding": [coding]}]}
    resource = {"name": "Team", "status": "active", "participant": [participant]}
    found = told("CareTeam", {"#Name": ["Team"]}, resource, agreed(participant_role="table"))
    assert [item[0] for item in found] == ([] if result == "equal" else [result])


@pytest.mark.parametrize(
    ("context", "code", "expected"),
    [
        pytest.param(CONTEXT, None, [], id="the proposal: none"),
        pytest.param(CONTEXT, {"text": "x"}, [("other-answer", "code", "activity-kind")], id="the memo's reading"),
        pytest.param(
            agreed(activity_kind="drop"), {"text": "x"}, [("different", "code", "activity-kind")], id="dropped"
        ),
        pytest.param(agreed(activity_kind="code"), None, [("different", "code", "activity-kind")], id="to be there"),
        pytest.param(agreed(activity_kind="code"), {"text": "x"}, [], id="there as agreed"),
    ],
)
def test_the_code_of_a_task_follows_the_agreement(context: Context, code: Json | None, expected: Told) -> None:
    content = {**activity(), "#ActivityKind": [{"code": "Game"}]}
    assert told("CarePlanActivity", content, {**DONE, **({"code": code} if code else {})}, context) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        pytest.param("RUSTWIJZER", [], id="by its identifier"),
        pytest.param("Rustwijzer", [("not-comparable", "description", "task-definition")], id="perhaps by its title"),
        pytest.param(None, [("different", "description", "task-definition")], id="not at all"),
    ],
)
def test_a_definition_that_was_agreed_to_be_in_the_description_is_there(
    description: str | None, expected: Told
) -> None:
    content = {**activity(), "#ActivityDefinition": ["RUSTWIJZER"]}
    resource = {**DONE, **({"description": description} if description else {})}
    assert told("CarePlanActivity", content, resource, agreed(task_definition="description")) == expected


def test_beside_what_is_right_nothing_may_say_the_opposite() -> None:
    kt1 = {**PRESENT, "relationship": {"coding": [{"code": "SIS"}]}}
    system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"

    def related(*codes: tuple[str, str]) -> Json:
        return {**RIGHT, "relationship": [{"coding": [{"system": of, "code": code}]} for of, code in codes]}

    assert told("RelatedPerson", kt1, related((system, "SIS"))) == []
    assert told("RelatedPerson", kt1, related((system, "SIS"), ("urn:oid:1.2.3", "23"))) == []
    wrong = told("RelatedPerson", kt1, related((system, "MTH"), (system, "SIS")))
    assert [item[0] for item in wrong] == ["different"]


def found_in(folder: Path, answer: tuple[str, str], *changes: Change) -> dict[str, list[Finding]]:
    """What is found in a practice domain with another agreement, changed."""
    domain = PracticeDomain(1, 8).materialise()
    domain.agreements[answer[0]] = answer[1]
    for change in changes:
        change(domain)
    path = write_domain(
        domain.domain,
        folder,
        messages=domain.messages.items(),
        resources=list(domain.all()),
        agreements=domain.agreements,
    )
    prepared = assess_offline(path, folder)
    found = all_findings(prepared)
    prepared.assessment.close()
    return found


def failed(domain: Materialised) -> None:
    for task in domain.resources["Task"].values():
        for part in task.get("contained", []):
            part["status"] = "failed"


def planned(domain: Materialised) -> None:
    for task in domain.resources["Task"].values():
        if any(item["system"].endswith("/CarePlan") for item in task["identifier"]):
            task["intent"] = "plan"


def test_contained_sub_tasks_are_compared_too(tmp_path: Path) -> None:
    answer = ("sub-activities", "contained")
    clean = found_in(tmp_path / "clean", answer, contained())
    assert not {rule for rule in clean if rule.startswith("content.")}
    wrong = found_in(tmp_path / "wrong", answer, contained(), failed)
    assert {item.path for item in wrong["content.task-status"]} >= {"contained[0].status"}


def test_main_tasks_have_the_fixed_values_too(tmp_path: Path) -> None:
    found = found_in(tmp_path, ("main-task", "task"), main_tasks, planned)
    assert {item.path for item in found["content.task"]} == {"intent"}


# ---- right migrations ------------------------------------------------------------------------------------------------


def given(*names: tuple[str, str]) -> Json:
    qualifiers = [{"extension": [{"url": EN_QUALIFIER, "valueCode": code}]} for _, code in names]
    return {"use": "official", "family": "Bramenloo", "given": [name for name, _ in names], "_given": qualifiers}


@pytest.mark.parametrize(
    ("kt2", "expected"),
    [
        pytest.param(given(("Anna", "BR"), ("Maria", "BR")), [], id="the same"),
        pytest.param(given(("Anna", "BR"), ("Maria", "BR"), ("A.", "IN"), ("M.", "IN")), [], id="initials added"),
        pytest.param(given(("Anna", "BR"), ("Maria", "BR"), ("Ans", "CL")), [], id="a call name added"),
        pytest.param(given(("Anna", "BR"), ("Ans", "CL")), [("different", "name[0].given", None)], id="one lost"),
    ],
)
def test_the_owner_may_know_initials_and_a_call_name(kt2: Json, expected: Told) -> None:
    found = told("Patient", {**PRESENT, "name": [KT1_NAME]}, {"name": [kt2], **RIGHT})
    assert [(result, path.partition("[1]")[0], key) for result, path, key in found] == expected


@pytest.mark.parametrize(
    ("kt2", "expected"),
    [
        pytest.param("1992-02-24", "not-comparable", id="the day as it was written"),
        pytest.param("1992-02-25", "not-comparable", id="the day here"),
        pytest.param("1992-02-23", "different", id="another day"),
    ],
)
def test_midnight_in_utc_may_be_either_day(kt2: str, expected: str) -> None:
    found = told("Patient", {"birthDate": "1992-02-24T23:00:00Z", "active": True}, {"birthDate": kt2, "active": True})
    assert (expected, "birthDate", None) in found


def test_one_number_with_two_uses_cannot_be_right_twice() -> None:
    number = {"system": "https://epd.example/nummer", "value": "7"}
    contents = [{**PRESENT, "identifier": [{**number, "use": use}]} for use in ("official", "secondary")]
    results = {
        use: {item[0] for item in told("Patient", contents, {"identifier": [{**number, "use": use}], **RIGHT})}
        for use in ("official", "temp")
    }
    assert results["official"] >= {"not-comparable"}
    assert "different" not in results["official"]
    assert "different" in results["temp"]


def test_a_name_without_use_is_the_official_one() -> None:
    name = {"family": ["Bramenloo"], "given": ["Anna"]}
    contents = [{**PRESENT, "name": [name]}, {**PRESENT, "name": [{**name, "use": "official"}]}]
    kt2 = {"use": "official", "family": "Bramenloo", "given": ["Anna"]}
    assert told("Patient", contents, {"name": [kt2], **RIGHT}) == []
