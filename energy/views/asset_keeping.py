"""What energy managers enter and change of energy assets."""

from __future__ import annotations

from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from energy.asset_words import TONES
from energy.choices import AssetKind
from energy.forms.assets import AssetForm, EndForm, LinkForm, MemberForm
from energy.models import Asset, AssetChannel, AssetMember, Channel
from energy.permissions import can_keep_meters
from energy.queries.assets import register
from energy.services import assets as services
from energy.views.assets import one_asset
from energy.views.meters import today_of
from enterprises.models import Enterprise
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

# What is offered while one types; further ones are found by their name all the same.
MOST_NAMES = 300


@acting(can_keep_meters)
def asset_create(request: ActingRequest) -> HttpResponse:
    """First its kind, which says what is asked."""
    actor = request.actor
    kind = request.GET.get("kind", "")
    if kind not in AssetKind:
        kinds = [{"value": each.value, "label": each.label, "tone": TONES[each]} for each in AssetKind]
        # What is sent without a kind has not been read.
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        return render(request, "energy/asset_kinds.html", {"kinds": kinds}, status=status)
    of_park = Enterprise.objects.visible_to(actor)
    form = AssetForm(
        request.POST or None,
        kind=kind,
        enterprises=of_park if actor.is_official else None,
        initial={"owner": request.GET.get("enterprise", "")},
    )
    if form.is_valid():
        entered: list[Asset] = []
        owner = form.cleaned_data["owner"] if actor.is_official else of_park.get()
        act = partial(
            services.enter_asset,
            actor,
            park=request.park,
            enterprise=owner,
            kind=kind,
            facts=form.facts,
            now=timezone.now(),
        )
        if attempt(form, lambda: entered.append(act())):
            messages.success(request, _("The asset is entered. Say now which channels measure it."))
            return redirect("energy:asset_detail", asset_id=entered[0].pk)
    return form_page(request, "energy/asset_create.html", form, kind=kind, kind_words=AssetKind(kind).label)


@acting(can_keep_meters)
def asset_edit(request: ActingRequest, asset_id: UUID) -> HttpResponse:
    asset = one_asset(request, asset_id)
    form = AssetForm(request.POST or None, kind=asset.kind, instance=one_asset(request, asset_id))
    if form.is_valid() and attempt(form, partial(services.change_asset, request.actor, asset, changes=form.changes)):
        messages.success(request, _("The asset is saved."))
        return redirect("energy:asset_detail", asset_id=asset.pk)
    return form_page(request, "energy/asset_edit.html", form, asset=asset)


@acting(can_keep_meters)
def asset_retire(request: ActingRequest, asset_id: UUID) -> HttpResponse:
    asset, today = one_asset(request, asset_id), today_of(request)
    form = EndForm(request.POST or None, label=_("Out of service from"), initial={"ends_on": asset.ends_on or today})
    if form.is_valid() and attempt(
        form, partial(services.retire_asset, request.actor, asset, ends_on=form.cleaned_data["ends_on"], today=today)
    ):
        messages.success(request, _("The asset goes out of service. What was measured of it stays."))
        return redirect("energy:asset_detail", asset_id=asset.pk)
    return form_page(request, "energy/asset_retire.html", form, asset=asset)


@acting(can_keep_meters)
def asset_channel_create(request: ActingRequest, asset_id: UUID) -> HttpResponse:
    asset = one_asset(request, asset_id)
    form = LinkForm(request.POST or None, asset=asset, actor=request.actor, initial={"starts_on": asset.starts_on})
    if form.is_valid():
        given = form.cleaned_data
        act = partial(
            services.link_channel,
            request.actor,
            asset,
            given["channel"],
            role=given["role"],
            starts_on=given["starts_on"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The channel measures the asset."))
            return redirect("energy:asset_detail", asset_id=asset.pk)
    return form_page(
        request, "energy/asset_channel_create.html", form, asset=asset, names=channel_names(request, asset)
    )


def channel_names(request: ActingRequest, asset: Asset) -> list[tuple[str, str]]:
    """What is offered for the channel: its name in files and that of its meter."""
    rows = Channel.objects.visible_to(request.actor).select_related("meter")
    if asset.enterprise_id is not None:
        rows = rows.filter(enterprise_id=asset.enterprise_id)
    fitting = rows.filter(meter__commodity__in=("electricity", "environment")).order_by("meter__name", "code")
    return [
        (
            f"{channel.meter.serial}/{channel.code}" if channel.code else channel.meter.serial,
            f"{channel.meter.name}, {channel.get_flow_display()}",
        )
        for channel in fitting[:MOST_NAMES]
    ]


@acting(can_keep_meters)
def asset_channel_end(request: ActingRequest, asset_channel_id: UUID) -> HttpResponse:
    rows = AssetChannel.objects.visible_to(request.actor).select_related("asset__enterprise", "channel__meter")
    link = get_object_or_404(rows, pk=asset_channel_id)
    return _ended(
        request,
        link.asset,
        partial(services.end_link, request.actor, link),
        what=f"{link.get_role_display()}: {link.channel.meter.name}",
        starts_on=link.starts_on,
        ends_on=link.ends_on,
        title=_("End the measurement"),
    )


@acting(can_keep_meters)
def asset_member_create(request: ActingRequest, asset_id: UUID) -> HttpResponse:
    microgrid = one_asset(request, asset_id)
    if microgrid.kind != AssetKind.MICROGRID:
        raise Http404
    possible = register.possible_members(request.actor, microgrid, today_of(request))
    form = MemberForm(request.POST or None, possible=possible, initial={"starts_on": today_of(request)})
    if form.is_valid():
        given = form.cleaned_data
        act = partial(
            services.add_member,
            request.actor,
            microgrid,
            given["member"],
            starts_on=given["starts_on"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The asset belongs to the microgrid."))
            return redirect("energy:asset_detail", asset_id=microgrid.pk)
    return form_page(request, "energy/asset_member_create.html", form, asset=microgrid)


@acting(can_keep_meters)
def asset_member_end(request: ActingRequest, asset_member_id: UUID) -> HttpResponse:
    rows = AssetMember.objects.visible_to(request.actor).select_related("microgrid__enterprise", "member")
    row = get_object_or_404(rows, pk=asset_member_id)
    return _ended(
        request,
        row.microgrid,
        partial(services.end_member, request.actor, row),
        what=row.member.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        title=_("Take the asset out of the microgrid"),
    )


def _ended(
    request: ActingRequest,
    asset: Asset,
    act: Any,
    *,
    what: str,
    starts_on: date,
    ends_on: date | None,
    title: str,
) -> HttpResponse:
    """The page on which something of an asset ends; on the day it began where it was a mistake."""
    initial = {"ends_on": ends_on or today_of(request)}
    form = EndForm(request.POST or None, label=_("No more from"), initial=initial)
    if form.is_valid() and attempt(form, lambda: act(ends_on=form.cleaned_data["ends_on"])):
        messages.success(request, _("The last day is saved."))
        return redirect("energy:asset_detail", asset_id=asset.pk)
    return form_page(request, "energy/asset_end.html", form, asset=asset, what=what, starts_on=starts_on, title=title)
