"""Rows of a query in PostgreSQL's binary format, for columns of megabytes: as text bytes take twice the room."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connections
from django.db.models import QuerySet


def binary_rows(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """What `values_list` of the query would give, of types that psycopg knows by itself.

    Asked on the connection of the query and in its transaction, so in the scope it runs in; Django's log of statements
    does not see it.
    """
    statement, parameters = rows.query.sql_with_params()
    connection = connections[rows.db]
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, binary=True).fetchall()
