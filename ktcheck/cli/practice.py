"""Puts a practice domain on the table: messages, a key, a domain file, and its service."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ktcheck import agreement_file, confirmations, tables
from ktcheck import domain as domains
from ktcheck.agreements import Agreements, Answer
from ktcheck.cli.practice_template import write_template
from ktcheck.errors import InputError
from ktcheck.facts import Confirmation
from ktcheck.sandbox.accounts import PATIENTS, write_csv
from ktcheck.sandbox.defects import DEFECTS
from ktcheck.sandbox.domain_file import LaunchFacts, SuiteClient, idp_sections, launch_section
from ktcheck.sandbox.facts import Products
from ktcheck.sandbox.generate import PracticeDomain, registered_name
from ktcheck.sandbox.launchable import choose
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service import Service, scim
from ktcheck.signed_file import quoted
from ktcheck.smart import keys
from ktcheck.version import under_test

CLUSTER = "oefencluster"
_PATHS = ("callback", "launch")
# The secrets of several domains can be in the same environment.
_ACCOUNT_NUMBERS = itertools.count(1)
_DIRECTORY_NUMBERS = itertools.count(1)


def made(name: str, seed: int, size: int, defects: Sequence[str], products: Products | None = None) -> Materialised:
    """A practice domain with named defects in it; ``products`` is what its source application and portal are called.

    Raises:
        InputError: there is no such defect, the domain is too small for it, or it does not go with an earlier one.
    """
    domain = PracticeDomain(seed, size, name, products).materialise()
    for defect in defects:
        if defect not in DEFECTS:
            raise InputError(f"there is no defect {defect!r}; 'ktcheck sandbox --list' names them all")
        try:
            DEFECTS[defect].apply(domain)
        except (LookupError, StopIteration, RuntimeError):
            # An earlier defect took away what this one changes; alone, every defect fits (its own tests see to that).
            raise InputError(f"the defect {defect!r} does not go together with an earlier one; leave one out") from None
    return domain


def write_agreements(path: Path, options: Mapping[str, str]) -> None:
    """Write what a practice domain's cluster agreed on (``Materialised.agreements``)."""
    answers = {}
    for key, said in options.items():
        option, _, value = said.partition(" ")
        answers[key] = Answer(option=option, value=value or None, by="oefencluster")
    path.write_text(agreement_file.text(answers), encoding="utf-8")


def write_waivers(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write what was accepted in a practice domain (``Materialised.waivers``)."""
    lines: list[str] = []
    for row in rows:
        lines += ["[[waiver]]", *(f"{key} = {_toml(key, value)}" for key, value in row.items()), ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_confirmations(domain_file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write what was confirmed in the practice domain of a domain file (``Materialised.confirmations``).

    What only another domain of a cluster confirms is left out.
    """
    domain = domains.load(domain_file, confirmations_exist=False)
    assert domain.confirmations is not None  # the domain file was written with it
    agreed = agreement_file.load(domain.agreements.file) if domain.agreements else Agreements()
    tested = under_test(domain, agreed)
    tables_of_file = []
    other = tables.steps().keys() - tables.steps_of(domain.domain.sequence).keys()
    for row in rows:
        if row["step"] in other:
            continue
        rests_on = tables.steps().get(row["step"], {}).get("confirm", ())
        version = {part: tested[part] for part in rests_on} | row.get("version", {})
        tables_of_file.append(confirmations.text(Confirmation(**{**row, "version": version})))
    domain.confirmations.file.write_text("\n".join(tables_of_file), encoding="utf-8")


def _toml(key: str, value: str | int) -> str:
    if key in {"on", "until"} or isinstance(value, int):
        return str(value)
    return quoted(value)


@dataclass(frozen=True, slots=True)
class Staged:
    """A practice domain on the table: its domain file, and the environment variables that a run of it needs."""

    domain_file: Path
    environment: Mapping[str, str]


def stage(
    service: Service,
    domain: Materialised,
    folder: Path,
    sequence: int = 1,
    template: Path | None = None,
    *,
    cluster: str = CLUSTER,
    lacking: Iterable[str] = (),
) -> Staged:
    """Write the domain's messages, accounts, new keys for the suite and the domain file; register the keys.

    The passwords of the test accounts and the token of the directory are in variables, and in ``accounts.env`` beside
    the domain file. ``template`` is the report of the first domain, for a domain with another ``sequence``.
    ``lacking`` are the parts of the KT2 provision that are not delivered yet.
    """
    practice = domain.domain
    name, suite = practice.name, practice.applications[-1]
    domain.write_messages(folder / "kt1")
    pair = keys.make(folder / "key", "RS384")
    redirect_uri, launch_uri = (
        f"http://127.0.0.1:{port}/{path}" for port, path in zip(_free_ports(2), _PATHS, strict=True)
    )
    jwks = orjson.loads(pair.jwks_file.read_bytes())
    service.register(name, suite.client_id, jwks, redirect_uris=[redirect_uri], launch_uri=launch_uri)
    write_agreements(folder / "afspraken.toml", domain.agreements)
    if domain.waivers:
        write_waivers(folder / "waivers.toml", domain.waivers)
    text = practice.domain_toml(
        messages=Path("kt1"),
        agreements=Path("afspraken.toml"),
        waivers=Path("waivers.toml") if domain.waivers else None,
        confirmations=Path("bevestigingen.toml"),
        fhir_base_url=service.base_url(name),
        private_key_file=Path("key") / pair.private_key_file.name,
        key_id=pair.key_id,
        cluster=cluster,
        lacking=lacking,
        sequence=sequence,
        announced=domain.announced,
    )
    accounts = {f"KTCHECK_ACCOUNT_{next(_ACCOUNT_NUMBERS)}": account for account in choose(domain)}
    launch = LaunchFacts(
        applications=[registered_name(app) for app in practice.applications if app.role == "module" or app is suite],
        tasks=domain.launched,
        accounts=accounts,
        redirect_uri=redirect_uri,
        launch_uri=launch_uri,
        other=_client(service, domain, folder, "other", name, redirect_uri),
        elsewhere=_client(service, service.elsewhere(), folder, "elsewhere", name, redirect_uri),
    )
    directories, environment = _directories(service, domain, folder)
    text += idp_sections(service.tenants[name], directories) + launch_section(launch)
    path = folder / "domain.toml"
    path.write_text(text, encoding="utf-8")
    environment |= {variable: account.password for variable, account in accounts.items()}
    if template:
        path.write_text(f"{text}\n[template]\nreport = {quoted(str(template))}\n", encoding="utf-8")
    write_confirmations(path, domain.confirmations)
    if domain.repeats:
        text += write_template(path, folder / "template.json", domain.repeats, environment)
        path.write_text(text.replace("\nsequence = 1\n", "\nsequence = 2\n"), encoding="utf-8")
    write_private(folder / "accounts.env", environment)
    return Staged(path, environment)


def _client(
    service: Service, domain: Materialised, folder: Path, name: str, tested: str, redirect_uri: str
) -> SuiteClient:
    """A second client of the suite for the test of a domain, in the same domain or in another one."""
    practice = domain.domain
    pair = keys.make(folder / f"key-{name}", "ES384")
    client_id = practice.world.uuid("Device", "ktcheck", name, tested)
    jwks = orjson.loads(pair.jwks_file.read_bytes())
    service.register(practice.name, client_id, jwks, redirect_uris=[redirect_uri])
    return SuiteClient(
        client_id=client_id,
        private_key_file=pair.private_key_file.relative_to(folder),
        key_id=pair.key_id,
        fhir_base_url=service.base_url(practice.name) if name == "elsewhere" else None,
    )


def _directories(
    service: Service, domain: Materialised, folder: Path
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Where each built-in identity provider has its accounts, by its name, and the variables with what lets one in.

    Those of patients are to be had by SCIM, the others are written as a file.
    """
    found: dict[str, dict[str, str]] = {}
    environment: dict[str, str] = {}
    for name, provider in service.tenants[domain.domain.name].providers.items():
        if name == PATIENTS:
            variable = f"KTCHECK_DIRECTORY_{next(_DIRECTORY_NUMBERS)}"
            environment[variable] = provider.directory_token
            found[name] = {
                "kind": "scim",
                "url": scim.address(provider),
                "secret_env": variable,
                "attribute": scim.ATTRIBUTE,
            }
        else:
            file = Path("idp") / f"{name}.csv"
            write_csv(folder / file, [account for account in domain.accounts if account.issuer == name])
            found[name] = {"kind": "csv", "file": str(file)}
    return found, environment


def write_private(path: Path, environment: Mapping[str, str]) -> None:
    """Save variables as ``NAME=value`` lines that only their owner can read."""
    lines = "".join(f"{name}={value}\n" for name, value in environment.items())
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(lines)


def _free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody listens at now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
