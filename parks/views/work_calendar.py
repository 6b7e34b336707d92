"""The calendar of working days: everybody who acts reads it, operators enter it."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from parks.access import acting
from parks.forms.work_calendar import WORKED, CalendarDaysForm, CalendarYearForm
from parks.models import CalendarDay, CalendarYear
from parks.permissions import can_read_calendar, can_run_installation
from parks.requests import ActingRequest
from parks.services import work_calendar
from parks.views.forms import attempt, status_of

FIRST_YEAR, LAST_YEAR = 2000, 2100


@acting(can_read_calendar)
@require_safe
def calendar_today(request: ActingRequest) -> HttpResponse:
    """The page of the present year."""
    year = timezone.localdate().year
    return _page(request, year, CalendarDaysForm(year=year), CalendarYearForm(instance=_known(year)))


@acting(can_read_calendar)
def calendar_year(request: ActingRequest, year: int) -> HttpResponse:
    """The year, and for operators the form that enters its days."""
    _refuse_far(year)
    may_enter = can_run_installation(request.actor)
    form = CalendarDaysForm(request.POST if may_enter and request.method == "POST" else None, year=year)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        act = partial(
            work_calendar.enter_days,
            first=given["first"],
            last=given["last"] or given["first"],
            is_working=given["kind"] == WORKED,
            name_en=given["name_en"],
            name_zh=given["name_zh"],
        )
        if attempt(form, act):
            messages.success(request, _("The calendar is saved."))
            return redirect("parks:calendar_year", year=year)
    return _page(request, year, form, CalendarYearForm(instance=_known(year)))


@acting(can_run_installation)
@require_POST
def calendar_confirm(request: ActingRequest, year: int) -> HttpResponse:
    _refuse_far(year)
    form = CalendarYearForm(request.POST, instance=_known(year))
    if form.is_valid():
        act = partial(
            work_calendar.confirm_year, request.actor, year, source=form.cleaned_data["source"], now=timezone.now()
        )
        if attempt(form, act):
            messages.success(request, _("Deadlines are counted by the days of %(year)s.") % {"year": year})
            return redirect("parks:calendar_year", year=year)
    return _page(request, year, CalendarDaysForm(year=year), form)


@acting(can_run_installation)
@require_POST
def calendar_remove(request: ActingRequest, calendar_day_id: int) -> HttpResponse:
    entered = get_object_or_404(CalendarDay, pk=calendar_day_id)
    work_calendar.remove_day(entered.day)
    messages.success(request, _("The day is removed from the calendar."))
    return redirect("parks:calendar_year", year=entered.day.year)


def _page(request: ActingRequest, year: int, days_form: CalendarDaysForm, year_form: CalendarYearForm) -> HttpResponse:
    days = list(CalendarDay.objects.filter(day__year=year))
    off = [day for day in days if not day.is_working]
    context = {
        "year": year,
        "days": days,
        "known": _known(year),
        "may_enter": can_run_installation(request.actor),
        "days_form": days_form,
        "year_form": year_form,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < LAST_YEAR else None,
        "words": _words(len(off), len(days) - len(off)),
    }
    status = max(status_of(days_form), status_of(year_form))
    return render(request, "parks/calendar_year.html", context, status=status)


def _words(off: int, worked: int) -> list[str]:
    return [
        ngettext("%(count)s day off from Monday to Friday", "%(count)s days off from Monday to Friday", off)
        % {"count": off},
        ngettext("%(count)s weekend day that is worked", "%(count)s weekend days that are worked", worked)
        % {"count": worked},
    ]


def _known(year: int) -> CalendarYear | None:
    return CalendarYear.objects.filter(year=year).first()


def _refuse_far(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
