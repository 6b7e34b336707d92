"""Feeds: the list, one with the history of its files, and what energy managers change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_tables2 import RequestConfig

from energy.choices import FeedSource
from energy.forms.feed_columns import ColumnsForm
from energy.forms.feeds import FeedEditForm, FeedForm, TrialForm
from energy.models import Feed
from energy.permissions import can_change_row, can_import_readings, can_read_energy
from energy.queries import imports as queries
from energy.services import feeds as services
from energy.services.trials import Trial, try_file, try_source
from energy.tables import ReadingImportTable
from energy.views import feed_words as words
from energy.views.feed_tables import FeedFilter, FeedTable
from energy.views.tariff_drawing import clock_words
from lib.exports import requested
from lib.refusals import Refusal
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

FEEDS_A_PAGE = 25
IMPORTS_A_PAGE = 15


def one_feed(request: ActingRequest, feed_id: UUID) -> Feed:
    return get_object_or_404(queries.all_feeds(request.actor).select_related("park"), pk=feed_id)


@acting(can_read_energy)
@require_safe
def feed_list(request: ActingRequest) -> HttpResponse:
    rows = queries.all_feeds(request.actor)
    narrowed = FeedFilter(request.GET, queryset=rows)
    table = FeedTable(narrowed.qs, now=timezone.now())
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": FEEDS_A_PAGE}).configure(table)
    download = exported(request, table, _("feeds"))
    if download is not None:
        return download
    context = {
        "filter": narrowed,
        "table": table,
        "total": table.page.paginator.count,
        "can_add": can_import_readings(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "energy/feed_list.html", context)


@acting(can_import_readings)
def feed_create(request: ActingRequest) -> HttpResponse:
    initial = {"time_zone": request.park.time_zone}
    form = FeedForm(request.POST or None, initial=initial, is_official=request.actor.is_official)
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in services.OF_FEED}
        added: list[Feed] = []
        act = partial(services.add_feed, request.actor, park=request.park, facts=facts, now=timezone.now())
        if attempt(form, lambda: added.append(act())):
            messages.success(request, _("The feed is added."))
            follows = "energy:feed_edit" if added[0].is_fetched else "energy:feed_detail"
            return redirect(follows, feed_id=added[0].pk)
    return form_page(request, "energy/feed_create.html", form)


@acting(can_read_energy)
@require_GET
def feed_detail(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    feed, now = one_feed(request, feed_id), timezone.now()
    table = ReadingImportTable(queries.imports_of(feed), now=now, exclude=("feed", "uploaded_by_name"))
    RequestConfig(request, paginate={"per_page": IMPORTS_A_PAGE}).configure(table)
    can_change = can_change_row(request.actor, feed) and not request.actor.is_read_only
    context: dict[str, Any] = {
        "feed": feed,
        "badge": words.feed_badge(feed, now),
        "schedule": words.schedule_words(feed),
        "clock": clock_words(feed.time_zone),
        "problem": words.problem_words(feed) if feed.last_problem else "",
        "is_silent": feed.is_silent(now),
        "table": table,
        "total": table.page.paginator.count,
        "can_change": can_change,
        "can_fetch": can_change and feed.is_fetched and bool(feed.address) and not feed.is_paused,
        "can_try": can_change and feed.source != FeedSource.PUSH and (bool(feed.address) or not feed.is_fetched),
        "can_bring": can_change and not feed.is_paused and feed.source != FeedSource.PUSH,
    }
    return render(request, "energy/feed_detail.html", context)


@acting(can_import_readings)
def feed_edit(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    feed = one_feed(request, feed_id)
    form = FeedEditForm(request.POST or None, instance=feed)
    if form.is_valid():
        secret = form.cleaned_data.get("secret") or ""
        act = partial(services.change_feed, request.actor, feed, facts=form.facts, secret=secret, now=timezone.now())
        if attempt(form, act):
            messages.success(request, _("The feed is changed."))
            return redirect("energy:feed_detail", feed_id=feed.pk)
    return form_page(request, "energy/feed_edit.html", form, feed=feed)


@acting(can_import_readings)
def feed_columns(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    feed = one_feed(request, feed_id)
    form = ColumnsForm(request.POST if request.method == "POST" else None, feed=feed)
    if form.is_valid():
        services.map_columns(request.actor, feed, mapping=form.mapping)
        messages.success(request, _("The columns are kept. Files that come from now on are read so."))
        return redirect("energy:feed_try" if feed.source != FeedSource.PUSH else "energy:feed_detail", feed_id=feed.pk)
    return form_page(request, "energy/feed_columns.html", form, feed=feed)


@acting(can_import_readings)
@require_POST
def feed_pause(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    return _act(request, feed_id, partial(services.pause_feed, now=timezone.now()), _("The feed is paused."))


@acting(can_import_readings)
@require_POST
def feed_resume(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    return _act(request, feed_id, partial(services.resume_feed, now=timezone.now()), _("The feed takes files again."))


@acting(can_import_readings)
@require_POST
def feed_fetch(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    """Besides the schedule; the worker does it."""
    return _act(request, feed_id, services.ask_to_fetch, _("The worker looks for files now."))


@acting(can_import_readings)
def feed_try(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    """What would become of the newest file at the source, or of one at hand; nothing of it is kept."""
    feed = one_feed(request, feed_id)
    if not can_change_row(request.actor, feed):
        raise PermissionDenied
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = TrialForm(*sent, feed=feed)
    trials: list[Trial] = []
    if form.is_valid():
        attempt(form, lambda: trials.append(_try(request, feed, form.cleaned_data.get("upload"))))
    trial = trials[0] if trials else None
    context = {"feed": feed, "trial": trial, **({"told": words.trial_words(trial)} if trial else {})}
    return form_page(request, "energy/feed_try.html", form, **context)


def _try(request: ActingRequest, feed: Feed, upload: UploadedFile | None) -> Trial:
    now = timezone.now()
    if upload is None:
        return try_source(request.actor, feed, now=now)
    return try_file(request.actor, feed, file=upload, name=upload.name or "", now=now)


def _act(request: ActingRequest, feed_id: UUID, service: Callable[..., object], done: str) -> HttpResponse:
    feed = one_feed(request, feed_id)
    try:
        service(request.actor, feed)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(request, done)
    return redirect("energy:feed_detail", feed_id=feed.pk)
