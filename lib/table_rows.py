"""The cells of a table, as HTML and as values of a file.

django-tables2 works out for every cell which arguments a method takes, the words of a choice, classes and labels, and
the template engine looks each of them up again. All of this is the same in every row: here it is worked out once a
column. Classes of cells are therefore fixed; those of a row may depend on its record.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import cycle
from typing import Any, TypeAlias

from django.core.exceptions import ObjectDoesNotExist
from django.utils import formats
from django.utils.html import conditional_escape, escape, strip_tags
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]
from django_tables2 import Column, Table
from django_tables2.columns import BoundColumn, ManyToManyColumn
from django_tables2.columns.linkcolumn import BaseLinkColumn
from django_tables2.rows import BoundRow
from django_tables2.utils import Accessor

Read: TypeAlias = Callable[[Any], Any]

NOT_THERE = (AttributeError, LookupError, TypeError, ValueError, ObjectDoesNotExist)
# What these columns show is not the value that their accessor leads to.
OF_THEIR_OWN = (BaseLinkColumn, ManyToManyColumn)


def drawn(table: Table) -> SafeString:
    """The rows of the page, each a `<tr>`."""
    cells = [
        (_opening(column, is_first=not place), _written(table, column)) for place, column in enumerate(table.columns)
    ]
    opening = _row_opening(table)
    return mark_safe(  # noqa: S308  cells are escaped by _written, the rest by _opening and _row_opening
        "".join(
            opening(record) + "".join(f"{start}{write(record)}</td>" for start, write in cells) + "</tr>"
            for record in table.paginated_rows.data
        )
    )


def values(table: Table, columns: list[BoundColumn]) -> Iterator[list[Any]]:
    """What each record says in the columns, of every page."""
    reads = [_said(table, column) for column in columns]
    for record in table.rows.data:
        yield [read(record) for read in reads]


def _opening(column: BoundColumn, *, is_first: bool) -> str:
    """The start of a cell: the first one names the row, the others say what they are where the head is not shown."""
    named = column.attrs["td"].get("class") or ""
    if is_first:
        return f'<td class="{escape(named)}">'
    place = " cell-side" if "num" in named else " cell-line"
    return f'<td class="{escape(named)}{place}" data-label="{_plain(column.header)}">'


def _plain(header: Any) -> str:
    written = header if isinstance(header, SafeData) else str(header)
    plain = strip_tags(str(written))
    return plain if isinstance(written, SafeData) else escape(plain)


def _row_opening(table: Table) -> Read:
    chosen = table.row_attrs.get("class", "")
    class_of = _called(chosen, {"table": table}) if callable(chosen) else lambda _value, _record: chosen
    stripes = cycle(("even", "odd"))

    def opening(record: Any) -> str:
        own, stripe = class_of(None, record), next(stripes)
        return f'<tr class="{escape(f"{own} {stripe}" if own else stripe)}">'

    return opening


def _written(table: Table, column: BoundColumn) -> Callable[[Any], str]:
    """What stands in the cells of a column, escaped."""
    shown = _shown(table, column)
    localize = column.localize

    def write(record: Any) -> str:
        content = shown(record)
        if not isinstance(content, str):
            content = formats.localize(template_localtime(content), use_l10n=localize)
        return str(conditional_escape(content))

    return write


def _shown(table: Table, column: BoundColumn) -> Read:
    if isinstance(column.column, OF_THEIR_OWN):
        return lambda record: BoundRow(record, table).get_cell(column.name)
    given = _given(table, column)
    act = _called(column.render, given)
    if column.link is None:
        return _filled(column, act, column.default)

    def linked(value: Any, record: Any) -> Any:
        row = BoundRow(record, table)
        return column.link(act(value, record), value=value, record=record, bound_row=row, **given)

    return _filled(column, linked, column.default)


def _said(table: Table, column: BoundColumn) -> Read:
    """What a file says in place of the cells of a column."""
    if isinstance(column.column, OF_THEIR_OWN):
        return lambda record: BoundRow(record, table).get_cell_value(column.name)
    method = column.value
    if getattr(method, "__func__", None) is Column.value:
        # All that it does is to call this, looking at the arguments of the method for each cell.
        method = column.column.render
    return _filled(column, _called(method, _given(table, column)), None)


def _given(table: Table, column: BoundColumn) -> dict[str, Any]:
    return {"column": column.column, "bound_column": column, "table": table}


def _filled(column: BoundColumn, act: Callable[[Any, Any], Any], default: Any) -> Read:
    """What the act makes of the value of a record, and the default of one that has none."""
    read, empty = _value_of(column), column.column.empty_values

    def filled(record: Any) -> Any:
        value = read(record)
        return default if value in empty else act(value, record)

    return filled


def _called(method: Callable[..., Any], given: dict[str, Any]) -> Callable[[Any, Any], Any]:
    """The method, called with a value and a record; it gets those arguments that it names."""
    named = _parameters(getattr(method, "__func__", method))
    fixed = {name: thing for name, thing in given.items() if named is None or name in named}
    act = partial(method, **fixed) if fixed else method
    takes = (named is None or "value" in named, named is None or "record" in named)
    match takes:
        case (True, True):
            return lambda value, record: act(value=value, record=record)
        case (True, False):
            return lambda value, _record: act(value=value)
        case (False, True):
            return lambda _value, record: act(record=record)
        case _:
            return lambda _value, _record: act()


@cache
def _parameters(function: Callable[..., Any]) -> frozenset[str] | None:
    """The names that a function takes; None when it takes any."""
    found = inspect.signature(function).parameters.values()
    if any(one.kind is one.VAR_KEYWORD for one in found):
        return None
    return frozenset(one.name for one in found)


def _value_of(column: BoundColumn) -> Read:
    """How the value of a column is found in a record, of whatever kind: choices as their words."""
    accessor = Accessor(column.accessor)
    readers: dict[type, Read] = {}

    def read(record: Any) -> Any:
        kind = type(record)
        if kind not in readers:
            readers[kind] = _reader(accessor, kind)
        return readers[kind](record)

    return read


def _reader(accessor: Accessor, kind: type) -> Read:
    field = accessor.get_field(kind)
    bits = tuple(accessor.bits)
    along = partial(_along, accessor, bits) if hasattr(kind, "_meta") else partial(_resolved, accessor)
    if field is None or not getattr(field, "choices", None) or field.name != bits[-1]:
        return along
    words = {value: str(label) for value, label in field.flatchoices}

    def worded(record: Any) -> Any:
        value = along(record)
        return words.get(value, value)

    return worded


def _along(accessor: Accessor, bits: tuple[str, ...], record: Any) -> Any:
    """Attribute by attribute, as nearly all accessors lead; the rest is left to the accessor."""
    found = record
    for bit in bits:
        found = getattr(found, bit, NOT_THERE)
        if found is None:
            return None
        if found is NOT_THERE or callable(found):
            return _resolved(accessor, record)
    return found


def _resolved(accessor: Accessor, record: Any) -> Any:
    try:
        return accessor.resolve(record)
    except NOT_THERE:
        return None
