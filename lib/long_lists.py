"""Lists that nobody reads whole: a page is found by its keys, and counting ends somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django_tables2.data import TableQuerysetData

# Four hundred pages: who has more narrows the list instead of turning pages.
MOST_COUNTED = 10_000


Statement: TypeAlias = tuple[str, tuple[Any, ...]]


def counting(
    lists: Mapping[str, QuerySet[Any]], most: int | None = None, *, first_of: Mapping[str, QuerySet[Any]] | None = None
) -> Statement:
    """What asks how long each list is, to `MOST_COUNTED + 1` or to `most`, and for the key of the first row of others.

    To write it takes longer than to answer it: what stays the same is worth keeping.
    """
    until = MOST_COUNTED + 1 if most is None else most
    parts = {name: _count(rows.order_by().values("pk")[:until]) for name, rows in lists.items()}
    parts |= {name: _alone(rows.values("pk")[:1]) for name, rows in (first_of or {}).items()}
    columns = ", ".join(f'{sql} AS "{name}"' for name, (sql, _values) in parts.items())
    return f"SELECT {columns}", tuple(value for _sql, values in parts.values() for value in values)


def counts(statement: Statement) -> dict[str, Any]:
    """The answer to a statement of `counting`, by the names of the lists: lengths, and keys or None."""
    with connections["default"].cursor() as cursor:
        cursor.execute(*statement)
        return {column.name: count for column, count in zip(cursor.description, cursor.fetchone(), strict=True)}


def _count(rows: QuerySet[Any]) -> Statement:
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT count(*) FROM ({sql}) AS counted)", values  # noqa: S608  the values stay apart


def _alone(rows: QuerySet[Any]) -> Statement:
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "NULL", ()
    return f"({sql})", values


def count_words(count: int) -> int | str:
    """
    >>> count_words(17), count_words(10_001)
    (17, '10,000+')
    """
    return count if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"


class LongList(TableQuerysetData):
    """The rows of a table. `found` filters and orders them, `shown` reads what a row shows, and only for the page.

    Whatever `shown` joins and works out would otherwise be done for all rows before the page too. `most`: how far to
    count; `count`: how many there are, where somebody has counted that far already.
    """

    def __init__(
        self,
        found: QuerySet[Any],
        shown: QuerySet[Any] | None = None,
        *,
        most: int | None = None,
        count: int | None = None,
    ) -> None:
        super().__init__(found)
        self.data: QuerySet[Any]
        self.shown, self.most = shown, most
        self._length = count

    def __len__(self) -> int:
        return min(self._count(), self.most) if self.most else self._count()

    @property
    def is_cut(self) -> bool:
        return self.most is not None and self._count() > self.most

    def _count(self) -> int:
        if self._length is None:
            self._length = (self.data.order_by()[: self.most + 1] if self.most else self.data).count()
        return self._length

    def __getitem__(self, key: int | slice) -> Any:
        return self._shown(self.data.values("pk")[key]) if isinstance(key, slice) else self.data[key]

    def __iter__(self) -> Iterator[Any]:
        """All of them: for a file."""
        return iter(self.data if self.shown is None else self._shown(self.data.order_by().values("pk")))

    def _shown(self, keys: QuerySet[Any]) -> QuerySet[Any]:
        rows = (self.data if self.shown is None else self.shown).filter(pk__in=keys)
        order = self.data.query.order_by
        return rows.order_by(*order) if order else rows

    def order_by(self, aliases: Iterable[str]) -> None:
        """The key decides last, or pages would tell rows of equal rank in whatever order."""
        before = self.data
        super().order_by(aliases)
        order = self.data.query.order_by
        if self.data is not before and not {"pk", "id"} & set(order):
            self.data = self.data.order_by(*order, "pk")


class ListPaginator(Paginator):
    """Pages of a table; `is_cut` when there are more rows than were counted."""

    @property
    def is_cut(self) -> bool:
        return getattr(self.object_list.data, "is_cut", False)  # type: ignore[attr-defined]
