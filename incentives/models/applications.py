from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import (
    DECIDED,
    EDITABLE,
    ENDED,
    IN_A_STAGE,
    WAITING_FOR_OFFICIALS,
    WAITING_WORDS,
    ApplicationState,
    DocumentKind,
    Stage,
    StepKind,
)
from incentives.models.programmes import MONEY, NOT_NEGATIVE, ProgrammeVersion
from incentives.querysets import ApplicationQuerySet
from lib.identifiers import uuid7
from lib.text import validate_name
from parks.choices import Role
from parks.models import ParkOwned, StoredFile


class Application(EnterpriseOwned):
    """An enterprise's application under one published version of a programme.

    `revision` counts the changes of a draft so that two colleagues cannot overwrite each other unseen. `stage` is the
    one it waits in, or will go on in when it is filed again, and `stage_role` who acts there; the database keeps both
    in step with the reviews.
    `compared_at`: when the worker found all that claims the same; the database forgets it whenever officials get the
    application to review.
    `form_answers` are those to the fields of the version, by their keys (`services.form_fields.typed`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="applications")
    number = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=20, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True, default="")
    stage_role = models.CharField(max_length=20, choices=Role.choices, blank=True, default="")
    project_title = models.CharField(_("project"), max_length=200, blank=True, validators=[validate_name])
    project_summary = models.TextField(_("what was done, and where"), max_length=4000, blank=True)
    completed_on = models.DateField(_("project completed on"), null=True, blank=True)
    investment_cny = models.DecimalField(
        _("project investment (yuan)"), null=True, blank=True, validators=[NOT_NEGATIVE], **MONEY
    )
    saving_tce = models.DecimalField(
        _("annual saving (tce)"), max_digits=12, decimal_places=3, null=True, blank=True, validators=[NOT_NEGATIVE]
    )
    form_answers = models.JSONField(_("answers to the programme's own form"), default=dict, blank=True)
    requested_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    approved_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    revision = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="application_of_park"),
            models.UniqueConstraint(fields=["park", "enterprise", "id"], name="application_of_enterprise"),
            models.UniqueConstraint(fields=["park", "number"], condition=~Q(number=""), name="application_number_once"),
            models.UniqueConstraint(
                fields=["park", "enterprise", "programme_version"],
                condition=Q(state=ApplicationState.DRAFT),
                name="application_open_draft_once",
            ),
            models.CheckConstraint(
                condition=Q(approved_cny=None) | Q(approved_cny__lte=F("requested_cny"), approved_cny__gt=0),
                name="application_approved_within_request",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | Q(requested_cny__gt=0, submitted_at__isnull=False),
                name="application_filed_with_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.APPROVED, approved_cny__isnull=False)
                | ~Q(state=ApplicationState.APPROVED) & Q(approved_cny=None),
                name="application_approved_with_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.SUBMITTED, stage=Stage.COMPLETENESS)
                | Q(state=ApplicationState.RETURNED) & ~Q(stage="")
                | Q(state=ApplicationState.ACCEPTED) & ~Q(stage__in=["", Stage.COMPLETENESS])
                | ~Q(state__in=sorted(IN_A_STAGE)) & Q(stage=""),
                name="application_state_fits_stage",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "state", "due_at"], name="application_queue"),
            models.Index(fields=["park", "enterprise", "-started_at"], name="application_of_firm"),
            models.Index(fields=["park", "programme_version", "state"], name="application_of_version"),
            # The lists below end with the key, so that a page is found, and a view counted, in the index alone.
            models.Index(
                fields=["park", "due_at", "submitted_at", "id"],
                include=[
                    *("number", "state", "enterprise", "programme_version"),
                    *("requested_cny", "started_by", "started_at"),
                    *("stage", "stage_role", "round"),
                ],
                condition=Q(state__in=sorted(WAITING_FOR_OFFICIALS)),
                name="application_waiting",
            ),
            models.Index(
                fields=["park", "-submitted_at", "id"],
                include=["number", "state", "enterprise"],
                condition=Q(submitted_at__isnull=False),
                name="application_filed",
            ),
            models.Index(
                fields=["park", "-decided_at", "id"],
                include=["number", "state", "enterprise", "submitted_at"],
                condition=Q(state__in=sorted(DECIDED)),
                name="application_decided",
            ),
            models.Index(
                fields=["park", "id"],
                condition=Q(compared_at=None, submitted_at__isnull=False),
                name="application_uncompared",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.project_title

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """While it is under review, the stage says more than the state."""
        if self.state == ApplicationState.ACCEPTED and self.stage:
            return str(WAITING_WORDS[Stage(self.stage)])
        return str(ApplicationState(self.state).label)

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


def document_path(document: ApplicationDocument, filename: str) -> str:
    """Storage keys carry the park; the name the person gave is never part of a path."""
    return f"parks/{document.park_id}/applications/{document.application_id}/{document.pk}"


class ApplicationDocument(StoredFile, EnterpriseOwned):
    """A file of an application."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    kind = models.CharField(_("document"), max_length=20)
    choices_in_trail: ClassVar = {"kind": DocumentKind.choices}
    file = models.FileField(upload_to=document_path, max_length=200)

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="application_document_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "application"], name="application_document_list"),
            models.Index(fields=["file"], name="application_document_file"),
        ]


class ApplicationStep(EnterpriseOwned):
    """One entry of the timeline, for both sides. `comment` is written to the enterprise.

    `stage` is the one in which an official acted. `due_at` and `amount_cny`, asked for or granted, are those that the
    step brought about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind.choices)
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True, default="")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()
    comment = models.TextField(max_length=4000, blank=True)
    due_at = models.DateTimeField(null=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="application_step_of_park")]
        indexes: ClassVar = [
            # How long stages took is read, step after step, in the index alone.
            models.Index(fields=["park", "application", "at"], include=["kind", "stage"], name="application_step_way"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class NumberSeries(ParkOwned):
    """The last number given out in a series of a park, for example applications of a programme in a year."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    series = models.CharField(max_length=40)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="number_series_of_park"),
            models.UniqueConstraint(fields=["park", "series"], name="number_series_once"),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.last_number}"
