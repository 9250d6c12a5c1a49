"""How the authorization service sends the browser back to a module (TOP-KT-007; RFC 6749 section 4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping

from ktcheck.launch.agent import Hop
from ktcheck.launch.calls import known_error
from ktcheck.launch.facts import Attempt, Callback
from ktcheck.launch.steps import Broken
from ktcheck.launch.trail import address, values

_ANSWER = frozenset({"code", "state", "error", "error_description", "error_uri"})


def callback(attempt: Attempt, asked: Mapping[str, str], status: int | None, back: Hop) -> Callback:
    """The fact about it: what the module ``asked``, the redirect's ``status``, and the request that came of it."""
    got = values(back)
    return Callback(
        attempt=attempt,
        status=status or 0,
        address_kept=address(back.url) == address(asked.get("redirect_uri", "")),
        code="code" in got,
        state_kept=got.get("state") == asked.get("state"),
        error=known_error(got.get("error")),
        others=tuple(sorted(got.keys() - _ANSWER)),
    )


def without_code(back: Hop) -> Broken:
    """A launch ends where the browser comes back without a code."""
    error = known_error(values(back).get("error"))
    return Broken(
        step="callback",
        reason_nl=f"de autorisatieservice stuurt de gebruiker zonder code terug ({error or 'en zonder foutcode'})",
        reason_en=f"the authorization service sends the user back without a code ({error or 'nor an error code'})",
    )
