"""What acts or reaches out when a file is opened: in PDFs and Office files, told from their parts.

Catches what ordinary software makes, and what is typed into it on purpose, not what is hidden in compressed objects or
written as no program writes it: files are also served as downloads only, never shown in our pages.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import Enum
from typing import Any
from xml.parsers import expat  # nosec B407 - definitions, by which XML does harm, are refused

from lib.file_types import DOCX, PDF, XLSX, FileType, Readable

PIECE_BYTES = 1024 * 1024
# Of the parts that are read through, as they are unpacked: some 350,000 cells of a workbook.
MOST_UNPACKED = 32 * 1024 * 1024
# What people write is packed a few dozen times smaller, what is meant to keep a server busy a thousand times.
HIGHEST_RATIO = 100
UNREMARKABLE_BYTES = 4 * 1024 * 1024
# Of the lists of what belongs together, 150 bytes a line.
MOST_RELATED = 4 * 1024 * 1024
MOST_PARTS = 5000


class ActiveContent(Enum):
    SCRIPT = "script"
    """A script, a macro, or a command to start a program or to send the file away."""
    SENT_FOR = "sent_for"
    """Fetched from another file or address when the file is opened."""
    EMBEDDED = "embedded"
    """An object of another program inside."""
    UNREADABLE = "unreadable"
    """Nobody can tell: too much of it, broken, or written as no program writes it."""


# /JS with what must follow it: three letters alone occur by chance in compressed pictures. A file may begin on a page
# (/OpenAction with /GoTo) and hold others (the XML of an electronic invoice): neither acts.
IN_PDF = re.compile(
    rb"/(?:JavaScript|Launch|SubmitForm|ImportData)\b"
    rb"|/JS[\x00\s]*(?:\(|<[0-9A-Fa-f]|\d+\s+\d+\s+R\b)"
    rb"|/OpenAction[\x00\s]*<<[^>]{0,200}/S[\x00\s]*/URI\b"
)
ESCAPED_IN_PDF = re.compile(rb"#([0-9A-Fa-f]{2})")
# The longest of these with every character of its names written as #xx.
OVERLAP = 400
# Names of parts, as `_plain` writes them.
MACROS = re.compile(r"vbaproject\.bin\Z|\A/xl/macrosheets/|/activex/")
FETCHING_PARTS = re.compile(r"\A/xl/(?:externallinks/|connections\.xml\Z|querytables/)|/webextensions/")
# A chart in a document brings its figures along as a workbook, which acts by itself no more than the document does.
EMBEDDED_PARTS = re.compile(r"/embeddings/[^/]+\Z(?<!\.xlsx)(?<!\.docx)(?<!\.pptx)")
# The template that a document was begun from, on a disk of its writer: found there or nowhere.
ON_A_DISK = re.compile(r"\Afile:///[A-Za-z]:[\\/]")
# The start of an element in any namespace, with attributes in which a > may stand.
TAG = rb"<(?:[^\s<>/:]{1,40}:)?(?:%s)(?:\s(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)?>"
FORMULA = re.compile(TAG % rb"f|formula[12]?|definedName|calculatedColumnFormula" + rb"([^<]++)")
# Between two texts that were found apart; no XML holds it.
APART = b"\x00"
QUOTED = re.compile(r'"[^"\x00]*"|\'[^\'\x00]*\'')
FETCHING_FUNCTION = re.compile(r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?)\s*\(", re.IGNORECASE)
FIELD = re.compile(
    TAG % rb"instrText" + rb"([^<]++)|\s(?:[^\s<>/:\"']{1,40}:)?instr\s*=\s*(?:\"([^\"<]*+)\"|'([^'<]*+)')"
)
EXCHANGE = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
# What stands for a character where it may not stand itself. A program writes no other of ASCII that way.
ESCAPES = {
    **dict.fromkeys(("&quot;", "&#34;", "&#034;", "&#x22;"), '"'),
    **dict.fromkeys(("&apos;", "&#39;", "&#039;", "&#x27;"), "'"),
    "&lt;": "<",
    "&gt;": ">",
}
ESCAPED_ON_PURPOSE = re.compile(r"&#(?:x0*[2-7][0-9a-f]\b|0*(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])\b)", re.IGNORECASE)
ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)")


class _Unreadable(Exception):
    """Of a part of an Office file that cannot be looked through."""


def find_active_content(file: Readable, kind: FileType) -> ActiveContent | None:
    """The first thing in a file that acts or reaches out when it is opened, else None.

    kind: what `tell_type` told of it. Takes time in proportion to what is read, of which there is a most.
    """
    if kind is PDF:
        found = ActiveContent.SCRIPT if _pdf_acts(file) else None
    elif kind in {XLSX, DOCX}:
        found = _in_office(file)
    else:
        return None
    file.seek(0)
    return found


def _pdf_acts(file: Readable) -> bool:
    file.seek(0)
    before = b""
    while chunk := file.read(PIECE_BYTES):
        # Twice: as it stands, because in compressed bytes a stray # would swallow what follows.
        piece = before + chunk
        if IN_PDF.search(piece) or IN_PDF.search(ESCAPED_IN_PDF.sub(_unescaped, piece)):
            return True
        before = piece[-OVERLAP:]
    return False


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])


def _in_office(file: Readable) -> ActiveContent | None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = {part: _plain(part.filename) for part in archive.infolist()}
            return _by_names(names) or _by_parts(archive, names)
    except (
        _Unreadable,
        expat.ExpatError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ):
        return ActiveContent.UNREADABLE


def _by_names(names: dict[zipfile.ZipInfo, str]) -> ActiveContent | None:
    for pattern, what in (
        (MACROS, ActiveContent.SCRIPT),
        (FETCHING_PARTS, ActiveContent.SENT_FOR),
        (EMBEDDED_PARTS, ActiveContent.EMBEDDED),
    ):
        if any(pattern.search(name) for name in names.values()):
            return what
    return None


def _by_parts(archive: zipfile.ZipFile, names: dict[zipfile.ZipInfo, str]) -> ActiveContent | None:
    related = [part for part, name in names.items() if name.endswith(".rels")]
    written = {part: reads for part, name in names.items() if (reads := _reader_of(name))}
    # No more comes out of a part than its entry says.
    if len(names) > MOST_PARTS or sum(part.file_size for part in related) > MOST_RELATED or _is_heavy(written):
        raise _Unreadable
    if any(_is_fetched(one) for part in related for one in _relationships(archive, part)):
        return ActiveContent.SENT_FOR
    if any(reads(_pieces(archive, part)) for part, reads in written.items()):
        return ActiveContent.SENT_FOR
    return None


def _is_heavy(parts: Collection[zipfile.ZipInfo]) -> bool:
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    return unpacked > MOST_UNPACKED or (unpacked > UNREMARKABLE_BYTES and unpacked > HIGHEST_RATIO * packed)


def _plain(name: str) -> str:
    """The name of a part as the programs that open it see it: from the root, any case, either slash."""
    return "/" + name.replace("\\", "/").lower().lstrip("/")


def _reader_of(name: str) -> Callable[[Iterable[bytes]], bool] | None:
    if name.startswith("/xl/") and name.endswith(".xml"):
        return _calculates_from_elsewhere
    if name.startswith("/word/") and name.endswith(".xml"):
        return _exchanges
    return None


def _relationships(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[dict[str, str]]:
    """The attributes of each line of a list of what belongs together, with its encoding and escapes undone."""
    found: list[dict[str, str]] = []

    def keep(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = keep, _refuse_definitions
    parser.Parse(archive.read(part), True)
    return found


def _refuse_definitions(*_told: object) -> None:
    raise _Unreadable


def _is_fetched(relationship: dict[str, Any]) -> bool:
    """Whether a part of the file lies elsewhere. What a person follows by a click does not count."""
    kind, target = relationship.get("Type", ""), relationship.get("Target", "")
    if relationship.get("TargetMode", "").lower() != "external" or kind.endswith("/hyperlink"):
        return False
    return not (kind.endswith("/attachedTemplate") and ON_A_DISK.match(target))


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The XML of a part in pieces of whole tags, each with the text behind it. Raises `_Unreadable`."""
    rest = b""
    with archive.open(part) as opened:
        while chunk := opened.read(PIECE_BYTES):
            if opened.tell() == len(chunk):
                chunk = _past_declaration(chunk)
            whole, bracket, rest = (rest + chunk).rpartition(b"<")
            rest = bracket + rest
            _refuse_unusual(whole)
            yield whole
            if len(rest) > PIECE_BYTES:
                # No tag is that long, and no text between two of them.
                raise _Unreadable
    _refuse_unusual(rest)
    yield rest


def _past_declaration(start: bytes) -> bytes:
    """What stands behind <?xml ...?>; raises `_Unreadable` where that names an encoding in which nothing is found."""
    told = ENCODING.match(start)
    if told and told[1].lower() not in {b"utf-8", b"us-ascii"}:
        raise _Unreadable
    is_declared = start.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml")
    return start.partition(b"?>")[2] if is_declared else start


def _refuse_unusual(piece: bytes) -> None:
    """Of what could cut a formula or the words of a field into pieces, or hide it: 16 bits, comments, definitions."""
    if b"\x00" in piece or b"<!" in piece or b"<?" in piece:
        raise _Unreadable


def _calculates_from_elsewhere(pieces: Iterable[bytes]) -> bool:
    """Another program (DDE: program|topic!item) or address. No operator of a workbook is written as a stroke."""
    formulas = (QUOTED.sub("", _text_of(APART.join(FORMULA.findall(piece)))) for piece in pieces)
    return any("|" in text or FETCHING_FUNCTION.search(text) for text in formulas)


def _exchanges(pieces: Iterable[bytes]) -> bool:
    """Another program (DDE). Runs of a document cut the words of a field into pieces, wherever they like."""
    words = b"".join(b"".join(found) for piece in pieces for found in FIELD.findall(piece))
    return EXCHANGE.search(_text_of(words)) is not None


def _text_of(written: bytes) -> str:
    text = written.decode("utf-8", "replace")
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    if ESCAPED_ON_PURPOSE.search(text):
        raise _Unreadable
    return text.replace("&amp;", "&")
