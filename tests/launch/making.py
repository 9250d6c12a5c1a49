"""Keys, signers and tasks for tests of launches; invented, and the same each time where that matters."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ktcheck.launch.messages import Fresh, Signer, Task
from ktcheck.smart import keys
from ktcheck.smart.keys import Algorithm, SigningKey

NOW = 1_800_000_000
BASE = "https://kt2.example/api/v1/zorgvoorbeeld/fhir/r4"
PATIENT = "Patient/00000000-0000-4000-8000-000000000001"
TASK = Task(
    reference="Task/00000000-0000-4000-8000-000000000002",
    definition="ActivityDefinition/00000000-0000-4000-8000-000000000003",
    patient=PATIENT,
    intent="plan",
)


@cache
def key(kind: Algorithm = "ES256") -> SigningKey:
    with TemporaryDirectory() as folder:
        return keys.load(keys.make(Path(folder) / "key", kind).private_key_file)


def signer(client_id: str = "suite", kind: Algorithm = "ES256") -> Signer:
    return Signer(client_id=client_id, key_id=f"key-of-{client_id}", algorithm=kind, key=key(kind))


def fixed() -> Fresh:
    """The moment stands still, and what has to be new is counted."""
    numbers = itertools.count(1)
    return Fresh(
        now=lambda: NOW,
        unguessable=lambda: f"unguessable-{next(numbers):031d}",
        identifier=lambda: f"00000000-0000-4000-8000-{next(numbers):012d}",
    )


def beginning_with(identifier: str) -> Fresh:
    """Of which the first identifier is known: that of the HTI token is the trace id of a launch."""
    fresh, first = Fresh(), iter((identifier,))
    return replace(fresh, identifier=lambda: next(first, None) or fresh.identifier())
