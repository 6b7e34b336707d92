"""What sources have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import IO, Protocol

from lib.outbound import Unreached

MOST_FILES = 5_000
LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a feed are, and who signs in there. `folder` is that of the park, for folders alone."""

    address: str
    account: str = ""
    secret: str = field(default="", repr=False)
    region: str = ""
    host_key: str = ""
    pattern: str = ""
    folder: str = ""

    def takes(self, name: str) -> bool:
        return not self.pattern or fnmatchcase(name.lower(), self.pattern.lower())


@dataclass(frozen=True, slots=True)
class Found:
    """A file at its source. `mark` tells its versions apart; empty, when only its bytes do.

    `name` is for people, and for the portal to know it again; `at` what the source calls it, where that is no text.
    """

    name: str
    mark: str
    size: int
    changed_at: float = 0.0
    at: bytes = b""


class Source(Protocol):
    def look(self) -> Sequence[Found]:
        """What is there, the oldest first. Raises `Unreached`."""

    def get(self, found: Found, into: IO[bytes]) -> None:
        """Write the bytes of one. Raises `Unreached`."""


def name_of(told: bytes) -> str:
    """The name of a file as text that can be kept and shown, whoever wrote it: also in GB 18030, or with a line's end.

    >>> name_of("电表.csv".encode("gb18030")), name_of(b"day 1.csv"), name_of(b"a\\x00b\\n.csv")
    ('电表.csv', 'day 1.csv', 'a�b�.csv')
    """
    try:
        text = told.decode()
    except UnicodeDecodeError:
        text = told.decode("gb18030", errors="replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)[:LONGEST_NAME]


def in_order(files: list[Found]) -> list[Found]:
    if len(files) > MOST_FILES:
        raise Unreached("too_many_files")
    return sorted(files, key=lambda each: (each.changed_at, each.name))
