"""Lists as files that spreadsheet programs open: CSV and XLSX."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias, TypeGuard

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lib.formatting import number

Column: TypeAlias = tuple[str | Promise, Callable[[Any], object]]
Cell: TypeAlias = str | Decimal | int | dt.date | dt.datetime

CSV = "csv"
XLSX = "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What makes a spreadsheet program take a text for a formula, with the full-width forms that some of them accept.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
LONGEST_TEXT = 32_767
LARGEST_EXPORT = 100_000
NARROWEST, WIDEST = 10, 60
# A column is as wide as what its first rows hold: of a large file not every row is measured.
MEASURED_ROWS = 1_000
UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def export_response(
    file_format: str, filename: str, columns: Sequence[Column], rows: Iterable[Any], *, most: int = LARGEST_EXPORT
) -> HttpResponse:
    """The rows as a file to download; `filename` without its ending. Everything is read before this returns.

    columns: the header and what to show of a row. most: how many rows; where there are more, a last one says so.
    Raises ValueError for a format other than "csv" and "xlsx".
    """
    body = at_most(([value(row) for _header, value in columns] for row in rows), most)
    return export(file_format, chain([[header for header, _value in columns]], body), filename)


def export(file_format: str, rows: Iterable[Sequence[object]], filename: str) -> HttpResponse:
    """The same from plain rows, the head first; one that ends early, such as a note below the others, is filled up."""
    if not requested(file_format):
        raise ValueError(f"Cannot export as {file_format}")
    head, *table = [[cell(value) for value in row] for row in rows]
    headers = [str(title) for title in head]
    table = [row + [""] * (len(headers) - len(row)) for row in table]
    content = as_csv(headers, table) if file_format == CSV else as_xlsx(headers, table)
    name = f"{UNSAFE_IN_NAMES.sub('-', filename).strip(' .-') or 'export'}.{file_format}"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[file_format],
        headers={
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def at_most(rows: Iterable[Sequence[object]], most: int) -> Iterator[Sequence[object]]:
    """The first of the rows, and where there are more, one that says so."""
    for place, row in enumerate(rows):
        if place == most:
            words = _("Only the first %(number)s rows are in this file. Narrow the list to get the others.")
            yield [words % {"number": number(most)}]
            return
        yield row


def requested(file_format: str | None) -> TypeGuard[str]:
    """Whether `?export=` asks for a file there is.

    >>> requested("csv"), requested("pdf"), requested(None)
    (True, False, False)
    """
    return file_format in CONTENT_TYPES


def cell(value: object) -> Cell:
    """A value as a cell: numbers, days and instants keep their type, instants in the active zone; the rest is text.

    >>> cell(None), cell(1.5), cell(Decimal("NaN"))
    ('', Decimal('1.5'), 'NaN')
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else str(value)
    if isinstance(value, dt.datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return value if isinstance(value, int | dt.date) else str(value)


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would run it as a formula.

    >>> harmless("=1+1"), harmless("  @SUM(A1)"), harmless("Xiamen")
    ("'=1+1", "'  @SUM(A1)", 'Xiamen')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text


def as_csv(headers: Sequence[str], table: Iterable[Sequence[Cell]]) -> bytes:
    """RFC 4180 with a byte order mark, without which Excel reads Chinese as noise. Instants with their offset.

    Everything is quoted: a program that separates by semicolons would begin a cell after each in a text, and run it.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    for row in chain([headers], table):
        writer.writerow([_plain(value) for value in row])
    return written.getvalue().encode("utf-8-sig")


def _plain(value: Cell) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def as_xlsx(headers: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    """One sheet with typed cells. A column of instants says their zone in its header: spreadsheets know no zones."""
    target = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(target, options) as book:
        sheet = book.add_worksheet()
        formats = _Formats(book)
        titles = [_with_zone(title, [row[position] for row in table]) for position, title in enumerate(headers)]
        for position, title in enumerate(titles):
            longest = max((len(_plain(row[position])) for row in table[:MEASURED_ROWS]), default=0)
            sheet.set_column(position, position, min(max(longest, len(title), NARROWEST) + 2, WIDEST))
        for position, title in enumerate(titles):
            sheet.write_string(0, position, written_text(title), formats["bold"])
        for line, row in enumerate(table, start=1):
            for position, value in enumerate(row):
                _write(sheet, formats, line, position, value)
        sheet.freeze_panes(1, 0)
        if table and headers:
            sheet.autofilter(0, 0, len(table), len(headers) - 1)
    return target.getvalue()


def _with_zone(title: str, values: Iterable[Cell]) -> str:
    has_instants = any(isinstance(value, dt.datetime) and timezone.is_aware(value) for value in values)
    return f"{title} ({timezone.get_current_timezone_name()})" if has_instants else title


class _Formats:
    """The formats of a workbook, each made once: a workbook has room for few."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {"bold": book.add_format({"bold": True})}

    def __getitem__(self, pattern: str) -> Format:
        if pattern not in self._made:
            self._made[pattern] = self._book.add_format({"num_format": pattern})
        return self._made[pattern]


def _write(sheet: Worksheet, formats: _Formats, line: int, position: int, value: Cell) -> None:
    if isinstance(value, str):
        sheet.write_string(line, position, written_text(value))
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(line, position, value.replace(tzinfo=None), formats["yyyy-mm-dd hh:mm:ss"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, position, value, formats["yyyy-mm-dd"])
    elif survives_as_float(value):
        sheet.write_number(line, position, float(value), formats[number_pattern(value)])
    else:
        sheet.write_string(line, position, _plain(value))


def survives_as_float(value: Decimal | int) -> bool:
    """Whether a spreadsheet, which knows only 15 digits, would keep the number as it is.

    >>> survives_as_float(Decimal("1500000.10")), survives_as_float(10**20 + 1)
    (True, False)
    """
    return len(Decimal(value).normalize().as_tuple().digits) <= 15


def number_pattern(value: Decimal | int) -> str:
    """Grouped by thousands, with the decimals that the number has.

    >>> number_pattern(Decimal("1.50")), number_pattern(7)
    ('#,##0.00', '#,##0')
    """
    exponent = Decimal(value).as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return "#,##0" + ("." + "0" * places if places else "")


def written_text(text: str) -> str:
    """The text as a cell can hold it.

    The writer takes `<r>…</r>` for markup of its own and would copy it into the sheet as it is: a space prevents that.

    >>> written_text("<r><t>x</t></r>")
    '<r><t>x</t></r> '
    """
    shortened = text if len(text) < LONGEST_TEXT else f"{text[: LONGEST_TEXT - 2]}…"
    return f"{shortened} " if shortened.startswith("<r>") and shortened.endswith("</r>") else shortened
