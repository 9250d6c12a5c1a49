from __future__ import annotations

import json
import stat
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ktcheck.domain import Domain
from ktcheck.errors import InputError, RunError
from ktcheck.snapshot.store import RESOURCE_TYPES, Snapshot
from tests.snapshot.conftest import Bench
from tests.snapshot.fake import PATH, bundle, resource


def is_page(request: Request, name: str = "Patient") -> bool:
    """Whether this asks for resources of a type, and not for a total or for the newest."""
    query = request.query_params
    if "_summary" in query or query.get("_count") == "1":
        return False
    return request.url.path == f"{PATH}/{name}" or query.get("_getpages") == name


def test_everything_is_read_to_the_last_page(bench: Bench) -> None:
    bench.fake.add("Patient", 25)
    bench.fake.add("Task", 3)
    manifest = bench.manifest(page_size=10)
    counts = {count.type: count for count in manifest.types}
    patient = counts["Patient"]
    assert (patient.pages, patient.entries, patient.distinct, patient.duplicates) == (3, 25, 25, 0)
    assert (patient.total_before, patient.total_after, patient.changed) == (25, 25, False)
    assert (patient.rights, patient.supported, patient.self_logging) == ("all", True, False)
    assert counts["Device"].distinct == 0
    assert tuple(counts) == RESOURCE_TYPES
    assert manifest.fhir_version == "4.0.1"
    assert manifest.profile_release == "0.16.3"
    assert manifest.software == {"name": "fake", "version": "1"}
    assert ("Patient", 25, 25) in bench.progress

    snapshot = Snapshot.open(bench.directory)
    snapshot.validate()
    assert snapshot.manifest == manifest
    assert list(snapshot.resources("Patient")) == bench.fake.store["Patient"]
    assert snapshot.types() == RESOURCE_TYPES


def test_a_snapshot_is_private_and_leaves_nothing_beside_it(bench: Bench) -> None:
    bench.fake.add("Patient", 1)
    bench.take()
    assert stat.S_IMODE(bench.directory.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in bench.directory.iterdir()}
    assert modes == {0o600}
    assert bench.left_behind() == ["snapshot"]


def test_an_existing_snapshot_stays_unless_forced(bench: Bench) -> None:
    bench.take()
    with pytest.raises(InputError, match="exists already"):
        bench.take()
    bench.fake.add("Patient", 2)
    assert bench.take(force=True)["Patient"].distinct == 2
    assert len(list(Snapshot.open(bench.directory).resources("Patient"))) == 2


@pytest.mark.parametrize("total", [None, 7, 100000, -1, "25", True])
def test_a_wrong_total_is_recorded_but_not_believed(bench: Bench, total: object) -> None:
    bench.fake.add("Patient", 12)

    def wrong(request: Request) -> Response | None:
        if request.query_params.get("_summary") == "count":
            return JSONResponse(bundle([], total, None))
        return None

    bench.fake.intercept = wrong
    patient = bench.take(page_size=5)["Patient"]
    assert patient.distinct == 12
    assert patient.total_before == (total if total in (7, 100000) else None)


@pytest.mark.parametrize("version", [1, 2])
def test_a_change_during_the_download_is_seen(bench: Bench, version: int) -> None:
    bench.fake.add("Patient", 12)
    pages = count()

    def change(request: Request) -> Response | None:
        if is_page(request) and next(pages) == 1:
            patients = bench.fake.store["Patient"]
            if version == 2:
                del patients[0]
            patients.append(resource("Patient", 0 if version == 2 else 12, version))
        return None

    bench.fake.intercept = change
    counts = bench.take(page_size=5)
    assert counts["Patient"].changed is True
    assert counts["Task"].changed is False


def test_a_change_after_the_last_page_is_seen(bench: Bench) -> None:
    bench.fake.add("Patient", 3)

    def change(request: Request) -> Response | None:
        if bench.fake.searches("Patient")[3:] and len(bench.fake.store["Patient"]) == 3:
            bench.fake.store["Patient"].append(resource("Patient", 0, version=2))
        return None

    bench.fake.intercept = change
    assert bench.take()["Patient"].changed is True


def test_a_resource_on_two_pages_is_kept_once_in_its_newest_version(bench: Bench) -> None:
    old, new = resource("Patient", 0), resource("Patient", 0, version=10)
    bench.fake.store["Patient"] = [old, resource("Patient", 1), old, new, resource("Patient", 2), old]
    patient = bench.take(page_size=2)["Patient"]
    assert (patient.entries, patient.distinct, patient.duplicates) == (6, 3, 3)
    assert patient.changed is True
    kept = list(Snapshot.open(bench.directory).resources("Patient"))
    assert kept == [resource("Patient", 1), new, resource("Patient", 2)]


def test_the_audit_log_that_we_fill_ourselves_ends_and_is_not_called_changed(bench: Bench) -> None:
    bench.fake.add("AuditEvent", 5)
    bench.fake.page_limit = 1
    audit = bench.take()["AuditEvent"]
    assert audit.self_logging is True
    assert audit.changed is None
    assert 5 <= audit.distinct < 20


def test_a_server_that_does_not_sort_is_read_without_sorting(bench: Bench) -> None:
    bench.fake.add("Patient", 12)

    def refuse(request: Request) -> Response | None:
        return JSONResponse({}, 400) if "_sort" in request.query_params else None

    bench.fake.intercept = refuse
    patient = bench.take(page_size=5)["Patient"]
    assert patient.distinct == 12
    assert patient.changed is None


def test_a_server_that_does_not_count_is_read_all_the_same(bench: Bench) -> None:
    bench.fake.add("Patient", 2)

    def refuse(request: Request) -> Response | None:
        return JSONResponse({}, 422) if "_summary" in request.query_params else None

    bench.fake.intercept = refuse
    patient = bench.take()["Patient"]
    assert (patient.distinct, patient.total_before, patient.changed) == (2, None, False)


def test_what_may_not_be_read_is_named_and_the_rest_goes_on(bench: Bench) -> None:
    bench.fake.add("Task", 1)
    bench.fake.unsupported = frozenset({"RelatedPerson"})
    bench.fake.intercept = lambda request: JSONResponse({}, 403) if request.url.path.endswith("/Patient") else None
    counts = bench.take()
    assert (counts["Patient"].rights, counts["Patient"].supported) == ("none", True)
    assert (counts["RelatedPerson"].rights, counts["RelatedPerson"].supported) == ("none", False)
    assert counts["Task"].distinct == 1
    snapshot = Snapshot.open(bench.directory)
    snapshot.validate()
    assert {"Patient", "RelatedPerson"}.isdisjoint(snapshot.types())


def test_a_type_that_may_be_counted_but_not_read_leaves_no_file(bench: Bench) -> None:
    bench.fake.intercept = lambda request: Response(status_code=403) if is_page(request) else None
    assert bench.take()["Patient"].rights == "none"
    assert "Patient" not in Snapshot.open(bench.directory).types()


def test_narrowed_scopes_are_recorded(bench: Bench) -> None:
    bench.fake.add("Device", 1)
    bench.fake.scope = "system/Patient.rs?resource-origin=Device/a system/Task.cruds"
    counts = bench.take()
    assert counts["Patient"].rights == "narrowed"
    assert counts["Task"].rights == "all"
    assert counts["Endpoint"].rights == "none"
    assert counts["Device"].rights == "unknown"
    assert "Endpoint" not in Snapshot.open(bench.directory).types()


def test_without_scope_in_the_answer_the_rights_are_unknown(bench: Bench) -> None:
    bench.fake.scope = None
    assert {count.rights for count in bench.take().values()} == {"unknown"}


def test_included_and_outcome_entries_are_no_matches(bench: Bench) -> None:
    def include(request: Request) -> Response | None:
        if not is_page(request, "Task"):
            return None
        content = bundle([resource("Task", 1)], 1, None)
        for mode, item in (("include", resource("Patient", 1)), ("outcome", {"resourceType": "OperationOutcome"})):
            content["entry"].append({"resource": item, "search": {"mode": mode}})
        return JSONResponse(content)

    bench.fake.intercept = include
    assert bench.take()["Task"].entries == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(bench: Bench, status: int) -> None:
    bench.fake.add("Patient", 3)
    pages = count()
    bench.fake.intercept = lambda request: (
        Response(status_code=status) if is_page(request) and next(pages) == 0 else None
    )
    assert bench.take()["Patient"].distinct == 3
    assert status in {exchange["status"] for exchange in bench.evidence}


@pytest.mark.parametrize("dated", [False, True])
def test_retry_after_is_obeyed_by_all_requests(bench: Bench, dated: bool) -> None:
    refused: list[float] = []
    served: list[float] = []

    def busy(request: Request) -> Response | None:
        if "authorization" not in request.headers:
            return None
        if not refused:
            refused.append(time.monotonic())
            moment = datetime.now(UTC) + timedelta(seconds=2)
            return Response(status_code=429, headers={"Retry-After": format_datetime(moment) if dated else "1"})
        served.append(time.monotonic())
        return None

    bench.fake.intercept = busy
    bench.take(concurrency=1)
    assert served[0] - refused[0] >= 0.9


def test_a_server_that_stays_busy_stops_the_run(bench: Bench) -> None:
    bench.fake.intercept = lambda request: Response(status_code=503) if is_page(request) else None
    with pytest.raises(RunError, match="answers 503 to a read of Patient; try again later"):
        bench.take()
    assert bench.left_behind() == []


def test_no_more_requests_at_once_than_agreed(bench: Bench) -> None:
    bench.take(concurrency=2)
    assert bench.fake.most_at_once <= 2


def test_a_token_that_ends_halfway_is_renewed(bench: Bench) -> None:
    bench.fake.add("Patient", 30)
    pages = count()

    def end(request: Request) -> Response | None:
        if is_page(request) and next(pages) == 2:
            bench.fake.valid.clear()
        return None

    bench.fake.intercept = end
    assert bench.take(page_size=10)["Patient"].distinct == 30
    assert len(bench.fake.issued) == 2


def test_a_token_that_is_never_accepted_stops_the_run(bench: Bench) -> None:
    bench.fake.intercept = lambda request: JSONResponse({}, 401) if is_page(request) else None
    with pytest.raises(RunError, match="does not accept its own token"):
        bench.take()
    assert bench.left_behind() == []


def test_a_next_link_that_comes_again_stops_the_run(bench: Bench) -> None:
    numbers = count()

    def loop(request: Request) -> Response | None:
        link = f"{bench.fake.base_url}?_getpages=Patient&_getpagesoffset=2&_count=2"
        number = next(numbers)
        return JSONResponse(bundle([resource("Patient", number)], 9, link)) if is_page(request) else None

    bench.fake.intercept = loop
    with pytest.raises(RunError, match="the same next link twice"):
        bench.take()
    assert bench.left_behind() == []


def test_the_same_page_under_ever_new_links_stops_the_run(bench: Bench) -> None:
    numbers = count()

    def again(request: Request) -> Response | None:
        link = f"{bench.fake.base_url}?_getpages=Patient&_getpagesoffset={next(numbers)}"
        return JSONResponse(bundle([resource("Patient", 1)], 1, link)) if is_page(request) else None

    bench.fake.intercept = again
    with pytest.raises(RunError, match="keeps giving the same page"):
        bench.take()


def test_a_next_link_to_another_host_is_not_followed(bench: Bench) -> None:
    link = "https://elders.example/fhir?_getpages=Patient"
    bench.fake.intercept = lambda request: (
        JSONResponse(bundle([resource("Patient", 1)], 9, link)) if is_page(request) else None
    )
    with pytest.raises(RunError, match=r"next link to elders\.example"):
        bench.take()
    assert bench.left_behind() == []


def test_a_relative_next_link_is_followed(bench: Bench) -> None:
    bench.fake.add("Patient", 2)

    def relative(request: Request) -> Response | None:
        if is_page(request) and "_getpages" not in request.query_params:
            link = "?_getpages=Patient&_getpagesoffset=1&_count=2"
            return JSONResponse(bundle(bench.fake.store["Patient"][:1], 2, link))
        return None

    bench.fake.intercept = relative
    assert bench.take()["Patient"].distinct == 2


PROBLEMS = {
    "no JSON": (PlainTextResponse("<html>"), "not FHIR JSON"),
    "no object": (JSONResponse([1]), "not FHIR JSON"),
    "a resource": (JSONResponse(resource("Patient", 1)), "is not a Bundle"),
    "an outcome": (
        JSONResponse({"resourceType": "OperationOutcome", "issue": [{"code": "too-costly", "diagnostics": "Jansen"}]}),
        r"an OperationOutcome \(too-costly\)",
    ),
    "another type": (JSONResponse(bundle([resource("Task", 1)], 1, None)), "a match that is no Patient"),
    "no id": (JSONResponse(bundle([{"resourceType": "Patient"}], 1, None)), "a match without an id"),
    "404": (Response(status_code=404), "answers 404"),
    "410": (Response(status_code=410), "answers 410"),
    "500": (Response("Jansen", status_code=500), "answers 500"),
    "302": (Response(status_code=302, headers={"Location": "https://elders.example/"}), "answers 302"),
    "400": (Response(status_code=400), "a plain search on Patient is refused"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_answer_that_is_no_search_result_stops_the_run(bench: Bench, name: str) -> None:
    answer, sentence = PROBLEMS[name]
    bench.fake.intercept = lambda request: answer if is_page(request) else None
    with pytest.raises(RunError, match=sentence) as error:
        bench.take()
    assert "\n" not in str(error.value)
    assert "Jansen" not in str(error.value)
    assert bench.left_behind() == []


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_halfway_stops_the_run(bench: Bench, status: int) -> None:
    bench.fake.add("Patient", 12)
    bench.fake.intercept = lambda request: Response(status_code=status) if "_getpages" in request.query_params else None
    with pytest.raises(RunError, match="refused halfway"):
        bench.take(page_size=5)


def test_rights_that_are_withdrawn_meanwhile_stop_the_run(bench: Bench) -> None:
    searches = count()
    bench.fake.intercept = lambda request: (
        Response(status_code=403) if request.url.path.endswith("/Task") and next(searches) > 2 else None
    )
    with pytest.raises(RunError, match="Task: the right to read it was withdrawn"):
        bench.take()


@pytest.mark.parametrize("answer", [JSONResponse({}), Response(status_code=403), Response(status_code=404)])
def test_without_a_capability_statement_there_is_no_snapshot(bench: Bench, answer: Response) -> None:
    bench.fake.intercept = lambda request: answer if request.url.path.endswith("/metadata") else None
    with pytest.raises(RunError, match="metadata"):
        bench.take()


def test_the_profile_release_may_need_a_token_or_be_absent(bench: Bench) -> None:
    def private(request: Request) -> Response | None:
        hidden = request.url.path.endswith("/ImplementationGuide") and "authorization" not in request.headers
        return Response(status_code=401) if hidden else None

    bench.fake.intercept = private
    assert bench.manifest().profile_release == "0.16.3"
    bench.fake.intercept = lambda request: (
        Response(status_code=404) if request.url.path.endswith("/ImplementationGuide") else None
    )
    assert bench.manifest(force=True).profile_release is None


def test_the_evidence_has_every_request_and_no_secret(bench: Bench) -> None:
    bench.fake.add("Patient", 12)
    bench.take(page_size=5)
    assert len(bench.evidence) == len(bench.fake.requests)
    text = json.dumps(bench.evidence)
    for secret in (*bench.fake.issued, *bench.fake.assertions, bench.fake.store["Patient"][0]["id"]):
        assert secret not in text
    page = next(exchange for exchange in bench.evidence if exchange["query"].get("_sort") == "_lastUpdated")
    assert page["query"] == {"_count": "5", "_sort": "_lastUpdated"}
    assert page["status"] == 200
    assert page["bytes"] > 0
    assert {exchange["query"]["_getpages"] for exchange in bench.evidence if "_getpages" in exchange["query"]} == {None}


def test_every_request_has_trace_headers_and_asks_for_fhir(bench: Bench) -> None:
    bench.take()
    sent = [headers for _, _, _, headers in bench.fake.requests]
    assert len({headers["x-request-id"] for headers in sent}) == len(sent)
    assert len({headers["x-trace-id"] for headers in sent}) == 1
    searches = [headers for _, path, _, headers in bench.fake.requests if path.endswith("/Task")]
    assert {headers["accept"] for headers in searches} == {"application/fhir+json"}
    assert {exchange["request_id"] for exchange in bench.evidence} == {headers["x-request-id"] for headers in sent}


def test_what_is_public_is_asked_without_the_token(bench: Bench) -> None:
    bench.take()
    public = ("/metadata", "/.well-known/smart-configuration")
    with_token = [path for _, path, _, headers in bench.fake.requests if "authorization" in headers]
    assert not [path for path in with_token if path.endswith(public)]


@pytest.mark.parametrize("missing", ["target", "client"])
def test_a_domain_file_without_what_is_needed(bench: Bench, missing: str) -> None:
    content = bench.domain.model_dump(exclude={missing})
    bench.domain = Domain.model_validate(content)
    with pytest.raises(InputError, match=rf"needs \[{missing}\]"):
        bench.take()


def test_a_parent_that_is_a_file_is_one_sentence(bench: Bench) -> None:
    (bench.folder / "bezet").write_text("x")
    bench.folder = bench.folder / "bezet"
    with pytest.raises(InputError, match="choose another --out"):
        bench.take()


def test_an_unreachable_domain(bench: Bench) -> None:
    bench.domain = Domain.model_validate(
        bench.domain.model_dump() | {"target": {"fhir_base_url": "http://127.0.0.1:9/fhir"}}
    )
    with pytest.raises(RunError, match=r"^127\.0\.0\.1 cannot be reached"):
        bench.take()
    assert bench.left_behind() == []


def test_memory_does_not_grow_with_the_domain(bench: Bench) -> None:
    def peak(number: int) -> int:
        bench.fake.store["Task"] = [resource("Task", index) for index in range(number)]
        tracemalloc.start()
        bench.take(page_size=100, force=True)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small, large = peak(500), peak(5000)
    stored = 4500 * 250
    assert large - small < stored
