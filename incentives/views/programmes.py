"""A park's programmes: written, published as versions, closed; and what became of their money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incentives import permissions, queries, services
from incentives.choices import ApplicationState, ProgrammeStatus
from incentives.filters.applications import ProgrammeFilter
from incentives.forms import ProgrammeForm
from incentives.models import Programme
from incentives.programme_templates import TEMPLATES, ProgrammeTemplate
from incentives.tables.applications import STATES, ProgrammeTable
from incentives.views.acting import UNPROCESSABLE, moment
from incentives.views.answers import document_labels
from incentives.views.lists import list_page
from incentives.views.programme_stages import criterion_rows, stage_rows
from lib.identifiers import row_number
from lib.refusals import Refusal
from lib.rows import is_rearranging, rearranged
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal


@acting(permissions.can_see_programmes)
@require_safe
def programme_list(request: ActingRequest) -> HttpResponse:
    rows = queries.programmes(request.actor)
    return list_page(
        request,
        "incentives/programme_list.html",
        filters=ProgrammeFilter(request.GET, rows),
        table=ProgrammeTable,
        name="programmes",
        context={
            "may_configure": permissions.can_configure_programmes(request.actor) and not request.actor.is_read_only
        },
    )


@acting(permissions.can_configure_programmes)
def programme_create(request: ActingRequest) -> HttpResponse:
    template = TEMPLATES.get(request.GET.get("template", ""))
    form = _fresh_form(request, template)
    if request.method == "POST" and form.is_valid():
        try:
            terms = {**_beyond_the_form(template), **form.terms}
            programme = services.create_programme(request.actor, park=request.park, terms=terms, now=moment(request)[0])
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The draft was saved. Publish it when it is ready."))
            return redirect("incentives:programme_detail", programme_id=programme.pk)
    return _form_page(request, "incentives/programme_create.html", form, template=template)


def _fresh_form(request: ActingRequest, template: ProgrammeTemplate | None) -> ProgrammeForm:
    if request.method == "POST" or template is None:
        return ProgrammeForm(_typed(request))
    return ProgrammeForm.of(Programme(**template.terms))


def _beyond_the_form(template: ProgrammeTemplate | None) -> dict[str, Any]:
    """What a template says and the form does not ask: the stages have a page of their own."""
    return {name: template.terms[name] for name in ("stages", "criteria") if name in template.terms} if template else {}


@acting(permissions.can_configure_programmes)
def programme_edit(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    form = ProgrammeForm(_typed(request)) if request.method == "POST" else ProgrammeForm.of(programme)
    if programme.versions.exists():
        form.keep_budget(programme.budget_cny)
    if form.is_bound and form.is_valid():
        try:
            services.update_programme(request.actor, programme, terms=form.terms, now=moment(request)[0])
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("incentives:programme_detail", programme_id=programme.pk)
    return _form_page(request, "incentives/programme_edit.html", form, programme)


def _form_page(
    request: ActingRequest,
    page: str,
    form: ProgrammeForm,
    programme: Programme | None = None,
    template: ProgrammeTemplate | None = None,
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound and not form.is_rearranged else 200
    context = {
        "form": form,
        "programme": programme,
        "facts": services.FACTS.values(),
        "template": template,
        "templates": TEMPLATES.values(),
    }
    return render(request, page, context, status=status)


def _since_published(programme: Programme) -> list[services.Difference]:
    current = programme.versions.current().first()
    return services.differences(current, programme) if current else []


def _typed(request: ActingRequest) -> QueryDict | None:
    """What was typed, with its rows in the order that was asked for; None when the page is opened."""
    if request.method != "POST":
        return None
    return rearranged(request.POST) if is_rearranging(request.POST) else request.POST


@acting(permissions.can_see_programmes)
@require_safe
def programme_detail(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    versions = list(programme.versions.order_by("-number"))
    counts = queries.filed_counts(request.actor, programme)
    current = next((version for version in versions if version.closed_at is None), None)
    context = {
        "programme": programme,
        "versions": versions,
        "current": current,
        "differences": services.differences(current, programme) if current else [],
        "has_changes": current is not None and services.has_unpublished_changes(programme, current),
        "budget": queries.budget_of(request.actor, programme),
        "counts": [
            {"state": state, "label": state.label, "tone": STATES[state], "count": counts.get(state, 0)}
            for state in ApplicationState
            if state != ApplicationState.DRAFT
        ],
        "filed": sum(counts.values()),
        "document_labels": document_labels(programme),
        "examples": list(services.examples_of(programme)),
        "stages": stage_rows(programme),
        "criteria": criterion_rows(programme),
        "may_read_applications": permissions.can_open_queue(request.actor),
        "may_configure": permissions.can_configure_programmes(request.actor) and not request.actor.is_read_only,
        "is_closed": programme.status == ProgrammeStatus.CLOSED,
    }
    return render(request, "incentives/programme_detail.html", context)


@acting(permissions.can_configure_programmes)
def programme_publish(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """The page shows what will be public; posting it publishes."""
    # Before the programme itself: what comes between the two reads was not seen.
    last_change = queries.last_change_of(request.actor.park_id, programme_id)
    programme = _programme(request, programme_id)
    refusal_message = ""
    if request.method == "POST":
        seen = row_number(request.POST.get("last_change", ""))
        try:
            version = services.publish_programme(request.actor, programme, now=moment(request)[0], last_change=seen)
        except Refusal as refusal:
            refusal_message = refusal.message
        else:
            messages.success(request, _("Version %(number)s is public now.") % {"number": version.number})
            return redirect("incentives:programme_detail", programme_id=programme.pk)
    context = {
        "programme": programme,
        "refusal": refusal_message,
        "document_labels": document_labels(programme),
        "examples": list(services.examples_of(programme)),
        "stages": stage_rows(programme),
        "criteria": criterion_rows(programme),
        "next_number": programme.versions.count() + 1,
        "last_change": last_change,
        "differences": _since_published(programme),
    }
    status = UNPROCESSABLE if refusal_message else 200
    return render(request, "incentives/programme_publish.html", context, status=status)


@acting(permissions.can_configure_programmes)
def programme_close(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """The page says what closing means; posting it closes."""
    programme = _programme(request, programme_id)
    refusal_message = ""
    if request.method == "POST":
        try:
            services.close_programme(request.actor, programme, now=moment(request)[0])
        except Refusal as refusal:
            refusal_message = refusal.message
        else:
            messages.success(request, _("The programme takes no more applications."))
            return redirect("incentives:programme_detail", programme_id=programme.pk)
    context = {
        "programme": programme,
        "refusal": refusal_message,
        "budget": queries.budget_of(request.actor, programme),
    }
    status = UNPROCESSABLE if refusal_message else 200
    return render(request, "incentives/programme_close.html", context, status=status)


def _programme(request: ActingRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
