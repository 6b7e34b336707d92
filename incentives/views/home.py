"""Where people of an enterprise begin their day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise
from incentives import permissions, queries, services
from incentives.choices import ApplicationState
from incentives.models import Application
from incentives.views.acting import moment
from incentives.views.answers import current_comments
from incentives.views.timeline import timeline
from lib.deadlines import day_words, days_until
from lib.templatetags.ui import days_left, localized_filter
from parks.access import acting
from parks.actors import Actor
from parks.requests import ActingRequest

# Each draft costs a query for what it lacks.
MOST_DRAFTS = 6


@acting(permissions.can_open_applications)
@require_safe
def enterprise_home(request: ActingRequest) -> HttpResponse:
    now, today = moment(request)
    actor = request.actor
    enterprise = get_object_or_404(Enterprise.objects.visible_to(actor), pk=actor.enterprise_id)
    unfinished = queries.unfinished_applications(actor)
    featured = queries.latest_filed(actor)
    offers = queries.open_offers(actor, today)
    context = {
        "enterprise": enterprise,
        "tasks": list(_own_tasks(actor, unfinished, now, today)),
        "featured": featured,
        "featured_steps": timeline(featured) if featured else [],
        "offers": offers,
        "prospects": services.prospects(actor, enterprise, offers, today, request.park.time_zone),
        "decisions": queries.recent_decisions(actor),
        "can_start": permissions.can_apply(actor) and not actor.is_read_only,
    }
    return render(request, "incentives/enterprise_home.html", context)


def _own_tasks(actor: Actor, unfinished: Iterable[Application], now: datetime, today: date) -> Iterator[dict[str, Any]]:
    """What waits for this person, the returned first. Who may not prepare applications has no tasks with them."""
    if not permissions.can_apply(actor):
        return
    drafts = 0
    for application in unfinished:
        if application.state == ApplicationState.RETURNED:
            yield _returned_task(application, now)
        elif drafts < MOST_DRAFTS:
            drafts += 1
            yield _draft_task(actor, application, today)


def _returned_task(application: Application, now: datetime) -> dict[str, Any]:
    count = len(current_comments(application))
    title = ngettext("Correct %(n)s point of %(number)s", "Correct %(n)s points of %(number)s", count)
    last = application.timeline[-1] if application.timeline else None  # type: ignore[attr-defined]
    why = _("Returned by the completeness check on %(day)s.") % {"day": day_words(last.at)} if last else ""
    due_at = application.due_at
    return {
        "state": "warn",
        "icon": "arrow-back-up",
        "title": title % {"n": count, "number": application.number},
        "url": _address("application_detail", application),
        "why": why,
        "when": days_until(due_at, now) if due_at else "",
        "until": _("due %(day)s") % {"day": day_words(due_at, compact=True)} if due_at else "",
    }


def _draft_task(actor: Actor, application: Application, today: date) -> dict[str, Any]:
    version = application.programme_version
    missing = len(services.check_application(application, today))
    closes_on = version.window_at(today).closes_on
    left = (closes_on - today).days
    task = {
        "state": "warn" if 0 <= left <= 14 else "info",
        "url": _address("application_detail", application),
        "when": days_left(left),
        "until": _("closes %(day)s") % {"day": day_words(closes_on, compact=True)},
    }
    programme = localized_filter(version, "title")
    if missing:
        why = ngettext("%(n)s item is missing.", "%(n)s items are missing.", missing) % {"n": missing}
        if application.project_title:
            why = _("%(label)s: %(message)s") % {"label": application.project_title, "message": why}
        title = _("Finish the application: %(programme)s") % {"programme": programme}
        return {**task, "icon": "pencil", "title": title, "why": why}
    if permissions.can_sign(actor):
        title = _("Sign and submit: %(programme)s") % {"programme": programme}
        check = _address("application_check", application)
        return {**task, "icon": "signature", "title": title, "url": check, "why": application.project_title}
    title = _("Ready for the certifier's signature: %(programme)s") % {"programme": programme}
    return {**task, "icon": "signature", "title": title, "why": application.project_title}


def _address(name: str, application: Application) -> str:
    return reverse(f"incentives:{name}", kwargs={"application_id": application.pk})
