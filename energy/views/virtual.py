"""Virtual channels: entered with a formula, and the formula changed."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from energy.forms.virtual import FormulaForm, VirtualChannelForm
from energy.models import Channel
from energy.permissions import can_keep_meters
from energy.queries.formulas import formula_of, inputs_of, written_formula
from energy.services import virtual as services
from energy.tables import TONES
from energy.views import drawing
from energy.views.meters import one_channel, one_meter
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(can_keep_meters)
def virtual_create(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter = one_meter(request, meter_id)
    form = VirtualChannelForm(request.POST or None, meter=meter)
    if form.is_valid():
        act = partial(
            services.add_virtual_channel,
            request.actor,
            meter,
            facts=form.facts,
            formula=form.cleaned_data["formula"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The channel is added. Its days are being worked out."))
            return redirect("energy:meter_detail", meter_id=meter.pk)
    return form_page(request, "energy/virtual_create.html", form, meter=meter, tone=TONES[meter.commodity])


@acting(can_keep_meters)
def formula_edit(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    channel = one_channel(request, channel_id)
    told = formula_card(channel)
    if told is None:
        # What a device counts has no formula to change.
        return redirect("energy:channel_detail", channel_id=channel.pk)
    form = FormulaForm(request.POST or None, initial={"formula": told["text"]})
    if form.is_valid():
        act = partial(services.change_formula, request.actor, channel, formula=form.cleaned_data["formula"])
        if attempt(form, act):
            messages.success(request, _("The formula is saved. All days are being worked out anew."))
            return redirect("energy:channel_detail", channel_id=channel.pk)
    meter = channel.meter
    counted = drawing.counted_words(meter.commodity, channel.flow, channel.unit)
    return form_page(request, "energy/formula_edit.html", form, channel=channel, meter=meter, counted=counted)


def formula_card(channel: Channel) -> dict[str, Any] | None:
    """What a virtual channel is worked out from; None for one that a device counts."""
    formula = formula_of(channel) if channel.is_virtual else None
    if formula is None:
        return None
    channels = inputs_of(formula)
    return {
        "text": written_formula(formula, channels),
        "inputs": [channels[pk] for pk in formula.inputs if pk in channels],
    }
