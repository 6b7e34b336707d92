"""The views of lists that an official keeps: their tabs above a list, keeping one, renaming and removing it."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parks.access import acting
from parks.forms.saved_views import SavedViewForm, ViewNameForm, address_of, kept_query
from parks.models import SavedView
from parks.permissions import can_keep_views
from parks.requests import ActingRequest
from parks.services import saved_views as services
from parks.views.forms import attempt, form_page


def saved_views(request: ActingRequest, *, own: tuple[str, ...] = ()) -> dict[str, Any]:
    """For `components/saved_views.html` on a list: the person's views of it, which one is open, and ways to keep one.

    own: names of parameters that the list's own tabs set; a query of nothing else is one of those tabs.
    """
    page = request.resolver_match.view_name if request.resolver_match else ""
    query = kept_query(request.GET)
    held = list(SavedView.objects.filter(user_id=request.actor.user_id, page=page))
    active = next((view for view in held if view.query == query), None)
    may_keep = can_keep_views(request.actor) and not request.actor.is_read_only
    narrows = bool(request.GET.keys() - {*own, "page", "sort", "export"}) and query != ""
    return {
        "view_tabs": [{"label": view.name, "url": f"?{view.query}", "active": view is active} for view in held],
        "view_url": reverse("parks:saved_view_edit", args=[active.pk]) if active and may_keep else None,
        "keep_url": f"{reverse('parks:saved_view_create')}?{urlencode({'page': page, 'query': query})}"
        if may_keep and narrows and active is None
        else None,
        "is_plain": active is None,
    }


@acting(can_keep_views)
def saved_view_create(request: ActingRequest) -> HttpResponse:
    form = SavedViewForm(request.POST or None, initial=request.GET.dict(), actor=request.actor)
    address = address_of(str(form["page"].value() or ""), request.actor)
    if address is None:
        raise Http404
    if form.is_valid() and attempt(
        form, partial(services.keep_view, request.actor, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": form.cleaned_data["name"]})
        return redirect(f"{address}?{form.cleaned_data['query']}")
    return form_page(request, "parks/saved_view_create.html", form, back=f"{address}?{form['query'].value() or ''}")


@acting(can_keep_views)
def saved_view_edit(request: ActingRequest, saved_view_id: UUID) -> HttpResponse:
    view, back = _one(request, saved_view_id)
    form = ViewNameForm(request.POST or None, initial={"name": view.name})
    if form.is_valid() and attempt(form, partial(services.rename_view, request.actor, view, **form.cleaned_data)):
        messages.success(request, _("The view is called “%(name)s” now.") % form.cleaned_data)
        return redirect(back)
    return form_page(request, "parks/saved_view_edit.html", form, view=view, back=back)


@acting(can_keep_views)
def saved_view_remove(request: ActingRequest, saved_view_id: UUID) -> HttpResponse:
    view, back = _one(request, saved_view_id)
    if request.method == "POST":
        services.remove_view(request.actor, view)
        messages.success(request, _("The view “%(name)s” is removed.") % {"name": view.name})
        return redirect(back)
    return render(request, "parks/saved_view_remove.html", {"view": view, "back": back})


def _one(request: ActingRequest, saved_view_id: UUID) -> tuple[SavedView, str]:
    """A view of the person and the list it is of, as it shows it; the desk where the list is not for them any more."""
    view = get_object_or_404(SavedView, user_id=request.actor.user_id, pk=saved_view_id)
    address = address_of(view.page, request.actor)
    return view, f"{address}?{view.query}" if address else "/"
