"""Area *identificatie*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck import scope, tables
from ktcheck.facts import ApplicationDevice, Context, IdentifierGroup, MigrationIdentifier, Target
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from tests.building import BSN, CONTEXT, EPD, ID, KT1, LINK, MIGRATION, agreed, migrated, say, source, target

CLEAN = Examination(scope="Patient", application="epd")
NAME = f"Patient/{ID}"
CLIENT_ID = tables.identifiers().client_id
ACTIVITY = source("CarePlanActivity", "act-1", app="portaal")
TEAM = source("CareTeam", f"{KT1}/CareTeam/1", app="portaal")
NOBODYS = migrated(system=f"{MIGRATION}Patient")


def found(
    *problems: Problem, scope: str = "Patient", application: str | None = "epd", examined: int = 1
) -> Examination:
    return Examination(scope=scope, application=application, problems=problems, examined=examined)


def _system(expected: str, actual: str, words: dict[str, object], resource: str = NAME, key: str = LINK) -> Problem:
    return Problem(
        resource=resource, source=key, path="identifier.system", expected=expected, actual=actual, words=words
    )


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no migration identifier"),
        pytest.param(target("Patient", NOBODYS), None, id="KT1 did not have it: told by completeness.unexpected"),
        pytest.param(target("Patient", migrated(source())), CLEAN, id="the system of its kind"),
        pytest.param(
            target("Task", migrated(ACTIVITY)), Examination(scope="Task", application="portaal"), id="a task's kind"
        ),
        pytest.param(
            target("CareTeam", migrated(TEAM, system=f"{MIGRATION}Other")),
            Examination(scope="CareTeam", application="portaal"),
            id="another reading: told by identification.type-name",
        ),
        pytest.param(
            target("Patient", migrated(source()), migrated(source())), found(examined=2), id="two, both right"
        ),
        pytest.param(
            target("Patient", migrated(source(), system=f"{MIGRATION}patient")),
            found(_system(f"{MIGRATION}Patient", f"{MIGRATION}patient", {"type": "Patient", "kt1": "Patient"})),
            id="another spelling",
        ),
        pytest.param(
            target("Patient", migrated(source(), system="https://koppeltaal.nl/migration/identifier/Patient")),
            found(
                _system(
                    f"{MIGRATION}Patient",
                    "https://koppeltaal.nl/migration/identifier/Patient",
                    {"type": "Patient", "kt1": "Patient"},
                )
            ),
            id="https",
        ),
        pytest.param(
            target("Task", migrated(ACTIVITY, system=f"{MIGRATION}Task")),
            found(
                _system(
                    f"{MIGRATION}CarePlanActivity",
                    f"{MIGRATION}Task",
                    {"type": "Task", "kt1": "CarePlanActivity"},
                    f"Task/{ID}",
                    "act-1",
                ),
                scope="Task",
                application="portaal",
            ),
            id="the KT2 type instead of the KT1 kind",
        ),
        pytest.param(
            target("Practitioner", migrated(source())),
            found(
                _system(
                    f"{MIGRATION}Patient",
                    f"{MIGRATION}Patient",
                    {"type": "Practitioner", "kt1": "Patient"},
                    f"Practitioner/{ID}",
                ),
                scope="Practitioner",
            ),
            id="on a resource of another type",
        ),
        pytest.param(
            target("Patient", migrated(source()), migrated(source(), system=MIGRATION), NOBODYS),
            found(_system(f"{MIGRATION}Patient", MIGRATION, {"type": "Patient", "kt1": "Patient"}), examined=2),
            id="one of two without a kind; the third is not examined",
        ),
    ],
)
def test_system(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.system", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no migration identifier"),
        pytest.param(target("Patient", migrated(source())), None, id="a kind with one reading"),
        pytest.param(
            target("CareTeam", migrated(TEAM)),
            Examination(scope="CareTeam", application="portaal"),
            id="the proposed reading",
        ),
        pytest.param(
            target("CareTeam", migrated(TEAM, system=f"{MIGRATION}Team")),
            Examination(scope="CareTeam", application="portaal"),
            id="no reading at all: told by identification.system",
        ),
        pytest.param(
            target("CareTeam", migrated(TEAM, system=f"{MIGRATION}Other")),
            found(
                replace(
                    _system(
                        "CareTeam",
                        "Other",
                        {"type": "CareTeam", "name": "Other", "expected": "CareTeam"},
                        f"CareTeam/{ID}",
                        TEAM.key,
                    ),
                    agreement="other-type-name",
                    severity=Severity.ADVICE,
                ),
                scope="CareTeam",
                application="portaal",
            ),
            id="the other reading",
        ),
    ],
)
def test_type_name(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.type-name", fact) == outcome


@pytest.mark.parametrize(
    ("answer", "name", "wrong"),
    [
        ("own-kind", "CareTeam", False),
        ("own-kind", "Other", True),
        ("other", "Other", False),
        ("other", "CareTeam", True),
    ],
)
def test_once_a_name_was_agreed_another_one_is_wrong(answer: str, name: str, wrong: bool) -> None:
    context = agreed(other_type_name=answer)
    row = scope.rows(context.agreements)["CareTeam"]
    fact = target("CareTeam", replace(migrated(TEAM, system=f"{MIGRATION}{name}"), rows=(row,)))
    said = say("identification.type-name", fact, context)
    assert said is not None
    assert [(problem.agreement, problem.severity) for problem in said.problems] == [("other-type-name", None)] * wrong


@pytest.mark.parametrize(
    ("context", "resource_type", "severities"),
    [
        pytest.param(CONTEXT, "CareTeam", [], id="as its kind says"),
        pytest.param(CONTEXT, "Organization", [Severity.ADVICE], id="the memo's reading, not agreed"),
        pytest.param(CONTEXT, "Patient", [None], id="nobody's reading"),
        pytest.param(agreed(teams_without_subject="owner-supplies"), "Organization", [None], id="agreed otherwise"),
        pytest.param(agreed(teams_without_subject="organization"), "Organization", [], id="agreed"),
        pytest.param(agreed(teams_without_subject="organization"), "CareTeam", [None], id="agreed, and not so"),
    ],
)
def test_a_team_without_a_patient_is_what_was_agreed(
    context: Context, resource_type: str, severities: list[Severity | None]
) -> None:
    row = scope.row_of(TEAM, scope.rows(context.agreements), context.agreements)
    assert row is not None
    said = say("identification.system", target(resource_type, replace(migrated(TEAM), rows=(row,))), context)
    assert said is not None
    assert [problem.severity for problem in said.problems] == severities
    assert {problem.agreement for problem in said.problems} <= {"teams-without-subject"}


BY_ID = migrated(ACTIVITY, value=f"{KT1}/CarePlan/1#a-1")
BY_ID = replace(BY_ID, key=BY_ID.value)


@pytest.mark.parametrize(
    ("fact", "wrong"),
    [
        pytest.param(target("Patient", migrated(source())), None, id="no activity"),
        pytest.param(target("Task", NOBODYS), None, id="KT1 did not have it"),
        pytest.param(target("Task", migrated(ACTIVITY)), False, id="the agreed one"),
        pytest.param(target("Task", migrated(ACTIVITY, value="act-1/_history/1")), False, id="with a version on it"),
        pytest.param(target("Task", BY_ID), True, id="the other one"),
        pytest.param(target("Task", BY_ID, migrated(ACTIVITY)), False, id="both"),
    ],
)
def test_activity(fact: Target, wrong: bool | None) -> None:
    for context, severity in ((CONTEXT, Severity.ADVICE), (agreed(activity_identifier="text"), None)):
        problem = Problem(
            resource=f"Task/{ID}",
            source="act-1",
            path="identifier.value",
            expected="act-1",
            actual=[BY_ID.value],
            words={"type": "Task"},
            agreement="activity-identifier",
            severity=severity,
        )
        outcome = found(*[problem] * bool(wrong), scope="Task", application="portaal")
        assert say("identification.activity", fact, context) == (None if wrong is None else outcome)


FIXED = agreed(definition_identifier_system="fixed urn:definitions")


@pytest.mark.parametrize(
    ("system", "context", "missing"),
    [
        pytest.param("urn:other", CONTEXT, None, id="nothing agreed: any will do"),
        pytest.param("urn:definitions", FIXED, [], id="the agreed one"),
        pytest.param("urn:other", FIXED, [["urn:definitions", None]], id="another one"),
    ],
)
def test_the_identifier_of_a_definition_has_the_agreed_system(
    system: str, context: Context, missing: list[list[str | None]] | None
) -> None:
    fact = target(
        "ActivityDefinition",
        migrated(source("ActivityDefinition", app="module")),
        identifier=[{"system": system, "value": "KLACHTENLIJST"}],
    )
    said = say("identification.business-kept", fact, context)
    assert (said is None) == (missing is None)
    for problem in said.problems if said else ():
        assert (problem.expected, problem.agreement) == (missing, "definition-identifier-system")
    assert bool(said and said.problems) == bool(missing)


def test_one_resource_for_each_link_gives_shared_numbers_that_rest_on_that_agreement() -> None:
    group = IdentifierGroup(type="Patient", system=BSN, value="1", holders=("Patient/a", "Patient/b"))
    for context, agreement in ((CONTEXT, None), (agreed(several_links="one-each"), "several-links")):
        said = say("identification.unique", group, context)
        assert said is not None
        assert [problem.agreement for problem in said.problems] == [agreement]


def _use(actual: str | None) -> Problem:
    words = {"type": "Patient"}
    return Problem(resource=NAME, source=LINK, path="identifier.use", expected="temp", actual=actual, words=words)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no migration identifier"),
        pytest.param(target("Patient", migrated(source())), CLEAN, id="temp"),
        pytest.param(target("Patient", migrated(source(), use="official")), found(_use("official")), id="official"),
        pytest.param(target("Patient", migrated(source(), use=None)), found(_use(None)), id="absent"),
        pytest.param(
            target("Patient", migrated(source()), migrated(source(), use="Temp")),
            found(_use("Temp"), examined=2),
            id="the second, with a capital",
        ),
        pytest.param(
            target("Patient", migrated(system=f"{MIGRATION}Patient", use="usual")),
            found(_use("usual"), application=None),
            id="also of what KT1 did not have",
        ),
    ],
)
def test_use(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.use", fact) == outcome


def _versioned(identifier: MigrationIdentifier) -> Problem:
    return Problem(
        resource=NAME,
        source=LINK,
        path="identifier.value",
        expected=LINK,
        actual=identifier.value,
        words={"type": "Patient"},
    )


WITH_VERSION = migrated(source(), value=f"{LINK}/_history/2014-07-01T12:00:00:00.0")


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no migration identifier"),
        pytest.param(target("Patient", migrated(source())), CLEAN, id="without version"),
        pytest.param(target("Patient", WITH_VERSION), found(_versioned(WITH_VERSION)), id="with its version"),
        pytest.param(
            target("Patient", migrated(source()), WITH_VERSION),
            found(_versioned(WITH_VERSION), examined=2),
            id="both with and without",
        ),
    ],
)
def test_versionless(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.versionless", fact) == outcome


def _kept(expected: list[tuple[str, str]], *items: dict[str, Any]) -> Target:
    return target("Patient", migrated(source(identifiers=expected)), identifier=list(items))


def _lost(missing: list[list[str]], actual: list[list[str]]) -> Examination:
    words = {"type": "Patient", "count": len(missing)}
    return found(Problem(resource=NAME, source=LINK, path="identifier", expected=missing, actual=actual, words=words))


NUMBER = {"system": BSN, "value": "999900006"}
CLIENT = {"system": "urn:epd", "value": "77"}


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Patient", identifier=[NUMBER]), None, id="not migrated"),
        pytest.param(_kept([], NUMBER), None, id="KT1 had none"),
        pytest.param(_kept([(BSN, "999900006")], NUMBER), CLEAN, id="kept"),
        pytest.param(_kept([(BSN, "999900006")], CLIENT, NUMBER), CLEAN, id="kept, with another one"),
        pytest.param(
            _kept([(BSN, "999900006")], {"system": "urn:oid:2.16.840.1.113883.2.4.6.3", "value": "999900006"}),
            CLEAN,
            id="under the OID: told by identification.national",
        ),
        pytest.param(
            _kept([(BSN, "999900006")], {"system": "bsn", "value": "999900006"}), CLEAN, id="under the KT1 spelling"
        ),
        pytest.param(_kept([(BSN, "999900006")]), _lost([[BSN, "999900006"]], []), id="lost, no identifier at all"),
        pytest.param(
            _kept([(BSN, "999900006"), ("urn:epd", "77")], CLIENT),
            _lost([[BSN, "999900006"]], [["urn:epd", "77"]]),
            id="one of two lost",
        ),
        pytest.param(
            _kept([(BSN, "999900006")], {"system": BSN, "value": "999900018"}),
            _lost([[BSN, "999900006"]], [[BSN, "999900018"]]),
            id="another value",
        ),
        pytest.param(
            _kept([("urn:epd", "77")], {"system": "urn:other", "value": "77"}),
            _lost([["urn:epd", "77"]], [["urn:other", "77"]]),
            id="another system",
        ),
    ],
)
def test_business_kept(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.business-kept", fact) == outcome


@pytest.mark.parametrize(
    ("holders", "outcome"),
    [
        pytest.param(("Patient/a",), Examination(scope="Patient"), id="one resource"),
        pytest.param(
            ("Patient/a", "Patient/b"),
            found(
                Problem(
                    resource="Patient/a",
                    path="identifier",
                    expected=1,
                    actual={"system": BSN, "value": "999900006", "resources": ["Patient/a", "Patient/b"]},
                    words={"type": "Patient", "count": 2},
                ),
                application=None,
            ),
            id="two resources",
        ),
    ],
)
def test_unique(holders: tuple[str, ...], outcome: Examination) -> None:
    group = IdentifierGroup(type="Patient", system=BSN, value="999900006", holders=holders)
    assert say("identification.unique", group) == outcome


OTHER_NUMBER = {"system": BSN, "value": "999900018"}


def _merged(*numbers: str) -> Problem:
    actual = [[BSN, number] for number in numbers]
    words = {"type": "Patient", "count": len(numbers)}
    return Problem(resource=NAME, path="identifier", expected=1, actual=actual, words=words)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no identifier"),
        pytest.param(target(identifier=[CLIENT]), None, id="no number of a person"),
        pytest.param(target(identifier=[NUMBER, CLIENT]), Examination(scope="Patient"), id="one number"),
        pytest.param(
            target(identifier=[NUMBER, {"system": "bsn", "value": "999900006"}]),
            Examination(scope="Patient"),
            id="one number, under two spellings",
        ),
        pytest.param(
            target(identifier=[OTHER_NUMBER, NUMBER]),
            found(_merged("999900006", "999900018"), application=None),
            id="two numbers",
        ),
        pytest.param(
            target(
                "Patient",
                migrated(source(identifiers=[(BSN, "999900006")])),
                migrated(source(identifiers=[(BSN, "999900018")])),
                identifier=[NUMBER, OTHER_NUMBER],
            ),
            found(_merged("999900006", "999900018")),
            id="two numbers, of two records",
        ),
        pytest.param(
            target(
                "Patient",
                migrated(source(identifiers=[(BSN, "999900006"), (BSN, "999900018")])),
                identifier=[NUMBER, OTHER_NUMBER],
            ),
            CLEAN,
            id="two numbers, as in KT1",
        ),
    ],
)
def test_one_person(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.one-person", fact) == outcome


def _logical_id(identity: str) -> Examination | None:
    return say("identification.logical-id", target("Task", identity=identity))


@given(st.uuids(version=4))
def test_logical_id_accepts_every_uuid_of_version_4(value: uuid.UUID) -> None:
    assert _logical_id(str(value)) == Examination(scope="Task")
    assert _logical_id(str(value).upper()) == Examination(scope="Task")


@given(st.uuids().filter(lambda value: value.version != 4).map(str) | st.text(max_size=64))
def test_logical_id_refuses_everything_else(identity: str) -> None:
    problem = Problem(
        resource=f"Task/{identity}", path="id", expected="UUIDv4", actual=identity, words={"type": "Task"}
    )
    assert _logical_id(identity) == found(problem, scope="Task", application=None)


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("{" + ID + "}", id="braces"),
        pytest.param(f"urn:uuid:{ID}", id="urn"),
        pytest.param(ID.replace("-", ""), id="without hyphens"),
        pytest.param(ID.replace("4", "1", 1), id="version 1"),
        pytest.param(ID.replace("-8", "-c"), id="not the RFC 4122 variant"),
        pytest.param("999900006", id="a number with a meaning"),
        pytest.param("", id="empty"),
    ],
)
def test_logical_id_refuses_other_forms(identity: str) -> None:
    outcome = _logical_id(identity)
    assert outcome is not None
    assert len(outcome.problems) == 1


def _no_identifier(kind: str) -> Examination:
    problem = Problem(resource=f"{kind}/{ID}", path="identifier", words={"type": kind})
    return found(problem, scope=kind, application=None)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("AuditEvent"), None, id="not mandatory"),
        pytest.param(target("Endpoint"), None, id="not mandatory either"),
        pytest.param(target("Task", identifier=[{"value": "1"}]), Examination(scope="Task"), id="a value"),
        pytest.param(target("Task"), _no_identifier("Task"), id="no identifier"),
        pytest.param(target("Task", identifier=[]), _no_identifier("Task"), id="an empty list"),
        pytest.param(target("Task", identifier=[{"system": BSN}]), _no_identifier("Task"), id="a system only"),
        pytest.param(target("Task", identifier=[{"value": ""}]), _no_identifier("Task"), id="an empty value"),
        pytest.param(target("Task", identifier={"value": "1"}), _no_identifier("Task"), id="no list"),
    ],
)
def test_present(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.present", fact) == outcome


def _deviating(system: str, expected: str) -> Problem:
    words = {"type": "Patient"}
    return Problem(resource=NAME, path="identifier.system", expected=expected, actual=system, words=words)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no identifier"),
        pytest.param(target(identifier=[{"value": "999900006"}]), None, id="no system"),
        pytest.param(target(identifier=[{"system": ["x"], "value": "1"}]), None, id="a system that is no text"),
        pytest.param(target(identifier=[NUMBER]), Examination(scope="Patient"), id="nl-core"),
        pytest.param(
            target(identifier=[NUMBER, CLIENT]), Examination(scope="Patient", examined=2), id="one of its own"
        ),
        *(
            pytest.param(
                target(identifier=[{"system": wrong, "value": "999900006"}, CLIENT]),
                found(_deviating(wrong, right), application=None, examined=2),
                id=wrong,
            )
            for wrong, right in tables.identifiers().not_national.items()
        ),
    ],
)
def test_national(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.national", fact) == outcome


def _device(*values: str) -> Target:
    return target("Device", identifier=[{"system": CLIENT_ID, "value": value} for value in values])


def _other_client(*values: str) -> Examination:
    problem = Problem(resource=f"Device/{ID}", path="identifier.value", expected=ID, actual=list(values))
    return found(problem, scope="Device", application=None)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target(), None, id="no Device"),
        pytest.param(_device(ID), Examination(scope="Device"), id="its client_id"),
        pytest.param(
            target("Device", identifier=[{"system": "urn:x", "value": "1"}, {"system": CLIENT_ID, "value": ID}]),
            Examination(scope="Device"),
            id="its client_id, and one of another system",
        ),
        pytest.param(_device("other"), _other_client("other"), id="another client_id"),
        pytest.param(_device(), _other_client(), id="none"),
        pytest.param(_device(ID, "other"), _other_client(ID, "other"), id="two"),
        pytest.param(
            target("Device", identifier=[{"system": "urn:x", "value": ID}]), _other_client(), id="another system"
        ),
    ],
)
def test_device(fact: Target, outcome: Examination | None) -> None:
    assert say("identification.device", fact) == outcome


def _unregistered(actual: list[str | None] | None) -> Examination:
    words = {"application": "epd"}
    problem = Problem(resource="Device/epd", path="identifier", expected="epd", actual=actual, words=words)
    return found(problem, scope="Device")


@pytest.mark.parametrize(
    ("device", "outcome"),
    [
        pytest.param(
            {"id": "epd", "identifier": [{"value": "epd"}]}, Examination(scope="Device", application="epd"), id="there"
        ),
        pytest.param(None, _unregistered(None), id="no Device"),
        pytest.param({"id": "epd"}, _unregistered([]), id="no identifier"),
        pytest.param(
            {"id": "epd", "identifier": [{"value": "portaal"}, {}]},
            _unregistered(["portaal", None]),
            id="another client_id",
        ),
    ],
)
def test_application(device: dict[str, Any] | None, outcome: Examination) -> None:
    assert say("identification.application", ApplicationDevice(application=EPD, device=device)) == outcome
