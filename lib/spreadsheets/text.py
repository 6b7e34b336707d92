"""Tables as text: which encoding, and what stands between the columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lib.spreadsheets.problems import UnreadableSheet

CHUNK = 1024 * 1024
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",;\t"
LINES_TRIED = 20
# Characters that no text has; a NUL would also be refused by the database.
NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")


def tell_encoding(file: Any, head: bytes) -> str:
    """The first encoding in which the whole file is text. Its mark decides, where it has one."""
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    candidates = [marked] if marked else _candidates(head)
    found = next((name for name in candidates if _is_text(file, name)), None)
    if found is None:
        is_binary = b"\x00" in head or _decodes(file, marked or "gb18030")
        raise UnreadableSheet("binary" if is_binary else "unknown_encoding")
    return found


def _candidates(head: bytes) -> list[str]:
    """GB 18030 last: nearly everything is valid in it. A text with NULs can only be of two bytes a character."""
    if b"\x00" not in head:
        return ["utf-8", "gb18030"]
    little = head[1::2].count(0) >= head[::2].count(0)
    return ["utf-16-le" if little else "utf-16-be"]


def _is_text(file: Any, encoding: str) -> bool:
    try:
        return not any(NO_TEXT.search(piece) for piece in _pieces(file, encoding))
    except UnicodeDecodeError:
        return False


def _decodes(file: Any, encoding: str) -> bool:
    try:
        return all(True for _piece in _pieces(file, encoding))
    except UnicodeDecodeError:
        return False


def _pieces(file: Any, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    finally:
        file.seek(0)


def tell_delimiter(file: Any, encoding: str) -> str:
    """What cuts the first lines into the most columns; a comma where there is but one."""
    beginning = "".join(islice(_pieces(file, encoding), 1))
    lines = io.StringIO(beginning, newline="").read().splitlines(keepends=True)[:LINES_TRIED]
    return max(DELIMITERS, key=lambda delimiter: _columns(lines, delimiter))


def _columns(lines: list[str], delimiter: str) -> int:
    """How many columns most lines have at least."""
    try:
        counts = sorted(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return 0
    return counts[len(counts) // 2] if counts else 0
