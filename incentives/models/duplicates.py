from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from incentives.choices import ClaimKind, DuplicateVerdict
from incentives.models.applications import Application, ApplicationDocument
from incentives.querysets import DuplicateQuerySet
from lib.identifiers import uuid7
from parks.models import ParkOwned


class Claim(ParkOwned):
    """One thing that a filed round of an application claims, in the form in which all applications are compared.

    `shown` is what was typed, or the name of the file; `place` the field, or the kind of the document. Written by the
    worker, for officials alone: what others claim is none of an enterprise's business.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="claims")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=ClaimKind.choices)
    value = models.CharField(max_length=100)
    shown = models.CharField(max_length=300)
    place = models.CharField(max_length=40, blank=True)
    document = models.ForeignKey(ApplicationDocument, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="claim_of_park"),
            models.UniqueConstraint(
                fields=["park", "application", "round", "kind", "value"], name="claim_once_in_a_round"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "kind", "value", "application"], name="claim_of_value"),
        ]

    def __str__(self) -> str:
        return self.shown


class Duplicate(ParkOwned):
    """Two applications of a park that seem to claim the same, with the evidence, and what an official found.

    `later` was begun after `earlier`. `evidence`: a list of pieces, each with its kind, the value that both claim, or a
    digest of both projects with their likeness, and what stands on either side. Unanswered, it follows what both sides
    file and is gone where nothing is left of it; answered, it stays, and further evidence makes a new row. That it is
    the same bars a second grant until it is gone: until one side does not claim it any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    later = models.ForeignKey(Application, models.PROTECT, related_name="duplicates_of_earlier")
    earlier = models.ForeignKey(Application, models.PROTECT, related_name="duplicates_in_later")
    evidence = models.JSONField(pgettext_lazy("duplicate", "evidence"))
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    verdict = models.CharField(
        _("answer"), max_length=20, choices=DuplicateVerdict.choices, blank=True, default=DuplicateVerdict.OPEN
    )
    reason = models.TextField(_("reason"), max_length=4000, blank=True, default="")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=120, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-found_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="duplicate_of_park"),
            models.UniqueConstraint(
                fields=["park", "later", "earlier"],
                condition=Q(verdict="", gone_at=None),
                name="duplicate_open_once",
            ),
            models.CheckConstraint(condition=Q(later__gt=F("earlier")), name="duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(verdict="", reason="", answered_by=None, answered_by_name="", answered_at=None)
                | Q(Q(gone_at=None) | Q(verdict="same"), answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(verdict="")
                & ~Q(reason="")
                & ~Q(answered_by_name=""),
                name="duplicate_answered_in_full",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "later"], include=["verdict", "gone_at"], name="duplicate_of_later"),
            models.Index(fields=["park", "earlier"], include=["verdict", "gone_at"], name="duplicate_of_earlier"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return not self.verdict and self.gone_at is None

    def other_than(self, application: Application) -> Application:
        return self.earlier if self.later_id == application.pk else self.later
