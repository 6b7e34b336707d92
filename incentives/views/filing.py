"""An enterprise's applications: the list, one application from draft to decision, its withdrawal."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incentives import award_permissions, permissions, queries, services
from incentives.choices import ApplicationState
from incentives.filters.applications import OwnApplicationFilter
from incentives.forms import RepliesForm, WithdrawForm
from incentives.models import Appeal, Application
from incentives.permissions import Act
from incentives.tables.applications import OwnApplicationTable
from incentives.views.acting import UNPROCESSABLE, moment, one_application
from incentives.views.amount import worth_of
from incentives.views.answers import (
    answer_rows,
    document_slots,
    form_groups,
    people,
    replies_form,
    return_step,
    returned_points,
    sections,
    signature,
)
from incentives.views.lists import list_page
from incentives.views.timeline import filed_at, timeline
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal


@acting(permissions.can_open_applications)
@require_safe
def application_list(request: ActingRequest) -> HttpResponse:
    rows = queries.applications(request.actor).order_by("-started_at")
    return list_page(
        request,
        "incentives/application_list.html",
        filters=OwnApplicationFilter(request.GET, rows),
        table=OwnApplicationTable,
        name="applications",
        context={"can_start": permissions.can_apply(request.actor) and not request.actor.is_read_only},
    )


@acting(permissions.can_open_applications)
@require_safe
def application_detail(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """The task list while it can be changed; afterwards its state, receipt and way."""
    application = one_application(request, application_id)
    if application.is_editable:
        return _task_page(request, application)
    _now, today = moment(request)
    appeals = queries.appeals_of(application)
    context = {
        "application": application,
        "steps": timeline(application),
        "rows": answer_rows(application, can_change=False),
        "groups": form_groups(application, can_change=False),
        "slots": document_slots(application, with_optional=False),
        "worth": worth_of(application, today, _("By the terms") if application.has_ended else ""),
        "may_withdraw": permissions.can_withdraw(request.actor, application),
        "appeals": appeals,
        "appeal_until": _appeal_until(request, application, appeals, today),
        "may_bring_agreement": award_permissions.can_bring_agreement(request.actor) and not request.actor.is_read_only,
        "checks": services.rules_of(application, today),
        "filed_at": filed_at(application),
        "can_copy": permissions.can_apply(request.actor)
        and not request.actor.is_read_only
        and queries.has_open_version(application.programme_version, today),
        **signature(application),
        "is_receipt": application.state == ApplicationState.SUBMITTED,
    }
    return render(request, "incentives/application_detail.html", context)


def _appeal_until(request: ActingRequest, application: Application, appeals: list[Appeal], today: date) -> date | None:
    """The last day on which this person can appeal against the present decision."""
    until = services.appeal_until(application)
    if until is None or until < today or award_permissions.explain_no_appeal(request.actor, application):
        return None
    return None if any(appeal.decided_at == application.decided_at for appeal in appeals) else until


@acting(permissions.can_apply)
@require_POST
def application_restart(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """On with the answers and documents of a draft whose version was replaced."""
    application = one_application(request, application_id)
    try:
        fresh = services.restart_application(request.actor, application, now=moment(request)[0])
    except Refusal as refusal:
        return _task_page(request, application, refusal.message)
    messages.success(request, _("This application is under the current version. Check what has changed in the terms."))
    return redirect("incentives:application_detail", application_id=fresh.pk)


@acting(permissions.can_apply)
@require_POST
def application_copy(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """A new draft with what stays true of one that was filed."""
    application = one_application(request, application_id)
    try:
        fresh = services.copy_application(request.actor, application, now=moment(request)[0])
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("incentives:application_detail", application_id=application.pk)
    messages.success(request, _("Copied. Enter the day, the figures and the documents of the new project."))
    return redirect("incentives:application_detail", application_id=fresh.pk)


@acting(permissions.can_apply)
@require_POST
def application_replies(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """Keep what the enterprise replies to the points of a return."""
    application = one_application(request, application_id)
    if not application.is_editable:
        return redirect("incentives:application_detail", application_id=application.pk)
    form = replies_form(application, request.POST)
    if not form.is_valid():
        return _task_page(request, application, replies=form)
    try:
        services.reply_to_comments(request.actor, application, replies=form.cleaned_data, now=moment(request)[0])
    except Refusal as refusal:
        return _task_page(request, application, refusal.message, form)
    messages.success(request, _("Your replies are kept. The park reads them when you resubmit."))
    return redirect("incentives:application_detail", application_id=application.pk)


def _task_page(
    request: ActingRequest, application: Application, refusal: str = "", replies: RepliesForm | None = None
) -> HttpResponse:
    form = replies or replies_form(application)
    points = returned_points(application, form)
    context = {**_task_context(request, application), "refusal": refusal, "replies": form, "returned": points}
    status = UNPROCESSABLE if refusal or replies else 200
    return render(request, "incentives/application_tasks.html", context, status=status)


def _task_context(request: ActingRequest, application: Application) -> dict[str, Any]:
    _now, today = moment(request)
    missing = services.check_application(application, today)
    listed = sections(application, missing, may_sign=permissions.can_sign(request.actor))
    return {
        "application": application,
        "sections": listed,
        "next_section": next(
            (entry for entry in listed if not entry.get("is_done") and not entry.get("blocked")), listed[0]
        ),
        "total": len(listed) - 1,
        "done": len([entry for entry in listed if entry.get("is_done")]),
        "return_step": return_step(application),
        "is_limited": services.open_parts(application) is not None,
        "steps": timeline(application),
        "days_left": (application.programme_version.window_at(today).closes_on - today).days,
        "may_prepare": permissions.can_prepare(request.actor, application),
        "is_replaced": application.state == ApplicationState.DRAFT
        and application.programme_version.closed_at is not None,
        "why_not": permissions.explain_why_not(request.actor, application, Act.PREPARE),
        "may_withdraw": permissions.can_withdraw(request.actor, application),
        "people": people(request.actor, application),
        "worth": worth_of(application, today),
        "checks": services.rules_of(application, today),
    }


@acting(permissions.can_apply)
def application_withdraw(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """The page asks why; posting it ends the application."""
    application = one_application(request, application_id)
    if not permissions.can_withdraw(request.actor, application):
        raise PermissionDenied
    form = WithdrawForm(request.POST or None, needs_reason=application.submitted_at is not None)
    if request.method == "POST" and form.is_valid():
        now, _today = moment(request)
        try:
            services.withdraw_application(request.actor, application, reason=form.cleaned_data["reason"], now=now)
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The application was withdrawn."))
            return redirect("incentives:application_list")
    context = {"application": application, "form": form}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "incentives/application_withdraw.html", context, status=status)
