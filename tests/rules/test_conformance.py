"""Area *profielen*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from ktcheck.conformance.codes import uses
from ktcheck.facts import Codes, Context, Target
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.unchecked import Unchecked
from tests.building import CONTEXT, migrated, say, source, target

Json = dict[str, Any]
Say = Callable[[Target, Context], Examination | None]

SNOMED = "http://snomed.info/sct"
KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"
OLD = replace(CONTEXT, profile_version="0.8")
SAY: Mapping[str, Say] = {
    "Patient": lambda fact, context: say("conformance.patient", fact, context),
    "Practitioner": lambda fact, context: say("conformance.practitioner", fact, context),
    "RelatedPerson": lambda fact, context: say("conformance.related-person", fact, context),
    "Organization": lambda fact, context: say("conformance.organization", fact, context),
    "CareTeam": lambda fact, context: say("conformance.care-team", fact, context),
    "Task": lambda fact, context: say("conformance.task", fact, context),
    "ActivityDefinition": lambda fact, context: say("conformance.activity-definition", fact, context),
    "Endpoint": lambda fact, context: say("conformance.endpoint", fact, context),
    "Device": lambda fact, context: say("conformance.device", fact, context),
    "Subscription": lambda fact, context: say("conformance.subscription", fact, context),
    "AuditEvent": lambda fact, context: say("conformance.audit-event", fact, context),
}


@cache
def _resources() -> dict[str, Json]:
    return {item["resourceType"]: item for item in PracticeDomain(3, 12).resources()}


def made(kind: str, **changes: Any) -> Target:
    """A resource of the practice domain; None takes a member away."""
    content = copy.deepcopy(_resources()[kind]) | changes
    return replace(target(kind), resource={key: value for key, value in content.items() if value is not None})


def problems(fact: Target, context: Context = CONTEXT) -> tuple[Problem, ...]:
    examination = SAY[fact.type](fact, context)
    assert examination is not None
    return examination.problems


def one(fact: Target) -> Problem:
    (found,) = problems(fact)
    return found


@pytest.mark.parametrize("kind", SAY)
def test_a_resource_that_meets_its_profile_gives_no_finding(kind: str) -> None:
    assert SAY[kind](made(kind), CONTEXT) == Examination(scope=kind)


@pytest.mark.parametrize("kind", SAY)
def test_a_rule_is_about_one_type(kind: str) -> None:
    other = next(name for name in SAY if name != kind)
    assert SAY[kind](made(other), CONTEXT) is None


@pytest.mark.parametrize("kind", SAY)
def test_an_element_that_fhir_does_not_know_is_named_in_actual_only(kind: str) -> None:
    found = one(made(kind, jansen=1))
    assert found.actual == ["jansen"]
    assert (found.resource, found.path) == (target(kind).name, None)
    assert "jansen" not in str(found.words)
    assert (found.words["path"], found.words["level"]) == (kind, "R4")


@pytest.mark.parametrize(
    ("kind", "changes", "path", "level", "what"),
    [
        pytest.param("Patient", {"birthDate": None}, "birthDate", "KT2", "missing", id="missing"),
        pytest.param("Patient", {"deceasedBoolean": True}, "deceasedBoolean", "KT2", "may not", id="prohibited"),
        pytest.param("Patient", {"gender": "M"}, "gender", "R4", "required value set", id="code"),
        pytest.param("Patient", {"birthDate": "1-1-2000"}, "birthDate", "R4", "not written", id="form"),
        pytest.param("Patient", {"identifier": []}, "identifier", "R4", "empty", id="empty"),
        pytest.param("Patient", {"active": "true"}, "active", "R4", "JSON type", id="type"),
        pytest.param("Task", {"priority": "urgent"}, "priority", "KT2", "fixed value", id="fixed"),
        pytest.param(
            "Practitioner", {"telecom": [{"system": "phone", "value": "1"}]}, "telecom", "KT2", "lacks", id="part"
        ),
        pytest.param("Endpoint", {"address": None}, "address", "R4", "missing", id="missing in R4"),
    ],
)
def test_a_finding_says_where_what_and_who_asks(kind: str, changes: Json, path: str, level: str, what: str) -> None:
    found = [problem for problem in problems(made(kind, **changes)) if problem.path == path]
    assert {problem.words["level"] for problem in found} == {level}
    assert any(what in str(problem.words["what_en"]) for problem in found)


def test_what_is_wrong_is_shown_beside_what_is_expected_and_in_no_words() -> None:
    found = one(made("Patient", gender="M"))
    assert (found.expected, found.actual) == (["female", "male", "other", "unknown"], "M")
    assert "'M'" not in str(found.words)


def test_positions_are_in_the_path_and_not_in_the_words() -> None:
    name = copy.deepcopy(_resources()["Patient"]["name"])
    del name[0]["use"]
    found = one(made("Patient", name=name))
    assert (found.path, found.words["path"], found.expected) == ("name[0]", "name", ["kt2pnu-2"])


@pytest.mark.parametrize(
    ("kind", "changes", "agreement", "element"),
    [
        ("Patient", {"deceasedDateTime": "2020-01-01"}, "patient-deceased", "Patient.deceased[x]"),
        ("Task", {"restriction": {"period": {"start": "2020-01-01"}}}, "planned-dates", "CarePlanActivity."),
        ("Patient", {"multipleBirthBoolean": True}, "patient-multiplebirth", "Patient.multipleBirth[x]"),
    ],
)
def test_where_the_memo_asks_for_it_the_finding_says_so(kind: str, changes: Json, agreement: str, element: str) -> None:
    found = one(made(kind, **changes))
    assert found.agreement == agreement
    assert f"het memo (MIG-KT-001) zet hier {element}" in str(found.words["remedy_nl"])


def test_what_the_memo_does_not_ask_for_rests_on_no_agreement() -> None:
    found = one(made("Task", note=[{"text": "x"}]))
    assert found.agreement is None
    assert "memo" not in str(found.words)


def test_a_finding_names_the_application_that_kt1_names() -> None:
    fact = replace(made("Patient", birthDate=None), migrated=(migrated(source()),))
    examination = SAY["Patient"](fact, CONTEXT)
    assert examination is not None
    assert examination.application == "epd"


def test_a_release_without_the_type_says_nothing() -> None:
    fact = made("RelatedPerson")
    assert say("conformance.related-person", fact, OLD) is None
    assert say("conformance.claimed", fact, OLD) is None
    assert say("conformance.advised", fact, OLD) is None


@pytest.mark.parametrize(
    ("profiles", "what"),
    [
        pytest.param([f"{KT2}Task"], None, id="its profile"),
        pytest.param([f"{KT2}Task|0.16.3"], None, id="with a version"),
        pytest.param([f"{KT2}Task", "https://example.org/Task"], None, id="and somebody's own"),
        pytest.param(None, "does not claim", id="no profile"),
        pytest.param([], "does not claim", id="none of them"),
        pytest.param(f"{KT2}Task", "does not claim", id="not a list"),
        pytest.param(["https://example.org/Task"], "not known", id="unknown"),
        pytest.param([f"{KT2}Patient"], "another type", id="of another type"),
        pytest.param([f"{KT2}Task", f"{KT2}Patient"], "another type", id="its own and of another type"),
    ],
)
def test_a_resource_claims_the_profile_of_its_type(profiles: Any, what: str | None) -> None:
    examination = say("conformance.claimed", made("Task", meta={"profile": profiles}))
    assert examination is not None
    assert bool(examination.problems) == bool(what)
    for problem in examination.problems:
        assert what is not None
        assert what in str(problem.words["what_en"])
        assert (problem.path, problem.expected, problem.actual) == ("meta.profile", f"{KT2}Task", profiles)


def test_a_resource_without_meta_claims_nothing() -> None:
    examination = say("conformance.claimed", made("Task", meta=None))
    assert examination is not None
    assert len(examination.problems) == 1


def test_a_code_outside_an_advised_value_set_is_told_and_no_fault() -> None:
    fact = made("ActivityDefinition", topic=[{"coding": [{"system": "http://example.org", "code": "x"}]}])
    examination = say("conformance.advised", fact)
    assert examination is not None
    (found,) = examination.problems
    assert (found.path, found.words["level"]) == ("topic[0].coding", "KT2")
    assert "koppeltaal-definition-topic" in str(found.expected)
    assert problems(fact) == ()


def test_advice_only_applies_where_the_profile_has_any() -> None:
    assert say("conformance.advised", made("Task")) is None
    assert say("conformance.advised", made("ActivityDefinition")) == Examination(scope="ActivityDefinition")


def codes(kind: str, **changes: Any) -> Codes:
    fact = made(kind, **changes)
    return Codes(target=fact, uses=uses("0.16.3", fact.resource))


def test_codes_that_cannot_be_checked_are_counted_per_system() -> None:
    tags = [{"system": SNOMED, "code": code} for code in ("386053000", "71388002")]
    meta = {"profile": [f"{KT2}Subscription"], "tag": tags}
    examination = say("conformance.unchecked", codes("Subscription", meta=meta, channel={"payload": "text/plain"}))
    assert examination is not None
    told = [
        (item.path, item.words["element"], item.words["system_en"], item.words["count"])
        for item in examination.problems
    ]
    assert told == [
        ("channel.payload", "Subscription.channel.payload", "MIME types (BCP 13)", 1),
        ("meta.tag[0]", "Subscription.meta.tag", "SNOMED CT", 2),
    ]
    assert all("386053000" not in str(item.words) and item.actual is None for item in examination.problems)
    assert say("conformance.unchecked", codes("Subscription")) == Examination(scope="Subscription")


def test_a_code_of_a_system_that_nobody_knows_here_is_counted_too() -> None:
    country = {"extension": [{"url": "x", "valueCodeableConcept": {"coding": [{"system": "y", "code": "z"}]}}]}
    examination = say("conformance.unchecked", codes("Patient", address=[{"_country": country}]))
    assert examination is not None
    (found,) = examination.problems
    assert found.words["system_en"] == "unknown code system"


@pytest.mark.parametrize(
    ("changes", "severity", "path", "actual"),
    [
        pytest.param({"channel": {"payload": "json"}}, None, "channel.payload", "json", id="of a required value set"),
        pytest.param(
            {"meta": {"tag": [{"system": SNOMED, "code": "1"}]}}, Severity.MAJOR, "meta.tag[0]", "1", id="elsewhere"
        ),
    ],
)
def test_a_code_without_the_form_of_its_system_is_wrong_and_not_unchecked(
    changes: Json, severity: Severity | None, path: str, actual: str
) -> None:
    fact = codes("Subscription", **changes)
    examination = say("conformance.code-form", fact)
    assert examination is not None
    (found,) = examination.problems
    assert (found.severity, found.path, found.actual) == (severity, path, actual)
    assert actual not in {str(word) for word in found.words.values()}
    assert say("conformance.unchecked", fact) == Examination(scope="Subscription")
    assert say("conformance.code-form", codes("Subscription")) == Examination(scope="Subscription")


def test_the_numbers_per_system_are_counted_for_the_report() -> None:
    counted = Unchecked()
    tags = [{"system": SNOMED, "code": code} for code in ("386053000", "71388002", "1")]
    for fact in (codes("Task", meta={"tag": tags}), codes("Task", meta={"tag": tags[:1]}), made("Task")):
        counted.add(fact)
    (row,) = counted.rows()
    assert (row["system"], row["resource_type"], row["element"]) == ("snomed-ct", "Task", "Task.meta.tag")
    assert (row["codes"], row["resources"]) == (3, 2)
