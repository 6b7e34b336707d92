"""The roles and the database of an installation, made once per cluster by a superuser.

Imports no Django: it runs before there is a database that Django could connect to.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

OWNER = "owner"
LOGIN = "app"
ACTING_ROLES = ("app_official", "app_enterprise", "app_registrant", "app_public", "app_platform")


def bootstrap_cluster(superuser_dsn: str, database: str, owner_password: str, app_password: str) -> None:
    """Create the seven roles and the database of ParkZero. Safe to repeat: passwords are set anew each time.

    `owner` runs migrations and backups (BYPASSRLS, or data migrations would silently see nothing); `app` is the
    runtime login, which inherits nothing and may only take one of the five acting roles.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        _make_role(connection, OWNER, "LOGIN CREATEDB BYPASSRLS NOSUPERUSER", owner_password)
        for role in ACTING_ROLES:
            _make_role(connection, role, "NOLOGIN NOBYPASSRLS NOSUPERUSER")
        _make_role(connection, LOGIN, "LOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB", app_password)
        for role in ACTING_ROLES:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(LOGIN)))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )


def _exists(connection: psycopg.Connection[tuple[int]], query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None


def _make_role(connection: psycopg.Connection[tuple[int]], role: str, options: str, password: str = "") -> None:
    verb = "ALTER" if _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role) else "CREATE"
    statement = sql.SQL("{} ROLE {} WITH {}").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(options))
    if password:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    connection.execute(statement)
