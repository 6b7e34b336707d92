"""The last look at an application, the certifier's signature, and the receipt."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.purposes import register_purpose
from incentives import permissions, services
from incentives.choices import ApplicationState
from incentives.forms import StatementForm
from incentives.models import Application
from incentives.permissions import Act
from incentives.views.acting import UNPROCESSABLE, moment, one_application, redrawn
from incentives.views.amount import worth_of
from incentives.views.answers import (
    address_of,
    answer_rows,
    document_slots,
    enterprise_rows,
    form_groups,
    label_of,
    people,
    written,
)
from lib.deadlines import day_words
from lib.formatting import day
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal

register_purpose("incentives:application_check", gettext_lazy("Before you sign the application and submit it."))
SAID = "statement_accepted"


@acting(permissions.can_open_applications)
def application_check(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = one_application(request, application_id)
    if not application.is_editable:
        return redirect("incentives:application_detail", application_id=application.pk)
    said = request.session.get(SAID) == _name(application) and permissions.can_sign_now(request)
    form = StatementForm(initial={"revision": application.revision, "statement_accepted": said})
    return _check_page(request, application, form)


@acting(permissions.can_sign)
@require_POST
def application_submit(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """Sign and file; the page that follows is the receipt."""
    application = one_application(request, application_id)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _check_page(request, application, form)
    if not permissions.can_sign_now(request):
        return _ask_who_signs(request, application)
    now, _today = moment(request)
    try:
        filed = services.submit_application(
            request.actor,
            application,
            expected_revision=form.cleaned_data["revision"],
            statement_accepted=form.cleaned_data["statement_accepted"],
            now=now,
        )
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _check_page(request, application, form)
    request.session.pop(SAID, None)
    messages.success(request, _("Submitted. Your number is %(number)s.") % {"number": filed.number})
    return redirect("incentives:application_detail", application_id=filed.pk)


def _ask_who_signs(request: ActingRequest, application: Application) -> HttpResponse:
    """To the page that asks for the password, passkey or code, and back with the statement as it was given."""
    request.session[SAID] = _name(application)
    back = reverse("incentives:application_check", kwargs={"application_id": application.pk})
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")


def _name(application: Application) -> list[Any]:
    """What the statement was about: said of another revision, it has to be said again."""
    return [str(application.pk), application.revision]


def _check_page(request: ActingRequest, application: Application, form: StatementForm) -> HttpResponse:
    now, today = moment(request)
    missing = services.check_application(application, today)
    if form.is_bound:
        redrawn(form, revision=application.revision)
    checks = services.rules_of(application, today)
    rules = _rules(application, [entry.field for entry in missing], now, today)
    context = {
        "application": application,
        "form": form,
        "rows": answer_rows(application, can_change=permissions.can_prepare(request.actor, application)),
        "groups": form_groups(application, can_change=permissions.can_prepare(request.actor, application)),
        "slots": document_slots(application, with_optional=False),
        "worth": worth_of(application, today),
        "missing": [_missing(application, entry) for entry in missing],
        "enterprise_rows": enterprise_rows(application),
        "rules": rules,
        "checks": checks,
        "all_met": all(rule["is_met"] for rule in rules) and all(check.is_met for check in checks),
        "may_prepare": permissions.can_prepare(request.actor, application),
        "why_not": permissions.explain_why_not(request.actor, application, Act.CERTIFY),
        "is_asked_again": not permissions.can_sign_now(request),
        "people": people(request.actor, application),
        "days_left": (application.programme_version.window_at(today).closes_on - today).days,
        "is_returned": application.state == ApplicationState.RETURNED,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "incentives/application_check.html", context, status=status)


def _missing(application: Application, entry: services.Missing) -> dict[str, Any]:
    return {
        "label": label_of(entry.field, application.programme_version),
        "message": entry.message,
        "url": address_of(application, entry.field),
    }


def _rules(application: Application, missing: list[str], now: datetime, today: date) -> list[dict[str, Any]]:
    """What the programme asks for, each with its evidence."""
    slots = [slot for slot in document_slots(application) if slot.is_required]
    attached = len([slot for slot in slots if slot.files])
    met = {
        "completed_on": (_("Project completed"), written(application, "completed_on")),
        "saving_tce": (_("Saving above zero"), written(application, "saving_tce")),
        "investment_cny": (_("Investment given"), written(application, "investment_cny")),
    }
    rules = [{"label": label, "evidence": shown, "is_met": name not in missing} for name, (label, shown) in met.items()]
    papers = _("%(present)s of %(required)s") % {"present": attached, "required": len(slots)}
    return [
        *rules,
        {"label": _("Documents attached"), "evidence": papers, "is_met": attached == len(slots)},
        _timing_rule(application, now, today),
    ]


def _timing_rule(application: Application, now: datetime, today: date) -> dict[str, Any]:
    """A draft needs an open window; what was returned has a deadline of its own."""
    version = application.programme_version
    if application.state == ApplicationState.RETURNED and application.due_at is not None:
        evidence = day_words(application.due_at, compact=True)
        return {
            "label": _("Within the deadline"),
            "evidence": evidence,
            "is_met": now <= application.due_at,
        }
    open_in = version.window_at(today)
    window = f"{day(open_in.opens_on, compact=True)} – {day(open_in.closes_on, compact=True)}"
    return {"label": _("Within the window"), "evidence": window, "is_met": version.takes_applications_on(today)}
