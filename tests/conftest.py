"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# No test is timed: the first example of a run also pays for loading the tables.
settings.register_profile("ktcheck", deadline=None)
settings.load_profile("ktcheck")
