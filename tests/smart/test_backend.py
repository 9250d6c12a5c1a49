from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ktcheck.domain import Client
from ktcheck.errors import InputError, KtcheckError, RunError
from ktcheck.http import read_client
from ktcheck.smart import keys
from ktcheck.smart.backend import BackendServices, BearerAuth, Token
from tests.snapshot.fake import CLIENT_ID, Fake, client_of, serving

TRACE = "7f0c7a58-58a5-4b43-8d8c-0d4a5d7a2f11"


class Service:
    """A served fake and a client of it."""

    def __init__(self, fake: Fake, client: Client) -> None:
        self.fake = fake
        self.client = client
        self.evidence: list[dict[str, Any]] = []
        self.services = self.new()

    def new(self, **changes: Any) -> BackendServices:
        client = self.client.model_copy(update=changes)
        return BackendServices(self.fake.base_url, client, evidence=self.evidence.append, trace_id=TRACE)

    def token(self) -> Token:
        return asyncio.run(self.services.token())

    def algorithms(self) -> list[str]:
        keyset = KeySet.import_key_set(self.fake.jwks)  # type: ignore[arg-type]
        every = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
        return [jwt.decode(text, keyset, algorithms=every).header["alg"] for text in self.fake.assertions]


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Client, dict[str, Any]]]:
    kinds: tuple[keys.Algorithm, ...] = ("RS384", "ES256", "ES384", "ES512")
    return {kind: client_of(tmp_path_factory.mktemp("key"), kind) for kind in kinds}


@pytest.fixture(params=["ES384"])
def service(made: dict[str, tuple[Client, dict[str, Any]]], request: pytest.FixtureRequest) -> Iterator[Service]:
    client, jwks = made[request.param]
    with serving(Fake(jwks)) as fake:
        yield Service(fake, client)


rsa_key = pytest.mark.parametrize("service", ["RS384"], indirect=True)


@pytest.mark.parametrize("service", ["RS384", "ES256", "ES384", "ES512"], indirect=True)
def test_a_token_with_every_kind_of_key(service: Service, request: pytest.FixtureRequest) -> None:
    token = service.token()
    assert token.value == service.fake.issued[0]
    assert token.granted is not None
    assert token.granted["Patient"] == "all"
    assert service.algorithms() == [request.node.callspec.params["service"]]


@rsa_key
@pytest.mark.parametrize(
    ("announced", "used"),
    [
        (["RS256", "RS512"], "RS512"),
        (["ES256", "RS256"], "RS256"),
        (["RS512", "RS384"], "RS384"),
        (["ES384"], "RS384"),
        ([], "RS384"),
    ],
)
def test_an_rsa_key_signs_with_what_is_announced(service: Service, announced: list[str], used: str) -> None:
    service.fake.announced = announced
    service.token()
    assert service.algorithms() == [used]


@rsa_key
def test_an_rsa_key_tries_what_may_fit_and_remembers_it(service: Service) -> None:
    service.fake.algorithms = ["RS256"]

    async def twice() -> None:
        token = await service.services.token()
        await service.services.token(refused=token)

    asyncio.run(twice())
    assert service.algorithms() == ["RS384", "RS512", "RS256", "RS256"]


def test_every_assertion_is_new_and_short(service: Service) -> None:
    asyncio.run(service.new().token())
    asyncio.run(service.new().token())
    keyset = KeySet.import_key_set(service.fake.jwks)  # type: ignore[arg-type]
    claims = [jwt.decode(text, keyset, algorithms=["ES384"]).claims for text in service.fake.assertions]
    assert len({claim["jti"] for claim in claims}) == 2
    assert all(set(claim) == {"iss", "sub", "aud", "iat", "exp", "jti"} for claim in claims)
    assert all(claim["exp"] - claim["iat"] <= 300 for claim in claims)


@pytest.mark.parametrize(
    ("expires_in", "seconds", "left"),
    [(300, 300, 30), (3600, 3600, 30), (20, 20, 2), ("60", 60, 6), (None, 300, 30), (0, 300, 30), ("x", 300, 30)],
)
def test_a_token_is_renewed_before_it_ends(service: Service, expires_in: object, seconds: float, left: float) -> None:
    service.fake.expires_in = expires_in
    before = time.monotonic()
    token = service.token()
    assert token.seconds == seconds
    assert before <= token.renew_at - (seconds - left) <= time.monotonic()


def test_a_token_is_kept_while_it_lives_and_shared(service: Service) -> None:
    async def many() -> list[Token]:
        return await asyncio.gather(*(service.services.token() for _ in range(5)))

    assert len({token.value for token in asyncio.run(many())}) == 1
    assert len(service.fake.issued) == 1


def test_a_token_that_nears_its_end_is_renewed(service: Service) -> None:
    service.fake.expires_in = 1

    async def wait() -> None:
        await service.services.token()
        await asyncio.sleep(0.95)
        await service.services.token()

    asyncio.run(wait())
    assert len(service.fake.issued) == 2


def read(service: Service, times: int = 1, at_once: bool = False) -> list[int]:
    """The statuses of searches with the token."""

    async def run() -> list[int]:
        auth = BearerAuth(service.services)
        base = service.fake.base_url
        async with read_client(base, evidence=service.evidence.append, trace_id=TRACE, auth=auth) as http:
            url = f"{base}/Patient?_count=1"
            if at_once:
                return [r.status_code for r in await asyncio.gather(*(http.get(url) for _ in range(times)))]
            return [(await http.get(url)).status_code for _ in range(times)]

    return asyncio.run(run())


def test_one_401_costs_one_renewal(service: Service) -> None:
    searches = count()
    service.fake.intercept = lambda request: (
        Response(status_code=401) if request.url.path.endswith("/Patient") and next(searches) == 0 else None
    )
    assert read(service, times=2) == [200, 200]
    assert len(service.fake.issued) == 2


def test_many_401s_at_once_cost_one_renewal(service: Service) -> None:
    service.token()
    service.fake.valid.clear()
    service.services._lock = asyncio.Lock()
    assert read(service, times=4, at_once=True) == [200] * 4
    assert len(service.fake.issued) == 2


def test_a_401_is_not_answered_for_ever(service: Service) -> None:
    service.fake.intercept = lambda request: (
        Response(status_code=401) if request.url.path.endswith("/Patient") else None
    )
    assert read(service) == [401]
    assert len(service.fake.searches("Patient")) == 2


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (401, {"error": "invalid_client"}),
        (400, {"error": "invalid_client"}),
        (400, {"error": "unauthorized_client"}),
        (401, {}),
    ],
)
def test_a_refused_client_is_the_domain_files_fault(service: Service, status: int, content: object) -> None:
    service.fake.intercept = lambda request: JSONResponse(content, status) if request.method == "POST" else None
    with pytest.raises(
        InputError, match=r"^127\.0\.0\.1: the token endpoint does not accept \[client\] client_id"
    ) as error:
        service.token()
    assert "\n" not in str(error.value)
    assert CLIENT_ID in str(error.value)
    assert not any(text in str(error.value) for text in service.fake.assertions)


def test_a_key_that_is_not_registered_is_refused(service: Service, tmp_path: Path) -> None:
    other, _ = client_of(tmp_path)
    with pytest.raises(InputError, match="does not accept"):
        asyncio.run(service.new(private_key_file=other.private_key_file).token())


TROUBLE: dict[str, tuple[Response, str]] = {
    "scope": (JSONResponse({"error": "invalid_scope", "error_description": "Jansen"}, 400), r"400 \(invalid_scope\)"),
    "unknown error": (JSONResponse({"error": "Jansen"}, 400), "status 400; try"),
    "down": (PlainTextResponse("Jansen", 500), "status 500"),
    "busy": (PlainTextResponse("", 503), "status 503"),
    "redirect": (Response(status_code=307, headers={"Location": "https://elders.example/"}), "status 307"),
    "no JSON": (PlainTextResponse("Jansen"), "without a usable Bearer token"),
    "no token": (JSONResponse({"token_type": "Bearer"}), "without a usable Bearer token"),
    "no Bearer": (JSONResponse({"token_type": "mac", "access_token": "geheim"}), "without a usable Bearer token"),
    "odd token": (JSONResponse({"token_type": "Bearer", "access_token": "ge\nheim"}), "without a usable Bearer token"),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLE)
def test_a_token_endpoint_in_trouble_is_one_sentence(service: Service, name: str) -> None:
    answer, sentence = TROUBLE[name]
    service.fake.intercept = lambda request: answer if request.method == "POST" else None
    with pytest.raises(RunError, match=sentence) as error:
        service.token()
    assert "\n" not in str(error.value)
    assert not {"Jansen", "heim"} & set(str(error.value).split())


def test_a_busy_token_endpoint_gets_another_assertion(service: Service) -> None:
    posts: list[bytes] = []

    def busy(request: Any) -> Response | None:
        if request.method == "POST":
            posts.append(b"")
            return Response(status_code=503) if len(posts) == 1 else None
        return None

    service.fake.intercept = busy
    service.token()
    assert len(posts) == 2
    assert len({exchange["request_id"] for exchange in service.evidence}) == len(service.evidence)


CONFIGURATIONS: dict[str, tuple[Response, str]] = {
    "absent": (Response(status_code=404), r"answers 404.*check \[target\] fhir_base_url"),
    "no JSON": (PlainTextResponse("<html>"), "names no https token_endpoint"),
    "empty": (JSONResponse({}), "names no https token_endpoint"),
    "http elsewhere": (JSONResponse({"token_endpoint": "http://auth.example/token"}), "names no https token_endpoint"),
    "no address": (JSONResponse({"token_endpoint": "https://auth\n.example"}), "names no https token_endpoint"),
    "a list": (JSONResponse({"token_endpoint": ["https://auth.example"]}), "names no https token_endpoint"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_smart_configuration_that_does_not_help(service: Service, name: str) -> None:
    answer, sentence = CONFIGURATIONS[name]
    service.fake.intercept = lambda request: answer if request.url.path.endswith("smart-configuration") else None
    with pytest.raises(RunError, match=sentence):
        service.token()
    assert service.fake.assertions == []


def test_an_unreachable_token_endpoint(service: Service) -> None:
    service.fake.token_endpoint = "http://127.0.0.1:9/token"
    with pytest.raises(RunError, match=r"^127\.0\.0\.1 cannot be reached"):
        service.token()


def test_no_secret_in_evidence_or_repr(service: Service) -> None:
    token = service.token()
    text = json.dumps(service.evidence)
    assert token.value not in text + repr(token)
    assert service.fake.assertions[0] not in text
    assert {exchange["method"] for exchange in service.evidence} == {"GET", "POST"}
    assert {exchange["trace_id"] for exchange in service.evidence} == {TRACE}


def test_a_certificate_that_nobody_trusts(made: dict[str, tuple[Client, dict[str, Any]]], tmp_path: Path) -> None:
    client, jwks = made["ES384"]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    chain, private = tmp_path / "keten.pem", tmp_path / "server.pem"
    chain.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with serving(Fake(jwks), (chain, private)) as fake:
        service = Service(fake, client)
        with pytest.raises(RunError, match=r"^127\.0\.0\.1 has no trusted certificate"):
            service.token()
    assert len(service.evidence) == 1
    assert service.evidence[0]["status"] is None


def test_errors_carry_no_cause_with_a_secret(service: Service) -> None:
    """What a traceback would show: no chained library error that may quote a header or a form."""
    service.fake.intercept = lambda request: Response(status_code=500) if request.method == "POST" else None
    with pytest.raises(KtcheckError) as error:
        service.token()
    assert error.value.__cause__ is None
    assert not isinstance(error.value.__context__, (httpx2.HTTPError, ssl.SSLError))
