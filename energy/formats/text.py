"""Text files in pieces of whole lines, so that memory does not grow with the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from energy.formats.batches import UnreadableFile

PIECE_BYTES = 32 * 1024 * 1024
LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines in UTF-8, the first of which has the number `line`; `bytes_done` counts the bytes read so far."""

    line: int
    content: bytes
    bytes_done: int


def pieces(file: IO[bytes], size: int = PIECE_BYTES) -> Iterator[Piece]:
    """The file in pieces of about `size` bytes. Raises `UnreadableFile` where it is no text."""
    line, done, rest = 1, 0, b""
    while chunk := file.read(size):
        if not done:
            chunk = _without_mark(chunk)
        done += len(chunk)
        whole, newline, left = (rest + chunk).rpartition(b"\n")
        if len(left) > LONGEST_LINE:
            raise UnreadableFile("line_too_long", line)
        rest = left
        if newline:
            yield Piece(line, _utf8(whole + newline, line), done)
            line += whole.count(b"\n") + 1
    if rest:
        yield Piece(line, _utf8(rest + b"\n", line), done)


def _without_mark(chunk: bytes) -> bytes:
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile("utf16", 1)
    return chunk.removeprefix(codecs.BOM_UTF8)


def _utf8(content: bytes, line: int) -> bytes:
    """A newline is no part of any longer character in UTF-8 or GB 18030, so whole lines can be told by themselves."""
    if b"\x00" in content:
        raise UnreadableFile("binary", line)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace").encode()
    return content
