"""What the login role may touch, decided after every migration from what the database itself says."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

UNPROTECTED = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'park_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    ORDER BY 1
"""
SHARED = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity
      AND c.relname <> 'django_migrations'
    ORDER BY 1
"""

# Those who act touch none of the shared tables: sessions, second factors and keys are read and written before a scope
# is open, or by a task of the login role. What tasks of the installation need besides has policies of its own
# (`RestrictTable`): parks, people, memberships, invitations, the outbox, mail.
ACTING = "app_official, app_enterprise, app_registrant, app_public, app_platform"

WRITING = "app_official, app_enterprise, app_registrant, app_platform"


class UnprotectedTable(Exception):
    """A table of park-owned rows has no forced row-level security; nothing was granted."""


def unprotected_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables with a park_id that row-level security does not force on everybody."""
    with connection.cursor() as cursor:
        cursor.execute(UNPROTECTED)
        return [name for (name,) in cursor.fetchall()]


def grant_shared_tables(connection: BaseDatabaseWrapper) -> None:
    """Let the login role use the tables that belong to no park: sessions, sign-in, schedules. Safe to repeat.

    Raises `UnprotectedTable` rather than hand a park's rows to everybody.
    """
    forgotten = unprotected_tables(connection)
    if forgotten:
        raise UnprotectedTable(f"Add ProtectTable to the migration of: {', '.join(forgotten)}")
    with connection.cursor() as cursor:
        cursor.execute(SHARED)
        for (name,) in cursor.fetchall():
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {ACTING}")
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted} TO app")
        cursor.execute(f"REVOKE ALL ON django_migrations FROM {ACTING}")
        cursor.execute("GRANT SELECT ON django_migrations TO app")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app, {WRITING}")
