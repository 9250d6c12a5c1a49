"""All rules over all facts in one pass, and what scenarios can ask of the outcome."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ktcheck import tables
from ktcheck.assessment import Assessment
from ktcheck.counting import Counting
from ktcheck.facts import Fact, Message
from ktcheck.findings import Finding, Severity
from tests.building import CONTEXT, KT1, LINK, match, migrated, source, target


class Assessed:
    """An assessment of some facts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.assessment = Assessment(path)
        self.counting = Counting("0.16.3")
        self.progress: list[int] = []

    def __call__(self, *facts: Fact) -> Assessment:
        return self.over(facts)

    def over(self, facts: Iterable[Fact]) -> Assessment:
        self.assessment.run(facts, CONTEXT, self.counting, self.progress.append)
        return self.assessment


@pytest.fixture
def assess(tmp_path: Path) -> Iterator[Assessed]:
    assessed = Assessed(tmp_path / "findings.sqlite")
    yield assessed
    assessed.assessment.close()


GONE = match(holders=())
GONE_TEAM = match(source("CareTeam", f"{KT1}/CareTeam/1", app="portaal"), holders=())


def test_without_facts_nothing_is_examined_and_nothing_found(assess: Assessed) -> None:
    assessment = assess()
    assert not assessment.anything()
    for rule in tables.rules():
        assert assessment.scopes(rule) == ()
        assert assessment.examined(rule, "Patient") == 0
        assert list(assessment.findings(rule, "Patient")) == []
    assert assessment.unclaimed() == ()


def test_a_rule_sees_every_fact_of_its_kind_and_answers_per_scope(assess: Assessed) -> None:
    assessment = assess(match(), GONE, GONE_TEAM, match(expected=False), target("Patient", migrated(source())))
    assert set(assessment.scopes("completeness.present")) == {"Patient", "CareTeam"}
    assert assessment.examined("completeness.present", "Patient") == 2
    assert assessment.examined("completeness.present", "CareTeam") == 1
    assert len(list(assessment.findings("completeness.present", "Patient"))) == 1
    assert len(list(assessment.findings("completeness.present", "CareTeam"))) == 1
    assert assessment.examined("completeness.referred", "Patient") == 0
    assert assessment.examined("identification.use", "Patient") == 1
    assert list(assessment.findings("identification.use", "Patient")) == []


def test_a_finding_carries_its_weight_its_texts_and_its_values(assess: Assessed) -> None:
    assessment = assess(GONE)
    assert list(assessment.findings("completeness.present", "Patient")) == [
        Finding(
            rule="completeness.present",
            area="volledigheid",
            severity=Severity.BLOCKING,
            requirements=("MIG-KT-001-02", "MIG-RES-004"),
            step="U2",
            message_nl="Deze Patient uit KT1 is in Koppeltaal 2.0 niet te vinden op zijn migratie-identificatie",
            message_en="This KT1 Patient cannot be found in Koppeltaal 2.0 by its migration identifier",
            scope="Patient",
            application="epd",
            source=LINK,
            path="identifier",
            expected={"identifier": LINK},
        )
    ]


def test_every_problem_of_one_fact_is_a_finding_and_they_keep_their_order(assess: Assessed) -> None:
    wrong = [migrated(source(key=f"{KT1}/Patient/{which}"), use="usual") for which in (3, 1, 2)]
    found = assess(target("Patient", *wrong)).findings("identification.use", "Patient")
    assert [finding.source for finding in found] == [identifier.key for identifier in wrong]


def test_findings_that_nobody_asked_for_are_unclaimed(assess: Assessed) -> None:
    assessment = assess(GONE, GONE_TEAM)
    assert assessment.scopes("completeness.present")
    list(assessment.findings("completeness.present", "Patient"))
    pairs = (("completeness.present", "CareTeam"), ("completeness.present", "Patient"))
    assert assessment.unclaimed() == pairs
    assessment.examined("completeness.present", "Patient")
    assert assessment.unclaimed() == pairs[:1]
    assessment.examined("completeness.present", "CareTeam")
    assert assessment.unclaimed() == ()


@pytest.mark.parametrize(
    ("facts", "anything"),
    [
        ([match(expected=False, holders=())], True),
        ([GONE], True),
        ([Message(reject=None)], False),
        ([target()], False),
    ],
)
def test_only_a_kt1_record_is_evidence_of_a_source(assess: Assessed, facts: list[Fact], anything: bool) -> None:
    assert assess(*facts).anything() is anything


def test_of_a_kind_that_kt1_only_refers_to_there_is_no_content(assess: Assessed) -> None:
    referred = match(source("Organization", f"{KT1}/Organization/1", basis="reference"))
    assessment = assess(referred, match())
    assert assessment.only_referred("Organization")
    assert not assessment.only_referred("Patient")
    assert not assessment.only_referred("CareTeam")


def test_the_facts_are_counted_in_the_same_pass(assess: Assessed) -> None:
    assess(match(), GONE)
    assert [(row["source_type"], row["migrated"], row["missing"]) for row in assess.counting.rows()] == [
        ("Patient", 1, 1)
    ]


def test_progress_is_told_now_and_then(assess: Assessed) -> None:
    assess.over(Message(reject=None) for _ in range(2_500))
    assert assess.progress == [1_000, 2_000]


def test_findings_are_kept_for_the_owner_only(assess: Assessed) -> None:
    assess(GONE)
    assert stat.S_IMODE(assess.path.stat().st_mode) == 0o600
