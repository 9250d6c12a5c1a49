"""Everything that can be seen of users at identity providers without logging in."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from ktcheck.domain import Directory as Settings
from ktcheck.domain import Domain, IdentityProvider, UserType
from ktcheck.errors import RunError
from ktcheck.http import Evidence
from ktcheck.idp.directory import open_directory
from ktcheck.idp.discovery import read_metadata
from ktcheck.idp.facts import DirectoryCount, IssuerMetadata, ProvidedFact, UserTypeProviders
from ktcheck.idp.persons import USER_TYPES, persons, users_of
from ktcheck.idp.provisioning import Provisioning, Served
from ktcheck.snapshot.store import Snapshot

Secret = Callable[[str], None]
Progress = Callable[[str, int], None]

Place = tuple[Settings, str]
"""A directory and the attribute in it that has the claim: what is read once, whoever it serves."""

_NO_DIRECTORY = "het domeinbestand noemt geen [idp.directory] voor {user_type}"
_LATER_CHOICE = "voor {user_type} staan er meer identityproviders; alleen de accounts van de eerste worden vergeleken"


def is_configured(domain: Domain) -> bool:
    """Whether there is anything to look at: the part is delivered, and the domain file names a provider."""
    delivered = domain.target is None or domain.target.delivered.idp
    return bool(domain.idp) and delivered


def observe(
    domain: Domain, snapshot: Snapshot | None, folder: Path, evidence: Evidence, secret: Secret, progress: Progress
) -> Iterator[ProvidedFact]:
    """Facts about the users of a domain at its identity providers; nothing is read when none is configured.

    ``folder`` is private and temporary. Every secret is told to ``secret`` before it is used.

    Raises:
        InputError: a directory is not as the domain file says, or does not let us in.
    """
    if snapshot is None or not is_configured(domain):
        return
    trace_id = str(uuid.uuid4())
    provisioning = Provisioning(folder / "accounts.sqlite")
    try:
        base_url = _base_url(domain, snapshot)
        provisioning.add_people(persons(snapshot, base_url), domain.idp)
        provisioning.add_uses(users_of(domain, snapshot, base_url))
        reader = _Reader(provisioning, evidence=evidence, trace_id=trace_id, secret=secret, progress=progress)
        issuers, read, served = asyncio.run(reader.read(domain.idp))
        provisioning.settle(served)
        yield from issuers
        yield from _facts(domain, provisioning, read, served)
    finally:
        provisioning.close()


def _base_url(domain: Domain, snapshot: Snapshot) -> str | None:
    if domain.target and domain.target.fhir_base_url:
        return domain.target.fhir_base_url
    return snapshot.manifest.taken_from if snapshot.manifest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A directory that was read, or why it was not."""

    number: int
    count: DirectoryCount


def _facts(
    domain: Domain, provisioning: Provisioning, read: list[_Read], served: list[Served]
) -> Iterator[ProvidedFact]:
    for user_type in USER_TYPES:
        choices = tuple((idp.application, idp.issuer) for idp in domain.idp if idp.user_type == user_type)
        yield UserTypeProviders(user_type=user_type, persons=provisioning.expected(user_type), choices=choices)
    for user_type, system in dict.fromkeys((idp.user_type, idp.identifier_system) for idp in domain.idp):
        yield from provisioning.identifiers(user_type, system)
    for item in read:
        number, enabled, without = provisioning.counts(item.number)
        yield replace(item.count, read=number, enabled=enabled, without_claim=without)
    for one in served:
        yield from provisioning.user_accounts(one)
    for item in read:
        if item.count.unread is None:
            yield from provisioning.account_users(item.number)
    yield from provisioning.related_patients()


class _Reader:
    """Reads issuers and directories, each of them once."""

    def __init__(
        self, provisioning: Provisioning, *, evidence: Evidence, trace_id: str, secret: Secret, progress: Progress
    ) -> None:
        self._provisioning = provisioning
        self._evidence = evidence
        self._trace_id = trace_id
        self._secret = secret
        self._progress = progress

    async def read(
        self, providers: tuple[IdentityProvider, ...]
    ) -> tuple[list[IssuerMetadata], list[_Read], list[Served]]:
        """What the issuers say, the directories, and which provider has which of them."""
        issuers = [
            await read_metadata(issuer, providers, evidence=self._evidence, trace_id=self._trace_id)
            for issuer in dict.fromkeys(provider.issuer for provider in providers)
        ]
        read: dict[Place, _Read] = {}
        types = places(providers)
        served: list[Served] = []
        chosen: set[tuple[str, str | None]] = set()
        for provider in dict.fromkeys(providers):  # what is there twice is told by a rule
            key = (provider.user_type, provider.application)
            place = _place(provider)
            if key in chosen or place is None:
                served.append(_unserved(provider, _LATER_CHOICE if key in chosen else _NO_DIRECTORY))
            else:
                if place not in read:
                    count = DirectoryCount(user_types=types[place], kind=place[0].kind)
                    read[place] = await self._read(*place, count, len(read))
                found = read[place]
                number = None if found.count.unread else found.number
                served.append(Served(provider=provider, directory=number, unread=found.count.unread))
            chosen.add(key)
        return issuers, list(read.values()), served

    async def _read(self, settings: Settings, attribute: str, count: DirectoryCount, number: int) -> _Read:
        """All accounts of a directory; one that breaks off half-way tells nothing."""
        directory = open_directory(
            settings, attribute, evidence=self._evidence, trace_id=self._trace_id, secret=self._secret
        )
        done = 0
        try:
            async with aclosing(directory.pages()) as pages:
                async for page in pages:
                    new = self._provisioning.add_page(number, page)
                    if not new:
                        break  # a server that gives the same page again and again
                    done += new
                    self._progress("accounts lezen", done)
            total = await directory.total()
        except RunError as error:
            self._provisioning.drop(number)
            return _Read(number=number, count=replace(count, unread=f"een directory is niet gelezen: {error}"))
        return _Read(number=number, count=replace(count, total=total))


def _place(provider: IdentityProvider) -> Place | None:
    settings = provider.directory
    return (settings, settings.attribute or provider.claim) if settings else None


def places(providers: Iterable[IdentityProvider]) -> dict[Place, tuple[UserType, ...]]:
    """The directories of providers, with the user types that each is for."""
    found: dict[Place, tuple[UserType, ...]] = {}
    for provider in providers:
        place = _place(provider)
        if place:
            found[place] = tuple(dict.fromkeys((*found.get(place, ()), provider.user_type)))
    return found


def _unserved(provider: IdentityProvider, reason: str) -> Served:
    return Served(provider=provider, directory=None, unread=reason.format(user_type=provider.user_type))
