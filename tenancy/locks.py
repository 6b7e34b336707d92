"""Turns between transactions where no row is there yet that could be held."""

from __future__ import annotations

from django.db import connection


def take_turns(key: str) -> None:
    """Whoever names the same key waits until this transaction has ended. Begin it with the app and what it is about."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
