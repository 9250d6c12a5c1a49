"""Area *referenties*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ktcheck import tables
from ktcheck.facts import Context, Expected, Reference, Target
from ktcheck.findings import Severity
from ktcheck.rules import Examination, Problem
from tests.building import (
    CONTEXT,
    ENDPOINT,
    ID,
    INSTANTIATES,
    KT1,
    ORIGIN,
    agreed,
    expected,
    migrated,
    reference,
    say,
    source,
    target,
)

RELEASE_08 = replace(CONTEXT, profile_version="0.8")
TASK = f"Task/{ID}"
CLEAN = Examination(scope="Task", application="portaal")
ACTIVITY = source("CarePlanActivity", "act-1", app="portaal", references={"definition": ("def",)})
SUB = source("CarePlanSubActivity", "act-1#a", app="portaal", references={"activity": ("act-1",)})


def found(
    *problems: Problem, examined: int = 1, scope: str = "Task", application: str | None = "portaal"
) -> Examination:
    return Examination(scope=scope, application=application, problems=problems, examined=examined)


def task(*references: Reference, meant: tuple[Expected, ...] = (), **content: Any) -> Target:
    """A Task that was migrated from an activity."""
    return target("Task", migrated(ACTIVITY), references=references, meant=meant, **content)


FOR = reference("Task", "for", "Patient/a")
GONE = reference("Task", "owner", "Practitioner/b", exists=False)
UNKNOWN = reference("Task", "owner", "Practitioner/b", exists=None)
LOGICAL = reference("Task", "for", None)
INSTANCE = reference("Task", INSTANTIATES, "ActivityDefinition/d")


def _gone(path: str, raw: str, kind: str, resource: str = TASK) -> Problem:
    words = {"type": resource.split("/", 1)[0], "path": path, "target": kind}
    return Problem(resource=resource, path=path, actual=raw, words=words)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(task(), None, id="no reference"),
        pytest.param(task(LOGICAL), None, id="not literal: told by references.literal"),
        pytest.param(task(UNKNOWN), None, id="of a type that the suite cannot see in full"),
        pytest.param(
            target("AuditEvent", references=[reference("AuditEvent", "entity.what", "Task/x", exists=False)]),
            None,
            id="what the logging is about may be gone",
        ),
        pytest.param(task(FOR), CLEAN, id="there"),
        pytest.param(
            task(FOR, GONE, UNKNOWN),
            found(_gone("owner", "Practitioner/b", "Practitioner"), examined=2),
            id="one of two is gone; the third is not examined",
        ),
        pytest.param(
            target("AuditEvent", references=[reference("AuditEvent", "agent.who", "Device/x", exists=False)]),
            found(
                _gone("agent.who", "Device/x", "Device", f"AuditEvent/{ID}"),
                scope="AuditEvent",
                application=None,
            ),
            id="the application in the logging is gone",
        ),
    ],
)
def test_resolves(fact: Target, outcome: Examination | None) -> None:
    assert say("references.resolves", fact) == outcome


def _mistyped(path: str, raw: str, kind: str, allowed: list[str], label: str | None = None) -> Problem:
    words = {"type": "Task", "path": label or path, "target": kind, "allowed": ", ".join(allowed)}
    return Problem(resource=TASK, path=path, expected=allowed, actual=raw, words=words)


OWNERS = ["CareTeam", "Patient", "Practitioner", "RelatedPerson"]
BY_RELATIVE = reference("Task", "owner", "RelatedPerson/r")


@pytest.mark.parametrize(
    ("fact", "context", "outcome"),
    [
        pytest.param(task(), CONTEXT, None, id="no reference"),
        pytest.param(task(LOGICAL), CONTEXT, None, id="not literal: told by references.literal"),
        pytest.param(task(reference("Task", "focus", "Device/x")), CONTEXT, None, id="no profile describes it"),
        pytest.param(
            target("AuditEvent", references=[reference("AuditEvent", "entity.what", "Task/x")]),
            CONTEXT,
            None,
            id="the profile allows any type",
        ),
        pytest.param(task(FOR), CONTEXT, CLEAN, id="the allowed type"),
        pytest.param(task(BY_RELATIVE), CONTEXT, CLEAN, id="a related person may perform"),
        pytest.param(
            task(BY_RELATIVE),
            RELEASE_08,
            found(_mistyped("owner", "RelatedPerson/r", "RelatedPerson", OWNERS[:3])),
            id="release 0.8 has no related persons",
        ),
        pytest.param(
            task(FOR, reference("Task", "for", "Practitioner/b", exists=False)),
            CONTEXT,
            found(_mistyped("for", "Practitioner/b", "Practitioner", ["Patient"]), examined=2),
            id="another type, also when it is gone",
        ),
        pytest.param(
            task(reference("Task", ORIGIN, "Organization/o")),
            CONTEXT,
            found(_mistyped(ORIGIN, "Organization/o", "Organization", ["Device"], "resource-origin")),
            id="resource-origin, of any type",
        ),
        pytest.param(
            task(reference("Task", INSTANTIATES, "Task/t")),
            CONTEXT,
            found(_mistyped(INSTANTIATES, "Task/t", "Task", ["ActivityDefinition"], "instantiates")),
            id="instantiates",
        ),
    ],
)
def test_type(fact: Target, context: Context, outcome: Examination | None) -> None:
    assert say("references.type", fact, context) == outcome


def _not_literal(raw: str | None, dutch: str, english: str) -> Examination:
    words = {"type": "Task", "path": "for", "form_nl": dutch, "form_en": english}
    return found(Problem(resource=TASK, path="for", actual=raw, words=words))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(task(), None, id="no reference"),
        pytest.param(task(FOR, GONE), replace(CLEAN, examined=2), id="literal, there or not"),
        pytest.param(task(reference("Task", "for", "Patient/a/_history/2")), CLEAN, id="of a version"),
        pytest.param(task(LOGICAL), _not_literal(None, "alleen een identifier", "identifier only"), id="logical"),
        pytest.param(
            task(reference("Task", "for", "#p")),
            _not_literal("#p", "een contained resource", "a contained resource"),
            id="contained",
        ),
        pytest.param(
            task(reference("Task", "for", f"{KT1}/Patient/1")),
            _not_literal(f"{KT1}/Patient/1", "een adres buiten dit domein", "an address outside this domain"),
            id="still the KT1 link",
        ),
        pytest.param(
            task(reference("Task", "for", "patient/1")),
            _not_literal("patient/1", "niet van de vorm Type/id", "not of the form Type/id"),
            id="malformed",
        ),
    ],
)
def test_literal(fact: Target, outcome: Examination | None) -> None:
    assert say("references.literal", fact) == outcome


def meant(path: str, targets: list[str], *actual: Reference, also: tuple[str, ...] = ()) -> tuple[Expected, ...]:
    return (expected("Task", path, targets, actual, also),)


def _empty(path: str, targets: list[str]) -> Examination:
    words = {"type": "Task", "path": path}
    return found(Problem(resource=TASK, source="act-1", path=path, expected=targets, words=words))


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(task(), None, id="KT1 had no reference"),
        pytest.param(task(meant=meant("for", [])), None, id="KT1 had one, to what was not migrated"),
        pytest.param(task(meant=meant("requester", ["Practitioner/b"])), None, id="nothing is agreed"),
        pytest.param(
            task(meant=meant(INSTANTIATES, ["ActivityDefinition/d"])), None, id="told by references.instantiates"
        ),
        pytest.param(task(meant=meant("for", ["Patient/a"], FOR)), CLEAN, id="kept"),
        pytest.param(
            task(meant=meant("for", ["Patient/z"], FOR)), CLEAN, id="kept, to another: told by references.meant"
        ),
        pytest.param(task(meant=meant("for", ["Patient/a"], LOGICAL)), CLEAN, id="told by references.literal"),
        pytest.param(task(meant=meant("for", ["Patient/a"])), _empty("for", ["Patient/a"]), id="dropped"),
        pytest.param(task(meant=meant("partOf", ["Task/t"])), _empty("partOf", ["Task/t"]), id="main task dropped"),
    ],
)
def test_kept(fact: Target, outcome: Examination | None) -> None:
    assert say("references.kept", fact) == outcome


def _other(path: str, targets: list[str], actual: list[str | None], **rests: Any) -> Problem:
    return Problem(
        resource=TASK,
        source="act-1",
        path=path,
        expected=targets,
        actual=actual,
        words={"type": "Task", "path": path},
        **rests,
    )


TO_B = reference("Task", "owner", "Practitioner/b")
TO_C = reference("Task", "owner", "Practitioner/c")
TO_TEAM = reference("Task", "owner", "CareTeam/t")


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(task(), None, id="KT1 had no reference"),
        pytest.param(task(meant=meant("for", [], FOR)), None, id="KT1 had one, to what was not migrated"),
        pytest.param(task(meant=meant("for", ["Patient/a"])), None, id="dropped: told by references.kept"),
        pytest.param(task(meant=meant("for", ["Patient/a"], LOGICAL)), None, id="told by references.literal"),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/c"], GONE)), None, id="gone: told by references.resolves"
        ),
        pytest.param(
            task(meant=meant("for", ["Patient/a"], reference("Task", "for", "Practitioner/b"))),
            None,
            id="of a wrong type: told by references.type",
        ),
        pytest.param(
            task(meant=meant("requester", ["Practitioner/b"], reference("Task", "requester", "Practitioner/c"))),
            None,
            id="nothing is agreed: told by references.assumption",
        ),
        pytest.param(task(meant=meant("for", ["Patient/a"], FOR)), CLEAN, id="to what was meant"),
        pytest.param(task(meant=meant("owner", ["Practitioner/b"], UNKNOWN)), CLEAN, id="the same, not to be seen"),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b", "Practitioner/x"], TO_B)), CLEAN, id="to one of two holders"
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_C, also=("Practitioner/c",))),
            CLEAN,
            id="another reading: told by references.assumption",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_TEAM, also=("CareTeam/t",))),
            CLEAN,
            id="a care team of the patient: another reading too",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_TEAM)),
            found(_other("owner", ["Practitioner/b"], ["CareTeam/t"])),
            id="a care team of somebody else",
        ),
        pytest.param(
            task(meant=tuple(replace(item, strangers=("Practitioner/c",)) for item in meant("owner", [], TO_C))),
            found(_other("owner", [], ["Practitioner/c"])),
            id="to something else, while what was meant is not there",
        ),
        pytest.param(
            task(meant=meant("owner", [], TO_C)), None, id="to something new, while what was meant is not there"
        ),
        pytest.param(
            task(meant=meant("for", ["Patient/z"], FOR)),
            found(_other("for", ["Patient/z"], ["Patient/a"])),
            id="to another patient",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/c"], UNKNOWN)),
            found(_other("owner", ["Practitioner/c"], ["Practitioner/b"])),
            id="to another one, not to be seen",
        ),
        pytest.param(
            task(meant=(*meant("for", ["Patient/a"], FOR), *meant("owner", ["Practitioner/b"], TO_C))),
            found(_other("owner", ["Practitioner/b"], ["Practitioner/c"]), examined=2),
            id="one of two elements",
        ),
    ],
)
def test_meant(fact: Target, outcome: Examination | None) -> None:
    assert say("references.meant", fact) == outcome


OPEN = {"agreement": "participants", "severity": Severity.ADVICE}
REQUESTER = reference("Task", "requester", "Practitioner/b")


def team(targets: list[str], *members: str) -> Target:
    """A CareTeam with these members, where KT1 had those."""
    record = source("CareTeam", f"{KT1}/CareTeam/1", app="portaal")
    path = "participant.member"
    actual = [reference("CareTeam", path, member) for member in members]
    return target("CareTeam", migrated(record), meant=[expected("CareTeam", path, targets, actual)])


def _members(targets: list[str], *members: str | None) -> Examination:
    problem = Problem(
        resource=f"CareTeam/{ID}",
        source=f"{KT1}/CareTeam/1",
        path="participant.member",
        expected=targets,
        actual=list(members),
        words={"type": "CareTeam", "path": "participant.member"},
        agreement="participants",
        severity=Severity.ADVICE,
    )
    return found(problem, scope="CareTeam")


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(task(), None, id="KT1 had no reference"),
        pytest.param(task(meant=meant("for", ["Patient/z"], FOR)), None, id="nothing is open"),
        pytest.param(task(meant=meant("requester", [], REQUESTER)), None, id="KT1 had one, to what was not migrated"),
        pytest.param(
            task(meant=meant("requester", ["Practitioner/b"])),
            found(_other("requester", ["Practitioner/b"], [], **OPEN)),
            id="one value, dropped",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"])), None, id="agreed, dropped: told by references.kept"
        ),
        pytest.param(task(meant=meant("requester", ["Practitioner/b"], REQUESTER)), CLEAN, id="the proposal"),
        pytest.param(
            task(meant=meant("requester", ["Practitioner/c"], REQUESTER)),
            found(_other("requester", ["Practitioner/c"], ["Practitioner/b"], **OPEN)),
            id="not agreed, and another one",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_C)), CLEAN, id="agreed: told by references.meant"
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_C, also=("Practitioner/c",))),
            found(_other("owner", ["Practitioner/b"], ["Practitioner/c"], **OPEN)),
            id="agreed, and the other reading",
        ),
        pytest.param(
            task(meant=meant("owner", ["Practitioner/b"], TO_TEAM, also=("CareTeam/t",))),
            found(_other("owner", ["Practitioner/b"], ["CareTeam/t"], **OPEN)),
            id="agreed, and a care team",
        ),
        pytest.param(
            team(["Practitioner/b"], "Practitioner/b"),
            Examination(scope="CareTeam", application="portaal"),
            id="several values: those of KT1",
        ),
        pytest.param(
            team(["Practitioner/b"], "Practitioner/b", "Practitioner/c"),
            Examination(scope="CareTeam", application="portaal"),
            id="several values: more than KT1 had",
        ),
        pytest.param(
            team(["Practitioner/b", "RelatedPerson/r"], "Practitioner/b"),
            _members(["Practitioner/b", "RelatedPerson/r"], "Practitioner/b"),
            id="several values: one dropped",
        ),
        pytest.param(team(["Practitioner/b"]), _members(["Practitioner/b"]), id="several values: all dropped"),
    ],
)
def test_assumption(fact: Target, outcome: Examination | None) -> None:
    assert say("references.assumption", fact) == outcome


CARE_TEAM = agreed(participants="care-team")


def test_once_it_was_agreed_a_deviation_weighs_as_much_as_the_rule_says() -> None:
    fact = task(meant=meant("requester", ["Practitioner/c"], REQUESTER))
    said = say("references.assumption", fact, CARE_TEAM)
    assert said == found(_other("requester", ["Practitioner/c"], ["Practitioner/b"], agreement="participants"))


def test_a_care_team_as_owner_is_advice_whatever_was_agreed_about_participants() -> None:
    fact = task(meant=meant("owner", ["Practitioner/b"], TO_TEAM, also=("CareTeam/t",)))
    assert say("references.assumption", fact, CARE_TEAM) == found(
        _other("owner", ["Practitioner/b"], ["CareTeam/t"], **OPEN)
    )
    assert say("references.meant", fact, CARE_TEAM) == CLEAN


def test_what_is_wrong_by_an_agreement_names_it() -> None:
    fact = task(meant=meant("owner", ["Practitioner/b"], TO_C))
    assert say("references.meant", fact) == found(_other("owner", ["Practitioner/b"], ["Practitioner/c"]))
    assert say("references.meant", fact, CARE_TEAM) == found(
        _other("owner", ["Practitioner/b"], ["Practitioner/c"], agreement="participants")
    )


def test_another_reading_counts_although_what_was_meant_is_not_there() -> None:
    fact = task(meant=meant("owner", [], TO_C, also=("Practitioner/c",)))
    assert say("references.assumption", fact) == found(_other("owner", [], ["Practitioner/c"], **OPEN))
    assert say("references.meant", fact) is None


@pytest.mark.parametrize(("members", "wrong"), [((), False), (("Practitioner/c",), False), (("Practitioner/b",), True)])
def test_what_was_agreed_not_to_move_may_not_be_there(members: tuple[str, ...], wrong: bool) -> None:
    fact = team(["Practitioner/b"], *members)
    dropped = tuple(replace(item, row=replace(item.row, absent=True)) for item in fact.expected)
    said = say("references.assumption", replace(fact, expected=dropped), agreed(participants="drop"))
    assert said is not None
    assert said.examined == 1
    assert [(problem.expected, problem.severity) for problem in said.problems] == [(None, None)] * wrong


def test_what_could_have_been_left_out_names_the_question() -> None:
    path = "managingOrganization"
    record = source("CareTeam", f"{KT1}/CareTeam/1", app="portaal")
    fact = target("CareTeam", migrated(record), meant=[expected("CareTeam", path, ["Organization/o"], [])])
    said = say("references.kept", fact)
    assert said is not None
    assert [problem.agreement for problem in said.problems] == ["team-organizations"]


def _no_definition(canonical: str | None, application: str | None = "portaal") -> Examination:
    problem = Problem(resource=TASK, path="extension", actual=canonical, words={"type": "Task"})
    return found(problem, application=application)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Patient"), None, id="no Task"),
        pytest.param(task(INSTANCE), CLEAN, id="the extension"),
        pytest.param(task(INSTANCE, instantiatesCanonical="urn:d"), CLEAN, id="the extension, and the canonical too"),
        pytest.param(target("Task", migrated(SUB)), CLEAN, id="a sub-task needs none"),
        pytest.param(target("Task"), Examination(scope="Task"), id="a new task need not come from a definition"),
        pytest.param(task(), _no_definition(None), id="no extension, where KT1 had a definition"),
        pytest.param(task(instantiatesCanonical="urn:d"), _no_definition("urn:d"), id="the canonical only"),
        pytest.param(
            target("Task", migrated(SUB), instantiatesCanonical="urn:d"),
            _no_definition("urn:d"),
            id="a sub-task with the canonical",
        ),
        pytest.param(
            target("Task", instantiatesCanonical="urn:d"),
            _no_definition("urn:d", None),
            id="a new task with the canonical",
        ),
    ],
)
def test_instantiates(fact: Target, outcome: Examination | None) -> None:
    assert say("references.instantiates", fact) == outcome


DEFINED = source("CarePlanActivity", "act-1", app="portaal", references={"definition": ("KLACHTENLIJST",)})
TOLD = target("Task", migrated(DEFINED), description="KLACHTENLIJST")
BEHIND = replace(expected("Task", INSTANTIATES, [], []), left_behind=True)
CANONICAL = target("Task", migrated(SUB), instantiatesCanonical="act-1")


@pytest.mark.parametrize(
    ("fact", "context", "problems"),
    [
        pytest.param(TOLD, CONTEXT, [("task-definition", Severity.ADVICE)], id="the memo's reading"),
        pytest.param(TOLD, agreed(task_definition="description"), [], id="agreed"),
        pytest.param(TOLD, agreed(task_definition="instantiates"), [("task-definition", None)], id="agreed otherwise"),
        pytest.param(target("Task", migrated(DEFINED), description="Stap 1"), CONTEXT, [(None, None)], id="other text"),
        pytest.param(replace(TOLD, expected=(BEHIND,)), CONTEXT, [], id="the definition was left behind"),
        pytest.param(CANONICAL, agreed(status_activity="instantiates-canonical"), [], id="the canonical, agreed"),
        pytest.param(
            CANONICAL, agreed(status_activity="identifier"), [(None, None)], id="the canonical, agreed otherwise"
        ),
    ],
)
def test_what_was_agreed_about_definitions_counts(
    fact: Target, context: Context, problems: list[tuple[str | None, Severity | None]]
) -> None:
    said = say("references.instantiates", fact, context)
    assert said is not None
    assert [(problem.agreement, problem.severity) for problem in said.problems] == problems


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(target("Task"), None, id="no ActivityDefinition"),
        pytest.param(
            target("ActivityDefinition", references=[reference("ActivityDefinition", ENDPOINT, "Endpoint/e")]),
            Examination(scope="ActivityDefinition"),
            id="an Endpoint",
        ),
        pytest.param(
            target(
                "ActivityDefinition",
                references=[reference("ActivityDefinition", ENDPOINT, "Endpoint/e", exists=False)],
            ),
            Examination(scope="ActivityDefinition"),
            id="an Endpoint that is gone: told by references.resolves",
        ),
        pytest.param(
            target("ActivityDefinition", references=[reference("ActivityDefinition", ORIGIN, "Device/module")]),
            found(
                Problem(resource=f"ActivityDefinition/{ID}", path="extension", words={"type": "ActivityDefinition"}),
                scope="ActivityDefinition",
                application=None,
            ),
            id="none",
        ),
    ],
)
def test_endpoint(fact: Target, outcome: Examination | None) -> None:
    assert say("references.endpoint", fact) == outcome


def made_by(kind: str, *devices: str, record: str | None = None, app: str | None = None) -> Target:
    """A resource with these resource-origins; ``record``: migrated from that KT1 kind, which ``app`` had."""
    found = [migrated(source(record, app=app))] if record else []
    return target(kind, *found, references=[reference(kind, ORIGIN, device) for device in devices])


def _strange(kind: str, expected: list[str], actual: list[str], word: str, app: str | None = None) -> Examination:
    words = {"absent": ("ontbreekt", "is absent"), "several": ("komt meer dan één keer voor", "occurs more than once")}
    dutch, english = words.get(word, ("is een andere applicatie", "is another application"))
    problem = Problem(
        resource=f"{kind}/{ID}",
        path="extension",
        expected=expected,
        actual=actual,
        words={"type": kind, "problem_nl": dutch, "problem_en": english},
    )
    return found(problem, scope=kind, application=app)


MODULES = ["Device/andere", "Device/module"]


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(made_by("AuditEvent"), None, id="nobody is the agreed source"),
        pytest.param(made_by("Task", "Device/portaal"), Examination(scope="Task"), id="the owner"),
        pytest.param(
            target("Task", references=[reference("Task", ORIGIN, "Device/portaal"), FOR]),
            Examination(scope="Task"),
            id="the owner, beside other references",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/andere"),
            Examination(scope="ActivityDefinition"),
            id="one of two owners, new in KT2",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/andere", record="ActivityDefinition"),
            Examination(scope="ActivityDefinition"),
            id="one of two owners, undecided in KT1",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/module", record="ActivityDefinition", app="module"),
            Examination(scope="ActivityDefinition", application="module"),
            id="the one of two owners that had it in KT1",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/andere", record="ActivityDefinition", app="module"),
            _strange("ActivityDefinition", ["Device/module"], ["Device/andere"], "other", "module"),
            id="the other owner",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/epd", record="ActivityDefinition"),
            _strange("ActivityDefinition", MODULES, ["Device/epd"], "other"),
            id="no owner at all",
        ),
        pytest.param(
            made_by("ActivityDefinition", "Device/epd"),
            Examination(scope="ActivityDefinition"),
            id="made later, by whom does not matter",
        ),
        pytest.param(
            made_by("Endpoint", "Device/epd"),
            _strange("Endpoint", MODULES, ["Device/epd"], "other"),
            id="no owner of a type that is not migrated",
        ),
        pytest.param(made_by("Endpoint", "Device/module"), Examination(scope="Endpoint"), id="an owner of such a type"),
        pytest.param(made_by("Task"), _strange("Task", ["Device/portaal"], [], "absent"), id="absent"),
        pytest.param(
            made_by("Task", "Device/portaal", "Device/portaal"),
            _strange("Task", ["Device/portaal"], ["Device/portaal"] * 2, "several"),
            id="twice, both right",
        ),
    ],
)
def test_origin(fact: Target, outcome: Examination | None) -> None:
    assert say("references.origin", fact) == outcome


def test_without_any_owner_there_is_no_agreed_origin() -> None:
    assert say("references.origin", made_by("Task", "Device/x"), replace(CONTEXT, applications=())) is None


def test_every_element_that_has_to_follow_kt1_is_agreed_or_open() -> None:
    """So that a difference is told by references.meant or by references.assumption, never by neither."""
    rows = [row for row in tables.references().rows.values() if row.kt1]
    assert rows
    assert [row.path for row in rows if not row.agreed and not row.agreement] == []
