from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import FinancialCheck, Outcome, Stage
from incentives.models.applications import Application
from incentives.models.programmes import MONEY
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
    A return makes the reviews of its stage up to that round count no more, and those of its `void_stages`. `message`
    is what the enterprise reads of an approval. The visit belongs to a substantive review, what is proven and the
    checks to a financial one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    round = models.PositiveSmallIntegerField()
    note = models.TextField(_("note to the file"), max_length=4000, blank=True)
    message = models.TextField(_("message to the enterprise"), max_length=4000, blank=True, default="")
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    void_stages = ArrayField(models.CharField(max_length=20, choices=Stage.choices), default=list, blank=True)
    visited_on = models.DateField(_("visited on"), null=True)
    visited_by = models.CharField(_("who went"), max_length=200, blank=True, default="")
    visit_findings = models.TextField(_("what was seen"), max_length=4000, blank=True, default="")
    proven_cny = models.DecimalField(_("investment proven (yuan)"), null=True, **MONEY)
    checks = ArrayField(
        models.CharField(max_length=20, choices=FinancialCheck.choices),
        verbose_name=_("compared"),
        default=list,
        blank=True,
    )
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by_name = models.CharField(max_length=120)
    deputy_for = models.CharField(_("in place of"), max_length=120, blank=True, default="")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["decided_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="review_of_park"),
            models.UniqueConstraint(
                fields=["park", "application", "stage", "round", "decided_by"], name="review_once_a_round_by_each"
            ),
            models.CheckConstraint(
                condition=Q(
                    stage__in=[Stage.COMPLETENESS, Stage.SUBSTANTIVE, Stage.FINANCIAL],
                    outcome__in=[Outcome.ACCEPTED, Outcome.RETURNED, Outcome.DECLINED],
                    amount_cny=None,
                )
                | Q(stage=Stage.PANEL, outcome=Outcome.ACCEPTED, amount_cny=None)
                | Q(stage=Stage.DECISION, outcome__in=[Outcome.RETURNED, Outcome.DECLINED], amount_cny=None)
                | Q(stage=Stage.DECISION, outcome=Outcome.APPROVED, amount_cny__isnull=False),
                name="review_outcome_fits_stage",
            ),
            models.CheckConstraint(
                condition=Q(void_stages=[]) | Q(outcome=Outcome.RETURNED), name="review_voids_by_a_return"
            ),
            models.CheckConstraint(
                condition=Q(visited_on=None, visited_by="", visit_findings="") | Q(stage=Stage.SUBSTANTIVE),
                name="review_visit_fits_stage",
            ),
            models.CheckConstraint(
                condition=Q(proven_cny=None, checks=[]) | Q(stage=Stage.FINANCIAL), name="review_checks_fit_stage"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["park", "decided_by", "application"],
                include=["stage", "round", "outcome"],
                name="decision_of_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.outcome_words}"

    @property
    def outcome_words(self) -> str:
        """What passing a stage is called differs from stage to stage."""
        if self.outcome == Outcome.ACCEPTED and self.stage != Stage.COMPLETENESS:
            return gettext("Scored") if self.stage == Stage.PANEL else gettext("Passed")
        return str(self.get_outcome_display())

    @property
    def void_labels(self) -> str:
        return gettext(", ").join(str(Stage(name).label) for name in self.void_stages)

    @property
    def check_labels(self) -> list[str]:
        return [str(FinancialCheck(name).label) for name in self.checks]
