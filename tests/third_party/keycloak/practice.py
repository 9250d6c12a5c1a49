"""A practice domain whose patients log in at Keycloak: the same accounts, in a realm instead of in its own provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ktcheck.cli.practice import made, stage
from ktcheck.sandbox import accounts
from ktcheck.sandbox.launchable import choose
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service
from ktcheck.sandbox.service.registry import IdentityProvider
from tests.practice import write_snapshot
from tests.third_party.keycloak.realm import CLAIM, DIRECTORY_CLIENT, LOGIN_CLIENT, Realm, User
from tests.third_party.keycloak.server import Server

NAME = "zorgvoorbeeld"
PATIENTS = 210
"""More than Keycloak gives in one answer (100), and more than ktcheck asks for at a time (200)."""

SECRET = "KTCHECK_KEYCLOAK_SECRET"


@dataclass(frozen=True, slots=True)
class Practice:
    """What there is: the domain, its accounts at Keycloak by patient, and the file with which it is tested."""

    domain: Materialised
    service: Service
    realm: Realm
    accounts: dict[str, accounts.Account]
    domain_file: Path

    @property
    def snapshot(self) -> Path:
        """The resources of the domain, as a download would have them."""
        folder = self.domain_file.parent / "snapshot"
        if not folder.exists():
            write_snapshot(self.domain.all(), folder)
        return folder


@contextmanager
def practice(server: Server, folder: Path, size: int = PATIENTS, seed: int = 7) -> Iterator[Practice]:
    """Serve the domain, make the realm, and set the environment variables that the domain file names."""
    domain = made(NAME, seed, size, ())
    logging_in = {account.username for account in choose(domain)}
    own = {str(item.person): item for item in domain.accounts if item.issuer == accounts.PATIENTS}
    with Service(domain, audit_delay=0.2) as service, pytest.MonkeyPatch.context() as patch:
        # Whoever does not log in has no password: making one costs Keycloak a third of a second.
        users = [
            User(
                username=item.username,
                identifier=item.claims[accounts.CLAIM],
                enabled=item.enabled,
                password=item.password if item.username in logging_in else None,
            )
            for item in own.values()
        ]
        realm = Realm(server, users, service.callback(NAME))
        provider = IdentityProvider(
            name="keycloak",
            issuer=realm.issuer,
            client_id=LOGIN_CLIENT,
            client_secret=realm.login_secret,
            claim=CLAIM,
            identifier_system=accounts.identifier_system(domain.domain.world, "Patient"),
        )
        service.log_in_at(NAME, "Patient", provider)
        staged = stage(service, domain, folder)
        _add_directory(staged.domain_file, realm)
        for variable, value in {**staged.environment, SECRET: realm.directory_secret}.items():
            patch.setenv(variable, value)
        try:
            yield Practice(domain, service, realm, own, staged.domain_file)
        finally:
            realm.delete()


def _add_directory(domain_file: Path, realm: Realm) -> None:
    """Say where the accounts of the patients are: the practice domain does not know of Keycloak's admin API."""
    text = domain_file.read_text(encoding="utf-8")
    before, issuer, after = text.partition(f'issuer = "{realm.issuer}"')
    assert issuer
    section = f"""[idp.directory]
kind = "keycloak"
url = "{realm.url}"
realm = "{realm.name}"
client_id = "{DIRECTORY_CLIENT}"
secret_env = "{SECRET}"

[idp.login]"""
    domain_file.write_text(before + issuer + after.replace("[idp.login]", section, 1), encoding="utf-8")
