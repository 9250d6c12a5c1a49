"""Official FHIR packages for tests: where they are, or why they are not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from ktcheck.conformance.package import Package, read

DATA = Path(os.environ.get("KT_DATA", Path(__file__).parents[3] / "shared" / "data")) / "fhir"

R4 = "hl7.fhir.r4.core-4.0.1"
DUTCH = {
    "0.8": ("nictiz.fhir.nl.r4.zib2020-0.10.0-beta.1", "nictiz.fhir.nl.r4.nl-core-0.10.0-beta.1"),
    "0.16.3": ("nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4", "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4"),
}


@cache
def package(name: str) -> Package:
    """An official package; the test is skipped where it is absent."""
    path = DATA / f"{name}.tgz"
    if not path.is_file():
        pytest.skip(f"{name} is not in KT_DATA (default ../shared/data)")
    return read(path)


def examples(folder: Path) -> Path:
    """HL7's own R4 examples (an npm package), fetched into a folder; the test is skipped where that is impossible."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm to fetch hl7.fhir.r4.examples with")
    command = [npm, "pack", "--silent", "hl7.fhir.r4.examples@4.0.1"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
    found = next(folder.glob("hl7.fhir.r4.examples*.tgz"), None)
    if done.returncode or found is None:
        pytest.skip("npm could not fetch hl7.fhir.r4.examples")
    return found
