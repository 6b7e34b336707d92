"""Looking at days that changed: what the rules find is kept as issues, one a channel, day and rule.

Safe to repeat: a second look at the same readings changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.calculations.validation import HISTORY_DAYS
from energy.choices import ACROSS_CHANNELS, ActKind, IssueState, QualityRule
from energy.events import readings_looked_at
from energy.models import WAITING_ISSUES, Channel, ImportUndo, ReadingAct, ReadingImport, ReadingIssue
from energy.queries.followers import followed_channels
from energy.services.quality.findings import Finding, findings
from energy.services.quality.grids import Grid, grid_of, read_blocks, write_day
from energy.services.quality.rules import rules_of_each
from energy.services.readings.blocks_io import HeldBlocks
from energy.services.readings.channels import hold_rows
from energy.services.readings.taking_back import FLAG_OF
from energy.services.readings.traces import trace_act
from lib.periods import local_day

MOST_CHANNELS = 100
"""So many channels are looked at in one transaction."""
WITHIN_CHANNEL = frozenset(QualityRule) - ACROSS_CHANNELS
CHANGED = """
SELECT c.id, array_agg(b.day - DATE '1970-01-01' ORDER BY b.day)
FROM energy_channel AS c
CROSS JOIN LATERAL (
    SELECT day FROM energy_intervalblock
    WHERE park_id = c.park_id AND channel_id = c.id AND day BETWEEN %(first)s AND %(last)s AND import_id = %(import)s
    OFFSET 0
) AS b
WHERE c.park_id = %(park)s AND c.id > %(after)s
GROUP BY c.id ORDER BY c.id LIMIT %(most)s
"""
FIRST_ID = UUID(int=0)


@transaction.atomic
def check_import(reading_import_id: UUID, *, after: UUID | None, now: datetime) -> UUID | None:
    """Look at the days that a file changed, of the next channels behind `after`; the last of them, None at the end."""
    return _check_changed(ReadingImport.objects.select_related("park").get(pk=reading_import_id), after, now)


@transaction.atomic
def check_undo(import_undo_id: UUID, *, after: UUID | None, now: datetime) -> UUID | None:
    """As `check_import`, at the days that the undoing of an import changed."""
    return _check_changed(ImportUndo.objects.select_related("park").get(pk=import_undo_id), after, now)


def _check_changed(row: ReadingImport | ImportUndo, after: UUID | None, now: datetime) -> UUID | None:
    if row.first_day is None or row.last_day is None:
        return None
    asked: dict[str, Any] = {
        "park": row.park_id,
        "first": row.first_day,
        "last": row.last_day,
        "import": row.pk,
        "after": after or FIRST_ID,
        "most": MOST_CHANNELS,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, asked)
        changed: dict[UUID, list[int]] = dict(cursor.fetchall())
    check_days(row.park_id, row.park.time_zone, changed, now=now)
    return max(changed) if len(changed) == MOST_CHANNELS else None


@transaction.atomic
def check_days(park_id: int, zone_name: str, changed: Mapping[UUID, Sequence[int]], *, now: datetime) -> None:
    """Look at these days (since 1970) of these channels, and at those beside them, which they may have changed."""
    if not changed:
        return
    zone, today = ZoneInfo(zone_name), _number(local_day(now, zone_name))
    hold_rows(list(changed), park_id)
    channels = list(Channel.objects.filter(park_id=park_id, pk__in=changed).select_related("meter").order_by("pk"))
    spans = {key: (min(days) - HISTORY_DAYS - 1, max(days) + 1) for key, days in changed.items()}
    blocks = read_blocks(park_id, [(key, *spans[key]) for key in changed])
    rules = rules_of_each(channels)
    standing = _standing(park_id, spans)
    looked_at: dict[UUID, list[int]] = {}
    of_channel: dict[UUID, list[Finding]] = {}
    for channel in channels:
        grid = grid_of(channel, blocks[channel.pk], *spans[channel.pk], zone)
        days = _days_to_check(channel, grid, changed[channel.pk])
        _put_again(channel, grid, [act for act in standing[channel.pk] if _number(act.day) in set(days)], now)
        looked_at[channel.pk] = days
        of_channel[channel.pk] = list(findings(channel, grid, rules[channel.pk], days=days, today=today))
    keep_findings(channels, looked_at, of_channel, now, rules=WITHIN_CHANNEL)
    tell_of_days(park_id, changed)


def _number(day: date) -> int:
    return (day - EPOCH).days


def tell_of_days(park_id: int, changed: Mapping[UUID, Sequence[int]]) -> None:
    """Announce days that others hang on: head meters and those below them, registers beside intervals."""
    followed = followed_channels(park_id, changed)
    if followed:
        spans = {str(key): [min(changed[key]), max(changed[key])] for key in sorted(followed)}
        readings_looked_at.publish(park_id=park_id, spans=spans)


def _days_to_check(channel: Channel, grid: Grid, changed: Iterable[int]) -> list[int]:
    """The changed days, those beside them, and the days without anything between them and back to the last kept one."""
    wanted = {day + step for day in changed for step in (-1, 0, 1)}
    kept = np.flatnonzero(grid.is_kept) + grid.first
    for day in changed:
        earlier = kept[kept < day]
        # Before the first readings of all nothing is missing: the meter may have been entered with an old day.
        wanted |= set(range(int(earlier[-1]) + 1, day)) if len(earlier) else set()
    last = grid.first + len(grid.values) - 1
    service_ends = channel.service_ends_on
    until = min(last, _number(service_ends) - 1) if service_ends else last
    # Nor is it known of the days around before something of them has come.
    around = {day for day in wanted if not kept.size or not kept[0] <= day <= kept[-1]}
    return sorted(day for day in wanted - around if _number(channel.service_starts_on) <= day <= until)


def _standing(park_id: int, spans: Mapping[UUID, tuple[int, int]]) -> dict[UUID, list[ReadingAct]]:
    """The estimates and edits that stand, by channel, in the order of their time."""
    first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    acts = ReadingAct.objects.filter(
        park_id=park_id,
        channel_id__in=list(spans),
        day__range=(EPOCH + timedelta(days=first), EPOCH + timedelta(days=last)),
        kind__in=(ActKind.ESTIMATE, ActKind.EDIT),
        undone_at=None,
    )
    found: dict[UUID, list[ReadingAct]] = defaultdict(list)
    for act in acts.order_by("at", "pk"):
        found[act.channel_id].append(act)
    return found


def _put_again(channel: Channel, grid: Grid, acts: Iterable[ReadingAct], now: datetime) -> None:
    """Where a file brought the very readings that somebody had replaced, what replaced them stands again.

    Another value than that is news, and stays.
    """
    for act in acts:
        row = grid.row(_number(act.day))
        places = np.array(act.places, dtype=np.int64)
        before = np.array([np.nan if value is None else value for value in act.before], dtype=np.float64)
        was = np.array(act.before_flags, dtype=np.uint8)
        is_back = (was != flags.MISSING) & (grid.values[row, places] == before) & (grid.quality[row, places] == was)
        if not is_back.any():
            continue
        length = grid.length(_number(act.day))
        day = HeldBlocks(grid.values[row : row + 1, :length].copy(), grid.quality[row : row + 1, :length].copy())
        trace_act(act, channel, places[is_back].tolist(), day)
        grid.values[row, places[is_back]] = np.array(act.after, dtype=np.float64)[is_back]
        grid.quality[row, places[is_back]] = FLAG_OF[act.kind]
        write_day(channel, _number(act.day), grid.values[row, :length], grid.quality[row, :length], source=act, now=now)


def keep_findings(
    channels: Sequence[Channel],
    looked_at: Mapping[UUID, Sequence[int]],
    found: Mapping[UUID, Sequence[Finding]],
    now: datetime,
    *,
    rules: Collection[str],
) -> None:
    """Write what differs from the issues of these rules that are kept of these days."""
    kept = _kept(channels, looked_at, rules)
    created: list[ReadingIssue] = []
    changed: list[ReadingIssue] = []
    for channel in channels:
        for finding in found[channel.pk]:
            issue = kept.pop((channel.pk, finding.day, finding.rule), None)
            if issue is None:
                created.append(_issue(channel, finding, now))
            elif _found_again(issue, channel, finding):
                changed.append(issue)
    for issue in kept.values():
        if issue.is_waiting:
            issue.state, issue.due_on = IssueState.RESOLVED, None
            changed.append(issue)
    for issue in changed:
        issue.round += 1
        issue.changed_at = now
    ReadingIssue.objects.bulk_create(created, batch_size=1000)
    ReadingIssue.objects.bulk_update(changed, WRITTEN, batch_size=500)


WRITTEN = ("enterprise_id", "state", "severity", "places", "fingerprint", "round", "due_on", "changed_at")


def _kept(
    channels: Sequence[Channel], looked_at: Mapping[UUID, Sequence[int]], rules: Collection[str]
) -> dict[tuple[UUID, int, str], ReadingIssue]:
    days = [day for each in looked_at.values() for day in each]
    if not days:
        return {}
    first, last = EPOCH + timedelta(days=min(days)), EPOCH + timedelta(days=max(days))
    own = {key: set(each) for key, each in looked_at.items()}
    rows = ReadingIssue.objects.filter(
        park_id=channels[0].park_id, channel_id__in=list(looked_at), day__range=(first, last), rule__in=list(rules)
    ).select_for_update(of=("self",))
    return {
        (row.channel_id, _number(row.day), row.rule): row
        for row in rows.order_by("pk")
        if _number(row.day) in own[row.channel_id]
    }


def _issue(channel: Channel, finding: Finding, now: datetime) -> ReadingIssue:
    return ReadingIssue(
        park_id=channel.park_id,
        enterprise_id=_whose(channel, finding),
        channel=channel,
        day=EPOCH + timedelta(days=finding.day),
        rule=finding.rule,
        severity=finding.severity,
        places=list(finding.places),
        fingerprint=finding.fingerprint,
        found_at=now,
        changed_at=now,
    )


def _whose(channel: Channel, finding: Finding) -> UUID | None:
    return None if finding.is_of_park else channel.enterprise_id


def _found_again(issue: ReadingIssue, channel: Channel, finding: Finding) -> bool:
    """Write into the issue what is found now, and say whether that is news. A decision on the same finding stands."""
    is_same = issue.fingerprint == finding.fingerprint
    decided = {IssueState.ACCEPTED} if is_same else frozenset()
    state = issue.state if issue.state in WAITING_ISSUES | decided else IssueState.OPEN
    news = (_whose(channel, finding), state, finding.severity, list(finding.places), finding.fingerprint)
    if news == (issue.enterprise_id, issue.state, issue.severity, issue.places, issue.fingerprint):
        return False
    issue.enterprise_id, issue.state, issue.severity, issue.places, issue.fingerprint = news
    return True
