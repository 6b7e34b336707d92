"""Days of several channels together: sub-meters against their head meter, intervals against the register beside them.

Safe to repeat: a second look at the same readings changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from django.db import transaction

from energy.calculations.balance import losses_percent
from energy.calculations.clock import EPOCH
from energy.choices import QualityRule
from energy.models import RuleSetting
from energy.queries.balances import HeadDay, RegisterPair, head_days, judged_channels, register_days
from energy.services.quality.checks import keep_findings
from energy.services.quality.findings import Finding
from energy.services.quality.rules import rules_of_each
from energy.services.readings.channels import hold_rows
from lib.periods import local_day
from parks.models import Park

OF_HEADS = frozenset({QualityRule.SUB_SURPLUS, QualityRule.SUB_LOSSES})
OF_REGISTERS = frozenset({QualityRule.REGISTER_GAP})
Rules = Mapping[str, RuleSetting]


@transaction.atomic
def check_balances(park: Park, spans: Mapping[UUID, tuple[int, int]], *, now: datetime) -> None:
    """Look at the days that channels share with others. spans: of changed channels the first and last day since 1970.

    Of days that are not over, or of which a channel lacks readings or has too few measured ones, nothing is found.
    """
    today = local_day(now, park.time_zone)
    days = {key: (_day(first), min(_day(last + 1), today)) for key, (first, last) in spans.items()}
    # Held before anything is read: of two looks at a day the later one knows what the earlier one did.
    hold_rows(judged_channels(park.pk, days), park.pk)
    heads, pairs = head_days(park.pk, days), register_days(park.pk, days)
    channels = {row.channel.pk: row.channel for row in heads} | {row.channel.pk: row.channel for row in pairs}
    rules = rules_of_each(channels.values())
    _keep(heads, [list(_of_head(row, rules[row.channel.pk])) for row in heads], now, OF_HEADS)
    _keep(pairs, [list(_of_register(row, rules[row.channel.pk])) for row in pairs], now, OF_REGISTERS)


def _keep(
    rows: Sequence[HeadDay | RegisterPair],
    findings: Sequence[list[Finding]],
    now: datetime,
    rules: frozenset[QualityRule],
) -> None:
    channels = {row.channel.pk: row.channel for row in rows}
    looked_at: dict[UUID, list[int]] = defaultdict(list)
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for row, own in zip(rows, findings, strict=True):
        looked_at[row.channel.pk].append(_number(row.day))
        found[row.channel.pk] += own
    if channels:
        keep_findings(list(channels.values()), looked_at, found, now, rules=rules)


def _of_head(row: HeadDay, rules: Rules) -> Iterator[Finding]:
    head, below = row.head_total, row.below_total
    if head is None or below is None:
        return
    percent = losses_percent(head, below)
    surplus, losses = rules[QualityRule.SUB_SURPLUS], rules[QualityRule.SUB_LOSSES]
    if percent is None:
        # Where nothing passes the head meter nothing can pass those below it.
        is_surplus, is_lost = head == 0 and below > 0, False
    else:
        # Beyond the noise of binary fractions.
        lost = round(percent, 6)
        is_surplus, is_lost = -lost > (surplus.threshold or 0), lost > (losses.threshold or 0)
    for rule, setting, is_so in (
        (QualityRule.SUB_SURPLUS, surplus, is_surplus),
        (QualityRule.SUB_LOSSES, losses, is_lost),
    ):
        if setting.is_on and is_so:
            told = _fingerprint(head, below)
            yield Finding(rule, _number(row.day), setting.severity, (), told, is_of_park=row.is_of_several)


def _of_register(row: RegisterPair, rules: Rules) -> Iterator[Finding]:
    setting, gap = rules[QualityRule.REGISTER_GAP], row.gap_percent
    if not setting.is_on or row.total is None or row.register_total is None:
        return
    # Of a register that stands still no share can be told: whatever passed beside it is too much.
    is_wide = gap is None or round(abs(gap), 6) > (setting.threshold or 0)
    if is_wide and abs(row.total - row.register_total) > row.step:
        told = _fingerprint(row.total, row.register_total)
        yield Finding(QualityRule.REGISTER_GAP, _number(row.day), setting.severity, (), told)


def _fingerprint(*totals: float) -> str:
    return blake2b(repr([round(total, 6) for total in totals]).encode(), digest_size=16).hexdigest()


def _day(number: int) -> date:
    return EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - EPOCH).days
