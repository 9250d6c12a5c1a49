from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
import pytest

from ktcheck import tables
from ktcheck.errors import InputError
from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised, ServiceFaults

DOMAINS = ((1, 8), (2, 10), (3, 12))


class Diff(NamedTuple):
    """How many files, resources and agreements were added, removed and changed, whether the service or a number is
    wrong, and how many waivers there are; how many accounts were added, removed and changed, whether the domain file
    tells another choice of identity provider, whether it is a second domain beside a template that differs, and how
    many confirmations were added, removed and changed.
    """

    files: tuple[int, int, int] = (0, 0, 0)
    resources: tuple[int, int, int] = (0, 0, 0)
    service: bool = False
    announced: bool = False
    agreements: tuple[int, int, int] = (0, 0, 0)
    waivers: int = 0
    accounts: tuple[int, int, int] = (0, 0, 0)
    told: bool = False
    repeats: bool = False
    confirmations: tuple[int, int, int] = (0, 0, 0)


ONE_CHANGED = Diff(resources=(0, 0, 1))
ONE_ADDED = Diff(resources=(1, 0, 0))
ONE_REMOVED = Diff(resources=(0, 1, 0))
EXPECTED = {
    "agreement-open": Diff(agreements=(0, 1, 0)),
    "agreements-contradict": Diff(agreements=(0, 0, 2)),
    "agreement-impossible": Diff(agreements=(0, 0, 1)),
    "waiver-expired": Diff(waivers=1),
    "waiver-unused": Diff(waivers=1),
    "waiver-of-a-rule": Diff(waivers=1),
    "waiver-with-wildcard": Diff(waivers=1),
    "waiver-exceeded": Diff(resources=(0, 0, 2), waivers=1),
    "confirmation-missing": Diff(confirmations=(0, 1, 0)),
    "confirmation-of-unknown-step": Diff(confirmations=(1, 0, 0)),
    "confirmation-of-shown-step": Diff(confirmations=(1, 0, 0)),
    "confirmation-of-other-version": Diff(confirmations=(0, 0, 1)),
    "confirmation-expired": Diff(confirmations=(0, 0, 1)),
    **{name: Diff(repeats=True) for name, defect in DEFECTS.items() if defect.caught_by.startswith("repetition.")},
    "repeated-with-new-waiver": Diff(resources=(0, 0, 1), waivers=1, repeats=True),
    "message-truncated": Diff(files=(0, 0, 1)),
    "order-undecidable": Diff(files=(1, 0, 0)),
    "activity-key-twice": Diff(files=(0, 0, 2), resources=(0, 0, 1)),
    "unknown-kind": Diff(files=(1, 0, 0)),
    "other-domain-message": Diff(files=(1, 0, 0)),
    "link-malformed": Diff(files=(0, 0, 1)),
    "link-respelt": Diff(files=(0, 0, 1)),
    "source-reference-wrong-kind": Diff(files=(0, 0, 1)),
    "two-senders": Diff(files=(1, 0, 0)),
    "announced-too-many": Diff(announced=True),
    "organizations-in-a-circle": Diff(files=(1, 0, 0), resources=(0, 0, 1)),
    "birth-date-missing": Diff(files=(1, 0, 0)),
    "gender-code-unknown": Diff(files=(1, 0, 0)),
    "photo-undecided": Diff(files=(1, 0, 0), agreements=(0, 1, 0)),
    "suffix-undecided": Diff(files=(1, 0, 0), agreements=(0, 1, 0)),
    "performers-undecided": Diff(files=(1, 0, 0), agreements=(0, 1, 0)),
    "number-of-another": Diff(files=(1, 0, 0)),
    "need-unmet": Diff(files=(1, 0, 0)),
    "total-wrong": Diff(service=True),
    "opinion-strict": Diff(service=True),
    "opinion-lenient": Diff(resources=(0, 0, 1), service=True),
    "changed-during-download": Diff(service=True),
    "rights-narrowed": Diff(service=True),
    "task-missing": ONE_REMOVED,
    "task-duplicated": ONE_ADDED,
    "sub-activity-missing": ONE_REMOVED,
    "task-unknown": ONE_ADDED,
    "plan-as-task": ONE_ADDED,
    "link-of-removed-activity": ONE_ADDED,
    "patient-unaccounted": ONE_ADDED,
    "migration-identifiers-swapped": Diff(resources=(0, 0, 2)),
    "identifier-missing": ONE_ADDED,
    "device-of-application-missing": ONE_REMOVED,
    "reference-to-deleted": Diff(resources=(0, 0, 1), service=True),
    "names-swapped": Diff(resources=(0, 0, 2)),
    "owner-from-participant": Diff(resources=(0, 0, 1), agreements=(0, 1, 0)),
    "prefix-as-memo-reads": Diff(resources=(0, 0, 1), agreements=(0, 1, 0)),
    "mobile-as-memo-reads": Diff(resources=(0, 0, 1), agreements=(0, 1, 0)),
    "planned-dates-dropped": Diff(resources=(0, 0, 1), agreements=(0, 1, 0)),
    "performer-unknown": Diff(files=(0, 0, 1)),
    "account-missing": Diff(accounts=(0, 1, 0)),
    "account-claim-case": Diff(accounts=(0, 0, 1)),
    "account-claim-blank": Diff(accounts=(0, 0, 1)),
    "account-claim-zeros": Diff(accounts=(0, 0, 1)),
    "account-twice": Diff(accounts=(1, 0, 0)),
    "account-disabled": Diff(accounts=(0, 0, 1)),
    "account-of-inactive-person": Diff(accounts=(0, 0, 1)),
    "account-of-stranger": Diff(accounts=(1, 0, 0)),
    "account-without-claim": Diff(accounts=(1, 0, 0)),
    "account-shared": Diff(resources=(0, 0, 1), accounts=(0, 2, 0)),
    "identifier-for-idp-missing": Diff(resources=(0, 0, 1), accounts=(0, 1, 0)),
    "related-person-of-inactive-patient": Diff(resources=(0, 0, 1), accounts=(0, 0, 1)),
    "directory-page-lost": Diff(service=True),
    "idp-not-told": Diff(told=True),
    "idp-told-twice": Diff(told=True),
    **{
        name: Diff(service=True)
        for name, defect in DEFECTS.items()
        if tables.rules()[defect.caught_by].area in {"launch", "autorisatie", "logging"}
    },
    "launched-task-not-migrated": ONE_ADDED,
    "idp-login-broken": Diff(service=True),
    "idp-other-than-agreed": Diff(service=True),
    "idp-discovery-missing": Diff(service=True),
    "idp-discovery-issuer-differs": Diff(service=True),
    "idp-not-https": Diff(service=True),
    "idp-id-token-alg-none-announced": Diff(service=True),
    "idp-without-code-flow": Diff(service=True),
    "idp-jwks-with-private-member": Diff(service=True),
    "idp-claim-not-announced": Diff(service=True),
}
SEVERAL = {
    "patient-and-all-missing",
    "referred-missing",
    "id-client-chosen",
    "activities-merged",
    "patients-merged",
    "related-persons-merged",
}


def texts(domain: Materialised) -> dict[str, bytes]:
    return {f"{item['resourceType']}/{item['id']}": orjson.dumps(item) for item in domain.all()}


def by_subject(domain: Materialised) -> dict[str, Account]:
    return {account.subject: account for account in domain.accounts}


def changes(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[int, int, int]:
    both = old.keys() & new.keys()
    return len(new.keys() - old.keys()), len(old.keys() - new.keys()), sum(old[key] != new[key] for key in both)


def diff(old: Materialised, new: Materialised) -> Diff:
    return Diff(
        changes(old.messages, new.messages),
        changes(texts(old), texts(new)),
        new.service != ServiceFaults(),
        new.announced != old.announced,
        changes(old.agreements, new.agreements),
        len(new.waivers) - len(old.waivers),
        changes(by_subject(old), by_subject(new)),
        new.told != old.told,
        new.repeats != old.repeats,
        changes(*({row["step"]: row for row in domain.confirmations} for domain in (old, new))),
    )


def spoilt(name: str, seed: int, size: int) -> Materialised:
    domain = PracticeDomain(seed, size).materialise()
    DEFECTS[name].apply(domain)
    return domain


@pytest.fixture(scope="module")
def clean() -> dict[tuple[int, int], Materialised]:
    return {(seed, size): PracticeDomain(seed, size).materialise() for seed, size in DOMAINS}


@pytest.mark.parametrize("seed_and_size", DOMAINS)
@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_changes_what_it_says_and_nothing_else(
    name: str, seed_and_size: tuple[int, int], clean: dict[tuple[int, int], Materialised]
) -> None:
    before = clean[seed_and_size]
    after = spoilt(name, *seed_and_size)
    found = diff(before, after)
    if name not in SEVERAL:
        assert found == EXPECTED.get(name, ONE_CHANGED)
    again = spoilt(name, *seed_and_size)
    assert after.messages == again.messages
    assert texts(after) == texts(again)
    assert after.service == again.service


def test_the_defects_that_change_several_resources(clean: dict[tuple[int, int], Materialised]) -> None:
    for key, before in clean.items():
        added, removed, changed = diff(before, spoilt("patient-and-all-missing", *key)).resources
        assert (added, changed) == (0, 0)
        assert removed >= 3
        added, removed, changed = diff(before, spoilt("referred-missing", *key)).resources
        assert (added, removed) == (0, 1)
        assert changed == sum(index % 5 == 3 for index in range(key[1]))
        added, removed, changed = diff(before, spoilt("id-client-chosen", *key)).resources
        assert (added, removed) == (1, 1)
        assert changed >= 2


def _dangling(domain: Materialised) -> set[str]:
    known = texts(domain).keys()
    found: set[str] = set()
    for resource in domain.all():
        found |= set(_references(orjson.loads(orjson.dumps(resource)))) - known
    return found


def _references(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"].split("/_history/")[0]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


@pytest.mark.parametrize("name", DEFECTS)
def test_only_the_defects_about_that_leave_references_to_nothing(name: str) -> None:
    expected = {"reference-dangling", "reference-to-deleted", "reference-absolute-elsewhere"}
    assert bool(_dangling(spoilt(name, 4, 9))) == (name in expected)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_says_what_it_is(name: str) -> None:
    defect = DEFECTS[name]
    assert defect.name == name
    assert defect.caught_by in tables.rules()
    assert defect.title_nl
    assert defect.title_en
    assert defect.title_nl != defect.title_en


@pytest.mark.parametrize("name", DEFECTS)
def test_five_patients_are_enough_for_every_defect(name: str) -> None:
    before = PracticeDomain(9, 5).materialise()
    assert diff(before, spoilt(name, 9, 5)) != Diff()


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_in_a_smaller_domain_a_defect_is_put_in_or_refused_in_one_sentence(size: int) -> None:
    before = PracticeDomain(9, size).materialise()
    refused = {}
    for name in DEFECTS:
        try:
            changed = diff(before, spoilt(name, 9, size)) != Diff()
        except InputError as error:
            refused[name] = str(error)
        else:
            assert changed
    assert all(text.endswith("make it 5 patients or more") for text in refused.values())
    assert "message-truncated" in refused
    assert "task-missing" not in refused


def test_the_activity_of_a_removed_link_was_in_an_older_plan() -> None:
    domain = spoilt("link-of-removed-activity", 1, 8)
    clean_ids = texts(PracticeDomain(1, 8).materialise()).keys()
    (added,) = texts(domain).keys() - clean_ids
    key = domain.resources["Task"][added.split("/")[1]]["identifier"][0]["value"]
    assert any(key.encode() in data for data in domain.messages.values())


def test_a_truncated_message_was_a_copy() -> None:
    domain = spoilt("message-truncated", 1, 8)
    clean = PracticeDomain(1, 8).materialise()
    (name,) = (name for name in domain.messages if domain.messages[name] != clean.messages[name])
    assert domain.messages[name.replace(" (1)", "")] == clean.messages[name]
