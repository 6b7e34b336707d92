"""The rows of a table, one after another, from a process that may neither grow nor run for long.

The parser holds a whole workbook: in a process of its own it takes nothing of the caller's memory, and what it does to
that process stays there. The rows come as lines of JSON and wait in the pipe until they are asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, TypeAlias

from lib.spreadsheets.problems import WORDS, UnreadableSheet

Cell: TypeAlias = str | Decimal
MOST_ROWS = 100_000
MOST_COLUMNS = 256
MOST_MEMORY_BYTES = 512 * 1024 * 1024
MOST_SECONDS = 120
# While somebody waits for a page.
HURRIED_SECONDS = 20
READER = Path(__file__).with_name("reader.py")


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row as a spreadsheet program counts it. Numbers are exact, everything else is text."""

    number: int
    cells: list[Cell]


@dataclass(slots=True)
class Rows:
    """`height` is the last row of the sheet, known before the first row is read; 0 where it is not."""

    sheet: str
    height: int
    lines: Iterator[bytes]

    def __iter__(self) -> Iterator[Row]:
        for line in self.lines:
            told = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            if isinstance(told, dict):
                _end(told)
                return
            yield Row(int(told[0]), told[1])
        raise UnreadableSheet("too_heavy")


@contextmanager
def open_rows(
    file: Any, kind: str, encoding: str = "", delimiter: str = "", *, is_hurried: bool = False
) -> Iterator[Rows]:
    """The rows of a file that was examined, empty ones left out. Raises `UnreadableSheet` here or between two rows.

    It may take `MOST_SECONDS` to open the file; where somebody waits (`is_hurried`), `HURRIED_SECONDS` for everything.
    """
    with tempfile.TemporaryFile() as copy:
        file.seek(0)
        copyfileobj(file, copy)
        copy.seek(0)
        process = _start(copy, is_hurried, kind, encoding, delimiter)
        try:
            yield _begin(process)
        finally:
            process.kill()
            process.communicate()


def _start(table: IO[bytes], is_hurried: bool, *told: str) -> subprocess.Popen[bytes]:
    """With nothing of our environment, which names the database."""
    seconds = HURRIED_SECONDS if is_hurried else MOST_SECONDS
    limits = map(str, (MOST_MEMORY_BYTES, seconds, int(is_hurried), MOST_ROWS, MOST_COLUMNS))
    return subprocess.Popen(
        [sys.executable, "-I", READER, *limits, *told],
        stdin=table,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
    )


def _begin(process: subprocess.Popen[bytes]) -> Rows:
    if process.stdout is None:
        raise RuntimeError("the reader was started without a pipe")
    first = process.stdout.readline()
    if not first:
        raise UnreadableSheet("too_heavy")
    told = json.loads(first)
    if "problem" in told:
        _end(told)
    return Rows(told["sheet"], told["height"], iter(process.stdout))


def _end(told: dict[str, Any]) -> None:
    """The reader says at the end that it came there: a line that is missing is a process that was stopped."""
    if told.get("problem"):
        raise UnreadableSheet(told["problem"] if told["problem"] in WORDS else "broken")
