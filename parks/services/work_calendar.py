"""The calendar of working days: entered by operators as the State Council announces each year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lib.periods import is_weekend
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import CalendarDay, CalendarYear
from parks.queries.work_calendar import FIXED

LONGEST_RUN = 31
"""Days from the first to the last of one entry."""


class WrongDays(Refusal):
    """The days are not what they are entered as."""

    code = "wrong_days"


@transaction.atomic
def enter_days(*, first: date, last: date, is_working: bool, name_en: str, name_zh: str) -> int:
    """Enter days off, or weekend days that are worked, from `first` to `last`; answer how many.

    Of days off the weekend days are left out, which are off anyway; a weekend day that is worked must be one. What was
    entered for these days before is overwritten.
    """
    if not first <= last < first + timedelta(days=LONGEST_RUN):
        raise WrongDays(_("The last day comes after the first, within one month."), field="last")
    days = list(_between(first, last))
    if is_working and not all(map(is_weekend, days)):
        raise WrongDays(_("Monday to Friday are working days already: enter days of the weekend only."), field="first")
    entered = days if is_working else [day for day in days if not is_weekend(day)]
    if not entered:
        raise WrongDays(_("These days are a weekend, which is off anyway."), field="first")
    CalendarDay.objects.filter(day__range=(first, last)).exclude(is_working=is_working).delete()
    for day in entered:
        CalendarDay.objects.update_or_create(
            day=day, defaults={"is_working": is_working, "name_en": name_en, "name_zh": name_zh}
        )
    return len(entered)


@transaction.atomic
def remove_day(day: date) -> None:
    """The day is as its place in the week again. Safe to repeat. Deadlines that run already stay as they are.

    A year without any day is not known any more.
    """
    CalendarDay.objects.filter(day=day).delete()
    if not CalendarDay.objects.filter(day__year=day.year).exists():
        CalendarYear.objects.filter(year=day.year).delete()


@transaction.atomic
def confirm_year(actor: Actor, year: int, *, source: str, now: datetime) -> CalendarYear:
    """Say that the days of a year are entered as the announcement has them. Safe to repeat."""
    if missing := _missing_holidays(year):
        days = ", ".join(day.isoformat() for day in missing)
        raise WrongDays(_("Days off by law are not entered yet: %(days)s.") % {"days": days}, field="source")
    confirmed, _is_new = CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source, "confirmed_by_name": actor.name, "confirmed_at": now}
    )
    return confirmed


def _missing_holidays(year: int) -> list[date]:
    """Holidays of fixed date from Monday to Friday that are not entered: each year's announcement has them."""
    off = set(CalendarDay.objects.filter(day__year=year, is_working=False).values_list("day", flat=True))
    fixed = (date(year, month, day) for month, day in FIXED)
    return [day for day in fixed if not is_weekend(day) and day not in off]


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=place) for place in range((last - first).days + 1))
