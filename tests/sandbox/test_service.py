from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fhir.resources.R4B import get_fhir_model_class
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from ktcheck.errors import InputError
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.service import Service

Json = dict[str, Any]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC = ECKey.generate_key("P-384", auto_kid=True)
HTTP = httpx2.Client()


@pytest.fixture(scope="module", autouse=True)
def _http() -> Iterator[None]:
    yield
    HTTP.close()


class Suite:
    """A client of one domain of a service, with a key of its own."""

    def __init__(self, service: Service, domain: str, key: ECKey | RSAKey = EC, client_id: str | None = None) -> None:
        self.domain = service.tenants[domain].domain.domain
        self.client_id = client_id or self.domain.applications[-1].client_id
        self.key = key
        self.base = service.base_url(domain)
        self.token_endpoint = service.tenants[domain].token_endpoint
        self.http = HTTP

    def assertion(self, header: Json | None = None, **claims: Any) -> str:
        now = int(time.time())
        standard = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_endpoint,
            "iat": now,
            "exp": now + 240,
            "jti": str(uuid4()),
        }
        body = {name: value for name, value in {**standard, **claims}.items() if value is not None}
        alg = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}.get(getattr(self.key, "curve_name", ""), "RS384")
        return jwt.encode({"alg": alg, "kid": self.key.kid, **(header or {})}, body, self.key, list(ALL))

    def ask(self, assertion: str | None = None, **form: str) -> httpx2.Response:
        standard = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
        }
        return self.http.post(self.token_endpoint, data={**standard, **form})

    def token(self) -> str:
        text: str = self.ask().raise_for_status().json()["access_token"]
        return text

    def get(self, path: str, token: str | None = None, **headers: str) -> httpx2.Response:
        url = path if path.startswith("http") else f"{self.base}/{path}"
        return self.http.get(url, headers={"Authorization": f"Bearer {token or self.token()}", **headers})


ALL = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")


def public(*keys: ECKey | RSAKey) -> Json:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    domains = [PracticeDomain(1, 30).materialise(), PracticeDomain(2, 5, "anderezorg").materialise()]
    domains[0].service.deleted.add("Patient/11111111-1111-4111-8111-111111111111")
    with Service(*domains, audit_delay=0.0) as running:
        for item in domains:
            running.register(item.domain.name, item.domain.applications[-1].client_id, public(EC))
        yield running


@pytest.fixture(scope="module")
def suite(service: Service) -> Suite:
    return Suite(service, "zorgvoorbeeld")


@pytest.fixture(scope="module")
def token(suite: Suite) -> str:
    return suite.token()


def pages(suite: Suite, path: str, token: str) -> Iterator[Json]:
    url: str | None = path
    while url:
        bundle = suite.get(url, token).raise_for_status().json()
        yield bundle
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)


def ids(bundles: Iterator[Json]) -> list[str]:
    return [entry["resource"]["id"] for bundle in bundles for entry in bundle.get("entry", [])]


def test_metadata_and_smart_configuration_need_no_token(suite: Suite) -> None:
    statement = suite.http.get(f"{suite.base}/metadata").raise_for_status()
    assert statement.headers["content-type"].startswith("application/fhir+json")
    get_fhir_model_class("CapabilityStatement").model_validate(statement.json())
    smart = suite.http.get(f"{suite.base}/.well-known/smart-configuration").raise_for_status().json()
    assert smart["token_endpoint"] == suite.token_endpoint
    assert set(smart) >= {
        "issuer", "jwks_uri", "authorization_endpoint", "introspection_endpoint", "management_endpoint",
        "grant_types_supported", "token_endpoint_auth_methods_supported", "scopes_supported",
        "response_types_supported", "capabilities", "code_challenge_methods_supported",
    }  # fmt: skip
    guide = suite.http.get(
        f"{suite.base}/ImplementationGuide", params={"url": "http://koppeltaal.nl/fhir/ImplementationGuide"}
    ).json()
    assert guide["entry"][0]["resource"]["version"] == "0.16.3"


@pytest.mark.parametrize("alg", ALL)
def test_a_token_is_handed_out_for_every_algorithm(service: Service, alg: str) -> None:
    curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}.get(alg)
    key = ECKey.generate_key(curve, auto_kid=True) if curve else RSAKey.generate_key(2048, auto_kid=True)
    client_id = service.tenants["zorgvoorbeeld"].domain.domain.applications[0].client_id
    service.register("zorgvoorbeeld", client_id, public(key))
    own = Suite(service, "zorgvoorbeeld", key, client_id)
    answer = own.ask(own.assertion({"alg": alg})).raise_for_status()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 300
    assert own.get("Patient?_count=1", answer.json()["access_token"]).status_code == 200


def test_the_access_token_can_be_verified_with_the_published_key(suite: Suite, token: str) -> None:
    smart = suite.http.get(f"{suite.base}/.well-known/smart-configuration").json()
    keys = KeySet.import_key_set(suite.http.get(smart["jwks_uri"]).json())
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert claims["aud"] == "fhir-server"
    assert claims["iss"] == smart["issuer"]
    assert claims["azp"] == suite.client_id
    assert claims["exp"] - claims["iat"] == 300
    assert "system/Task.rs" in claims["scope"].split()


def test_an_assertion_works_once(suite: Suite) -> None:
    assertion = suite.assertion()
    assert suite.ask(assertion).status_code == 200
    again = suite.ask(assertion)
    assert again.status_code == 401
    assert again.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody-else"},
        {"iss": ["a", "list"]},
        {"sub": "somebody-else"},
        {"sub": None},
        {"aud": "https://elders.example/token"},
        {"aud": None},
        {"exp": 1_600_000_000, "iat": 1_599_999_900},
        {"exp": None},
        {"exp": 4_000_000_000},
        {"iat": None},
        {"iat": 4_000_000_000, "exp": 4_000_000_100},
        {"jti": None},
        {"jti": ""},
    ],
)
def test_an_assertion_with_wrong_claims_is_refused(suite: Suite, claims: Json) -> None:
    answer = suite.ask(suite.assertion(**claims))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_an_assertion_with_a_wrong_signature_key_or_algorithm_is_refused(service: Service, suite: Suite) -> None:
    stranger = Suite(service, "zorgvoorbeeld", ECKey.generate_key("P-384", auto_kid=True), suite.client_id)
    secret = OctKey.import_key("0123456789abcdef0123456789abcdef")
    shared = jwt.encode({"alg": "HS256", "kid": EC.kid}, {"iss": suite.client_id}, secret, ["HS256"])
    for assertion in (
        stranger.assertion(),
        stranger.assertion({"kid": EC.kid}),
        shared,
        suite.assertion({"kid": "unknown"}),
        _unsigned({"alg": "none", "kid": EC.kid}, suite.client_id),
        _unsigned({"alg": "ES384", "kid": ["a", "list"]}, suite.client_id),
        _unsigned({"alg": ["ES384"], "kid": EC.kid}, suite.client_id),
        _unsigned({"kid": EC.kid}, suite.client_id),
        _unsigned({"alg": "ES384"}, suite.client_id),
        suite.assertion()[:-6] + "AAAAAA",
        "no.jwt",
        "x",
    ):
        answer = suite.ask(assertion)
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_client"
        assert set(answer.json()) == {"error", "error_description"}


def _unsigned(header: Json, client_id: str) -> str:
    parts = (header, {"iss": client_id, "sub": client_id})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return f"{encoded[0]}.{encoded[1]}.AAAA"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_grant"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"scope": "system/Observation.rs"}, "invalid_scope"),
    ],
)
def test_a_malformed_token_request_is_400(suite: Suite, form: dict[str, str], error: str) -> None:
    answer = suite.ask(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_only_a_form_is_accepted_at_the_token_endpoint(suite: Suite) -> None:
    assert suite.http.post(suite.token_endpoint, json={}).json()["error"] == "invalid_request"
    assert suite.http.get(suite.token_endpoint).status_code == 405


def test_a_narrower_scope_can_be_asked_for(suite: Suite) -> None:
    answer = suite.ask(scope="system/Task.rs").raise_for_status().json()
    assert answer["scope"] == "system/Task.rs"
    assert suite.get("Task?_count=1", answer["access_token"]).status_code == 200
    assert suite.get("Patient?_count=1", answer["access_token"]).status_code == 403


def test_without_a_valid_token_there_is_nothing(service: Service, suite: Suite, token: str) -> None:
    foreign = Suite(service, "anderezorg").token()
    assert suite.http.get(f"{suite.base}/Patient").status_code == 401
    for wrong in ("x", token[:-4] + "AAAA", foreign):
        answer = suite.get("Patient", wrong)
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["www-authenticate"]
        assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_client_of_another_domain_gets_no_token(service: Service, suite: Suite) -> None:
    other = Suite(service, "anderezorg", client_id=suite.client_id)
    assert other.ask().status_code == 401
    both = Suite(service, "anderezorg")
    assert both.ask(both.assertion(aud=suite.token_endpoint)).status_code == 401


def test_a_token_expires() -> None:
    domain = PracticeDomain(1, 1).materialise()
    with Service(domain, token_lifetime=1) as running:
        running.register("zorgvoorbeeld", domain.domain.applications[-1].client_id, public(EC))
        own = Suite(running, "zorgvoorbeeld")
        short = own.token()
        assert own.get("Patient", short).status_code == 200
        time.sleep(1.2)
        assert own.get("Patient", short).status_code == 401


def test_pages_to_the_end_in_order(suite: Suite, token: str) -> None:
    domain = suite.domain.materialise()
    for sort in ("_lastUpdated", "-_lastUpdated", "_id"):
        bundles = list(pages(suite, f"Task?_count=7&_sort={sort}", token))
        found = ids(iter(bundles))
        assert len(found) == len(set(found)) == len(domain.resources["Task"]) == bundles[0]["total"]
        assert all(len(bundle["entry"]) == 7 for bundle in bundles[:-1])
        moments = [entry["resource"]["meta"]["lastUpdated"] for bundle in bundles for entry in bundle["entry"]]
        if sort == "_id":
            assert found == sorted(found)
        else:
            assert moments == sorted(moments, reverse=sort.startswith("-"))
        assert all("?_page=" in link["url"] for link in bundles[0]["link"] if link["relation"] == "next")
    get_fhir_model_class("Bundle").model_validate(bundles[0])


def test_the_page_size_is_limited(suite: Suite, token: str) -> None:
    bundle = suite.get("Task?_count=10000", token).json()
    assert len(bundle["entry"]) == min(200, bundle["total"])
    assert len(suite.get("Task", token).json()["entry"]) == 20
    assert "entry" not in suite.get("Task?_count=0", token).json()


def test_a_page_belongs_to_its_search(suite: Suite, token: str) -> None:
    assert suite.get("Task?_page=unknown.20", token).status_code == 410
    first = suite.get("Task?_count=5", token).json()
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert suite.get(url.replace("/Task?", "/Patient?"), token).status_code == 403


def test_search_parameters(suite: Suite, token: str) -> None:
    dossier = suite.domain.world.dossier(4)
    own = suite.domain.world.target(dossier.link)[1]
    system = "http://koppeltaal.nl/migration/identifier/Patient"

    def hits(kind: str, **parameters: str) -> list[str]:
        answer = suite.http.get(
            f"{suite.base}/{kind}", params=parameters, headers={"Authorization": f"Bearer {token}"}
        ).raise_for_status()
        return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]

    assert hits("Patient", identifier=f"{system}|{dossier.link}") == [own]
    assert hits("Patient", identifier=f"{system}|{dossier.link}x") == []
    assert hits("Patient", identifier=dossier.link) == [own]
    assert len(hits("Patient", identifier=f"{system}|", _count="200")) == 30
    assert hits("Patient", _id=own) == [own]
    assert set(hits("Patient", _id=f"{own},{suite.domain.world.target(suite.domain.world.dossier(5).link)[1]}")) > {own}
    assert hits("Patient", _lastUpdated="gt2026-09-13") == []
    assert len(hits("Patient", _lastUpdated="2026-09-12", _count="200")) == 30
    assert len(hits("Patient", _lastUpdated="ge2026-09-12T06:00:00Z", _count="200")) == 30
    module = suite.domain.applications[2]
    assert len(hits("ActivityDefinition", **{"resource-origin": module.device})) == 3
    assert suite.get("Task?_summary=count", token).json()["total"] == len(suite.domain.materialise().resources["Task"])


@pytest.mark.parametrize(
    "query", ["name=x", "_include=Task:owner", "_sort=status", "_count=x", "_summary=text", "_lastUpdated=soon"]
)
def test_an_unknown_parameter_or_value_is_400(suite: Suite, token: str, query: str) -> None:
    answer = suite.get(f"Task?{query}", token)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["severity"] == "error"


def test_read(suite: Suite, token: str) -> None:
    own = suite.domain.world.target(suite.domain.world.dossier(0).link)[1]
    answer = suite.get(f"Patient/{own}", token, **{"X-Request-Id": "r-1", "X-Trace-Id": "t-1"})
    assert answer.json()["id"] == own
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["x-request-id"] == "r-1"
    assert answer.headers["x-trace-id"] == "t-1"
    assert answer.headers["content-type"].startswith("application/fhir+json")


def test_read_of_what_is_not_there(suite: Suite, token: str) -> None:
    assert suite.get(f"Patient/{uuid4()}", token).status_code == 404
    gone = suite.get("Patient/11111111-1111-4111-8111-111111111111", token)
    assert gone.status_code == 410
    assert gone.headers["location"].endswith("/_history/2")
    assert suite.get("Observation", token).status_code == 404
    assert suite.http.get(suite.base.replace("zorgvoorbeeld", "nergens") + "/Patient").status_code == 404
    assert suite.http.get(suite.base + "/a/b/c").json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(suite: Suite, token: str, method: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("Patient", "Patient/x", "Patient/_search"):
        answer = suite.http.request(method, f"{suite.base}/{path}", headers=headers)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


def test_only_json_is_spoken(suite: Suite, token: str) -> None:
    assert suite.get("Patient", token, Accept="application/fhir+xml").status_code == 406
    assert suite.get("Patient", token, Accept="application/fhir+json; fhirVersion=4.0").status_code == 200


def test_a_request_id_is_given_when_there_is_none_or_a_strange_one(suite: Suite, token: str) -> None:
    for headers in ({}, {"X-Request-Id": "a b\tc"}):
        given = suite.get("Patient?_count=1", token, **headers).headers["x-request-id"]
        assert len(given) == 36


def test_rights_narrow_a_search_and_refuse_a_read(service: Service) -> None:
    domain = service.tenants["zorgvoorbeeld"].domain.domain
    module = domain.applications[2]
    own_only = f"system/ActivityDefinition.rs?resource-origin={module.device}"
    service.register("zorgvoorbeeld", module.client_id, public(EC), [own_only])
    own = Suite(service, "zorgvoorbeeld", client_id=module.client_id)
    access = own.token()
    bundle = own.get("ActivityDefinition", access).json()
    assert bundle["total"] == len(bundle["entry"]) == 3
    assert own.get("ActivityDefinition?_summary=count", access).json()["total"] == 3
    foreign = domain.world.target(domain.world.definitions["KLACHTENLIJST"].link)[1]
    assert own.get(f"ActivityDefinition/{foreign}", access).status_code == 403
    assert own.get(f"ActivityDefinition/{bundle['entry'][0]['resource']['id']}", access).status_code == 200
    assert own.get("Patient", access).status_code == 403


def test_reading_is_logged(suite: Suite, token: str) -> None:
    trace = f"t-{uuid4()}"
    own = suite.domain.world.target(suite.domain.world.dossier(1).link)[1]
    suite.get(f"Patient/{own}", token, **{"X-Trace-Id": trace})
    suite.get("Patient?_count=2", token, **{"X-Trace-Id": trace})
    entries = [entry for bundle in pages(suite, "AuditEvent?_count=200", token) for entry in bundle["entry"]]
    events = [
        item["resource"]
        for item in entries
        if any(one.get("valueId") == trace for one in item["resource"]["extension"])
    ]
    assert [item["subtype"][0]["code"] for item in sorted(events, key=lambda item: item["recorded"])] == [
        "read",
        "search-type",
    ]
    for event in events:
        get_fhir_model_class("AuditEvent").model_validate(event)
        assert event["agent"][0]["who"]["reference"] == f"Device/{suite.client_id}"
    search = next(item for item in events if item["action"] == "E")
    assert len(search["entity"]) == 3


def test_the_log_comes_slightly_later() -> None:
    domain = PracticeDomain(1, 1).materialise()
    with Service(domain, audit_delay=0.3) as running:
        running.register("zorgvoorbeeld", domain.domain.applications[-1].client_id, public(EC))
        own = Suite(running, "zorgvoorbeeld")
        access = own.token()
        own.get("Patient", access)
        assert own.get("AuditEvent?_summary=count", access).json()["total"] == 1
        time.sleep(0.4)
        assert own.get("AuditEvent?_summary=count", access).json()["total"] == 3


def faulty(name: str) -> tuple[Service, PracticeDomain]:
    domain = PracticeDomain(1, 8).materialise()
    DEFECTS[name].apply(domain)
    running = Service(domain)
    running.register("zorgvoorbeeld", domain.domain.applications[-1].client_id, public(EC))
    return running, domain.domain


def test_defect_total_wrong() -> None:
    running, _ = faulty("total-wrong")
    with running:
        own = Suite(running, "zorgvoorbeeld")
        access = own.token()
        assert own.get("Patient?_summary=count", access).json()["total"] == 9
        assert len(ids(pages(own, "Patient?_count=3", access))) == 8
        assert own.get("Task?_summary=count", access).json()["total"] == len(ids(pages(own, "Task", access)))


def test_defect_changed_during_download() -> None:
    running, _ = faulty("changed-during-download")
    with running:
        own = Suite(running, "zorgvoorbeeld")
        access = own.token()
        newest = own.get("Patient?_sort=-_lastUpdated&_count=1", access).json()["entry"][0]["resource"]
        list(pages(own, "Patient?_count=3&_sort=_lastUpdated", access))
        after = own.get("Patient?_sort=-_lastUpdated&_count=1", access).json()["entry"][0]["resource"]
        assert newest["meta"]["versionId"] == "1"
        assert after["meta"]["versionId"] == "2"
        assert after["meta"]["lastUpdated"] > newest["meta"]["lastUpdated"]
        list(pages(own, "Patient?_count=3&_sort=_lastUpdated", access))
        assert own.get(f"Patient/{after['id']}", access).headers["etag"] == 'W/"2"'


def test_defect_rights_narrowed() -> None:
    running, domain = faulty("rights-narrowed")
    with running:
        own = Suite(running, "zorgvoorbeeld")
        answer = own.ask().raise_for_status().json()
        assert f"system/Task.rs?resource-origin=Device/{own.client_id}" in answer["scope"].split()
        assert own.get("Task", answer["access_token"]).json()["total"] == 0
        assert own.get("Patient", answer["access_token"]).json()["total"] == len(list(domain.dossiers))


def test_defect_reference_to_deleted() -> None:
    running, _ = faulty("reference-to-deleted")
    with running:
        own = Suite(running, "zorgvoorbeeld")
        access = own.token()
        (gone,) = running.tenants["zorgvoorbeeld"].domain.service.deleted
        assert own.get(gone, access).status_code == 410


def test_two_domains_of_one_name_and_a_taken_port_are_refused(service: Service) -> None:
    domain = PracticeDomain(1, 1).materialise()
    with pytest.raises(InputError, match="same name"):
        Service(domain, domain)
    port = int(service.base_url("zorgvoorbeeld").split(":")[2].split("/")[0])
    with pytest.raises(InputError, match="choose another"):
        Service(domain, port=port)
