"""`python -m config.bootstrap`: makes roles and database on a PostgreSQL server of one's own. Once, and safe to repeat.

Needs SUPERUSER_DATABASE_URL, used here only, and the DATABASE_URL and OWNER_DATABASE_URL that the portal will run with:
their passwords are the ones that the two logins get.
"""

from __future__ import annotations

import os
import sys

import psycopg
from psycopg.conninfo import conninfo_to_dict

from config.failures import CannotStart
from tenancy.bootstrap import LOGIN, OWNER, bootstrap_cluster


def main() -> int:
    try:
        database = bootstrap()
    except CannotStart as fault:
        print(fault, file=sys.stderr)
        return 1
    except psycopg.Error as error:
        print(f"SUPERUSER_DATABASE_URL: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    print(f"The roles and the database '{database}' are there.")
    return 0


def bootstrap() -> str:
    """Make them as the environment says; returns the name of the database."""
    superuser = required("SUPERUSER_DATABASE_URL")
    database, app_password = login_of("DATABASE_URL", LOGIN)
    owner_database, owner_password = login_of("OWNER_DATABASE_URL", OWNER)
    if database != owner_database:
        raise CannotStart("DATABASE_URL and OWNER_DATABASE_URL name two databases: name the same one in both.")
    bootstrap_cluster(superuser, database, owner_password, app_password)
    return database


def required(variable: str) -> str:
    address = os.environ.get(variable)
    if not address:
        raise CannotStart(f"{variable} is not set: write postgresql://NAME:PASSWORD@HOST:5432/DATABASE.")
    return address


def login_of(variable: str, role: str) -> tuple[str, str]:
    """Database and password of an address, whose login the portal's roles prescribe."""
    parts = conninfo_to_dict(required(variable))
    if parts.get("user") != role or not parts.get("password") or not parts.get("dbname"):
        raise CannotStart(f"{variable}: write postgresql://{role}:PASSWORD@HOST:5432/DATABASE.")
    return str(parts["dbname"]), str(parts["password"])


if __name__ == "__main__":
    sys.exit(main())
