"""Asking a second opinion: the domain's own $validate over real HTTP, and a validator-wrapper in miniature."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx2
import orjson
import pytest
import stamina
from starlette.responses import Response

from ktcheck import domain as domains
from ktcheck.cli.practice import made, stage
from ktcheck.domain import Domain
from ktcheck.errors import InputError, RunError
from ktcheck.http import read_client, validator_client
from ktcheck.opinion.ask import Asked, Patience, ask
from ktcheck.opinion.services import check
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from ktcheck.snapshot.store import Snapshot
from tests.opinion.validator import Validator, serving
from tests.practice import write_domain, write_snapshot

Json = dict[str, Any]
Fault = Literal["lenient", "strict", "breaks", "stalls", "refuses"]

KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot with one resource that is not valid."""
    folder = tmp_path_factory.mktemp("kept")
    resources = list(PracticeDomain(1, 6).resources())
    next(item for item in resources if item["resourceType"] == "Patient")["deceasedBoolean"] = False
    write_snapshot(resources, folder / "snapshot")
    return folder / "snapshot"


@contextmanager
def domain(tmp_path: Path, fault: Fault | None = None) -> Iterator[Domain]:
    practice = made("zorgvoorbeeld", 1, 6, ())
    practice.service.opinion = fault
    practice.service.stalls_seconds = 1.0
    with Service(practice) as service:
        yield domains.load(stage(service, practice, tmp_path / "domain").domain_file)


def asked(whom: str, about: Domain, kept: Path, **options: Any) -> tuple[Asked, list[Json], list[str]]:
    evidence: list[Json] = []
    secrets: list[str] = []
    found = ask(whom, about, Snapshot.open(kept), evidence=evidence.append, secret=secrets.append, **options)
    return found, evidence, secrets


@pytest.fixture
def offline(tmp_path: Path) -> Domain:
    return domains.load(write_domain(PracticeDomain(1, 6), tmp_path / "offline"))


def test_the_domain_itself_agrees_and_evidence_has_no_body(kept: Path, tmp_path: Path) -> None:
    with domain(tmp_path) as about:
        found, evidence, secrets = asked("fhir", about, kept)
    row = found.row()
    assert row["answered"] == row["chosen"] == len(found.choice.names) > 30
    assert (row["agreed_invalid"], row["differences"], row["unanswered"]) == (1, [], [])
    assert row["agreed_valid"] == row["answered"] - 1
    posts = [item for item in evidence if item["path"].endswith("$validate")]
    assert len(posts) == row["answered"]
    text = orjson.dumps(evidence).decode()
    names = {item["name"][0]["family"] for item in Snapshot.open(kept).resources("Patient")}
    assert not [name for name in names if name in text]
    assert secrets
    assert not [secret for secret in secrets if secret in text]


def test_differences_say_who_finds_what(kept: Path, tmp_path: Path) -> None:
    with domain(tmp_path, "strict") as about:
        found, *_ = asked("fhir", about, kept)
    told = {(row["valid_by"], row["code"], row["path"]) for row in found.row()["differences"]}
    assert told == {("ktcheck", "required", "contact")}
    assert {item.theirs for item in found.opinions if item.type == "Patient"} == {False}
    with domain(tmp_path / "other", "lenient") as about:
        found, *_ = asked("fhir", about, kept)
    (row,) = found.row()["differences"]
    assert row == {
        "resource_type": "Patient",
        "valid_by": "service",
        "code": "prohibited",
        "path": "deceasedBoolean",
        "what_nl": "mag er niet zijn",
        "what_en": "may not be there",
        "resources": 1,
    }


@pytest.mark.parametrize(
    ("fault", "cause", "status"),
    [("breaks", "status", 500), ("refuses", "status", 401), ("stalls", "slow", None)],
)
def test_a_service_that_gives_no_judgement_is_told_and_left_alone(
    fault: Fault, cause: str, status: int | None, kept: Path, tmp_path: Path
) -> None:
    with domain(tmp_path, fault) as about:
        found, *_ = asked("fhir", about, kept, patience=Patience(one=0.3 if fault == "stalls" else 30))
    row = found.row()
    assert (row["answered"], row["differences"]) == (0, [])
    told = {(item["cause"], item["status"]): item["resources"] for item in row["unanswered"]}
    assert told == {(cause, status): 3, ("given-up", None): row["chosen"] - 3}


def test_a_service_that_is_not_there_is_told(kept: Path, tmp_path: Path) -> None:
    with domain(tmp_path) as about:
        pass
    row = asked("fhir", about, kept)[0].row()
    assert row["unanswered"][-1] == {"cause": "unreachable", "status": None, "resources": 3}


def test_all_questions_together_have_an_end(kept: Path, tmp_path: Path) -> None:
    with domain(tmp_path) as about:
        row = asked("fhir", about, kept, patience=Patience(all=0))[0].row()
    assert row["unanswered"] == [{"cause": "slow", "status": None, "resources": row["chosen"]}]


@pytest.mark.parametrize("context", ["validationContext", "cliContext"])
@pytest.mark.parametrize("member", ["issues", "messages"])
def test_a_validator_is_asked_in_the_words_it_knows(context: str, member: str, kept: Path, offline: Domain) -> None:
    with serving(Validator(context=context, member=member)) as validator:
        found, evidence, secrets = asked(validator.base_url, offline, kept)
    row = found.row()
    assert (row["kind"], row["answered"]) == ("validator", row["chosen"])
    assert [item["valid_by"] for item in row["differences"]] == ["service"]
    last = validator.requests[-1]
    kind = orjson.loads(last["filesToValidate"][0]["fileContent"])["resourceType"]
    assert last[context] == {
        "sv": "4.0.1",
        "locale": "en",
        "igs": ["koppeltaalv2.00#0.16.3"],
        "profiles": [f"{KT2}{kind}"],
    }
    assert last["sessionId"] == "session-1"
    assert [file["fileName"] for file in last["filesToValidate"]] == ["resource.json"]
    assert not [headers for headers in validator.headers if "authorization" in headers]
    assert secrets == []
    assert {item["path"] for item in evidence} == {"/validate"}


def test_an_address_may_name_the_operation_itself(kept: Path, offline: Domain) -> None:
    with serving(Validator()) as validator:
        assert asked(f"{validator.base_url}/validate", offline, kept)[0].opinions
        assert asked(f"{validator.base_url}/", offline, kept)[0].opinions


@pytest.mark.parametrize(
    ("answer", "cause", "status"),
    [
        pytest.param(Response("busy", 500), "status", 500, id="an error"),
        pytest.param(Response("<html>", 200), "no-judgement", None, id="no JSON"),
        pytest.param(Response(b'{"outcomes": []}', 200), "no-judgement", None, id="no outcome"),
        pytest.param(
            Response(b'{"outcomes":[{"issues":[{"level":"ERROR","type":"NOTFOUND"}]}]}', 200),
            "no-judgement",
            None,
            id="the profile is not known there",
        ),
        pytest.param(Response("", 302, {"Location": "http://127.0.0.1/other"}), "status", 302, id="elsewhere"),
    ],
)
def test_a_validator_without_judgement(
    answer: Response, cause: str, status: int | None, kept: Path, offline: Domain
) -> None:
    with serving(Validator(answer=lambda _: answer)) as validator:
        row = asked(validator.base_url, offline, kept)[0].row()
    assert row["unanswered"][-1] == {"cause": cause, "status": status, "resources": 3}


# ---- what may be sent ----------------------------------------------------------------------------------------------

BASE = "https://kt2.example/api/v1/x/fhir/r4"


def post(url: str, *, validates: bool = True, **options: Any) -> None:
    async def run() -> None:
        async with read_client(BASE, evidence=lambda _: None, trace_id="t", validates=validates) as client:
            await client.request(options.pop("method", "POST"), url, **options)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "options"),
    [
        pytest.param(f"{BASE}/Patient", {}, id="create"),
        pytest.param(f"{BASE}/Patient/1/$validate", {}, id="of an instance"),
        pytest.param(f"{BASE}/$validate", {}, id="of the system"),
        pytest.param(f"{BASE}/Patient/$validate/", {}, id="with a slash more"),
        pytest.param(f"{BASE}/Patient/$expunge", {}, id="another operation"),
        pytest.param(f"{BASE}/../r4/Patient/_search", {}, id="a search"),
        pytest.param(f"{BASE}/Patient/$validate?mode=create", {}, id="another parameter"),
        pytest.param(f"{BASE}/Patient/$validate", {"method": "PUT"}, id="another method"),
        pytest.param("https://other.example/api/v1/x/fhir/r4/Patient/$validate", {}, id="another host"),
        pytest.param("https://kt2.example/api/v1/y/fhir/r4/Patient/$validate", {}, id="another domain"),
        pytest.param(f"{BASE}/Patient/$validate", {"headers": {"If-Match": 'W/"1"'}}, id="If-Match"),
        pytest.param(f"{BASE}/Patient/$validate", {"headers": {"If-None-Exist": "x=y"}}, id="If-None-Exist"),
        pytest.param(f"{BASE}/Patient/$validate", {"headers": {"X-HTTP-Method-Override": "PUT"}}, id="override"),
        pytest.param(f"{BASE}/Patient/$validate", {"validates": False}, id="not asked for"),
    ],
)
def test_only_that_operation_may_be_posted(url: str, options: Json) -> None:
    with pytest.raises(RunError, match="ktcheck only reads"):
        post(url, **options)


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "https://validator.example/validate", {}),
        ("POST", "https://validator.example/other", {}),
        ("POST", "https://other.example/validate", {}),
        ("POST", "https://validator.example/validate", {"Authorization": "Bearer x"}),
    ],
)
def test_a_validator_gets_questions_only_and_never_a_token(method: str, url: str, headers: Json) -> None:
    async def run() -> None:
        address = "https://validator.example/validate"
        async with validator_client(address, evidence=lambda _: None, trace_id="t") as client:
            await client.request(method, url, headers=headers)

    with pytest.raises(RunError, match="not a question to the validator"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("whom", "words"),
    [
        ("fhir", "needs [target] fhir_base_url"),
        ("http://validator.example", "https address"),
        ("ftp://127.0.0.1", "https address"),
        ("validator", "https address"),
        ("https://", "https address"),
        ("https://[", "https address"),
        ("https://jan:geheim@validator.example", "without a user"),
        ("https://validator.example/?key=geheim", "without a user"),
    ],
)
def test_an_opinion_that_cannot_be_asked_is_refused_in_one_sentence(whom: str, words: str, offline: Domain) -> None:
    with pytest.raises(InputError, match=words.replace("[", r"\[")) as error:
        check(whom, offline)
    assert "geheim" not in str(error.value)


def test_a_token_needs_a_client(tmp_path: Path) -> None:
    with domain(tmp_path) as about:
        check("fhir", about)
        with pytest.raises(InputError, match=r"needs \[client\]"):
            check("fhir", about.model_copy(update={"client": None}))


def test_an_address_of_this_machine_or_over_https_is_allowed(offline: Domain) -> None:
    check("http://127.0.0.1:3500", offline)
    check(str(httpx2.URL("https://validator.example/x")), offline)
