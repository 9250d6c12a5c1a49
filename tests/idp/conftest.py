from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import stamina

from ktcheck.domain import Directory as Settings
from ktcheck.idp.accounts import DirectoryAccount
from ktcheck.idp.directory import open_directory
from tests.idp.fake import CLAIM, REALM, SECRET, Fake, serving


@dataclass
class Bench:
    """A served fake, and a way to read directories; what was recorded and told to be secret meanwhile."""

    fake: Fake
    origin: str
    evidence: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def settings(self, kind: str, **keys: Any) -> Settings:
        own: dict[str, dict[str, Any]] = {
            "scim": {"url": f"{self.origin}/scim", "secret_env": "IDP_SECRET"},
            "keycloak": {
                "url": self.origin,
                "realm": REALM,
                "client_id": "ktcheck",
                "secret_env": "IDP_SECRET",
            },
        }
        return Settings.model_validate({"kind": kind, **own.get(kind, {}), **keys})

    def read(self, settings: Settings, attribute: str = CLAIM) -> tuple[list[DirectoryAccount], int | None]:
        """All accounts, as often as they are given, and how many the directory says it has."""
        directory = open_directory(
            settings, attribute, evidence=self.evidence.append, trace_id="trace", secret=self.secrets.append
        )

        async def run() -> tuple[list[DirectoryAccount], int | None]:
            accounts = [account async for page in directory.pages() for account in page]
            return accounts, await directory.total()

        return asyncio.run(run())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IDP_SECRET", SECRET)
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def bench() -> Iterator[Bench]:
    fake = Fake()
    with serving(fake) as origin:
        yield Bench(fake, origin)
