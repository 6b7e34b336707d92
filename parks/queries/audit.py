"""The audit trail of a park, page by page, however long it has become."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from parks import audit_words
from parks.audit_words import names_person
from parks.models import Membership, SupportSession
from tenancy.models import AuditEvent
from tenancy.tasks import WORKER

PAGE = 50
# A name that fits more people than this narrows nothing.
MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What to show. Days are those of the park; both ends belong to the period."""

    who: str = ""
    table: str = ""
    action: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    row_id: str = ""
    only_support: bool = False
    support_session_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page; the next page begins below it."""

    at: datetime
    event_id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.event_id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """What `str()` wrote; None for anything else, so that a mangled address shows the first page.

        >>> Cursor.read("2026-11-22T00:30:00+00:00~7").event_id, Cursor.read("page 3")
        (7, None)
        """
        at, _tilde, number = text.replace(" ", "+").partition("~")
        try:
            cursor = cls(datetime.fromisoformat(at), int(number))
        except ValueError:
            return None
        return cursor if cursor.at.tzinfo is not None and cursor.event_id < 2**63 else None


@dataclass(frozen=True, slots=True)
class TrailPage:
    events: Sequence[AuditEvent]
    older: Cursor | None


Trail = Sequence[QuerySet[AuditEvent]]
"""Parts of which no two hold the same event: each is read by an index of its own, which no OR would let it."""


def trail(park_id: int, wanted: TrailFilter, zone_name: str) -> Trail:
    """The events of a park that fit."""
    events = _narrowed(AuditEvent.objects.filter(park_id=park_id), wanted)
    events = _within(events, wanted, ZoneInfo(zone_name))
    return [events.filter(author) for author in _authors(park_id, wanted.who)] if wanted.who else [events]


def _narrowed(events: QuerySet[AuditEvent], wanted: TrailFilter) -> QuerySet[AuditEvent]:
    if wanted.action:
        events = events.filter(action=wanted.action)
    if wanted.row_id:
        # Tables are named so that the index by row is of use.
        tables = [wanted.table] if wanted.table else list(audit_words.TABLES)
        events = events.filter(table_name__in=tables, row_id=wanted.row_id)
    elif wanted.table:
        events = events.filter(table_name=wanted.table)
    if wanted.support_session_id is not None:
        events = events.filter(support_session_id=wanted.support_session_id)
    elif wanted.only_support:
        events = events.filter(support_session_id__isnull=False)
    return events


def _within(events: QuerySet[AuditEvent], wanted: TrailFilter, zone: ZoneInfo) -> QuerySet[AuditEvent]:
    if wanted.starts_on is not None:
        events = events.filter(at__gte=datetime.combine(wanted.starts_on, time.min, zone))
    if wanted.ends_on is not None and wanted.ends_on < date.max:
        events = events.filter(at__lt=datetime.combine(wanted.ends_on + timedelta(days=1), time.min, zone))
    return events


def _authors(park_id: int, who: str) -> list[Q]:
    """Everybody whose name holds `who` or whose address it is; those without an account by the whole of their name.

    That is compared as it is written: under a policy no index serves a comparison in other letters. The worker's name
    is known, and found in any.
    """
    # By way of the park's memberships: among all people of the installation, under their policy, no index would help.
    named = Q(user__name__icontains=who) | Q(user__email__iexact=who)
    people = Membership.objects.filter(named, park_id=park_id).order_by().values_list("user_id", flat=True).distinct()
    visits = SupportSession.objects.of_park(park_id).filter(operator_name__icontains=who)
    operators = visits.order_by().values_list("operator_id", flat=True).distinct()
    ids = {*people[:MOST_PEOPLE], *operators[:MOST_PEOPLE]}
    named_so = {who, WORKER.name} if who.casefold() == WORKER.name.casefold() else {who}
    return [Q(user_id__in=ids), Q(user_id=None, user_name__in=sorted(named_so))]


def newest(events: Trail, size: int) -> list[AuditEvent]:
    """The latest events of all parts, at most `size`, the latest first."""
    found = [event for part in events for event in part.order_by("-at", "-id")[:size]]
    return sorted(found, key=lambda event: (event.at, event.pk), reverse=True)[:size]


def page_below(events: Trail, cursor: Cursor | None, size: int = PAGE) -> TrailPage:
    """One page from the cursor down. Never counts: the index leads straight to the rows."""
    if cursor is not None:
        below = Q(at__lt=cursor.at) | Q(at=cursor.at, id__lt=cursor.event_id)
        events = [part.filter(below, at__lte=cursor.at) for part in events]
    found = newest(events, size + 1)
    last = found[size - 1] if len(found) > size else None
    return TrailPage(found[:size], Cursor(last.at, last.pk) if last else None)


def people_named(events: Sequence[AuditEvent]) -> dict[int, User]:
    """The authors of these events and the people that their rows refer to, by id, as far as one may know them."""
    ids = {
        value
        for event in events
        for row in (event.before, event.after)
        for column, value in (row or {}).items()
        if isinstance(value, int) and names_person(event.table_name, column)
    }
    authors = {event.user_id for event in events if event.user_id is not None}
    return User.objects.only("name", "email").in_bulk(ids | authors)


def holders_of_memberships(events: Iterable[AuditEvent]) -> dict[int, str]:
    """Whose the changed memberships are, by event: a change of roles does not say so itself."""
    rows = {event.pk: event.row_id for event in events if event.table_name == Membership._meta.db_table}
    holders = dict(Membership.objects.filter(pk__in=set(rows.values())).values_list("pk", "user__name"))
    return {event_id: holders[int(row_id)] for event_id, row_id in rows.items() if int(row_id) in holders}


def reasons_of_visits(events: Iterable[AuditEvent]) -> dict[int, SupportSession]:
    """The support sessions in which these events happened, by id."""
    ids = {event.support_session_id for event in events if event.support_session_id is not None}
    return SupportSession.objects.in_bulk(ids)


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """What happened during a support visit."""

    changes: int = 0
    pages: int = 0


def counts_of_visits(park_id: int, visits: Collection[SupportSession]) -> dict[int, VisitCounts]:
    """How many rows each of the visits changed, and how many pages it opened."""
    events = AuditEvent.objects.filter(park_id=park_id, support_session_id__in=[visit.pk for visit in visits])
    was_read = Q(action=AuditEvent.Action.READ)
    counted = (
        events.order_by()
        .values("support_session_id")
        .annotate(
            changes=Count("id", filter=~was_read),
            pages=Count("id", filter=was_read & Q(table_name=SupportSession._meta.db_table)),
        )
    )
    return {int(row["support_session_id"] or 0): VisitCounts(row["changes"], row["pages"]) for row in counted}
