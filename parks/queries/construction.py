"""How far the construction period of a park has run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from parks.models import Park


@dataclass(frozen=True, slots=True)
class Construction:
    """Both years are whole: the period begins on 1 January and ends on 31 December. Shares are 0 to 1."""

    start_year: int
    end_year: int
    elapsed_share: float
    years_left: int

    @property
    def is_over(self) -> bool:
        return self.elapsed_share >= 1


def construction_of(park: Park, today: date) -> Construction | None:
    """None where the park does not say both years."""
    begins, ends = park.construction_start_year, park.construction_end_year
    if begins is None or ends is None:
        return None
    first, after = date(begins, 1, 1), date(ends + 1, 1, 1)
    share = (today - first) / (after - first)
    return Construction(begins, ends, min(max(share, 0.0), 1.0), max(ends - today.year, 0))
