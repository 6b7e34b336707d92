"""Meter points, and what each of them counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from energy.calculations.clock import FIRST_DAY, LAST_DAY
from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.querysets import ChannelQuerySet, MeterQuerySet
from enterprises.models import Enterprise
from lib.identifiers import uuid7
from parks.models import ParkOwned

INTERVALS = (5, 10, 15, 30, 60)
POSITIVE = MinValueValidator(Decimal("0.000001"))
NOT_OF_THIS_AGE = _("Enter a day of the years 1990 to 2099.")
OF_THIS_AGE = (MinValueValidator(FIRST_DAY, NOT_OF_THIS_AGE), MaxValueValidator(LAST_DAY, NOT_OF_THIS_AGE))
KNOWN_DAYS = (FIRST_DAY, LAST_DAY)


class OwnedByParkOrEnterprise(ParkOwned):
    """A row of one enterprise, or of the park itself where `enterprise` is empty: those the enterprises do not see."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Meter(OwnedByParkOrEnterprise):
    """A meter point: one device at one place, of one owner.

    In service from `starts_on` up to, not including, `ends_on`. Who gets a device from another owner gets a meter of
    their own with the same serial number, so that the readings of before stay with whom they belong to.

    What an enterprise enters is a claim: files of the park fill its meter once the park has confirmed it.
    `confirmed_at` is empty for meters of the park itself; `confirmed_by` of those from before this was asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    serial = models.CharField(_("serial number"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    location = models.CharField(_("location"), max_length=200, blank=True)
    commodity = models.CharField(_("measures"), max_length=20, choices=Commodity.choices, default=Commodity.ELECTRICITY)
    starts_on = models.DateField(_("in service from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("out of service from"), null=True, blank=True, validators=OF_THIS_AGE)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    confirmed_by_name = models.CharField(max_length=120, blank=True, default="")

    objects = MeterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "serial"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="meter_of_park"),
            # A device has one owner on a day: who could claim one from an earlier day on would take its readings.
            ExclusionConstraint(
                name="meter_serial_once",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("serial", RangeOperators.EQUAL),
                    (Func("starts_on", "ends_on", function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("A meter with this serial number is in service at that time already."),
            ),
            models.CheckConstraint(condition=~Q(serial__contains="/"), name="meter_serial_without_stroke"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="meter_ends_after_start",
                violation_error_message=_("A meter goes out of service after it came into service."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__range=KNOWN_DAYS) & (Q(ends_on=None) | Q(ends_on__range=KNOWN_DAYS)),
                name="meter_of_this_age",
                violation_error_message=NOT_OF_THIS_AGE,
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, enterprise__isnull=False),
                name="meter_confirmed_of_enterprise",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "enterprise", "commodity"], name="meter_of_owner"),
            models.Index(fields=["park", "name"], name="meter_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_to_confirm(self) -> bool:
        """Whether files of the park do not fill it yet."""
        return self.enterprise_id is not None and self.confirmed_at is None


class Channel(OwnedByParkOrEnterprise):
    """One thing that a meter counts. `enterprise` is always that of its meter.

    `code` is what files call it beside the meter's serial number (E1, 1.8.0): readings of "serial/code" are its own,
    those of the serial number alone where its meter has one channel. Values are kept in `unit`: what a file gives, in
    the unit of the file, times `multiplier` (current and voltage transformers). A register gives the state of its dial,
    which begins anew at `dial_limit`, and an interval's use is the difference; the first state of all gives none.
    lowest, highest: what an interval's value must lie between, in `unit`; without `highest`, `rated_power_kw` times the
    length of the interval is the limit of a channel in kWh. Negative values are refused unless `lowest` allows them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="channels", db_index=False)
    code = models.CharField(_("code in files"), max_length=20, blank=True)
    flow = models.CharField(_("counts"), max_length=20, choices=Flow.choices, default=Flow.IMPORT)
    kind = models.CharField(_("gives"), max_length=20, choices=ChannelKind.choices, default=ChannelKind.INTERVAL)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, default=Unit.KWH)
    interval_minutes = models.PositiveSmallIntegerField(
        _("interval (minutes)"), choices=[(minutes, str(minutes)) for minutes in INTERVALS], default=15
    )
    multiplier = models.DecimalField(
        _("multiplier"), max_digits=14, decimal_places=6, default=Decimal(1), validators=[POSITIVE]
    )
    dial_limit = models.DecimalField(
        _("dial begins anew at"), max_digits=16, decimal_places=3, null=True, blank=True, validators=[POSITIVE]
    )
    rated_power_kw = models.DecimalField(
        _("rated power (kW)"), max_digits=14, decimal_places=3, null=True, blank=True, validators=[POSITIVE]
    )
    lowest = models.FloatField(_("lowest value of an interval"), null=True, blank=True)
    highest = models.FloatField(_("highest value of an interval"), null=True, blank=True)
    starts_on = models.DateField(_("in service from"), null=True, blank=True, validators=OF_THIS_AGE)
    ends_on = models.DateField(_("out of service from"), null=True, blank=True, validators=OF_THIS_AGE)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["meter_id", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="channel_of_park"),
            models.UniqueConstraint(
                fields=["park", "meter", "code"],
                name="channel_code_once",
                violation_error_message=_("The meter has a channel with this code already."),
            ),
            models.CheckConstraint(condition=Q(interval_minutes__in=INTERVALS), name="channel_interval_divides_hours"),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="channel_multiplies"),
            models.CheckConstraint(
                condition=(Q(starts_on=None) | Q(starts_on__range=KNOWN_DAYS))
                & (Q(ends_on=None) | Q(ends_on__range=KNOWN_DAYS)),
                name="channel_of_this_age",
                violation_error_message=NOT_OF_THIS_AGE,
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "enterprise"], name="channel_of_owner")]

    def __str__(self) -> str:
        return self.code or str(self.get_flow_display())

    @property
    def is_state(self) -> bool:
        """Whether its values are averaged, not summed."""
        return self.flow == Flow.STATE

    @property
    def counts_electricity(self) -> bool:
        """Whether a tariff can say what its values cost."""
        return self.meter.commodity == Commodity.ELECTRICITY and self.unit == Unit.KWH

    @property
    def is_virtual(self) -> bool:
        """Whether it is worked out from other channels."""
        return self.kind == ChannelKind.VIRTUAL

    @property
    def service_starts_on(self) -> date:
        """Never before its meter: what a device showed then belongs to who had it before."""
        return max(self.starts_on or self.meter.starts_on, self.meter.starts_on)

    @property
    def service_ends_on(self) -> date | None:
        """The first day on which it is not in service any more; the meter's where it has none of its own."""
        ends = [day for day in (self.ends_on, self.meter.ends_on) if day]
        return min(ends) if ends else None
