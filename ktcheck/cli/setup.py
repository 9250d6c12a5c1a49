"""``ktcheck init``, ``ktcheck check`` and ``ktcheck keys``: everything before the first run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, get_args

import click

from ktcheck import domain as domains
from ktcheck.bundle import keys as sealing_keys
from ktcheck.errors import InputError
from ktcheck.idp import reach as identity
from ktcheck.launch import observe as launching
from ktcheck.output import free_file
from ktcheck.smart import keys as key_files
from ktcheck.snapshot.download import reach

_TEMPLATE = """# ktcheck domain file. Secrets do not belong here: write "${{NAME}}" to use an environment variable.

[domain]
name = {name}
environment = {environment}
cluster = {cluster}
sequence = {sequence}            # 1 = the cluster's first domain

[source]
messages = {messages}            # folder with KT1 messages; or: inventory = "file.ndjson"

[target]
fhir_base_url = {fhir_base_url}
profile_version = "0.16.3"

[target.delivered]               # false: this part of the KT2 provision is not delivered yet
idp = true
launch = true
audit = true
subscriptions = true

# [agreements]                   # what the cluster agreed on; 'ktcheck agreements --out' writes the file
# file = "afspraken.toml"

# [confirmations]                # steps that people confirm; 'ktcheck confirm' writes the file
# file = "bevestigingen.toml"

[client]                         # the suite's own application in the domain ('ktcheck keys' makes a key)
client_id = {client_id}
private_key_file = {private_key_file}
key_id = {key_id}

# One block for each application. owns = the KT2 resource types it is the agreed source of (Task for care plan
# activities). When several applications own a type, put the name by which KT1 knows each in its name.
#
# [[application]]
# name = "Voorbeeldportaal"
# client_id = "..."
# device = "Device/..."
# role = "portal"                # portal | module | source
# owns = ["Practitioner", "CareTeam", "Task"]
"""

_QUESTIONS = {
    "name": "Name of the domain",
    "environment": "Environment (for example acc21)",
    "cluster": "Cluster",
    "fhir_base_url": "FHIR base URL of the domain",
    "messages": "Folder with KT1 messages",
    "client_id": "client_id of the suite's own application",
    "private_key_file": "File with its private key (PEM)",
    "key_id": "Key id (kid) in its JWKS",
}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("domain.toml"), show_default=True)
@click.option("--force", is_flag=True, help="Replace the file in --out.")
@click.option("--name")
@click.option("--environment")
@click.option("--cluster")
@click.option("--sequence", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--fhir-base-url")
@click.option("--messages")
@click.option("--client-id")
@click.option("--private-key-file")
@click.option("--key-id")
def init(out: Path, force: bool, sequence: int, **answers: str | None) -> None:
    """Write a commented domain file; what is not given as an option is asked."""
    free_file(out, force)
    for key, question in _QUESTIONS.items():
        if answers[key] is None:
            if not sys.stdin.isatty():
                raise InputError(f"--{key.replace('_', '-')} is missing, and there is no terminal to ask at")
            answers[key] = click.prompt(question, default="", show_default=False)
    values = {key: _quoted(str(answer)) for key, answer in answers.items()}
    out.write_text(_TEMPLATE.format(sequence=sequence, **values), encoding="utf-8")
    click.echo(f"domain file: {out}; add an [[application]] for each application, then: ktcheck check {out}")


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@click.command()
@click.argument("domain", type=click.Path(path_type=Path))
def check(domain: Path) -> None:
    """Check DOMAIN (a TOML file): file, key, reachability, token, scopes, identity providers, directories and launch.

    Reads no patient data, and no accounts.
    """
    loaded = domains.load(domain)
    click.echo(f"domain file: {domain} is complete")
    if loaded.target is None or loaded.target.fhir_base_url is None:
        click.echo("target: none that can be reached; nothing more to check")
        return
    reached = reach(loaded)
    click.echo(f"service: FHIR {reached.fhir_version or '(does not say)'}, {loaded.target.fhir_base_url}")
    click.echo("token: granted")
    for resource_type, rights in reached.rights.items():
        supported = "" if resource_type in reached.supported else " (not supported by the server)"
        click.echo(f"  read {resource_type}: {rights}{supported}")
    _check_identity_providers(loaded)
    _check_launch(loaded)


def _check_identity_providers(domain: domains.Domain) -> None:
    """Tell which identity providers and directories can be reached."""
    issuers, directories = identity.reach(domain)
    for issuer in issuers:
        click.echo(f"identity provider for {', '.join(issuer.user_types)}: {issuer.issuer}")
    for directory in directories:
        total = "it does not say how many" if directory.total is None else directory.total
        click.echo(f"  directory ({directory.kind}) for {', '.join(directory.user_types)}, accounts: {total}")


def _check_launch(domain: domains.Domain) -> None:
    """Tell with which applications launches will be tried; passwords and browser have to be there."""
    launching.check_ready(domain, None)
    names = launching.applications(domain, None)
    accounts = domain.launch.accounts if domain.launch else ()
    if names:
        click.echo(f"launch with {', '.join(names)}, test accounts: {len(accounts)}")


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the two files.")
@click.option(
    "--kind",
    type=click.Choice((*get_args(key_files.Algorithm), "EdDSA")),
    default="RS384",
    show_default=True,
    help="What the key signs with; EdDSA (Ed25519) is for sealing bundles, the others for logging in.",
)
@click.option("--key-id", help="The kid; by default the RFC 7638 thumbprint.")
@click.option("--force", is_flag=True, help="Replace earlier keys in --out.")
def keys(out: Path, kind: key_files.Algorithm | Literal["EdDSA"], key_id: str | None, force: bool) -> None:
    """Make a key pair: private-key.pem (keep it secret) and jwks.json (publish or register it)."""
    if kind == "EdDSA":
        pair = sealing_keys.make(out, key_id=key_id, force=force)
    else:
        pair = key_files.make(out, kind, key_id=key_id, force=force)
    click.echo(f"private key: {pair.private_key_file}\nJWKS: {pair.jwks_file}\nkey_id: {pair.key_id}")
