"""Programmes, the applications filed under them, and what officials decided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
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
    WAITING_FOR_OFFICIALS,
    ApplicationState,
    DocumentKind,
    Outcome,
    ProgrammeStatus,
    Stage,
    StepKind,
)
from incentives.querysets import ApplicationQuerySet, ProgrammeQuerySet, ProgrammeVersionQuerySet
from lib.identifiers import uuid7
from lib.text import validate_name
from parks.models import ParkOwned, StoredFile

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
NOT_NEGATIVE = MinValueValidator(Decimal(0))


class ProgrammeTerms(models.Model):
    """What a programme says, shared by the draft that officials edit and the version that was published.

    `amount_formula` (`incentives.formulas`) gives the amount in yuan before the cap; empty for saving times rate.
    `example_cases` is a list of {"saving_tce", "investment_cny", "amount_cny"}, decimals as text, which must come true.
    """

    title_en = models.CharField(_("title in English"), max_length=200)
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    summary_en = models.TextField(_("summary in English"), blank=True)
    summary_zh = models.TextField(_("summary in Chinese"), blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes at the end of"))
    rate_cny_per_tce = models.DecimalField(_("rate (yuan per tce saved)"), validators=[NOT_NEGATIVE], **MONEY)
    cap_cny = models.DecimalField(_("cap per enterprise (yuan)"), validators=[NOT_NEGATIVE], **MONEY)
    amount_formula = models.CharField(_("amount formula"), max_length=500, blank=True, default="")
    example_cases = models.JSONField(_("examples"), default=list, blank=True)
    document_kinds = ArrayField(
        models.CharField(max_length=20, choices=DocumentKind.choices), verbose_name=_("required documents")
    )

    class Meta:
        abstract = True

    def is_open_on(self, day: date) -> bool:
        """`day` in the park's time zone; the closing day counts."""
        return self.opens_on <= day <= self.closes_on


class Programme(ProgrammeTerms, ParkOwned):
    """A programme as the officials of a park edit it, and the ledger of its budget.

    Enterprises and the public never see this row: they see its published version.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("code"), max_length=12)
    budget_cny = models.DecimalField(_("budget (yuan)"), validators=[NOT_NEGATIVE], **MONEY)
    committed_cny = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    status = models.CharField(max_length=20, choices=ProgrammeStatus.choices, default=ProgrammeStatus.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-opens_on", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="programme_of_park"),
            models.UniqueConstraint(
                fields=["park", "code"],
                name="programme_code_once",
                violation_error_message=_("Another programme of this park has this code."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="programme_closes_after_it_opens",
                violation_error_message=_("A programme cannot close before it opens."),
            ),
            models.CheckConstraint(
                condition=Q(committed_cny__gte=0, committed_cny__lte=F("budget_cny")), name="programme_within_budget"
            ),
        ]

    def __str__(self) -> str:
        return self.title_en

    @property
    def left_cny(self) -> Decimal:
        return self.budget_cny - self.committed_cny


class ProgrammeVersion(ProgrammeTerms, ParkOwned):
    """A programme as it was published. Never changes but for the day it was closed; applications keep theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12)
    budget_cny = models.DecimalField(max_digits=14, decimal_places=2)
    published_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = ProgrammeVersionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["closes_on", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="programme_version_of_park"),
            models.UniqueConstraint(fields=["park", "programme", "number"], name="programme_version_once"),
            models.UniqueConstraint(
                fields=["park", "programme"], condition=Q(closed_at=None), name="programme_version_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title_en} v{self.number}"

    def takes_applications_on(self, day: date) -> bool:
        return self.closed_at is None and self.is_open_on(day)


class Application(EnterpriseOwned):
    """An enterprise's application under one published version of a programme.

    `revision` counts the changes of a draft so that two colleagues cannot overwrite each other unseen.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme_version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="applications")
    number = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=20, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    project_title = models.CharField(_("project"), max_length=200, blank=True, validators=[validate_name])
    project_summary = models.TextField(_("what was done, and where"), max_length=4000, blank=True)
    completed_on = models.DateField(_("project completed on"), null=True, blank=True)
    investment_cny = models.DecimalField(
        _("project investment (yuan)"), null=True, blank=True, validators=[NOT_NEGATIVE], **MONEY
    )
    saving_tce = models.DecimalField(
        _("annual saving (tce)"), max_digits=12, decimal_places=3, null=True, blank=True, validators=[NOT_NEGATIVE]
    )
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
        ]

    def __str__(self) -> str:
        return self.number or self.project_title

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
    kind = models.CharField(_("document"), max_length=20, choices=DocumentKind.choices)
    file = models.FileField(upload_to=document_path, max_length=200)

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="application_document_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "application"], name="application_document_list")]


class ApplicationStep(EnterpriseOwned):
    """One entry of the timeline, for both sides. `comment` is written to the enterprise.

    `due_at` and `amount_cny`, asked for or granted, are those that the step brought about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind.choices)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()
    comment = models.TextField(max_length=4000, blank=True)
    due_at = models.DateTimeField(null=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="application_step_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "application", "at"], name="application_step_list")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


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
