"""The store of readings: one row a channel and local day, and the months made of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from energy.models.meters import Channel
from energy.querysets import IntervalBlockQuerySet, MonthTotalQuerySet
from enterprises.models import Enterprise
from parks.models import Park


class OfChannel(models.Model):
    """A row of a channel, of which there are millions: the composite key to the channel stands for all other checks.

    `enterprise` is that of the channel when the row was written.
    """

    park = models.ForeignKey(Park, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False, db_constraint=False)

    class Meta:
        abstract = True


class IntervalValues(OfChannel):
    """The values of a channel on one day of the park's clock, in the channel's unit.

    `values` has one element an interval, from the first instant of the day on: 96 at 15 minutes, 92 and 100 on the days
    of a clock change. What is missing is NULL, never zero. `flags` has a byte of `energy.calculations.flags` for each.
    `total` is the sum of what is there (of a state channel the mean), `peak` the highest value; NULL where nothing
    is there. `present_count` counts the intervals with a value, `measured_count` the measured ones of them. The columns
    are ordered so that a page holds eight days of 96.
    """

    day = models.DateField()
    present_count = models.SmallIntegerField()
    measured_count = models.SmallIntegerField()
    revision = models.SmallIntegerField(default=1)
    total = models.FloatField(null=True)
    peak = models.FloatField(null=True)
    values = ArrayField(models.FloatField(null=True))
    import_id = models.UUIDField()
    flags = models.BinaryField()

    class Meta:
        abstract = True


class IntervalBlock(IntervalValues):
    """What is held for a day now. `import_id` is what changed it last, a file, an act or an undoing; `revision` grows
    with each correction.

    A file that only adds intervals that were missing corrects nothing. A day of which nothing is left stays, empty.
    """

    pk = models.CompositePrimaryKey("park_id", "channel_id", "day")

    objects = IntervalBlockQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["channel_id", "day"]
        # How complete the days of a year are is read from here, which is a twentieth of the blocks themselves.
        indexes: ClassVar = [
            models.Index(
                fields=["park", "day"],
                include=["channel", "present_count", "measured_count"],
                name="interval_block_of_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class IntervalBlockRevision(IntervalValues):
    """What a block said before the file `replaced_by_import_id` corrected it. Rows are only ever added.

    Of intervals that a file added there is no revision: what each file added is in its `ReadingTrace`.
    """

    pk = models.CompositePrimaryKey("park_id", "channel_id", "day", "revision")
    replaced_by_import_id = models.UUIDField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["channel_id", "day", "revision"]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day} {self.revision}"


class RegisterDay(OfChannel):
    """Where the dial of a register stood on one day of the park's clock, in the channel's unit without its multiplier.

    `states` has an element for the beginning of each interval of the day, NULL where nobody read the dial; `flags` as
    of a block. What the blocks of a register hold follows from these states alone, in whichever order they came, so
    those that went back are kept too: only the next one tells whether the dial was set back or read wrongly.
    `import_id` is the file that changed the day last.
    """

    pk = models.CompositePrimaryKey("park_id", "channel_id", "day")
    day = models.DateField()
    states = ArrayField(models.FloatField(null=True))
    import_id = models.UUIDField()
    flags = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["channel_id", "day"]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class MonthTotal(OfChannel):
    """The blocks of a channel's month together, rewritten in the transaction that changes one of them.

    `month` is its first day. `total` and `peak` as of a block; `present_count` are the intervals with a value,
    `measured_count` those of them that were measured. How many there should be is a matter of the clock and of the
    channel's time in service: `energy.queries.use`.
    """

    pk = models.CompositePrimaryKey("park_id", "channel_id", "month")
    month = models.DateField()
    total = models.FloatField(null=True)
    peak = models.FloatField(null=True)
    present_count = models.IntegerField()
    measured_count = models.IntegerField()

    objects = MonthTotalQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["channel_id", "month"]
        indexes: ClassVar = [models.Index(fields=["park", "month"], name="month_total_of_month")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.month:%Y-%m}"
