from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stamina

from ktcheck.domain import Client, Domain
from ktcheck.snapshot.download import take
from ktcheck.snapshot.store import Manifest, TypeCount
from tests.snapshot.fake import Fake, client_of, domain_of, serving


@dataclass
class Bench:
    """A served fake, a domain file for it, and where snapshots and evidence go."""

    fake: Fake
    domain: Domain
    folder: Path
    evidence: list[dict[str, Any]] = field(default_factory=list)
    progress: list[tuple[str, int, int | None]] = field(default_factory=list)

    @property
    def directory(self) -> Path:
        return self.folder / "snapshot"

    def take(self, **options: Any) -> dict[str, TypeCount]:
        return {count.type: count for count in self.manifest(**options).types}

    def manifest(self, **options: Any) -> Manifest:
        return take(
            self.domain,
            self.directory,
            progress=lambda *told: self.progress.append(told),
            evidence=self.evidence.append,
            **options,
        )

    def left_behind(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Client, dict[str, Any]]:
    return client_of(tmp_path_factory.mktemp("key"))


@pytest.fixture
def bench(registered: tuple[Client, dict[str, Any]], tmp_path: Path) -> Iterator[Bench]:
    client, jwks = registered
    with serving(Fake(jwks)) as fake:
        yield Bench(fake, domain_of(fake.base_url, client), tmp_path)


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    """Try again at once; waiting for Retry-After stays as it is."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)
