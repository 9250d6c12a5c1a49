"""The two ways in which ktcheck stops without a verdict.

The text of an error is one sentence for the user: what is wrong, where, and what to do. It never holds a
personal value or a secret, because it ends up on consoles and in logs.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class KtcheckError(Exception):
    """What the command line prints as one sentence; ``exit_code`` is the contract's exit code."""

    exit_code = 3


class InputError(KtcheckError):
    """The call or a file is wrong: exit code 2."""

    exit_code = 2


class RunError(KtcheckError):
    """The run could not be completed, so there is no verdict: exit code 3."""

    exit_code = 3


def our_fault(error: BaseException) -> RunError:
    """What is told of an error that is nobody's but ours: its kind and place.

    Its text may hold a personal value, and so may a traceback.
    """
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    return RunError(f"a fault in ktcheck itself ({where}); please report it with this line")


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Let nothing but a ``KtcheckError`` out."""
    try:
        yield
    except KtcheckError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is: no traceback)
        raise our_fault(error) from None
