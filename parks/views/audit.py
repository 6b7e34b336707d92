"""The audit trail of a park: who did what when, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lib import exports, formatting
from parks.access import acting
from parks.forms.audit import TrailFilterForm
from parks.models import SupportSession
from parks.permissions import can_read_audit_trail
from parks.queries import audit
from parks.queries.audit import TrailFilter
from parks.queries.audit_lines import Line, lines
from parks.requests import ActingRequest
from tenancy.models import AuditEvent

LARGEST_EXPORT = 10_000
VISITS_A_PAGE = 25


@acting(can_read_audit_trail)
@require_safe
def audit_trail(request: ActingRequest) -> HttpResponse:
    form = TrailFilterForm(request.GET)
    events = audit.trail(request.park.pk, form.wanted, request.park.time_zone)
    kind = request.GET.get("export")
    if exports.requested(kind):
        return exports.export(str(kind), _sheet(audit.newest(events, LARGEST_EXPORT + 1)), "audit-trail")
    page = audit.page_below(events, audit.Cursor.read(request.GET.get("below", "")))
    context = {
        "form": form,
        "lines": lines(page.events),
        "older_url": _below(request, str(page.older)) if page.older else "",
        "newest_url": _below(request, ""),
        "is_first": not request.GET.get("below"),
        "park_zone": formatting.zone(timezone.localtime(timezone=ZoneInfo(request.park.time_zone))),
        "is_filtered": bool(form.errors) or any(form.cleaned_data.values()),
        "visit": _visit(form.wanted),
        "largest_export": LARGEST_EXPORT,
    }
    return render(request, "parks/audit_trail.html", context)


def _visit(wanted: TrailFilter) -> SupportSession | None:
    """The support session to which the trail is narrowed."""
    if wanted.support_session_id is None:
        return None
    return SupportSession.objects.filter(pk=wanted.support_session_id).first()


def _below(request: ActingRequest, cursor: str) -> str:
    """The same filters, the page below a cursor; without one the first page."""
    query = request.GET.copy()
    query.pop("below", None)
    if cursor:
        query["below"] = cursor
    return f"?{query.urlencode()}"


def _sheet(events: list[AuditEvent]) -> Iterable[list[Any]]:
    """The events as a file, at most `LARGEST_EXPORT` of them; a last row says when there would have been more."""
    zone = formatting.zone(timezone.localtime())
    yield [
        _("Time (%(zone)s)") % {"zone": zone},
        _("Person"),
        _("E-mail address"),
        _("Support session"),
        _("What"),
        _("Identifier"),
        _("Name"),
        _("Change"),
        _("Before"),
        _("After"),
    ]
    for line in lines(events[:LARGEST_EXPORT]):
        yield _cells(line)
    if len(events) > LARGEST_EXPORT:
        yield [
            _("Only the latest %(number)s changes are in this file. Narrow the period to get the older ones.")
            % {"number": formatting.number(LARGEST_EXPORT)}
        ]


def _cells(line: Line) -> list[Any]:
    return [
        line.at,
        line.who,
        line.email,
        line.visit.reason if line.visit else "",
        line.table,
        line.event.row_id,
        line.row,
        line.event.get_action_display(),
        line.text("before"),
        line.text("after"),
    ]


@acting(can_read_audit_trail)
@require_safe
def audit_event(request: ActingRequest, audit_event_id: int) -> HttpResponse:
    event = get_object_or_404(AuditEvent.objects.filter(park_id=request.park.pk), pk=audit_event_id)
    return render(request, "parks/audit_event.html", {"line": lines([event])[0]})


@acting(can_read_audit_trail)
@require_safe
def support_visits(request: ActingRequest) -> HttpResponse:
    page = Paginator(SupportSession.objects.of_park(request.park.pk), VISITS_A_PAGE).get_page(request.GET.get("page"))
    counts = audit.counts_of_visits(request.park.pk, list(page))
    now = timezone.now()
    rows = [(visit, counts.get(visit.pk, audit.VisitCounts()), visit.is_open(now)) for visit in page]
    return render(request, "parks/support_visits.html", {"rows": rows, "page": page})
