"""Which meter measures what other meters measure again below it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from energy.models.meters import KNOWN_DAYS, NOT_OF_THIS_AGE, OF_THIS_AGE, Meter, OwnedByParkOrEnterprise
from energy.querysets import SubMeterQuerySet
from lib.identifiers import uuid7


class SubMeter(OwnedByParkOrEnterprise):
    """For some days a meter hangs below its head meter: what passes it has passed the head meter before.

    From `starts_on` up to, not including, `ends_on`; one that ends where it starts never was. `enterprise` is that of
    both meters, and empty where they belong to different owners or to the park: an enterprise does not learn below
    whose meter its own hangs, nor what hangs below it. Both measure the same commodity, and no meter hangs below
    itself on any day, which the database checks one placement after another.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="placements", db_index=False)
    head = models.ForeignKey(Meter, models.PROTECT, related_name="sub_meters", db_index=False)
    starts_on = models.DateField(_("hangs there from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("until"), null=True, blank=True, validators=OF_THIS_AGE)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SubMeterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["meter_id", "starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="sub_meter_of_park"),
            ExclusionConstraint(
                name="sub_meter_below_one",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("meter", RangeOperators.EQUAL),
                    (Func("starts_on", "ends_on", function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The meter hangs below another one at that time."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="sub_meter_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__range=KNOWN_DAYS) & (Q(ends_on=None) | Q(ends_on__range=KNOWN_DAYS)),
                name="sub_meter_of_this_age",
                violation_error_message=NOT_OF_THIS_AGE,
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "head"], name="sub_meter_of_head")]

    def __str__(self) -> str:
        return f"{self.meter_id} < {self.head_id} {self.starts_on}"
