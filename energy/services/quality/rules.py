"""Which rules are asked of a channel, and how: the defaults of its commodity and what a person set otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from energy.models import Channel, ChannelRule, RuleSetting, defaults_of
from energy.permissions import can_change_row, can_keep_meters_of_park, guard
from energy.services.readings.channels import hold_rows
from enterprises.services.ground import lock_to_keep
from parks.actors import Actor

Rules = Mapping[str, RuleSetting]


def rules_of(channel: Channel) -> Rules:
    return rules_of_each([channel])[channel.pk]


def rules_of_each(channels: Iterable[Channel]) -> dict[UUID, Rules]:
    """By channel, whose meters are read already. One query."""
    rows = list(channels)
    changed: dict[UUID, list[ChannelRule]] = defaultdict(list)
    for rule in ChannelRule.objects.filter(channel_id__in=[row.pk for row in rows]):
        changed[rule.channel_id].append(rule)
    return {row.pk: _settled(defaults_of(row.meter.commodity), changed[row.pk]) for row in rows}


def _settled(defaults: Rules, changed: Iterable[ChannelRule]) -> Rules:
    own = {
        row.rule: replace(defaults[row.rule], is_on=row.is_on, severity=row.severity, threshold=row.threshold)
        for row in changed
        if row.rule in defaults
    }
    return {**defaults, **own}


@transaction.atomic
def write_rules(actor: Actor, channel: Channel, *, settings: Rules) -> None:
    """Ask these rules of a channel from now on; days that were checked are checked so when they change again.

    Whoever may not decide what was found does not say either what is looked for.
    """
    guard(can_keep_meters_of_park(actor) and can_change_row(actor, channel))
    if channel.enterprise is not None:
        lock_to_keep(actor, channel.enterprise)
    hold_rows([channel.pk], channel.park_id)
    kept = {row.rule: row for row in ChannelRule.objects.filter(channel=channel)}
    now = _settled(defaults_of(channel.meter.commodity), kept.values())
    for rule, setting in settings.items():
        if now[rule] == setting:
            continue
        row = kept.get(rule) or ChannelRule(
            park_id=channel.park_id, enterprise_id=channel.enterprise_id, channel=channel, rule=rule
        )
        row.is_on, row.severity, row.threshold = setting.is_on, setting.severity, setting.threshold
        row.save()
