"""Deadlines in working days, by the calendar that the installation keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import structlog

from lib.periods import add_working_days, is_weekend, last_moment, local_day
from parks.models import CalendarDay, CalendarYear

logger = structlog.get_logger(__name__)
FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""Month and day of the holidays whose date is the same each year (Regulation on Public Holidays, as of 2025)."""
LONGEST_REST = timedelta(days=45)
ANNOUNCED_IN = 11
"""The month in which the State Council announces the days off of the next year."""


def working_days_after(instant: datetime, count: int, zone_name: str) -> datetime:
    """The last moment of the `count`-th working day after the local day of `instant`. Two queries.

    Of a year whose days off are not entered yet only the holidays of fixed date are known: nobody is kept from filing
    for that, the operators are told on their overview, and the log names the year as an error.
    """
    first = local_day(instant, zone_name)
    last = first + timedelta(days=2 * count) + LONGEST_REST
    unknown = unknown_years({first.year, last.year})
    day = add_working_days(first, count, _exceptions(first, last, unknown))
    for year in sorted(unknown & {first.year, day.year}):
        logger.error("work_calendar_year_missing", year=year)
    return last_moment(day, zone_name)


def working_days(first: date, last: date) -> list[date]:
    """Every working day from `first` to `last`, both of them included. Two queries."""
    exceptions = _exceptions(first, last, unknown_years(range(first.year, last.year + 1)))
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    return [day for day in days if exceptions.get(day, not is_weekend(day))]


def unknown_years(years: Iterable[int]) -> set[int]:
    wanted = set(years)
    return wanted - set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))


def year_to_enter(today: date) -> int | None:
    """The first year that operators have to enter by now, if any: the present one, or from its last months the next."""
    expected = [today.year, today.year + 1] if today.month >= ANNOUNCED_IN else [today.year]
    return min(unknown_years(expected), default=None)


def _exceptions(first: date, last: date, unknown: set[int]) -> dict[date, bool]:
    """Of a year that is not confirmed what is entered so far is not counted: half of it would move deadlines."""
    entered = CalendarDay.objects.filter(day__range=(first, last)).values_list("day", "is_working")
    known = {day: is_working for day, is_working in entered if day.year not in unknown}
    return dict.fromkeys(_fixed(first.year, last.year), False) | known


def _fixed(first_year: int, last_year: int) -> Iterator[date]:
    days = (date(year, month, day) for year in range(first_year, last_year + 1) for month, day in FIXED)
    return (day for day in days if not is_weekend(day))
