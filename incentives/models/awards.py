from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import AwardState, ObjectionState
from incentives.models.applications import Application
from incentives.models.programmes import ProgrammeVersion
from incentives.querysets import AwardQuerySet
from lib.identifiers import uuid7
from lib.text import validate_name
from parks.models import ParkOwned, StoredFile

AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}


class Award(EnterpriseOwned):
    """What an approved application is to be paid, from its approval on until it stands, falls or is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="award")
    amount_cny = models.DecimalField(**AMOUNT)
    state = models.CharField(_("award"), max_length=20, choices=AwardState.choices, default=AwardState.PENDING)
    opened_at = models.DateTimeField()
    stands_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="award_of_park"),
            models.UniqueConstraint(fields=["park", "enterprise", "id"], name="award_of_enterprise"),
            models.CheckConstraint(
                condition=Q(state__in=[AwardState.STANDS, AwardState.REVOKED], stands_at__isnull=False)
                | ~Q(state__in=[AwardState.STANDS, AwardState.REVOKED]) & Q(stands_at=None),
                name="award_stands_since",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "state", "-opened_at"], name="award_list")]

    def __str__(self) -> str:
        return f"{self.application} {self.amount_cny}"


class Notice(ParkOwned):
    """A public notice of awards: who gets what for which project, open to objections until `ends_at`.

    A row of its own with lines that copy what is public, written when it is published and never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="notices")
    number = models.CharField(max_length=30)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    working_days = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-published_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="notice_of_park"),
            models.UniqueConstraint(fields=["park", "number"], name="notice_number_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "-published_at"], name="notice_list")]

    def __str__(self) -> str:
        return self.number


class NoticeLine(ParkOwned):
    """One award as a notice says it to everybody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="lines")
    award = models.OneToOneField(Award, models.PROTECT, related_name="notice_line")
    number = models.CharField(max_length=30)
    enterprise_name_en = models.CharField(max_length=200)
    enterprise_name_zh = models.CharField(max_length=200)
    project_title = models.CharField(_("project"), max_length=200)
    amount_cny = models.DecimalField(**AMOUNT)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="notice_line_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "notice"], name="notice_line_list")]

    def __str__(self) -> str:
        return self.number


class Objection(ParkOwned):
    """What somebody says under their real name against an award on notice. Officials alone read it.

    The public may add one while the notice runs, and see none. `sender` is a mark of where it came from, not the
    address: it tells which of them came from one place.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line = models.ForeignKey(NoticeLine, models.PROTECT, related_name="objections")
    name = models.CharField(_("name"), max_length=120, validators=[validate_name])
    contact = models.CharField(_("telephone or e-mail"), max_length=200)
    text = models.TextField(_("objection"), max_length=4000)
    sender = models.CharField(max_length=16, blank=True, default="")
    filed_at = models.DateTimeField()
    state = models.CharField(_("objection"), max_length=20, choices=ObjectionState.choices, default=ObjectionState.OPEN)
    answer = models.TextField(_("reasons"), max_length=4000, blank=True, default="")
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    handled_by_name = models.CharField(max_length=120, blank=True, default="")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["filed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="objection_of_park"),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, handled_at=None, handled_by=None, answer="")
                | ~Q(state=ObjectionState.OPEN) & Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(answer=""),
                name="objection_handled_with_reasons",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "line", "state"], name="objection_list"),
            models.Index(fields=["park", "sender"], condition=Q(state="open"), name="objection_by_sender"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the objector is given to refer to it by."""
        return f"OBJ-{self.pk.hex[-8:].upper()}"


def objection_paper_path(paper: ObjectionPaper, filename: str) -> str:
    return f"parks/{paper.park_id}/objections/{paper.pk}"


class ObjectionPaper(StoredFile):
    """A file that came with an objection, from somebody who has no account here. Officials alone read it."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="papers")
    file = models.FileField(upload_to=objection_paper_path, max_length=200)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["uploaded_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="objection_paper_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "objection"], name="objection_paper_list"),
            models.Index(fields=["file"], name="objection_paper_file"),
        ]
