"""Where officials begin their day: what waits for them, the money, what was decided lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises import facts
from enterprises.models import ChangeRequest, Registration
from enterprises.queries import desk as register
from incentives import permissions, queries
from incentives.choices import Stage
from incentives.models import Appeal, Application, PanelSeat, Programme
from incentives.views.acting import moment
from lib import long_lists
from lib.deadlines import clock, day_words
from lib.formatting import money
from lib.templatetags.ui import localized_filter
from parks.access import acting
from parks.actors import Actor
from parks.requests import ActingRequest

MOST_CASES = 8
_STAGE_TASKS = {
    Stage.COMPLETENESS: ("checklist", gettext_lazy("Check whether %(number)s is complete")),
    Stage.SUBSTANTIVE: ("eye", gettext_lazy("Review the substance of %(number)s")),
    Stage.PANEL: ("users", gettext_lazy("Follow the expert panel on %(number)s")),
    Stage.FINANCIAL: ("receipt", gettext_lazy("Check the finances of %(number)s")),
    Stage.DECISION: ("gavel", gettext_lazy("Decide on %(number)s")),
}


@acting(permissions.can_open_desk)
@require_safe
def official_home(request: ActingRequest) -> HttpResponse:
    """What waits for a reviewer, an approver, an administrator; the money; what was decided lately."""
    now, _today = moment(request)
    actor = request.actor
    may_read = permissions.can_open_queue(actor)
    cases = _cases(actor, now)
    drafts = queries.drafts_of_programmes(actor) if permissions.can_configure_programmes(actor) else []
    context = {
        "may_read": may_read,
        "may_decide": _may_decide(actor),
        "next_url": cases[0]["url"] if cases else "",
        "tasks": [*cases, *map(_programme_task, drafts)],
        "counts": _in_words(queries.queue_counts(actor)[0]) if may_read else {},
        "register": _in_words(register.counts(actor)),
        "budgets": queries.budgets(actor),
        "decisions": queries.recent_decisions(actor) if may_read else [],
    }
    return render(request, "incentives/official_home.html", context)


def _may_decide(actor: Actor) -> bool:
    """Whether work of any kind can wait for this person."""
    in_incentives = permissions.can_decide_somewhere(actor) or permissions.can_score(actor)
    return in_incentives or register.registrations_for(actor) is not None


def _in_words(counts: dict[str, int]) -> dict[str, int | str]:
    return {name: long_lists.count_words(count) for name, count in counts.items()}


def _cases(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What this person can decide on now, of every kind, the least time left first."""
    applications = queries.mine(actor).order_by(*queries.BY_TIME_LEFT) if permissions.can_open_queue(actor) else None
    kinds = (
        (applications, _application_task),
        (_seats(actor), _seat_task),
        (queries.appeals_for(actor), _appeal_task),
        (register.registrations_for(actor), _registration_task),
        (register.changes_for(actor), _change_task),
    )
    waiting = [(row.due_at, task(row, now)) for rows, task in kinds for row in _first(rows)]
    waiting.sort(key=lambda entry: (entry[0] is None, entry[0]))
    return [task for _due_at, task in waiting[:MOST_CASES]]


def _seats(actor: Actor) -> QuerySet[PanelSeat] | None:
    seats = queries.seats_for(actor)
    return None if seats is None else seats.annotate(due_at=F("application__due_at")).order_by("due_at", "id")


def _seat_task(seat: PanelSeat, now: datetime) -> dict[str, Any]:
    """Without a word about whose case it is."""
    return {
        **_time_left(seat.due_at, seat.assigned_at, now),  # type: ignore[attr-defined]
        "icon": "users",
        "title": _("Score case %(reference)s") % {"reference": seat.reference},
        "url": reverse("incentives:seat_detail", kwargs={"seat_id": seat.pk}),
        "why": _("Expert panel, blind"),
    }


def _appeal_task(appeal: Appeal, now: datetime) -> dict[str, Any]:
    number, name = appeal.application.number, localized_filter(appeal.enterprise, "name")
    return {
        **_time_left(appeal.due_at, appeal.filed_at, now),
        "icon": "gavel",
        "title": _("Rule on the appeal about %(number)s") % {"number": number},
        "url": reverse("incentives:appeal_handle", kwargs={"appeal_id": appeal.pk}),
        "why": f"{name} · {appeal.application.project_title}",
    }


def _first(rows: QuerySet[Any] | None) -> Iterable[Any]:
    return () if rows is None else rows[:MOST_CASES]


def _application_task(application: Application, now: datetime) -> dict[str, Any]:
    icon, title = _STAGE_TASKS[Stage(application.stage)]
    amount = money(application.requested_cny) if application.requested_cny is not None else ""
    return {
        **_time_left(application.due_at, application.waits_since, now),  # type: ignore[attr-defined]
        "icon": icon,
        "title": str(title) % {"number": application.number},
        "url": reverse("incentives:review_detail", kwargs={"application_id": application.pk}),
        "why": f"{localized_filter(application.enterprise, 'name')} · {amount}",
    }


def _registration_task(registration: Registration, now: datetime) -> dict[str, Any]:
    return {
        **_time_left(registration.due_at, registration.waits_since, now),  # type: ignore[attr-defined]
        "icon": "clipboard-check",
        "title": _("Check the registration %(number)s") % {"number": registration.number},
        "url": reverse("enterprises:vetting_detail", kwargs={"registration_id": registration.pk}),
        "why": f"{localized_filter(registration, 'name')} · {registration.credit_code}",
    }


def _change_task(asked: ChangeRequest, now: datetime) -> dict[str, Any]:
    names = _(", ").join(facts.label_of(name) for name in asked.changes)
    return {
        **_time_left(asked.due_at, asked.requested_at, now),
        "icon": "git-compare",
        "title": _("Decide on the change request %(number)s") % {"number": asked.number},
        "url": reverse("enterprises:change_request_detail", kwargs={"change_request_id": asked.pk}),
        "why": f"{localized_filter(asked.enterprise, 'name')} · {names}",
    }


def _time_left(due_at: datetime | None, since: datetime | None, now: datetime) -> dict[str, str]:
    left = clock(due_at, since, now)
    if due_at is None or left is None:
        return {"state": "info"}
    return {
        "state": {"warn": "warn", "bad": "bad"}.get(left.state, "info"),
        "when": left.words,
        "until": _("due %(day)s") % {"day": day_words(due_at, compact=True)},
    }


def _programme_task(programme: Programme) -> dict[str, Any]:
    name = localized_filter(programme, "title")
    return {
        "state": "info",
        "icon": "edit",
        "title": _("Publish the programme: %(name)s") % {"name": name},
        "url": reverse("incentives:programme_detail", kwargs={"programme_id": programme.pk}),
        "why": _("It is a draft; enterprises do not see it yet."),
    }
