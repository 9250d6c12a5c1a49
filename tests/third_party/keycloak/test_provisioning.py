"""The accounts of a domain in Keycloak, seen through its admin API beside the people of the domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ktcheck import domain as domains
from ktcheck.idp.facts import AccountUsers, DirectoryCount, IssuerMetadata, ProvidedFact, UserAccounts
from ktcheck.idp.observe import observe
from ktcheck.snapshot.store import Snapshot
from tests.end_to_end.command import variant
from tests.practice import all_findings, assess_offline
from tests.third_party.keycloak.practice import NAME, PATIENTS, Practice, practice
from tests.third_party.keycloak.realm import CLAIM, User
from tests.third_party.keycloak.server import Server

pytestmark = [pytest.mark.keycloak, pytest.mark.slow]

ADVICE = {
    "issuer.algorithms": 1,  # Keycloak announces HS256 and the like beside RS256
    "issuer.claim": 1,  # and in claims_supported never what a protocol mapper adds
}


@pytest.fixture(scope="module")
def staged(keycloak: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(keycloak, tmp_path_factory.mktemp("provisioning")) as found:
        yield found


def _facts(staged: Practice, folder: Path) -> list[ProvidedFact]:
    evidence: list[object] = []
    secrets: list[str] = []
    domain = domains.load(staged.domain_file)
    snapshot = Snapshot.open(staged.snapshot)
    found = list(observe(domain, snapshot, folder, evidence.append, secrets.append, lambda *_: None))
    assert staged.realm.directory_secret in secrets
    assert evidence
    assert staged.realm.directory_secret not in repr(evidence)
    return found


def _patients(facts: list[ProvidedFact]) -> dict[str, UserAccounts]:
    return {str(fact.person): fact for fact in facts if isinstance(fact, UserAccounts) and fact.user_type == "Patient"}


def test_everybody_is_found_page_after_page(staged: Practice, tmp_path: Path) -> None:
    facts = _facts(staged, tmp_path)
    (count,) = (fact for fact in facts if isinstance(fact, DirectoryCount) and fact.kind == "keycloak")
    active = sum(account.enabled for account in staged.accounts.values())
    assert 0 < active < PATIENTS
    assert (count.read, count.total, count.enabled, count.without_claim) == (PATIENTS, PATIENTS, active, 0)
    patients = _patients(facts)
    assert patients.keys() == staged.accounts.keys()
    for person, fact in patients.items():
        assert [account.enabled for account in fact.accounts] == [staged.accounts[person].enabled]
        assert fact.active == staged.accounts[person].enabled


def test_keycloak_says_of_itself_what_a_login_needs(staged: Practice, tmp_path: Path) -> None:
    (issuer,) = (
        fact
        for fact in _facts(staged, tmp_path)
        if isinstance(fact, IssuerMetadata) and fact.issuer == staged.realm.issuer
    )
    assert (issuer.found, issuer.announced) == (True, staged.realm.issuer)
    assert all(secure for _, secure in issuer.endpoints)
    assert "RS256" in (issuer.algorithms or ())
    # One key is for signing, the other one for encryption; of neither is the private part shown.
    assert sorted((key.signs, key.private) for key in issuer.keys or ()) == [(False, False), (True, False)]


def _found(staged: Practice, folder: Path) -> dict[str, int]:
    """How many findings each rule has, of all rules."""
    # The address stays, because what was confirmed was confirmed for that environment.
    lines = {"fhir_base_url": f'fhir_base_url = "{staged.service.base_url(NAME)}"\nsnapshot = "{staged.snapshot}"'}
    prepared = assess_offline(variant(staged.domain_file, "offline", lines), folder)
    return {rule: len(findings) for rule, findings in all_findings(prepared).items()}


def test_nothing_weighs_when_all_is_well(staged: Practice, tmp_path: Path) -> None:
    assert _found(staged, tmp_path) == ADVICE


def test_what_is_wrong_is_found(staged: Practice, tmp_path: Path) -> None:
    missing, disabled, shared, *_ = (person for person, account in staged.accounts.items() if account.enabled)
    barred = next(person for person, account in staged.accounts.items() if not account.enabled)
    names = {person: staged.accounts[person].username for person in (missing, disabled, shared, barred)}
    numbers = {person: staged.accounts[person].claims[CLAIM] for person in (missing, shared)}
    staged.realm.remove(names[missing])
    staged.realm.change(names[disabled], enabled=False)
    staged.realm.change(names[barred], enabled=True)
    staged.realm.add(User(username="tweede", identifier=numbers[shared]))
    staged.realm.add(User(username="niemand", identifier="onbekend"))
    try:
        facts = _facts(staged, tmp_path)
        found = _found(staged, tmp_path)
    finally:
        for username in ("tweede", "niemand"):
            staged.realm.remove(username)
        staged.realm.change(names[disabled], enabled=True)
        staged.realm.change(names[barred], enabled=False)
        staged.realm.add(User(username=names[missing], identifier=numbers[missing]))
    patients = _patients(facts)
    assert patients[missing].accounts == ()
    assert [account.enabled for account in patients[disabled].accounts] == [False]
    assert [account.enabled for account in patients[barred].accounts] == [True]
    assert sorted(account.name for account in patients[shared].accounts) == sorted([names[shared], "tweede"])
    strangers = [fact.name for fact in facts if isinstance(fact, AccountUsers) and fact.users == 0]
    assert strangers == ["niemand"]
    wrong = {"idp.account": 1, "idp.enabled": 1, "idp.barred": 1, "idp.one-account": 1, "idp.stranger": 1}
    assert found == ADVICE | wrong
