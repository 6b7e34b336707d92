from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incentives.models.applications import Application
from incentives.querysets import PanelSeatQuerySet
from lib.identifiers import uuid7
from parks.models import ParkOwned


class PanelSeat(ParkOwned):
    """The place of one expert on the panel of an application, with the scores given there.

    `scores` follow the criteria of the version, decimals as text, None where nothing is given yet. Sent scores stay,
    and so does a seat that was left: with `conflict`, what the expert declared, or because somebody else was seated.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(User, models.PROTECT, related_name="+")
    expert_name = models.CharField(max_length=120)
    round = models.PositiveSmallIntegerField()
    assigned_at = models.DateTimeField()
    scores = models.JSONField(_("scores"), default=list, blank=True)
    comment = models.TextField(_("comment"), max_length=4000, blank=True, default="")
    scored_at = models.DateTimeField(null=True)
    conflict = models.TextField(_("conflict of interest"), max_length=1000, blank=True, default="")
    left_at = models.DateTimeField(null=True)

    objects = PanelSeatQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["assigned_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="panel_seat_of_park"),
            models.UniqueConstraint(fields=["park", "application", "round", "expert"], name="panel_seat_once"),
            models.CheckConstraint(condition=Q(scored_at=None) | Q(left_at=None), name="panel_seat_scored_or_left"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "expert", "application"], name="panel_seat_of_expert"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What an expert calls the case: it says nothing of the enterprise, and cannot be looked up."""
        return self.pk.hex[-6:].upper()

    @property
    def is_open(self) -> bool:
        return self.scored_at is None and self.left_at is None
