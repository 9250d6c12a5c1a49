"""The sections of a domain file about logging in and launching (contract: ``docs/domain-file.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.facts import Application
from ktcheck.sandbox.generate import pairs, registered_name
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteClient:
    """A client of the suite besides its own: its id, its key, and the FHIR base URL when that is another domain's."""

    client_id: str
    private_key_file: Path
    key_id: str
    fhir_base_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFacts:
    """What ``[launch]`` says: with which applications, tasks and accounts (by the variable of the password)."""

    applications: Sequence[str]
    tasks: Sequence[str]
    accounts: dict[str, Account]
    redirect_uri: str
    launch_uri: str
    other: SuiteClient
    elsewhere: SuiteClient


def idp_sections(tenant: Tenant, directories: Mapping[str, Mapping[str, str]]) -> str:
    """An ``[[idp]]`` for every user type, and for every application with a provider of its own.

    ``directories``: where the accounts are, by the name of the provider; without one it is left out.
    """
    lines: list[str] = []
    applications = {app.client_id: app for app in tenant.domain.domain.applications}
    for (client_id, user_type), (provider, *_) in tenant.registry.providers.items():
        section = ["", "[[idp]]", *_provider(user_type, provider, applications.get(client_id or ""))]
        if provider.name in directories:
            section += ["", "[idp.directory]", *pairs(**directories[provider.name])]
        section += ["", "[idp.login]", *pairs(kind="form")]
        lines += section * tenant.domain.told.get(provider.name, 1)
    return "\n".join([*lines, ""])


def _provider(user_type: str, provider: IdentityProvider, application: Application | None) -> Iterable[str]:
    return pairs(
        user_type=user_type,
        issuer=provider.issuer,
        claim=provider.claim,
        identifier_system=provider.identifier_system,
        application=registered_name(application) if application else None,
    )


def launch_section(facts: LaunchFacts) -> str:
    """The ``[launch]`` of a domain."""
    lines = ["", "[launch]"]
    lines += pairs(
        applications=list(facts.applications),
        tasks=list(facts.tasks) or None,
        redirect_uri=facts.redirect_uri,
        launch_uri=facts.launch_uri,
    )
    for variable, account in facts.accounts.items():
        assert account.person
        said = pairs(
            user_type=account.person.partition("/")[0],
            username=account.username,
            password_env=variable,
            person=account.person,
        )
        lines += ["", "[[launch.accounts]]", *said]
    for name, key in (("other", facts.other), ("elsewhere", facts.elsewhere)):
        said = pairs(
            fhir_base_url=key.fhir_base_url,
            client_id=key.client_id,
            private_key_file=str(key.private_key_file),
            key_id=key.key_id,
        )
        lines += ["", f"[launch.{name}]", *said]
    return "\n".join([*lines, ""])
