"""Tariffs: their drafts, putting one in force, and charging a channel by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from energy.calculations.tariff_clock import DAY_KINDS, Season, periods_of
from energy.choices import ChargeBasis, TariffPeriod, TariffState
from energy.models import TERMS, Channel, Tariff, TariffAssignment, TariffVersion
from energy.permissions import can_change_row, can_keep_tariffs, guard
from enterprises.services.ground import lock_to_keep
from lib.constraints import violated_constraint
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park

OF_ASSIGNMENT = ("starts_on", "ends_on", "charge_basis", "capacity_kva", "power_factor_standard")


class TariffNameTaken(Refusal):
    code = "tariff_name_taken"


class DraftWaits(Refusal):
    code = "tariff_draft_waits"


class NoDraft(Refusal):
    code = "tariff_no_draft"


class DraftChanged(Refusal):
    code = "tariff_draft_changed"


class TariffUnfit(Refusal):
    code = "tariff_unfit"


class NotCharged(Refusal):
    code = "channel_not_charged"


@transaction.atomic
def add_tariff(
    actor: Actor, *, park: Park, name: str, time_zone: str, facts: Mapping[str, Any], now: datetime
) -> TariffVersion:
    """A tariff with a draft of its first version. facts: values of `TERMS`.

    Raises `TariffNameTaken`, `TariffUnfit`.
    """
    guard(can_keep_tariffs(actor) and actor.park_id == park.pk)
    tariff = Tariff(park=park, name=name, time_zone=time_zone, created_at=now)
    try:
        with transaction.atomic():
            tariff.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) != "tariff_name_once":
            raise
        raise TariffNameTaken(_("A tariff has this name already."), field="name") from error
    return _draft(tariff, facts, now)


@transaction.atomic
def draft_version(actor: Actor, tariff: Tariff, *, facts: Mapping[str, Any], now: datetime) -> TariffVersion:
    """Raises `DraftWaits` where there is a draft already, `TariffUnfit`."""
    tariff = _locked(actor, tariff)
    if tariff.versions.filter(state=TariffState.DRAFT).exists():
        raise DraftWaits(_("A draft of this tariff waits already: change that one, or put it in force."))
    return _draft(tariff, facts, now)


@transaction.atomic
def change_draft(actor: Actor, version: TariffVersion, *, facts: Mapping[str, Any]) -> TariffVersion:
    """Raises `NoDraft` once the version is in force, `TariffUnfit`."""
    _locked(actor, version.tariff)
    draft = _still_draft(version)
    _refuse_unfit(facts)
    for name in TERMS:
        setattr(draft, name, facts[name])
    draft.save(update_fields=TERMS)
    return draft


@transaction.atomic
def put_in_force(actor: Actor, version: TariffVersion, *, seen: str) -> TariffVersion:
    """From its first day on a draft is what holds, until the next version begins.

    The version that held on that day ends there, or is replaced where it began on the same day. seen: the
    `terms_digest` of the draft as `actor` read it. Raises `NoDraft`, `DraftChanged`.
    """
    tariff = _locked(actor, version.tariff)
    draft = _still_draft(version)
    if draft.terms_digest != seen:
        raise DraftChanged(_("Somebody has changed this draft since you read it. Read it again, then put it in force."))
    held = tariff.versions.in_force().select_for_update(of=("self",))
    draft.ends_on = (
        held.filter(starts_on__gt=draft.starts_on).order_by("starts_on").values_list("starts_on", flat=True).first()
    )
    held.filter(starts_on=draft.starts_on).update(state=TariffState.REPLACED)
    held.between(draft.starts_on, date.max).filter(starts_on__lt=draft.starts_on).update(ends_on=draft.starts_on)
    draft.state = TariffState.IN_FORCE
    draft.save(update_fields=["state", "ends_on"])
    return draft


@transaction.atomic
def assign_tariff(
    actor: Actor, channel: Channel, tariff: Tariff, *, facts: Mapping[str, Any], now: datetime
) -> TariffAssignment:
    """Charge a channel by a tariff from a day on. facts: values of `OF_ASSIGNMENT`.

    What was said of the time from that day on ends there, or is corrected where it began on the same day; it does not
    reach into what was said of a later time. Raises `NotCharged`.
    """
    guard(can_keep_tariffs(actor) and can_change_row(actor, channel) and tariff.park_id == channel.park_id)
    if channel.enterprise is not None:
        lock_to_keep(actor, channel.enterprise)
    channel = Channel.objects.select_for_update(of=("self",)).select_related("meter").get(pk=channel.pk)
    _refuse_uncharged(channel, tariff, facts)
    starts_on = facts["starts_on"]
    said = TariffAssignment.objects.filter(park_id=channel.park_id, channel=channel)
    later = said.filter(starts_on__gt=starts_on).order_by("starts_on").values_list("starts_on", flat=True).first()
    ends_on = min((day for day in (facts["ends_on"], later) if day), default=None)
    said.between(starts_on, date.max).filter(starts_on__lt=starts_on).update(ends_on=starts_on)
    row = said.filter(starts_on=starts_on).first() or TariffAssignment(
        park_id=channel.park_id, enterprise_id=channel.enterprise_id, channel=channel, created_at=now
    )
    row.tariff = tariff
    for name in OF_ASSIGNMENT:
        setattr(row, name, facts[name])
    row.ends_on = ends_on
    row.save()
    return row


def _locked(actor: Actor, tariff: Tariff) -> Tariff:
    guard(can_keep_tariffs(actor) and actor.park_id == tariff.park_id)
    return Tariff.objects.select_for_update(of=("self",)).get(pk=tariff.pk)


def _still_draft(version: TariffVersion) -> TariffVersion:
    held = TariffVersion.objects.get(pk=version.pk)
    if not held.is_draft:
        raise NoDraft(_("This version is in force. Enter a new one for what changes."))
    return held


def _draft(tariff: Tariff, facts: Mapping[str, Any], now: datetime) -> TariffVersion:
    _refuse_unfit(facts)
    last = tariff.versions.aggregate(last=Max("number"))["last"] or 0
    told = {name: facts[name] for name in TERMS}
    return TariffVersion.objects.create(park_id=tariff.park_id, tariff=tariff, number=last + 1, created_at=now, **told)


def _refuse_unfit(facts: Mapping[str, Any]) -> None:
    """Every month has one season, and every period that a season has a price."""
    seasons = [Season(tuple(each["months"]), *(each[kind] for kind in DAY_KINDS)) for each in facts["seasons"]]
    months = sorted(month for season in seasons for month in season.months)
    if months != list(range(1, 13)):
        raise TariffUnfit(_("Every month belongs to one season, and to one only."))
    for period in periods_of(seasons):
        if facts[f"price_{period}"] is None:
            words = _("The seasons have hours of this period: give its price.")
            raise TariffUnfit(f"{TariffPeriod(period).label}: {words}", field=f"price_{period}")


def _refuse_uncharged(channel: Channel, tariff: Tariff, facts: Mapping[str, Any]) -> None:
    if not channel.counts_electricity:
        raise NotCharged(_("Tariffs price electricity in kWh."))
    if not tariff.versions.in_force().exists():
        raise NotCharged(_("Nothing of this tariff is in force yet."), field="tariff")
    if facts["ends_on"] is not None and facts["ends_on"] <= facts["starts_on"]:
        raise NotCharged(_("It ends after it begins."), field="ends_on")
    if facts["charge_basis"] == ChargeBasis.CAPACITY and facts["capacity_kva"] is None:
        raise NotCharged(_("Give the capacity that is charged for."), field="capacity_kva")
