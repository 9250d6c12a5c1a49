"""The domain file: what is tested, with which applications, and where its data is (contract: ``design.md``).

Secrets are never in the file. Wherever it could need one it names an environment variable: a string
``"${NAME}"`` is replaced by that variable. Relative paths are relative to the file.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ktcheck import tables
from ktcheck.errors import InputError

UserType = Literal["Patient", "Practitioner", "RelatedPerson"]
OwnedType = Literal[
    "Patient",
    "Practitioner",
    "RelatedPerson",
    "Organization",
    "CareTeam",
    "ActivityDefinition",
    "Endpoint",
    "Task",
    "Subscription",
    "Device",
    "AuditEvent",
]
Delivery = Literal["idp", "launch", "audit", "subscriptions"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MOST = 1_000_000_000
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _base_url(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = urlsplit(value)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        return value.rstrip("/")
    raise ValueError("must be an https address (http only for this machine itself)")


def _issuer(value: object) -> object:
    if isinstance(value, str):
        _base_url(value)  # an issuer is compared as it is, so nothing of it is taken off
        if urlsplit(value).query or urlsplit(value).fragment:
            raise ValueError("must be an address without ? and #")
    return value


def _device(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"Device/[A-Za-z0-9\-.]{1,64}", value):
        raise ValueError('must look like "Device/<id>"')
    return value


def _person(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"(Patient|Practitioner|RelatedPerson)/[A-Za-z0-9\-.]{1,64}", value):
        raise ValueError('must look like "Patient/<id>", "Practitioner/<id>" or "RelatedPerson/<id>"')
    return value


BaseUrl = Annotated[str, BeforeValidator(_base_url)]
Issuer = Annotated[str, BeforeValidator(_issuer)]
DeviceReference = Annotated[str, BeforeValidator(_device)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class About(_Section):
    """``[domain]``: which domain this is, and its place in the cluster (sequence 1 migrates first)."""

    name: str = Field(min_length=1)
    environment: str = ""
    cluster: str = ""
    sequence: int = Field(default=1, ge=1, le=_MOST)


class Source(_Section):
    """``[source]``: what KT1 held, as a folder of messages or as an inventory made from it."""

    messages: Path | None = Field(default=None, strict=False)
    inventory: Path | None = Field(default=None, strict=False)

    @model_validator(mode="after")
    def _one(self) -> Source:
        if (self.messages is None) == (self.inventory is None):
            raise ValueError('needs either "messages" or "inventory"')
        return self


class Delivered(_Section):
    """``[target.delivered]``: which parts of the KT2 provision the domain has already."""

    idp: bool = True
    launch: bool = True
    audit: bool = True
    subscriptions: bool = True


class Target(_Section):
    """``[target]``: the KT2 domain, live or as a snapshot, and the release of its profiles."""

    fhir_base_url: BaseUrl | None = None
    snapshot: Path | None = Field(default=None, strict=False)
    profile_version: str = "0.16.3"
    delivered: Delivered = Delivered()

    @model_validator(mode="after")
    def _any(self) -> Target:
        if self.fhir_base_url is None and self.snapshot is None:
            raise ValueError('needs "fhir_base_url" or "snapshot"')
        return self


class Agreements(_Section):
    """``[agreements]``: the cluster's answers to what the mapping leaves open."""

    file: Path = Field(strict=False)


class Waivers(_Section):
    """``[waivers]``: findings that somebody accepts, by name."""

    file: Path = Field(strict=False)


class Confirmations(_Section):
    """``[confirmations]``: steps of the draaiboek that people confirm, by name."""

    file: Path = Field(strict=False)


class Difference(_Section):
    """``[[template.explained]]``: a difference with the template, by the name in its finding, and who says why."""

    what: str = Field(min_length=1)
    why: str = Field(min_length=1)
    who: str = Field(min_length=1)


class TemplateFile(_Section):
    """``[template]``: the ``report.json`` of the approved first domain of the cluster."""

    report: Path = Field(strict=False)
    explained: tuple[Difference, ...] = Field(default=(), strict=False)


class Client(_Section):
    """``[client]``: the suite's own application in the domain; the key stays in its own file."""

    client_id: str = Field(min_length=1)
    private_key_file: Path = Field(strict=False)
    key_id: str = Field(min_length=1)


class Application(_Section):
    """``[[application]]``: an application of the domain and what it is the agreed source of.

    ``announced`` says how many records of a KT1 kind it announced to hold (``announced = {Patient = 120}``).
    ``self_check`` is the ``report.json`` of the self-check that its vendor handed in.
    """

    name: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    device: DeviceReference
    role: Literal["portal", "module", "source"]
    owns: tuple[OwnedType, ...] = Field(default=(), strict=False)
    requires: tuple[str, ...] = Field(default=(), strict=False)
    announced: dict[str, Annotated[int, Field(ge=0, le=_MOST)]] = {}
    self_check: Path | None = Field(default=None, strict=False)


class Directory(_Section):
    """``[idp.directory]``: where the accounts are.

    ``url`` is the address of the SCIM service or of Keycloak itself, ``secret_env`` the environment variable with the
    bearer token or the client secret. ``attribute`` is the name under which the directory has the claim, where that is
    another name than the claim's own.
    """

    kind: Literal["csv", "scim", "keycloak"]
    file: Path | None = Field(default=None, strict=False)
    url: BaseUrl | None = None
    realm: str | None = Field(default=None, min_length=1)
    client_id: str | None = Field(default=None, min_length=1)
    secret_env: str | None = Field(default=None, min_length=1)
    attribute: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Directory:
        needed = _DIRECTORY_KEYS[self.kind]
        for key in ("file", "url", "realm", "client_id", "secret_env"):
            if key in needed and getattr(self, key) is None:
                raise ValueError(f'kind "{self.kind}" needs "{key}"')
            if key not in needed and getattr(self, key) is not None:
                raise ValueError(f'kind "{self.kind}" has no "{key}"; it needs {", ".join(needed)}')
        return self


_DIRECTORY_KEYS = {
    "csv": ("file",),
    "scim": ("url", "secret_env"),
    "keycloak": ("url", "realm", "client_id", "secret_env"),
}


class Login(_Section):
    """``[idp.login]``: how the suite logs a test account in."""

    kind: Literal["form", "browser", "manual"]


class IdentityProvider(_Section):
    """``[[idp]]``: which identity provider a user type logs in with, and which identifier it matches on."""

    user_type: UserType
    issuer: Issuer
    claim: str = Field(min_length=1)
    identifier_system: str = Field(min_length=1)
    application: str | None = None
    directory: Directory | None = None
    login: Login | None = None


class TestAccount(_Section):
    """A test account of ``[launch]``: the password is in the environment variable ``password_env``.

    ``person`` is whose account it is; without it that is looked up in the directory of the identity provider.
    """

    user_type: UserType
    username: str
    password_env: str
    person: Annotated[str, BeforeValidator(_person)] | None = None


class Elsewhere(_Section):
    """``[launch.elsewhere]``: a client of the suite in another domain, whose tokens must not work in this one."""

    fhir_base_url: BaseUrl
    client_id: str = Field(min_length=1)
    private_key_file: Path = Field(strict=False)
    key_id: str = Field(min_length=1)


class Launch(_Section):
    """``[launch]``: which applications, accounts and tasks to launch with.

    ``applications``: of a module the launch URL is used as a portal would; from a portal a launch is awaited at
    ``launch_uri``; of the suite itself (the one with the ``client_id`` of ``[client]``) it plays both. ``redirect_uri``
    is registered for the suite's client. ``other`` is a second client of the suite in this domain.
    """

    applications: tuple[str, ...] = Field(default=(), strict=False)
    accounts: tuple[TestAccount, ...] = Field(default=(), strict=False)
    tasks: tuple[str, ...] = Field(default=(), strict=False)
    redirect_uri: BaseUrl | None = None
    launch_uri: BaseUrl | None = None
    other: Client | None = None
    elsewhere: Elsewhere | None = None


class Domain(_Section):
    """A whole domain file. ``target`` is absent while a domain is only being prepared."""

    domain: About
    source: Source | None = None
    target: Target | None = None
    agreements: Agreements | None = None
    waivers: Waivers | None = None
    confirmations: Confirmations | None = None
    template: TemplateFile | None = None
    client: Client | None = None
    application: tuple[Application, ...] = Field(default=(), strict=False)
    idp: tuple[IdentityProvider, ...] = Field(default=(), strict=False)
    launch: Launch | None = None

    def owners(self, resource_type: str) -> tuple[Application, ...]:
        """The applications that are the agreed source of a KT2 resource type."""
        return tuple(app for app in self.application if resource_type in app.owns)


def load(path: Path, *, agreements_exist: bool = True, confirmations_exist: bool = True, target: bool = True) -> Domain:
    """Read a domain file.

    ``agreements_exist``, ``confirmations_exist`` False: the file of these that it names may have to be written yet.
    ``target`` False: KT2 is left alone, so the files for it may have to be made yet.

    Raises:
        InputError: the file, a file it names or an environment variable is missing, a key is unknown or a
            value has the wrong type; the sentence names the key and the nearest known one.

    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such domain file; make one with 'ktcheck init'") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"{path}: the domain file cannot be read: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: a number is too long or tables are nested too deep; correct the file") from None
    data = _expand(data, path, "")
    try:
        domain = Domain.model_validate(_absolute(data, path.resolve().parent))
    except ValidationError as error:
        raise InputError(f"{path}: {_sentence(error)}") from None
    _check_version(domain, path)
    _check_names(domain, path)
    if domain.template and domain.domain.sequence == 1:
        raise InputError(f"{path}: the first domain of a cluster has no [template], it becomes one; leave it out")
    _check_files(
        domain, path, agreements_exist=agreements_exist, confirmations_exist=confirmations_exist, target=target
    )
    return domain


def _expand(value: Any, path: Path, key: str) -> Any:
    """Replace every ``${NAME}`` by the environment variable of that name."""
    if isinstance(value, dict):
        return {name: _expand(item, path, f"{key}.{name}".lstrip(".")) for name, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, path, f"{key}[{number}]") for number, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            near = difflib.get_close_matches(name, os.environ, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; set it and call again"
            raise InputError(f"{path}: {key} needs the environment variable {name}, which is not set{hint}")
        return os.environ[name]

    return _VARIABLE.sub(variable, value)


_PATH_KEYS = (
    ("source", "messages"),
    ("source", "inventory"),
    ("target", "snapshot"),
    ("agreements", "file"),
    ("waivers", "file"),
    ("confirmations", "file"),
    ("template", "report"),
    ("client", "private_key_file"),
)


def _absolute(data: dict[str, Any], base: Path) -> dict[str, Any]:
    """Make the paths of the file absolute."""
    places = [(data.get(section), key) for section, key in _PATH_KEYS]
    launch = data.get("launch")
    if isinstance(launch, dict):
        places += [(launch.get(name), "private_key_file") for name in ("other", "elsewhere")]
    applications = data.get("application")
    if isinstance(applications, list):
        places += [(app, "self_check") for app in applications]
    providers = data.get("idp")
    if isinstance(providers, list):
        places += [(idp.get("directory"), "file") for idp in providers if isinstance(idp, dict)]
    for section, key in places:
        if isinstance(section, dict) and isinstance(section.get(key), str):
            section[key] = str(base / section[key])
    return data


def _check_version(domain: Domain, path: Path) -> None:
    """The tables know the release of the profiles; an unknown one would be judged by the wrong rules."""
    known = list(tables.migration().profile_versions)
    if domain.target and domain.target.profile_version not in known:
        version = domain.target.profile_version
        raise InputError(f"{path}: target.profile_version {version!r} is not known; known are {', '.join(known)}")


def _check_names(domain: Domain, path: Path) -> None:
    """Names that have to be unique, or to point to each other."""
    for what, values in (
        ("application.name", [app.name for app in domain.application]),
        ("application.client_id", [app.client_id for app in domain.application]),
        ("application.device", [app.device for app in domain.application]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise InputError(f"{path}: {what} {twice[0]!r} is there more than once; each application has its own")
    needs = list(tables.needs())
    for app in domain.application:
        for name in app.requires:
            if name not in needs:
                raise InputError(f"{path}: {app.name!r} requires {name!r}, which is not known{_nearest(name, needs)}")
    known = [app.name for app in domain.application]
    named = [idp.application for idp in domain.idp if idp.application]
    named += list(domain.launch.applications if domain.launch else ())
    for name in named:
        if name not in known:
            raise InputError(f"{path}: there is no application {name!r}{_nearest(name, known)}")
    kinds = list(tables.migration().rows)
    for app in domain.application:
        for kind in app.announced:
            if kind not in kinds:
                key = f"announced of application {app.name!r}"
                raise InputError(f"{path}: {key} names {kind!r}, which is no KT1 kind{_nearest(kind, kinds)}")


def _check_files(
    domain: Domain, path: Path, *, agreements_exist: bool, confirmations_exist: bool, target: bool
) -> None:
    """Every file or folder that the domain file names exists."""
    files = {
        "source.inventory": domain.source and domain.source.inventory,
        "agreements.file": domain.agreements and agreements_exist and domain.agreements.file,
        "waivers.file": domain.waivers and domain.waivers.file,
        "confirmations.file": domain.confirmations and confirmations_exist and domain.confirmations.file,
        "template.report": domain.template and domain.template.report,
        "client.private_key_file": domain.client and target and domain.client.private_key_file,
        **{
            f"idp.directory.file of {idp.user_type}": idp.directory and target and idp.directory.file
            for idp in domain.idp
        },
        **{f"self_check of application {app.name!r}": app.self_check for app in domain.application},
        **_launch_keys(domain.launch if target else None),
    }
    folders = {
        "source.messages": domain.source and domain.source.messages,
        "target.snapshot": domain.target and target and domain.target.snapshot,
    }
    for key, file in files.items():
        if file and not file.is_file():
            raise InputError(f"{path}: {key} names {file}, which is not a file")
    for key, folder in folders.items():
        if folder and not folder.is_dir():
            raise InputError(f"{path}: {key} names {folder}, which is not a folder")


def _launch_keys(launch: Launch | None) -> dict[str, Path]:
    clients = {"other": launch.other, "elsewhere": launch.elsewhere} if launch else {}
    return {f"launch.{name}.private_key_file": client.private_key_file for name, client in clients.items() if client}


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, as one sentence that names the key."""
    # A misspelt key also makes the right one missing: tell the cause, not the consequence.
    problem = min(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
    location = problem["loc"]
    key = _dotted(location)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}{_nearest(str(location[-1]), _known_keys(location[:-1]))}"
    if problem["type"] == "missing":
        return f"the key {key} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key} is wrong: {message[0].lower()}{message[1:]}"


def _dotted(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys that a section of the domain file may have."""
    model: type[BaseModel] = Domain
    for part in location:
        if isinstance(part, int):
            continue
        annotation: Any = model.model_fields[part].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next(item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel))
    return list(model.model_fields)


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(known)}" if known else ""
