"""How long it takes to try everything that has to be refused, at a practice service.

The practice service answers from the same process, so the figure is of both sides together.

    PYTHONPATH=. python benchmarks/refusals.py [times]        # default 3

Prints seconds and processor seconds, requests and secrets for each time, and what was not refused or not tried.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from ktcheck.launch.refusals.attempts import try_refusals
from tests.launch.served import serve


def main() -> None:
    """As often as the command line says."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "domain") as served:
        means = served.means()
        for _ in range(times):
            served.evidence.clear()
            served.secrets.clear()
            began, busy = time.perf_counter(), time.process_time()
            refusals = asyncio.run(try_refusals(means, served.outside, lambda _done, _total: None))
            seconds, busy = time.perf_counter() - began, time.process_time() - busy
            print(
                f"{len(refusals)} refusals in {seconds:.1f} s ({busy:.1f} s of the processor): "
                f"{len(served.evidence)} requests, {len(set(served.secrets))} secrets"
            )
            for refusal in refusals:
                if refusal.accepted or refusal.gap or not (refusal.good_before and refusal.good_after):
                    print(f"  {refusal}")


if __name__ == "__main__":
    main()
