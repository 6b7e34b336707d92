"""What acts or reaches out when a file is opened: in PDFs and Office files, told from their parts.

Catches what ordinary software makes, and what is typed into it on purpose, not what is hidden in compressed objects or
written as no program writes it: files are also served as downloads only, never shown in our pages.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from lib.file_types import DOCX, PDF, XLSX, FileType, Readable

PIECE_BYTES = 1024 * 1024


class ActiveContent(Enum):
    SCRIPT = "script"
    """A script, a macro, or a command to start a program or to send the file away."""
    SENT_FOR = "sent_for"
    """Fetched from another file or address when the file is opened."""
    EMBEDDED = "embedded"
    """An object of another program inside."""


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
RELATIONSHIP = re.compile(rb"<(?:\w{1,20}:)?Relationship\s([^<]{0,9000})")
ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# The template that a document was begun from, on a disk of its writer: found there or nowhere.
ON_A_DISK = re.compile(r"\Afile:///[A-Za-z]:[\\/]")
FORMULA = re.compile(
    rb"<(?:\w{1,20}:)?(?:f|formula[12]?|definedName|calculatedColumnFormula)(?:\s[^<>]{0,900})?>([^<]{1,33000})<"
)
LONGEST_FORMULA = 34_000
QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
FETCHING_FUNCTION = re.compile(r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?)\s*\(", re.IGNORECASE)
# Runs of a document cut the words of a field into pieces.
FIELD = re.compile(rb"<w:instrText(?:\s[^<>]{0,200})?>([^<]*)<|\sw:instr=(?:\"([^\"<]*)\"|'([^'<]*)')")
EXCHANGE = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)


def find_active_content(file: Readable, kind: FileType) -> ActiveContent | None:
    """The first thing in a file that acts or reaches out when it is opened, else None.

    kind: what `tell_type` told of it.
    """
    if kind is PDF:
        found = ActiveContent.SCRIPT if _pdf_acts(file) else None
    elif kind in {XLSX, DOCX}:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            found = _in_office(archive)
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


def _in_office(archive: zipfile.ZipFile) -> ActiveContent | None:
    names = {part: _plain(part.filename) for part in archive.infolist()}
    for pattern, what in (
        (MACROS, ActiveContent.SCRIPT),
        (FETCHING_PARTS, ActiveContent.SENT_FOR),
        (EMBEDDED_PARTS, ActiveContent.EMBEDDED),
    ):
        if any(pattern.search(name) for name in names.values()):
            return what
    for part, name in names.items():
        reads = _reader_of(name)
        if reads and any(reads(piece) for piece in _pieces(archive, part)):
            return ActiveContent.SENT_FOR
    return None


def _plain(name: str) -> str:
    """The name of a part as the programs that open it see it: from the root, any case, either slash."""
    return "/" + name.replace("\\", "/").lower().lstrip("/")


def _reader_of(name: str) -> Callable[[bytes], bool] | None:
    if name.endswith(".rels"):
        return _reaches_out
    if name.startswith("/xl/") and name.endswith(".xml"):
        return _calculates_from_elsewhere
    if name.startswith("/word/") and name.endswith(".xml"):
        return _exchanges
    return None


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The text of a part, each piece with the end of the one before; nothing of one that is broken."""
    before = b""
    try:
        with archive.open(part) as opened:
            while chunk := opened.read(PIECE_BYTES):
                piece = before + chunk
                yield piece
                before = piece[-LONGEST_FORMULA:]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return


def _reaches_out(piece: bytes) -> bool:
    return any(_is_fetched(_attributes(found[1])) for found in RELATIONSHIP.finditer(piece))


def _attributes(tag: bytes) -> dict[str, str]:
    found = ATTRIBUTE.finditer(tag.decode("utf-8", "replace"))
    return {match[1]: html.unescape(match[2] if match[2] is not None else match[3]) for match in found}


def _is_fetched(relationship: dict[str, Any]) -> bool:
    """Whether a part of the file lies elsewhere. What a person follows by a click does not count."""
    kind, target = relationship.get("Type", ""), relationship.get("Target", "")
    if relationship.get("TargetMode", "").lower() != "external" or kind.endswith("/hyperlink"):
        return False
    return not (kind.endswith("/attachedTemplate") and ON_A_DISK.match(target))


def _calculates_from_elsewhere(piece: bytes) -> bool:
    return any(_asks_elsewhere(found[1]) for found in FORMULA.finditer(piece))


def _asks_elsewhere(formula: bytes) -> bool:
    """Another program (DDE: program|topic!item) or address. No operator of a workbook is written as a stroke."""
    text = QUOTED.sub("", html.unescape(formula.decode("utf-8", "replace")))
    return "|" in text or FETCHING_FUNCTION.search(text) is not None


def _exchanges(piece: bytes) -> bool:
    words = b"".join(b"".join(part or b"" for part in found.groups()) for found in FIELD.finditer(piece))
    return EXCHANGE.search(QUOTED.sub("", html.unescape(words.decode("utf-8", "replace")))) is not None
