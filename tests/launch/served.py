"""A practice domain that is served, and the suite in it as its domain file says; for tests of launches."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from ktcheck import domain as domains
from ktcheck.cli.practice import stage
from ktcheck.domain import Client, Domain, TestAccount
from ktcheck.launch.choose import Planned, provider
from ktcheck.launch.facts import Attempt
from ktcheck.launch.messages import Task
from ktcheck.launch.players import Joined, join
from ktcheck.launch.playing import Outside
from ktcheck.launch.refusals.means import Means, Target
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service
from ktcheck.sandbox.vocabulary import INSTANTIATES


@dataclass(kw_only=True)
class Served:
    """The domain file, what is served, and everything that was told: exchanges and secrets."""

    domain: Domain
    materialised: Materialised
    service: Service
    evidence: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @property
    def outside(self) -> Outside:
        return Outside(evidence=self.evidence.append, secret=self.secrets.append)

    @property
    def base(self) -> str:
        assert self.domain.target
        assert self.domain.target.fhir_base_url
        return self.domain.target.fhir_base_url

    @property
    def redirect_uri(self) -> str:
        assert self.domain.launch
        assert self.domain.launch.redirect_uri
        return self.domain.launch.redirect_uri

    def accounts(self, user_type: str, *, active: bool = True) -> list[TestAccount]:
        assert self.domain.launch
        found = [account for account in self.domain.launch.accounts if account.user_type == user_type]
        return [account for account in found if self.person(account)["active"] == active]

    def person(self, account: TestAccount) -> dict[str, Any]:
        kind, _, own = str(account.person).partition("/")
        return self.materialised.resources[kind][own]

    def task(self, account: TestAccount) -> Task:
        """A task that the person of an account has to do."""
        for resource in self.materialised.resources["Task"].values():
            ready = resource["status"] in {"ready", "in-progress"} and "partOf" not in resource
            if ready and resource["owner"].get("reference") == account.person:
                definition = next(item for item in resource["extension"] if item["url"] == INSTANTIATES)
                return Task(
                    reference=f"Task/{resource['id']}",
                    definition=definition["valueReference"]["reference"],
                    patient=resource["for"]["reference"],
                    intent=resource["intent"],
                )
        raise LookupError(account.person)

    def planned(self, user_type: str = "Patient") -> Planned:
        """A launch by the first account of a user type, in which the suite plays both."""
        account = self.accounts(user_type)[0]
        own = next(app for app in self.domain.application if app.client_id == self.client.client_id)
        where = provider(self.domain, account.user_type, own.name)
        task = self.task(account)
        assert account.person
        assert where.login
        return Planned(
            attempt=Attempt(
                id="L1",
                plays="both",
                application=own.name,
                user_type=account.user_type,
                person=account.person,
                task=task.reference,
            ),
            application=own,
            account=account,
            task=task,
            address=None,
            agreed=where.issuer,
            login=where.login.kind,
            task_migrated=True,
            person_migrated=True,
            has_account=True,
        )

    @property
    def client(self) -> Client:
        assert self.domain.client
        return self.domain.client

    def means(self) -> Means:
        """All that there is to try refusals with."""
        launch = self.domain.launch
        assert launch
        assert launch.other
        assert launch.elsewhere
        there = launch.elsewhere
        elsewhere = Client(client_id=there.client_id, private_key_file=there.private_key_file, key_id=there.key_id)
        return Means(
            own=self.joined(),
            other=self.join(launch.other, self.base),
            elsewhere=self.join(elsewhere, there.fhir_base_url),
            targets=tuple(
                Target(
                    account=account,
                    person=str(account.person),
                    task=self.task(account),
                    login="form",
                    active=self.person(account)["active"],
                )
                for account in launch.accounts
            ),
            definitions=tuple(f"ActivityDefinition/{own}" for own in self.materialised.resources["ActivityDefinition"]),
            devices=tuple(app.device for app in self.domain.application if app.client_id != self.client.client_id),
        )

    def joined(self) -> Joined:
        """The suite's own application in the domain."""
        return self.join(self.client, self.base)

    def join(self, client: Client, base: str) -> Joined:
        device = f"Device/{client.client_id}"
        own = next((app.device for app in self.domain.application if app.client_id == client.client_id), device)
        return asyncio.run(join(client, base=base, redirect_uri=self.redirect_uri, device=own, outside=self.outside))


@contextmanager
def serve(folder: Path, seed: int = 1, size: int = 8) -> Iterator[Served]:
    """Serve a clean practice domain; the passwords of its accounts are in the environment meanwhile."""
    materialised = PracticeDomain(seed, size).materialise()
    with Service(materialised, audit_delay=0.0) as service:
        staged = stage(service, materialised, folder)
        with mock.patch.dict(os.environ, staged.environment):
            yield Served(domain=domains.load(staged.domain_file), materialised=materialised, service=service)
