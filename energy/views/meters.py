"""The register of meters: the list, the page of a meter, and what energy managers enter."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_tables2 import RequestConfig

from energy.filters import MeterFilter
from energy.forms.meters import ChannelForm, MeterEditForm, NewMeterForm, RetireForm
from energy.models import Channel, Meter
from energy.permissions import (
    can_change_row,
    can_confirm_meter,
    can_keep_meters,
    can_keep_meters_of_park,
    can_read_energy,
)
from energy.queries import hierarchy, register, use
from energy.services import meters as services
from energy.tables import TONES, MeterTable, marks_of, owner_words
from energy.views import drawing
from enterprises.models import Enterprise
from lib import formatting
from lib.exports import requested
from lib.long_lists import LongList
from lib.periods import local_day
from lib.refusals import Refusal
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page
from parks.views.saved_views import saved_views

METERS_A_PAGE = 25
MOST_SUB_METERS = 12


def today_of(request: ActingRequest) -> date:
    return local_day(timezone.now(), request.park.time_zone)


def one_meter(request: ActingRequest, meter_id: UUID) -> Meter:
    return get_object_or_404(register.meters(request.actor), pk=meter_id)


def one_channel(request: ActingRequest, channel_id: UUID) -> Channel:
    rows = Channel.objects.visible_to(request.actor).select_related("meter", "meter__enterprise")
    return get_object_or_404(rows, pk=channel_id)


@acting(can_read_energy)
@require_safe
def meter_list(request: ActingRequest) -> HttpResponse:
    today = today_of(request)
    narrowed = MeterFilter(request.GET, queryset=Meter.objects.none(), actor=request.actor, today=today)
    counted = narrowed.count_choices()
    rows = LongList(narrowed.qs, register.meters(request.actor), count=counted.total)
    table = MeterTable(rows, today=today)
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": METERS_A_PAGE}).configure(table)
    download = exported(request, table, _("meters"))
    if download is not None:
        return download
    context = {
        "filter": narrowed,
        "table": table,
        "total": counted.total,
        "can_enter": can_keep_meters(request.actor) and not request.actor.is_read_only,
        **(saved_views(request) if request.actor.is_official else {}),
    }
    return render(request, "energy/meter_list.html", context)


@acting(can_read_energy)
@require_GET
def meter_detail(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter, today = one_meter(request, meter_id), today_of(request)
    month = today.replace(day=1)
    is_writing = not request.actor.is_read_only
    context = {
        "meter": meter,
        "owner": owner_words(meter),
        "tone": TONES[meter.commodity],
        "marks": marks_of(meter, today),
        "channels": [channel_line(channel, month, today, request.park.time_zone) for channel in meter.channels.all()],
        "tree": tree_card(request, meter, today),
        "last_day": register.last_days([meter.pk]).get(meter.pk),
        "can_change": can_change_row(request.actor, meter) and is_writing,
        "can_confirm": can_confirm_meter(request.actor, meter) and is_writing,
        "is_last_day_ahead": meter.ends_on is not None and meter.ends_on > today,
    }
    return render(request, "energy/meter_detail.html", context)


def channel_line(channel: Channel, month: date, today: date, zone_name: str) -> dict[str, Any]:
    """A channel with its months up to this one, the last of which is told."""
    periods = use.months_of_channel(channel, month, zone_name, today)
    unit = drawing.unit_words(channel.unit)
    shown = drawing.measure(unit, periods[-1].total)
    return {
        "channel": channel,
        "counted": drawing.counted_words(channel.meter.commodity, channel.flow, channel.unit),
        "tone": drawing.tone_of(channel.meter.commodity, channel.flow),
        "value": shown.words(periods[-1].total),
        "unit": shown.unit,
        "percent": periods[-1].completeness_percent,
        "bars": [period.total for period in periods],
        "hatched": [place for place, period in enumerate(periods) if not drawing.is_certain(period, today)],
    }


def tree_card(request: ActingRequest, meter: Meter, today: date) -> dict[str, Any]:
    """Below what the meter hangs, and what hangs below it, with the month that the readings reach."""
    placement = hierarchy.head_of(request.actor, meter, today)
    month = (register.last_days([meter.pk]).get(meter.pk) or today).replace(day=1)
    node = hierarchy.node_of(request.actor, meter, month, request.park.time_zone, today)
    card: dict[str, Any] = {"placement": placement, "node": node if node.below else None}
    if node.below:
        known = [each.use.total for each in (node, *node.below) if each.use.total is not None]
        shown = drawing.measure(drawing.unit_words(node.unit), max(known, default=None)) if node.unit else None
        together = node.below_use
        words = partial(one_decimal, shown.divisor if shown else 1.0)
        card |= {
            "month": f"{month:%Y-%m}",
            "unit": shown.unit if shown else "",
            "rows": [
                {"meter": each.meter, "value": words(each.use.total), "percent": each.completeness_percent}
                for each in node.below[:MOST_SUB_METERS]
            ],
            "more": max(len(node.below) - MOST_SUB_METERS, 0),
            "use": words(node.use.total),
            "below": words(together.total if together else None),
            "lost": words(node.lost),
            "lost_percent": node.lost_percent,
            "percent": node.completeness_percent,
        }
    return card


def one_decimal(divisor: float, value: float | None) -> str:
    """The figures of a column with as many decimals each."""
    return formatting.NOTHING if value is None else formatting.number(value / divisor, 1)


@acting(can_keep_meters)
def meter_create(request: ActingRequest) -> HttpResponse:
    actor = request.actor
    of_park = Enterprise.objects.visible_to(actor)
    form = NewMeterForm(
        request.POST or None,
        enterprises=of_park if actor.is_official else None,
        heads=Meter.objects.visible_to(actor),
        initial={"owner": request.GET.get("enterprise", ""), "starts_on": today_of(request)},
    )
    if form.is_valid():
        entered: list[Meter] = []
        owner = form.cleaned_data["owner"] if actor.is_official else of_park.get()
        act = partial(
            services.enter_meter,
            actor,
            park=request.park,
            enterprise=owner,
            facts=form.meter_facts,
            channel=form.channel_facts,
            head=form.cleaned_data["head"],
            now=timezone.now(),
        )
        if attempt(form, lambda: entered.append(act())):
            messages.success(request, _("The meter is entered."))
            return redirect("energy:meter_detail", meter_id=entered[0].pk)
    return form_page(request, "energy/meter_create.html", form)


@acting(can_keep_meters)
def meter_edit(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter = one_meter(request, meter_id)
    form = MeterEditForm(request.POST or None, instance=one_meter(request, meter_id))
    if form.is_valid() and attempt(form, partial(services.change_meter, request.actor, meter, changes=form.changes)):
        messages.success(request, _("The meter is saved."))
        return redirect("energy:meter_detail", meter_id=meter.pk)
    return form_page(request, "energy/meter_edit.html", form, meter=meter)


@acting(can_keep_meters)
def meter_retire(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter = one_meter(request, meter_id)
    today = today_of(request)
    form = RetireForm(request.POST or None, initial={"ends_on": meter.ends_on or today})
    if form.is_valid() and attempt(
        form, partial(services.retire_meter, request.actor, meter, ends_on=form.cleaned_data["ends_on"], today=today)
    ):
        messages.success(request, _("The meter goes out of service. Its readings stay."))
        return redirect("energy:meter_detail", meter_id=meter.pk)
    return form_page(request, "energy/meter_retire.html", form, meter=meter)


@acting(can_keep_meters_of_park)
@require_POST
def meter_confirm(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter = one_meter(request, meter_id)
    try:
        services.confirm_meter(request.actor, meter, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The meter is confirmed. Files of the park fill it from now on."))
    return redirect("energy:meter_detail", meter_id=meter.pk)


@acting(can_keep_meters)
def channel_create(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter = one_meter(request, meter_id)
    form = ChannelForm(request.POST or None, meter=meter)
    if form.is_valid() and attempt(
        form, partial(services.add_channel, request.actor, meter, facts=form.channel_facts, now=timezone.now())
    ):
        messages.success(request, _("The channel is added."))
        return redirect("energy:meter_detail", meter_id=meter.pk)
    return form_page(request, "energy/channel_create.html", form, **_around(meter))


@acting(can_keep_meters)
def channel_edit(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    channel = one_channel(request, channel_id)
    form = ChannelForm(request.POST or None, meter=channel.meter, instance=one_channel(request, channel_id))
    if form.is_valid() and attempt(
        form, partial(services.change_channel, request.actor, channel, changes=form.changes)
    ):
        messages.success(request, _("The channel is saved."))
        return redirect("energy:meter_detail", meter_id=channel.meter_id)
    return form_page(request, "energy/channel_edit.html", form, channel=channel, **_around(channel.meter))


def _around(meter: Meter) -> dict[str, Any]:
    return {"meter": meter, "tone": TONES[meter.commodity]}
