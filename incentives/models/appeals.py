from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import ObjectionState
from incentives.models.applications import Application
from lib.identifiers import uuid7
from lib.periods import last_moment, local_day
from parks.models import StoredFile

RULING_DAYS = 30
"""From the day on which an appeal was filed; once it is over nothing happens by itself, but it shows."""


class Appeal(EnterpriseOwned):
    """What an enterprise says against the decision that declined its application, once for each decision.

    `decided_at` is when that decision was made. Upheld, the application goes back into the stage that declined it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="appeals")
    decided_at = models.DateTimeField()
    reasons = models.TextField(_("reasons of the appeal"), max_length=4000)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    filed_by_name = models.CharField(_("filed by"), max_length=120)
    state = models.CharField(_("appeal"), max_length=20, choices=ObjectionState.choices, default=ObjectionState.OPEN)
    answer = models.TextField(_("reasons"), max_length=4000, blank=True, default="")
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    handled_by_name = models.CharField(max_length=120, blank=True, default="")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["filed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="appeal_of_park"),
            models.UniqueConstraint(fields=["park", "enterprise", "id"], name="appeal_of_enterprise"),
            models.UniqueConstraint(fields=["park", "application", "decided_at"], name="appeal_once_a_decision"),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, handled_at=None, handled_by=None, answer="")
                | ~Q(state=ObjectionState.OPEN) & Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(answer=""),
                name="appeal_handled_with_reasons",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "filed_at"], condition=Q(state=ObjectionState.OPEN), name="appeal_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.get_state_display()}"

    @property
    def due_at(self) -> datetime:
        """Until when it is to be ruled on: to the end of the last day, by the park's clock."""
        zone = self.application.park.time_zone
        return last_moment(local_day(self.filed_at, zone) + timedelta(days=RULING_DAYS), zone)


def appeal_paper_path(paper: AppealPaper, filename: str) -> str:
    return f"parks/{paper.park_id}/appeals/{paper.pk}"


class AppealPaper(StoredFile, EnterpriseOwned):
    """A file that came with an appeal."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="papers")
    file = models.FileField(upload_to=appeal_paper_path, max_length=200)

    class Meta:
        ordering: ClassVar = ["uploaded_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="appeal_paper_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "appeal"], name="appeal_paper_list"),
            models.Index(fields=["file"], name="appeal_paper_file"),
        ]
