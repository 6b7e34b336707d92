from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.models.awards import AMOUNT, Award
from lib.identifiers import uuid7


class Clawback(EnterpriseOwned):
    """A revoked award: why, what is claimed back with which interest, and what came back.

    `calculation` is a list of {"number", "principal_cny", "paid_on", "until", "percent", "days", "interest_cny"}, as it
    was worked out on the day of the revocation.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    award = models.OneToOneField(Award, models.PROTECT, related_name="clawback")
    reason = models.TextField(_("reason"), max_length=4000)
    principal_cny = models.DecimalField(**AMOUNT)
    interest_cny = models.DecimalField(**AMOUNT)
    calculation = models.JSONField(_("calculation"), default=list)
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revoked_by_name = models.CharField(max_length=120)
    returned_cny = models.DecimalField(null=True, **AMOUNT)
    returned_on = models.DateField(_("returned on"), null=True)
    reference = models.CharField(_("treasury reference"), max_length=60, blank=True, default="")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-revoked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="clawback_of_park"),
            models.CheckConstraint(
                condition=Q(returned_on=None, returned_cny=None)
                | Q(
                    returned_on__isnull=False,
                    confirmed_by__isnull=False,
                    returned_cny=F("principal_cny") + F("interest_cny"),
                ),
                name="clawback_returned_in_full",
            ),
        ]

    def __str__(self) -> str:
        return str(self.award)

    @property
    def total_cny(self) -> Decimal:
        return self.principal_cny + self.interest_cny

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The calculation with its days and figures as such."""
        days, figures = ("paid_on", "until"), ("principal_cny", "percent", "interest_cny")
        return [
            {
                **line,
                **{name: date.fromisoformat(line[name]) for name in days},
                **{name: Decimal(line[name]) for name in figures},
            }
            for line in self.calculation
        ]
