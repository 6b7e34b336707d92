"""What kind of table a file is, told from its content, and whether it is safe to be parsed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import filetype

from lib.file_types import HEAD_BYTES, XLSX, ZIP_SIGNATURE, FileType
from lib.spreadsheets import archive, text
from lib.spreadsheets.problems import UnreadableSheet

CSV = FileType("text/csv", ("csv", "txt", "tsv"))
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be parsed, and how. `errors` and `formulas` count cells of a workbook."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    formulas: int = 0
    errors: int = 0

    @property
    def file_type(self) -> FileType:
        return XLSX if self.kind == "xlsx" else CSV

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(file: Any) -> Examined:
    """Raises `UnreadableSheet` for what is no table or not safe; reads the file in pieces and rewinds it."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise UnreadableSheet("empty")
    if head.startswith(ZIP_SIGNATURE):
        found = archive.look_into(file)
        return Examined("xlsx", formulas=found.formulas, errors=found.errors)
    if head.startswith(COMPOUND_FILE):
        raise UnreadableSheet("encrypted" if _contains(file, ENCRYPTED_PART) else "old_office")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise UnreadableSheet("web_page")
    if filetype.guess(head) is not None:
        raise UnreadableSheet("another_type")
    encoding = text.tell_encoding(file, head)
    return Examined("csv", encoding, text.tell_delimiter(file, encoding))


def _contains(file: Any, wanted: bytes) -> bool:
    before = b""
    while chunk := file.read(1024 * 1024):
        if wanted in before + chunk:
            return True
        before = chunk[-len(wanted) :]
    return False
