"""A run to seal, a key to seal it with, and the bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from ktcheck.bundle import keys
from ktcheck.bundle.seal import seal
from ktcheck.output import RunWriter
from ktcheck.privacy import Redactor
from ktcheck.report.build import write_all
from tests.report.samples import sample


def write_run(folder: Path, kind: str = "rejected", **changes: Any) -> Path:
    """A finished run with evidence, findings, and things that have no place in a bundle."""
    with RunWriter(folder, Redactor()) as writer:
        for number in range(5):
            exchange = {"method": "GET", "path": "/Patient", "status": 200, "milliseconds": number}
            writer.append_line("evidence/exchanges.ndjson", exchange)
        writer.append_line("findings.ndjson", {"actual": "GEHEIM"})
        writer.write_text("evidence/scherm.png", "GEHEIM")
        writer.write_text("snapshot/Patient.ndjson", "GEHEIM")
        write_all({**sample(kind), **changes}, writer)
        return writer.commit()


@dataclass(frozen=True)
class Sealed:
    """A bundle on disk, the keys of who sealed it, and the run."""

    path: Path
    run: Path
    key: keys.SealingKey
    key_file: Path
    jwks: Path

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()

    @property
    def jwk(self) -> dict[str, str]:
        found: dict[str, str] = orjson.loads(self.jwks.read_bytes())["keys"][0]
        return found


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    place = tmp_path_factory.mktemp("bundle")
    run = write_run(place / "run")
    pair = keys.make(place / "key")
    key = keys.load_private(pair.private_key_file)
    path = place / "b.zip"
    path.write_bytes(seal(run, key=key))
    return Sealed(path, run, key, pair.private_key_file, pair.jwks_file)
