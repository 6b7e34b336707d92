"""The embedded services, for real: in folders of their own, killed, shared, started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config import embedded
from config.embedded.processes import living_process, wait_until_ended

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
# Takes the services of a folder, says where they are, and keeps them until it is told to end.
USER = """
import json, os, sys
from pathlib import Path
from config.embedded import ensure_services
ensure_services(Path(sys.argv[1]), keep_running=False)
print(json.dumps({name: os.environ[name] for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")}), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the services of a folder."""

    def __init__(self, folder):
        clean = {name: value for name, value in os.environ.items() if name not in SERVICES}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=ROOT,
            # The tests' own database does not wait for the disk; this one does.
            env=clean | {"PARKZERO_MODE": "demo"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addresses = json.loads(self.process.stdout.readline())

    def end(self):
        self.process.communicate("", timeout=60)

    def kill(self):
        self.process.kill()
        self.process.communicate()


@contextmanager
def user_of(folder):
    user = User(folder)
    try:
        yield user
    finally:
        user.end()


def servers(folder):
    """PostgreSQL's and Valkey's processes of the folder; None where one does not run."""
    return tuple(
        living_process(int(path.read_text().splitlines()[0])) if path.exists() else None
        for path in (folder / "postgres" / "postmaster.pid", folder / "valkey" / "valkey.pid")
    )


def execute(address, statement):
    with psycopg.connect(address) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="module")
def folder():
    # Not pytest's own folder: it is closed to the account that the servers of root run under.
    path = Path(tempfile.mkdtemp(prefix="parkzero-"))
    yield path
    wait_until_ended([server for server in servers(path) if server], seconds=10)
    shutil.rmtree(path)


@pytest.mark.usefixtures("_no_servers_left")
class TestServices:
    @pytest.fixture
    def _no_servers_left(self, folder):
        yield
        assert servers(folder) == (None, None)

    def test_services_start_and_stop_with_their_user(self, folder):
        with user_of(folder) as user:
            assert execute(user.addresses["DATABASE_URL"], "SELECT session_user::text") == [("app",)]
            assert execute(user.addresses["OWNER_DATABASE_URL"], "SELECT session_user::text") == [("owner",)]
            assert redis.Redis.from_url(user.addresses["REDIS_URL"]).ping()

    def test_a_second_user_takes_the_running_services_and_keeps_them(self, folder):
        with user_of(folder) as second:
            with user_of(folder) as first:
                assert first.addresses == second.addresses
            assert execute(second.addresses["DATABASE_URL"], "SELECT 1") == [(1,)]

    def test_services_of_a_killed_user_are_taken_over(self, folder):
        killed = User(folder)
        killed.kill()

        with user_of(folder) as user:
            assert user.addresses == killed.addresses

    def test_what_was_written_survives_killed_servers(self, folder, monkeypatch):
        monkeypatch.setitem(embedded._used, folder, ["PostgreSQL", "Valkey"])
        user = User(folder)
        execute(user.addresses["OWNER_DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
        redis.Redis.from_url(user.addresses["REDIS_URL"]).set("kept", "7")
        time.sleep(1.2)  # Valkey writes to disk once a second.
        killed = servers(folder)
        assert embedded.ended_services(folder) == []
        for server in killed:
            server.send_signal(signal.SIGKILL)
        user.kill()
        assert wait_until_ended(killed, seconds=5) == []
        assert embedded.ended_services(folder) == ["PostgreSQL", "Valkey"]

        with user_of(folder) as user:
            assert execute(user.addresses["OWNER_DATABASE_URL"], "SELECT number FROM kept") == [(7,)]
            assert redis.Redis.from_url(user.addresses["REDIS_URL"]).get("kept") == b"7"

    def test_a_number_that_another_program_got_is_not_taken_for_the_server(self, folder):
        with user_of(folder):
            pass
        stale = f"{os.getpid()}\n{folder / 'postgres'}\n1\n5432\n\n127.0.0.1\n\nready\n"
        (folder / "postgres" / "postmaster.pid").write_text(stale)
        (folder / "valkey" / "valkey.pid").write_text(str(os.getpid()))

        with user_of(folder) as user:
            assert execute(user.addresses["DATABASE_URL"], "SELECT 1") == [(1,)]
            assert redis.Redis.from_url(user.addresses["REDIS_URL"]).ping()


@pytest.fixture(scope="module")
def addresses(folder):
    with user_of(folder) as user:
        yield user.addresses


def test_nobody_gets_in_without_the_password(addresses):
    for name in ("postgres", "owner", "app"):
        guess = psycopg.conninfo.make_conninfo(addresses["DATABASE_URL"], user=name, password="guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(guess)
    broker = urlsplit(addresses["REDIS_URL"])
    for password in (None, "guess"):
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(broker.hostname, broker.port, password=password).ping()


def test_passwords_are_readable_for_their_owner_only(folder, addresses):
    kept = [folder / "passwords.json", folder / "valkey" / "valkey.conf"]

    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600", "0o600"]
    assert oct((folder / "postgres").stat().st_mode & 0o777) == "0o700"


def test_the_broker_throws_no_task_away(addresses):
    settings = redis.Redis.from_url(addresses["REDIS_URL"], decode_responses=True).config_get
    assert settings("appendonly") == {"appendonly": "yes"}
    assert settings("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
