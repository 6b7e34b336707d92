"""Two enterprises of the register that are one: chosen, compared, merged."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises import obstacles
from enterprises.forms.vetting import MergeForm
from enterprises.models import Enterprise
from enterprises.permissions import can_change_standing, can_list_enterprises, explain_partiality
from enterprises.queries import merging as queries
from enterprises.queries.register import people_of
from enterprises.queries.vetting import sites_of
from enterprises.services.merging import merge_enterprises
from enterprises.tables.register import STATES
from enterprises.views.comparing import other_name, side_by_side, written_sites
from enterprises.views.pages import one_enterprise
from lib.formatting import percent
from lib.identifiers import NIL
from lib.templatetags.ui import localized_filter
from lib.text import sought
from parks.access import acting
from parks.models import Membership
from parks.page_sections import Section
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(can_change_standing)
def enterprise_merge(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    """Without `with` one chooses the other enterprise; with it both stand side by side and one is chosen to go on."""
    enterprise = one_enterprise(request, enterprise_id)
    chosen = request.GET.get("with", "")
    if not chosen:
        return require_safe(_choice)(request, enterprise)
    others = Enterprise.objects.visible_to(request.actor).exclude(pk=enterprise.pk)
    return _comparison(request, enterprise, get_object_or_404(others, pk=_identifier(chosen)))


def _identifier(text: str) -> UUID:
    """What is no identifier is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return NIL


def _choice(request: ActingRequest, enterprise: Enterprise) -> HttpResponse:
    words = sought(request.GET.get("q", ""), 100)
    found = queries.found_to_merge(request.actor, enterprise, words)
    context = {
        "enterprise": enterprise,
        "name": localized_filter(enterprise, "name"),
        "words": words,
        "found": [
            {
                "name": localized_filter(row, "name"),
                "other_name": other_name(row),
                "row": row,
                "why": _("Name alike, %(share)s") % {"share": percent(100 * score, 0)} if score else "",
                "url": f"?{urlencode({'with': str(row.pk)})}",
            }
            for row, score in found
        ],
        "why_not": _why_not(request, enterprise),
    }
    return render(request, "enterprises/enterprise_merge.html", context)


def _why_not(request: ActingRequest, *enterprises: Enterprise) -> str:
    for enterprise in enterprises:
        if enterprise.has_ended:
            words = _("%(name)s cannot be merged: its registration has ended.")
            return words % {"name": localized_filter(enterprise, "name")}
    return next((reason for row in enterprises if (reason := explain_partiality(request.actor, row))), "")


def _comparison(request: ActingRequest, enterprise: Enterprise, other: Enterprise) -> HttpResponse:
    both = {str(row.pk): row for row in (enterprise, other)}
    names = {key: f"{localized_filter(row, 'name')} · {row.credit_code}" for key, row in both.items()}
    found = {key: obstacles.to_ending(row) for key, row in both.items()}
    form = MergeForm(request.POST or None, names=names, has_obstacles=any(found.values()))
    if form.is_valid():
        goes_on = both[form.cleaned_data["winner"]]
        ended = other if goes_on is enterprise else enterprise
        act = partial(
            merge_enterprises,
            request.actor,
            ended,
            goes_on,
            reason=form.cleaned_data["reason"],
            is_aware=bool(form.cleaned_data.get("is_aware")),
            now=timezone.now(),
        )
        if attempt(form, act):
            said = {name: localized_filter(row, "name") for name, row in (("ended", ended), ("name", goes_on))}
            messages.success(request, _("%(ended)s was merged into %(name)s.") % said)
            return redirect("enterprises:enterprise_detail", enterprise_id=goes_on.pk)
    titles = _titles(both, names)
    sites = {row.pk: written_sites(sites_of(row)) for row in both.values()}
    return form_page(
        request,
        "enterprises/enterprise_merge.html",
        form,
        enterprise=enterprise,
        other=other,
        name=localized_filter(enterprise, "name"),
        rows=side_by_side(enterprise, other, sites[enterprise.pk], sites[other.pk]),
        sides=[{**_side(row, found[key]), "name": titles[key]} for key, row in both.items()],
        why_not=_why_not(request, enterprise, other),
    )


def _titles(both: dict[str, Enterprise], names: dict[str, str]) -> dict[str, str]:
    """What stands above each of two sides. Names that made somebody look are often the same: codes tell them apart."""
    plain = {key: localized_filter(row, "name") for key, row in both.items()}
    return plain if len(set(plain.values())) == len(plain) else names


def _person(place: Membership) -> str:
    return _("%(name)s (%(roles)s)") % {"name": place.user.name, "roles": place.role_words}


def _side(row: Enterprise, found: list[str]) -> dict[str, Any]:
    """What goes along with one of the two, should it be the one that ends."""
    return {
        "row": row,
        "tone": STATES[row.status],
        "people": [_person(place) for place in people_of(row)],
        "labels": _(", ").join(str(label) for label in queries.all_labels([row])),
        "obstacles": found,
        "url": reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": row.pk}),
    }


def merged_from(request: HttpRequest, enterprise: Enterprise) -> Section | None:
    """What was merged into an enterprise, for officials: its people see the rows of their own enterprise alone."""
    actor = getattr(request, "actor", None)
    if actor is None or not can_list_enterprises(actor):
        return None
    gone = list(queries.absorbed(enterprise))
    if not gone:
        return None
    sites, papers = list(queries.all_sites(gone)), list(queries.all_papers(gone))
    labels = list(queries.all_labels(gone))
    entries = [
        {
            "row": row,
            "name": localized_filter(row, "name"),
            "sites": written_sites(site for site in sites if site.enterprise_id == row.pk),
            "labels": _(", ").join(str(label) for label in labels if label.enterprise_id == row.pk),
            "papers": [paper for paper in papers if paper.enterprise_id == row.pk],
        }
        for row in gone
    ]
    return Section("enterprises/_merged_from.html", {"gone": entries})
