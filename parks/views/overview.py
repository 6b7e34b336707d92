"""The national overview, in words for its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from lib.formatting import speaks_chinese
from parks.access import acting
from parks.actors import Actor
from parks.models import Park
from parks.permissions import can_observe, can_run_installation
from parks.queries.operator import NOT_GIVEN, Overview, overview_of, parks_without_administrator
from parks.queries.work_calendar import year_to_enter
from parks.requests import ActingRequest
from parks.tables import other_language, other_name


@acting(can_observe)
@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    now = timezone.now()
    found = overview_of(request.actor, now)
    url_of = _url_of(request.actor)
    is_operator = can_run_installation(request.actor)
    context = {
        "overview": found,
        "tiles": found.tiles(_in_words, url_of),
        "legend": _legend(found),
        "region_rows": found.region_rows(),
        "next_to_end": [(park, url_of(park), other_name(park)) for park in found.next_to_end],
        "other_language": other_language(),
        "is_operator": is_operator,
        "attention": list(_attention(found, now)) if is_operator else [],
        "now": now,
    }
    return render(request, "parks/overview.html", context)


def _url_of(actor: Actor) -> Callable[[Park], str]:
    """Where a park's name leads: observers read what everybody may."""
    if can_run_installation(actor):
        return _detail_url
    return lambda park: reverse("parks:public_park", kwargs={"park_slug": park.slug})


def _detail_url(park: Park) -> str:
    return reverse("parks:park_detail", kwargs={"park_id": park.pk})


def _name(park: Park) -> str:
    return park.name_zh if speaks_chinese() else park.name_en


def _in_words(park: Park) -> str:
    if park.construction_end_year is None:
        return _("%(park)s: end of construction not given") % {"park": _name(park)}
    return _("%(park)s: construction ends in %(year)s") % {"park": _name(park), "year": park.construction_end_year}


def _legend(found: Overview) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = [
        {"step": step, "label": _("%(year)s or later") % {"year": year} if is_shared else str(year)}
        for step, year, is_shared in found.steps()
    ]
    if found.unknown_end_count:
        entries.append({"step": NOT_GIVEN, "label": _("not given")})
    return entries


def _attention(found: Overview, now: datetime) -> Iterable[dict[str, Any]]:
    """Tasks for the operator, the ones with people waiting first."""
    year = year_to_enter(timezone.localdate(now))
    if year is not None:
        yield {
            "state": "bad",
            "icon": "calendar",
            "title": _("The working days of %(year)s are not entered") % {"year": year},
            "url": reverse("parks:calendar_year", kwargs={"year": year}),
            "why": _("Deadlines count without its days off."),
        }
    for park in found.suspended:
        yield {
            "state": "warn",
            "icon": "lock",
            "title": _name(park),
            "url": _detail_url(park),
            "why": _("suspended: %(reason)s") % {"reason": park.status_reason}
            if park.status_reason
            else _("suspended"),
        }
    for session in found.open_sessions:
        minutes = max(int((session.expires_at - now).total_seconds() // 60), 0)
        yield {
            "state": "info",
            "icon": "lifebuoy",
            "title": _name(session.park),
            "url": _detail_url(session.park),
            "why": _("support session of %(name)s") % {"name": session.operator_name},
            "when": _("ends in %(minutes)s min") % {"minutes": minutes},
        }
    unattended = parks_without_administrator(found.parks)
    if unattended:
        count = len(unattended)
        yield {
            "state": "warn",
            "icon": "user-exclamation",
            "title": ngettext(
                "%(count)s park without an administrator", "%(count)s parks without an administrator", count
            )
            % {"count": count},
            "url": _detail_url(unattended[0]) if count == 1 else reverse("parks:park_list") + "?administrator=missing",
            "why": _("invite one on the page of the park"),
        }
