"""What was read, where the trail is to tell: documents that somebody sent, and every page of a support visit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from django.db import connections, transaction

from tenancy.scopes import ALIAS, Scope, current_scope, login_scope


class NowhereRead(RuntimeError):
    """A reading was to be recorded outside the scope of a park: nobody could be told of it."""


def record_reading(
    table_name: str,
    row_id: object,
    told: Mapping[str, str],
    *,
    enterprise_id: UUID | None = None,
    is_private: bool = False,
) -> None:
    """Put into the audit trail of the park that the author of the current scope read a row, once the scope commits.

    told: what the trail says of it, by column. is_private: the enterprise's own business, like the changes of a draft.
    Written in a transaction of its own by the login role, because whoever acts may be allowed to read only; when it
    fails, so does the request, and nothing is handed out that nobody knows of.
    """
    scope = current_scope()
    if scope.park_id is None:
        raise NowhereRead(table_name)
    row = (table_name, str(row_id), json.dumps(dict(told)))
    given = (scope.park_id, enterprise_id, *row, scope.kind.value, is_private)
    transaction.on_commit(partial(_write, scope, given), using=ALIAS)


def record_answer(scope: Scope, table_name: str, row_id: object, told: Mapping[str, str]) -> None:
    """The same at once, of a scope that has been left: what was answered was read, also where nothing was committed."""
    if scope.park_id is None:
        raise NowhereRead(table_name)
    _write(scope, (scope.park_id, None, table_name, str(row_id), json.dumps(dict(told)), scope.kind.value, False))


def _write(scope: Scope, given: Sequence[int | UUID | str | bool | None]) -> None:
    with login_scope(scope.author), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT tenancy_record_reading(%s, %s, %s, %s, %s, %s, %s)", given)
