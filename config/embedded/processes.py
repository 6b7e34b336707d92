"""Processes by their number, which outlives them: in files, and for a while in the kernel."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

import psutil


def living_process(pid: int) -> psutil.Process | None:
    """The process of this number; None where it has ended.

    One that has ended and was not collected by its parent still has its number, for ever where the first process of a
    container collects nothing.
    """
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None


def has_ended(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def wait_until_ended(processes: Iterable[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Wait for all of them to end, and return those that have not."""
    give_up_at = time.monotonic() + seconds
    waiting = [process for process in processes if not has_ended(process)]
    while waiting and time.monotonic() < give_up_at:
        time.sleep(0.02)
        waiting = [process for process in waiting if not has_ended(process)]
    return waiting


def end(processes: Iterable[psutil.Process], *, seconds: float) -> None:
    """Ask all of them to end, and kill those that have not after a while."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    left = wait_until_ended(asked, seconds=seconds)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until_ended(left, seconds=5)
