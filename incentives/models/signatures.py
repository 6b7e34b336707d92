from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.models.applications import Application
from lib.identifiers import uuid7


class SignedFiling(EnterpriseOwned):
    """What a certifier signed: an application as it stood when it was filed, once for each round. Never changes.

    `content` is plain values; `sha256` is of its canonical text (`services.signatures.canonical`), so that anybody can
    tell whether it is still what was signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="signed_filings")
    round = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    signed_by_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["round"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="signed_filing_of_park"),
            models.UniqueConstraint(fields=["park", "application", "round"], name="signed_filing_once"),
        ]

    def __str__(self) -> str:
        return self.sha256
