"""Pictures that people upload, told from their content and never from their name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import filetype

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg"}
PNG_SIZE = slice(16, 24)
# Start-of-frame markers of JPEG: all but the tables (C4), JPEG extensions (C8) and arithmetic conditioning (CC).
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what its own bytes say of it; width and height in pixels."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.content_type]


def picture(content: bytes) -> Picture | None:
    """The PNG or JPEG in these bytes; None for anything else, and for one that breaks off before its size.

    >>> picture(b"<svg onload=alert(1)>") is None
    True
    """
    content_type = filetype.guess_mime(content)
    if content_type not in EXTENSIONS:
        return None
    size = _png_size(content) if content_type == "image/png" else _jpeg_size(content)
    return Picture(content, content_type, *size) if size else None


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Source: W3C PNG (Third Edition), 11.2.1 IHDR: the first chunk, width and height as four bytes each."""
    size = content[PNG_SIZE]
    if content[12:16] != b"IHDR" or len(size) < 8:
        return None
    return int.from_bytes(size[:4]), int.from_bytes(size[4:])


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Source: ITU-T T.81, B.2.2 frame header: precision, then lines and samples a line as two bytes each."""
    for marker, start in _jpeg_segments(content):
        if marker in JPEG_FRAMES:
            height, width = content[start + 3 : start + 5], content[start + 5 : start + 7]
            return (int.from_bytes(width), int.from_bytes(height)) if len(width) == 2 else None
    return None


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of the length of each segment, up to the picture itself."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        yield marker, at + 2
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
