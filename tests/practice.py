"""Ready-made runs on the practice domain for tests: offline, with the manifest that a correct download would have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ktcheck import domain as domains
from ktcheck.agreements import questions
from ktcheck.cli.practice import write_agreements, write_confirmations, write_waivers
from ktcheck.events import Bus
from ktcheck.findings import Finding
from ktcheck.preparation import Prepared, prepare
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import CONFIRMED
from ktcheck.snapshot.store import RESOURCE_TYPES, Manifest, TypeCount
from ktcheck.source import inventory
from ktcheck.source.messages import RawMessage
from ktcheck.tables import rules

# A domain that was migrated without a fault has nothing to accept.
ONLY_WITH_A_FAULT = {"waivers.current", "waivers.used", "waivers.narrow"} | {
    # And it is the first of its cluster, so it repeats nothing.
    rule
    for rule in rules()
    if rule.startswith("repetition.")
}


def write_snapshot(resources: Iterable[dict[str, Any]], folder: Path) -> None:
    """Stream resources into a snapshot folder, with a manifest that fits."""
    folder.mkdir(parents=True)
    counts: Counter[str] = Counter()
    files: dict[str, BinaryIO] = {name: (folder / f"{name}.ndjson").open("wb") for name in RESOURCE_TYPES}
    for resource in resources:
        counts[resource["resourceType"]] += 1
        files[resource["resourceType"]].write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
    for file in files.values():
        file.close()
    types = tuple(
        TypeCount(
            type=name,
            pages=1,
            entries=counts[name],
            distinct=counts[name],
            duplicates=0,
            total_before=counts[name],
            total_after=counts[name],
            changed=False,
            rights="all",
            supported=True,
            self_logging=name == "AuditEvent",
        )
        for name in RESOURCE_TYPES
    )
    manifest = Manifest(
        format=1,
        taken_from="https://acc21.example/api/v1/zorgvoorbeeld/fhir/r4",
        started="2026-01-01T00:00:00Z",
        finished="2026-01-01T00:01:00Z",
        software={},
        fhir_version="4.0.1",
        profile_release=None,
        types=types,
    )
    (folder / "snapshot.json").write_bytes(orjson.dumps(manifest.record()))


def write_domain(
    practice: PracticeDomain,
    folder: Path,
    *,
    messages: Iterable[tuple[str, bytes]] | None = None,
    resources: Iterable[dict[str, Any]] | None = None,
    agreements: Mapping[str, str] | None = None,
    waivers: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """What a run of a practice domain needs: inventory, snapshot, agreements, waivers, confirmations; its domain file.

    ``agreements`` (None: all that the table proposes) and ``waivers`` are as in ``Materialised``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    raw = practice.messages() if messages is None else messages
    inventory.build((RawMessage(name=name, data=data) for name, data in raw), folder / "inventory.ndjson")
    write_snapshot(practice.resources() if resources is None else resources, folder / "snapshot")
    defaults = {key: question.default for key, question in questions().items()}
    write_agreements(folder / "afspraken.toml", defaults if agreements is None else agreements)
    write_waivers(folder / "waivers.toml", waivers)
    text = practice.domain_toml(
        snapshot=folder / "snapshot",
        agreements=Path("afspraken.toml"),
        waivers=Path("waivers.toml"),
        confirmations=Path("bevestigingen.toml"),
    )
    path = folder / "domain.toml"
    path.write_text(text.replace("[target]", '[source]\ninventory = "inventory.ndjson"\n\n[target]'), encoding="utf-8")
    write_confirmations(path, CONFIRMED)
    return path


def assess_offline(domain_file: Path, folder: Path) -> Prepared:
    """Read and judge a domain without a server and without pytest."""
    work = folder / "work"
    work.mkdir()
    return prepare(domains.load(domain_file), work, Bus(), evidence=lambda _: None, secret=lambda _: None)


def all_findings(prepared: Prepared) -> dict[str, list[Finding]]:
    """Every finding by rule."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for rule in rules():
        for scope in prepared.assessment.scopes(rule):
            found[rule] += prepared.assessment.findings(rule, scope)
    return {rule: findings for rule, findings in found.items() if findings}


def examined(prepared: Prepared) -> dict[str, int]:
    """How many things each rule examined."""
    assessment = prepared.assessment
    return {rule: sum(assessment.examined(rule, scope) for scope in assessment.scopes(rule)) for rule in rules()}


def needs_a_server(rule: str) -> bool:
    """Whether a rule looks at what is seen or tried at a service, of which a domain on disk has none."""
    return rules()[rule].area in {"idp", "launch", "autorisatie", "logging"}
