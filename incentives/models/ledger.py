from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incentives.choices import EntryKind
from incentives.models.applications import Application
from incentives.models.programmes import Programme
from lib.identifiers import uuid7
from parks.models import ParkOwned

BALANCE: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "default": Decimal(0)}
FIRST_YEAR, LAST_YEAR = 2000, 2100


class BudgetYear(ParkOwned):
    """A programme's money in one budget year: the sums of its entries, locked while one is added.

    What was paid stays part of what is committed, what was clawed back part of what was paid.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="budget_years")
    year = models.PositiveSmallIntegerField(
        _("budget year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    appropriated_cny = models.DecimalField(**BALANCE)
    reserved_cny = models.DecimalField(**BALANCE)
    committed_cny = models.DecimalField(**BALANCE)
    paid_cny = models.DecimalField(**BALANCE)
    clawed_back_cny = models.DecimalField(**BALANCE)

    class Meta:
        ordering: ClassVar = ["year"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="budget_year_of_park"),
            models.UniqueConstraint(fields=["park", "programme", "year"], name="budget_year_once"),
            models.CheckConstraint(
                condition=Q(
                    appropriated_cny__gte=0,
                    reserved_cny__gte=0,
                    committed_cny__gte=0,
                    paid_cny__gte=0,
                    clawed_back_cny__gte=0,
                ),
                name="budget_year_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(appropriated_cny__gte=F("reserved_cny") + F("committed_cny")),
                name="budget_year_within_appropriation",
            ),
            models.CheckConstraint(
                condition=Q(paid_cny__lte=F("committed_cny"), clawed_back_cny__lte=F("paid_cny")),
                name="budget_year_pays_what_is_committed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def free_cny(self) -> Decimal:
        return self.appropriated_cny - self.reserved_cny - self.committed_cny

    @property
    def unpaid_cny(self) -> Decimal:
        return self.committed_cny - self.paid_cny


class LedgerEntry(ParkOwned):
    """One act on the money of a budget year. Added in the acting person's own name, never changed.

    `amount_cny` is below zero only where an appropriation is cut or money leaves for another year.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    budget_year = models.ForeignKey(BudgetYear, models.PROTECT, related_name="entries")
    kind = models.CharField(_("entry"), max_length=20, choices=EntryKind.choices)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="ledger_entries")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="ledger_entry_of_park"),
            models.UniqueConstraint(
                fields=["park", "application"],
                condition=Q(kind=EntryKind.RESERVED),
                name="ledger_reserves_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[EntryKind.APPROPRIATED, EntryKind.MOVED], application=None) & ~Q(amount_cny=0)
                | ~Q(kind__in=[EntryKind.APPROPRIATED, EntryKind.MOVED])
                & Q(application__isnull=False, amount_cny__gt=0),
                name="ledger_entry_of_its_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "budget_year", "at"], include=["kind", "amount_cny"], name="ledger_of_year"),
            models.Index(fields=["park", "application"], name="ledger_of_application"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_cny}"
