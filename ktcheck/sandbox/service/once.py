"""What may be used once: the jti of assertions and launches (TOP-KT-007, TOP-KT-021)."""

from __future__ import annotations

import time


class Once:
    """Remembers names for as long as what they belong to could still be valid."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def first(self, name: str, until: float) -> bool:
        """Whether a name is used for the first time; ``until`` (seconds since 1970) it is remembered."""
        now = time.time()
        self._until = {key: end for key, end in self._until.items() if end > now}
        if name in self._until:
            return False
        self._until[name] = until
        return True
