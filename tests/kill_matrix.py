"""Rule by defect: what each rule finds when one known fault is in the practice domain.

Each defect is put in a practice domain that is served over real HTTP and fetched with a real token. The outcome is
``docs/kill-matrix.md``: ``python -m tests.kill_matrix`` writes it, ``tests/test_kill_matrix.py`` compares.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from ktcheck import domain as domains
from ktcheck import tables
from ktcheck.cli.practice import made, stage
from ktcheck.domain import Domain
from ktcheck.events import Bus
from ktcheck.launch.refusals.attempts import try_refusals
from ktcheck.launch.refusals.changes import TRIALS
from ktcheck.preparation import prepare
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.launchable import choose
from ktcheck.sandbox.service import Service
from ktcheck.self_check import OF_THE_PROVISION
from tests.portal_user import launching
from tests.practice import ONLY_WITH_A_FAULT, all_findings, examined

SEED, SIZE = 1, 8
DOCUMENT = Path(__file__).parent.parent / "docs" / "kill-matrix.md"
Found = Mapping[str, int]

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
    # And who stands for two has the numbers and the accounts of both.
    "related-persons-merged": {"content.telecom", "content.comparable", "idp.identifier", "idp.one-account"},
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
    "patient-inactive": {"idp.barred", "idp.relation"},
    # A launch in which something is wrong does not come to its end.
    "module-takes-no-launch": {"launch.page"},
    "idp-login-broken": {"launch.works"},
    "module-without-pkce": {"launch.works"},
    "module-plain-pkce": {"launch.works"},
    "module-wrong-scope": {"launch.works"},
    "module-wrong-aud": {"launch.works"},
    "module-page-missing": {"launch.works"},
    "module-page-error": {"launch.works"},
    "portal-without-kid": {"launch.works"},
    "portal-wrong-aud": {"launch.works"},
    "portal-long-lived": {"launch.works"},
    "portal-without-definition": {"launch.works"},
    "portal-field-token": {"launch.works"},
    "state-changed": {"launch.works", "launch.page"},
    "context-without-resource": {"launch.works", "launch.page"},
    "context-other-task": {"launch.works", "launch.page"},
    "id-token-wrong-aud": {"launch.works", "launch.page"},
    "id-token-nonce-lost": {"launch.works", "launch.page"},
    "id-token-other-sub": {"launch.works", "launch.page"},
    "introspection-denies-good": {"launch.works", "launch.page"},
    # And introspection does not know it either.
    "id-token-wrong-iss": {"launch.works", "launch.page", "launch.introspection"},
    "id-token-wrong-signature": {"launch.works", "launch.page", "launch.introspection"},
    "id-token-expired": {"launch.works", "launch.page", "launch.introspection"},
    # What opens anything when it should not is tried in a launch that is good too.
    "accepts-fhir-token-noop": {"launch.access-token"},
    # Of what did not happen nothing is logged.
    "module-without-login": {"logging.login", "logging.launched"},
    # What was made after the migration, KT1 did not have.
    "launched-task-not-migrated": {"completeness.unaccounted", "identification.present"},
    # Who is sent there finds his account there.
    "idp-other-than-agreed": {"idp.stranger"},
    # The account that is not given is somebody's.
    "directory-page-lost": {"idp.account"},
}  # fmt: skip


def caught(defect: str | None, folder: Path) -> dict[str, int]:
    """How many findings each rule has on a domain with this defect; without any, every rule must be at work."""
    domain = made("zorgvoorbeeld", SEED, SIZE, (defect,) if defect else ())
    rule = DEFECTS[defect].caught_by if defect else None
    with Service(domain, audit_delay=0.05) as service, ExitStack() as meanwhile:
        staged = stage(service, domain, folder / "domain")
        work = folder / "work"
        work.mkdir()
        environment = meanwhile.enter_context(pytest.MonkeyPatch.context())
        for name, value in staged.environment.items():
            environment.setenv(name, value)
        loaded = _launching(domains.load(staged.domain_file), rule)
        if loaded.launch and _portal(loaded) in loaded.launch.applications:
            people = [str(account.person) for account in choose(domain) if account.enabled]
            assert loaded.client
            meanwhile.enter_context(launching(service, "zorgvoorbeeld", loaded.client.client_id, people))
        # The service logs at once.
        environment.setattr("ktcheck.launch.audit.PATIENCE", 1.0)
        if rule and rule.startswith("refusals."):
            # The one that the fault is about, because all forty take seconds.
            one = {rule.partition(".")[2]: TRIALS[rule.partition(".")[2]]}
            environment.setattr("ktcheck.launch.refusals.observe.try_refusals", partial(try_refusals, trials=one))
        prepared = prepare(
            loaded,
            work,
            Bus(),
            evidence=lambda _: None,
            secret=lambda _: None,
            refusals=rule is None or rule.startswith("refusals."),
            # Asking for a second opinion takes long, so it is asked where it matters.
            second_opinion="fhir" if rule in {None, "opinion.agrees"} else None,
        )
    found = {rule: len(findings) for rule, findings in all_findings(prepared).items()}
    if defect is None:
        assert {rule for rule, number in examined(prepared).items() if not number} == ONLY_WITH_A_FAULT
    prepared.assessment.close()
    return found


def _launching(domain: Domain, rule: str | None) -> Domain:
    """With the launches that a rule (None: all) needs to see its fault; they take long, and a portal longer still."""
    assert domain.launch
    modules_and_suite, portal = domain.launch.applications, _portal(domain)
    applications: tuple[str, ...] = ()
    if rule is None:
        applications = (*modules_and_suite, portal)
    elif rule.startswith("launch.portal-"):
        applications = (portal,)
    elif rule.startswith("refusals."):
        applications = modules_and_suite[-1:]
    elif _is_tried(rule):
        applications = modules_and_suite
    launch = domain.launch.model_copy(update={"applications": applications})
    return domain.model_copy(update={"launch": launch if applications else None})


def _portal(domain: Domain) -> str:
    return next(app.name for app in domain.application if app.role == "portal")


def _is_tried(rule: str) -> bool:
    """Whether a rule looks at what was tried, at login and launch."""
    return tables.rules()[rule].area in OF_THE_PROVISION or rule.startswith("login.")


def row(defect: str, found: Found) -> str:
    """The line of the document about a defect."""
    rule = DEFECTS[defect].caught_by
    others = ", ".join(f"`{other}`" for other in sorted(found) if other != rule)
    severity = tables.rules()[rule].severity.value
    return f"| `{rule}` | {severity} | `{defect}` | {found.get(rule, 0)} | {others} |"


def in_order() -> Iterable[str]:
    """The defects in the order of the document: that of the rules, then that of the defects."""
    for rule in tables.rules():
        yield from (name for name, defect in DEFECTS.items() if defect.caught_by == rule)


def document(rows: Iterable[str]) -> str:
    """The document with the lines of all defects."""
    lines = [
        "# Kill matrix",
        "",
        "Which rule catches which defect of the practice domain. Written by `python -m tests.kill_matrix`;",
        "`tests/test_kill_matrix.py` fails when this page and the outcome differ.",
        "",
        f"Practice domain: seed {SEED}, {SIZE} patients, served over HTTP. Without a defect no rule finds anything.",
        f"{len(tables.rules())} rules, {len(DEFECTS)} defects.",
        "",
        "| rule | severity | defect | findings | other rules that see a consequence |",
        "| --- | --- | --- | ---: | --- |",
    ]
    return "\n".join([*lines, *rows, ""])


def _row_of(defect: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return row(defect, caught(defect, Path(folder)))


def main() -> None:
    """Write the document, with as many processes as there are cores."""
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        DOCUMENT.write_text(document(pool.imap(_row_of, in_order())), encoding="utf-8")


if __name__ == "__main__":
    main()
