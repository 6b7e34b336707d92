"""The way of a registration: from the park's public page to the task list, the receipt and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.choices import OPEN_REGISTRATIONS, RegistrationState
from enterprises.forms.registration import RegistrationWithdrawForm
from enterprises.models import Registration
from enterprises.queries.registrations import own_registrations
from enterprises.services.registration import CHECK_WORKING_DAYS, begin_registration, withdraw_registration
from enterprises.services.registration_check import SECTIONS, check_registration
from enterprises.services.unfiled import as_typed
from enterprises.views.registering import (
    TITLES,
    UNPROCESSABLE,
    answer_rows,
    asked_rows,
    due_day,
    filed_again_at,
    last_step,
    moment,
    one_registration,
    paper_slots,
    state_badge,
    task_list,
    timeline,
)
from lib.refusals import Refusal
from parks.access import public_park, registering
from parks.requests import PublicParkRequest, RegisteringRequest
from parks.views.forms import put_refusal

REGISTRATIONS_A_PAGE = 20


@public_park
@require_safe
def registration_start(request: PublicParkRequest, park_slug: str) -> HttpResponse:
    """What one needs and how long it takes, for anybody; who is signed in finds what they have begun as well."""
    begin = reverse("enterprises:registration_begin", kwargs={"park_slug": park_slug})
    if request.user.is_authenticated:
        return redirect(begin)
    onward = urlencode({"next": begin})
    context = {
        "park": request.park,
        "sign_up_url": f"{reverse('account_signup')}?{onward}",
        "sign_in_url": f"{reverse('account_login')}?{onward}",
        "working_days": CHECK_WORKING_DAYS,
    }
    return render(request, "enterprises/registration_start.html", context)


@registering
def registration_begin(request: RegisteringRequest, park_slug: str) -> HttpResponse:
    """One click makes the draft, or leads back to the one that is there."""
    refusal_message = ""
    if request.method == "POST":
        try:
            draft = begin_registration(request.registrant, now=moment(request)[0])
        except Refusal as refusal:
            refusal_message = refusal.message
        else:
            return redirect("enterprises:registration_detail", park_slug=park_slug, registration_id=draft.pk)
    mine = own_registrations(request.registrant).order_by("-saved_at", "-id")
    page = Paginator(mine, REGISTRATIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "park": request.park,
        "registrations": [{"row": as_typed(found), "badge": state_badge(found)} for found in page],
        "page": page,
        "draft": mine.filter(state=RegistrationState.DRAFT).first(),
        "refusal": refusal_message,
        "working_days": CHECK_WORKING_DAYS,
    }
    status = UNPROCESSABLE if refusal_message else 200
    return render(request, "enterprises/registration_start.html", context, status=status)


@registering
@require_safe
def registration_detail(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    """The task list while it can be changed; afterwards its state, receipt and way."""
    registration = one_registration(request, registration_id)
    if registration.is_editable:
        return render(request, "enterprises/registration_tasks.html", _tasks(request, registration))
    context = {
        **_frame(registration),
        "is_receipt": registration.state == RegistrationState.SUBMITTED,
        "due_day": due_day(registration),
        "last_step": last_step(registration),
        "filed_again_at": filed_again_at(registration),
        "groups": [
            {"title": TITLES[name], "rows": answer_rows(registration, name, can_change=False)}
            for name in SECTIONS
            if name != "papers"
        ],
        "slots": paper_slots(registration, only_used=True),
        "may_withdraw": registration.is_open and not request.park.is_read_only,
    }
    return render(request, "enterprises/registration_detail.html", context)


def _frame(registration: Registration) -> dict[str, Any]:
    return {
        "registration": registration,
        "park": registration.park,
        "badge": state_badge(registration),
        "steps": timeline(registration),
        "is_read_only": registration.park.is_read_only,
    }


def _tasks(request: RegisteringRequest, registration: Registration) -> dict[str, Any]:
    _now, today = moment(request)
    missing = check_registration(registration, today)
    tasks = task_list(registration, missing)
    is_done = [task for task in tasks if task.get("is_done")]
    return {
        **_frame(registration),
        "tasks": tasks,
        "next_task": next((task for task in tasks if not task.get("is_done") and not task.get("blocked")), tasks[0]),
        "done": len(is_done),
        "total": len(SECTIONS),
        "asked": asked_rows(registration),
        "due_day": due_day(registration),
        "return_step": last_step(registration) if registration.state == RegistrationState.RETURNED else None,
    }


@registering
def registration_withdraw(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    """The page asks once more; posting it ends the registration."""
    registration = one_registration(request, registration_id)
    if registration.state not in OPEN_REGISTRATIONS:
        return redirect("enterprises:registration_detail", park_slug=park_slug, registration_id=registration.pk)
    form = RegistrationWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, _today = moment(request)
        try:
            withdraw_registration(request.registrant, registration, reason=form.cleaned_data["reason"], now=now)
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The registration was withdrawn."))
            return redirect("enterprises:registration_begin", park_slug=park_slug)
    context = {**_frame(registration), "form": form, "was_filed": registration.submitted_at is not None}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "enterprises/registration_withdraw.html", context, status=status)
