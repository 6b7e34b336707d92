"""The side navigation of each kind of actor, in the order of their work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from energy.queries.issues import issues_for
from enterprises.queries.desk import changes_for, registrations_for
from incentives.queries import applications_for, seats_for
from lib import long_lists
from parks.access import Access, access_of
from parks.actors import Actor
from tenancy.scopes import Kind, current_scope

MOST_SHOWN = 99


@dataclass(frozen=True, slots=True)
class Entry:
    """One item and where it leads. Whoever may open the page finds it.

    `also` lists pages that belong under it, `waiting` is the work that waits there for the actor, if any may.
    """

    name: str
    label: Promise
    icon: str
    also: tuple[str, ...] = ()
    waiting: Callable[[Actor], QuerySet[Any] | None] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    title: Promise | str
    entries: tuple[Entry, ...]


ENERGY = Group(
    _("Energy and carbon"),
    (
        Entry("energy:energy_overview", _("Energy"), "bolt"),
        Entry("energy:energy_flows", _("Energy flows"), "arrows-split"),
        Entry("energy:energy_cockpit", _("Cockpit"), "device-desktop-analytics"),
        Entry("energy:meter_list", _("Meters"), "gauge", also=("energy:meter_", "energy:channel_")),
        Entry("energy:asset_list", _("Energy assets"), "solar-panel", also=("energy:asset_",)),
        Entry("energy:tariff_list", _("Tariffs"), "receipt-yuan", also=("energy:tariff_",)),
        Entry(
            "energy:issue_list",
            _("Doubtful readings"),
            "clipboard-data",
            also=("energy:issue_",),
            waiting=issues_for,
        ),
        Entry("energy:quality_calendar", _("Data quality"), "calendar-check"),
        Entry("energy:import_list", _("Imports"), "upload", also=("energy:import_",)),
        Entry("energy:feed_list", _("Feeds"), "route", also=("energy:feed_",)),
    ),
)
ENTERPRISE = (
    Group(
        "",
        (
            Entry("incentives:enterprise_home", _("Home"), "home"),
            Entry(
                "incentives:application_list",
                _("Applications"),
                "file-text",
                also=("incentives:application_", "incentives:document_"),
                waiting=applications_for,
            ),
            Entry("incentives:offer_list", _("Programmes"), "gift", also=("incentives:offer_",)),
        ),
    ),
    ENERGY,
    Group(
        _("Company"),
        (
            Entry(
                "enterprises:profile",
                _("Profile"),
                "building-factory-2",
                also=(
                    "enterprises:contact_edit",
                    "enterprises:change_",
                    "enterprises:site_",
                    "enterprises:paper_",
                ),
            ),
            Entry(
                "enterprises:people_list",
                _("People"),
                "users",
                also=("enterprises:people_", "enterprises:ownership_offer"),
            ),
        ),
    ),
)
OFFICIAL = (
    Group(
        "",
        (
            Entry("incentives:official_home", _("Desk"), "home"),
            Entry(
                "incentives:review_queue",
                _("Review queue"),
                "list-check",
                also=("incentives:review_",),
                waiting=applications_for,
            ),
            Entry("incentives:seat_list", _("Expert panel"), "users", also=("incentives:seat_",), waiting=seats_for),
            Entry("incentives:absence_list", _("Deputies"), "user-check", also=("incentives:absence_",)),
            Entry("incentives:filed_list", _("Applications"), "files", also=("incentives:filed_",)),
            Entry(
                "incentives:award_list",
                _("Awards"),
                "rubber-stamp",
                also=(
                    "incentives:award_",
                    "incentives:notice_publish",
                    "incentives:objection_",
                    "incentives:clawback_",
                ),
            ),
            Entry(
                "incentives:payment_list",
                _("Payments"),
                "coins",
                also=("incentives:payment_", "incentives:instalment_"),
            ),
            Entry(
                "incentives:programme_list",
                _("Programmes"),
                "gift",
                also=("incentives:programme_", "incentives:budget_", "incentives:decision_"),
            ),
            Entry("incentives:dashboard", _("Dashboard"), "chart-bar"),
        ),
    ),
    ENERGY,
    Group(
        _("Park"),
        (
            Entry(
                "enterprises:vetting_queue",
                _("Registrations"),
                "clipboard-check",
                also=("enterprises:vetting_",),
                waiting=registrations_for,
            ),
            Entry(
                "enterprises:enterprise_list",
                _("Enterprises"),
                "building-factory-2",
                also=(
                    "enterprises:enterprise_",
                    "enterprises:owner",
                    "enterprises:interest_",
                    "enterprises:site_",
                    "enterprises:label_",
                    "enterprises:import_",
                ),
            ),
            Entry(
                "enterprises:change_request_list",
                _("Change requests"),
                "git-compare",
                also=("enterprises:change_request_",),
                waiting=changes_for,
            ),
            Entry("enterprises:paper_list", _("Documents that expire"), "calendar-clock", also=("enterprises:paper_",)),
            Entry(
                "parks:park_profile",
                _("Park profile"),
                "building-community",
                also=("parks:park_profile", "parks:park_branding"),
            ),
            Entry("parks:calendar_today", _("Working days"), "calendar", also=("parks:calendar_",)),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(
                "parks:staff_list",
                _("Staff"),
                "users",
                also=("parks:staff_", "parks:invitation_", "parks:membership_edit", "parks:membership_end"),
            ),
            Entry("parks:message_list", _("Messages"), "mail", also=("parks:message_",)),
            Entry(
                "parks:audit_trail",
                _("Audit trail"),
                "history",
                also=("parks:audit_",),
            ),
            Entry(
                "parks:support_visits",
                _("Support visits"),
                "lifebuoy",
            ),
        ),
    ),
)
INSTALLATION = (
    Group(
        "",
        (
            Entry("parks:overview", _("Overview"), "layout-dashboard"),
            Entry("parks:park_list", _("Parks"), "buildings", also=("parks:park_",)),
            Entry(
                "parks:support_session_list",
                _("Support sessions"),
                "lifebuoy",
                also=("parks:support_",),
            ),
        ),
    ),
    Group(
        _("Installation"),
        (
            Entry("parks:installation_people", _("People"), "users"),
            Entry("parks:calendar_today", _("Working days"), "calendar", also=("parks:calendar_",)),
        ),
    ),
)


def groups_of(actor: Actor) -> tuple[Group, ...]:
    if actor.is_enterprise_person:
        return ENTERPRISE
    return OFFICIAL if actor.is_official else INSTALLATION


def way_back(request: HttpRequest) -> list[dict[str, Any]]:
    """All that somebody without a place finds beside the pages of their account."""
    url = reverse("parks:membership_choose")
    item = {"label": _("Where you work"), "url": url, "icon": "home", "count": "", "active": request.path == url}
    return [{"title": "", "items": [item]}]


def navigation(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """Groups of items, as layouts/app.html draws them; groups without a visible item are left out."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    counts = SimpleLazyObject(partial(_counts, actor, getattr(request, "counted", {})))
    groups = [
        {"title": group.title, "items": list(_items(group.entries, actor, here, counts))} for group in groups_of(actor)
    ]
    return [group for group in groups if group["items"]]


def _items(entries: Iterable[Entry], actor: Actor, here: str, counts: Any) -> Iterable[dict[str, Any]]:
    for entry in entries:
        url, access = _way_to(entry.name)
        if access is None or not access.admits(actor):
            continue
        active = here == entry.name or (bool(entry.also) and here.startswith(entry.also))
        count = SimpleLazyObject(partial(_count_words, entry, counts)) if entry.waiting else ""
        yield {"label": entry.label, "url": url, "icon": entry.icon, "count": count, "active": active}


def at_most(count: int) -> str:
    """A count as it fits beside a word.

    >>> at_most(0), at_most(14), at_most(231)
    ('', '14', '99+')
    """
    if count > MOST_SHOWN:
        return f"{MOST_SHOWN}+"
    return str(count) if count else ""


def _count_words(entry: Entry, counts: Any) -> str:
    return at_most(counts.get(entry.name, 0))


def _counts(actor: Actor, known: Mapping[str, int]) -> Mapping[str, int]:
    """What waits under each item, asked for by one statement when the first is drawn; what the page counted stays.

    Pages outside every scope, as those of one's own account, may count nothing.
    """
    statement = None if current_scope().kind is Kind.NONE else _counting(actor.of_any_request(), frozenset(known))
    return {**known, **long_lists.counts(statement)} if statement else known


# To put the statement together takes longer than to answer it, and it is the same for a person from page to page.
@lru_cache(maxsize=1_000)
def _counting(actor: Actor, known: frozenset[str]) -> long_lists.Statement | None:
    entries = (entry for group in groups_of(actor) for entry in group.entries if entry.name not in known)
    waiting = {entry.name: entry.waiting(actor) for entry in entries if entry.waiting}
    lists = {name: rows for name, rows in waiting.items() if rows is not None}
    return long_lists.counting(lists, MOST_SHOWN + 1) if lists else None


@cache
def _way_to(name: str) -> tuple[str, Access | None]:
    """The address of a page and the door of its view, the one place that says who may open it."""
    url = reverse(name)
    return url, access_of(resolve(url, settings.ROOT_URLCONF).func)
