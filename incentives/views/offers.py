"""What an enterprise may apply for."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_POST, require_safe

from enterprises.models import Enterprise
from incentives import permissions, queries, services
from incentives.choices import ApplicationState
from incentives.models import ProgrammeVersion
from incentives.views.acting import UNPROCESSABLE, moment
from incentives.views.answers import document_labels
from incentives.views.timeline import way_of_an_application
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest


@acting(permissions.can_open_applications)
@require_safe
def offer_list(request: ActingRequest) -> HttpResponse:
    _now, today = moment(request)
    offers = queries.open_offers(request.actor, today)
    upcoming = queries.upcoming_offers(request.actor, today)
    enterprise = get_object_or_404(Enterprise.objects.visible_to(request.actor), pk=request.actor.enterprise_id)
    prospects = services.prospects(request.actor, enterprise, offers, today, request.park.time_zone)
    context = {"offers": offers, "prospects": prospects, "upcoming": upcoming}
    return render(request, "incentives/offer_list.html", context)


@acting(permissions.can_open_applications)
@require_safe
def offer_detail(request: ActingRequest, programme_version_id: UUID) -> HttpResponse:
    version = _version(request, programme_version_id)
    return _offer_page(request, version)


@acting(permissions.can_apply)
@require_POST
def application_start(request: ActingRequest, programme_version_id: UUID) -> HttpResponse:
    version = _version(request, programme_version_id)
    now, _today = moment(request)
    try:
        application = services.start_application(request.actor, version, now=now)
    except Refusal as refusal:
        return _offer_page(request, version, refusal.message)
    return redirect("incentives:application_detail", application_id=application.pk)


def _version(request: ActingRequest, programme_version_id: UUID) -> ProgrammeVersion:
    return get_object_or_404(ProgrammeVersion.objects.of_park(request.actor.park_id), pk=programme_version_id)


def _offer_page(request: ActingRequest, version: ProgrammeVersion, refusal: str = "") -> HttpResponse:
    _now, today = moment(request)
    takes_applications = version.takes_applications_on(today)
    own = queries.applications(request.actor).filter(programme_version=version).order_by("-started_at").first()
    has_draft = own is not None and own.state == ApplicationState.DRAFT
    may_apply = permissions.can_apply(request.actor)
    enterprise = get_object_or_404(Enterprise.objects.visible_to(request.actor), pk=request.actor.enterprise_id)
    rules = services.rules_of_enterprise(version, enterprise, today)
    is_eligible = not any(rule.is_met is False for rule in rules)
    context = {
        "version": version,
        "takes_applications": takes_applications,
        "opens_later": version.closed_at is None and today < version.window_at(today).opens_on,
        "days_left": (version.window_at(today).closes_on - today).days,
        "own": own,
        "can_start": takes_applications
        and is_eligible
        and may_apply
        and not has_draft
        and not request.actor.is_read_only,
        "checks": rules,
        "is_eligible": is_eligible,
        "may_apply": may_apply,
        "document_labels": document_labels(version),
        "largest_upload": filesizeformat(settings.LARGEST_UPLOAD_BYTES),
        "cap_reached_at": _cap_reached_at(version),
        "examples": list(services.examples_of(version)),
        "steps": way_of_an_application(version),
        "refusal": refusal,
    }
    return render(request, "incentives/offer_detail.html", context, status=UNPROCESSABLE if refusal else 200)


def _cap_reached_at(version: ProgrammeVersion) -> Decimal | None:
    """The saving in tce from which on the cap binds, rounded up to a tenth; a formula need not have one."""
    if version.amount_formula or not version.rate_cny_per_tce:
        return None
    return (version.cap_cny / version.rate_cny_per_tce).quantize(Decimal("0.1"), ROUND_UP)
