"""Check digits of codes and numbers, by the name that ``profiles/code-systems.yaml`` gives the way to compute them.

Every function takes a code of the right form and tells whether its last digit follows from the ones before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# The dihedral group of order ten, and a permutation that shifts with the place of a digit (Verhoeff 1969).
_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_SHIFT = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = _SHIFT[digit]
    return digit


_TERM = re.compile(r"\|[^|]*\|")
_IDENTIFIER = re.compile(r"[0-9]{6,18}")


def verhoeff(code: str) -> bool:
    """A SNOMED CT identifier, or each of those in an expression (Technical Implementation Guide, 6.3)."""
    return all(_verhoeff(number) for number in _IDENTIFIER.findall(_TERM.sub("", code)))


def _verhoeff(number: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = _D5[check][_permuted(int(digit), place)]
    return check == 0


def mod10(code: str) -> bool:
    """A LOINC code: the digit after the hyphen (LOINC Users' Guide, appendix C); parts and answers (L...) have none."""
    if code.startswith("L"):
        return True
    number, _, last = code.partition("-")
    digits = [int(digit) for digit in reversed(number)]
    total = sum(sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return (total + int(last)) % 10 == 0


def eleven(code: str) -> bool:
    """A citizen service number: the eleven-test, in which the last digit counts against; nine zeros stand for none."""
    total = sum(int(digit) * weight for digit, weight in zip(code, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0 and code.strip("0") != ""


CHECKS: Mapping[str, Callable[[str], bool]] = {"verhoeff": verhoeff, "mod10": mod10, "eleven": eleven}
