"""Tables of readings as columns of text: from CSV in pieces, from a workbook by its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.choices import Rule
from energy.formats.batches import LONGEST_VALUE, Refused, UnreadableFile
from energy.formats.text import pieces
from lib.spreadsheets import Row, UnreadableSheet, examine, open_rows

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 2000
SHEET_ROWS = 20_000
# Cells are laid out for every heading, also where a row leaves them out: so many at a time, and of a text no more than
# so many for each of its bytes, but for a small one.
MOST_CELLS = 8_000_000
CELLS_OF_A_BYTE = 4
CELLS_OF_A_SMALL_TEXT = 1_000_000
SLOW_ROWS = 20_000
BEGINNING_BYTES = 64 * 1024
HEADING_LINES = 20
Rows: TypeAlias = tuple[pl.DataFrame, NDArray[np.int64], list[Refused]]
"""Cells, the line of each row, and the rows that are refused."""


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a table below its headings, all cells texts. `lines` is where each row stands in the file.

    refused: rows with more cells than there are headings, and lines that cannot be parsed. delimiter: "" of a workbook.
    """

    headings: list[str]
    frame: pl.DataFrame
    lines: NDArray[np.int64]
    delimiter: str
    share_done: float
    refused: list[Refused]

    @property
    def is_sheet(self) -> bool:
        return not self.delimiter

    def column(self, place: int) -> pl.Series:
        return self.frame.to_series(place)


def tables_of(file: IO[bytes], size: int) -> Iterator[Table]:
    """The rows of a table in pieces. Raises `UnreadableFile` where it is none."""
    return _of_workbook(file) if _is_workbook(file) else _of_text(file, size)


def delimiter_of(file: IO[bytes]) -> str:
    """What parts the columns, by the beginning of the file; "" of a workbook."""
    if _is_workbook(file):
        return ""
    first = next(pieces(file, BEGINNING_BYTES), None)
    file.seek(0)
    return _headings(first.content, first.line)[0] if first else ""


def _is_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head == b"PK\x03\x04"


def _of_text(file: IO[bytes], size: int) -> Iterator[Table]:
    headings: list[str] = []
    delimiter = ","
    for piece in pieces(file):
        content, line = piece.content, piece.line
        if not headings:
            delimiter, headings, skipped = _headings(content, line)
            content, line = _behind(content, skipped), line + skipped
        if not content.strip():
            continue
        for part, first in _parts(content, line, len(headings)):
            frame, lines, refused = _frame(part, first, delimiter, len(headings))
            yield Table(headings, frame, lines, delimiter, min(1.0, piece.bytes_done / size), refused)
    if not headings:
        raise UnreadableFile("empty")


def _parts(content: bytes, line: int, width: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines, and the number of the first, of which no part has more than `MOST_CELLS`.

    Raises `UnreadableFile` where most rows leave most cells out.
    """
    height = content.count(b"\n")
    if height * width > CELLS_OF_A_SMALL_TEXT + CELLS_OF_A_BYTE * len(content):
        raise UnreadableFile("short_rows", line)
    if height * width <= MOST_CELLS:
        yield content, line
        return
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1
    step = MOST_CELLS // width
    begin = 0
    for first in range(0, height, step):
        end = int(ends[min(first + step, height) - 1])
        yield content[begin:end], line + first
        begin = end


def _headings(content: bytes, line: int) -> tuple[str, list[str], int]:
    """(delimiter, headings, lines up to and with them): the first line that is not blank."""
    for number, text in enumerate(content.split(b"\n", HEADING_LINES)[:HEADING_LINES]):
        words = text.decode(errors="replace").strip("\r")
        if not words.strip(" ,;\t"):
            continue
        delimiter = max(DELIMITERS, key=words.count)
        headings = _meant(_cells(words, delimiter) or [])
        if len(headings) < 2 or len(headings) > MOST_COLUMNS:
            raise UnreadableFile("no_table", line + number)
        return delimiter, headings, number + 1
    raise UnreadableFile("no_table", line)


def _meant(cells: list[str]) -> list[str]:
    """Headings up to the last that is one: what stands behind it in a row has no meaning."""
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of a line; None where a quotation mark is left open, or a cell is far too long."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _behind(content: bytes, lines: int) -> bytes:
    return content.split(b"\n", lines)[lines]


def _frame(content: bytes, line: int, delimiter: str, width: int) -> Rows:
    """The cells of whole lines: by the fast reader, or by the slow one where that loses count of cells or lines."""
    height = content.count(b"\n")
    if b'"' not in content:
        try:
            # One column more than there are headings shows what is too long; what is longer still makes it give up.
            frame = pl.read_csv(
                content, has_header=False, separator=delimiter, quote_char=None, infer_schema=False,
                schema=dict.fromkeys(_names(width + 1), pl.String), missing_columns="insert",
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            frame = pl.DataFrame()
        if frame.height == height:
            return _sorted_out(frame, np.arange(line, line + height, dtype=np.int64), delimiter)
    return _slow_frame(content, line, delimiter, width)


def _sorted_out(frame: pl.DataFrame, lines: NDArray[np.int64], delimiter: str) -> Rows:
    """Takes out blank rows, and refuses those with something in the last column, which has no heading."""
    *columns, surplus = frame.columns
    refused = []
    if frame[surplus].null_count() < frame.height:
        is_long = (frame[surplus].fill_null("").str.strip_chars() != "").to_numpy()
        for row in np.flatnonzero(is_long).tolist():
            text = delimiter.join(cell or "" for cell in frame.row(row))
            refused.append(_refused(int(lines[row]), text, len(columns) + 1))
        frame, lines = frame.filter(~is_long), lines[~is_long]
    frame = frame.select(columns)
    first = frame.to_series(0)
    if first.null_count() or (first == "").any():
        filled = frame.select(pl.any_horizontal(pl.all().is_not_null() & (pl.all() != ""))).to_series().to_numpy()
        frame, lines = frame.filter(filled), lines[filled]
    return frame, lines, refused


def _refused(line: int, text: str, column: int = 0) -> Refused:
    return Refused(line, Rule.UNREADABLE_ROW, column, value=text.strip()[:LONGEST_VALUE])


def _slow_frame(content: bytes, line: int, delimiter: str, width: int) -> Rows:
    """Line by line: what is wrong with one, as a quotation mark that is left open, costs that line alone."""
    frames, rows, lines, refused = [], [], [], []
    for number, text in enumerate(content.decode().removesuffix("\n").split("\n"), line):
        cells = _cells(text.removesuffix("\r"), delimiter)
        if cells is None:
            refused.append(_refused(number, text))
        elif any(cell.strip() for cell in cells[width:]):
            refused.append(_refused(number, text, width + 1))
        elif any(cell.strip() for cell in cells):
            rows.append((cells + [""] * (width - len(cells)))[:width])
            lines.append(number)
        if len(rows) == SLOW_ROWS:
            frames.append(_of_rows(rows, width))
            rows = []
    frames.append(_of_rows(rows, width))
    return pl.concat(frames), np.array(lines, dtype=np.int64), refused


def _of_rows(rows: list[list[str]], width: int) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(_names(width), pl.String), orient="row")


def _names(width: int) -> list[str]:
    return [f"c{place}" for place in range(width)]


def _of_workbook(file: IO[bytes]) -> Iterator[Table]:
    """Workbooks are parsed in a process of their own, which may neither grow nor run for long."""
    try:
        examined = examine(file)
        with open_rows(file, examined.kind, examined.encoding, examined.delimiter) as rows:
            height = rows.height
            remaining = iter(rows)
            first = next((row for row in remaining if any(_text(cell) for cell in row.cells)), None)
            if first is None:
                raise UnreadableFile("empty")
            headings = _meant([_text(cell) for cell in first.cells])
            while part := list(islice(remaining, SHEET_ROWS)):
                frame, lines, refused = _of_sheet(part, len(headings))
                yield Table(headings, frame, lines, "", min(1.0, part[-1].number / max(height, 1)), refused)
    except UnreadableSheet as error:
        raise UnreadableFile(f"sheet_{error.code}") from error


def _of_sheet(part: list[Row], width: int) -> Rows:
    rows, lines, refused = [], [], []
    for row in part:
        cells = [_text(cell) for cell in row.cells]
        if any(cells[width:]):
            refused.append(_refused(row.number, " ".join(cells), width + 1))
        else:
            rows.append((cells + [""] * (width - len(cells)))[:width])
            lines.append(row.number)
    return _of_rows(rows, width), np.array(lines, dtype=np.int64), refused


def _text(cell: Any) -> str:
    return str(cell).strip()
