"""Runs a command for as long as anybody uses it: ``watch.py USERS ANNOUNCEMENT COMMAND...``.

A user holds a shared lock on the file USERS, and the system takes it back from a process that ends, however it ends.
So no server stays behind after Ctrl-C, a crash or a kill. ANNOUNCEMENT, which tells newcomers of the server, is
removed first. This program leads a process group of its own, and ends that as a whole.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO


def _in_use(users: BinaryIO) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def main(users: str, announcement: str, *command: str) -> None:
    """Start the command and end it."""
    with Path(users).open("rb") as file:
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while running.poll() is None and _in_use(file):
            time.sleep(0.2)
        Path(announcement).unlink(missing_ok=True)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
