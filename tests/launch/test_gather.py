"""What a domain file and a snapshot give to try refusals with, and what is said of what they do not give."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ktcheck.domain import Domain
from ktcheck.errors import RunError
from ktcheck.launch.facts import Refusal
from ktcheck.launch.people import People
from ktcheck.launch.players import Joined
from ktcheck.launch.refusals.changes import TRIALS
from ktcheck.launch.refusals.gather import gather
from ktcheck.launch.refusals.means import Means
from ktcheck.launch.refusals.observe import observe
from ktcheck.snapshot.store import Snapshot
from tests.launch.served import Served, serve
from tests.practice import write_snapshot


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("gather")) as found:
        yield found


@pytest.fixture(scope="module")
def own(served: Served) -> Joined:
    return served.joined()


@pytest.fixture
def snapshot(served: Served, tmp_path: Path) -> Snapshot:
    write_snapshot(served.materialised.all(), tmp_path / "snapshot")
    return Snapshot.open(tmp_path / "snapshot")


def changed(served: Served, **changes: Any) -> Domain:
    """A domain file in which ``[launch]`` says something else."""
    domain = served.domain
    assert domain.launch
    found: Domain = domain.model_copy(update={"launch": domain.launch.model_copy(update=changes)})
    return found


def gathered(served: Served, own: Joined, snapshot: Snapshot, **changes: Any) -> Means:
    domain = changed(served, **changes)
    return asyncio.run(gather(domain, snapshot, People(domain), own, served.outside))


def test_everything_is_found(served: Served, own: Joined, snapshot: Snapshot) -> None:
    means = gathered(served, own, snapshot)
    assert isinstance(means.other, Joined)
    assert isinstance(means.elsewhere, Joined)
    assert means.elsewhere.player.base != means.own.player.base
    assert [target.person.partition("/")[0] for target in means.targets if target.active] == [
        "Patient",
        "Patient",
        "Practitioner",
        "RelatedPerson",
    ]
    assert means.inactive().person.startswith("Patient/")
    tasks = served.materialised.resources["Task"]
    for target in means.targets:
        task = tasks[target.task.reference.partition("/")[2]]
        assert task["owner"]["reference"] == target.person
        assert target.login == "form"
    assert len(set(means.definitions)) == 2
    assert own.player.device not in means.devices
    assert means.devices


def test_whose_account_it_is_has_to_be_known(served: Served, own: Joined, snapshot: Snapshot) -> None:
    assert served.domain.launch
    accounts = tuple(account.model_copy(update={"person": None}) for account in served.domain.launch.accounts)
    assert gathered(served, own, snapshot, accounts=accounts).targets == ()


def test_what_is_not_in_the_domain_file_is_said(served: Served, own: Joined, snapshot: Snapshot) -> None:
    means = gathered(served, own, snapshot, other=None, elsewhere=None)
    assert "[launch.other]" in str(means.other)
    assert "[launch.elsewhere]" in str(means.elsewhere)


def test_a_client_that_is_not_accepted_is_said(served: Served, own: Joined, snapshot: Snapshot) -> None:
    assert served.domain.launch
    assert served.domain.launch.other
    stranger = served.domain.launch.other.model_copy(update={"client_id": "a-stranger"})
    means = gathered(served, own, snapshot, other=stranger)
    assert str(means.other).startswith("de applicatie van [launch.other] krijgt geen access token")


def test_the_same_domain_is_not_another_one(served: Served, own: Joined, snapshot: Snapshot) -> None:
    assert served.domain.launch
    assert served.domain.launch.elsewhere
    same = served.domain.launch.elsewhere.model_copy(update={"fhir_base_url": served.base})
    means = gathered(served, own, snapshot, elsewhere=same)
    assert str(means.elsewhere).startswith("[launch.elsewhere] noemt hetzelfde domein")


def untried(served: Served, snapshot: Snapshot, domain: Domain) -> set[str | None]:
    """Why nothing is tried."""
    found = observe(domain, snapshot, People(domain), served.outside, lambda *_: None)
    assert [refusal.name for refusal in found] == list(TRIALS)
    return {refusal.gap for refusal in found}


def test_without_a_redirect_uri_nothing_is_tried(served: Served, snapshot: Snapshot) -> None:
    (gap,) = untried(served, snapshot, changed(served, redirect_uri=None))
    assert gap
    assert "redirect_uri" in gap


def test_without_an_authorization_service_nothing_is_tried(
    served: Served, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unusable(*_: Any) -> Joined:
        raise RunError("kt2.example: there is no SMART configuration")

    monkeypatch.setattr("ktcheck.launch.refusals.observe.join_own", unusable)
    (gap,) = untried(served, snapshot, served.domain)
    assert gap == "de autorisatieservice van het domein zegt niet wat voor een start nodig is"


def test_what_is_gathered_is_tried(served: Served, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried(means: Means, *_: Any) -> tuple[Refusal, ...]:
        return (Refusal(name="hti-expired", answer=means.user().person),)

    monkeypatch.setattr("ktcheck.launch.refusals.observe.try_refusals", tried)
    found = observe(served.domain, snapshot, People(served.domain), served.outside, lambda *_: None)
    assert found == (Refusal(name="hti-expired", answer=str(served.accounts("Patient")[0].person)),)
