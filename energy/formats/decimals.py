"""What stands before the fraction of the numbers in a table: a point or a comma."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO

import polars as pl

from energy.formats.batches import Reading, UnreadableFile
from energy.formats.tables import delimiter_of, tables_of

NUMBER = r"^\s*[+-]?[\d.,]*\d[\d.,]*\s*$"


def decimal_of_file(
    file: IO[bytes], size: int, reading: Reading, value_columns: Callable[[Sequence[str]], Sequence[int]]
) -> str:
    """What the feed says; else a comma where no number of the file has a point, and commas can be nothing else.

    That is so where semicolons part the columns. It is decided once, by all values of the file: a column may begin with
    a thousand zeros. Raises `UnreadableFile` where some numbers have a point and others a comma: either may be meant.
    """
    if "decimal" in reading.mapping:
        return str(reading.mapping["decimal"])
    if delimiter_of(file) != ";":
        return "."
    marks: set[str] = set()
    for table in tables_of(file, size):
        for place in value_columns(table.headings):
            marks |= _marks_in(table.column(place))
        if len(marks) > 1:
            raise UnreadableFile("two_decimal_marks")
    return "," if "," in marks else "."


def _marks_in(texts: pl.Series) -> set[str]:
    marked = texts.drop_nulls().filter(texts.drop_nulls().str.contains("[.,]"))
    numbers = marked.filter(marked.str.contains(NUMBER))
    return {mark for mark in ".," if numbers.str.contains(mark, literal=True).any()}
