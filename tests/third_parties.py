"""What some tests need that pip does not install. Not there: the test is skipped, or fails where it was promised.

``KTCHECK_REQUIRE=browser,keycloak`` is such a promise: CI makes it for what it installed, so that a test that no
longer finds its third party cannot pass for one that ran.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def absent(name: str, reason: str) -> NoReturn:
    """Skips the test, or fails it when ``name`` is in ``KTCHECK_REQUIRE``."""
    if name in os.environ.get("KTCHECK_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, and KTCHECK_REQUIRE says it has to be there", pytrace=False)
    pytest.skip(reason)


def chromium() -> Path:
    """The system's Chromium, or the browser that ``KTCHECK_CHROMIUM`` names."""
    named = os.environ.get("KTCHECK_CHROMIUM")
    for candidate in (named,) if named else CHROMIUM:
        if found := shutil.which(candidate):
            return Path(found)
    absent("browser", "no Chromium on this machine (install it, or name it in KTCHECK_CHROMIUM)")
