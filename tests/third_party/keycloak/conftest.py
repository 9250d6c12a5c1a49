"""Keycloak, started once for all tests that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import third_parties
from tests.third_party.keycloak import server
from tests.third_party.keycloak.distribution import AbsentError


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """A running Keycloak; it is empty but for its administrator."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    shared = folder / "keycloak"
    shared.mkdir(mode=0o700, exist_ok=True)
    try:
        with server.shared(shared) as running:
            yield running
    except AbsentError as error:
        third_parties.absent("keycloak", str(error))
