"""Locks on files of the data folder, which the kernel drops with the process, however it dies.

POSIX record locks, because a child made by fork does not inherit them: a server forked from a command must not keep
the command's lock. They count per process, and closing any handle of the file drops them: one handle for each lock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock, hold it for the block."""
    with path.open("a") as handle:
        fcntl.lockf(handle, fcntl.LOCK_EX)
        yield


def share(path: Path) -> TextIO:
    """Take a shared lock, held until the handle is closed or the process ends."""
    handle = path.open("a+")
    fcntl.lockf(handle, fcntl.LOCK_SH)
    return handle


def take(handle: TextIO) -> bool:
    """Turn the lock into an exclusive one; False where another process holds it too."""
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
