"""People beside accounts: the facts that come out of a snapshot, a domain file and directories."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.idp import facts
from ktcheck.idp.facts import Account, PublishedKey
from ktcheck.idp.observe import observe
from ktcheck.snapshot.store import Snapshot
from tests.building import INSTANTIATES, MIGRATION, ORIGIN
from tests.idp.conftest import Bench
from tests.idp.fake import CLAIM, user

Json = dict[str, Any]
SYSTEM = "https://epd.example/nummer"


def person(kind: str, own: str, *values: str, active: bool = True, migrated: bool = True, **more: Any) -> Json:
    identifiers = [{"system": SYSTEM, "value": value} for value in values]
    if migrated:
        identifiers.append({"system": f"{MIGRATION}{kind}", "value": f"https://kt1.example/{own}"})
    return {"resourceType": kind, "id": own, "active": active, "identifier": identifiers, **more}


class Case:
    """A domain with these resources, and a CSV directory with these accounts for a user type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.idp: list[Json] = []
        self.applications: list[Json] = []
        self.issuer = "http://127.0.0.1:9/issuer"
        self.told: list[str] = []

    def resources(self, *resources: Json) -> None:
        folder = self.folder / "snapshot"
        folder.mkdir()
        for kind in dict.fromkeys(["Patient", *(resource["resourceType"] for resource in resources)]):
            lines = (orjson.dumps(item) + b"\n" for item in resources if item["resourceType"] == kind)
            (folder / f"{kind}.ndjson").write_bytes(b"".join(lines))

    def provider(self, user_type: str, directory: Json | None, **more: Any) -> None:
        settings = {"directory": directory} if directory else {}
        own = {"user_type": user_type, "issuer": self.issuer, "claim": CLAIM, "identifier_system": SYSTEM}
        self.idp.append({**own, **settings, **more})

    def csv(self, *accounts: tuple[str, str, str], name: str = "accounts.csv") -> Json:
        path = self.folder / name
        path.write_text(f"username,enabled,{CLAIM}\n" + "".join(f"{','.join(row)}\n" for row in accounts), "utf-8")
        return {"kind": "csv", "file": str(path)}

    def observed(self, *, delivered: bool = True) -> list[facts.ProvidedFact]:
        domain = Domain.model_validate(
            {
                "domain": {"name": "d"},
                "target": {"snapshot": str(self.folder / "snapshot"), "delivered": {"idp": delivered}},
                "application": self.applications,
                "idp": self.idp,
            }
        )
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        return list(
            observe(
                domain,
                Snapshot.open(self.folder / "snapshot"),
                work,
                evidence=lambda _: None,
                secret=lambda _: None,
                progress=lambda what, done: self.told.append(f"{what} {done}"),
            )
        )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def of(kind: type, found: Iterable[facts.ProvidedFact]) -> list[Any]:
    return [fact for fact in found if isinstance(fact, kind)]


def test_a_person_with_an_account(case: Case) -> None:
    case.resources(person("Patient", "p1", "007"))
    case.provider("Patient", case.csv(("u1", "true", "007")))
    found = case.observed()
    assert of(facts.UserAccounts, found) == [
        facts.UserAccounts(
            user_type="Patient",
            application=None,
            person="Patient/p1",
            active=True,
            migrated=True,
            needed=True,
            identified=True,
            accounts=(Account(name="u1", enabled=True),),
        )
    ]
    assert of(facts.UserIdentifiers, found) == [
        facts.UserIdentifiers(
            user_type="Patient", person="Patient/p1", system=SYSTEM, active=True, migrated=True, number=1
        )
    ]
    assert of(facts.DirectoryCount, found) == [
        facts.DirectoryCount(user_types=("Patient",), kind="csv", read=1, total=1, enabled=1)
    ]
    assert of(facts.AccountUsers, found) == [
        facts.AccountUsers(
            user_types=("Patient",), name="u1", enabled=True, users=1, active=(("Patient", ("Patient/p1",)),)
        )
    ]
    assert [(fact.user_type, fact.persons) for fact in of(facts.UserTypeProviders, found)] == [
        ("Patient", 1),
        ("Practitioner", 0),
        ("RelatedPerson", 0),
    ]
    assert case.told == ["accounts lezen 1"]


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("ab7", "case"),
        (" AB7 ", "blanks"),
        ("A B7", "blanks"),
        ("00AB7", "zeros"),
        ("00ab7 ", "spelling"),
        ("AB8", None),
    ],
)
def test_an_account_that_almost_fits(case: Case, value: str, near: str | None) -> None:
    case.resources(person("Patient", "p1", "AB7"))
    case.provider("Patient", case.csv(("u1", "true", value)))
    found = case.observed()
    assert [fact.near for fact in of(facts.UserAccounts, found)] == [near]
    assert [(fact.users, fact.near) for fact in of(facts.AccountUsers, found)] == [(0, near is not None)]


def test_an_account_that_almost_fits_somebody_who_has_one_is_a_stranger(case: Case) -> None:
    case.resources(person("Patient", "p1", "AB7"))
    case.provider("Patient", case.csv(("u1", "true", "AB7"), ("u2", "true", "ab7")))
    assert [fact.near for fact in of(facts.AccountUsers, case.observed())] == [False, False]


def test_inactive_and_not_migrated_persons(case: Case) -> None:
    case.resources(
        person("Patient", "p1", "1", active=False),
        person("Patient", "p2", "2", migrated=False),
        {"resourceType": "Patient", "id": "p3"},
    )
    case.provider("Patient", case.csv(("u1", "false", "1"), ("u2", "true", "2")))
    found = of(facts.UserAccounts, case.observed())
    assert [(fact.active, fact.migrated, fact.identified) for fact in found] == [
        (False, True, True),
        (True, False, True),
        (True, False, False),
    ]
    assert [[account.enabled for account in fact.accounts] for fact in found] == [[False], [True], []]


def test_an_account_is_also_somebody_elses(case: Case) -> None:
    case.resources(person("Patient", "p1", "1", active=False), person("Practitioner", "a1", "1"))
    directory = case.csv(("u1", "true", "1"))
    case.provider("Patient", directory)
    case.provider("Practitioner", directory)
    found = case.observed()
    accounts = {fact.person: fact.accounts for fact in of(facts.UserAccounts, found)}
    assert accounts["Patient/p1"] == (Account(name="u1", enabled=True, others=True),)
    assert accounts["Practitioner/a1"] == (Account(name="u1", enabled=True, others=False),)
    assert len(of(facts.DirectoryCount, found)) == 1
    (account,) = of(facts.AccountUsers, found)
    assert account.user_types == ("Patient", "Practitioner")
    assert (account.users, account.active) == (2, (("Practitioner", ("Practitioner/a1",)),))


@pytest.mark.parametrize(("second", "patients"), [("p2", True), ("p1", False)])
def test_related_persons_with_the_same_value(case: Case, second: str, patients: bool) -> None:
    case.resources(
        person("Patient", "p1", "1"),
        person("Patient", "p2", "2", active=False),
        person("RelatedPerson", "r1", "9", patient={"reference": "Patient/p1"}),
        person("RelatedPerson", "r2", "9", patient={"reference": f"Patient/{second}"}),
        person("RelatedPerson", "r3", "8", patient={"reference": "Patient/weg"}),
        person("RelatedPerson", "r4", "7", active=False, patient={"reference": "Patient/weg"}),
    )
    case.provider("RelatedPerson", case.csv(("u9", "true", "9")))
    found = case.observed()
    (account,) = of(facts.AccountUsers, found)
    assert account.active == (("RelatedPerson", ("RelatedPerson/r1", "RelatedPerson/r2")),)
    assert account.patients is patients
    related = {fact.person: (fact.patient, fact.exists, fact.active) for fact in of(facts.RelatedPatient, found)}
    assert related == {
        "RelatedPerson/r1": ("Patient/p1", True, True),
        "RelatedPerson/r2": (f"Patient/{second}", True, second == "p1"),
        "RelatedPerson/r3": ("Patient/weg", False, False),
    }


def test_an_application_with_its_own_provider_is_for_those_who_have_a_task_for_it(case: Case) -> None:
    device = "Device/d1"
    case.applications = [{"name": "Lijst", "client_id": "c", "device": device, "role": "module"}]
    case.resources(
        person("Practitioner", "a1", "1"),
        person("Practitioner", "a2", "2"),
        {
            "resourceType": "ActivityDefinition",
            "id": "ad1",
            "extension": [{"url": _url(ORIGIN), "valueReference": {"reference": device}}],
        },
        {
            "resourceType": "Task",
            "id": "t1",
            "extension": [{"url": _url(INSTANTIATES), "valueReference": {"reference": "ActivityDefinition/ad1"}}],
            "owner": {"reference": "Practitioner/a2"},
        },
    )
    case.provider("Practitioner", case.csv(name="een.csv"))
    case.provider("Practitioner", case.csv(name="twee.csv"), application="Lijst")
    found = of(facts.UserAccounts, case.observed())
    assert [(fact.application, fact.person, fact.needed) for fact in found] == [
        (None, "Practitioner/a1", True),
        (None, "Practitioner/a2", True),
        ("Lijst", "Practitioner/a1", False),
        ("Lijst", "Practitioner/a2", True),
    ]


def _url(path: str) -> str:
    return path.split("'")[1]


def test_of_a_list_of_providers_the_first_is_looked_at(case: Case) -> None:
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", case.csv(("u1", "true", "1")))
    case.provider("Patient", case.csv(name="twee.csv"), issuer="http://127.0.0.1:9/twee")
    known, unknown = of(facts.UserAccounts, case.observed())
    assert known.person == "Patient/p1"
    assert unknown.person is None
    assert "alleen de accounts van de eerste" in unknown.unread


def test_without_a_directory_nothing_is_known_of_accounts(case: Case) -> None:
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", None)
    found = case.observed()
    (unknown,) = of(facts.UserAccounts, found)
    assert unknown.unread == "het domeinbestand noemt geen [idp.directory] voor Patient"
    assert [fact.number for fact in of(facts.UserIdentifiers, found)] == [1]
    assert not of(facts.AccountUsers, found)


def test_a_directory_that_breaks_off_tells_nothing(case: Case, bench: Bench) -> None:
    def break_off(request: Request) -> Response | None:
        return JSONResponse({}, 500) if request.query_params.get("startIndex") == "201" else None

    bench.fake.users = [user(number) for number in range(300)]
    bench.fake.intercept = break_off
    case.resources(person("Patient", "p1", "v1"))
    case.provider("Patient", bench.settings("scim", attribute="externalId").model_dump(exclude_none=True))
    found = case.observed()
    (count,) = of(facts.DirectoryCount, found)
    assert (count.read, count.total) == (0, None)
    assert "een directory is niet gelezen: 127.0.0.1" in count.unread
    (unknown,) = of(facts.UserAccounts, found)
    assert (unknown.person, unknown.unread) == (None, count.unread)
    assert not of(facts.AccountUsers, found)


def test_a_server_that_gives_the_same_page_again_and_again(case: Case, bench: Bench) -> None:
    bench.fake.users = [user(number) for number in range(300)]
    bench.fake.same_page = True
    case.resources(person("Patient", "p1", "v1"))
    case.provider("Patient", bench.settings("scim", attribute="externalId").model_dump(exclude_none=True))
    (count,) = of(facts.DirectoryCount, case.observed())
    assert (count.read, count.total) == (200, 300)


def test_a_wrong_directory_ends_the_run(case: Case) -> None:
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", case.csv(("u1", "misschien", "1")))
    with pytest.raises(InputError, match="line 2"):
        case.observed()


@pytest.mark.parametrize("delivered", [True, False])
def test_nothing_is_read_when_nothing_is_configured_or_delivered(case: Case, delivered: bool) -> None:
    case.resources(person("Patient", "p1", "1"))
    if not delivered:
        case.provider("Patient", {"kind": "csv", "file": "/weg.csv"})
    assert case.observed(delivered=delivered) == []


def test_the_file_with_accounts_is_only_for_us(case: Case) -> None:
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", case.csv())
    case.observed()
    assert stat.S_IMODE((case.folder / "work" / "accounts.sqlite").stat().st_mode) == 0o600


# ---- issuers ---------------------------------------------------------------------------------------------------------


def _metadata(case: Case, bench: Bench, **changes: Any) -> facts.IssuerMetadata:
    case.issuer = bench.fake.issuer
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", None)
    bench.fake.discovery = {
        "issuer": case.issuer,
        "authorization_endpoint": f"{case.issuer}/authorize",
        "token_endpoint": f"{case.issuer}/token",
        "jwks_uri": f"{case.issuer}/jwks",
        "userinfo_endpoint": "http://idp.example/userinfo",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        **changes,
    }
    (found,) = of(facts.IssuerMetadata, case.observed())
    assert isinstance(found, facts.IssuerMetadata)
    return found


def test_what_an_issuer_says_of_itself(case: Case, bench: Bench) -> None:
    bench.fake.jwks = {
        "keys": [
            {"kty": "RSA", "use": "sig"},
            {"kty": "RSA", "use": "enc"},
            {"kty": "EC", "d": "x"},
            {"kty": "oct", "k": "x"},
        ]
    }
    assert _metadata(case, bench, claims_supported=["sub", 7]) == facts.IssuerMetadata(
        user_types=("Patient",),
        issuer=bench.fake.issuer,
        status=200,
        found=True,
        announced=bench.fake.issuer,
        endpoints=(
            ("authorization_endpoint", True),
            ("token_endpoint", True),
            ("jwks_uri", True),
            ("userinfo_endpoint", False),
        ),
        algorithms=("RS256",),
        response_types=("code",),
        claims_supported=("sub",),
        claims=(CLAIM,),
        keys=(
            PublishedKey(signs=True, private=False),
            PublishedKey(signs=False, private=False),
            PublishedKey(signs=True, private=True),
            PublishedKey(signs=False, private=True),
        ),
    )


@pytest.mark.parametrize("url", [None, 7, "http://idp.example/jwks", "http://[", "weg"])
def test_keys_that_cannot_be_fetched(case: Case, bench: Bench, url: object) -> None:
    assert _metadata(case, bench, jwks_uri=url).keys is None


def test_an_issuer_that_does_not_answer(case: Case) -> None:
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", None)
    (found,) = of(facts.IssuerMetadata, case.observed())
    assert (found.status, found.found) == (None, False)


@pytest.mark.parametrize(("content", "status"), [([], 200), (None, 404)])
def test_an_issuer_without_a_document(case: Case, bench: Bench, content: object, status: int) -> None:
    case.issuer = bench.fake.issuer if content is not None else f"{bench.origin}/elders"
    bench.fake.discovery = content  # type: ignore[assignment]
    case.resources(person("Patient", "p1", "1"))
    case.provider("Patient", None)
    (found,) = of(facts.IssuerMetadata, case.observed())
    assert (found.status, found.found) == (status, False)
