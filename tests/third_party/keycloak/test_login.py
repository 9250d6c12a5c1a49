"""Logging in at Keycloak's own pages, by form and in a browser, and a whole run of a domain whose patients do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ktcheck import domain as domains
from ktcheck.domain import Domain
from ktcheck.launch.facts import IdToken, Launch, Login, Page
from ktcheck.launch.observe import Observed
from ktcheck.launch.playing import Outside
from ktcheck.launch.ways import Kind
from ktcheck.snapshot.store import Snapshot
from tests import third_parties
from tests.end_to_end.command import ktcheck
from tests.launch.running import launched, of
from tests.third_party.keycloak.practice import Practice, practice
from tests.third_party.keycloak.server import Server

LONG = 600.0
"""A hundred logins on a machine with other things to do."""

pytestmark = [pytest.mark.keycloak, pytest.mark.slow]


@pytest.fixture(scope="module")
def staged(keycloak: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice(keycloak, tmp_path_factory.mktemp("login"), size=24) as found:
        yield found


def _domain(staged: Practice, kind: Kind) -> Domain:
    """Patients only, with the suite itself and one module."""
    loaded = domains.load(staged.domain_file)
    assert loaded.launch
    names = loaded.launch.applications
    accounts = tuple(account for account in loaded.launch.accounts if account.user_type == "Patient")
    idp = tuple(
        provider.model_copy(update={"login": provider.login.model_copy(update={"kind": kind})})
        for provider in loaded.idp
        if provider.login
    )
    launch = loaded.launch.model_copy(update={"accounts": accounts, "applications": (names[0], names[-1])})
    return loaded.model_copy(update={"launch": launch, "idp": idp})


def _launched(staged: Practice, kind: Kind) -> tuple[Observed, str]:
    """What came of it, and everything that was told of it as text."""
    evidence: list[object] = []
    secrets: list[str] = []
    outside = Outside(evidence=evidence.append, secret=secrets.append)
    found = launched(_domain(staged, kind), Snapshot.open(staged.snapshot), outside)
    told = json.dumps(evidence) + repr(found)
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in told] == []
    return found, told


@pytest.mark.parametrize("kind", ["form", pytest.param("browser", marks=pytest.mark.browser)])
def test_patients_log_in_at_keycloak(kind: Kind, staged: Practice) -> None:
    if kind == "browser":
        third_parties.chromium()
    found, told = _launched(staged, kind)
    launches, logins = of(Launch, found), of(Login, found)
    assert {launch.attempt.plays for launch in launches} == {"portal", "both"}
    assert all(launch.worked for launch in launches), launches
    assert [(login.kind, login.logged_in) for login in logins] == [(kind, True)] * len(launches)
    assert all(login.seen == login.agreed == staged.realm.issuer for login in logins)
    assert all((page.status, page.logged_in, page.secrets) == (200, True, ()) for page in of(Page, found))
    assert of(IdToken, found)
    assert staged.realm.name in told
    for account in staged.accounts.values():
        assert account.username not in told


def test_a_password_that_keycloak_refuses_is_told(staged: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    for account in _domain(staged, "form").launch.accounts:  # type: ignore[union-attr]
        monkeypatch.setenv(account.password_env, "een-ander-wachtwoord")
    found, _ = _launched(staged, "form")
    assert found.launches
    assert {launch.broken for launch in of(Launch, found)} == {"login"}
    assert all("refused" in str(login.reason_en) for login in of(Login, found))


def test_a_whole_run_with_keycloak(staged: Practice, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = ktcheck("run", staged.domain_file, "--out", out, cwd=tmp_path, seconds=LONG)
    report = orjson.loads((out / "report.json").read_bytes())
    heavy = [row for row in report["findings_by_rule"] if row["severity"] != "advice"]
    assert heavy == [], done.err
    assert [row["outcome"] for row in report["launches"]] == ["launched"] * len(report["launches"])
    assert {row["user_type"] for row in report["launches"]} == {"Patient", "Practitioner", "RelatedPerson"}
    refused = [row for row in report["scenarios"] if row["id"].startswith("WEI-")]
    assert refused
    assert [row["id"] for row in refused if row["status"] != "passed"] == []
    assert done.code == 0, done.err
