"""What a file is, told from its content: names and declared types come from the sender and prove nothing."""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Any, Protocol

import filetype


class Readable(Protocol):
    """A file opened in binary mode, or an upload."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class FileType:
    content_type: str
    extensions: tuple[str, ...]


PDF = FileType("application/pdf", ("pdf",))
PNG = FileType("image/png", ("png",))
JPEG = FileType("image/jpeg", ("jpg", "jpeg"))
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
FILE_TYPES = (PDF, PNG, JPEG, XLSX, DOCX)
BY_SIGNATURE = {kind.content_type: kind for kind in (PDF, PNG, JPEG)}
BY_MAIN_PART = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}

HEAD_BYTES = 8192
ZIP_SIGNATURE = b"PK\x03\x04"
END_RECORD = struct.Struct("<4s4H2LH")
ZIP64_LOCATOR = b"PK\x06\x07"
LONGEST_TAIL = END_RECORD.size + 65535
LARGEST_DIRECTORY = 1024 * 1024
MOST_INFLATED = 300 * 1024 * 1024
LONGEST_NAME = 120


def tell_type(file: Readable) -> FileType | None:
    """The type of a file among those we take, else None. Reads signatures and directories, inflates nothing."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(ZIP_SIGNATURE):
        found = _office_type(file)
    else:
        guessed = filetype.guess(head)
        found = BY_SIGNATURE.get(guessed.mime) if guessed else None
    file.seek(0)
    return found


def _office_type(file: Readable) -> FileType | None:
    names = _part_names(file)
    if names is None or "[Content_Types].xml" not in names:
        return None
    main_parts = [kind for part, kind in BY_MAIN_PART.items() if part in names]
    return main_parts[0] if len(main_parts) == 1 else None


def _part_names(file: Any) -> frozenset[str] | None:
    """Names of the parts of an archive; None when it is broken, encrypted or a bomb by its own directory."""
    if not has_small_directory(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    is_encrypted = any(part.flag_bits & 1 for part in parts)
    if is_encrypted or sum(part.file_size for part in parts) > MOST_INFLATED:
        return None
    return frozenset(part.filename for part in parts)


def has_small_directory(file: Readable) -> bool:
    """Whether the list of parts is small enough to be read: a hostile one alone can fill the memory."""
    file.seek(0, 2)
    size = file.tell() if hasattr(file, "tell") else 0
    file.seek(max(0, size - LONGEST_TAIL))
    tail = file.read(LONGEST_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_RECORD.size or ZIP64_LOCATOR in tail[max(0, at - 20) : at]:
        return False
    directory_bytes: int = END_RECORD.unpack_from(tail, at)[5]
    return directory_bytes <= LARGEST_DIRECTORY


def display_name(name: str, kind: FileType) -> str:
    """The sender's name for a file, safe to show and to save: no path, no invisible or reordering characters.

    The ending is that of the content, so that what was a PDF is not saved as a program.

    >>> display_name("C:\\\\reports\\\\2026 报告.PDF", PDF)
    '2026 报告.PDF'
    >>> display_name("invoice\\u202efdp.exe", PDF)
    'invoicefdp.exe.pdf'
    >>> display_name("\\x00", PNG)
    'document.png'
    """
    flat = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    visible = "".join(" " if char.isspace() else char for char in flat if not _is_invisible(char))
    clean = " ".join(visible.split()).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if not dot or ending.lower() not in kind.extensions:
        stem, ending = clean, kind.extensions[0]
    return f"{stem[:LONGEST_NAME].rstrip('. ') or 'document'}.{ending}"


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} and char not in "\t\n"
