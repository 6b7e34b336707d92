"""What is found wrong with readings, by which rules, and what people did about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from energy.choices import ACROSS_CHANNELS, ActKind, Commodity, IssueState, QualityRule, Severity
from energy.models.meters import Channel, OwnedByParkOrEnterprise
from energy.querysets import ReadingIssueQuerySet
from lib.identifiers import uuid7

WAITING_ISSUES = frozenset({IssueState.OPEN, IssueState.ASKED})


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """How a rule is asked of a channel. `unit` is that of the threshold: "min", "%", or empty where it has none."""

    is_on: bool
    severity: str
    threshold: float | None = None
    unit: str = ""


DEFAULTS: dict[str, RuleSetting] = {
    QualityRule.MISSING: RuleSetting(True, Severity.WARNING, 0, "min"),
    QualityRule.NEGATIVE: RuleSetting(True, Severity.CRITICAL),
    QualityRule.OVER_CAPACITY: RuleSetting(True, Severity.CRITICAL, 100, "%"),
    QualityRule.SPIKE: RuleSetting(True, Severity.WARNING, 180, "%"),
    QualityRule.FROZEN: RuleSetting(True, Severity.WARNING, 120, "min"),
    QualityRule.ZERO: RuleSetting(True, Severity.WARNING, 60, "min"),
    QualityRule.SUSPECT: RuleSetting(True, Severity.NOTICE),
    QualityRule.SUB_SURPLUS: RuleSetting(True, Severity.WARNING, 1, "%"),
    QualityRule.SUB_LOSSES: RuleSetting(True, Severity.WARNING, 8, "%"),
    QualityRule.REGISTER_GAP: RuleSetting(True, Severity.WARNING, 1, "%"),
}
"""For electricity; `defaults_of` says where others differ."""
# Surplus and losses between a head meter and those below it: pipes leak, and their meters are coarser than those of
# cables. Working values: a park sets its own.
BALANCES: dict[str, tuple[float, float]] = {
    Commodity.WATER: (2, 12),
    Commodity.GAS: (2, 5),
    Commodity.HEAT: (3, 15),
    Commodity.STEAM: (3, 15),
    Commodity.COOLING: (3, 15),
}
SLOW = frozenset({Commodity.WATER, Commodity.GAS, Commodity.HEAT, Commodity.STEAM, Commodity.COOLING})


def defaults_of(commodity: str) -> dict[str, RuleSetting]:
    """Of what is counted in coarse steps the same value, or none, comes more often by itself; weather has no zero.

    >>> defaults_of("water")["frozen"].threshold, defaults_of("environment")["zero"].is_on
    (360, False)
    """
    if commodity in SLOW:
        longer = {QualityRule.FROZEN: 360.0, QualityRule.ZERO: 240.0}
        surplus, losses = BALANCES[commodity]
        wider = {QualityRule.SUB_SURPLUS: surplus, QualityRule.SUB_LOSSES: losses}
        told = {**longer, **wider}
        return DEFAULTS | {rule: replace(DEFAULTS[rule], threshold=int(threshold)) for rule, threshold in told.items()}
    if commodity == Commodity.ENVIRONMENT:
        off = {rule: replace(DEFAULTS[rule], is_on=False) for rule in (QualityRule.ZERO, QualityRule.SPIKE)}
        return DEFAULTS | off | {QualityRule.FROZEN: replace(DEFAULTS[QualityRule.FROZEN], threshold=360)}
    return DEFAULTS


class ChannelRule(OwnedByParkOrEnterprise):
    """A rule of a channel that differs from the default of its commodity."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(_("rule"), max_length=20, choices=QualityRule.choices)
    is_on = models.BooleanField(_("applies"), default=True)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    threshold = models.FloatField(
        _("threshold"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1_000_000)]
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="channel_rule_of_park"),
            models.UniqueConstraint(fields=["park", "channel", "rule"], name="channel_rule_once"),
        ]

    def __str__(self) -> str:
        return str(self.get_rule_display())


class ReadingIssue(OwnedByParkOrEnterprise):
    """What a rule finds in one day of a channel: one row, which is found again rather than found anew.

    `places` are the intervals of the day, from 0; none where several channels tell of the whole day together. What
    tells of other owners' meters too is the park's: `enterprise` is empty then. `fingerprint` tells this finding from
    another one of the same rule: the places and the values found there. A decision stands as long as the finding is the
    same. `round` grows with each change, so that who decides says what they saw. `due_on`: until when readings that
    were asked for again should come.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    rule = models.CharField(max_length=20, choices=QualityRule.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    state = models.CharField(max_length=10, choices=IssueState.choices, default=IssueState.OPEN)
    places = ArrayField(models.SmallIntegerField())
    fingerprint = models.CharField(max_length=32)
    round = models.PositiveIntegerField(default=1)
    due_on = models.DateField(null=True)
    found_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ReadingIssueQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-day", "channel_id", "rule"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="reading_issue_of_park"),
            models.UniqueConstraint(fields=["park", "channel", "day", "rule"], name="reading_issue_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "state", "-day"], name="reading_issue_list"),
            models.Index(fields=["park", "enterprise", "state", "-day"], name="reading_issue_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.day}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING_ISSUES

    @property
    def is_of_whole_day(self) -> bool:
        """Whether it tells of several channels together, and of no intervals."""
        return self.rule in ACROSS_CHANNELS


class ReadingAct(OwnedByParkOrEnterprise):
    """What somebody decided of an issue, with the readings of before: nothing in it changes but that it is undone.

    Of estimates and edits `places` are the intervals that were changed; `before` and `before_flags` what stood there,
    NULL and 0 where nothing did; `after` what stands there since, marked as estimated or edited. `methods`: the ways of
    estimation. An act that is undone puts back what was there, as far as no file has brought something newer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issue = models.ForeignKey(ReadingIssue, models.PROTECT, related_name="acts", db_index=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=ActKind.choices)
    reason = models.TextField(blank=True)
    methods = ArrayField(models.CharField(max_length=20), default=list)
    places = ArrayField(models.SmallIntegerField(), default=list)
    before = ArrayField(models.FloatField(null=True), default=list)
    before_flags = ArrayField(models.SmallIntegerField(), default=list)
    after = ArrayField(models.FloatField(), default=list)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    undone_by_name = models.CharField(max_length=120, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="reading_act_of_park"),
            models.CheckConstraint(
                condition=Q(
                    before__len=F("places__len"), after__len=F("places__len"), before_flags__len=F("places__len")
                ),
                name="reading_act_keeps_what_was",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "issue", "at"], name="reading_act_of_issue"),
            models.Index(fields=["park", "channel", "day"], condition=Q(undone_at=None), name="reading_act_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"
