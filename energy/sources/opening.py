"""The source of each kind, by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from energy.choices import FeedSource
from energy.sources.folder import Folder
from energy.sources.https import WebAddress
from energy.sources.places import Found, Place, Source
from energy.sources.s3 import Bucket
from lib.outbound import Limits, Unreached

__all__ = ["Found", "Place", "Source", "opened_source"]


@contextmanager
def opened_source(kind: str, place: Place, limits: Limits) -> Iterator[Source]:
    """A source to look into, closed at the end. Raises `Unreached`."""
    if kind == FeedSource.FOLDER:
        with Folder.opened(place, limits) as folder:
            yield folder
    elif kind == FeedSource.HTTPS:
        yield WebAddress(place, limits)
    elif kind == FeedSource.S3:
        yield Bucket(place, limits)
    elif kind == FeedSource.SFTP:
        # Loaded by whoever needs it: the library takes its time.
        from energy.sources.sftp import FileServer  # noqa: PLC0415

        with FileServer.opened(place, limits) as server:
            yield server
    else:
        raise Unreached("bad_address")
