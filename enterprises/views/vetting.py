"""The officials' queue of registrations, and their decisions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from enterprises.choices import RegistrationState
from enterprises.filters.vetting import RegistrationFilter
from enterprises.forms.vetting import JoinForm, RejectForm, ReturnForm
from enterprises.models import Enterprise, Registration
from enterprises.permissions import can_open_registrations, can_vet, explain_no_vetting, explain_partiality
from enterprises.queries import vetting as queries
from enterprises.services import vetting as services
from enterprises.services.places import is_owner_invited
from enterprises.services.registration_ground import SITES, StateChanged, kept_papers
from enterprises.tables.vetting import RegistrationTable
from enterprises.views.comparing import side_by_side, sites_of, takeable
from enterprises.views.pages import one_enterprise
from enterprises.views.registering import UNPROCESSABLE
from enterprises.views.vetting_page import approving, redrawn, remarked, vetting_page
from lib.downloads import attachment_response
from lib.refusals import Refusal
from lib.tables import exported
from lib.templatetags.ui import localized_filter
from parks.access import acting
from parks.choices import Role
from parks.forms.decisions import DecisionForm
from parks.models import Membership
from parks.requests import ActingRequest
from parks.services.files import stored_bytes
from parks.views.forms import put_refusal
from parks.views.saved_views import saved_views

PAGE_SIZE = 25


@acting(can_open_registrations)
@require_safe
def vetting_queue(request: ActingRequest) -> HttpResponse:
    """The saved view of the address, by default what waits."""
    actor, chosen = request.actor, request.GET.get("view", "")
    view = chosen if chosen in queries.VIEWS else "waiting"
    is_decided = view == "decided"
    alike = set() if is_decided else queries.alike_ids(actor)
    filters = RegistrationFilter(request.GET, queries.in_view(actor, view), alike=alike)
    rows = filters.qs.order_by("-decided_at", "-submitted_at", "-id") if is_decided else filters.qs
    left_out = ("time_left", "to_note") if is_decided else ("decided_at", "state")
    order_by = "" if is_decided else "time_left"
    shown = {"order_by": order_by, "exclude": left_out}
    table = RegistrationTable(rows, may_vet=can_vet(actor), alike=alike, now=timezone.now(), **shown)
    RequestConfig(request, paginate={"per_page": PAGE_SIZE}).configure(table)
    download: HttpResponse | None = exported(request, table, "registrations")
    if download is not None:
        return download
    counts = queries.queue_counts(actor)
    context = {
        "view": view,
        "tabs": _tabs(view, counts),
        **saved_views(request, own=("view",)),
        "filters": filters,
        "table": table,
        "is_empty": not counts[view] and not filters.is_active,
        "next_one": queries.decidable(actor).values_list("pk", flat=True).first() if can_vet(actor) else None,
    }
    return render(request, "enterprises/vetting_queue.html", context)


def _tabs(view: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {
        "waiting": _("Waiting"),
        "returned": _("With the registrant"),
        "decided": pgettext("registrations", "Decided"),
    }
    return [
        {"label": label, "url": f"?{urlencode({'view': name})}", "count": counts[name], "active": name == view}
        for name, label in labels.items()
    ]


@acting(can_open_registrations)
@require_safe
def vetting_detail(request: ActingRequest, registration_id: UUID) -> HttpResponse:
    return vetting_page(request, _filed(request, registration_id), timezone.now())


@acting(can_open_registrations)
@require_safe
def vetting_paper(request: ActingRequest, registration_paper_id: UUID) -> HttpResponse:
    """Always saved, never shown inside the portal: what others send us does not run here."""
    paper = get_object_or_404(queries.filed_papers(request.actor), pk=registration_paper_id)
    return attachment_response(stored_bytes(paper), paper.name, paper.content_type)


@acting(can_vet)
@require_POST
def vetting_return(request: ActingRequest, registration_id: UUID) -> HttpResponse:
    registration = _filed(request, registration_id)
    form = ReturnForm(request.POST, remarked=remarked(registration))

    def act() -> Registration:
        return services.return_registration(
            request.actor,
            registration,
            remarks=form.remarks,
            **_typed(form, "expected_round", "message"),
            now=timezone.now(),
        )

    return _decide(request, registration, form, act, _("%(number)s was returned for corrections."))


@acting(can_vet)
@require_POST
def vetting_approve(request: ActingRequest, registration_id: UUID) -> HttpResponse:
    registration = _filed(request, registration_id)
    form = approving(registration, typed=request.POST)

    def act() -> Registration:
        given = _typed(form, "expected_round", "is_key_energy_user", "is_pilot", "message")
        return services.approve_registration(
            request.actor,
            registration,
            **given,
            is_code_confirmed=bool(form.cleaned_data.get("is_code_confirmed")),
            now=timezone.now(),
        )

    return _decide(request, registration, form, act, _("%(name)s is registered."))


@acting(can_vet)
@require_POST
def vetting_reject(request: ActingRequest, registration_id: UUID) -> HttpResponse:
    registration = _filed(request, registration_id)
    form = RejectForm(request.POST)

    def act() -> Registration:
        return services.reject_registration(
            request.actor, registration, **_typed(form, "expected_round", "reason"), now=timezone.now()
        )

    return _decide(request, registration, form, act, _("%(number)s was rejected."))


@acting(can_vet)
def vetting_join(request: ActingRequest, registration_id: UUID, enterprise_id: UUID) -> HttpResponse:
    """The registration beside the enterprise it is joined to, with what is taken over of it."""
    registration, enterprise = _filed(request, registration_id), one_enterprise(request, enterprise_id)
    sites = list(queries.sites_of(enterprise))
    rows = side_by_side(registration, enterprise, sites_of(registration, []), sites_of(enterprise, sites))
    offered = {row.field: row.label for row in takeable(rows)}
    if kept_papers(registration):
        offered[services.PAPERS] = _("Documents")
    seen = {
        "expected_round": registration.round,
        "expected_roles": _roles_now(enterprise),
        "taken": [name for name in (SITES, services.PAPERS) if name in offered],
    }
    roles = services.roles_on_joining(enterprise, timezone.now())
    asks = services.asks_if_aware(registration, enterprise, roles)
    form = JoinForm(request.POST or None, takeable=offered, asks_if_aware=asks, initial=seen)
    if form.is_valid():
        act = partial(
            services.join_registration,
            request.actor,
            registration,
            enterprise=enterprise,
            expected_roles=form.cleaned_data["expected_roles"].split(),
            **_typed(form, "expected_round", "taken", "message"),
            is_aware=bool(form.cleaned_data.get("is_aware")),
            now=timezone.now(),
        )
        if _joined(request, form, act, registration, enterprise):
            words = _("%(person)s was joined to %(name)s.")
            names = {"person": registration.registrant_name, "name": localized_filter(enterprise, "name")}
            messages.success(request, words % names)
            return redirect("enterprises:vetting_detail", registration_id=registration.pk)
    context = {
        "registration": registration,
        "enterprise": enterprise,
        "name": localized_filter(enterprise, "name"),
        "rows": rows,
        "form": form,
        "chosen": set(form["taken"].value() or ()),
        "offered": offered,
        "papers": services.PAPERS if services.PAPERS in offered else "",
        "will_own": Role.OWNER in roles,
        "place_left": _left(registration).get(enterprise.pk),
        "is_owner_invited": is_owner_invited(enterprise, timezone.now()),
        "why_not": _why_no_join(request, registration, enterprise),
    }
    status = UNPROCESSABLE if form.is_bound and form.errors else 200
    return render(request, "enterprises/vetting_join.html", context, status=status)


def _why_no_join(request: ActingRequest, registration: Registration, enterprise: Enterprise) -> str:
    if registration.state != RegistrationState.SUBMITTED:
        return _("This registration does not wait for a decision.")
    if enterprise.has_ended:
        return _("The registration of this enterprise has ended: nobody can act for it.")
    own = explain_no_vetting(request.actor, registration)
    partial_to_it = explain_partiality(request.actor, enterprise, registration.started_at)
    return own or partial_to_it or services.explain_other_code(request.actor, registration, enterprise)


def _left(registration: Registration) -> dict[UUID, Membership]:
    return queries.ended_places(registration.park_id, registration.registrant_id)


def _roles_now(enterprise: Enterprise) -> str:
    return " ".join(sorted(services.roles_on_joining(enterprise, timezone.now())))


def _joined(
    request: ActingRequest,
    form: JoinForm,
    act: Callable[[], Registration],
    registration: Registration,
    enterprise: Enterprise,
) -> bool:
    try:
        act()
    except Refusal as refusal:
        put_refusal(form, refusal)
        if isinstance(refusal, StateChanged):
            typed = request.POST.copy()
            typed["expected_round"], typed["expected_roles"] = str(registration.round), _roles_now(enterprise)
            form.data = typed
        return False
    return True


def _typed(form: DecisionForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}


def _decide(
    request: ActingRequest,
    registration: Registration,
    form: DecisionForm,
    act: Callable[[], Registration],
    said: str,
) -> HttpResponse:
    """Carry out an act; what is wrong or refused is said on the page of the registration, as it stands now."""
    now = timezone.now()
    if not form.is_valid():
        return vetting_page(request, registration, now, form)
    try:
        act()
    except Refusal as refusal:
        put_refusal(form, refusal)
        now_there = _filed(request, registration.pk)
        if isinstance(refusal, StateChanged):
            redrawn(form, now_there)
        return vetting_page(request, now_there, now, form)
    messages.success(request, said % {"number": registration.number, "name": localized_filter(registration, "name")})
    return redirect("enterprises:vetting_detail", registration_id=registration.pk)


def _filed(request: ActingRequest, registration_id: UUID) -> Registration:
    return get_object_or_404(queries.vetting_page(request.actor), pk=registration_id)
