"""Which launches are tried, and with whom: from a snapshot of a few resources."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.launch.choose import Planned, check, choose, find_task
from ktcheck.sandbox.vocabulary import ENDPOINT_EXTENSION, INSTANTIATES, RESOURCE_ORIGIN
from ktcheck.snapshot.store import Snapshot
from tests.launch.running import Everybody
from tests.practice import write_snapshot

Json = dict[str, Any]
BASE = "https://kt2.example/fhir/r4"


def domain(**changes: Any) -> Domain:
    launch: Json = {
        "applications": ["Rustwijzer"],
        "accounts": [
            {"user_type": "Patient", "username": "p1", "password_env": "KTCHECK_P1", "person": "Patient/p1"},
            {"user_type": "Practitioner", "username": "b1", "password_env": "KTCHECK_B1", "person": "Practitioner/b1"},
        ],
        "redirect_uri": "http://127.0.0.1:8765/callback",
        "launch_uri": "http://127.0.0.1:8766/launch",
        **changes,
    }
    return Domain.model_validate({
        "domain": {"name": "zorgvoorbeeld"},
        "target": {"fhir_base_url": BASE},
        "client": {"client_id": "suite", "private_key_file": "key.pem", "key_id": "k"},
        "application": [
            {"name": "Rustwijzer", "client_id": "rust", "device": "Device/rust", "role": "module"},
            {"name": "Portaal", "client_id": "portaal", "device": "Device/portaal", "role": "portal"},
            {"name": "Bron", "client_id": "bron", "device": "Device/bron", "role": "source"},
            {"name": "ktcheck", "client_id": "suite", "device": "Device/suite", "role": "portal"},
        ],
        "idp": [
            {
                "user_type": user_type,
                "issuer": f"https://idp.example/{user_type}",
                "claim": "id",
                "identifier_system": "http://idp.example",
                "login": {"kind": "form"},
            }
            for user_type in ("Patient", "Practitioner")
        ],
        "launch": launch,
    })  # fmt: skip


def extension(url: str, reference: str) -> Json:
    return {"url": url, "valueReference": {"reference": reference}}


def task(
    own: str, owner: str = "Patient/p1", subject: str = "Patient/p1", definition: str = "rust", **other: Any
) -> Json:
    return {
        "resourceType": "Task",
        "id": own,
        "status": "ready",
        "intent": "plan",
        "extension": [extension(INSTANTIATES, f"ActivityDefinition/{definition}")],
        "for": {"reference": subject},
        "owner": {"reference": owner},
        **other,
    }


def taken(folder: Path, tasks: Iterable[Json], *, active: bool = True) -> Snapshot:
    resources: list[Json] = [
        {"resourceType": "Patient", "id": "p1", "active": active},
        {"resourceType": "Practitioner", "id": "b1"},
        {"resourceType": "Endpoint", "id": "e1", "address": "https://module.example/launch"},
    ]
    for own, device, endpoint in (("rust", "rust", "e1"), ("other", "andere", "e1"), ("nowhere", "rust", "gone")):
        extensions = [
            extension(RESOURCE_ORIGIN, f"Device/{device}"),
            extension(ENDPOINT_EXTENSION, f"Endpoint/{endpoint}"),
        ]
        resources.append({"resourceType": "ActivityDefinition", "id": own, "extension": extensions})
    write_snapshot([*resources, *tasks], folder / "snapshot")
    return Snapshot.open(folder / "snapshot")


class Migrated(Everybody):
    """Of the tasks only those that are not called ``new``."""

    def is_migrated(self, name: str) -> bool:
        return "new" not in name


def chosen(folder: Path, held: Iterable[Json], *, active: bool = True, **changes: Any) -> list[Planned]:
    tested = domain(**changes)
    assert tested.launch
    return choose(tested, taken(folder, held, active=active), Migrated(tested), tested.launch.applications)


def test_a_module_launches_tasks_of_its_own_at_its_own_address(tmp_path: Path) -> None:
    tasks = [
        task("other", definition="other"),
        task("nowhere", definition="nowhere"),
        task("done", status="completed"),
        task("part", partOf=[{"reference": "Task/x"}]),
        task("of-somebody", owner="Patient/p2", subject="Patient/p2"),
        task("new-1"),
        task("good", owner=f"{BASE}/Patient/p1"),
        task("good-2"),
    ]
    (found,) = chosen(tmp_path, tasks)
    assert (found.attempt.id, found.attempt.plays, found.attempt.task) == ("L1", "portal", "Task/good")
    assert found.address == "https://module.example/launch"
    assert found.agreed == "https://idp.example/Patient"
    assert (found.task.definition, found.task.patient, found.task.intent) == (
        "ActivityDefinition/rust", "Patient/p1", "plan",
    )  # fmt: skip


def test_what_somebody_has_to_do_himself_comes_first(tmp_path: Path) -> None:
    found = chosen(tmp_path, [task("of-practitioner", owner="Practitioner/b1"), task("own")])
    assert [(one.attempt.person, one.attempt.task) for one in found] == [
        ("Patient/p1", "Task/own"),
        ("Practitioner/b1", "Task/of-practitioner"),
    ]


def test_the_domain_file_has_the_last_word_on_the_task(tmp_path: Path) -> None:
    (found,) = chosen(tmp_path, [task("good"), task("new-1")], tasks=("Task/new-1",))
    assert found.attempt.task == "Task/new-1"
    assert not found.task_migrated
    assert found.person_migrated


def test_who_is_not_active_launches_nothing(tmp_path: Path) -> None:
    assert chosen(tmp_path, [task("good")], active=False) == []


def test_with_the_suite_itself_any_task_will_do(tmp_path: Path) -> None:
    (found,) = chosen(tmp_path, [task("good", definition="other")], applications=("ktcheck",))
    assert (found.attempt.plays, found.address, found.attempt.application) == ("both", None, "ktcheck")


def test_from_a_portal_a_launch_is_awaited(tmp_path: Path) -> None:
    (found,) = chosen(tmp_path, [task("good")], applications=("Portaal",))
    assert (found.attempt.plays, found.address) == ("module", None)


def test_a_task_is_found_by_its_reference(tmp_path: Path) -> None:
    snapshot = taken(tmp_path, [task("done", status="completed")])
    found = find_task(domain(), snapshot, "Task/done")
    assert found
    assert found.definition == "ActivityDefinition/rust"
    assert find_task(domain(), snapshot, "Task/gone") is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"accounts": []}, "accounts"),
        ({"applications": ["Bron"]}, "role is source"),
        ({"applications": ["ktcheck"], "redirect_uri": None}, "redirect_uri"),
        ({"applications": ["Portaal"], "launch_uri": "https://ktcheck.example/launch"}, "launch_uri"),
        ({"applications": ["Rustwijzer"]}, "KTCHECK_P1"),
        (
            {"accounts": [{"user_type": "RelatedPerson", "username": "r", "password_env": "KTCHECK_R"}]},
            "no \\[\\[idp\\]\\] for that user type",
        ),
    ],
)
def test_what_is_missing_is_told(changes: Json, named: str) -> None:
    with pytest.raises(InputError, match=named):
        check(domain(**changes))


def test_nobody_can_log_in_without_a_way_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KTCHECK_P1", "KTCHECK_B1"):
        monkeypatch.setenv(name, "een-wachtwoord")
    check(domain())
    tested = domain()
    silent = tested.model_copy(update={"idp": tuple(idp.model_copy(update={"login": None}) for idp in tested.idp)})
    with pytest.raises(InputError, match=r"\[idp.login\]"):
        check(silent)
