"""Tariffs: the list, the page of one with its days drawn, and what the energy manager of the park enters."""

from __future__ import annotations

from datetime import timedelta
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

from energy.forms.tariffs import AssignmentForm, NewTariffForm, VersionForm
from energy.models import Tariff, TariffAssignment, TariffVersion
from energy.permissions import can_change_row, can_keep_tariffs, can_read_energy
from energy.queries import tariffs as queries
from energy.queries.tariff_use import use_by_period
from energy.queries.use import next_month
from energy.services import tariffs as services
from energy.tables import TariffTable, owner_words
from energy.views import drawing, tariff_drawing
from energy.views.channels import asked_day
from energy.views.meters import one_channel, today_of
from lib.exports import requested
from lib.refusals import Refusal
from lib.tables import exported
from lib.text import sought
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

TARIFFS_A_PAGE = 25
MOST_WORDS = 100
LOCAL_CLOCKS = {"Asia/Shanghai", "Asia/Urumqi"}


def one_tariff(request: ActingRequest, tariff_id: UUID) -> Tariff:
    return get_object_or_404(queries.tariffs(request.actor), pk=tariff_id)


def one_version(request: ActingRequest, tariff_version_id: UUID) -> TariffVersion:
    rows = TariffVersion.objects.visible_to(request.actor).select_related("tariff")
    return get_object_or_404(rows, pk=tariff_version_id)


@acting(can_read_energy)
@require_safe
def tariff_list(request: ActingRequest) -> HttpResponse:
    words = sought(request.GET.get("q", ""), MOST_WORDS)
    table = TariffTable(queries.listed(request.actor, words), today=today_of(request))
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": TARIFFS_A_PAGE}).configure(table)
    download = exported(request, table, _("tariffs"))
    if download is not None:
        return download
    context = {
        "table": table,
        "words": words,
        "total": table.page.paginator.count,
        "can_enter": can_keep_tariffs(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "energy/tariff_list.html", context)


@acting(can_read_energy)
@require_GET
def tariff_detail(request: ActingRequest, tariff_id: UUID) -> HttpResponse:
    """With the version that is asked for; by itself the draft that waits, or what holds today, or begins next."""
    tariff, today = one_tariff(request, tariff_id), today_of(request)
    versions = list(tariff.versions.visible_to(request.actor).order_by("-number"))
    wanted = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == wanted), None)
    shown = shown or queries.shown_first(versions, today)
    context = {
        "tariff": tariff,
        "versions": [tariff_drawing.version_line(version, today) for version in versions],
        "version": shown,
        "draft": next((version for version in versions if version.is_draft), None),
        "days": tariff_drawing.days_of(shown) if shown else [],
        "prices": tariff_drawing.price_rows(shown) if shown else [],
        "clock": tariff_drawing.clock_words(tariff.time_zone),
        "assigned": queries.assigned(request.actor, tariff),
        **_use_of_month(request, tariff),
        "can_enter": can_keep_tariffs(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "energy/tariff_detail.html", context)


def _use_of_month(request: ActingRequest, tariff: Tariff) -> dict[str, Any]:
    """The month that is asked for, or the present one; on its first day, of which nothing is due yet, the last."""
    today = today_of(request)
    month = (asked_day(f"{request.GET.get('month', '')}-01") or today - timedelta(days=1)).replace(day=1)
    uses = use_by_period(request.actor, tariff, month, zone_name=request.park.time_zone, today=today)
    following = next_month(month)
    return {
        "month": month,
        "previous": month - timedelta(days=1),
        "next": following if following <= today else None,
        "use": tariff_drawing.use_table(uses) if uses else None,
    }


@acting(can_keep_tariffs)
def tariff_create(request: ActingRequest) -> HttpResponse:
    zone = request.park.time_zone
    form = NewTariffForm(
        request.POST or None,
        initial={"time_zone": "Asia/Shanghai" if zone in LOCAL_CLOCKS else zone, "starts_on": today_of(request)},
    )
    if form.is_valid():
        given, entered = form.cleaned_data, []
        act = partial(
            services.add_tariff,
            request.actor,
            park=request.park,
            name=given["name"],
            time_zone=given["time_zone"],
            facts=form.facts,
            now=timezone.now(),
        )
        if attempt(form, lambda: entered.append(act())):
            messages.success(request, _("The draft is saved. Look at its days, then put it in force."))
            return redirect("energy:tariff_detail", tariff_id=entered[0].tariff_id)
    return form_page(request, "energy/tariff_create.html", form)


@acting(can_keep_tariffs)
def tariff_version_create(request: ActingRequest, tariff_id: UUID) -> HttpResponse:
    """The form begins as a copy of the last version, to be changed where the new one differs."""
    tariff = one_tariff(request, tariff_id)
    last = tariff.versions.order_by("-number").first()
    form = VersionForm(request.POST or None, version=last, initial={"starts_on": today_of(request), "source": ""})
    if form.is_valid() and attempt(
        form, partial(services.draft_version, request.actor, tariff, facts=form.facts, now=timezone.now())
    ):
        messages.success(request, _("The draft is saved. Look at its days, then put it in force."))
        return redirect("energy:tariff_detail", tariff_id=tariff.pk)
    return form_page(request, "energy/tariff_version_create.html", form, tariff=tariff, last=last)


@acting(can_keep_tariffs)
def tariff_version_edit(request: ActingRequest, tariff_version_id: UUID) -> HttpResponse:
    version = one_version(request, tariff_version_id)
    form = VersionForm(request.POST or None, version=version)
    if form.is_valid() and attempt(form, partial(services.change_draft, request.actor, version, facts=form.facts)):
        messages.success(request, _("The draft is saved. Look at its days, then put it in force."))
        return redirect("energy:tariff_detail", tariff_id=version.tariff_id)
    return form_page(request, "energy/tariff_version_edit.html", form, tariff=version.tariff, version=version)


@acting(can_keep_tariffs)
@require_POST
def tariff_version_publish(request: ActingRequest, tariff_version_id: UUID) -> HttpResponse:
    version = one_version(request, tariff_version_id)
    try:
        services.put_in_force(request.actor, version, seen=request.POST.get("terms", ""))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The version is in force. What changes later is a new version."))
    return redirect("energy:tariff_detail", tariff_id=version.tariff_id)


@acting(can_keep_tariffs)
def channel_tariff(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    """What is assigned last stands in the form."""
    channel = one_channel(request, channel_id)
    said = TariffAssignment.objects.visible_to(request.actor).filter(channel=channel).select_related("tariff")
    rows = list(said.order_by("-starts_on"))
    initial: dict[str, Any] = {"starts_on": max(channel.service_starts_on, today_of(request).replace(day=1))}
    if rows:
        initial = {name: getattr(rows[0], name) for name in services.OF_ASSIGNMENT} | {"tariff": rows[0].tariff_id}
    form = AssignmentForm(request.POST or None, tariffs=queries.assignable(request.actor), initial=initial)
    if form.is_valid() and attempt(
        form,
        partial(
            services.assign_tariff,
            request.actor,
            channel,
            form.cleaned_data["tariff"],
            facts=form.facts,
            now=timezone.now(),
        ),
    ):
        messages.success(request, _("The channel is charged by this tariff."))
        return redirect("energy:channel_cost", channel_id=channel.pk)
    return form_page(
        request,
        "energy/channel_tariff.html",
        form,
        channel=channel,
        meter=channel.meter,
        owner=owner_words(channel.meter),
        counted=drawing.counted_words(channel.meter.commodity, channel.flow, channel.unit),
        assignments=rows,
        can_assign=can_change_row(request.actor, channel),
    )
