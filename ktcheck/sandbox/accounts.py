"""The accounts of a practice domain at its identity providers: one for every active person who was migrated.

Nothing personal is in an account: the user name is a random one, and a claim holds a number that the person has in
KT2 already (TOP-KT-023: the attribute that holds the identity, and the system of the identifier to match on).
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktcheck.sandbox.world import World

Json = dict[str, Any]

CLAIM = "koppeltaal_id"
"""The claim of the id_token, and the column or attribute of the directory, that holds the number."""

PATIENTS = "patients"
PRACTITIONERS = "practitioners"
RELATED_PERSONS = "related-persons"
QUESTIONNAIRES = "questionnaires"

ISSUERS: Mapping[str, tuple[str, str | None]] = {
    PATIENTS: ("Patient", None),
    PRACTITIONERS: ("Practitioner", None),
    RELATED_PERSONS: ("RelatedPerson", None),
    QUESTIONNAIRES: ("Practitioner", "Klachtenlijst"),
}
"""The identity providers by name: for whom, and for which application when it is not the default of all of them."""


@dataclass(slots=True, kw_only=True)
class Account:
    """An account: at which provider (``issuer``, a name), what its id_token says besides, and whose it is.

    ``person`` is a reference (``Patient/<id>``); None: somebody who is not in the domain. ``subject`` is the provider's
    own name for the account (``sub``). The password is another one each time and no part of what makes accounts equal.
    """

    issuer: str
    username: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), compare=False, repr=False)
    claims: dict[str, str]
    enabled: bool = True
    person: str | None
    subject: str


def identifier_system(world: World, user_type: str) -> str:
    """The system of the identifier that every person of a type has one of, and that accounts are matched on."""
    return {
        "Patient": f"{world.epd.site}/patientnummer",
        "Practitioner": f"{world.portal.site}/medewerker",
        "RelatedPerson": f"{world.epd.site}/contactpersoon",
    }[user_type]


def made(world: World, resources: Mapping[str, Mapping[str, Json]]) -> list[Account]:
    """The accounts that go with correctly migrated resources (by type and id); those of inactive persons are disabled.

    At every provider for a type of user, one for each person; with the same name and password at all of them.
    """
    return list(_made(world, resources))


def _made(world: World, resources: Mapping[str, Mapping[str, Json]]) -> Iterator[Account]:
    passwords: dict[str, str] = {}
    for issuer, (user_type, _) in ISSUERS.items():
        system = identifier_system(world, user_type)
        for own, resource in resources.get(user_type, {}).items():
            value = next(item["value"] for item in resource["identifier"] if item["system"] == system)
            person = f"{user_type}/{own}"
            yield Account(
                issuer=issuer,
                username=f"u-{world.uuid('username', person)[:13]}",
                password=passwords.setdefault(person, secrets.token_urlsafe(18)),
                claims={CLAIM: value},
                enabled=resource["active"],
                person=person,
                subject=world.uuid("subject", issuer, person),
            )


def write_csv(path: Path, accounts: Iterable[Account]) -> None:
    """The directory of a provider as a file: user name, whether enabled, and the claim."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("username", "enabled", CLAIM))
        for account in accounts:
            writer.writerow((account.username, str(account.enabled).lower(), account.claims.get(CLAIM, "")))
