"""`python -I reader.py MEMORY SECONDS HURRIED ROWS COLUMNS KIND ENCODING DELIMITER < table`: its rows as JSON lines.

SECONDS are of the processor, and by the clock until the table is open; where HURRIED is 1, until its last row.

Runs alone: it imports nothing of the project and sees nothing of its environment. First a line that names the sheet and
its height, then [number, cells] for each row that is not empty, last {"problem": ""} or what stopped it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

LONGEST_CELL = 32_767
# In characters. A workbook keeps a long text once, however many of its cells say it.
LONGEST_ROW = 100_000
# Halves of characters, and what no database takes.
UNWRITABLE = dict.fromkeys((0, *range(55296, 57344)))


class Stop(Exception):
    """Its text is the problem that the caller is told."""


def main() -> None:
    memory, seconds, hurried, most_rows, most_columns = map(int, sys.argv[1:6])
    kind, encoding, delimiter = sys.argv[6:9]
    _limit(memory, seconds)
    try:
        sheet, height, rows = _workbook() if kind == "xlsx" else _text(encoding, delimiter)
        if not hurried:
            # From here on it waits for whoever reads the rows.
            signal.setitimer(signal.ITIMER_REAL, 0)
        _say({"sheet": sheet, "height": height})
        _tell(rows, most_rows, most_columns)
        problem = ""
    except Stop as reason:
        problem = str(reason)
    except MemoryError:
        problem = "too_heavy"
    except BrokenPipeError:
        return
    _say({"problem": problem})


def _limit(memory: int, seconds: int) -> None:
    with suppress(ValueError, OSError):
        # Not every system lets a process limit its memory.
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nobody handles it: it ends the process, wherever that is.
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _workbook() -> tuple[str, int, Iterable[list[Any]]]:
    """The first visible sheet that holds anything."""
    import python_calamine as calamine  # noqa: PLC0415 (after the limits are set)

    try:
        book = calamine.CalamineWorkbook.from_filelike(sys.stdin.buffer)
        for place, sheet in enumerate(book.sheets_metadata):
            if sheet.visible != calamine.SheetVisibleEnum.Visible or sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            opened = book.get_sheet_by_index(place)
            if opened.end is not None:
                return sheet.name, opened.end[0] + 1, opened.iter_rows()
    except calamine.PasswordError as error:
        raise Stop("encrypted") from error
    except calamine.CalamineError as error:
        raise Stop("broken") from error
    raise Stop("empty")


def _text(encoding: str, delimiter: str) -> tuple[str, int, Iterable[list[Any]]]:
    csv.field_size_limit(LONGEST_CELL)
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding=encoding, newline="")
    return "", 0, _records(csv.reader(lines, delimiter=delimiter))


def _records(records: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from records
    except csv.Error as error:
        raise Stop("cell_too_long") from error
    except UnicodeDecodeError as error:
        raise Stop("unknown_encoding") from error


def _tell(rows: Iterable[list[Any]], most_rows: int, most_columns: int) -> None:
    told = False
    for number, row in enumerate(rows, start=1):
        cells = [_plain(value) for value in row]
        while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
            cells.pop()
        if not cells:
            continue
        if number > most_rows + 1:
            raise Stop("too_many_rows")
        if len(cells) > most_columns:
            raise Stop("too_many_columns")
        if sum(len(cell) for cell in cells if isinstance(cell, str)) > LONGEST_ROW:
            raise Stop("row_too_long")
        _say([number, cells])
        told = True
    if not told:
        raise Stop("empty")


def _plain(value: Any) -> str | float | int:
    """Numbers stay numbers; days are written as ISO 8601 says, with the time only where there is one."""
    if isinstance(value, str):
        return value.translate(UNWRITABLE)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return (int(value) if value.is_integer() else value) if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
