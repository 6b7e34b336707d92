from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import (
    Outcome,
    Stage,
)
from incentives.models.applications import Application
from lib.identifiers import uuid7
from parks.models import ParkOwned


class FieldComment(EnterpriseOwned):
    """What a reviewer wants corrected in one field or document when an application is returned.

    `found` is what stood there, to be compared; `answer` is the enterprise's reply, the one column that it may write.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="field_comments")
    field = models.CharField(max_length=40)
    comment = models.TextField(max_length=1000)
    found = models.TextField(blank=True, default="")
    answer = models.TextField(max_length=1000, blank=True, default="")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="field_comment_of_park"),
            models.UniqueConstraint(fields=["park", "application", "round", "field"], name="field_comment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.comment}"


class Review(ParkOwned):
    """An official's act on an application, with the note that the enterprise never sees. Added, never changed.

    The database takes it in the acting official's own name alone, and no decision of an application without it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    round = models.PositiveSmallIntegerField()
    note = models.TextField(_("note to the file"), max_length=4000, blank=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by_name = models.CharField(max_length=120)
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["decided_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="review_of_park"),
            models.UniqueConstraint(fields=["park", "application", "stage", "round"], name="review_once_a_round"),
            models.CheckConstraint(
                condition=Q(
                    stage=Stage.COMPLETENESS,
                    outcome__in=[Outcome.ACCEPTED, Outcome.RETURNED, Outcome.DECLINED],
                    amount_cny=None,
                )
                | Q(stage=Stage.DECISION, outcome=Outcome.DECLINED, amount_cny=None)
                | Q(stage=Stage.DECISION, outcome=Outcome.APPROVED, amount_cny__isnull=False),
                name="review_outcome_fits_stage",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "decided_by", "application"], include=["stage"], name="review_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.get_outcome_display()}"
