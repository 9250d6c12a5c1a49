"""Judging a whole domain: ktcheck's one pass beside what one would write by hand.

By hand is: parse every KT2 resource with fhir.resources, keep the migration identifiers in a dictionary and look up
every KT1 link. That answers one question (is it there?); ktcheck answers all of its rules in the same run.

    PYTHONPATH=. python benchmarks/judge.py [patients ...]        # default 250 1000 4000

Each measurement runs in a process of its own, so that peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fhir.resources.R4B import get_fhir_model_class

from ktcheck import tables
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.snapshot.store import Snapshot
from ktcheck.source.inventory import Inventory
from tests.practice import assess_offline, examined, write_domain


def by_hand(folder: Path) -> int:
    """Presence only; returns how many records were looked up."""
    snapshot, system = Snapshot.open(folder / "snapshot"), tables.migration().system
    there = set()
    for resource_type in snapshot.types():
        model = get_fhir_model_class(resource_type)
        for content in snapshot.resources(resource_type):
            parsed = model.model_validate(content)
            for identifier in getattr(parsed, "identifier", None) or ():
                if identifier.system and identifier.system.startswith(system):
                    there.add(identifier.value)
    records = list(Inventory.open(folder / "inventory.ndjson").records())
    return sum(record.key in there for record in records) and len(records)


def one_pass(folder: Path) -> int:
    """All rules; returns how many things they examined."""
    prepared = assess_offline(folder / "domain.toml", folder)
    return sum(examined(prepared).values())


WAYS = {"by-hand": by_hand, "ktcheck": one_pass}


def measure(way: str, folder: Path) -> dict[str, float]:
    """Time and peak memory of one way, in this process."""
    start = time.perf_counter()
    checks = WAYS[way](folder)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "checks": checks,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main(sizes: list[int]) -> None:
    """Make domains of these sizes and measure both ways on each."""
    print(f"{'patients':>9} {'resources':>10} {'way':>8} {'checks':>9} {'seconds':>8} {'checks/s':>9} {'MB':>6}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_domain(PracticeDomain(1, size), folder)
            snapshot = Snapshot.open(folder / "snapshot")
            resources = sum(1 for kind in snapshot.types() for _ in snapshot.resources(kind))
            for way in WAYS:
                command = [sys.executable, __file__, "--measure", way, name]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                got = json.loads(done.stdout)
                rate = got["checks"] / got["seconds"]
                print(
                    f"{size:>9} {resources:>10} {way:>8} {got['checks']:>9} {got['seconds']:>8.2f} "
                    f"{rate:>9.0f} {got['megabytes']:>6.0f}"
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main([int(size) for size in sys.argv[1:]] or [250, 1_000, 4_000])
