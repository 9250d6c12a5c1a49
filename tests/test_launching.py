"""What a scenario about launches needs of the domain file, and what is said when it is not there."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.launching import Launching
from ktcheck.domain import Domain
from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError

Json = dict[str, Any]
LIVE = {"fhir_base_url": "https://fhir.example/zorgvoorbeeld"}
SUITE = {"name": "ktcheck", "client_id": "suite", "device": "Device/suite", "role": "module"}
MODULE = {"name": "Rustwijzer", "client_id": "m", "device": "Device/m", "role": "module"}
PORTAL = {"name": "Voorbeeldportaal", "client_id": "p", "device": "Device/p", "role": "portal"}
CLIENT = {"client_id": "suite", "private_key_file": "/k", "key_id": "k"}
ACCOUNT = {"user_type": "Patient", "username": "u", "password_env": "P"}
IDP = {"issuer": "https://idp.example", "claim": "nummer", "identifier_system": "https://s.example"}


def domain(*launched: str, **changes: Any) -> Domain:
    """A domain that launches with some applications; a section that is None is left out."""
    sections: Json = {
        "domain": {"name": "zorgvoorbeeld"},
        "target": LIVE,
        "client": CLIENT,
        "application": [SUITE, MODULE, PORTAL],
        "idp": [{**IDP, "user_type": "Patient"}, {**IDP, "user_type": "RelatedPerson"}],
        "launch": {"applications": list(launched), "accounts": [ACCOUNT]},
        **changes,
    }
    return Domain.model_validate({name: section for name, section in sections.items() if section is not None})


def launching(
    found: Domain, *, own: str | None = None, persons: int = 1, others: int = 0, hidden: frozenset[str] = frozenset()
) -> Launching:
    """``own`` is whose self-check it is; ``persons`` how many there are of a type, for it and for others."""
    applications = {app.name: app for app in found.application}
    prepared = SimpleNamespace(
        domain=found,
        context=SimpleNamespace(own=applications[own] if own else None, hidden_types=hidden),
        assessment=SimpleNamespace(examined=lambda _, __: persons, left_to_others=lambda _, __: others),
    )
    return Launching(cast("Prepared", prepared))


def outcome(step: Callable[[], None]) -> tuple[Status, bool] | None:
    """What kept a scenario from going on, and whether that is excused."""
    try:
        step()
    except NotShownError as error:
        return error.status, error.excused
    return None


BLOCKED = (Status.BLOCKED, False)
EXCUSED = (Status.NOT_RUN, True)
NOT_SHOWN = (Status.NOT_EVIDENCED, False)


@pytest.mark.parametrize(
    ("found", "own", "expected"),
    [
        pytest.param(domain("Rustwijzer"), None, None, id="all there"),
        pytest.param(domain(target=None), None, BLOCKED, id="nothing migrated yet"),
        pytest.param(domain(target={"snapshot": "/s"}), None, BLOCKED, id="a snapshot alone"),
        pytest.param(domain(target={**LIVE, "snapshot": "/s"}), None, BLOCKED, id="a snapshot of a live domain"),
        pytest.param(domain(launch=None), None, BLOCKED, id="no [launch]"),
        pytest.param(domain("Rustwijzer", client=None), None, BLOCKED, id="no [client]"),
        pytest.param(domain("Rustwijzer"), "Rustwijzer", None, id="the self-check of a module that is launched"),
        pytest.param(domain("Rustwijzer"), "Voorbeeldportaal", EXCUSED, id="of another one"),
        pytest.param(domain(launch=None), "Rustwijzer", EXCUSED, id="a self-check without [launch]"),
    ],
)
def test_possible(found: Domain, own: str | None, expected: tuple[Status, bool] | None) -> None:
    assert outcome(launching(found, own=own).possible) == expected


@pytest.mark.parametrize(
    ("user_type", "persons", "others", "expected"),
    [
        pytest.param("Patient", 1, 0, None, id="an account"),
        pytest.param("Patient", 0, 0, None, id="an account, whoever there is"),
        pytest.param("Practitioner", 1, 0, EXCUSED, id="no identity provider"),
        pytest.param("RelatedPerson", 1, 0, NOT_SHOWN, id="people and no account"),
        pytest.param("RelatedPerson", 0, 1, NOT_SHOWN, id="people of another application and no account"),
        pytest.param("RelatedPerson", 0, 0, EXCUSED, id="nobody"),
    ],
)
def test_account(user_type: str, persons: int, others: int, expected: tuple[Status, bool] | None) -> None:
    given = launching(domain("Rustwijzer"), persons=persons, others=others)
    assert outcome(lambda: given.account(user_type)) == expected


@pytest.mark.parametrize(
    ("launched", "module", "portal", "both"),
    [
        ((), EXCUSED, EXCUSED, NOT_SHOWN),
        (("Rustwijzer",), None, EXCUSED, NOT_SHOWN),
        (("Voorbeeldportaal",), EXCUSED, None, NOT_SHOWN),
        (("ktcheck",), EXCUSED, EXCUSED, None),
        (("ktcheck", "Rustwijzer", "Voorbeeldportaal"), None, None, None),
    ],
)
def test_with_which_applications(launched: tuple[str, ...], module: Any, portal: Any, both: Any) -> None:
    given = launching(domain(*launched))
    assert (outcome(given.module), outcome(given.portal), outcome(given.both)) == (module, portal, both)


@pytest.mark.parametrize(("own", "module"), [("Rustwijzer", None), ("Voorbeeldportaal", EXCUSED)])
def test_a_self_check_is_of_a_module_and_leaves_the_rest_to_the_acceptance_run(own: str, module: Any) -> None:
    client = {**CLIENT, "client_id": {"Rustwijzer": "m", "Voorbeeldportaal": "p"}[own]}
    given = launching(domain(own, client=client), own=own)
    assert (outcome(given.module), outcome(given.portal), outcome(given.both)) == (module, EXCUSED, EXCUSED)


@pytest.mark.parametrize(
    ("hidden", "own", "expected"),
    [
        (frozenset(), None, None),
        (frozenset({"Patient"}), None, None),
        (frozenset({"AuditEvent"}), None, BLOCKED),
        (frozenset({"AuditEvent"}), "Rustwijzer", None),
    ],
)
def test_log(hidden: frozenset[str], own: str | None, expected: tuple[Status, bool] | None) -> None:
    assert outcome(launching(domain("Rustwijzer"), own=own, hidden=hidden).log) == expected
