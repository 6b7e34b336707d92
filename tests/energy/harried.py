"""Files for a park that is left in peace and one whose worker, database and broker are killed again and again.

`python -m tests.energy.harried DEATHS DUMP`, on servers of its own (DATA_DIR), brings the same files into both and
prints a line of JSON: who was killed how often, and whether both hold the same in the end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import django

# The settings start the servers.
django.setup()

from django.db import OperationalError, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from config.celery import app  # noqa: E402
from config.embedded import postgres, valkey  # noqa: E402
from config.environment import data_dir  # noqa: E402
from config.failures import CannotStart  # noqa: E402
from energy.formats import text  # noqa: E402
from energy.models import ReadingImport  # noqa: E402
from energy.models.imports import LONGEST_WAIT  # noqa: E402
from energy.services.readings import resume_import, take_up_abandoned  # noqa: E402
from tenancy.scopes import park_scope, platform_scope  # noqa: E402
from tenancy.services import relay_events  # noqa: E402
from tests.energy.cases import bring_in, take_in  # noqa: E402
from tests.energy.restarts import content, place, state_of  # noqa: E402

SEED = 20261123
FIRST_DAY = date(2026, 3, 1)
DAYS_OF_A_FILE = 3
SECONDS_TO_END = 120
WORKER = ["--quiet", "worker", "--pool=solo", "--without-mingle", "--without-gossip", "--loglevel=ERROR"]


class Services:
    """The servers of the data folder, and a worker; each can be killed, and started again where it was."""

    def __init__(self) -> None:
        self.postgres, self.valkey = data_dir() / "postgres", data_dir() / "valkey"
        self.worker: int | None = None

    def kill(self, name: str) -> None:
        getattr(self, f"_kill_{name}")()

    def _kill_database(self) -> None:
        lines = (self.postgres / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
        wait_until(lambda: postgres.running_port(self.postgres) is None)
        # At the port of before, which the others know.
        settings = postgres.SETTINGS | postgres.THROWAWAY_SETTINGS | {"port": lines[3]}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        wait_until(lambda: self._database_starts(options))

    def _database_starts(self, options: str) -> bool:
        """Processes of the killed server may not have ended yet."""
        try:
            postgres.run_pg_ctl(self.postgres, "start", "-l", str(postgres.log_of(self.postgres)), "-o", options)
        except CannotStart:
            return False
        return True

    def _kill_broker(self) -> None:
        server = valkey.server_process(self.valkey)
        assert server is not None
        server.kill()
        wait_until(lambda: valkey.server_process(self.valkey) is None)
        wait_until(lambda: self._broker_starts(json.loads((data_dir() / "passwords.json").read_text())["valkey"]))

    def _broker_starts(self, password: str) -> bool:
        valkey.run_server(self.valkey)
        port = valkey.written_port(self.valkey)
        assert port is not None
        return valkey.wait_for_pid(self.valkey) and valkey.wait_until_ready(self.valkey, port, password, seconds=20)

    def _kill_worker(self) -> None:
        if self.worker:
            os.kill(self.worker, signal.SIGKILL)
            os.waitpid(self.worker, 0)
        self.start_worker()

    def keep_worker(self) -> None:
        """Start one where the last has ended by itself, as whoever supervises it does."""
        if self.worker is None or os.waitpid(self.worker, os.WNOHANG) != (0, 0):
            self.start_worker()

    def start_worker(self) -> None:
        """A fork: Django and the project are loaded once."""
        self.worker = os.fork()
        if not self.worker:
            app.worker_main(WORKER)
            os._exit(0)


def restore(dump: str) -> None:
    """The migrated database of the tests; migrating another one takes longer than all the deaths."""
    program = [postgres.program("psql"), os.environ["OWNER_DATABASE_URL"], "--quiet", "--no-psqlrc"]
    subprocess.run([*program, "--set=ON_ERROR_STOP=1", f"--file={dump}"], check=True, stdout=subprocess.DEVNULL)


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 30
    while not is_so():
        if time.monotonic() > give_up_at:
            raise TimeoutError(is_so)
        time.sleep(0.02)


def main(deaths: int, dump: str) -> None:
    app.conf.task_always_eager = False
    text.pieces.__defaults__ = (3000,)
    restore(dump)
    calm, calm_feed = place()
    harried, feed = place()
    files = [
        content(date(2026, 3, 1) + timedelta(days=DAYS_OF_A_FILE * number), DAYS_OF_A_FILE) for number in range(deaths)
    ]
    services, chance, killed, brought = Services(), random.Random(SEED), Counter[str](), []

    def nudge(hours: int) -> bool:
        """What the beat does, hours later: take up what was left, send what waits; the next file where none is at work.

        A file that was given up is resumed, as its person would.
        """
        try:
            with park_scope(harried.pk):
                take_up_abandoned(harried.pk, timezone.now() + hours * 2 * LONGEST_WAIT)
                for failed in ReadingImport.objects.filter(state="failed"):
                    resume_import(failed, now=timezone.now())
                is_busy = ReadingImport.objects.filter(state__in=("queued", "running")).exists()
                if not is_busy and killed.total() < deaths:
                    brought.append(take_in(feed, files[len(brought)]).pk)
            with platform_scope():
                relay_events(timezone.now())
        except OperationalError:
            return True
        finally:
            connections.close_all()
        return is_busy

    nudge(0)
    services.keep_worker()
    while killed.total() < deaths:
        time.sleep(chance.uniform(0.1, 1.5))
        victim = chance.choice(("worker", "database", "broker"))
        services.kill(victim)
        killed[victim] += 1
        services.keep_worker()
        nudge(killed.total())
    give_up_at = time.monotonic() + SECONDS_TO_END
    while nudge(deaths) and time.monotonic() < give_up_at:
        time.sleep(0.1)
        services.keep_worker()
    os.kill(services.worker, signal.SIGKILL)
    os.waitpid(services.worker, 0)

    with park_scope(calm.pk):
        undisturbed = [bring_in(calm_feed, files[number]).pk for number in range(len(brought))]
    pairs = [
        (state_of(harried, ours), state_of(calm, theirs)) for ours, theirs in zip(brought, undisturbed, strict=True)
    ]
    told = {
        "killed": killed,
        "files": len(brought),
        "states": Counter(ours[0] for ours, _theirs in pairs),
        "unlike": [number for number, (ours, theirs) in enumerate(pairs) if ours != theirs],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
