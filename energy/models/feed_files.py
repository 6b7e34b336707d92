from __future__ import annotations

from typing import ClassVar

from django.db import models

from energy.models.feeds import Feed
from energy.models.imports import ReadingImport
from energy.models.meters import OwnedByParkOrEnterprise
from lib.identifiers import uuid7


class FeedFile(OwnedByParkOrEnterprise):
    """A file that a feed has fetched, or a batch that a gateway sent, so that it is not taken twice.

    `name` is that of the file at its source, or the key that the gateway gave its batch; `mark` what tells one version
    of it from the next: size and time of change, an entity tag, the digest of a batch.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=500)
    mark = models.CharField(max_length=120)
    reading_import = models.ForeignKey(ReadingImport, models.PROTECT, related_name="+", db_index=False)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="feed_file_of_park"),
            models.UniqueConstraint(fields=["park", "feed", "name", "mark"], name="feed_file_once"),
        ]

    def __str__(self) -> str:
        return self.name
