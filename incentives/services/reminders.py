"""Letters before a deadline passes, each written once.

What a reminder is about is in its key, so that asking again, also at the same time, writes nothing a second time: the
rows need no mark that says how far the reminding has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.messages import MessageKind
from accounts.services import write_to_each
from incentives.award_permissions import HANDLERS, explain_no_handling, explain_no_ruling
from incentives.choices import STAGE_ROLES, ApplicationState, AwardState, ObjectionState
from incentives.models import Appeal, Application, Objection, PanelSeat, ProgrammeVersion
from incentives.permissions import decidable, decides_in
from incentives.services import letters
from incentives.services.mail import people_of_application
from lib.formatting import day, localized, money
from lib.periods import band_of, last_moment, local_day
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership, Park
from parks.queries.work_calendar import working_days_after
from parks.services.mailing import people_of
from parks.services.wording import wording_of

BEFORE_RETURNED = (5, 1)
"""Days before the last one on which an application that was returned can be filed again."""
BEFORE_CLOSING = (14, 3)
"""Days before a window closes, for who has begun an application and not filed it."""
BEFORE_RULING = (7, 1)
"""Days before the last one on which an open appeal is to be ruled on."""
MOST_NAMED = 10
"""Applications that a letter names; of the others it says how many they are. Open objections to an award that are
told of."""


@transaction.atomic
def remind_of_returns(park: Park, now: datetime) -> None:
    today = local_day(now, park.time_zone)
    for application in _returned(park, now):
        _remind_of_return(application, today)


@transaction.atomic
def remind_officials(park: Park, now: datetime) -> None:
    """Of what is due for them. On days off nobody is reminded."""
    today = local_day(now, park.time_zone)
    if _is_working_day(today, now, park.time_zone):
        _remind_officials(park, today, until=working_days_after(now, 1, park.time_zone))


@transaction.atomic
def tell_of_objections(park: Park, now: datetime) -> None:
    for objection in _open_objections(park):
        _tell_of_objection(objection)


@transaction.atomic
def tell_of_appeals(park: Park, now: datetime) -> None:
    """When one was filed, and again before its last day."""
    today = local_day(now, park.time_zone)
    rows = Appeal.objects.filter(park_id=park.pk, state=ObjectionState.OPEN)
    for appeal in rows.select_related("application__park", "enterprise"):
        _tell_of_appeal(appeal, today)


REMINDERS: dict[str, Callable[[Park, datetime], None]] = {
    "returns": remind_of_returns,
    "officials": remind_officials,
    "objections": tell_of_objections,
    "appeals": tell_of_appeals,
}
"""What a park is reminded of, in its scope, each in a transaction of its own: where one fails, the others are sent."""


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


def closing_versions(park: Park, now: datetime) -> dict[UUID, str]:
    """Versions with an open window that closes within the days of the first reminder, each with what the keys of its
    reminders of today say.
    """
    today = local_day(now, park.time_zone)
    open_now = ProgrammeVersion.objects.of_park(park.pk).open_on(today)
    return {version.pk: due for version in open_now if (due := _closing(version, today))}


def _closing(version: ProgrammeVersion, today: date) -> str:
    """The last day and the reminder that is due; empty where none is."""
    last = version.window_at(today).closes_on
    band = band_of((last - today).days, BEFORE_CLOSING)
    return "" if band is None else f"{last.isoformat()}:{band}"


def enterprises_with_drafts(park_id: int, closing: Mapping[UUID, str]) -> list[UUID]:
    """Who has begun an application under these versions and has not had the reminder that is due.

    For the login role: the park sees nobody's drafts.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_drafters(%s, %s, %s)", [park_id, list(closing), list(closing.values())])
        return [enterprise_id for (enterprise_id,) in cursor.fetchall()]


@transaction.atomic
def remind_of_drafts(park_id: int, enterprise_id: UUID, now: datetime) -> None:
    """Tell an enterprise of its drafts whose window closes soon. In the scope of the enterprise."""
    drafts = Application.objects.of_park(park_id).in_state(ApplicationState.DRAFT).filter(enterprise_id=enterprise_id)
    for draft in drafts.select_related("programme_version", "enterprise", "park"):
        today = local_day(now, draft.park.time_zone)
        version = draft.programme_version
        due = _closing(version, today) if version.takes_applications_on(today) else ""
        if due:
            last = version.window_at(today).closes_on
            _write(f"incentives.draft_closes:{draft.pk}:{due}", letters.REMIND_DRAFT, draft, last)


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
    """Filed and not handled; of an award that waits for nothing else any more, it holds the award up.

    Of each award the first few: the next are told of when some of these are handled, so that nobody can bury
    officials in letters.
    """
    place = Window(RowNumber(), partition_by="line_id", order_by=["filed_at", "pk"])
    still_open = Objection.objects.filter(park_id=park.pk, state=ObjectionState.OPEN)
    rows = still_open.annotate(place=place).filter(place__lte=MOST_NAMED)
    return rows.select_related("line__award__application__programme_version", "line__notice", "park")


def _tell_of_objection(objection: Objection) -> None:
    """When it was filed, and once more when the award waits for its answer alone."""
    award = objection.line.award
    is_held_up = award.state == AwardState.OBJECTED
    if not is_held_up and award.state != AwardState.ON_NOTICE:
        return
    kind = letters.REMIND_OBJECTION if is_held_up else letters.OBJECTION_FILED
    told = wording_of(objection.park_id, kind)
    able = _able(award.application, explain_no_handling)
    url = reverse("incentives:award_detail", kwargs={"award_id": award.pk})
    last = local_day(objection.line.notice.ends_at, objection.park.time_zone)
    write_to_each(f"{kind.name}:{objection.pk}", people_of(able), lambda: told.letter(_about(objection, last)), url)


def _able(application: Application, explain: Callable[[Actor, Application], str]) -> list[Membership]:
    """The places of those with the role who are not kept from handling what was filed about this application."""
    staff = Membership.objects.of_staff(application.park_id).filter(is_active=True, roles__overlap=list(HANDLERS))
    places = staff.select_related("user", "park").order_by("pk")
    return [place for place in places if not explain(actor_of(place), application)]


def _tell_of_appeal(appeal: Appeal, today: date) -> None:
    last = local_day(appeal.due_at, appeal.application.park.time_zone)
    band = band_of((last - today).days, BEFORE_RULING)
    kind, key = letters.APPEAL_FILED, f"{letters.APPEAL_FILED.name}:{appeal.pk}"
    if band is not None:
        kind, key = letters.REMIND_APPEAL, f"{letters.REMIND_APPEAL.name}:{appeal.pk}:{band}"
    told = wording_of(appeal.park_id, kind)
    url = reverse("incentives:appeal_handle", kwargs={"appeal_id": appeal.pk})
    able = people_of(_able(appeal.application, explain_no_ruling))
    write_to_each(key, able, lambda: told.letter(_of_appeal(appeal, last)), url)


def _of_appeal(appeal: Appeal, last: date) -> dict[str, str]:
    application = appeal.application
    return {
        "number": application.number,
        "project": application.project_title,
        "enterprise": localized(appeal.enterprise, "name"),
        "due": day(last),
    }


def _about(objection: Objection, last: date) -> dict[str, str]:
    return {"number": objection.line.number, "reference": objection.reference, "due": day(last)}
