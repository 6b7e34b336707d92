"""The park's register of enterprises, as its officials see it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from enterprises import page_sections, queries, services
from enterprises.filters import EnterpriseFilter
from enterprises.forms import EnterpriseEditForm, EnterpriseForm, OwnerInvitationForm
from enterprises.models import Enterprise
from enterprises.permissions import (
    can_declare_interest,
    can_invite_owner,
    can_list_enterprises,
    can_read_history,
    can_register_enterprise,
)
from enterprises.tables import STATES, EnterpriseTable, export_columns, shown_names
from enterprises.views.pages import one_enterprise
from lib.exports import export_response, requested
from lib.refusals import Refusal
from lib.templatetags.ui import local_day, local_time
from parks.access import acting
from parks.choices import Role
from parks.requests import ActingRequest
from parks.services.people import invite
from parks.views.forms import attempt, form_page, put_refusal
from tenancy.models import AuditEvent

ENTERPRISES_A_PAGE = 25
LABELS = {field.name: field.verbose_name for field in Enterprise._meta.fields}
TOLD = LABELS.keys() - {"updated_at"}


@acting(can_list_enterprises)
def enterprise_list(request: ActingRequest) -> HttpResponse:
    narrowed = EnterpriseFilter(request.GET, queryset=Enterprise.objects.visible_to(request.actor))
    table = EnterpriseTable(narrowed.qs)
    RequestConfig(request, paginate={"per_page": ENTERPRISES_A_PAGE}).configure(table)
    wanted = request.GET.get("export")
    if requested(wanted):
        return export_response(wanted, _("enterprises"), export_columns(), table.data.data)
    context = {
        "filter": narrowed,
        "table": table,
        "total": table.page.paginator.count,
        "can_register": can_register_enterprise(request.actor),
    }
    return render(request, "enterprises/enterprise_list.html", context)


@acting(can_register_enterprise)
def enterprise_create(request: ActingRequest) -> HttpResponse:
    form = EnterpriseForm(request.POST or None)
    if form.is_valid():
        try:
            enterprise = services.register_enterprise(
                request.actor,
                park=request.park,
                facts=form.facts(),
                is_code_confirmed=form.confirms_code,
                now=timezone.now(),
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("%(name)s is registered.") % {"name": shown_names(enterprise)[0]})
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/enterprise_create.html", form)


@acting(can_register_enterprise)
def enterprise_edit(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    form = EnterpriseEditForm(request.POST or None, initial=model_to_dict(enterprise))
    if form.is_valid():
        act = partial(
            services.update_enterprise,
            request.actor,
            enterprise,
            changes=form.changes,
            is_code_confirmed=form.confirms_code,
        )
        if attempt(form, act):
            messages.success(request, _("The facts are saved."))
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/enterprise_edit.html", form, enterprise=enterprise)


@acting(can_list_enterprises)
def enterprise_detail(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise, actor = one_enterprise(request, enterprise_id), request.actor
    people = list(queries.people_of(enterprise))
    interests = list(queries.current_interests(enterprise))
    has_owner = any(Role.OWNER in person.roles for person in people)
    context = {
        "enterprise": enterprise,
        "other_name": shown_names(enterprise)[1],
        "state": STATES[enterprise.status],
        "facts": fact_rows(enterprise),
        "contact": contact_rows(enterprise),
        "people": people,
        "invitations": list(queries.open_invitations(enterprise, timezone.now())),
        "interests": interests,
        "own_interest": next((interest for interest in interests if interest.user_id == actor.user_id), None),
        "steps": history_steps(queries.history_of(enterprise)) if can_read_history(actor) else None,
        "sections": page_sections.enterprise_detail.rendered(request, enterprise),
        "can_edit": can_register_enterprise(actor),
        "can_invite_owner": can_invite_owner(actor) and not has_owner,
        "can_declare_interest": can_declare_interest(actor),
    }
    return render(request, "enterprises/enterprise_detail.html", context)


@acting(can_invite_owner)
def owner_invite(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    form = OwnerInvitationForm(request.POST or None, initial={"email": enterprise.contact_email})
    if form.is_valid():
        email = form.cleaned_data["email"]
        act = partial(
            invite,
            actor=request.actor,
            email=email,
            roles=[Role.OWNER],
            park=request.park,
            now=timezone.now(),
            enterprise_id=enterprise.pk,
            enterprise_name_en=enterprise.name_en,
            enterprise_name_zh=enterprise.name_zh,
        )
        if attempt(form, act):
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": email})
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/owner_invite.html", form, enterprise=enterprise)


def fact_rows(enterprise: Enterprise) -> list[dict[str, Any]]:
    """What the register says of an enterprise, in the order of the form."""
    days = {_("Registered"): local_day(enterprise.created_at)}
    yes_or_no = {_("Key energy user"): _("Yes") if enterprise.is_key_energy_user else _("No")}
    names = ("credit_code", "name_zh", "name_en", "kind", "industry_code", "industry_zh", "industry_en")
    rows = _rows(enterprise, (*names, "legal_representative", "address"))
    return [*rows, *({"label": label, "value": value} for label, value in (yes_or_no | days).items())]


def contact_rows(enterprise: Enterprise) -> list[dict[str, Any]]:
    return _rows(enterprise, ("contact_name", "contact_phone", "contact_email"))


def _rows(enterprise: Enterprise, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"label": _label(name), "value": enterprise.get_kind_display() if name == "kind" else getattr(enterprise, name)}
        for name in names
    ]


def _label(name: str) -> str:
    return capfirst(str(LABELS[name]))


def history_steps(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """The audit trail as a timeline. It says what changed; what it was before stands in the trail itself."""
    return [
        {
            "state": "done",
            "label": _("Registered") if event.action == AuditEvent.Action.INSERT else _("Changed"),
            "by": event.user_name,
            "note": ", ".join(_label(name) for name in (event.after or {}) if name in TOLD)
            if event.action == AuditEvent.Action.UPDATE
            else "",
            "when": local_time(event.at, "compact"),
        }
        for event in events
    ]
