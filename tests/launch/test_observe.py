"""Every launch of a practice domain: the good ones in every fact, and what each fault of the service shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from ktcheck.domain import Domain
from ktcheck.launch import audit
from ktcheck.launch.facts import (
    AuthorizationKeys,
    AuthorizeRequest,
    Callback,
    IdToken,
    Introspection,
    Launch,
    LoggedEvent,
    Login,
    Page,
    SmartConfiguration,
    TokenResponse,
)
from ktcheck.launch.observe import Observed, observe
from ktcheck.snapshot.store import Snapshot
from tests.launch.running import Everybody, launching, observed, of, snapshot
from tests.launch.served import Served, serve

NAME = "zorgvoorbeeld"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), size=24) as found:
        yield found


@pytest.fixture(scope="module")
def taken(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(served, tmp_path_factory.mktemp("taken"))


@pytest.fixture(scope="module")
def good(served: Served, taken: Snapshot) -> Observed:
    return observed(served, taken)


def test_everybody_launches_everything_that_is_his(good: Observed) -> None:
    launches = of(Launch, good)
    assert [launch.attempt.id for launch in launches] == [f"L{number}" for number in range(1, len(launches) + 1)]
    tried = {(launch.attempt.plays, launch.attempt.user_type) for launch in launches}
    types = {"Patient", "Practitioner", "RelatedPerson"}
    assert tried >= {("both", user_type) for user_type in types} | {("portal", user_type) for user_type in types}
    assert all(launch.worked and launch.account and launch.task_migrated for launch in launches)
    assert all(launch.attempt.person.startswith(f"{launch.attempt.user_type}/") for launch in launches)
    portal = [launch for launch in launches if launch.attempt.plays == "portal"]
    names = [step.name for step in portal[0].steps]
    assert names == ["launch", "authorize", "login", "callback", "page", "audit"]
    assert all(step.ok and step.milliseconds >= 0 for launch in launches for step in launch.steps)


def test_a_good_launch_is_good_in_every_fact(good: Observed) -> None:
    launches = len(of(Launch, good))
    by_module = [launch for launch in of(Launch, good) if launch.attempt.plays == "portal"]
    assert [login.logged_in for login in of(Login, good)] == [True] * launches
    assert all(login.seen == login.agreed for login in of(Login, good))
    asked = of(AuthorizeRequest, good)
    assert len(asked) == len(by_module)
    assert all(fact.launch_is_given and fact.parameters["aud"] == fact.base for fact in asked)
    assert all(fact.parameters["state"] is None and fact.challenge_length == 43 for fact in asked)
    assert max(fact.earlier for fact in asked) > 0
    assert not any(fact.repeated for fact in asked)
    assert all(
        (fact.address_kept, fact.code, fact.state_kept, fact.others) == (True, True, True, ())
        for fact in of(Callback, good)
    )
    assert [(page.status, page.secrets, page.logged_in) for page in of(Page, good)] == [(200, (), True)] * len(
        by_module
    )
    logged = of(LoggedEvent, good)
    assert len(logged) == launches + len(by_module)
    assert all(fact.traced and fact.outcome == "0" and not fact.about_other for fact in logged)
    assert {fact.token for fact in of(Introspection, good)} == {"hti", "id_token"}
    assert of(TokenResponse, good)
    assert of(IdToken, good)
    (configuration,), (keys,) = of(SmartConfiguration, good), of(AuthorizationKeys, good)
    assert (configuration.status, configuration.content_type) == (200, "application/json")
    assert keys.status == 200
    assert keys.keys
    assert all(key.signs and not key.private for key in keys.keys)


def test_the_report_tells_of_it(good: Observed) -> None:
    assert [row["id"] for row in good.launches] == [launch.attempt.id for launch in of(Launch, good)]
    assert good.chain is not None
    assert [link["shown"] for link in good.chain["links"]] == [True] * 8


def test_no_secret_is_in_what_it_tells(good: Observed, served: Served) -> None:
    told = json.dumps(served.evidence) + repr(good)
    assert len(served.secrets) > 50
    assert [secret for secret in served.secrets if secret in told] == []


def test_an_inactive_person_does_not_launch(good: Observed, served: Served) -> None:
    inactive = {account.person for account in served.accounts("Patient", active=False)}
    assert inactive
    assert inactive.isdisjoint(launch.attempt.person for launch in of(Launch, good))


@pytest.fixture
def faulty(served: Served, taken: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Observed]]:
    """Every launch, of one module and of the suite itself, with a fault in the service."""
    monkeypatch.setattr(audit, "PATIENCE", 0.5)
    tenant = served.service.tenants[NAME]
    assert served.domain.launch
    names = served.domain.launch.applications
    domain = launching(served, applications=(names[0], names[-1]))

    def found(fault: str) -> Observed:
        tenant.launch_faults.add(fault)
        return observed(served, taken, domain)

    yield found
    tenant.launch_faults.clear()


WRONG: dict[str, Callable[[Observed], bool]] = {
    "module-without-login": lambda found: all(not fact.logged_in for fact in of(Page, found)),
    "module-without-pkce": lambda found: all(fact.challenge_length == 0 for fact in of(AuthorizeRequest, found)),
    "module-plain-pkce": lambda found: all(
        fact.parameters["code_challenge_method"] == "plain" for fact in of(AuthorizeRequest, found)
    ),
    "module-constant-state": lambda found: of(AuthorizeRequest, found)[1].repeated == ("state",),
    "module-wrong-scope": lambda found: all(
        fact.parameters["scope"] != "launch openid fhirUser" for fact in of(AuthorizeRequest, found)
    ),
    "module-wrong-aud": lambda found: all(fact.parameters["aud"] != fact.base for fact in of(AuthorizeRequest, found)),
    "module-token-in-query": lambda found: all(fact.secrets == ("id_token",) for fact in of(Page, found)),
    "module-page-missing": lambda found: all(fact.status == 404 for fact in of(Page, found)),
    "module-page-error": lambda found: all(fact.status == 500 for fact in of(Page, found)),
    "module-launches-other": lambda found: all(
        fact.about_other for fact in of(LoggedEvent, found) if fact.kind == "launched"
    ),
    "state-changed": lambda found: not any(fact.state_kept for fact in of(Callback, found)),
    "idp-other-than-agreed": lambda found: all(fact.seen not in {None, fact.agreed} for fact in of(Login, found)),
    "idp-login-broken": lambda found: all(fact.broken == "login" for fact in of(Launch, found)),
    "idp-discovery-missing": lambda found: all(fact.broken == "callback" for fact in of(Launch, found)),
    "audit-login-missing": lambda found: all(
        fact.events == 0 for fact in of(LoggedEvent, found) if fact.kind == "login"
    ),
    "audit-launched-missing": lambda found: all(
        fact.events == 0 for fact in of(LoggedEvent, found) if fact.kind == "launched"
    ),
    "audit-login-other-person": lambda found: all(
        (fact.events, fact.about_other) == (0, True) for fact in of(LoggedEvent, found) if fact.kind == "login"
    ),
    "audit-without-trace": lambda found: all(fact.events and not fact.traced for fact in of(LoggedEvent, found)),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_goes_wrong_shows_in_its_fact(fault: str, faulty: Callable[[str], Observed]) -> None:
    found = faulty(fault)
    assert of(Launch, found)
    assert WRONG[fault](found), found.facts


def nothing(domain: Domain, taken: Snapshot) -> bool:
    """Whether nothing is launched, and nobody is asked anything."""
    evidence: list[object] = []
    found = observe(domain, taken, Everybody(domain), None, evidence.append, lambda _: None, lambda *_: None)
    return found == Observed() and evidence == []


def test_without_a_launch_section_nothing_is_launched(served: Served, taken: Snapshot) -> None:
    assert nothing(served.domain.model_copy(update={"launch": None}), taken)


def test_what_is_not_delivered_is_not_tried(served: Served, taken: Snapshot) -> None:
    assert served.domain.target
    for part in ("idp", "launch"):
        delivered = served.domain.target.delivered.model_copy(update={part: False})
        target = served.domain.target.model_copy(update={"delivered": delivered})
        assert nothing(served.domain.model_copy(update={"target": target}), taken)


def test_without_a_log_nothing_is_looked_up(served: Served, taken: Snapshot) -> None:
    assert served.domain.target
    delivered = served.domain.target.delivered.model_copy(update={"audit": False})
    target = served.domain.target.model_copy(update={"delivered": delivered})
    found = observed(served, taken, served.domain.model_copy(update={"target": target}))
    assert of(Launch, found)
    assert not of(LoggedEvent, found)
    assert found.chain is not None
    assert found.chain["links"][-1]["shown"] is None
