"""PostgreSQL and Valkey in the data folder, for whoever names no servers of their own."""

from __future__ import annotations

import atexit
import json
import os
import secrets
from functools import partial
from pathlib import Path
from typing import TextIO

import psycopg

from config.embedded import locks, postgres, valkey
from config.embedded.account import write_private
from config.embedded.ports import LOCAL
from config.failures import CannotStart
from tenancy.bootstrap import bootstrap_cluster

__all__ = ["ended_services", "ensure_services", "make_data_folder"]

DATABASE = "parkzero"
PASSWORDS = ("superuser", "owner", "app", "valkey")

# The locks by which other processes see that this one uses the services of a folder.
_in_use: dict[Path, TextIO] = {}
_used: dict[Path, list[str]] = {}


def ensure_services(data_dir: Path, *, keep_running: bool) -> None:
    """Set DATABASE_URL, OWNER_DATABASE_URL and REDIS_URL where they are not set, to servers of this folder.

    Servers that run already are used; else they are started. At the end of this process they are stopped, unless
    another process uses them still or `keep_running` says not to. Safe to repeat, safe to call from several processes
    at once. Raises CannotStart. In test mode the data will be thrown away, and nobody waits for the disk.
    """
    needs_database, needs_broker = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not (needs_database or needs_broker):
        return
    data_dir = make_data_folder(data_dir)
    with locks.exclusive(data_dir / "starting.lock"):
        passwords = read_passwords(data_dir)
        claim(data_dir, passwords, keep_running=keep_running)
        if needs_database:
            os.environ.update(database_urls(data_dir, passwords))
            _used.setdefault(data_dir, []).append("PostgreSQL")
        if needs_broker:
            port = valkey.ensure_running(data_dir / "valkey", passwords["valkey"])
            os.environ["REDIS_URL"] = f"redis://:{passwords['valkey']}@{LOCAL}:{port}/0"
            _used.setdefault(data_dir, []).append("Valkey")


def ended_services(data_dir: Path) -> list[str]:
    """Of the servers of this folder that this process uses, those that have ended, by their names."""
    lives = {"PostgreSQL": partial(postgres.is_running, data_dir / "postgres"), "Valkey": partial(has_valkey, data_dir)}
    return [name for name in _used.get(data_dir, ()) if not lives[name]()]


def has_valkey(data_dir: Path) -> bool:
    return valkey.server_process(data_dir / "valkey") is not None


def make_data_folder(data_dir: Path) -> Path:
    """The folder, absolute, made where it is missing. Raises CannotStart where nothing can be written in it."""
    folder = data_dir.expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except (FileExistsError, NotADirectoryError) as error:
        raise CannotStart(
            f"The data folder {folder} cannot be made, as a file stands in its place: name another one with DATA_DIR."
        ) from error
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} is not writable ({error.strerror}): give yourself the right to write there, "
            "or name another folder with DATA_DIR."
        ) from error
    return folder


def read_passwords(data_dir: Path) -> dict[str, str]:
    """The passwords of this folder's servers, made on first use and readable for their owner only."""
    path = data_dir / "passwords.json"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        write_private(unfinished, json.dumps({name: secrets.token_urlsafe(24) for name in PASSWORDS}))
        unfinished.replace(path)
    passwords: dict[str, str] = json.loads(path.read_text())
    return passwords


def database_urls(data_dir: Path, passwords: dict[str, str]) -> dict[str, str]:
    port = postgres.ensure_running(
        data_dir / "postgres", passwords["superuser"], durable=os.environ.get("PARKZERO_MODE") != "test"
    )
    superuser = f"postgresql://{postgres.SUPERUSER}:{passwords['superuser']}@{LOCAL}:{port}/postgres"
    try:
        bootstrap_cluster(superuser, DATABASE, passwords["owner"], passwords["app"])
    except psycopg.OperationalError as error:
        raise CannotStart(
            f"PostgreSQL in {data_dir} does not let its superuser in: put back the passwords.json that was made "
            "with it, or name another folder with DATA_DIR."
        ) from error
    return {
        "DATABASE_URL": f"postgresql://app:{passwords['app']}@{LOCAL}:{port}/{DATABASE}",
        "OWNER_DATABASE_URL": f"postgresql://owner:{passwords['owner']}@{LOCAL}:{port}/{DATABASE}",
    }


def claim(data_dir: Path, passwords: dict[str, str], *, keep_running: bool) -> None:
    """Let other processes see that this one uses the services, and stop them at its end if it is the last."""
    if data_dir in _in_use:
        return
    _in_use[data_dir] = locks.share(data_dir / "in-use.lock")
    if not keep_running:
        atexit.register(partial(stop_if_last, data_dir, passwords, os.getpid()))


def stop_if_last(data_dir: Path, passwords: dict[str, str], claimed_by: int) -> None:
    # A forked child inherits what was registered at exit; the services are not its to stop.
    if os.getpid() != claimed_by or not data_dir.exists():
        return
    with locks.exclusive(data_dir / "starting.lock"), _in_use.pop(data_dir) as handle:
        if locks.take(handle):
            valkey.stop(data_dir / "valkey", passwords["valkey"])
            postgres.stop(data_dir / "postgres")
