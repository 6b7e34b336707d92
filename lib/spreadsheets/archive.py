"""A workbook before it is parsed: what its archive claims, what really comes out of it, and how far its cells reach.

The parser lays out the rectangle that a sheet spans: one cell in the last corner is enough to end its process.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any
from xml.parsers import expat

from lib.file_types import has_small_directory
from lib.spreadsheets.problems import UnreadableSheet
from lib.spreadsheets.rows import HURRIED_SECONDS, MOST_COLUMNS, MOST_ROWS

MOST_PARTS = 1000
MOST_INFLATED = 200 * 1024 * 1024
# Deflate shrinks at most a thousandfold; what people write in cells, a few dozen times.
HIGHEST_RATIO = 300
UNREMARKABLE_BYTES = 10 * 1024 * 1024
CHUNK = 1024 * 1024
MAIN_PART = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
# The list of sheets and where they lie: more than a thousand of them need less.
MOST_LISTED = 1024 * 1024
OTHER_MAIN_PARTS = ("xl/workbook.bin", "content.xml", "word/document.xml", "ppt/presentation.xml")
MACROS = re.compile(r"vbaproject\.bin\Z|\Axl/macrosheets/")
OUTSIDE = re.compile(r"\Axl/(?:externallinks/|connections\.xml\Z|querytables/)")
DEFINITIONS = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]*)[\"']")
# References as spreadsheet programs write them, which are not within 256 columns and 100,001 rows.
FAR = re.compile(rb' r="(?!(?:[A-Z]|[A-H][A-Z]|I[A-V])?(?:[0-9]{1,5}|10000[01])")')
UNUSUAL = re.compile(rb"[\t\n\r]r\s*=|\sr\s+=|\sr=[^\"]")
WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Findings:
    """What of a workbook its reader is told: `errors` and `formulas` count cells."""

    formulas: int = 0
    errors: int = 0
    inflated: int = 0


def look_into(file: Any) -> Findings:
    """What the workbook holds; raises `UnreadableSheet`. Inflates in pieces and keeps none of them.

    Every part is looked through, whatever its name: a workbook may keep its sheets under any.
    """
    until = monotonic() + HURRIED_SECONDS
    if not has_small_directory(file):
        raise UnreadableSheet("broken")
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _refuse_by_directory(parts)
            found, sheets = Findings(), _names_of_sheets(archive, parts)
            for part in parts:
                _scan(archive, part, found, is_sheet=_plain(part) in sheets, until=until)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise UnreadableSheet("broken") from error
    finally:
        file.seek(0)
    return found


def _refuse_by_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = {_plain(part) for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableSheet("encrypted")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED or any(map(_is_bomb, parts)):
        raise UnreadableSheet("too_heavy")
    if not names.isdisjoint(OTHER_MAIN_PARTS):
        raise UnreadableSheet("old_office")
    if MAIN_PART not in names:
        raise UnreadableSheet("another_type")
    for pattern, code in ((MACROS, "macros"), (OUTSIDE, "external_links")):
        if any(pattern.search(name) for name in names):
            raise UnreadableSheet(code)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > UNREMARKABLE_BYTES and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1)


def _plain(part: zipfile.ZipInfo) -> str:
    """The name of a part as the parser compares it."""
    return part.filename.replace("\\", "/").lower().lstrip("/")


def _names_of_sheets(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> set[str]:
    """The parts that the workbook says are its sheets, and those that lie where sheets usually do."""
    wanted = {sheet.get("id") for sheet in _elements(archive, parts, MAIN_PART, "sheet")}
    related = _elements(archive, parts, RELATIONS, "Relationship")
    used = {_below_workbook(one.get("Target", "")) for one in related if one.get("Id") in wanted}
    return used | {_plain(part) for part in parts if _plain(part).startswith("xl/worksheets/")}


def _below_workbook(target: str) -> str:
    path = target.replace("\\", "/").lower()
    return path.lstrip("/") if path.startswith(("/", "xl/")) else posixpath.normpath(f"xl/{path}")


def _elements(
    archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], part_name: str, element: str
) -> list[dict[str, str]]:
    """The attributes of each such element of a part, named without their namespaces."""
    found: list[dict[str, str]] = []

    def keep(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == element:
            found.append({_local(name): value for name, value in attributes.items()})

    for part in (part for part in parts if _plain(part) == part_name):
        if part.file_size > MOST_LISTED:
            raise UnreadableSheet("too_heavy")
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.StartDoctypeDeclHandler = keep, _refuse_definitions
        try:
            with archive.open(part) as opened:
                parser.Parse(opened.read(MOST_LISTED), True)
        except expat.ExpatError as error:
            raise UnreadableSheet("broken") from error
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_definitions(*_told: object) -> None:
    raise UnreadableSheet("dtd")


def _scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo, found: Findings, *, is_sheet: bool, until: float) -> None:
    is_picture = not is_sheet and _plain(part).startswith("xl/media/")
    for new, piece in _pieces(archive, part):
        found.inflated += new
        if found.inflated > MOST_INFLATED or monotonic() > until:
            raise UnreadableSheet("too_heavy")
        if not is_picture and DEFINITIONS.search(piece):
            raise UnreadableSheet("dtd")
        if is_sheet:
            _refuse_far_cells(piece)
            found.formulas += piece.count(b"<f>") + piece.count(b"<f ")
            found.errors += piece.count(b' t="e"')


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[int, bytes]]:
    """How many bytes are new, and these up to the end of a tag, with the tag that was cut before them."""
    rest = b""
    with archive.open(part) as opened:
        while chunk := opened.read(CHUNK):
            if not rest and chunk.startswith(WIDE_TEXT):
                # Written so, no pattern below would match.
                raise UnreadableSheet("dtd")
            whole, _bracket, rest = (rest + chunk).rpartition(b">")
            yield len(chunk), whole
            if len(rest) > CHUNK:
                # No tag is that long, and no text between two of them.
                yield 0, rest
                rest = b""
    yield 0, rest


def _refuse_far_cells(piece: bytes) -> None:
    if not FAR.search(piece) and not UNUSUAL.search(piece):
        return
    for letters, digits in set(REFERENCE.findall(piece)):
        if len(digits) > len(str(MOST_ROWS)) or int(digits or 0) > MOST_ROWS + 1:
            raise UnreadableSheet("too_many_rows")
        if len(letters) > 3 or column_number(letters) > MOST_COLUMNS:
            raise UnreadableSheet("too_many_columns")


def column_number(letters: bytes) -> int:
    """The place of a column by its letters, the first being 1; 0 for none.

    >>> column_number(b"A"), column_number(b"iv"), column_number(b"XFD")
    (1, 256, 16384)
    """
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place
