"""Letters before a deadline passes, each written once.

What a reminder is about is in its key, so that asking again, also at the same time, writes nothing a second time: the
rows need no mark that says how far the reminding has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.messages import MessageKind
from accounts.services import write_to_each
from incentives.award_permissions import HANDLERS, explain_no_handling
from incentives.choices import STAGE_ROLES, ApplicationState, AwardState, ObjectionState
from incentives.models import Application, Objection, PanelSeat, ProgrammeVersion
from incentives.permissions import decidable, decides_in
from incentives.services import letters
from incentives.services.mail import people_of_application
from lib.formatting import day, localized, money
from lib.periods import band_of, last_moment, local_day
from parks.actors import actor_of
from parks.choices import Role
from parks.models import Membership, Park
from parks.queries.work_calendar import working_days_after
from parks.services.mailing import people_of
from parks.services.wording import wording_of

BEFORE_RETURNED = (5, 1)
"""Days before the last one on which an application that was returned can be filed again."""
BEFORE_CLOSING = (14, 3)
"""Days before a window closes, for who has begun an application and not filed it."""
MOST_NAMED = 10
"""Applications that a letter names; of the others it says how many they are."""


@transaction.atomic
def remind_park(park: Park, now: datetime) -> None:
    """Of what officials see: returned applications, what is due, open objections. In the scope of the park."""
    today = local_day(now, park.time_zone)
    for application in _returned(park, now):
        _remind_of_return(application, today)
    if _is_working_day(today, now, park.time_zone):
        _remind_officials(park, today, until=working_days_after(now, 1, park.time_zone))
    for objection in _open_objections(park):
        _tell_of_objection(objection)


def _returned(park: Park, now: datetime) -> QuerySet[Application]:
    soon = now + timedelta(days=max(BEFORE_RETURNED) + 1)
    rows = Application.objects.of_park(park.pk).in_state(ApplicationState.RETURNED).filter(due_at__range=(now, soon))
    return rows.select_related("programme_version", "enterprise", "park")


def _remind_of_return(application: Application, today: date) -> None:
    assert application.due_at is not None  # noqa: S101 - for the type checker: the query says so
    last = local_day(application.due_at, application.park.time_zone)
    band = band_of((last - today).days, BEFORE_RETURNED)
    if band is not None:
        key = f"incentives.returned_soon:{application.pk}:{application.round}:{last.isoformat()}:{band}"
        _write(key, letters.REMIND_RETURNED, application, last)


def _write(key: str, kind: MessageKind, application: Application, last: date) -> None:
    told = wording_of(application.park_id, kind)
    url = reverse("incentives:application_detail", kwargs={"application_id": application.pk})
    write_to_each(key, people_of_application(application), lambda: told.letter(_facts(application, last)), url)


def _facts(application: Application, last: date) -> dict[str, str]:
    return {
        "number": application.number,
        "project": application.project_title or _("without a title yet"),
        "programme": localized(application.programme_version, "title"),
        "enterprise": localized(application.enterprise, "name"),
        "due": day(last),
    }


def closing_versions(park: Park, now: datetime) -> list[UUID]:
    """Versions with an open window that closes within the days of the first reminder."""
    today = local_day(now, park.time_zone)
    open_now = ProgrammeVersion.objects.of_park(park.pk).open_on(today)
    return [version.pk for version in open_now if _band(version, today) is not None]


def _band(version: ProgrammeVersion, today: date) -> int | None:
    return band_of((version.window_at(today).closes_on - today).days, BEFORE_CLOSING)


def enterprises_with_drafts(park_id: int, version_ids: Iterable[UUID]) -> list[UUID]:
    """Who has begun an application under these versions. For the login role: the park sees nobody's drafts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_drafters(%s, %s)", [park_id, list(version_ids)])
        return [enterprise_id for (enterprise_id,) in cursor.fetchall()]


@transaction.atomic
def remind_of_drafts(park_id: int, enterprise_id: UUID, now: datetime) -> None:
    """Tell an enterprise of its drafts whose window closes soon. In the scope of the enterprise."""
    drafts = Application.objects.of_park(park_id).in_state(ApplicationState.DRAFT).filter(enterprise_id=enterprise_id)
    for draft in drafts.select_related("programme_version", "enterprise", "park"):
        today = local_day(now, draft.park.time_zone)
        version = draft.programme_version
        band = _band(version, today) if version.takes_applications_on(today) else None
        if band is not None:
            last = version.window_at(today).closes_on
            _write(f"incentives.draft_closes:{draft.pk}:{last.isoformat()}:{band}", letters.REMIND_DRAFT, draft, last)


def _is_working_day(today: date, now: datetime, zone: str) -> bool:
    return working_days_after(now - timedelta(days=1), 1, zone) == last_moment(today, zone)


def _remind_officials(park: Park, today: date, until: datetime) -> None:
    """One letter a working day to each who has something to decide or to score by the end of the next one."""
    due = Application.objects.of_park(park.pk).waiting().filter(due_at__lte=until)
    staff = Membership.objects.of_staff(park.pk).filter(is_active=True, roles__overlap=[*STAGE_ROLES, Role.EXPERT])
    for place in staff.select_related("user", "park").order_by("pk"):
        actor = actor_of(place)
        mine = decidable(due, actor.user_id, decides_in(actor)).order_by("due_at", "pk")
        lines = [_due_line(one, park) for one in mine.select_related("enterprise")[: MOST_NAMED + 1]]
        _tell_official(letters.REMIND_DUE, place, lines, today, mine.count, reverse("incentives:review_queue"))
        seats = PanelSeat.objects.of_expert(park.pk, actor.user_id).waiting().filter(application__due_at__lte=until)
        cases = [_seat_line(seat, park) for seat in seats.select_related("application")[: MOST_NAMED + 1]]
        _tell_official(letters.REMIND_SCORES, place, cases, today, seats.count, reverse("incentives:seat_list"))


def _due_line(application: Application, park: Park) -> tuple[str, ...]:
    return (application.number, _last_day(application, park), money(application.requested_cny or 0))


def _seat_line(seat: PanelSeat, park: Park) -> tuple[str, ...]:
    """Not a word about whose case it is."""
    return (seat.reference, _last_day(seat.application, park))


def _last_day(application: Application, park: Park) -> str:
    return local_day(application.due_at, park.time_zone).isoformat() if application.due_at else ""


def _tell_official(
    kind: MessageKind, place: Membership, lines: list[tuple[str, ...]], today: date, count: object, url: str
) -> None:
    if not lines:
        return
    total = len(lines) if len(lines) <= MOST_NAMED else count()  # type: ignore[operator]
    told = wording_of(place.park_id or 0, kind)
    named = "\n".join("　".join(line) for line in lines[:MOST_NAMED])
    key = f"{kind.name}:{place.park_id}:{today.isoformat()}"
    write_to_each(key, people_of([place]), lambda: told.letter({"count": str(total), "today": day(today)}, named), url)


def _open_objections(park: Park) -> QuerySet[Objection]:
    """Filed and not handled; of an award that waits for nothing else any more, it holds the award up."""
    rows = Objection.objects.filter(park_id=park.pk, state=ObjectionState.OPEN)
    return rows.select_related("line__award__application__programme_version", "line__notice", "park")


def _tell_of_objection(objection: Objection) -> None:
    """When it was filed, and once more when the award waits for its answer alone."""
    award = objection.line.award
    is_held_up = award.state == AwardState.OBJECTED
    if not is_held_up and award.state != AwardState.ON_NOTICE:
        return
    kind = letters.REMIND_OBJECTION if is_held_up else letters.OBJECTION_FILED
    told = wording_of(objection.park_id, kind)
    staff = Membership.objects.of_staff(objection.park_id).filter(is_active=True, roles__overlap=list(HANDLERS))
    places = staff.select_related("user", "park").order_by("pk")
    able = [place for place in places if not explain_no_handling(actor_of(place), award.application)]
    url = reverse("incentives:award_detail", kwargs={"award_id": award.pk})
    last = local_day(objection.line.notice.ends_at, objection.park.time_zone)
    write_to_each(f"{kind.name}:{objection.pk}", people_of(able), lambda: told.letter(_about(objection, last)), url)


def _about(objection: Objection, last: date) -> dict[str, str]:
    return {"number": objection.line.number, "reference": objection.reference, "due": day(last)}
