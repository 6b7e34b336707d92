"""A stored file as a stream of its bytes: unpacked where it is an archive of one file, refused where it is a trap."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from energy.formats.batches import UnreadableFile
from lib.file_types import ZIP_SIGNATURE, has_small_directory

MOST_INFLATED = 4 * 1024**3
MOST_SWELLING = 400
"""Tables of numbers shrink to a tenth or a thirtieth; what shrinks to less than this was made to burst."""


@contextmanager
def opened(file: IO[bytes], most: int = MOST_INFLATED) -> Iterator[IO[bytes]]:
    """The bytes of a file. A workbook, which is an archive too, is given as it is.

    most: bytes of what an archive holds. Raises `UnreadableFile` for an empty file and for an archive that is broken,
    encrypted, a bomb, or holds several.
    """
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if not head:
        raise UnreadableFile("empty")
    if head != ZIP_SIGNATURE:
        yield file
        return
    with _archive(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if any(member.filename == "[Content_Types].xml" for member in members):
            file.seek(0)
            yield file
            return
        with archive.open(_only(members, most)) as member:
            yield cast("IO[bytes]", io.BufferedReader(_Member(member), 1024 * 1024))


class _Member(io.RawIOBase):
    """The bytes of a file in an archive. Raises `UnreadableFile` where they are damaged, however they were packed."""

    def __init__(self, member: IO[bytes]) -> None:
        super().__init__()
        self.member = member

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.member.seek(offset, whence)

    def tell(self) -> int:
        return self.member.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            content = self.member.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
            raise UnreadableFile("broken_archive") from error
        except OSError as error:
            # That of bzip2 has no number; those of the system do, and pass.
            if error.errno is not None:
                raise
            raise UnreadableFile("broken_archive") from error
        buffer[: len(content)] = content
        return len(content)


@contextmanager
def _archive(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    if not has_small_directory(file):
        raise UnreadableFile("broken_archive")
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise UnreadableFile("broken_archive") from error


def _only(members: list[zipfile.ZipInfo], most: int) -> zipfile.ZipInfo:
    if len(members) != 1:
        raise UnreadableFile("several_files")
    member = members[0]
    if member.flag_bits & 1:
        raise UnreadableFile("encrypted_archive")
    # The reader of an archive stops at the size that its directory tells, so a lie there gains nothing.
    if member.file_size > min(most, MOST_SWELLING * member.compress_size + 1024 * 1024):
        raise UnreadableFile("archive_bomb")
    return member
