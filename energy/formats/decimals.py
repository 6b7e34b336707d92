"""What stands before the fraction of the numbers in a table: a point or a comma."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.formats.batches import Reading, UnreadableFile
from energy.formats.tables import delimiter_of, tables_of

NUMBER = r"^\s*[+-]?[\d.,]*\d[\d.,]*\s*$"
LAST_MARK = r"([.,])\d*\s*$"


def decimal_of_file(
    file: IO[bytes], size: int, reading: Reading, value_columns: Callable[[Sequence[str]], Sequence[int]]
) -> str:
    """What the feed says; else a comma where no number of the file has a point, and commas can be nothing else.

    That is so where semicolons part the columns. It is decided once, by all values of the file: a column may begin with
    a thousand zeros. Of a number with both, the last mark counts. Raises `UnreadableFile`, with the line from which on
    some numbers have a point and others a comma: either may be meant.
    """
    if "decimal" in reading.mapping:
        return str(reading.mapping["decimal"])
    if delimiter_of(file) != ";":
        return "."
    first_lines: dict[str, int] = {}
    for table in tables_of(file, size):
        for place in value_columns(table.headings):
            for mark, line in _first_lines(table.column(place), table.lines).items():
                first_lines[mark] = min(line, first_lines.get(mark, line))
        if len(first_lines) > 1:
            raise UnreadableFile("two_decimal_marks", max(first_lines.values()))
    return next(iter(first_lines), ".")


def _first_lines(texts: pl.Series, lines: NDArray[np.int64]) -> dict[str, int]:
    """The line of the first number with each mark, of those that there are."""
    is_marked = texts.str.contains("[.,]").fill_null(value=False)
    if not is_marked.any():
        return {}
    marked = texts.filter(is_marked)
    marks = marked.str.extract(LAST_MARK).set(~marked.str.contains(NUMBER), None)
    places = {mark: (marks == mark).arg_true() for mark in ".,"}
    of_marked = lines[is_marked.to_numpy()]
    return {mark: int(of_marked[found[0]]) for mark, found in places.items() if len(found)}
