"""Who may see which rows: the only module that takes a database role or names a park to the database.

A scope is one transaction in which the login role `app`, which may touch no tenant table, acts as one of five roles
with the park, the enterprise and the person set. Row-level security does the rest. It is entered by the middleware, by
the task base and by management commands, never by a view or a service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connections, transaction

from lib.identifiers import NIL

ALIAS = "default"


class Kind(StrEnum):
    """The database role of each kind of actor."""

    OFFICIAL = "app_official"
    ENTERPRISE = "app_enterprise"
    REGISTRANT = "app_registrant"
    PUBLIC = "app_public"
    PLATFORM = "app_platform"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Author:
    """Who stands in the audit trail for the changes of a transaction. Names, never secrets or contact details."""

    user_id: int | None = None
    name: str = ""
    membership_id: int | None = None
    support_session_id: int | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the current transaction may see."""

    kind: Kind = Kind.NONE
    park_id: int | None = None
    enterprise_id: UUID | None = None
    author: Author = Author()
    is_read_only: bool = False


NO_SCOPE = Scope()
_current: ContextVar[Scope] = ContextVar("tenancy_scope", default=NO_SCOPE)


def current_scope() -> Scope:
    """The scope of this thread or task; `Kind.NONE` where none was entered."""
    return _current.get()


@contextmanager
def open_scope(scope: Scope) -> Iterator[Scope]:
    """One transaction in which only the rows of `scope` exist.

    Nested, it restores what stood before, unless the outer transaction is going to be rolled back anyway: rolling
    back to the savepoint restores the settings by itself, and no statement would be accepted.
    """
    connection = connections[ALIAS]
    nested = connection.in_atomic_block
    outer = _current.get()
    token = _current.set(scope)
    try:
        with transaction.atomic(using=ALIAS):
            _tell_database(scope)
            yield scope
            if nested and not connection.needs_rollback:
                _tell_database(outer)
    finally:
        _current.reset(token)


def _tell_database(scope: Scope) -> None:
    """Always all of them, in one statement, for this transaction alone.

    Read-only cannot be taken back inside a transaction, and need not be: it ends with the savepoint that set it.
    """
    read_only = ", set_config('transaction_read_only', 'on', true)" if scope.is_read_only else ""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('app.park_id', %s, true),"
            " set_config('app.enterprise_id', %s, true), set_config('app.user_id', %s, true),"
            " set_config('app.author', %s, true)" + read_only,
            [
                scope.kind.value,
                str(scope.park_id or 0),
                str(scope.enterprise_id or NIL),
                str(scope.author.user_id or 0),
                json.dumps(asdict(scope.author), ensure_ascii=False),
            ],
        )


def park_scope(park_id: int, author: Author | None = None) -> AbstractContextManager[Scope]:
    """Act as an official of a park: every row of that park."""
    return open_scope(Scope(Kind.OFFICIAL, park_id, None, author or Author()))


def enterprise_scope(park_id: int, enterprise_id: UUID, author: Author | None = None) -> AbstractContextManager[Scope]:
    """Act for one enterprise of a park: its own rows and what the park publishes to enterprises."""
    return open_scope(Scope(Kind.ENTERPRISE, park_id, enterprise_id, author or Author()))


def registrant_scope(park_id: int, author: Author) -> AbstractContextManager[Scope]:
    """Act as a person without a place in the park: what it publishes, and what that person files to come in."""
    return open_scope(Scope(Kind.REGISTRANT, park_id, None, author))


def public_scope(park_id: int) -> AbstractContextManager[Scope]:
    """Look at a park as anybody: its published rows."""
    return open_scope(Scope(Kind.PUBLIC, park_id))


def platform_scope(author: Author | None = None) -> AbstractContextManager[Scope]:
    """Act for the installation: parks, people and memberships, no tenant's rows."""
    return open_scope(Scope(Kind.PLATFORM, None, None, author or Author()))


def login_scope(author: Author) -> AbstractContextManager[Scope]:
    """Act before any place is chosen, as the login role that may touch no tenant's rows, but under a name.

    For the few acts there that the audit trail must ascribe to somebody: an invitation is accepted, a visit ended.
    """
    return open_scope(Scope(author=author))
