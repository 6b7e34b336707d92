"""What people decide of an issue. Each act keeps what stood there, and can be undone.

Who decides says which round of the issue they saw: of two at once one decides, and the other is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.choices import ActKind, IssueState
from energy.events import readings_asked_again, readings_corrected
from energy.models import Channel, ReadingAct, ReadingIssue
from energy.permissions import can_correct_readings, guard
from energy.services.quality.checks import check_days
from energy.services.quality.estimates import proposed
from energy.services.quality.grids import Grid, grid_of, read_blocks, write_day
from energy.services.readings.blocks_io import HeldBlocks
from energy.services.readings.channels import hold_rows
from energy.services.readings.checking import MOST
from energy.services.readings.taking_back import FLAG_OF, stood_before
from energy.services.readings.traces import trace_act
from enterprises.services.ground import lock_to_keep
from lib.refusals import Refusal
from parks.actors import Actor
from parks.queries.work_calendar import working_days_after

WORKING_DAYS_TO_ANSWER = 3
"""Source: operation rules of the monitoring of key energy users: a fault is mended within three working days."""
STATE_AFTER = {
    ActKind.ACCEPT: IssueState.ACCEPTED,
    ActKind.ESTIMATE: IssueState.ESTIMATED,
    ActKind.EDIT: IssueState.EDITED,
    ActKind.ASK: IssueState.ASKED,
}


class IssueChanged(Refusal):
    """Somebody else decided, or new readings came, since the page was shown."""

    code = "issue_changed"


class NothingToUndo(Refusal):
    """The act was undone already, or a later one stands on it."""

    code = "nothing_to_undo"


class OfWholeDay(Refusal):
    """The issue names no intervals that could be estimated or edited."""

    code = "of_whole_day"


class ImpossibleValue(Refusal):
    """A value that no meter gives."""

    code = "impossible_value"


@transaction.atomic
def accept_issue(actor: Actor, issue: ReadingIssue, *, expected_round: int, reason: str, now: datetime) -> ReadingIssue:
    """The readings are right as they are. Found so again, they are not asked about again."""
    held = _held(actor, issue, expected_round)
    return _record(actor, held, ActKind.ACCEPT, reason, now)


@transaction.atomic
def ask_again(actor: Actor, issue: ReadingIssue, *, expected_round: int, reason: str, now: datetime) -> ReadingIssue:
    """Ask whoever keeps the meter for the readings; they have three working days."""
    held = _held(actor, issue, expected_round)
    if held.state == IssueState.ASKED:
        raise IssueChanged(_("These readings were asked for already."))
    zone_name = held.park.time_zone
    held.due_on = working_days_after(now, WORKING_DAYS_TO_ANSWER, zone_name).date()
    held = _record(actor, held, ActKind.ASK, reason, now)
    readings_asked_again.publish(park_id=held.park_id, reading_issue_id=str(held.pk))
    return held


@transaction.atomic
def estimate_issue(
    actor: Actor,
    issue: ReadingIssue,
    *,
    expected_round: int,
    total: float | None,
    reason: str,
    now: datetime,
    shown: str = "",
) -> ReadingIssue:
    """Write what `proposed` works out. shown: the fingerprint of what the person saw of it; another one is refused.

    Raises `NoEstimate`, `IssueChanged`, `ImpossibleValue`.
    """
    held = _held(actor, issue, expected_round)
    _refuse_whole_day(held)
    if total is not None:
        _refuse_impossible([total])
    proposal = proposed(held, held.park.time_zone, total=total)
    _refuse_impossible(proposal.after.tolist())
    if shown and shown != proposal.fingerprint:
        raise IssueChanged(_("The readings that the estimate is worked out from have changed. Look at the new one."))
    _write(actor, held, ActKind.ESTIMATE, dict(zip(proposal.places, proposal.after.tolist(), strict=True)),
           reason=reason, methods=proposal.methods, now=now)  # fmt: skip
    return held


@transaction.atomic
def edit_issue(
    actor: Actor,
    issue: ReadingIssue,
    *,
    expected_round: int,
    values: Mapping[int, float],
    reason: str,
    now: datetime,
) -> ReadingIssue:
    """Write values by hand, by their intervals. Raises `ImpossibleValue`."""
    held = _held(actor, issue, expected_round)
    _refuse_whole_day(held)
    if not values or not set(values) <= set(held.places):
        raise ImpossibleValue(_("Enter a value for the intervals that the issue is about."))
    _refuse_impossible(values.values())
    _write(actor, held, ActKind.EDIT, values, reason=reason, methods=(), now=now)
    return held


@transaction.atomic
def undo_act(actor: Actor, act: ReadingAct, *, expected_round: int, now: datetime) -> ReadingIssue:
    """Put back what stood there before the act, as far as no file has brought something newer since.

    Raises `NothingToUndo`.
    """
    held = _held(actor, act.issue, expected_round, is_decided=True)
    own = ReadingAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
    standing = (
        ReadingAct.objects.filter(park_id=held.park_id, issue=held, undone_at=None).order_by("-at", "-pk").first()
    )
    if own.undone_at is not None or standing is None or standing.pk != own.pk:
        raise NothingToUndo(_("This was undone already, or something else was decided since."))
    own.undone_by_id, own.undone_by_name, own.undone_at = actor.user_id, actor.name, now
    own.save(update_fields=["undone_by", "undone_by_name", "undone_at"])
    if own.places:
        _put_back(held, own, now)
    held.state, held.due_on = IssueState.OPEN, None
    _save(held, now)
    _check(held, now)
    held.refresh_from_db()
    return held


def _refuse_impossible(values: Iterable[float]) -> None:
    if not all(isfinite(value) and abs(value) < MOST for value in values):
        raise ImpossibleValue(_("A value is beyond what any meter can measure."))


def _held(actor: Actor, issue: ReadingIssue, expected_round: int, *, is_decided: bool = False) -> ReadingIssue:
    """The issue with its channel as they are now, both held. Raises `IssueChanged`."""
    guard(can_correct_readings(actor, issue))
    owner = issue.channel.enterprise
    if owner is not None:
        lock_to_keep(actor, owner)
    hold_rows([issue.channel_id], issue.park_id)
    rows = ReadingIssue.objects.select_related("channel__meter", "park").select_for_update(of=("self",))
    held = rows.get(park_id=issue.park_id, pk=issue.pk)
    may = is_decided or held.is_waiting
    if held.round != expected_round or not may:
        raise IssueChanged(
            _("Somebody else decided this meanwhile, or new readings came. Look at it as it is now, and decide again.")
        )
    return held


def _refuse_whole_day(held: ReadingIssue) -> None:
    """Which of the meters is wrong is not known: their readings are corrected where they are found to be wrong."""
    if held.is_of_whole_day:
        raise OfWholeDay(_("This tells of several channels: correct the readings of the one that is wrong."))


def _record(actor: Actor, held: ReadingIssue, kind: ActKind, reason: str, now: datetime) -> ReadingIssue:
    """An act that leaves the readings as they are."""
    _act(actor, held, kind, reason, now).save(force_insert=True)
    held.state = STATE_AFTER[kind]
    if kind != ActKind.ASK:
        held.due_on = None
    _save(held, now)
    return held


def _act(actor: Actor, held: ReadingIssue, kind: ActKind, reason: str, now: datetime) -> ReadingAct:
    return ReadingAct(
        park_id=held.park_id,
        enterprise_id=held.enterprise_id,
        issue=held,
        channel_id=held.channel_id,
        day=held.day,
        kind=kind,
        reason=reason,
        by_id=actor.user_id,
        by_name=actor.name,
        at=now,
    )


def _save(held: ReadingIssue, now: datetime) -> None:
    held.round += 1
    held.changed_at = now
    held.save(update_fields=["state", "due_on", "round", "changed_at"])


def _write(
    actor: Actor,
    held: ReadingIssue,
    kind: ActKind,
    values: Mapping[int, float],
    *,
    reason: str,
    methods: Sequence[str],
    now: datetime,
) -> None:
    """Write values into the day, keep what stood there, and look at the day anew."""
    line, quality = _day(held.channel, held.day, held.park.time_zone)
    places = sorted(values)
    act = _act(actor, held, kind, reason, now)
    act.methods, act.places = list(methods), places
    act.before = [None if quality[place] == flags.MISSING else float(line[place]) for place in places]
    act.before_flags = [int(quality[place]) for place in places]
    act.after = [float(values[place]) for place in places]
    act.save(force_insert=True)
    trace_act(act, held.channel, places, HeldBlocks(line[None, :], quality[None, :]))
    line[places], quality[places] = act.after, FLAG_OF[kind]
    write_day(held.channel, _number(held.day), line, quality, source=act, now=now)
    held.state, held.due_on = STATE_AFTER[kind], None
    _save(held, now)
    _check(held, now)
    _tell(held)
    held.refresh_from_db()


def _put_back(held: ReadingIssue, act: ReadingAct, now: datetime) -> None:
    line, quality = _day(held.channel, held.day, held.park.time_zone)
    later = ReadingAct.objects.filter(
        park_id=held.park_id, channel_id=held.channel_id, day=held.day, undone_at=None, at__gte=act.at
    )
    touched = {place for other in later.exclude(pk=act.pk).values_list("places", flat=True) for place in other}
    if touched & set(act.places):
        raise NothingToUndo(_("A later act changed the same intervals: undo that one first."))
    before, marks = stood_before(act, held.channel, ZoneInfo(held.park.time_zone))
    for place, after in zip(act.places, act.after, strict=True):
        if line[place] == after and quality[place] == FLAG_OF[act.kind]:
            line[place], quality[place] = before[place], marks[place]
    write_day(held.channel, _number(held.day), line, quality, source=act, now=now)
    _tell(held)


def _day(channel: Channel, day: date, zone_name: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    number = _number(day)
    blocks = read_blocks(channel.park_id, [(channel.pk, number, number)])[channel.pk]
    grid: Grid = grid_of(channel, blocks, number, number, ZoneInfo(zone_name))
    return grid.values[0].copy(), grid.quality[0].copy()


def _number(day: date) -> int:
    return (day - EPOCH).days


def _check(held: ReadingIssue, now: datetime) -> None:
    """Other rules may find something else in the day now."""
    check_days(held.park_id, held.park.time_zone, {held.channel_id: [_number(held.day)]}, now=now)


def _tell(held: ReadingIssue) -> None:
    day = held.day.isoformat()
    readings_corrected.publish(park_id=held.park_id, channel_id=str(held.channel_id), first_day=day, last_day=day)
