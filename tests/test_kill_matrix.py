"""Rule by defect: every rule catches something, and every defect is caught by the rule that is meant for it.

Each defect is put in a practice domain that is served over real HTTP and fetched with a real token. The outcome is
``docs/kill-matrix.md``: ``KTCHECK_WRITE_DOCS=1 pytest tests/test_kill_matrix.py`` writes it, any other run compares.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ktcheck import domain as domains
from ktcheck import tables
from ktcheck.cli.practice import made, stage
from ktcheck.events import Bus
from ktcheck.preparation import prepare
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.service import Service
from tests.practice import ONLY_WITH_A_FAULT, all_findings, examined

SEED, SIZE = 1, 8
DOCUMENT = Path(__file__).parent.parent / "docs" / "kill-matrix.md"
Caught = Mapping[str, Mapping[str, int]]

# What a defect cannot but do besides: the rule meant for it sees the cause, these see a consequence.
CONSEQUENCES = {
    # What did not come over yet was not announced either, and is missed.
    "birth-date-missing": {"completeness.present", "source.announced"},
    "gender-code-unknown": {"completeness.present", "source.announced"},
    "photo-undecided": {"completeness.present", "source.announced", "agreements.answered"},
    "suffix-undecided": {"completeness.present", "source.announced", "agreements.answered"},
    "performers-undecided": {"completeness.present", "source.announced", "agreements.answered"},
    "number-of-another": {"completeness.present", "source.announced"},
    "need-unmet": {"completeness.present", "source.announced"},
    "patient-and-all-missing": {"completeness.sub-activity"},
    # What is taken for somebody else has the contents of somebody else.
    "activity-key-twice": {"content.task-period", "content.comparable"},
    "activities-merged": {"content.comparable"},
    "migration-identifiers-swapped": {
        "references.meant", "content.name", "content.telecom", "content.address", "content.gender",
        "content.birth-date", "content.identifier", "content.added", "content.active",
    },
    "patients-merged": {
        "content.name", "content.telecom", "content.address", "content.gender", "content.comparable",
        "idp.barred", "idp.relation",
    },
    "related-persons-merged": {"content.telecom", "content.comparable"},
    "identifier-digit": {"identification.business-kept"},
    # The definition was agreed to be in the description, where the practice domain does not have it.
    "agreements-contradict": {"content.task", "content.comparable"},
    # What rests on an open question can only be told while it is open.
    "prefix-as-memo-reads": {"agreements.answered"},
    "mobile-as-memo-reads": {"agreements.answered"},
    "planned-dates-dropped": {"agreements.answered"},
    "owner-from-participant": {"agreements.answered"},
    "bsn-shared": {"identification.one-person"},
    "identifier-missing": {"completeness.unaccounted", "conformance.organization"},
    # The service says that it is valid, and ktcheck that it is not.
    "opinion-lenient": {"conformance.patient"},
    # What the profile demands too.
    "reference-wrong-type": {"conformance.task"},
    "endpoint-lost": {"conformance.activity-definition"},
    "device-other-client-id": {"identification.application"},
    # Without a finding more than was signed for there is nothing to exceed.
    "waiver-exceeded": {"content.telecom"},
    "repeated-with-new-waiver": {"content.telecom"},
    # The service logs the suite's own requests in the name of the Device that is gone.
    "device-of-application-missing": {"references.resolves"},
    # Who is not what the mapping says is that in two ways.
    "account-shared": {"identification.business-kept", "identification.unique", "content.identifier"},
    "identifier-for-idp-missing": {"identification.business-kept"},
    "related-person-of-inactive-patient": {"content.active"},
    # The account that is not given is somebody's.
    "directory-page-lost": {"idp.account"},
}  # fmt: skip


def _caught(defects: tuple[str, ...], folder: Path) -> dict[str, int]:
    """How many findings each rule has on a domain with these defects; without any, every rule must be at work."""
    domain = made("zorgvoorbeeld", SEED, SIZE, defects)
    with Service(domain, audit_delay=0.05) as service:
        staged = stage(service, domain, folder / "domain")
        work = folder / "work"
        work.mkdir()
        # Asking for a second opinion takes long, so it is asked where it matters.
        about = {DEFECTS[name].caught_by for name in defects} or {"opinion.agrees"}
        with pytest.MonkeyPatch.context() as environment:
            for name, value in staged.environment.items():
                environment.setenv(name, value)
            prepared = prepare(
                domains.load(staged.domain_file),
                work,
                Bus(),
                evidence=lambda _: None,
                secret=lambda _: None,
                second_opinion="fhir" if "opinion.agrees" in about else None,
            )
    found = {rule: len(findings) for rule, findings in all_findings(prepared).items()}
    if not defects:
        assert {rule for rule, number in examined(prepared).items() if not number} == ONLY_WITH_A_FAULT
    prepared.assessment.close()
    return found


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Caught:
    folders = {name: tmp_path_factory.mktemp(name) for name in DEFECTS}
    return {name: _caught((name,), folder) for name, folder in folders.items()}


def test_the_clean_domain_gives_no_finding(tmp_path: Path) -> None:
    assert _caught((), tmp_path) == {}


def test_every_defect_is_caught_by_the_rule_meant_for_it_and_by_no_other(matrix: Caught) -> None:
    others = {}
    for name, found in matrix.items():
        assert DEFECTS[name].caught_by in found, name
        surplus = set(found) - {DEFECTS[name].caught_by} - CONSEQUENCES.get(name, set())
        if surplus:
            others[name] = surplus
    assert others == {}


def test_every_rule_catches_at_least_one_defect() -> None:
    assert {defect.caught_by for defect in DEFECTS.values()} == set(tables.rules())


def test_the_document_is_up_to_date(matrix: Caught) -> None:
    text = _document(matrix)
    if os.environ.get("KTCHECK_WRITE_DOCS"):
        DOCUMENT.write_text(text, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == text, "run this test with KTCHECK_WRITE_DOCS=1 and commit the file"


def _document(matrix: Caught) -> str:
    lines = [
        "# Kill matrix",
        "",
        "Which rule catches which defect of the practice domain. Made by `tests/test_kill_matrix.py`, which fails when",
        "this page and the outcome differ. Write it again: `KTCHECK_WRITE_DOCS=1 pytest tests/test_kill_matrix.py`.",
        "",
        f"Practice domain: seed {SEED}, {SIZE} patients, served over HTTP. Without a defect no rule finds anything.",
        f"{len(tables.rules())} rules, {len(DEFECTS)} defects.",
        "",
        "| rule | severity | defect | findings | other rules that see a consequence |",
        "| --- | --- | --- | ---: | --- |",
    ]
    for rule, text in tables.rules().items():
        for name, found in matrix.items():
            if DEFECTS[name].caught_by == rule:
                others = ", ".join(f"`{other}`" for other in sorted(found) if other != rule)
                number = found.get(rule, 0)
                lines.append(f"| `{rule}` | {text.severity.value} | `{name}` | {number} | {others} |")
    return "\n".join([*lines, ""])
