"""What electricity costs: tariffs, the versions of their prices, and which channel is charged by which."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from energy.calculations.tariff_clock import PERIODS, Season
from energy.choices import ChargeBasis, PowerFactorStandard, TariffState
from energy.models.meters import OF_THIS_AGE, Channel, OwnedByParkOrEnterprise
from energy.querysets import TariffAssignmentQuerySet, TariffQuerySet, TariffVersionQuerySet
from lib.identifiers import uuid7
from parks.models import ParkOwned

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_NEGATIVE = MinValueValidator(0)
PRICES = tuple(f"price_{period}" for period in PERIODS)
CHARGES = ("levy_per_kwh", "demand_price_per_kw", "capacity_price_per_kva")
TERMS = ("starts_on", "source", *PRICES, *CHARGES, "seasons")
"""What a version says."""
DAYS = Func("starts_on", "ends_on", function="daterange")


def price(words: StrOrPromise) -> models.DecimalField:
    return models.DecimalField(words, max_digits=10, decimal_places=6, null=True, blank=True, validators=[NOT_NEGATIVE])


class Tariff(ParkOwned):
    """A tariff of the park's grid. Its days, months and half hours are those of the clock of `time_zone`.

    Every enterprise of the park may read it: prices are published.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("clock of the tariff"), max_length=60, default="Asia/Shanghai")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="tariff_of_park"),
            models.UniqueConstraint(
                fields=["park", "name"],
                name="tariff_name_once",
                violation_error_message=_("A tariff has this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TariffVersion(ParkOwned):
    """Prices and periods that hold from `starts_on` up to, not including, `ends_on`.

    A draft may be changed. Once in force nothing of it changes but where it ends, for costs were stated with it: a
    later version ends it, one that begins on the same day replaces it. `seasons` holds, for each, "months" and the
    letters of "working", "weekend", "holiday" (`energy.calculations.tariff_clock.Season`). Prices are CNY per kWh, and
    empty for a period that the seasons do not have; `levy_per_kwh` is outside of what the power factor adjusts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=TariffState.choices, default=TariffState.DRAFT)
    starts_on = models.DateField(_("valid from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("valid until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    price_sharp = price(_("price at sharp peak"))
    price_peak = price(_("price at peak"))
    price_flat = price(_("price at flat"))
    price_valley = price(_("price in the valley"))
    price_deep = price(_("price in the deep valley"))
    levy_per_kwh = price(_("funds and levies"))
    demand_price_per_kw = price(_("demand charge"))
    capacity_price_per_kva = price(_("capacity charge"))
    seasons = models.JSONField(_("seasons"))
    created_at = models.DateTimeField(default=timezone.now)

    objects = TariffVersionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="tariff_version_of_park"),
            models.UniqueConstraint(fields=["park", "tariff", "number"], name="tariff_version_number_once"),
            models.UniqueConstraint(
                fields=["park", "tariff"], condition=Q(state=TariffState.DRAFT), name="tariff_version_one_draft"
            ),
            ExclusionConstraint(
                name="tariff_version_one_a_day",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("tariff", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(state=TariffState.IN_FORCE),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="tariff_version_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.number}"

    @property
    def parsed_seasons(self) -> list[Season]:
        return [
            Season(tuple(each["months"]), each["working"], each["weekend"], each["holiday"]) for each in self.seasons
        ]

    @property
    def is_draft(self) -> bool:
        return self.state == TariffState.DRAFT

    @property
    def terms_digest(self) -> str:
        """Names what it says, so that a draft is put in force as it was seen."""
        told = [getattr(self, name) for name in TERMS]
        # However many zeros a price was written with.
        plain = [value.normalize() if isinstance(value, Decimal) else value for value in told]
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


class TariffAssignment(OwnedByParkOrEnterprise):
    """By which tariff a channel is charged from `starts_on` up to, not including, `ends_on`, days of its clock.

    `enterprise` is that of the channel. `charge_basis`: what the second part of a two-part tariff is charged by.
    `power_factor_standard`: which factor the user is held to; empty where charges are not adjusted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="assignments", db_index=False)
    starts_on = models.DateField(_("charged from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("charged until"), null=True, blank=True, validators=OF_THIS_AGE)
    charge_basis = models.CharField(
        _("second part"), max_length=10, choices=ChargeBasis.choices, default=ChargeBasis.NONE
    )
    capacity_kva = models.DecimalField(
        _("transformer capacity (kVA)"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    power_factor_standard = models.CharField(
        _("power factor standard"), max_length=4, choices=PowerFactorStandard.choices, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = TariffAssignmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="tariff_assignment_of_park"),
            ExclusionConstraint(
                name="tariff_assignment_one_a_day",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("channel", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="tariff_assignment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(charge_basis=ChargeBasis.CAPACITY) | Q(capacity_kva__isnull=False),
                name="tariff_assignment_names_capacity",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "tariff"], name="tariff_assignment_of_tariff")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.starts_on}"
