"""`make run`: everything an installation needs, started in order, watched, and stopped together.

Checks what can be checked, starts the embedded services, prepares the database, then keeps web server, worker and beat
running until one of them ends or somebody stops them. A fault that a person can mend is one line and exit status 1.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

import psutil
from honcho.manager import Manager

from config.embedded import ended_services, ensure_services, locks, make_data_folder
from config.embedded.processes import end
from config.environment import data_dir
from config.failures import CannotStart
from config.preflight import (
    read_port,
    refuse_open_demo,
    refuse_taken_port,
    refuse_unusable_broker,
    refuse_unusable_databases,
)
from config.process_logs import ProcessLogs

# Every process that is started carries it, so that the next start can find those that outlived a killed supervisor.
MARK = "PARKZERO_RUN"
READY_SECONDS = 300
WATCH_SECONDS = 2
# What the manager reports when somebody stopped it: that is no failure.
STOPPED_BY_SIGNAL = frozenset({128 + signal.SIGTERM, 128 + signal.SIGINT})
ANY_ADDRESS = "0.0.0.0"  # noqa: S104
CELERY = ["celery", "--quiet", "--app=config.celery"]
PROCESSES = {
    "web": ["-m", "gunicorn", "--config", "python:config.gunicorn"],
    # It has no neighbours to look for.
    "worker": ["-m", *CELERY, "worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle", "--without-gossip"],
    "beat": ["-m", *CELERY, "beat", "--loglevel=INFO"],
}


def main() -> int:
    # Uploads and mail are nobody else's on this machine.
    os.umask(0o077)
    signal.signal(signal.SIGTERM, stop_orderly)
    signal.signal(signal.SIGHUP, stop_orderly)
    try:
        return supervise()
    except CannotStart as fault:
        print(fault, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def stop_orderly(_number: int, _frame: FrameType | None) -> None:
    """Leave by the front door, so that what is registered for the end of the process still happens."""
    sys.exit(0)


def supervise() -> int:
    host, port = os.environ.get("HOST") or "127.0.0.1", read_port()
    refuse_open_demo(host)
    folder = make_data_folder(data_dir())
    with claim(folder):
        end([process for process in psutil.process_iter() if is_left_over(process, folder)], seconds=5)
        refuse_taken_port(host, port)
        refuse_unusable_databases()
        refuse_unusable_broker()
        say("Starting the database and the broker")
        ensure_services(folder, keep_running=False)
        environment = os.environ | {MARK: str(folder), "PROMETHEUS_MULTIPROC_DIR": str(empty_metrics_folder(folder))}
        accounts = prepare(environment)
        return run_processes(folder, environment, host, port, accounts)


def claim(folder: Path) -> TextIO:
    """Make this the one supervisor of the folder, until the handle is closed or the process ends."""
    handle = (folder / "supervisor.lock").open("a+")
    handle.seek(0)
    other = handle.read().strip()
    if not locks.take(handle):
        raise CannotStart(
            f"ParkZero already runs with the data folder {folder} (process {other}): stop it, "
            "or choose another folder with DATA_DIR and another port with PORT."
        )
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def is_left_over(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == str(folder)
    except psutil.Error:
        # It has ended, or is somebody else's.
        return False


def empty_metrics_folder(folder: Path) -> Path:
    """Where the web processes put their numbers together; those of an earlier run must not be counted again."""
    metrics = folder / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(mode=0o700)
    return metrics


def prepare(environment: Mapping[str, str]) -> str:
    """Migrate, collect, seed; returns the lines about the demo accounts. In a process of its own: see its module."""
    outcome = subprocess.run(
        [sys.executable, "-m", "config.preparation"], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if outcome.returncode != 0:
        raise CannotStart("The database could not be prepared: what went wrong stands above.")
    return outcome.stdout.strip()


def run_processes(folder: Path, environment: Mapping[str, str], host: str, port: int, accounts: str) -> int:
    """Run web server, worker and beat until one ends, then stop the others; returns the status of the first to end."""
    say("Starting web server, worker and beat")
    logs = ProcessLogs(folder / "logs")
    manager = Manager(logs)
    for name, arguments in PROCESSES.items():
        # Without exec a shell would stand between, and take the signals.
        manager.add_process(name, f"exec {shlex.join([sys.executable, *arguments])}", env=dict(environment))
    notes = filter(None, [accounts, f"Logs: {logs.folder}", passkey_note(host, port)])
    threading.Thread(target=announce, args=(manager, host, port, list(notes)), daemon=True).start()
    is_over = threading.Event()
    threading.Thread(target=watch, args=(manager, folder, is_over), daemon=True).start()
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    # From here on the servers are stopped on purpose.
    is_over.set()
    status = int(manager.returncode or 0)
    if logs.ended_alone:
        say(words_of_end(*logs.ended_alone, logs.folder))
    if status in STOPPED_BY_SIGNAL:
        say("ParkZero has stopped")
        return 0
    # As a shell says it: a process that a signal killed.
    return 128 - status if status < 0 else status


def words_of_end(name: str, status: int, logs: Path) -> str:
    """Why everything stopped, when one process ended by itself.

    >>> words_of_end("worker", -9, Path("var/logs")).partition(".")[0]
    'The worker was killed (SIGKILL), so ParkZero has stopped'
    """
    way = f"was killed ({signal.Signals(-status).name})" if status < 0 else f"ended with status {status}"
    log = logs / f"{name}.log"
    return f"The {name} {way}, so ParkZero has stopped. What it wrote: {log}. Start again: nothing is lost."


def passkey_note(host: str, port: int) -> str:
    """Browsers make passkeys for names, never for a bare number of a machine."""
    return f"To try passkeys open http://localhost:{port}" if host in {"127.0.0.1", ANY_ADDRESS} else ""


def announce(manager: Manager, host: str, port: int, notes: Sequence[str]) -> None:
    """Print the notes and the address once the portal answers; stop everything where it does not."""
    address = f"http://{'127.0.0.1' if host == ANY_ADDRESS else host}:{port}"
    give_up_at = time.monotonic() + READY_SECONDS
    state = "no answer"
    while time.monotonic() < give_up_at:
        time.sleep(0.5)
        state = read_health(f"{address}/healthz")
        if not state:
            print("", *notes, f"ParkZero is ready at {address}", sep="\n", flush=True)
            return
    print(f"ParkZero did not get ready in {READY_SECONDS} seconds; {address}/healthz: {state}", file=sys.stderr)
    manager.returncode = 1
    manager.terminate()


def watch(manager: Manager, folder: Path, is_over: threading.Event) -> None:
    """Stop everything, in words, when the database or the broker has ended: without them nothing can be done."""
    while not is_over.wait(WATCH_SECONDS):
        ended = ended_services(folder)
        if ended:
            say(f"{' and '.join(ended)} has ended, so ParkZero stops. Start again: nothing is lost.")
            manager.returncode = 1
            manager.terminate()
            return


def read_health(address: str) -> str:
    """What is wrong according to the portal itself; nothing when it is well."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*")
    request = urllib.request.Request(address, headers={"Host": host} if host else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
