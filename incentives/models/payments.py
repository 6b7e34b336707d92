from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.choices import InstalmentState
from incentives.models.awards import AMOUNT, Award
from incentives.querysets import InstalmentQuerySet
from lib.identifiers import uuid7


class Instalment(EnterpriseOwned):
    """One payment of an award that stands: its share, its condition, and how far it has come."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="instalments")
    number = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField()
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    amount_cny = models.DecimalField(**AMOUNT)
    condition_en = models.CharField(max_length=300, blank=True)
    condition_zh = models.CharField(max_length=300, blank=True)
    state = models.CharField(
        _("payment"), max_length=20, choices=InstalmentState.choices, default=InstalmentState.PLANNED
    )
    evidence = models.TextField(_("how the condition was met"), max_length=2000, blank=True, default="")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_name = models.CharField(max_length=120, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="instalment_of_park"),
            models.UniqueConstraint(fields=["park", "enterprise", "id"], name="instalment_of_enterprise"),
            models.UniqueConstraint(fields=["park", "number"], name="instalment_number_once"),
            models.UniqueConstraint(fields=["park", "award", "place"], name="instalment_once"),
            models.CheckConstraint(
                condition=~Q(state__in=[InstalmentState.DUE, InstalmentState.PAID])
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="instalment_due_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "state", "number"], name="instalment_list")]

    def __str__(self) -> str:
        return self.number

    @property
    def share_percent(self) -> Decimal:
        """Without the zeros that the database adds."""
        return self.percent.normalize() + 0


class Payment(EnterpriseOwned):
    """What the treasury paid, as it confirmed it. Added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    instalment = models.OneToOneField(Instalment, models.PROTECT, related_name="payment")
    amount_cny = models.DecimalField(**AMOUNT)
    paid_on = models.DateField(_("paid on"))
    reference = models.CharField(_("treasury reference"), max_length=60)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_by_name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["paid_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="payment_of_park"),
            models.UniqueConstraint(fields=["park", "reference"], name="payment_reference_once"),
        ]

    def __str__(self) -> str:
        return self.reference
