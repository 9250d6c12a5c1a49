"""How a scenario gets its answer from the rules: truth tables of the one way to ask (``fixtures.run.Check``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.run import Check
from ktcheck.assessment import Assessment
from ktcheck.counting import Counting
from ktcheck.domain import Domain
from ktcheck.facts import Context, Fact, TypeCount
from ktcheck.findings import Status
from ktcheck.mappability import Mappability
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError, RunningScenario, understand
from steps.gegeven import snapshot, source_inventory
from tests.building import CONTEXT, EPD, KT1, agreed, match, reference, source, target

GONE = match(holders=())
ACTIVITY = match(source("CarePlanActivity", "a", app="portaal"))
TEAM = match(source("CareTeam", f"{KT1}/CareTeam/1", app="portaal"))
NARROWED = TypeCount(type="Task", distinct=1, total=1, changed=False, rights="narrowed", supported=True)
ONLY_PATIENTS = replace(CONTEXT, applications=(EPD.model_copy(update={"owns": ("Patient",)}),))


class Asking:
    """A scenario that asks about a domain with some facts."""

    def __init__(self, path: Path) -> None:
        self.assessment = Assessment(path)

    def prepared(self, context: Context, *facts: Fact) -> Prepared:
        counting = Counting(context.profile_version)
        self.assessment.run(facts, context, counting)
        return Prepared(
            domain=Domain.model_validate({"domain": {"name": "z"}}),
            inventory=None,
            snapshot=None,
            context=context,
            assessment=self.assessment,
            counting=counting,
            mappability=Mappability(),
        )

    def about(
        self, *facts: Fact, context: Context = CONTEXT, hidden: tuple[str, ...] = (), scenario: str = "VOL-01"
    ) -> tuple[Check, RunningScenario]:
        """The way to ask, and the scenario that remembers the answers."""
        tags = understand([scenario, "volledigheid", "blocking", "stap-U2"])
        phase = "voorbereiden" if scenario.startswith("BRON") else "uitvoeren"
        running = RunningScenario(id=scenario, name="n", feature="f", phase=phase, tags=tags)
        return Check(self.prepared(replace(context, hidden_types=frozenset(hidden)), *facts), running), running


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    one = Asking(tmp_path / "findings.sqlite")
    yield one
    one.assessment.close()


def test_what_was_examined_and_is_in_order_passes(asking: Asking) -> None:
    check, scenario = asking.about(match(), match(), ACTIVITY)
    check("completeness.present", "completeness.once", scope="Patient")
    assert (scenario.examined, scenario.findings) == (4, [])
    assert scenario.rules == ["completeness.present", "completeness.once"]


def test_a_finding_fails(asking: Asking) -> None:
    check, scenario = asking.about(match(), GONE)
    with pytest.raises(AssertionError, match=r"^1 bevinding"):
        check("completeness.present", scope="Patient")
    assert (scenario.examined, len(scenario.findings)) == (2, 1)


def test_without_a_scope_every_scope_counts_but_those_left_out(asking: Asking) -> None:
    gone = [
        target(kind, references=[reference(kind, "managingOrganization", "Organization/x", exists=False)])
        for kind in ("Patient", "CareTeam", "Endpoint")
    ]
    check, scenario = asking.about(match(), *gone)
    with pytest.raises(AssertionError, match=r"^2 bevinding"):
        check("references.resolves", but=("Endpoint",))
    assert {finding.scope for finding in scenario.findings} == {"Patient", "CareTeam"}


ALL, PATIENT, ACTIVITIES, LOGGING = None, "Patient", "CarePlanActivity", "AuditEvent"


@pytest.mark.parametrize(
    ("scenario", "scope", "hidden", "reason"),
    [
        pytest.param("VOL-01", PATIENT, ("Patient",), "Patient", id="the type itself"),
        pytest.param("VOL-01", PATIENT, ("Task", "Organization"), None, id="other types"),
        pytest.param("VOL-01", ACTIVITIES, ("Task",), "Task", id="the type that the kind becomes"),
        pytest.param("REF-09", LOGGING, ("Patient",), None, id="one type, another is hidden"),
        pytest.param("REF-09", LOGGING, ("AuditEvent",), "AuditEvent", id="one type, hidden"),
        pytest.param("IDE-01", ALL, ("Task", "Patient"), "Patient, Task", id="all types, two are hidden"),
        pytest.param("REF-01", ALL, ("Device",), "Device", id="all types, the applications are hidden"),
        pytest.param("REF-01", ALL, ("AuditEvent", "Subscription"), None, id="all types that are compared"),
        pytest.param("SNAP-01", ALL, ("Patient",), None, id="the snapshot itself is judged all the same"),
        pytest.param("BRON-01", ALL, ("Patient",), None, id="the source has nothing to do with it"),
    ],
)
def test_what_the_suite_may_not_read_in_full_is_blocked(
    asking: Asking, scenario: str, scope: str | None, hidden: tuple[str, ...], reason: str | None
) -> None:
    facts: list[Fact] = [match(), ACTIVITY, target("AuditEvent"), target("Patient")]
    check, running = asking.about(*facts, hidden=hidden, scenario=scenario)
    rules = ("completeness.present", "identification.logical-id")
    if reason is None:
        check(*rules, scope=scope)
        assert running.examined
        return
    with pytest.raises(NotShownError, match=f"^de suite kan niet alles lezen van {reason}$") as caught:
        check(*rules, scope=scope)
    assert (caught.value.status, caught.value.excused) == (Status.BLOCKED, False)


def test_what_is_found_among_what_can_be_seen_is_told_all_the_same(asking: Asking) -> None:
    check, scenario = asking.about(match(), GONE, hidden=("Patient",))
    with pytest.raises(AssertionError, match=r"^1 bevinding"):
        check("completeness.present", scope="Patient")
    assert scenario.findings


def test_a_type_that_the_service_does_not_have_is_blocked_only_where_kt1_had_any(asking: Asking) -> None:
    context = replace(CONTEXT, unsupported_types=frozenset({"Patient"}))
    check, _ = asking.about(match(), context=context)
    with pytest.raises(NotShownError, match="biedt Patient niet aan") as caught:
        check("completeness.once", scope="Patient")
    assert caught.value.status is Status.BLOCKED


def test_narrowed_rights_are_told_although_they_block_the_rest(asking: Asking) -> None:
    check, scenario = asking.about(match(), NARROWED, hidden=("Task",), scenario="SNAP-01")
    with pytest.raises(AssertionError, match="bevinding"):
        check("snapshot.rights")
    assert [finding.rule for finding in scenario.findings] == ["snapshot.rights"]


@pytest.mark.parametrize(
    ("facts", "context", "scope", "status", "excused"),
    [
        pytest.param([match()], CONTEXT, "CareTeam", Status.NOT_EVIDENCED, False, id="somebody is its source"),
        pytest.param([match()], ONLY_PATIENTS, "CareTeam", Status.NOT_RUN, True, id="nobody is its source"),
        pytest.param([match()], ONLY_PATIENTS, ACTIVITIES, Status.NOT_RUN, True, id="nobody, for a kind of KT1"),
        pytest.param([match()], CONTEXT, ACTIVITIES, Status.NOT_EVIDENCED, False, id="somebody, for a kind of KT1"),
        pytest.param([match()], CONTEXT, "CarePlanSubActivity", Status.NOT_RUN, True, id="need not be there"),
        pytest.param([match()], CONTEXT, None, Status.NOT_EVIDENCED, False, id="nothing at all to examine"),
        pytest.param([match()], CONTEXT, "CarePlan", Status.NOT_RUN, True, id="does not move by the proposal"),
        pytest.param(
            [match()],
            agreed(main_task="task"),
            "CarePlan",
            Status.NOT_RUN,
            True,
            id="moves by an answer, and need not be there",
        ),
        pytest.param(
            [match()], agreed(related_persons="no"), "RelatedPerson", Status.NOT_RUN, True, id="stays by an answer"
        ),
        pytest.param([], CONTEXT, "CarePlan", Status.NOT_EVIDENCED, False, id="does not move, but no source either"),
        pytest.param([], ONLY_PATIENTS, "CareTeam", Status.NOT_EVIDENCED, False, id="nobody, but no source either"),
        pytest.param([], CONTEXT, "CarePlanSubActivity", Status.NOT_EVIDENCED, False, id="no source either"),
        pytest.param([target()], ONLY_PATIENTS, "CareTeam", Status.NOT_EVIDENCED, False, id="a target without source"),
    ],
)
def test_nothing_examined_never_passes(
    asking: Asking, facts: list[Fact], context: Context, scope: str | None, status: Status, excused: bool
) -> None:
    check, scenario = asking.about(*facts, context=context)
    with pytest.raises(NotShownError) as caught:
        check("completeness.referred", scope=scope)
    assert (caught.value.status, caught.value.excused) == (status, excused)
    assert (scenario.examined, scenario.findings) == (0, [])


def test_asking_is_what_makes_a_finding_claimed(asking: Asking) -> None:
    check, _ = asking.about(GONE, TEAM)
    assert asking.assessment.unclaimed() == (("completeness.present", "Patient"),)
    check("completeness.present", scope="CareTeam")
    assert asking.assessment.unclaimed() == (("completeness.present", "Patient"),)
    with pytest.raises(AssertionError):
        check("completeness.present", scope="Patient")
    assert asking.assessment.unclaimed() == ()


def test_a_scenario_about_a_side_that_is_not_configured_is_blocked(asking: Asking) -> None:
    prepared = asking.prepared(CONTEXT)
    for given, section in ((source_inventory, "source"), (snapshot, "target")):
        with pytest.raises(NotShownError, match=rf"heeft geen \[{section}\]") as caught:
            given(prepared)
        assert (caught.value.status, caught.value.excused) == (Status.BLOCKED, False)
