"""The rules that are asked of a channel."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from energy.forms.issues import RulesForm
from energy.permissions import can_correct
from energy.services import quality
from energy.tables import TONES
from energy.views import drawing
from energy.views.meters import one_channel
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(can_correct)
def channel_rules(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    channel = one_channel(request, channel_id)
    meter = channel.meter
    form = RulesForm(request.POST or None, settings=quality.rules_of(channel))
    if form.is_valid() and attempt(form, partial(quality.write_rules, request.actor, channel, settings=form.written)):
        messages.success(request, _("The checks are saved. They hold for readings that come from now on."))
        return redirect("energy:channel_detail", channel_id=channel.pk)
    counted = drawing.counted_words(meter.commodity, channel.flow, channel.unit)
    context = {"channel": channel, "meter": meter, "tone": TONES[meter.commodity], "counted": counted}
    return form_page(request, "energy/channel_rules.html", form, **context)
