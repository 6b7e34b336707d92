"""Which files a table keeps, for those who tidy the storage and may see no row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections

from tenancy.operations import TableOperation
from tenancy.scopes import ALIAS


class TellKeptFiles(TableOperation):
    """Let the login role ask which of the paths it knows of stand in the column `file` of a protected table.

    It learns nothing else of the rows. Drafts that no official sees are answered for as well.
    """

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name], {})

    def describe(self) -> str:
        return f"Tell which files {self.model_name} keeps"

    def forwards(self, table: str) -> Iterable[str]:
        yield (
            f"CREATE FUNCTION {_function(table)}(paths text[]) RETURNS SETOF text LANGUAGE sql STABLE"  # noqa: S608
            " SECURITY DEFINER SET search_path = public, pg_temp"
            f" AS $$ SELECT file FROM {table} WHERE file = ANY (paths) $$"
        )
        yield f"REVOKE ALL ON FUNCTION {_function(table)}(text[]) FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {_function(table)}(text[]) TO app"

    def backwards(self, table: str) -> Iterable[str]:
        yield f"DROP FUNCTION {_function(table)}(text[])"


def _function(table: str) -> str:
    return f"{table}_kept_files"


def kept_files(tables: Iterable[str], paths: Sequence[str]) -> set[str]:
    """Those of the paths that a row of one of the tables names; only outside every scope."""
    asked = " UNION ALL ".join(f"SELECT {_function(table)}(%(paths)s)" for table in tables)
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(asked, {"paths": list(paths)})
        return {path for (path,) in cursor.fetchall()}
