"""The facts of one practice domain, computed when asked for, so that a domain of any size needs no memory."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from ktcheck.errors import InputError
from ktcheck.sandbox.dossiers import open_dossier
from ktcheck.sandbox.facts import Application, Definition, Dialect, Dossier, Organization, Practitioner, Products, Role
from ktcheck.sandbox.people import person
from ktcheck.sandbox.vocabulary import KT1_SERVER

_PRACTITIONERS_MIN = 3
_PATIENTS_A_PRACTITIONER = 20
_KNOWN_TO_TWO = 10
_REFERRED_ONLY_PATTERN = 3
_FIRST_PRACTITIONER = 31
_OPENING = datetime(2020, 11, 2, 8, 0, tzinfo=UTC)


class World:
    """Applications, organizations, definitions, practitioners and dossiers of a practice domain.

    Args:
        seed: the same seed gives the same domain.
        size: the number of patients, 1 or more; from five every oddity is there.
        name: of the domain; it becomes part of host names, so lower-case letters, digits and dashes.
        products: what its source application and portal are called.

    Raises:
        InputError: the size or the name cannot be used.

    """

    def __init__(self, seed: int, size: int, name: str, products: Products | None = None) -> None:
        if size < 1:
            raise InputError(f"a practice domain of {size} patients is not possible; ask for 1 or more")
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
            raise InputError(
                f"{name!r} cannot be the name of a practice domain; use lower-case letters, digits and dashes"
            )
        self.seed = seed
        self.size = size
        self.name = name
        self.products = products or Products()
        self.practitioners = max(_PRACTITIONERS_MIN, size // _PATIENTS_A_PRACTITIONER)
        self.dossier = lru_cache(maxsize=64)(self._dossier)
        self.practitioner = lru_cache(maxsize=4096)(self._practitioner)

    def uuid(self, *parts: object) -> str:
        """A UUIDv4 that depends on the seed, the domain and ``parts`` only."""
        text = "/".join(map(str, (self.seed, self.name, *parts)))
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return str(uuid.UUID(bytes=digest, version=4))

    @cached_property
    def provision(self) -> str:
        """The logical id of the Device of the KT2 provision itself, the observer of what the service logs."""
        return self.uuid("Device", "koppeltaal")

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        """The applications of the domain: source, portal, two modules and the suite itself."""
        return (
            self._application(
                self.products.epd,
                "source",
                ("Patient", "RelatedPerson", "Organization"),
                f"https://epd.{self.name}.example/fhir/Koppeltaal",
            ),
            self._application(
                self.products.portal,
                "portal",
                ("Practitioner", "CareTeam", "Task"),
                f"https://portaal.{self.name}.example/kt",
                dialect="java",
            ),
            self._application(
                "Rustwijzer",
                "module",
                ("ActivityDefinition", "Endpoint"),
                "https://rustwijzer.example",
                kt1="RUSTAPP",
                dialect="js",
                requires=("email",),
            ),
            self._application(
                "Klachtenlijst",
                "module",
                ("ActivityDefinition", "Endpoint"),
                "https://klachtenlijst.example",
                kt1="KLACHTAPP",
            ),
            self._application("ktcheck", "portal", (), ""),
        )

    def _application(
        self,
        name: str,
        role: Role,
        owns: tuple[str, ...],
        base: str,
        *,
        kt1: str | None = None,
        dialect: Dialect = "python",
        requires: tuple[str, ...] = (),
    ) -> Application:
        client_id = self.uuid("Device", name)
        return Application(
            name=name,
            client_id=client_id,
            device=f"Device/{client_id}",
            role=role,
            owns=owns,
            base=base,
            kt1_identifier=kt1,
            dialect=dialect,
            requires=requires,
        )

    def application(self, name: str) -> Application:
        """The application with a name, or with a KT1 identifier."""
        return next(app for app in self.applications if name in {app.name, app.kt1_identifier})

    @property
    def epd(self) -> Application:
        """The source application of patients, related persons and organizations."""
        return self.applications[0]

    @property
    def portal(self) -> Application:
        """The application that plans: practitioners, care teams, care plans."""
        return self.applications[1]

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        """The provider, a location of it, and a location that KT1 only ever referred to."""
        base = f"{self.epd.base}/Organization"
        pharmacy = ("pharm", "Apotheek")
        whole = Organization(link=f"{base}/2", name="Zorgvoorbeeld", agb="00000002", kind=pharmacy)
        location = Organization(
            link=f"{base}/1", name="Zorgvoorbeeld Noord", agb="00000001", part_of=whole.link, says_active=False
        )
        return (whole, location, *((self._referred(base),) if self.size > _REFERRED_ONLY_PATTERN else ()))

    def _referred(self, base: str) -> Organization:
        return Organization(link=f"{base}/9", name="Zorgvoorbeeld Zuid", agb=None)

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """The activity definitions by identifier: three of each module, one archived and one not active."""
        facts = (
            Definition(
                link=_definition_link(0),
                application="RUSTAPP",
                identifier="RUSTWIJZER",
                name="Rustwijzer in tien lessen",
                kind="ELearning",
                description="Tien lessen over rust.",
                subs=(("les-1", "Les 1: stilstaan"), ("les-2", "Les 2: ademen")),
            ),
            Definition(
                link=_definition_link(1),
                application="RUSTAPP",
                identifier="SLAAPDAGBOEK",
                name="Slaapdagboek",
                kind="Game",
                performer=None,
            ),
            Definition(
                link=_definition_link(2),
                application="KLACHTAPP",
                identifier="KLACHTENLIJST",
                name="Klachtenlijst",
                kind="Questionnaire",
                description="Korte lijst van klachten.",
                active=None,
                launch=None,
            ),
            Definition(
                link=_definition_link(3),
                application="KLACHTAPP",
                identifier="KLACHTENLIJST-OUD",
                name="Klachtenlijst (oud)",
                kind="Questionnaire",
                archived=True,
            ),
            Definition(
                link=_definition_link(4),
                application="RUSTAPP",
                identifier="ADEMOEFENING",
                name="Ademoefening",
                kind="ELearning",
                active=False,
                performer="RelatedPerson",
                launch="Mobile",
                domain_specific=True,
                native=True,
            ),
            Definition(
                link=_definition_link(5),
                application="KLACHTAPP",
                identifier="GESPREK",
                name="Gesprek",
                kind="Meeting",
                description="Een gesprek van behandelaren.",
                performer="Practitioner",
                launch="None",
                domain_specific=False,
            ),
        )
        return {definition.identifier: definition for definition in facts}

    def _practitioner(self, index: int) -> Practitioner:
        index %= self.practitioners
        number = _FIRST_PRACTITIONER + index
        links = [f"{self.portal.base}/Practitioner/{number}"]
        if index % _KNOWN_TO_TWO == 0:
            links.append(f"{self.epd.base}/Practitioner/m-{number}")
        who = person(self.seed, index, "practitioner")
        return Practitioner(
            links=tuple(links), number=number, person=who, organization=f"{self.epd.base}/Organization/1"
        )

    def practitioner_behind(self, link: str) -> Practitioner:
        """The practitioner that one of his KT1 links leads to."""
        number = link.rsplit("/", 1)[1].removeprefix("m-")
        return self.practitioner(int(number) - _FIRST_PRACTITIONER)

    def introduced(self, practitioner: Practitioner) -> datetime:
        """When the first message about a practitioner was sent (UTC)."""
        return _OPENING + timedelta(minutes=7 * practitioner.number)

    def opened(self, index: int) -> datetime:
        """When the first message about a patient was sent (UTC): spread over two years, never twice the same."""
        return _OPENING + timedelta(days=60 + (index * 37) % 700, seconds=index % 50_000, microseconds=index * 7919)

    def _dossier(self, index: int) -> Dossier:
        return open_dossier(self, index)

    def target(self, link: str) -> tuple[str, str]:
        """The KT2 type and logical id of the person, organization, team or definition behind a KT1 link."""
        kind, number = link.rsplit("/", 2)[1:]
        if kind == "Practitioner":
            link = self.practitioner_behind(link).links[0]
        if kind == "Other":
            kind = number.split(":")[0]
        return kind, self.uuid(kind, link)


def _definition_link(number: int) -> str:
    return f"{KT1_SERVER}/Other/ActivityDefinition:{2075 + number}"
