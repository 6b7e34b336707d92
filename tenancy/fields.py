"""Columns that no acting role may read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import DEFERRED
from django.db.models.query_utils import DeferredAttribute

from tenancy.scopes import Kind, current_scope


class SecretHidden(RuntimeError):
    """A secret was asked for by somebody who acts; only the login role, outside their scope, may read it."""


class _Secret(DeferredAttribute):
    """Says what is wrong where Django would try to load the value and find nothing."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is not None and self.field.attname not in instance.__dict__ and _is_acting():
            raise SecretHidden(f"{self.field} is for the login role alone: read it before the scope is entered.")
        return super().__get__(instance, cls)


class SecretField(models.CharField):
    """Text that the acting roles have no grant on (`tenancy.guards.HideColumns`), and that no query of theirs selects.

    Rows that a scope loads, by themselves or by way of a relation, have it deferred. Looking at it there raises
    `SecretHidden`; outside it is loaded, and saving such a row leaves it alone.
    """

    descriptor_class = _Secret

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """What stands in the SELECT in place of the column: asked when the query is run, so as the role then is."""
        return ("NULL", ()) if _is_acting() else (sql, params)

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        return DEFERRED if value is None else value


def _is_acting() -> bool:
    return current_scope().kind is not Kind.NONE
