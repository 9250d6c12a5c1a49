"""Directories that are asked over HTTP: paged to the end, read-only, without a trace of a person or a secret."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ktcheck.errors import InputError, KtcheckError, RunError
from tests.idp.conftest import Bench
from tests.idp.fake import EXTENSION, SECRET, user

KINDS = ("scim", "keycloak")
ATTRIBUTE = {"scim": "externalId", "keycloak": "koppeltaal_id"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 450])
def test_all_accounts_are_read_whatever_the_page_size(bench: Bench, kind: str, number: int) -> None:
    bench.fake.users = [user(place) for place in range(number)]
    accounts, total = bench.read(bench.settings(kind), ATTRIBUTE[kind])
    assert [account.name for account in accounts] == [f"u{place}" for place in range(number)]
    assert [account.values for account in accounts] == [(f"v{place}",) for place in range(number)]
    assert total == number


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_may_give_smaller_pages_than_asked(bench: Bench, kind: str) -> None:
    bench.fake.users = [user(place) for place in range(25)]
    bench.fake.most = 7
    accounts, total = bench.read(bench.settings(kind), ATTRIBUTE[kind])
    assert len({account.key for account in accounts}) == len(accounts) == total == 25


@pytest.mark.parametrize("kind", KINDS)
def test_disabled_and_without_claim(bench: Bench, kind: str) -> None:
    bench.fake.users = [user(1, enabled=False), user(2, ""), user(3, "  v3 ")]
    accounts, _ = bench.read(bench.settings(kind), ATTRIBUTE[kind])
    assert [(account.enabled, account.values) for account in accounts] == [
        (False, ("v1",)),
        (True, ()),
        (True, ("  v3 ",)),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_total_is_what_the_server_says(bench: Bench, kind: str) -> None:
    bench.fake.users = [user(place) for place in range(5)]
    bench.fake.lost_from = 3
    accounts, total = bench.read(bench.settings(kind), ATTRIBUTE[kind])
    assert (len(accounts), total) == (3, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_only_reading_and_no_secret_or_person_in_the_evidence(bench: Bench, kind: str) -> None:
    bench.fake.users = [user(1, "geheime-waarde")]
    accounts, _ = bench.read(bench.settings(kind), ATTRIBUTE[kind])
    assert {method for method, path, *_ in bench.fake.requests if not path.endswith("/token")} == {"GET"}
    told = json.dumps(bench.evidence) + repr(accounts)
    assert bench.evidence
    for secret in (SECRET, "geheime-waarde", "u1", *bench.fake.tokens):
        assert secret not in told
    assert {SECRET, *bench.fake.tokens} <= set(bench.secrets)


def test_keycloak_asks_for_a_new_token_when_one_has_expired(bench: Bench) -> None:
    bench.fake.users = [user(place) for place in range(450)]
    bench.fake.lifetime = 2
    accounts, total = bench.read(bench.settings("keycloak"))
    assert len(accounts) == total == 450
    assert len(bench.fake.tokens) > 2


def test_keycloak_is_always_asked_for_a_page_size_and_for_attributes(bench: Bench) -> None:
    bench.fake.users = [user(place) for place in range(150)]
    bench.read(bench.settings("keycloak"))
    assert all({"first", "max"} <= query.keys() for query in bench.fake.paths("/users"))
    assert {query["briefRepresentation"] for query in bench.fake.paths("/users")} == {"false"}


def test_keycloak_can_match_on_the_user_name(bench: Bench) -> None:
    bench.fake.users = [user(7)]
    accounts, _ = bench.read(bench.settings("keycloak"), "username")
    assert accounts[0].values == ("u7",)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("externalId", "v1"),
        ("EXTERNALID", "v1"),
        ("emails.value", "v1@voorbeeld.example"),
        (f"{EXTENSION}:koppeltaalId", "v1"),
        (f"{EXTENSION.upper()}:KOPPELTAALID", "v1"),
    ],
)
def test_scim_attributes(bench: Bench, attribute: str, value: str) -> None:
    bench.fake.users = [user(1)]
    accounts, _ = bench.read(bench.settings("scim"), attribute)
    assert accounts[0].values == (value,)


def test_scim_asks_for_nothing_more_than_is_needed(bench: Bench) -> None:
    bench.fake.users = [user(1)]
    bench.read(bench.settings("scim"), "externalId")
    assert {query["attributes"] for query in bench.fake.paths("/Users")} == {"userName,active,externalId"}
    assert not any("filter" in query for query in bench.fake.paths("/Users"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_is_not_set(bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDP_SECRET")
    with pytest.raises(InputError, match="IDP_SECRET is not set"):
        bench.read(bench.settings(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_does_not_serve(bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_SECRET", "een-ander-geheim")
    with pytest.raises(InputError, match=r"does not accept the (client|token) of \[idp.directory\]") as caught:
        bench.read(bench.settings(kind))
    assert "een-ander-geheim" not in str(caught.value)


def test_a_realm_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(InputError, match="no such realm"):
        bench.read(bench.settings("keycloak", realm="elders"))


def test_a_scim_service_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(InputError, match="no /Users"):
        bench.read(bench.settings("scim", url=f"{bench.origin}/elders"))


def test_a_client_without_the_roles(bench: Bench) -> None:
    def refuse(request: Request) -> Response | None:
        return JSONResponse({"error": "HTTP 403 Forbidden"}, 403) if "/admin/" in request.url.path else None

    bench.fake.intercept = refuse
    with pytest.raises(InputError, match="view-users"):
        bench.read(bench.settings("keycloak"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("<html>Jansen</html>"),
        JSONResponse("Jansen"),
        JSONResponse([{"userName": "Jansen"}]),
        JSONResponse({"totalResults": 1, "Resources": [{"userName": "Jansen"}]}),
        JSONResponse({"totalResults": 1, "Resources": "Jansen"}, media_type="application/scim+json"),
        JSONResponse({"error": "Jansen"}, 500),
        JSONResponse({"error": "Jansen"}, 418),
        PlainTextResponse("Jansen", 503),
    ],
)
def test_an_answer_that_cannot_be_read_is_one_sentence_without_it(bench: Bench, kind: str, answer: Response) -> None:
    def spoil(request: Request) -> Response | None:
        return None if request.url.path.endswith("/token") else answer

    bench.fake.intercept = spoil
    with pytest.raises(RunError) as caught:
        bench.read(bench.settings(kind))
    assert "Jansen" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_not_there(bench: Bench, kind: str) -> None:
    path = "/scim" if kind == "scim" else ""
    with pytest.raises(KtcheckError, match="cannot be reached"):
        bench.read(bench.settings(kind, url=f"http://127.0.0.1:9{path}"))
