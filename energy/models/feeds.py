"""The ways by which readings come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from energy.choices import FeedFormat, FeedSource
from energy.models.meters import OwnedByParkOrEnterprise
from energy.querysets import FeedQuerySet
from lib.identifiers import uuid7

A_DAY = 24 * 60
PERIODS = (
    (15, _("Every 15 minutes")),
    (60, _("Every hour")),
    (360, _("Every 6 hours")),
    (A_DAY, _("Once a day")),
)
LONGEST_SILENCE_HOURS = 24 * 60


class Feed(OwnedByParkOrEnterprise):
    """A way by which readings come in: where its files come from and when, their format, and the zone of times without.

    `mapping` of tables: the heading of each column by its meaning (meter, code, time, value, unit, day), "stamp":
    "start" or "end", what a time means, "decimal": ".", ",". Of all formats, "names": what the file calls a channel
    → "serial/code". Empty, headings are recognised. A feed of an enterprise reaches the channels of that enterprise.

    `address` is a web address, "host:port/folder", "https://host/bucket/prefix", or a folder below that of the park;
    `account` who signs in there. Fetched every `every_minutes` by the clock of the park, once a day at `daily_at`;
    empty, when somebody asks. `last_problem` is a code of `energy.sources`, empty when the last fetch went well.
    A feed that brings no file for `silent_after_hours` is told of once; `silence_told_at` is empty until then.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    format = models.CharField(_("format"), max_length=20, choices=FeedFormat.choices)
    mapping = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(_("time zone of the files"), max_length=60)
    is_paused = models.BooleanField(_("paused"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(_("source"), max_length=20, choices=FeedSource.choices, default=FeedSource.UPLOAD)
    address = models.CharField(_("address"), max_length=500, blank=True, default="")
    account = models.CharField(_("account"), max_length=200, blank=True, default="")
    region = models.CharField(_("region"), max_length=60, blank=True, default="")
    host_key = models.CharField(_("fingerprint of the host key"), max_length=100, blank=True, default="")
    file_pattern = models.CharField(_("names of the files"), max_length=100, blank=True, default="")
    secret_set_at = models.DateTimeField(null=True, blank=True)
    every_minutes = models.PositiveSmallIntegerField(_("fetched"), choices=PERIODS, null=True, blank=True)
    daily_at = models.TimeField(_("time of the day"), null=True, blank=True)
    silent_after_hours = models.PositiveSmallIntegerField(
        _("tell when nothing came for (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_SILENCE_HOURS)],
    )
    next_fetch_at = models.DateTimeField(null=True, blank=True)
    last_fetch_at = models.DateTimeField(null=True, blank=True)
    last_problem = models.CharField(max_length=60, blank=True, default="")
    # Since when files are waited for: the last one, or the day it was added or resumed.
    waits_since = models.DateTimeField(default=timezone.now)
    last_file_at = models.DateTimeField(null=True, blank=True)
    silence_told_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="feed_of_park"),
            models.UniqueConstraint(
                fields=["park", "enterprise", "name"],
                nulls_distinct=False,
                name="feed_name_once",
                violation_error_message=_("A feed has this name already."),
            ),
            models.CheckConstraint(
                condition=Q(every_minutes=None) | Q(every_minutes__in=[minutes for minutes, _words in PERIODS]),
                name="feed_fetched_at_known_times",
            ),
            # An enterprise would look into the folders of the park.
            models.CheckConstraint(
                condition=~Q(source=FeedSource.FOLDER) | Q(enterprise=None), name="feed_folder_of_park"
            ),
            models.CheckConstraint(
                condition=Q(source=FeedSource.PUSH, format=FeedFormat.PUSHED)
                | (~Q(source=FeedSource.PUSH) & ~Q(format=FeedFormat.PUSHED)),
                name="feed_pushed_in_its_format",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_fetched(self) -> bool:
        return FeedSource(self.source).is_fetched

    @property
    def is_daily(self) -> bool:
        return self.every_minutes == A_DAY

    def is_silent(self, now: datetime) -> bool:
        """Whether it has brought nothing for longer than it may."""
        if self.is_paused or self.silent_after_hours is None:
            return False
        return now - self.waits_since > timedelta(hours=self.silent_after_hours)


class FeedSecret(OwnedByParkOrEnterprise):
    """The password or key with which a feed signs in at its source, sealed. Only whoever fetches opens it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="+", db_index=False)
    sealed = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="feed_secret_of_park"),
            models.UniqueConstraint(fields=["park", "feed"], name="feed_secret_once"),
        ]

    def __str__(self) -> str:
        return str(self.feed_id)
