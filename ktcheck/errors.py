"""The two ways in which ktcheck stops without a verdict.

The text of an error is one sentence for the user: what is wrong, where, and what to do. It never holds a
personal value or a secret, because it ends up on consoles and in logs.
"""

from __future__ import annotations

import traceback
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


def our_mistake(error: BaseException) -> RunError:
    """What is told of an error that is nobody's but ours: its kind and place, not its text, which may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "ktcheck" in Path(frame.filename).parts] or frames
    place = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return RunError(
        f"this is a mistake in ktcheck ({type(error).__name__}{place}), so there is no verdict; report it to its makers"
    )
