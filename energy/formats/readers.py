"""The reader of each format, by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from energy.choices import FeedFormat
from energy.formats.batches import Batch, Reading
from energy.formats.green_button import read_green_button
from energy.formats.long_table import read_long_table
from energy.formats.nem12 import Nem12Reader
from energy.formats.pushed import read_pushed
from energy.formats.wide_table import read_wide_table


def read_batches(file: IO[bytes], file_format: str, reading: Reading, size: int) -> Iterator[Batch]:
    """The readings of a file that was `opened`, of about `size` bytes, in batches of bounded size.

    Raises `UnreadableFile` before the first batch or between two.
    """
    if file_format == FeedFormat.NEM12:
        return Nem12Reader(reading).read(file, size)
    if file_format == FeedFormat.GREEN_BUTTON:
        return read_green_button(file, reading, size)
    if file_format == FeedFormat.WIDE_TABLE:
        return read_wide_table(file, reading, size)
    if file_format == FeedFormat.PUSHED:
        return read_pushed(file, reading, size)
    return read_long_table(file, reading, size)
