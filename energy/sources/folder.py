"""A folder of the server, below the one that the operator gives to a park."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from energy.sources.places import Found, Place, in_order, name_of
from lib.outbound import CHUNK, Limits, Unreached

# Each step goes into the folder that the step before has opened, and follows no link: nothing leads out of it, also
# when somebody puts a link where a folder was.
STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe would be waited for.
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folder:
    def __init__(self, number: int, place: Place, limits: Limits) -> None:
        self.number, self.place, self.limits = number, place, limits

    @classmethod
    @contextmanager
    def opened(cls, place: Place, limits: Limits) -> Iterator[Folder]:
        number = _enter(place)
        try:
            yield cls(number, place, limits)
        finally:
            os.close(number)

    def look(self) -> list[Found]:
        found = []
        with os.scandir(self.number) as entries:
            for entry in entries:
                self.limits.left()
                at = os.fsencode(entry.name)
                name = name_of(at)
                if name.startswith(".") or not self.place.takes(name):
                    continue
                told = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(told.st_mode):
                    mark = f"{told.st_size}-{told.st_mtime_ns}"
                    found.append(Found(name, mark, told.st_size, told.st_mtime, at))
        return in_order(found)

    def get(self, found: Found, into: IO[bytes]) -> None:
        try:
            number = os.open(found.at or found.name, READ, dir_fd=self.number)
        except OSError as error:
            raise Unreached("not_found") from error
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise Unreached("not_found")
            size = 0
            while chunk := file.read(CHUNK):
                self.limits.left()
                size += len(chunk)
                if size > self.limits.most_bytes:
                    raise Unreached("too_large")
                into.write(chunk)


def _enter(place: Place) -> int:
    parts = place.address.split("/")
    if any(part in {"", ".", ".."} or "\x00" in part for part in parts):
        raise Unreached("bad_address")
    try:
        number = os.open(place.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unreached("folder_missing") from error
    for part in parts:
        try:
            inner = os.open(part, STEP, dir_fd=number)
        except OSError as error:
            raise Unreached("folder_missing") from error
        finally:
            os.close(number)
        number = inner
    return number
