"""One migrated template, kept between runs, and a copy of it for each worker of a run.

A second copy holds the shared scene, written once: the tests that want it and undo what they do find it there.
Everything in a test runs as the roles of production: `default` logs in as app, `owner` as owner.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from config.environment import ROOT

LOCK = 20251226
MIGRATED_BY = ("*/migrations/*.py", "tenancy/*.py", "config/settings.py", "requirements/base.txt")


def template_name() -> str:
    """Named after everything that decides what a migrated database looks like."""
    digest = hashlib.sha256()
    for pattern in MIGRATED_BY:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


@contextmanager
def owner_connection() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as connection:
        yield connection


def create(worker: str) -> str:
    """Make the database of this worker and let both aliases use it; answer its name."""
    name = copy(worker)
    _use(name)
    return name


def copy(worker: str) -> str:
    """Make a copy of the template, migrated where that is new; answer its name."""
    name = f"test_{os.environ['PARKZERO_TEST_RUN']}_{worker}"
    with owner_connection() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        template = template_name()
        if not _exists(connection, template):
            _forget_leftovers(connection)
            _make_template(connection, template)
        _drop(connection, name)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return name


@contextmanager
def another(worker: str) -> Iterator[None]:
    """A copy of the template for a test that migrates; both aliases use it meanwhile."""
    plain = str(connections["default"].settings_dict["NAME"])
    name = copy(worker)
    _use(name)
    try:
        yield
    finally:
        _use(plain)
        with owner_connection() as connection:
            _drop(connection, name)


def drop(name: str) -> None:
    for connection in connections.all():
        connection.close()
    with owner_connection() as connection:
        _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """With whoever is connected; only a vacuum is not ours to end, and PostgreSQL ends that itself if not forced."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        connection.execute(statement + sql.SQL(" WITH (FORCE)"))
    except InsufficientPrivilege:
        connection.execute(statement)


def _use(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _make_template(connection: psycopg.Connection, template: str) -> None:
    unfinished = f"{template}_unfinished"
    _drop(connection, unfinished)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    _use(unfinished)
    call_command("migrate", database="owner", verbosity=0)
    connections["owner"].close()
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(template))
    )


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def _forget_leftovers(connection: psycopg.Connection) -> None:
    """Databases of runs that were killed, and templates of other migrations that nobody uses just now."""
    rows = connection.execute(
        "SELECT datname FROM pg_database d WHERE (datname LIKE 'test\\_%' OR datname LIKE 'template\\_%')"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
    ).fetchall()
    for (name,) in rows:
        if name.startswith("template_") or not _is_running(name):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _is_running(name: str) -> bool:
    process = name.split("_")[1]
    return process.isdigit() and Path("/proc", process).exists()
