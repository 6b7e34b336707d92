"""Sites, documents and labels of an enterprise: kept by its people and by the park's registrars."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form, model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe
from django_tables2 import RequestConfig

from enterprises.filters.company import PaperFilter
from enterprises.forms.company import EndLabelForm, ExpiryForm, LabelForm, PaperForm, SiteForm
from enterprises.models import Enterprise
from enterprises.permissions import (
    can_keep_papers,
    can_keep_sites,
    can_list_enterprises,
    can_read_papers,
    can_register_enterprise,
    owns_enterprise,
    signs_for_enterprise,
)
from enterprises.queries import company as queries
from enterprises.services import labels, papers, sites
from enterprises.services.sites import OF_SITE
from enterprises.tables.company import ExpiringPaperTable
from enterprises.views.pages import enterprise_page, one_enterprise
from lib.downloads import attachment_response
from lib.periods import local_day
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

PAPERS_A_PAGE = 25


@acting(owns_enterprise)
def site_create(request: ActingRequest) -> HttpResponse:
    return _add_site(request, one_enterprise(request, request.actor.enterprise_id))


@acting(can_register_enterprise)
def enterprise_site_create(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    return _add_site(request, one_enterprise(request, enterprise_id))


def _add_site(request: ActingRequest, enterprise: Enterprise) -> HttpResponse:
    form = SiteForm(request.POST or None)
    if form.is_valid():
        kept = {name: form.cleaned_data[name] for name in OF_SITE}
        if attempt(form, partial(sites.add_site, request.actor, enterprise, facts=kept, now=timezone.now())):
            messages.success(request, _("The site is added."))
            return enterprise_page(request, enterprise, "sites")
    return form_page(request, "enterprises/site_create.html", form, **_around(request, enterprise))


@acting(can_keep_sites)
def site_edit(request: ActingRequest, site_id: UUID) -> HttpResponse:
    site = get_object_or_404(queries.sites(request.actor), pk=site_id)
    form = SiteForm(request.POST or None, initial=model_to_dict(site, OF_SITE))
    if form.is_valid() and attempt(form, partial(sites.update_site, request.actor, site, changes=form.changes)):
        messages.success(request, _("The site is saved."))
        return enterprise_page(request, site.enterprise, "sites")
    return form_page(request, "enterprises/site_edit.html", form, site=site, **_around(request, site.enterprise))


@acting(can_keep_sites)
def site_close(request: ActingRequest, site_id: UUID) -> HttpResponse:
    site = get_object_or_404(queries.sites(request.actor), pk=site_id)
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, partial(sites.close_site, request.actor, site, now=timezone.now())):
        messages.success(request, _("The site is closed."))
        return enterprise_page(request, site.enterprise, "sites")
    return form_page(request, "enterprises/site_close.html", form, site=site, **_around(request, site.enterprise))


@acting(signs_for_enterprise)
def paper_create(request: ActingRequest) -> HttpResponse:
    return _attach(request, one_enterprise(request, request.actor.enterprise_id))


@acting(can_register_enterprise)
def enterprise_paper_create(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    return _attach(request, one_enterprise(request, enterprise_id))


def _attach(request: ActingRequest, enterprise: Enterprise) -> HttpResponse:
    form = PaperForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("kind", "upload", "valid_until")}
        if attempt(form, partial(papers.attach_paper, request.actor, enterprise, now=timezone.now(), **given)):
            messages.success(request, _("The document is kept."))
            return enterprise_page(request, enterprise, "papers")
    return form_page(request, "enterprises/paper_create.html", form, **_around(request, enterprise))


@acting(can_read_papers)
@require_GET
def paper_download(request: ActingRequest, paper_id: UUID) -> HttpResponse:
    """Always saved, never shown inside the portal: what others send us does not run here."""
    paper = get_object_or_404(queries.papers(request.actor), pk=paper_id)
    return attachment_response(papers.read_paper(request.actor, paper), paper.name, paper.content_type)


@acting(can_keep_papers)
def paper_edit(request: ActingRequest, paper_id: UUID) -> HttpResponse:
    """The last day of a document: what is in the file stays as it was sent."""
    paper = get_object_or_404(queries.papers(request.actor), pk=paper_id)
    form = ExpiryForm(request.POST or None, initial={"valid_until": paper.valid_until})
    if form.is_valid():
        valid_until = form.cleaned_data["valid_until"]
        if attempt(form, partial(papers.change_expiry, request.actor, paper, valid_until=valid_until)):
            messages.success(request, _("The last day of %(name)s is saved.") % {"name": paper.name})
            return enterprise_page(request, paper.enterprise, "papers")
    return form_page(request, "enterprises/paper_edit.html", form, paper=paper, **_around(request, paper.enterprise))


@acting(can_keep_papers)
def paper_remove(request: ActingRequest, paper_id: UUID) -> HttpResponse:
    paper = get_object_or_404(queries.papers(request.actor), pk=paper_id)
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, partial(papers.remove_paper, request.actor, paper, now=timezone.now())):
        messages.success(request, _("%(name)s was removed.") % {"name": paper.name})
        return enterprise_page(request, paper.enterprise, "papers")
    return form_page(request, "enterprises/paper_remove.html", form, paper=paper, **_around(request, paper.enterprise))


@acting(can_list_enterprises)
@require_safe
def paper_list(request: ActingRequest) -> HttpResponse:
    """Documents that expire, for officials who ask for the new ones."""
    today = local_day(timezone.now(), request.park.time_zone)
    narrowed = PaperFilter(request.GET, queryset=queries.expiring(request.actor), today=today)
    table = ExpiringPaperTable(narrowed.qs, today=today, order_by="valid_until")
    RequestConfig(request, paginate={"per_page": PAPERS_A_PAGE}).configure(table)
    download = exported(request, table, _("documents-that-expire"))
    if download is not None:
        return download
    return render(request, "enterprises/paper_list.html", {"filters": narrowed, "table": table})


@acting(can_register_enterprise)
def label_give(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    now = timezone.now()
    first = {"valid_from": local_day(now, request.park.time_zone)}
    on_file = queries.papers_of(enterprise)
    form = LabelForm(request.POST or None, request.FILES or None, initial=first, papers=on_file)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in form.Meta.fields}
        if attempt(
            form, partial(labels.give_label, request.actor, enterprise, evidence=form.evidence, now=now, **given)
        ):
            messages.success(request, _("The label is given."))
            return enterprise_page(request, enterprise, "labels")
    return form_page(request, "enterprises/label_give.html", form, **_around(request, enterprise))


@acting(can_register_enterprise)
def label_end(request: ActingRequest, label_id: UUID) -> HttpResponse:
    label = get_object_or_404(queries.labels(request.actor), pk=label_id)
    form = EndLabelForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, partial(labels.end_label, request.actor, label, reason=reason, now=timezone.now())):
            messages.success(request, _("The label has ended."))
            return enterprise_page(request, label.enterprise, "labels")
    return form_page(request, "enterprises/label_end.html", form, label=label, **_around(request, label.enterprise))


def _around(request: ActingRequest, enterprise: Enterprise) -> dict[str, Any]:
    """The enterprise and the page to go back to, on either side."""
    return {"enterprise": enterprise, "back": enterprise_page(request, enterprise)["Location"]}
