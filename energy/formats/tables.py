"""Tables of readings as columns of text: from CSV in pieces, from a workbook by its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.formats.batches import UnreadableFile
from energy.formats.text import pieces
from lib.spreadsheets import UnreadableSheet, examine, open_rows

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 2000
SHEET_ROWS = 20_000
HEADING_LINES = 20


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a table below its headings, all cells texts. `lines` is where each row stands in the file."""

    headings: list[str]
    frame: pl.DataFrame
    lines: NDArray[np.int64]
    delimiter: str
    share_done: float

    def column(self, place: int) -> pl.Series:
        return self.frame.to_series(place)


def tables_of(file: IO[bytes], size: int) -> Iterator[Table]:
    """The rows of a table in pieces. Raises `UnreadableFile` where it is none."""
    head = file.read(4)
    file.seek(0)
    return _of_workbook(file) if head == b"PK\x03\x04" else _of_text(file, size)


def _of_text(file: IO[bytes], size: int) -> Iterator[Table]:
    headings: list[str] = []
    delimiter = ","
    for piece in pieces(file):
        content, line = piece.content, piece.line
        if not headings:
            delimiter, headings, skipped = _headings(content, line)
            content, line = _behind(content, skipped), line + skipped
        if content.strip():
            frame, lines = _frame(content, line, delimiter, len(headings))
            yield Table(headings, frame, lines, delimiter, min(1.0, piece.bytes_done / size))
    if not headings:
        raise UnreadableFile("empty")


def _headings(content: bytes, line: int) -> tuple[str, list[str], int]:
    """(delimiter, headings, lines up to and with them): the first line that is not blank."""
    for number, text in enumerate(content.split(b"\n", HEADING_LINES)[:HEADING_LINES]):
        words = text.decode(errors="replace").strip("\r")
        if not words.strip(" ,;\t"):
            continue
        delimiter = max(DELIMITERS, key=words.count)
        cells = next(csv.reader([words], delimiter=delimiter))
        if len(cells) < 2 or len(cells) > MOST_COLUMNS:
            raise UnreadableFile("no_table", line + number)
        return delimiter, [cell.strip() for cell in cells], number + 1
    raise UnreadableFile("no_table", line)


def _behind(content: bytes, lines: int) -> bytes:
    return content.split(b"\n", lines)[lines]


def _frame(content: bytes, line: int, delimiter: str, width: int) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """The cells of whole lines; where quoting or blank lines make the fast reader lose count, those of the slow one."""
    height = content.count(b"\n")
    if b'"' not in content:
        try:
            frame = pl.read_csv(
                content, has_header=False, separator=delimiter, quote_char=None, infer_schema=False,
                new_columns=_names(width), schema=dict.fromkeys(_names(width), pl.String), truncate_ragged_lines=True,
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            frame = pl.DataFrame()
        if frame.height == height:
            lines = np.arange(line, line + height, dtype=np.int64)
            first = frame.to_series(0)
            if not first.null_count() and not (first == "").any():
                return frame, lines
            filled = frame.select(pl.any_horizontal(pl.all().is_not_null() & (pl.all() != ""))).to_series().to_numpy()
            return frame.filter(filled), lines[filled]
    return _slow_frame(content, line, delimiter, width)


def _slow_frame(content: bytes, line: int, delimiter: str, width: int) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    rows, lines, before = [], [], 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            cells = [""] * width
        if any(cell.strip() for cell in cells):
            rows.append((cells + [""] * width)[:width])
            lines.append(line + before)
        before = reader.line_num
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_names(width), pl.String), orient="row")
    return frame, np.array(lines, dtype=np.int64)


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
            headings = [_text(cell) for cell in first.cells]
            while part := list(islice(remaining, SHEET_ROWS)):
                cells = [([_text(cell) for cell in row.cells] + [""] * len(headings))[: len(headings)] for row in part]
                frame = pl.DataFrame(cells, schema=dict.fromkeys(_names(len(headings)), pl.String), orient="row")
                lines = np.array([row.number for row in part], dtype=np.int64)
                yield Table(headings, frame, lines, "", min(1.0, part[-1].number / max(height, 1)))
    except UnreadableSheet as error:
        raise UnreadableFile(f"sheet_{error.code}") from error


def _text(cell: Any) -> str:
    return str(cell).strip()
