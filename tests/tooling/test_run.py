"""`make run` from start to end, with real processes, in production mode so that no demo is seeded."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from config.embedded.processes import wait_until_ended

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {"DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE"}
HEALTHY = {
    "status": "ok",
    "database": "ok",
    "cache": "ok",
    "broker": "ok",
    "worker": "ok",
    "migrations": "ok",
}


class Installation:
    """A data folder and a port, and the supervisor that was started last."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.address = f"http://127.0.0.1:{port}"
        clean = {name: value for name, value in os.environ.items() if name not in SERVICES}
        self.environment = clean | {
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "PARKZERO_MODE": "production",
            "SECRET_KEY": "only for this test, and long enough to please the checks",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{port}",
            "SMTP_HOST": "127.0.0.1",
        }

    def start(self):
        """Start, wait until the portal says that it is ready, and return the supervisor."""
        log = self.folder.with_suffix(".log")
        with log.open("w") as output:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "config.supervisor"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        give_up_at = time.monotonic() + 310
        while f"ParkZero is ready at {self.address}\n" not in log.read_text():
            assert supervisor.poll() is None, log.read_text()
            assert time.monotonic() < give_up_at, log.read_text()
            time.sleep(0.1)
        return supervisor

    @property
    def terminal(self):
        return self.folder.with_suffix(".log").read_text()

    def health(self):
        with urllib.request.urlopen(f"{self.address}/healthz", timeout=10) as answer:
            return json.load(answer)

    def processes(self):
        """Those that were started with this data folder, the servers included."""
        return [process for process in psutil.process_iter() if self.is_mine(process)]

    def is_mine(self, process):
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get("DATA_DIR") == str(self.folder) or str(self.folder) in " ".join(
                process.cmdline()
            )
        except psutil.Error:
            return False


@pytest.fixture
def installation(unused_tcp_port):
    # Not pytest's own folder: it is closed to the account that the servers of root run under.
    folder = Path(tempfile.mkdtemp(prefix="parkzero-"))
    installation = Installation(folder, unused_tcp_port)
    yield installation
    left = installation.processes()
    for process in left:
        process.kill()
    wait_until_ended(left, seconds=5)
    shutil.rmtree(folder)
    folder.with_suffix(".log").unlink()


@pytest.fixture
def unused_tcp_port():
    from config.embedded.ports import free_port

    return free_port()


def test_everything_starts_survives_a_kill_and_stops_together(installation):
    killed = installation.start()
    assert installation.health() == HEALTHY
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert installation.processes() != []

    bereft = installation.start()
    beat = next(process for process in installation.processes() if "beat" in process.cmdline())
    beat.kill()
    assert bereft.wait(timeout=30) == 128 + signal.SIGKILL
    log = installation.folder / "logs" / "beat.log"
    assert installation.terminal.splitlines()[-1] == (
        f"The beat was killed (SIGKILL), so ParkZero has stopped. What it wrote: {log}. Start again: nothing is lost."
    )

    supervisor = installation.start()
    assert installation.health() == HEALTHY
    assert installation.terminal.splitlines()[-1] == f"ParkZero is ready at {installation.address}"
    assert [line for line in installation.terminal.splitlines() if line.startswith("{") or "|" in line] == []
    assert sorted(path.name for path in (installation.folder / "logs").glob("*.log")) == [
        "beat.log",
        "system.log",
        "web.log",
        "worker.log",
    ]
    supervisor.send_signal(signal.SIGTERM)

    assert supervisor.wait(timeout=30) == 0
    assert wait_until_ended(installation.processes(), seconds=5) == []
