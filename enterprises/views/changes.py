"""Changes of vetted facts: asked for by the enterprise, decided by an official."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm, Form, model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from enterprises import facts
from enterprises.calculations import check_character_fits
from enterprises.choices import ChangeRequestState, EnterpriseStatus
from enterprises.filters.company import ChangeRequestFilter
from enterprises.forms.company import ChangeRequestForm, DecisionForm, RejectionForm
from enterprises.models import VETTED, ChangeRequest, Enterprise
from enterprises.permissions import (
    can_list_enterprises,
    can_register_enterprise,
    explain_partiality,
    signs_for_enterprise,
    works_in_enterprise,
)
from enterprises.queries import company as queries
from enterprises.services import changes
from enterprises.tables.company import CHANGE_STATES, ChangeRequestTable
from enterprises.views.pages import one_enterprise
from lib.deadlines import clock
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page, status_of

REQUESTS_A_PAGE = 25


@acting(signs_for_enterprise)
def change_request_create(request: ActingRequest) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    waiting = changes.open_request(enterprise)
    if waiting is not None and request.method != "POST":
        return redirect("enterprises:change_detail", change_request_id=waiting.pk)
    if enterprise.status != EnterpriseStatus.ACTIVE and request.method != "POST":
        messages.warning(request, _("The registration of the enterprise is not active, so nothing can be asked for."))
        return redirect("enterprises:profile")
    today = model_to_dict(enterprise, VETTED)
    on_file = queries.papers_of(enterprise)
    form = ChangeRequestForm(request.POST or None, request.FILES or None, initial=today, papers=on_file)
    if form.is_valid():
        act = partial(
            changes.request_change,
            request.actor,
            enterprise,
            changes=form.changes,
            reason=form.cleaned_data["reason"],
            is_code_confirmed=form.confirms_code,
            evidence=form.evidence,
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The request is filed. The park decides within five working days."))
            return redirect("enterprises:profile")
    return form_page(request, "enterprises/change_request_create.html", form, enterprise=enterprise)


@acting(works_in_enterprise)
@require_safe
def change_detail(request: ActingRequest, change_request_id: UUID) -> HttpResponse:
    """One's own request: what was to change, and what became of it."""
    asked = _one(request, change_request_id)
    context = {
        **_shown(asked, asked.enterprise),
        "can_withdraw": signs_for_enterprise(request.actor) and asked.state == ChangeRequestState.SUBMITTED,
    }
    return render(request, "enterprises/change_detail.html", context)


@acting(signs_for_enterprise)
def change_withdraw(request: ActingRequest, change_request_id: UUID) -> HttpResponse:
    asked = _one(request, change_request_id)
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, partial(changes.withdraw_change, request.actor, asked, now=timezone.now())):
        messages.success(request, _("The request is withdrawn."))
        return redirect("enterprises:profile")
    return form_page(request, "enterprises/change_withdraw.html", form, asked=asked)


@acting(can_list_enterprises)
@require_safe
def change_request_list(request: ActingRequest) -> HttpResponse:
    narrowed = ChangeRequestFilter(request.GET, queryset=queries.change_requests(request.actor))
    table = ChangeRequestTable(narrowed.qs, now=timezone.now(), order_by="time_left")
    RequestConfig(request, paginate={"per_page": REQUESTS_A_PAGE}).configure(table)
    download = exported(request, table, _("change-requests"))
    if download is not None:
        return download
    context = {"filters": narrowed, "table": table, "waiting": queries.waiting_count(request.actor)}
    return render(request, "enterprises/change_request_list.html", context)


@acting(can_list_enterprises)
@require_safe
def change_request_detail(request: ActingRequest, change_request_id: UUID) -> HttpResponse:
    return _decision_page(request, _one(request, change_request_id))


@acting(can_register_enterprise)
@require_POST
def change_request_approve(request: ActingRequest, change_request_id: UUID) -> HttpResponse:
    asked = _one(request, change_request_id)
    form = DecisionForm(request.POST)
    if form.is_valid():
        words = {"seen": form.cleaned_data["seen"], "decision": form.cleaned_data["note"], "now": timezone.now()}
        if attempt(form, partial(changes.approve_change, request.actor, asked, **words)):
            messages.success(request, _("The change is approved and stands in the register."))
            return redirect("enterprises:change_request_list")
    return _decision_page(request, asked, approval=form)


@acting(can_register_enterprise)
@require_POST
def change_request_reject(request: ActingRequest, change_request_id: UUID) -> HttpResponse:
    asked = _one(request, change_request_id)
    form = RejectionForm(request.POST)
    if form.is_valid():
        words = {"decision": form.cleaned_data["note"], "now": timezone.now()}
        if attempt(form, partial(changes.reject_change, request.actor, asked, **words)):
            messages.success(request, _("The request is rejected. The register stays as it is."))
            return redirect("enterprises:change_request_list")
    return _decision_page(request, asked, rejection=form)


def _one(request: ActingRequest, change_request_id: UUID) -> ChangeRequest:
    return get_object_or_404(queries.change_requests(request.actor), pk=change_request_id)


def _decision_page(
    request: ActingRequest,
    asked: ChangeRequest,
    approval: DecisionForm | None = None,
    rejection: RejectionForm | None = None,
) -> HttpResponse:
    register = Enterprise.objects.get(pk=asked.enterprise_id)
    tried: BaseForm | None = approval or rejection
    seen = facts.fingerprint(changes.shown_facts(register, asked))
    note = tried.data.get("note", "") if tried else ""
    bearer = _bearer(asked)
    context = {
        **_shown(asked, register),
        "tried": tried,
        "choices": _choices(approval, rejection, seen, note, is_barred=bearer is not None),
        "why_not": _why_not(request, asked),
        "code": _code_words(asked),
        "bearer": bearer,
    }
    status = status_of(tried) if tried else 200
    return render(request, "enterprises/change_request_detail.html", context, status=status)


def _choices(
    approval: DecisionForm | None, rejection: RejectionForm | None, seen: str, note: str, *, is_barred: bool
) -> list[dict[str, Any]]:
    """Both decisions, each with its form; words that were typed with one stay for the other.

    is_barred: an approval would be refused whatever is typed.
    """
    approve = DecisionForm(initial={"seen": seen, "note": note}, auto_id="id_approve_%s")
    reject = RejectionForm(initial={"note": note}, auto_id="id_reject_%s")
    if approval is not None:
        approval.auto_id = "id_approve_%s"
        # Decided anew on what this page shows.
        approval.data = {**approval.data.dict(), "seen": seen}  # type: ignore[attr-defined]
    if rejection is not None:
        rejection.auto_id = "id_reject_%s"
    return [
        {
            "act": "approve",
            "label": _("Approve"),
            "hint": _("The register is changed at once."),
            "form": approval or approve,
            "is_chosen": rejection is None and not is_barred,
            "is_barred": is_barred,
        },
        {
            "act": "reject",
            "label": _("Reject"),
            "hint": _("The register stays as it is; the enterprise reads why."),
            "form": rejection or reject,
            "is_chosen": rejection is not None or is_barred,
            "is_barred": False,
        },
    ]


def _why_not(request: ActingRequest, asked: ChangeRequest) -> str:
    """Why the official who looks cannot decide; empty when they can, or when nothing is left to decide."""
    actor = request.actor
    if asked.state != ChangeRequestState.SUBMITTED:
        return ""
    if not can_register_enterprise(actor):
        return _("Administrators and reviewers of the park decide on this.")
    if actor.is_read_only:
        return actor.read_only_words
    return explain_partiality(actor, asked.enterprise, since=asked.requested_at)


def _code_words(asked: ChangeRequest) -> str:
    """What to look at when the code is to change to one whose check character does not fit."""
    if "credit_code" not in asked.changes or check_character_fits(asked.changes["credit_code"][1]):
        return ""
    return _("The check character of the new code does not fit. The enterprise says that its licence carries it.")


def _bearer(asked: ChangeRequest) -> Enterprise | None:
    """Who has the code already that is asked for: while it has, an approval is refused."""
    if asked.state != ChangeRequestState.SUBMITTED or "credit_code" not in asked.changes:
        return None
    return queries.other_bearer(asked.enterprise, asked.changes["credit_code"][1])


def _shown(asked: ChangeRequest, register: Enterprise) -> dict[str, Any]:
    rows = change_rows(asked, register)
    is_open = asked.state == ChangeRequestState.SUBMITTED
    return {
        "asked": asked,
        "enterprise": register,
        "state": CHANGE_STATES[asked.state],
        "rows": rows,
        "moved": is_open and any(row["now"] for row in rows),
        "clock": clock(asked.due_at, asked.requested_at, timezone.now()) if is_open else None,
    }


def change_rows(asked: ChangeRequest, register: Enterprise) -> list[dict[str, str]]:
    """Before and after of each fact; `now` where the register has moved since the request was filed."""
    current = changes.shown_facts(register, asked)
    is_open = asked.state == ChangeRequestState.SUBMITTED
    capital = asked.changes.get("capital_currency", [register.capital_currency] * 2)
    return [
        {
            "label": facts.label_of(name),
            "before": facts.shown_text(name, before, capital[0]),
            "after": facts.shown_text(name, after, capital[1]),
            "now": facts.shown_text(name, current[name], register.capital_currency)
            if is_open and current[name] != before
            else "",
        }
        for name, (before, after) in asked.changes.items()
    ]
