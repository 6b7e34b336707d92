"""Payments of awards: what the treasury is to pay, and what it has paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from incentives import award_permissions, queries, services
from incentives.filters.awards import PaymentFilter
from incentives.forms.payments import ConditionForm, PaymentForm, TreasuryFileForm
from incentives.models import Instalment
from incentives.tables.payments import PaymentTable
from incentives.views.acting import moment
from incentives.views.lists import list_page
from lib.formatting import number
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

SALT = "incentives.treasury"
LONGEST_LOOK = 24 * 3600


@acting(award_permissions.can_see_awards)
@require_safe
def payment_list(request: ActingRequest) -> HttpResponse:
    rows = queries.instalments(request.actor)
    return list_page(
        request,
        "incentives/payment_list.html",
        filters=PaymentFilter(request.GET, rows),
        table=PaymentTable,
        name="payments",
        context={"sums": queries.payment_sums(request.actor), "may_pay": _may_pay(request)},
    )


@acting(award_permissions.can_pay)
def instalment_confirm(request: ActingRequest, instalment_id: UUID) -> HttpResponse:
    instalment = _instalment(request, instalment_id)
    form = ConditionForm(request.POST if request.method == "POST" else None)

    def act() -> object:
        return services.confirm_condition(request.actor, instalment, **form.cleaned_data, now=moment(request)[0])

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("Payment %(number)s is due now.") % {"number": instalment.number})
        return redirect("incentives:award_detail", award_id=instalment.award_id)
    return _page(request, "incentives/instalment_confirm.html", form, instalment)


@acting(award_permissions.can_pay)
def payment_record(request: ActingRequest, instalment_id: UUID) -> HttpResponse:
    instalment = _instalment(request, instalment_id)
    now, today = moment(request)
    known = {"paid_on": today, "amount_cny": number(instalment.amount_cny, 2)}
    form = PaymentForm(request.POST if request.method == "POST" else None, initial=known)

    def act() -> object:
        return services.record_payment(request.actor, instalment, **form.cleaned_data, now=now)

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("Payment %(number)s was recorded.") % {"number": instalment.number})
        return redirect("incentives:award_detail", award_id=instalment.award_id)
    return _page(request, "incentives/payment_record.html", form, instalment)


@acting(award_permissions.can_pay)
def payment_import(request: ActingRequest) -> HttpResponse:
    """First what would become of each line, then the same lines recorded: they travel signed in the page."""
    kept = request.POST.get("lines", "")
    if kept:
        return _record(request, kept)
    form = TreasuryFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    lines: list[services.TreasuryLine] = []

    def act() -> None:
        lines.extend(services.read_treasury_file(form.cleaned_data["upload"]))

    if form.is_valid() and attempt(form, act):
        answers = services.answer_lines(request.actor, lines, moment(request)[0])
        signed = signing.dumps([line.as_json() for line in lines], salt=SALT, compress=True)
        return render(request, "incentives/payment_import.html", {**_counted(answers), "lines": signed})
    return form_page(request, "incentives/payment_import.html", form)


def _record(request: ActingRequest, kept: str) -> HttpResponse:
    try:
        lines = [services.TreasuryLine(**line) for line in signing.loads(kept, salt=SALT, max_age=LONGEST_LOOK)]
    except signing.BadSignature:
        messages.error(request, _("The page was too old. Send the file again."))
        return redirect("incentives:payment_import")
    answers = services.record_lines(request.actor, lines, moment(request)[0])
    count = sum(answer.outcome == "pays" for answer in answers)
    said = ngettext("%(n)s payment was recorded.", "%(n)s payments were recorded.", count)
    messages.success(request, said % {"n": count})
    return render(request, "incentives/payment_import.html", {**_counted(answers), "is_done": True})


def _counted(answers: list[services.Answer]) -> dict[str, Any]:
    counts = {name: sum(answer.outcome == name for answer in answers) for name in ("pays", "known", "refused")}
    return {"answers": answers, "counts": counts, "total": len(answers)}


def _page(request: ActingRequest, template: str, form: Any, instalment: Instalment) -> HttpResponse:
    why_not = award_permissions.explain_no_payment(request.actor, instalment.award.application)
    return form_page(request, template, form, instalment=instalment, why_not=why_not)


def _may_pay(request: ActingRequest) -> bool:
    return award_permissions.can_pay(request.actor) and not request.actor.is_read_only


def _instalment(request: ActingRequest, instalment_id: UUID) -> Instalment:
    return get_object_or_404(queries.instalments(request.actor), pk=instalment_id)
