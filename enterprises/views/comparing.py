"""Two enterprises, or an enterprise and what was filed, side by side with their differences marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.choices import SiteUse
from enterprises.models import Enterprise, RegisteredFacts, Registration, Site
from enterprises.queries.vetting import Candidate
from enterprises.services.registration_ground import FIELDS, REGISTERED_FACTS, SITES, shown_fact, shown_site
from enterprises.tables.register import STATES as STATUSES
from enterprises.tables.vetting import STATES
from lib.formatting import percent
from lib.templatetags.ui import localized_filter
from parks.models import Membership

COMPARED = [name for name in FIELDS if name in {*REGISTERED_FACTS, SITES} - {"capital_currency"}]
"""In the order of the register; an amount is written with its currency."""
LIKELY = 0.9
"""From here on two names are compared at once; below it when somebody asks."""
WRITTEN_ALIKE = str.maketrans("（）　", "() ")


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both sides as one reads it. `is_given`: whether either says anything."""

    field: str
    label: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        return _plain(self.left) != _plain(self.right)

    @property
    def is_given(self) -> bool:
        return bool(self.left or self.right)


def _plain(text: str) -> str:
    """Capitals, brackets and spaces make no difference to a reader."""
    return "".join(text.translate(WRITTEN_ALIKE).casefold().split())


def side_by_side(
    left: RegisteredFacts, right: RegisteredFacts, left_sites: Iterable[str], right_sites: Iterable[str]
) -> list[Row]:
    """What either of the two says, in the order of the register; what neither says is left out."""
    texts: Mapping[str, tuple[str, str]] = {
        name: (shown_fact(left, name), shown_fact(right, name)) for name in REGISTERED_FACTS
    } | {SITES: ("\n".join(sorted(left_sites)), "\n".join(sorted(right_sites)))}
    rows = [Row(name, str(FIELDS[name]), *texts[name]) for name in COMPARED]
    return [row for row in rows if row.is_given]


def sites_of(row: Enterprise | Registration, sites: Iterable[Site]) -> list[str]:
    """The sites of a registration, or those given of an enterprise, each in a line."""
    return [shown_site(site) for site in row.sites] if isinstance(row, Registration) else written_sites(sites)


def written_sites(sites: Iterable[Site]) -> list[str]:
    return [
        shown_site(
            {
                "name": site.name,
                "address": site.address,
                "area_m2": "" if site.area_m2 is None else f"{site.area_m2:f}",
                "use": SiteUse(site.use),
            }
        )
        for site in sites
    ]


def drawn_candidate(
    registration: Registration,
    candidate: Candidate,
    *,
    may_join: bool,
    barred: Mapping[UUID, str],
    left: Mapping[UUID, Membership],
) -> dict[str, Any]:
    """Who may be the same enterprise, compared with what was filed. Newly filed stands left, what is known right.

    `left`: the places that the registrant had, `barred`: why one does not join them there; by enterprise.
    """
    found = candidate.found
    rows = side_by_side(registration, found, sites_of(registration, []), sites_of(found, candidate.sites))
    differing = [row for row in rows if row.differs]
    drawn = {
        "candidate": candidate,
        "name": localized_filter(found, "name"),
        "rows": rows,
        "difference_count": len(differing),
        "why": _why(candidate),
        "tone": "bad" if candidate.has_same_code else "warn",
        "is_open": candidate.has_same_code or candidate.likeness >= LIKELY,
        "status": found.get_status_display() if isinstance(found, Enterprise) else found.get_state_display(),
        "status_tone": STATUSES[found.status] if isinstance(found, Enterprise) else STATES[found.state],
        "url": _address(found),
        "join_url": "",
        "no_join": "",
        "goes_on": None,
        "place_left": None,
    }
    if isinstance(found, Enterprise):
        drawn |= _joining(registration, found, may_join=may_join, barred=barred)
        drawn["place_left"] = left.get(found.merged_into_id or found.pk)
    return drawn


def _why(candidate: Candidate) -> str:
    if candidate.has_same_code:
        return _("Same code")
    return _("Name alike, %(share)s") % {"share": percent(100 * candidate.likeness, 0)}


def _address(found: Enterprise | Registration) -> str:
    if isinstance(found, Enterprise):
        return reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": found.pk})
    return reverse("enterprises:vetting_detail", kwargs={"registration_id": found.pk})


def joined_to(found: Enterprise) -> Enterprise:
    """Who goes on where this one was merged."""
    return found.merged_into or found


def _joining(
    registration: Registration, found: Enterprise, *, may_join: bool, barred: Mapping[UUID, str]
) -> dict[str, Any]:
    """Where the registrant is joined, or why not: to the enterprise that goes on where this one was merged."""
    target = joined_to(found)
    kwargs = {"registration_id": registration.pk, "enterprise_id": target.pk}
    can_join = may_join and not target.has_ended
    reason = barred.get(target.pk, "") if can_join else ""
    return {
        "goes_on": localized_filter(target, "name") if target is not found else None,
        "join_url": reverse("enterprises:vetting_join", kwargs=kwargs) if can_join and not reason else "",
        "no_join": reason,
    }


def other_name(row: RegisteredFacts) -> str:
    """The name that the active language does not show; empty when there is none."""
    shown = localized_filter(row, "name")
    return next((name for name in (row.name_en, row.name_zh) if name and name != shown), "")


def takeable(rows: Sequence[Row]) -> list[Row]:
    """What can be taken over from the left: what it says, and says otherwise."""
    return [row for row in rows if row.differs and row.left and row.field != "credit_code"]
