"""The officials' queue, and their decisions on one application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incentives import permissions, queries, services
from incentives.choices import Stage
from incentives.filters.applications import FiledFilter, QueueFilter
from incentives.forms import ApproveForm, DeclineForm, ReturnForm
from incentives.models import Application, Programme
from incentives.tables.applications import FiledTable, QueueTable
from incentives.views.acting import moment, redrawn
from incentives.views.lists import list_page
from incentives.views.review_page import accept_form, commented, filed, review_page, seen
from lib import long_lists
from lib.refusals import Refusal
from lib.templatetags.ui import localized_filter
from parks.access import acting
from parks.forms.decisions import DecisionForm
from parks.requests import ActingRequest
from parks.views.forms import put_refusal
from parks.views.saved_views import saved_views

VIEWS = ("mine", "waiting", "returned", "decided")


@acting(permissions.can_open_queue)
@require_safe
def review_queue(request: ActingRequest) -> HttpResponse:
    """The saved view of the address, by default one's own work for those who decide."""
    now, _today = moment(request)
    actor = request.actor
    may_decide = permissions.can_decide_somewhere(actor)
    chosen = request.GET.get("view", "")
    view = chosen if chosen in VIEWS else ("mine" if may_decide else "waiting")
    views = queries.views(actor)
    counts, first = queries.queue_counts(actor)
    request.counted = {"incentives:review_queue": counts["mine"]}
    rows, order_by = views[view], "time_left"
    if view == "decided":
        rows, order_by = rows.order_by("-decided_at", "id"), ""
    programmes = list(queries.filed_programmes(actor))
    return list_page(
        request,
        "incentives/review_queue.html",
        filters=QueueFilter(request.GET, rows, programmes=_programme_choices(programmes)),
        table=partial(QueueTable, may_decide=may_decide, now=now, order_by=order_by),
        name="queue",
        shown=queries.queue(actor),
        count=counts[view],
        context={
            "view": view,
            "tabs": _tabs(view, counts, may_decide=may_decide),
            "budgets": queries.budgets(actor, queries.published_first(programmes)),
            "next_one": first if may_decide else None,
            **saved_views(request, own=("view",)),
        },
    )


def _tabs(view: str, counts: dict[str, int], *, may_decide: bool) -> list[dict[str, Any]]:
    labels = {
        "mine": _("Mine to do"),
        "waiting": _("All waiting"),
        "returned": _("With the enterprise"),
        "decided": _("Decided"),
    }
    return [
        {
            "label": label,
            "url": f"?{urlencode({'view': name})}",
            "count": long_lists.count_words(counts[name]),
            "active": name == view,
        }
        for name, label in labels.items()
        if name != "mine" or may_decide
    ]


def _programme_choices(programmes: Iterable[Programme]) -> list[tuple[str, str]]:
    return [(str(row.pk), localized_filter(row, "title")) for row in programmes]


@acting(permissions.can_open_queue)
@require_safe
def filed_list(request: ActingRequest) -> HttpResponse:
    rows = Application.objects.visible_to(request.actor).order_by("-submitted_at")
    filters = FiledFilter(
        request.GET,
        rows,
        programmes=_programme_choices(queries.filed_programmes(request.actor)),
        zone=request.park.time_zone,
        today=moment(request)[1],
    )
    return list_page(
        request,
        "incentives/filed_list.html",
        filters=filters,
        table=FiledTable,
        name="applications",
        shown=queries.lines(request.actor),
    )


@acting(permissions.can_open_queue)
@require_safe
def review_detail(request: ActingRequest, application_id: UUID) -> HttpResponse:
    return review_page(request, filed(request, application_id))


@acting(permissions.can_decide_somewhere)
@require_POST
def review_accept(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """Let it pass the stage that the form was drawn for."""
    application = filed(request, application_id)
    form = accept_form(_typed_stage(request))(request.POST)

    def act() -> Application:
        return services.accept_application(
            request.actor,
            application,
            **_typed(form, "expected_round", "stage", "note"),
            findings=form.findings,
            now=moment(request)[0],
        )

    is_check = _typed_stage(request) is Stage.COMPLETENESS
    said = _("%(number)s was accepted as complete.") if is_check else _("%(number)s: your review was recorded.")
    return _decide(request, application, form, act, said)


def _typed_stage(request: ActingRequest) -> Stage:
    typed = request.POST.get("stage", "")
    return Stage(typed) if typed in Stage.values else Stage.COMPLETENESS


@acting(permissions.can_decide_somewhere)
@require_POST
def review_return(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = filed(request, application_id)
    earlier = services.stages_before(application, _typed_stage(request))
    form = ReturnForm(request.POST, remarked=commented(application), earlier=earlier)

    def act() -> Application:
        return services.return_application(
            request.actor,
            application,
            comments=form.remarks,
            **_typed(form, "expected_round", "stage", "message", "note"),
            void_stages=form.void_stages,
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s was returned for changes."))


@acting(permissions.can_decide_somewhere)
@require_POST
def review_approve(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = filed(request, application_id)
    approvals, proof = list(queries.approvals_in(application)), queries.proof_of(application)
    form = ApproveForm(request.POST, application=application, approvals=approvals, proof=proof)

    def act() -> Application:
        return services.approve_application(
            request.actor,
            application,
            **_typed(form, "expected_round", "amount_cny", "message", "note"),
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s: your approval was recorded."))


@acting(permissions.can_decide_somewhere)
@require_POST
def review_decline(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = filed(request, application_id)
    form = DeclineForm(request.POST)

    def act() -> Application:
        return services.decline_application(
            request.actor,
            application,
            **_typed(form, "expected_round", "stage", "reason", "note"),
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s was declined."))


def _typed(form: DecisionForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}


def _decide(
    request: ActingRequest, application: Application, form: DecisionForm, act: Callable[[], Application], said: str
) -> HttpResponse:
    """Carry out an act and go on to the next case; what is wrong or refused is said on the page of this one."""
    if not form.is_valid():
        return review_page(request, application, form)
    try:
        act()
    except services.StateChanged as refusal:
        # What is drawn now is what the person will have read when they send the form again.
        put_refusal(form, refusal)
        now_there = filed(request, application.pk)
        redrawn(form, **seen(now_there))
        return review_page(request, now_there, form)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return review_page(request, filed(request, application.pk), form)
    messages.success(request, said % {"number": application.number})
    return redirect("incentives:review_detail", application_id=application.pk)
