"""The search box of the top bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise, Registration
from enterprises.tables.register import STATES as ENTERPRISE_STATES
from enterprises.tables.vetting import STATES as REGISTRATION_STATES
from incentives.models import Application
from incentives.permissions import can_search
from incentives.search import Found, applications_called, enterprises_called, registrations_called
from incentives.tables.applications import STATES as APPLICATION_STATES
from lib.templatetags.ui import localized_filter
from lib.text import sought
from parks.access import acting
from parks.actors import Actor
from parks.requests import ActingRequest

LONGEST_SEARCH = 100
Line = dict[str, Any]


@acting(can_search)
@require_safe
def search(request: ActingRequest) -> HttpResponse:
    """Grouped by what was found; without words the page says what can be searched."""
    text = sought(request.GET.get("q", ""), LONGEST_SEARCH)
    groups = _groups(request.actor, text) if text else []
    return render(request, "incentives/search.html", {"search_query": text, "groups": groups})


def _groups(actor: Actor, text: str) -> list[dict[str, Any]]:
    """What was found, without the kinds of which there is nothing."""
    own = actor.is_enterprise_person
    applications = "incentives:application_list" if own else "incentives:filed_list"
    found = [
        _group(
            _("Enterprises"),
            "building-factory-2",
            enterprises_called(actor, text),
            enterprise_line,
            _list("enterprises:enterprise_list", q=text),
        ),
        _group(
            _("Registrations"),
            "clipboard-check",
            registrations_called(actor, text),
            registration_line,
            _list("enterprises:vetting_queue", view="decided", q=text),
        ),
        _group(
            _("Applications"),
            "file-text",
            applications_called(actor, text),
            own_application_line if own else application_line,
            _list(applications, q=text),
        ),
    ]
    return [group for group in found if group["lines"]]


def _group(title: str, icon: str, found: Found | None, line: Callable[[Any], Line], everything: str) -> dict[str, Any]:
    rows = found.rows if found else []
    more = everything if found is not None and found.has_more else None
    return {"title": title, "icon": icon, "lines": [line(row) for row in rows], "more_url": more}


def _list(name: str, **parameters: str) -> str:
    return f"{reverse(name)}?{urlencode(parameters)}"


def enterprise_line(row: Enterprise) -> Line:
    return {
        "url": reverse("enterprises:enterprise_detail", args=[row.pk]),
        "title": localized_filter(row, "name"),
        "notes": [row.credit_code, row.contact_name],
        "state": ENTERPRISE_STATES[row.status],
        "label": row.get_status_display(),
    }


def registration_line(row: Registration) -> Line:
    return {
        "url": reverse("enterprises:vetting_detail", args=[row.pk]),
        "title": row.number,
        "notes": [localized_filter(row, "name"), row.credit_code],
        "state": REGISTRATION_STATES.get(row.state, "mute"),
        "label": row.get_state_display(),
    }


def application_line(row: Application) -> Line:
    line = own_application_line(row)
    firm = localized_filter(row.enterprise, "name")
    return {**line, "url": reverse("incentives:review_detail", args=[row.pk]), "notes": [*line["notes"], firm]}


def own_application_line(row: Application) -> Line:
    return {
        "url": reverse("incentives:application_detail", args=[row.pk]),
        "title": row.number or row.programme_version.code,
        "notes": [row.project_title],
        "state": APPLICATION_STATES[row.state],
        "label": row.get_state_display(),
    }
