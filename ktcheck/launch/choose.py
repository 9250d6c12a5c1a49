"""Which launches are tried: for each application and test account a task of that person, from the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktcheck import matching, references, tables
from ktcheck.domain import Application, Client, Domain, IdentityProvider, TestAccount, UserType
from ktcheck.errors import InputError
from ktcheck.launch.agent import password
from ktcheck.launch.facts import Attempt, Plays
from ktcheck.launch.messages import Task
from ktcheck.launch.people import People
from ktcheck.launch.receiver import check_local
from ktcheck.launch.ways import Kind
from ktcheck.launch.ways.chromium import check_browser
from ktcheck.snapshot.store import Snapshot

_LAUNCHABLE = frozenset({"ready", "in-progress"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A launch to be tried.

    ``address`` is the launch URL of a module, None when the suite plays it. ``portal``: the client_id of who launches.
    ``agreed`` is the issuer where the user has to log in, ``login`` how that is done.
    """

    attempt: Attempt
    application: Application
    account: TestAccount = field(repr=False)
    task: Task
    address: str | None
    agreed: str
    login: Kind
    task_migrated: bool
    person_migrated: bool
    has_account: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A task that can be launched: by whom, for which application (``Device/<id>``), and where."""

    task: Task
    users: tuple[str, ...]
    device: str | None
    address: str | None


def check(domain: Domain) -> None:
    """See to it that the domain file says all that a launch needs.

    Raises:
        InputError: something is missing, of the file or of the environment; the sentence names it.
    """
    launch = domain.launch
    assert launch is not None
    if not launch.accounts:
        raise InputError("[launch] has no accounts; add [[launch.accounts]] with a test account, or leave [launch] out")
    client = _client(domain)
    for name in launch.applications:
        plays = _plays(_application(domain, name), client)
        if "module" in plays:
            check_local(_needed(launch.launch_uri, "launch_uri", name), "launch_uri")
        if plays != ("portal",):
            _needed(launch.redirect_uri, "redirect_uri", name)
    for account in launch.accounts:
        for name in launch.applications:
            _check_login(domain, account, name)


def _check_login(domain: Domain, account: TestAccount, application: str) -> None:
    login = provider(domain, account.user_type, application).login
    assert login is not None
    if login.kind == "manual":
        launch = domain.launch
        assert launch is not None
        check_local(_needed(launch.redirect_uri, "redirect_uri", application), "redirect_uri")
        return
    password(account)
    if login.kind == "browser":
        check_browser()


def _needed(value: str | None, key: str, name: str) -> str:
    if value is None:
        raise InputError(f"[launch] has no {key}, which a launch with {name!r} needs; add it")
    return value


def _client(domain: Domain) -> Client:
    if domain.client is None:
        raise InputError("[launch] needs [client]: the suite's own application in the domain; add it")
    return domain.client


def _application(domain: Domain, name: str) -> Application:
    return next(app for app in domain.application if app.name == name)  # the domain file was checked for it


def _plays(application: Application, client: Client) -> tuple[Plays, ...]:
    """What the suite plays with an application: the other side of it; with its own (as in a self-check) also both."""
    if application.client_id == client.client_id:
        return ("both", "portal") if application.role == "module" else ("both",)
    if application.role == "source":
        raise InputError(
            f"[launch] applications names {application.name!r}, whose role is source: it cannot launch or be launched; "
            "give it the role portal or module, or leave it out"
        )
    return ("module",) if application.role == "portal" else ("portal",)


def provider(domain: Domain, user_type: UserType, application: str) -> IdentityProvider:
    """Where users of a type log in for an application: at its own identity provider, or at the domain's default.

    Raises:
        InputError: there is none, or nothing says how to log in there.
    """
    own = [item for item in domain.idp if item.user_type == user_type and item.application in {application, None}]
    own.sort(key=lambda item: item.application is None)
    if not own:
        raise InputError(
            f"[launch] has an account of a {user_type}, but there is no [[idp]] for that user type; add it"
        )
    if own[0].login is None:
        raise InputError(f"[[idp]] of {user_type} has no [idp.login], so nobody can log in there; add it")
    return own[0]


def choose(domain: Domain, snapshot: Snapshot, people: People, applications: Iterable[str]) -> list[Planned]:
    """The launches, in the order of the domain file; of who has no task that fits there is none."""
    launch, client = domain.launch, _client(domain)
    assert launch is not None
    users = [(account, person) for account in launch.accounts if (person := people.person(account))]
    active = set(_active(snapshot, {person for _, person in users}))
    tasks = _by_user(snapshot, domain, active)
    planned: list[Planned] = []
    wanted = [
        (application, plays, account, person)
        for application in (_application(domain, name) for name in applications)
        for plays in _plays(application, client)
        for account, person in users
        if person in active and person.startswith(f"{account.user_type}/")
    ]
    for application, plays, account, person in wanted:
        fitting = [item for item in tasks.get(person, ()) if _fits(item, plays, application)]
        found = _preferred(fitting, launch.tasks, people)
        if found is None:
            continue
        where = provider(domain, account.user_type, application.name)
        assert where.login is not None
        planned.append(
            Planned(
                attempt=Attempt(
                    id=f"L{len(planned) + 1}",
                    plays=plays,
                    application=application.name,
                    user_type=account.user_type,
                    person=person,
                    task=found.task.reference,
                ),
                application=application,
                account=account,
                task=found.task,
                address=found.address if plays == "portal" else None,
                agreed=where.issuer,
                login=where.login.kind,
                task_migrated=people.is_migrated(found.task.reference),
                person_migrated=people.is_migrated(person),
                has_account=people.has_one_account(account.user_type, person, where.application),
            )
        )
    return planned


def find_task(domain: Domain, snapshot: Snapshot, reference: str) -> Task | None:
    """A task of the domain, whoever it is for and whatever its status; None when there is none."""
    base_url = domain.target.fhir_base_url if domain.target else None
    found = (item for item in snapshot.resources("Task") if f"Task/{item['id']}" == reference)
    return next((_task(resource, base_url) for resource in found), None)


def _task(resource: Mapping[str, Any], base_url: str | None) -> Task:
    intent = resource.get("intent")
    return Task(
        reference=f"Task/{resource['id']}",
        definition=references.extension(resource, tables.references().instantiates, base_url),
        patient=references.target(resource.get("for"), base_url),
        intent=intent if isinstance(intent, str) else None,
    )


def _fits(item: Open, plays: Plays, application: Application) -> bool:
    """A module launches tasks of its own definitions; where the suite is the module any task will do."""
    return plays != "portal" or (item.device == application.device and item.address is not None)


def _preferred(fitting: list[Open], wanted: tuple[str, ...], people: People) -> Open | None:
    """One that the domain file names, or else the first that was migrated."""
    for item in fitting:
        if item.task.reference in wanted:
            return item
    return next((item for item in fitting if people.is_migrated(item.task.reference)), None)


def _active(snapshot: Snapshot, persons: set[str]) -> Iterator[str]:
    """Those who are there and may log in."""
    for kind in sorted({person.partition("/")[0] for person in persons}):
        for resource in snapshot.resources(kind):
            name = f"{kind}/{resource['id']}"
            if name in persons and resource.get("active") is not False:
                yield name


def with_tasks(domain: Domain, snapshot: Snapshot, people: People) -> Iterator[tuple[TestAccount, str, Task, bool]]:
    """The test accounts whose person is known and has a task, with both, and whether that person is active."""
    launch = domain.launch
    assert launch is not None
    users = {person: account for account in launch.accounts if (person := people.person(account))}
    active = set(_active(snapshot, set(users)))
    tasks = _by_user(snapshot, domain, set(users))
    for person, account in users.items():
        items = tasks.get(person, [])
        chosen = _preferred(items, launch.tasks, people) or next(iter(items), None)
        if chosen and person.startswith(f"{account.user_type}/"):
            yield account, person, chosen.task, person in active


def _by_user(snapshot: Snapshot, domain: Domain, users: set[str]) -> dict[str, list[Open]]:
    """What each user can launch: first what he has to do himself, then what is there for him."""
    base_url = domain.target.fhir_base_url if domain.target else None
    found: dict[str, list[Open]] = {}
    for item in _open(snapshot, base_url, users):
        for user in item.users:
            if user in users:
                found.setdefault(user, []).append(item)
    for user, items in found.items():
        items.sort(key=lambda item, own=user: item.users[0] != own)  # type: ignore[misc]
    return found


def _open(snapshot: Snapshot, base_url: str | None, users: set[str]) -> Iterator[Open]:
    """The tasks of some users that can be launched now."""
    table = tables.references()
    endpoints = {
        f"Endpoint/{resource['id']}": address
        for resource in snapshot.resources("Endpoint")
        if isinstance(address := resource.get("address"), str)
    }
    definitions: dict[str, tuple[str | None, str | None]] = {}
    for resource in snapshot.resources("ActivityDefinition"):
        device = references.extension(resource, table.origin, base_url)
        endpoint = references.extension(resource, table.endpoint, base_url)
        definitions[f"ActivityDefinition/{resource['id']}"] = device, endpoints.get(endpoint or "")
    for resource in snapshot.resources("Task"):
        if resource.get("status") not in _LAUNCHABLE or "partOf" in resource or matching.is_clean_up(resource):
            continue
        task, owner = _task(resource, base_url), references.target(resource.get("owner"), base_url)
        named = tuple(user for user in dict.fromkeys((owner, task.patient)) if user in users)
        device, address = definitions.get(task.definition or "", (None, None))
        if named:
            yield Open(task=task, users=tuple(user for user in named if user), device=device, address=address)
