"""The portal and the modules of the practice domain: real launches, as a browser sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from ktcheck.conformance.release import KT2, release
from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service
from ktcheck.sandbox.vocabulary import ENDPOINT_EXTENSION
from tests.sandbox.launching import KEY, Bench, definition, form, signed

Json = dict[str, Any]
TRACE = "http://koppeltaal.nl/fhir/StructureDefinition/trace-id"
LAUNCH_URI = "http://127.0.0.1:9/launch"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(PracticeDomain(1, 8).materialise(), audit_delay=0.0) as running:
        yield running


@pytest.fixture
def bench(service: Service) -> Iterator[Bench]:
    """With a fresh browser, and faults that are gone afterwards."""
    with httpx2.Client() as browser:
        bench = Bench(service, "zorgvoorbeeld", browser)
        yield bench
        bench.tenant.launch_faults.clear()


def endpoint(bench: Bench, task: Json) -> tuple[str, str]:
    """Where a task is launched, and the Device that its definition is of."""
    found = bench.tenant.domain.resources["ActivityDefinition"][definition(task).split("/")[1]]
    references = {item["url"]: item["valueReference"]["reference"] for item in found["extension"]}
    own = references[ENDPOINT_EXTENSION].split("/")[1]
    device = next(value for value in references.values() if value.startswith("Device/"))
    address: str = bench.tenant.domain.resources["Endpoint"][own]["address"]
    return address, device


def launched(bench: Bench, account: Account, **other: Any) -> tuple[Json, httpx2.Response]:
    """The claims of a launch at the module of the account's task, and the page it ends with."""
    address, device = endpoint(bench, bench.task(account.person))
    claims = bench.hti_claims(account, aud=device, **other)
    begun = bench.http.post(address, data={"launch": signed(claims), "iss": bench.base})
    return claims, bench.log_in(begun, account)


def events(bench: Bench, claims: Json) -> list[Json]:
    """What was logged with the id of a launch as trace, except for the reading of resources."""
    trace = {"url": TRACE, "valueId": claims["jti"]}
    found = [item for item in bench.tenant.of_type("AuditEvent").values() if trace in item["extension"]]
    return [item for item in found if item["type"]["code"] != "rest"]


@pytest.mark.parametrize("user_type", ["Patient", "Practitioner", "RelatedPerson"])
def test_a_module_starts_a_task_that_is_launched_by_the_suite(bench: Bench, user_type: str) -> None:
    account = bench.account(user_type)
    claims, page = launched(bench, account)
    assert page.status_code == 200
    assert "De taak is gestart" in page.text
    assert str(account.person).split("/")[1] not in page.text
    found = {item["agent"][0]["type"]["coding"][0]["code"]: item for item in events(bench, claims)}
    login, start = found["110153"], found["110150"]
    assert login["entity"][0]["what"]["reference"] == account.person
    assert start["entity"][0]["what"]["reference"] == claims["resource"]
    assert start["agent"][0]["who"]["reference"] == claims["aud"]
    assert {item["outcome"] for item in found.values()} == {"0"}


def test_what_a_module_may_not_start_it_does_not(bench: Bench) -> None:
    account = bench.account("Patient")
    claims, page = launched(bench, account, exp=1)
    assert page.status_code == 403
    assert 'role="alert"' in page.text
    (start,) = events(bench, claims)
    assert start["outcome"] == "8"
    address, _ = endpoint(bench, bench.task(account.person))
    for data in ({"iss": bench.base}, {"launch": "x", "iss": "https://elsewhere.example/fhir"}):
        assert bench.http.post(address, data=data).status_code == 400
    assert bench.http.post(address, json={}).status_code == 400


def test_a_module_takes_an_answer_only_where_it_was_asked(bench: Bench) -> None:
    address, _ = endpoint(bench, bench.task(bench.account("Patient").person))
    unasked = bench.http.get(address.replace("/launch", "/callback"), params={"code": "x", "state": "guessed"})
    assert unasked.status_code == 400


def test_the_portal_launches_at_a_module_and_at_the_suite(bench: Bench, service: Service) -> None:
    account = bench.account("Patient")
    service.register("zorgvoorbeeld", bench.client_id, {"keys": [KEY.as_dict(private=False)]}, launch_uri=LAUNCH_URI)
    people = bench.http.get(service.portal("zorgvoorbeeld")).raise_for_status()
    assert str(account.person) in people.text
    page = bench.http.get(service.portal("zorgvoorbeeld"), params={"user": str(account.person)}).raise_for_status()
    own = bench.task(account.person)["id"]
    address = form(page.text)[0]
    choices = re.findall(
        rf'name="task" value="{own}">\s*<input type="hidden" name="application" value="([^"]+)"', page.text
    )
    ends = {}
    for application in choices:
        action, hidden = form(bench.http.post(address, data={"task": own, "application": application}).text)
        assert set(hidden) == {"launch", "iss"}
        ends[action] = hidden
    module, _ = endpoint(bench, bench.task(account.person))
    assert set(ends) == {module, LAUNCH_URI}
    end = bench.log_in(bench.http.post(module, data=ends[module]), account)
    assert end.status_code == 200
    assert bench.http.post(address, data={"task": own, "application": "unknown"}).status_code == 404


def test_everything_that_is_logged_fits_its_profile(bench: Bench) -> None:
    launched(bench, bench.account("Practitioner"))
    launched(bench, bench.account("Patient"), exp=1)
    logged = bench.tenant.of_type("AuditEvent").values()
    assert {"110114", "110100", "rest"} <= {item["type"]["code"] for item in logged}
    profiles = release("0.16.3")
    assert [item for item in logged if not profiles.is_valid(item, f"{KT2}AuditEvent")] == []
    assert not profiles.is_valid({**next(iter(logged)), "agent": []}, f"{KT2}AuditEvent")


def test_what_is_logged_is_found_by_trace_and_date(bench: Bench) -> None:
    claims, _ = launched(bench, bench.account("Patient"))
    endpoint = bench.smart["token_endpoint"]
    data = {"grant_type": "client_credentials", "client_assertion": bench.assertion(endpoint)}
    asked = {**data, "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    token = bench.http.post(endpoint, data=asked).json()["access_token"]

    def total(**query: str) -> int:
        query |= {"_summary": "count"}
        got = bench.http.get(f"{bench.base}/AuditEvent", params=query, headers={"Authorization": f"Bearer {token}"})
        found: int = got.raise_for_status().json()["total"]
        return found

    assert total(traceId=claims["jti"]) >= len(events(bench, claims)) >= 2
    assert total(traceId=claims["jti"], date="ge2100-01-01") == 0
    assert total(traceId="nobody") == 0
    assert total(date="ge2026-09-13", _lastUpdated="ge2026-09-13") > 0
