"""What tokens and SMART configurations have to be, as ``problems``: shared by the rules about launches, pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ktcheck.findings import Severity

LAUNCH_SCOPE = frozenset({"launch", "openid", "fhirUser"})
MOST_SECONDS = 300
CLOCKS_DIFFER_SECONDS = 60

# Lists and not sets: what is looked up in them came from outside, and may be anything.
_ALGORITHMS = [f"{family}{bits}" for family in ("RS", "ES", "PS") for bits in (256, 384, 512)] + ["EdDSA"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with one part (a member, claim, parameter or field): in words without any value that was sent."""

    path: str
    nl: str
    en: str
    expected: Any = None
    actual: Any = None
    severity: Severity | None = None


def missing(path: str, expected: Any = None) -> Wrong:
    """A part that has to be there is not."""
    return Wrong(path=path, nl=f"{path} ontbreekt", en=f"{path} is missing", expected=expected)


def differs(path: str, expected: Any, actual: Any) -> Wrong:
    """A part has another value than it has to have."""
    return Wrong(
        path=path,
        nl=f"{path} heeft een andere waarde dan de afgesproken",
        en=f"{path} has another value than was agreed",
        expected=expected,
        actual=actual,
    )


def equal(path: str, expected: Any, actual: Any) -> Iterator[Wrong]:
    """A part has to be there with one value."""
    if actual is None:
        yield missing(path, expected)
    elif actual != expected:
        yield differs(path, expected, actual)


def audience(expected: str, actual: Any) -> Iterator[Wrong]:
    """``aud`` of a JWT is one party: as a text, or as a list with only that text (RFC 7519 4.1.3)."""
    yield from equal("aud", expected, actual[0] if isinstance(actual, list | tuple) and len(actual) == 1 else actual)


def signed_asymmetrically(algorithm: Any) -> Iterator[Wrong]:
    """No HMAC and no ``none`` (2021 specification eis 17, HTI 2.0)."""
    if algorithm not in _ALGORITHMS:
        yield Wrong(
            path="alg",
            nl="alg is geen asymmetrische handtekening",
            en="alg is no asymmetric signature",
            expected=_ALGORITHMS,
            actual=algorithm,
        )


def secure(address: Any) -> bool:
    """Whether an address is https, or on this machine itself."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def number(value: Any) -> int | float | None:
    """A NumericDate or a number of seconds, or None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def not_of_later(claims: Mapping[str, Any], now: float) -> Iterator[Wrong]:
    """``iat`` is there, and not in the future but for clocks that differ (seconds since 1970)."""
    issued = number(claims.get("iat"))
    if issued is None:
        yield missing("iat")
    elif issued > now + CLOCKS_DIFFER_SECONDS:
        yield Wrong(path="iat", nl="iat ligt in de toekomst", en="iat is in the future", expected=now, actual=issued)


def not_over(claims: Mapping[str, Any], now: float) -> Iterator[Wrong]:
    """``exp`` is there, and has not passed (seconds since 1970)."""
    until = number(claims.get("exp"))
    if until is None:
        yield missing("exp")
    elif until + CLOCKS_DIFFER_SECONDS <= now:
        yield Wrong(path="exp", nl="exp is al voorbij", en="exp has passed", expected=now, actual=until)


def exactly(path: str, expected: Iterable[str], actual: Any) -> Iterator[Wrong]:
    """A text of words: these and no others, in any order (OAuth 2.0 3.3)."""
    words = sorted(expected)
    if actual is None:
        yield missing(path, words)
    elif not isinstance(actual, str) or sorted(actual.split()) != words:
        yield differs(path, words, actual)
