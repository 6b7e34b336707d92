"""The month that a page shows: chosen by its address, with the ways to its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from energy.queries import use
from energy.views.meters import today_of
from energy.views.overview import chosen_month, month_words
from parks.requests import ActingRequest


@dataclass(frozen=True)
class ShownMonth:
    """For `energy/_month_segments.html`; `rest` is what the address says besides, with an ampersand before it."""

    month: date
    today: date
    rest: str = ""

    @classmethod
    def of(cls, request: ActingRequest, rest: str = "") -> ShownMonth:
        today = today_of(request)
        return cls(chosen_month(request, today), today, rest)

    @property
    def words(self) -> str:
        return month_words(self.month)

    @property
    def previous(self) -> date:
        return use.months_before(self.month, 2)[0]

    @property
    def next(self) -> date | None:
        following = use.next_month(self.month)
        return following if following <= self.today else None
