"""Enterprises on their way into the register."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.choices import (
    EDITABLE_REGISTRATIONS,
    OPEN_REGISTRATIONS,
    PaperKind,
    RegistrationState,
    RegistrationStepKind,
)
from enterprises.models.register import Enterprise, RegisteredFacts
from lib.identifiers import uuid7
from parks.models import ParkOwned, StoredFile


class Registration(RegisteredFacts, ParkOwned):
    """What a person without a place in the park files to bring an enterprise in.

    Until it is filed nobody but the registrant sees it. Its code may be one that is registered already: that is for
    the officials to see, and not for the registrant to learn. `number` is the receipt; it counts nothing.
    `sites` is a list of {"name", "address", "area_m2" (decimal as text, or ""), "use" (a `SiteUse`)}.
    `revision` counts what was saved, `round` how often it was filed. `enterprise` is what came of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    registrant = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    registrant_name = models.CharField(max_length=120)
    number = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, choices=RegistrationState.choices, default=RegistrationState.DRAFT)
    is_code_confirmed = models.BooleanField(_("the business licence carries exactly this code"), default=False)
    is_legal_representative = models.BooleanField(_("I am the legal representative"), default=False)
    sites = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="registrations")
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="registration_of_park"),
            models.UniqueConstraint(fields=["park", "registrant", "id"], name="registration_of_registrant"),
            models.UniqueConstraint(
                fields=["park", "number"], condition=~Q(number=""), name="registration_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[RegistrationState.DRAFT, RegistrationState.WITHDRAWN])
                | ~Q(number="") & Q(submitted_at__isnull=False),
                name="registration_filed_with_a_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[RegistrationState.APPROVED, RegistrationState.JOINED], enterprise__isnull=False)
                | ~Q(state__in=[RegistrationState.APPROVED, RegistrationState.JOINED]) & Q(enterprise=None),
                name="registration_ends_in_an_enterprise",
            ),
            models.UniqueConstraint(
                fields=["park", "enterprise"],
                condition=Q(state=RegistrationState.APPROVED),
                name="registration_bears_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["park", "due_at", "submitted_at", "id"],
                condition=Q(state=RegistrationState.SUBMITTED),
                name="registration_waiting",
            ),
            models.Index(fields=["park", "credit_code"], name="registration_code"),
            models.Index(fields=["park", "-decided_at"], name="registration_decided"),
        ]

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE_REGISTRATIONS

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REGISTRATIONS


class RegistrationOwned(ParkOwned):
    """A row of one registration; tied to it, its registrant and its park by a foreign key of the database."""

    registrant = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


def registration_paper_path(paper: RegistrationPaper, filename: str) -> str:
    """Storage keys carry the park; the name the person gave is never part of a path."""
    return f"parks/{paper.park_id}/registrations/{paper.registration_id}/{paper.pk}"


class RegistrationPaper(StoredFile, RegistrationOwned):
    """A document filed with a registration. When the enterprise is let in, it gets a paper with the same file.

    `filed_with` is the round with which officials see it, `left_out_from` the one with which they no longer do.
    """

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="papers", db_index=False)
    kind = models.CharField(_("document"), max_length=20, choices=PaperKind.choices)
    file = models.FileField(upload_to=registration_paper_path, max_length=200)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    filed_with = models.PositiveSmallIntegerField(default=1)
    left_out_from = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="registration_paper_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "registration"], name="registration_paper_list"),
            models.Index(fields=["file"], name="registration_paper_file"),
        ]


class UnfiledAnswers(RegistrationOwned):
    """What the registrant has typed since the registration was returned; nobody else can read it until it is filed.

    `answers` maps columns of the registration to what they will hold.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    registration = models.OneToOneField(Registration, models.PROTECT, related_name="unfiled")
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="unfiled_answers_of_park")]

    def __str__(self) -> str:
        return ", ".join(self.answers)


class RegistrationStep(RegistrationOwned):
    """One entry of the timeline, for both sides. `comment` is written to the registrant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=20, choices=RegistrationStepKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()
    comment = models.TextField(max_length=4000, blank=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="registration_step_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "registration", "at"], name="registration_step_list")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class RegistrationRemark(RegistrationOwned):
    """What an official wants corrected in one field or document; `found` is what stood there, to be compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="remarks", db_index=False)
    field = models.CharField(max_length=40)
    comment = models.TextField(max_length=1000)
    found = models.TextField(blank=True, default="")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="registration_remark_of_park"),
            models.UniqueConstraint(fields=["park", "registration", "round", "field"], name="registration_remark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.comment}"
