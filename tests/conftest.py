"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import third_parties
from tests.accessibility import LocalPages
from tests.accessibility import local_pages as started

# No test is timed: the first example of a run also pays for loading the tables.
settings.register_profile("ktcheck", deadline=None)
settings.load_profile("ktcheck")


@pytest.fixture(scope="module")
def local_pages() -> Iterator[LocalPages]:
    """Chromium for files on disk, one for each module of tests."""
    with started(third_parties.chromium()) as pages:
        yield pages
