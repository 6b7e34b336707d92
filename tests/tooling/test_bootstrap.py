"""Roles and database on a server of one's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = {
    "SUPERUSER_DATABASE_URL": "postgresql://postgres:hidden@127.0.0.1:1/postgres",
    "DATABASE_URL": "postgresql://app:hidden@127.0.0.1:1/portal",
    "OWNER_DATABASE_URL": "postgresql://owner:hidden@127.0.0.1:1/portal",
}


def bootstrap(**addresses):
    clean = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    outcome = subprocess.run(
        [sys.executable, "-m", "config.bootstrap"], cwd=ROOT, env=clean | addresses, capture_output=True, text=True
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"SUPERUSER_DATABASE_URL": ""},
            "SUPERUSER_DATABASE_URL is not set: write postgresql://NAME:PASSWORD@HOST:5432/DATABASE.\n",
        ),
        (
            {"DATABASE_URL": "postgresql://somebody:hidden@127.0.0.1:1/portal"},
            "DATABASE_URL: write postgresql://app:PASSWORD@HOST:5432/DATABASE.\n",
        ),
        (
            {"OWNER_DATABASE_URL": "postgresql://owner:hidden@127.0.0.1:1/other"},
            "DATABASE_URL and OWNER_DATABASE_URL name two databases: name the same one in both.\n",
        ),
    ],
)
def test_bootstrap_says_what_is_missing(changes, sentence):
    assert bootstrap(**ADDRESSES | changes) == (1, sentence)


def test_bootstrap_says_in_one_line_that_no_server_answers():
    status, said = bootstrap(**ADDRESSES)

    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("SUPERUSER_DATABASE_URL: ")
    assert "hidden" not in said


def in_database(address, name):
    return f"{address.rsplit('/', 1)[0]}/{name}"


def test_bootstrap_makes_a_database_that_the_runtime_login_reaches_and_may_be_repeated():
    passwords = json.loads((Path(os.environ["DATA_DIR"]) / "passwords.json").read_text())
    owner, app = os.environ["OWNER_DATABASE_URL"], os.environ["DATABASE_URL"]
    superuser = in_database(
        owner.replace("//owner:", "//postgres:").replace(passwords["owner"], passwords["superuser"]), "postgres"
    )
    name = f"bootstrapped_{os.getpid()}"
    addresses = {
        "SUPERUSER_DATABASE_URL": superuser,
        "DATABASE_URL": in_database(app, name),
        "OWNER_DATABASE_URL": in_database(owner, name),
    }
    try:
        assert [bootstrap(**addresses) for _ in range(2)] == [
            (0, f"The roles and the database '{name}' are there.\n")
        ] * 2
        with psycopg.connect(addresses["DATABASE_URL"]) as connection:
            assert connection.execute(
                "SELECT current_user::text, pg_get_userbyid(datdba)::text FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone() == ("app", "owner")
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
