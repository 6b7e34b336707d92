from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.calculations import AmountRules, Tier
from incentives.choices import (
    DocumentKind,
    ProgrammeStatus,
)
from incentives.form_fields import FormSection, sections_of
from incentives.payment_calculations import PlannedPayment
from incentives.querysets import ProgrammeQuerySet, ProgrammeVersionQuerySet
from incentives.windows import Window, window_at
from lib.formatting import quantity_words
from lib.identifiers import uuid7
from parks.models import ParkOwned

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}


TCE: dict[str, Any] = {"max_digits": 12, "decimal_places": 3}
MOST_NOTICE_DAYS = 60
NOT_NEGATIVE = MinValueValidator(Decimal(0))
ABOVE_NOTHING = MinValueValidator(Decimal("0.001"))


def usual_stages() -> list[dict[str, Any]]:
    """A completeness check by one reviewer and a decision by one approver."""
    return [
        {"stage": "completeness", "role": "reviewer", "approvals": 1, "working_days": 5, "above_cny": None},
        {"stage": "decision", "role": "approver", "approvals": 1, "working_days": 10, "above_cny": None},
    ]


class ProgrammeTerms(models.Model):
    """What a programme says, shared by the draft that officials edit and the version that was published.

    `amount_formula` (`lib.formulas`) gives the amount in yuan before the cap; empty for saving times rate.
    `example_cases` is a list of {"saving_tce", "investment_cny", "amount_cny"}, decimals as text, which must come true.
    `payment_plan` is a list of {"percent", "condition_en", "condition_zh"} that adds up to 100; empty for one payment.
    `rate_tiers` is a list of {"from_tce", "rate_cny_per_tce"}, decimals as text, what begins first at the top.
    `eligibility_rules` is a list of {"condition", "text_en", "text_zh"} (`services.eligibility`).
    `stages` is a list of {"stage", "role", "approvals", "working_days", "above_cny"} (`services.stages`).
    `criteria` is a list of {"name_en", "name_zh", "weight", "most"}, the last two whole numbers.
    `further_windows` is a list of {"opens_on", "closes_on"} after `closes_on`, days as text, in order.
    `form_fields` and `document_rules` are lists of the parts of `form_fields.FormField` and `DocumentRule`.
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

    cap_year_cny = models.DecimalField(
        _("cap per enterprise and year (yuan)"), null=True, blank=True, validators=[ABOVE_NOTHING], **MONEY
    )
    cap_percent = models.DecimalField(
        _("cap as a share of the investment (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[ABOVE_NOTHING, MaxValueValidator(100)],
    )
    saving_min_tce = models.DecimalField(
        _("least saving a year (tce)"), null=True, blank=True, validators=[NOT_NEGATIVE], **TCE
    )
    saving_below_tce = models.DecimalField(
        _("saving a year below (tce)"), null=True, blank=True, validators=[ABOVE_NOTHING], **TCE
    )
    rate_tiers = models.JSONField(_("rates by saving"), default=list, blank=True)
    tiers_by_part = models.BooleanField(_("each part of the saving counts at its own rate"), default=False)
    eligibility_rules = models.JSONField(_("eligibility rules"), default=list, blank=True)
    form_fields = models.JSONField(_("fields of the form"), default=list, blank=True)
    document_rules = models.JSONField(_("documents of the programme"), default=list, blank=True)
    further_windows = models.JSONField(_("further windows"), default=list, blank=True)

    stages = models.JSONField(_("stages"), default=usual_stages)
    criteria = models.JSONField(_("criteria of the experts"), default=list, blank=True)
    panel_document_kinds = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("documents shown to experts"),
        default=list,
        blank=True,
    )

    notice_working_days = models.PositiveSmallIntegerField(
        _("working days of public notice"), default=0, validators=[MaxValueValidator(MOST_NOTICE_DAYS)]
    )
    is_agreement_asked = models.BooleanField(_("signed agreement before the first payment"), default=False)
    payment_plan = models.JSONField(_("payments"), default=list, blank=True)
    interest_percent = models.DecimalField(
        _("interest on money that is claimed back (% a year)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[NOT_NEGATIVE, MaxValueValidator(36)],
    )

    class Meta:
        abstract = True

    def is_open_on(self, day: date) -> bool:
        """`day` in the park's time zone; the closing day counts."""
        return any(window.holds(day) for window in self.windows)

    @property
    def windows(self) -> list[Window]:
        """In order: the one of the columns, then the further ones."""
        further = [
            Window(date.fromisoformat(row["opens_on"]), date.fromisoformat(row["closes_on"]))
            for row in self.further_windows
        ]
        return [Window(self.opens_on, self.closes_on), *further]

    def window_at(self, day: date) -> Window:
        """The one that is open on a day of the park, otherwise the next, otherwise the last."""
        return window_at(self.windows, day)

    @property
    def rules(self) -> list[SimpleNamespace]:
        """The eligibility rules with their parts by name."""
        return [SimpleNamespace(**rule) for rule in self.eligibility_rules]

    @property
    def payments(self) -> list[PlannedPayment]:
        """The payments of an award in their order; without a plan there is one."""
        plan = [PlannedPayment(**{**row, "percent": Decimal(row["percent"])}) for row in self.payment_plan]
        return plan or [PlannedPayment(Decimal(100))]

    @property
    def sections(self) -> list[FormSection]:
        """The sections of the programme's own form."""
        return sections_of(self.form_fields)

    @property
    def has_further_limits(self) -> bool:
        """Whether more decides the amount than a rate, or a formula, and the cap of the enterprise."""
        limits = (self.cap_year_cny, self.cap_percent, self.saving_min_tce, self.saving_below_tce)
        return bool(self.rate_tiers) or any(limit is not None for limit in limits)

    @property
    def limits_written(self) -> dict[str, str]:
        """The share and the savings supported as one reads them, without the zeros that the columns add."""
        units = {"cap_percent": "%", "saving_min_tce": "tce", "saving_below_tce": "tce"}
        given = {name: getattr(self, name) for name in units}
        return {name: quantity_words(value, units[name]) for name, value in given.items() if value is not None}

    @property
    def amount_rules(self) -> AmountRules:
        return AmountRules(
            rate_cny_per_tce=self.rate_cny_per_tce,
            cap_cny=self.cap_cny,
            cap_year_cny=self.cap_year_cny,
            cap_percent=self.cap_percent,
            saving_min_tce=self.saving_min_tce,
            saving_below_tce=self.saving_below_tce,
            tiers=tuple(Tier(Decimal(row["from_tce"]), Decimal(row["rate_cny_per_tce"])) for row in self.rate_tiers),
            tiers_by_part=self.tiers_by_part,
            formula=self.amount_formula,
        )


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
