"""What operators and observers see of all parks at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, TextField
from django.utils.text import capfirst

from lib.formatting import speaks_chinese
from lib.provinces import REGIONS, Region
from parks.actors import Actor
from parks.choices import BoundaryType, ParkStatus, Province
from parks.models import PROFILE, Membership, Park, SupportSession
from parks.permissions import can_run_installation
from tenancy.models import AuditEvent

# The diagram places regions by their names, parks name them by their code.
PLACES: dict[Province, Region] = {
    Province[region.name_en.upper().replace(" ", "_")]: region for region in REGIONS.values()
}
DARKEST_STEP = 4
NOT_GIVEN = 0
MOST_LISTED = 8


def parks_seen_by(actor: Actor) -> QuerySet[Park]:
    """Operators see every park, observers those that are open to the public."""
    return Park.objects.all() if can_run_installation(actor) else Park.objects.open_to_public()


@dataclass(frozen=True)
class Overview:
    """All parks that are not archived, counted in the ways the overview shows. Reads nothing itself."""

    parks: Sequence[Park]
    open_sessions: Sequence[SupportSession] = field(default=())

    @cached_property
    def boundaries(self) -> Counter[str]:
        return Counter(park.boundary_type for park in self.parks)

    @property
    def whole_count(self) -> int:
        return self.boundaries[BoundaryType.WHOLE]

    @property
    def part_count(self) -> int:
        return self.boundaries[BoundaryType.PARK_IN_PARK]

    @cached_property
    def listed_count(self) -> int:
        """How many of the parks are on the national list."""
        return sum(park.national_list_number is not None for park in self.parks)

    @cached_property
    def suspended(self) -> list[Park]:
        return [park for park in self.parks if park.status == ParkStatus.SUSPENDED]

    @cached_property
    def end_years(self) -> dict[int, int]:
        """Parks by the year in which their construction ends, earliest first."""
        counted = Counter(park.construction_end_year for park in self.parks if park.construction_end_year)
        return dict(sorted(counted.items()))

    @cached_property
    def most_in_a_year(self) -> int:
        return max(self.end_years.values(), default=0)

    @cached_property
    def by_region(self) -> dict[Province, list[Park]]:
        """The parks of each region that has any, soonest end first, in the order of the region codes."""
        found: defaultdict[Province, list[Park]] = defaultdict(list)
        for park in sorted(self.parks, key=_by_end):
            found[Province(park.province)].append(park)
        return {region: found[region] for region in Province if region in found}

    @property
    def province_count(self) -> int:
        """Regions with a park, without the Corps, which is no province."""
        return len(self.by_region.keys() - {Province.XPCC})

    @property
    def has_corps(self) -> bool:
        return Province.XPCC in self.by_region

    @cached_property
    def next_to_end(self) -> list[Park]:
        return sorted(self.parks, key=_by_end)[:MOST_LISTED]

    def step_of(self, park: Park) -> int:
        """The shade of a park: darkest for the earliest year, four at most, 0 when the year is not known."""
        if park.construction_end_year is None:
            return NOT_GIVEN
        return max(DARKEST_STEP - list(self.end_years).index(park.construction_end_year), 1)

    def tiles(self, words: Callable[[Park], str], url_of: Callable[[Park], str]) -> list[dict[str, Any]]:
        """The diagram of the list's regions, one square a park; `words` says what a square stands for."""
        return [
            {
                "row": place.row,
                "column": place.column,
                "label": place.name_zh if speaks_chinese() else place.name_en,
                "title": region.label,
                "squares": [
                    {
                        "value": f"{park.construction_end_year % 100:02d}" if park.construction_end_year else "–",
                        "label": words(park),
                        "step": self.step_of(park),
                        "url": url_of(park),
                    }
                    for park in self.by_region.get(region, [])
                ],
            }
            for region, place in PLACES.items()
        ]

    @property
    def unknown_end_count(self) -> int:
        return len(self.parks) - sum(self.end_years.values())

    def steps(self) -> list[tuple[int, int, bool]]:
        """Step, its year, and whether later years share it; darkest first."""
        years = list(self.end_years)
        shared = len(years) > DARKEST_STEP
        return [
            (DARKEST_STEP - place, year, shared and place == DARKEST_STEP - 1)
            for place, year in enumerate(years[:DARKEST_STEP])
        ]

    def region_rows(self) -> list[tuple[Province, list[int], int, int]]:
        """Region, parks by end year in the order of `end_years`, parks without one, all parks."""
        rows = []
        for region, parks in self.by_region.items():
            years = Counter(park.construction_end_year for park in parks)
            rows.append((region, [years[year] for year in self.end_years], years[None], len(parks)))
        return rows


def _by_end(park: Park) -> tuple[int, int, str]:
    return (park.construction_end_year or 9999, park.national_list_number or 9999, park.name_en)


def overview_of(actor: Actor, now: datetime) -> Overview:
    """Observers get no support sessions: those are between the operator and the park."""
    parks = list(Park.objects.open_to_public())
    if not can_run_installation(actor):
        return Overview(parks)
    return Overview(parks, list(SupportSession.objects.open(now).select_related("park")))


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a park's row in the audit trail, in words."""

    at: datetime
    by: str
    in_support: bool
    action: str
    fields: list[tuple[str, Any, Any]]


def history_of(park: Park, most: int = 20) -> list[Change]:
    """The latest changes of a park's own row, newest first; the values only where something was changed."""
    changes = AuditEvent.objects.of_row(Park._meta.db_table, park.pk).filter(park_id=park.pk)[:most]
    return [
        Change(
            event.at,
            event.user_name,
            event.support_session_id is not None,
            event.get_action_display(),
            _changed_fields(event),
        )
        for event in changes
    ]


def _changed_fields(event: AuditEvent) -> list[tuple[str, Any, Any]]:
    if event.action != AuditEvent.Action.UPDATE:
        return []
    before, after = event.before or {}, event.after or {}
    named = ((Park._meta.get_field(name), name) for name in after if name != "status_changed_at")
    return [(_label(column), _shown(column, before.get(name)), _shown(column, after[name])) for column, name in named]


def _label(column: Any) -> str:
    return capfirst(str(getattr(column, "verbose_name", column.name)))


def _shown(column: Any, value: Any) -> Any:
    """A stored value as a reader knows it: the word of a choice, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return dict(column.flatchoices).get(value, value)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One field of the profile in words. A long one needs the whole width of the page."""

    label: str
    value: Any
    is_long: bool


@dataclass(frozen=True, slots=True)
class Profile:
    rows: list[ProfileRow]
    not_given: list[str]


def profile_of(park: Park) -> Profile:
    """What the profile says, in the order of the form with long texts last, and the fields that say nothing."""
    columns = [Park._meta.get_field(name) for name in PROFILE]
    given = [column for column in columns if getattr(park, column.name) not in (None, "")]
    rows = [
        ProfileRow(_label(column), _shown(column, getattr(park, column.name)), isinstance(column, TextField))
        for column in given
    ]
    return Profile(
        rows=sorted(rows, key=lambda row: row.is_long),
        not_given=[_label(column) for column in columns if column not in given],
    )


def staff_of(park: Park) -> QuerySet[Membership]:
    return Membership.objects.of_staff(park.pk).filter(is_active=True).select_related("user").order_by("user__name")


def staff_of_installation() -> QuerySet[Membership]:
    installation = Membership.objects.filter(park=None, enterprise_id=None, is_active=True)
    return installation.select_related("user").order_by("user__name")


def parks_without_administrator(parks: Iterable[Park]) -> list[Park]:
    """Active parks in which nobody could let anybody in."""
    administered = set(Membership.objects.administrators().values_list("park_id", flat=True))
    return [park for park in parks if park.status == ParkStatus.ACTIVE and park.pk not in administered]
