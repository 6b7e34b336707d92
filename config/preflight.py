"""What is checked before anything is started: each fault is one line that says what to do."""

from __future__ import annotations

import os
import socket

import psycopg
import redis

from config.failures import CannotStart

CONNECT_SECONDS = 5
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
# Older releases of each line keep a plan that was made for another role: rows of another park could be seen.
OLDEST_SERVERS = {15: 9, 16: 5, 17: 1}


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is '{text}': give a number from 1 to 65535.")
    return int(text)


def refuse_open_demo(host: str) -> None:
    """The passwords of the demo are printed for everybody; so it listens on this machine, unless somebody says so."""
    is_demo = (os.environ.get("PARKZERO_MODE") or "demo") == "demo"
    if is_demo and host not in LOOPBACK and os.environ.get("DEMO_ON_NETWORK", "").lower() not in {"1", "true", "yes"}:
        raise CannotStart(
            f"HOST is '{host}', and the demo has passwords that everybody knows: leave HOST out, "
            "or set DEMO_ON_NETWORK=yes to let the whole network in."
        )


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        # As web servers do: connections that are still closing do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} cannot be used ({error.strerror}): end the program that has it, "
                f"or choose another one, for example 'make run PORT={port % 65535 + 1}'."
            ) from error


def refuse_unusable_databases() -> None:
    refuse_unusable_database("DATABASE_URL")
    if os.environ.get("DATABASE_URL") and not os.environ.get("OWNER_DATABASE_URL"):
        raise CannotStart(
            "DATABASE_URL is set and OWNER_DATABASE_URL is not: name the login that may migrate, "
            "or leave both out to use the database that comes along."
        )
    refuse_unusable_database("OWNER_DATABASE_URL")


def refuse_unusable_database(variable: str) -> None:
    """Try the database that an environment variable names, where it names one."""
    address = os.environ.get(variable)
    if not address:
        return
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version
    except psycopg.ProgrammingError as error:
        raise CannotStart(
            f"{variable} is not the address of a database: write postgresql://NAME:PASSWORD@HOST:5432/DATABASE, "
            "or leave it out to use the database that comes along."
        ) from error
    except psycopg.OperationalError as error:
        raise CannotStart(f"{variable}: {advice(str(error), address)}") from error
    if version // 10000 < 15 or version % 10000 < OLDEST_SERVERS.get(version // 10000, 0):
        raise CannotStart(
            f"{variable}: the server is PostgreSQL {version // 10000}.{version % 10000}; "
            "15.9, 16.5, 17.1 or anything later is needed: update it."
        )


def advice(error: str, address: str) -> str:
    """What to do about a connection that failed. Never repeats the password."""
    parts = psycopg.conninfo.conninfo_to_dict(address)
    where = f"{parts.get('host') or 'the local socket'}:{parts.get('port') or 5432}"
    if "does not exist" in error:
        return (
            f"the server at {where} has no database '{parts.get('dbname')}' or no role '{parts.get('user')}': "
            "make them as docs/operations.md says, or correct the address."
        )
    if "authentication" in error or "no password supplied" in error or "pg_hba.conf" in error:
        return f"the server at {where} refuses '{parts.get('user')}': correct the name and the password."
    return (
        f"no PostgreSQL answers at {where}: start it, correct the address, "
        "or leave it out to use the database that comes along."
    )


def refuse_unusable_broker() -> None:
    """Try the broker that REDIS_URL names, where it names one."""
    address = os.environ.get("REDIS_URL")
    if not address:
        return
    try:
        with redis.Redis.from_url(
            address, socket_timeout=CONNECT_SECONDS, socket_connect_timeout=CONNECT_SECONDS
        ) as broker:
            broker.ping()
    except ValueError as error:
        raise CannotStart(
            "REDIS_URL is not the address of a broker: write redis://:PASSWORD@HOST:6379/0, "
            "or leave it out to use the one that comes along."
        ) from error
    except redis.AuthenticationError as error:
        raise CannotStart("REDIS_URL: the server refuses the password: correct it.") from error
    except redis.RedisError as error:
        raise CannotStart(
            "REDIS_URL: no Redis or Valkey answers there: start it, correct the address, "
            "or leave it out to use the one that comes along."
        ) from error
