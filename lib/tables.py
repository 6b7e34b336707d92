"""The base of the portal's tables and their downloads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import force_str
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django_tables2.columns import BoundColumn

from lib import exports, formatting, table_rows
from lib.exports import LARGEST_EXPORT
from lib.long_lists import ListPaginator, LongList
from lib.templatetags import ui


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. `sorted`: as aria-sort says it, "" if one cannot sort by it; `next`: what sorting asks."""

    text: Any
    css: str | None
    sorted: str
    next: str


class PortalTable(tables.Table):
    """A table in the portal's look; `act = True` makes rows high enough to act on, `keys` moves by j and k."""

    act = False
    keys = True

    class Meta:
        template_name = "django_tables2/portal.html"
        empty_text = gettext_lazy("Nothing fits these filters.")

    def __init__(self, data: Any, *args: Any, **options: Any) -> None:
        super().__init__(LongList(data) if isinstance(data, QuerySet) else data, *args, **options)

    def paginate(self, paginator_class: type[Paginator[Any]] = ListPaginator, *args: Any, **options: Any) -> Any:
        return super().paginate(paginator_class, *args, **options)

    def heads(self) -> list[Head]:
        return [_head(column) for column in self.columns]

    def drawn_rows(self) -> SafeString:
        return table_rows.drawn(self)

    def as_values(self, exclude_columns: Iterable[str] | None = None) -> Iterator[list[Any]]:
        left_out = frozenset(exclude_columns or ())
        columns = [
            column
            for column in self.columns.iterall()
            if not (column.column.exclude_from_export or column.name in left_out)
        ]
        yield [force_str(column.header, strings_only=True) for column in columns]
        for row in table_rows.values(self, columns):
            yield [force_str(value, strings_only=True) for value in row]


class TableOfToday(PortalTable):
    """A table in which a state depends on the day of the park."""

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today


def _head(column: BoundColumn) -> Head:
    alias = column.order_by_alias
    direction = "none" if not column.is_ordered else "descending" if alias.is_descending else "ascending"
    return Head(column.header, column.attrs["th"]["class"], direction if column.orderable else "", alias.next)


class NumberColumn(tables.Column):
    """Right-aligned figures; the unit belongs in the head: verbose_name="Requested", unit="¥"."""

    def __init__(self, *args: Any, places: int | None = None, unit: str = "", **options: Any) -> None:
        attrs = {"th": {"class": "num"}, "td": {"class": "num"}}
        super().__init__(*args, attrs=options.pop("attrs", attrs), **options)
        self.places = places
        self.unit = unit

    @property
    def header(self) -> Any:
        head = super().header
        if not self.unit:
            return head
        return format_html("{} {}", head, formatting.unit(self.unit))

    def render(self, value: Any) -> str:
        return formatting.number(value, self.places)

    def value(self, **options: Any) -> Any:
        return options["value"]


class MoneyColumn(NumberColumn):
    """Amounts with two decimals and the sign once, in the head; where the head is not shown, beside the amount."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"places": 2, "unit": "¥", **options})

    def render(self, value: Any) -> str:
        return format_html('<span class="sign">{}</span>{}', self.unit, super().render(value))


class TimeColumn(tables.Column):
    """Instants with their zone."""

    def render(self, value: Any) -> str:
        return ui.local_time(value, "compact")

    def value(self, **options: Any) -> Any:
        return options["value"]


class DayColumn(TimeColumn):
    """Days, written alike in both languages."""

    def render(self, value: Any) -> str:
        return ui.local_day(value, "compact")


class StateColumn(tables.Column):
    """A choice as a badge; `states` maps its values to ok, warn, bad, info or mute."""

    def __init__(self, *args: Any, states: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.states = states

    def render(self, value: Any, record: Any, bound_column: Any) -> str:
        raw = bound_column.accessor.resolve(record, quiet=True)
        return ui.badge(self.states.get(str(raw), "mute"), value)

    def value(self, **options: Any) -> Any:
        return options["value"]


def exported(request: HttpRequest, table: tables.Table, name: str) -> HttpResponse | None:
    """The table as the file `?export=` asks for, or None when the page itself is wanted.

    At most `LARGEST_EXPORT` rows; where there are more, a last row says so.
    """
    kind = request.GET.get("export")
    if not exports.requested(kind):
        return None
    rows = iter(table.as_values())
    head = [strip_tags(str(title)) for title in next(rows)]
    return exports.export(str(kind), chain([head], exports.at_most(rows, LARGEST_EXPORT)), name)
