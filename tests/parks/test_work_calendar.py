"""Working days: what operators enter, and how deadlines are counted by it."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from structlog.testing import capture_logs

from config.environment import ROOT
from parks.choices import Role
from parks.models import CalendarDay, CalendarYear
from parks.queries.work_calendar import FIXED, working_days_after, year_to_enter
from parks.services.work_calendar import WrongDays, confirm_year, enter_days, remove_day
from tenancy.scopes import Author, enterprise_scope, park_scope, platform_scope, registrant_scope
from tests.clients import actor, signed_in_client
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
CHINA = "Asia/Shanghai"
NOTICE = "Notice on the days off"


@pytest.fixture
def operator():
    return person(Role.OPERATOR)


@pytest.fixture
def calendar(operator):
    """The years 2026 and 2027 as these tests enter them, whatever stood there."""
    with platform_scope():
        CalendarDay.objects.all().delete()
        CalendarYear.objects.all().delete()
        enter_fixed(2026)
        enter_days(
            first=date(2026, 10, 1), last=date(2026, 10, 7), is_working=False, name_en="National Day", name_zh="国庆节"
        )
        enter_days(
            first=date(2026, 10, 10), last=date(2026, 10, 10), is_working=True, name_en="National Day", name_zh="国庆节"
        )
        confirm_year(actor(operator), 2026, source=NOTICE, now=datetime(2025, 11, 4, tzinfo=UTC))
    return operator


def enter_fixed(year):
    for month, day in FIXED:
        fixed = date(year, month, day)
        if fixed.weekday() < 5:
            enter_days(first=fixed, last=fixed, is_working=False, name_en="By law", name_zh="法定节假日")


def due(first: date, count: int) -> date:
    instant = datetime.combine(first, datetime.min.time(), ZoneInfo(CHINA)) + timedelta(hours=10)
    return working_days_after(instant, count, CHINA).astimezone(ZoneInfo(CHINA)).date()


def entered(year: int) -> dict[date, bool]:
    with platform_scope():
        return dict(CalendarDay.objects.filter(day__year=year).values_list("day", "is_working"))


def test_reference_holds_only_exceptions_and_their_names():
    with (ROOT / "parks/reference/work_calendar.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {date.fromisoformat(row["day"]).year for row in rows} == {2024, 2025, 2026}
    assert len({row["day"] for row in rows}) == len(rows) == 75
    for row in rows:
        assert (row["is_working"] == "yes") == (date.fromisoformat(row["day"]).weekday() >= 5), row
        assert all(row.values()), row


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        # Five days of the week, over the days off and with the Saturday that makes up for them.
        (date(2026, 9, 29), 2, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
    ],
)
def test_deadline_leaves_out_days_off_and_counts_weekends_that_are_worked(calendar, first, count, last):
    with platform_scope():
        assert due(first, count) == last


def test_deadline_is_the_end_of_the_day_in_the_zone_of_the_park(calendar):
    # 17:00 UTC is the next morning in China.
    with platform_scope():
        found = working_days_after(datetime(2026, 11, 20, 17, tzinfo=UTC), 5, CHINA)
    assert found.isoformat() == "2026-11-27T23:59:59.999999+08:00"


def test_year_that_is_not_entered_knows_the_holidays_of_fixed_date_and_tells_the_log(calendar):
    with platform_scope(), capture_logs() as logs:
        # Friday 1 January is off whatever is announced.
        assert due(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert logs == [{"event": "work_calendar_year_missing", "year": 2027, "log_level": "error"}]


def test_year_that_is_half_entered_is_counted_as_if_it_were_not(calendar):
    with platform_scope():
        enter_days(first=date(2027, 2, 13), last=date(2027, 2, 13), is_working=True, name_en="A", name_zh="甲")
        assert due(date(2027, 2, 12), 1) == date(2027, 2, 15)
        enter_fixed(2027)
        confirm_year(actor(calendar), 2027, source=NOTICE, now=datetime(2026, 11, 4, tzinfo=UTC))
        assert due(date(2027, 2, 12), 1) == date(2027, 2, 13)


def test_days_off_end_the_weekends_that_were_worked_among_them(calendar):
    with platform_scope():
        enter_days(first=date(2027, 2, 13), last=date(2027, 2, 13), is_working=True, name_en="A", name_zh="甲")
        enter_days(first=date(2027, 2, 11), last=date(2027, 2, 15), is_working=False, name_en="B", name_zh="乙")
    assert entered(2027) == {date(2027, 2, 11): False, date(2027, 2, 12): False, date(2027, 2, 15): False}


def test_year_without_its_days_is_not_known_any_more(calendar):
    with platform_scope():
        for day in list(entered(2026)):
            assert not CalendarYear.objects.filter(year=2026).count() - 1
            remove_day(day)
        assert not CalendarYear.objects.filter(year=2026).exists()


def test_known_year_tells_the_log_nothing(calendar):
    with platform_scope(), capture_logs() as logs:
        due(date(2026, 9, 30), 4)
    assert logs == []


def test_every_kind_of_actor_counts_by_it(scene, calendar):
    firm, park = scene.ours.firm, scene.ours.park
    scopes = (
        park_scope(park.pk),
        enterprise_scope(park.pk, firm.enterprise.pk),
        registrant_scope(park.pk, Author(firm.registrant.pk, "Pan Yi")),
    )
    for scope in scopes:
        with scope:
            assert due(date(2026, 9, 30), 3) == date(2026, 10, 10)


def test_nobody_in_a_park_writes_it(scene, calendar):
    with park_scope(scene.ours.park.pk), pytest.raises(ProgrammingError, match="permission denied"):
        remove_day(date(2026, 10, 1))


def test_next_year_is_asked_for_from_november(calendar):
    with platform_scope():
        assert year_to_enter(date(2026, 10, 31)) is None
        assert year_to_enter(date(2026, 11, 1)) == 2027
        assert year_to_enter(date(2027, 1, 1)) == 2027


def test_days_off_leave_out_the_weekend_and_overwrite(calendar):
    with platform_scope():
        many = enter_days(first=date(2027, 2, 5), last=date(2027, 2, 9), is_working=False, name_en="A", name_zh="甲")
        enter_days(first=date(2027, 2, 5), last=date(2027, 2, 5), is_working=False, name_en="B", name_zh="乙")
        assert CalendarDay.objects.get(day=date(2027, 2, 5)).name_zh == "乙"
    assert (many, entered(2027)) == (
        3,
        {date(2027, 2, 5): False, date(2027, 2, 8): False, date(2027, 2, 9): False},
    )


@pytest.mark.parametrize(
    ("first", "last", "is_working"),
    [
        (date(2027, 2, 9), date(2027, 2, 5), False),
        (date(2027, 1, 1), date(2027, 2, 28), False),
        (date(2027, 2, 6), date(2027, 2, 7), False),
        (date(2027, 2, 6), date(2027, 2, 8), True),
    ],
)
def test_days_that_are_not_what_they_are_entered_as_are_refused(calendar, first, last, is_working):
    with platform_scope(), pytest.raises(WrongDays):
        enter_days(first=first, last=last, is_working=is_working, name_en="A", name_zh="甲")
    assert entered(2027) == {}


@pytest.mark.parametrize(("day", "is_working"), [(date(2027, 2, 6), False), (date(2027, 2, 8), True)])
def test_database_keeps_exceptions_only(calendar, day, is_working):
    with platform_scope(), pytest.raises(IntegrityError, match="is_an_exception"), transaction.atomic():
        CalendarDay.objects.create(day=day, is_working=is_working, name_en="A", name_zh="甲")


def test_year_without_a_day_is_not_confirmed(calendar):
    with platform_scope(), pytest.raises(WrongDays):
        confirm_year(actor(calendar), 2027, source=NOTICE, now=datetime(2026, 11, 4, tzinfo=UTC))


def test_operator_enters_a_year_on_its_page(calendar):
    client = signed_in_client(calendar)
    page = reverse("parks:calendar_year", kwargs={"year": 2027})
    days = {"kind": "off", "first": "2027-02-05", "last": "2027-02-09", "name_zh": "春节", "name_en": "Spring Festival"}
    assert client.post(page, days).status_code == 302
    confirm = reverse("parks:calendar_confirm", kwargs={"year": 2027})
    early = client.post(confirm, {"source": NOTICE})
    assert (early.status_code, list(early.context["year_form"].errors)) == (422, ["source"])
    with platform_scope():
        enter_fixed(2027)
    assert client.post(confirm, {"source": NOTICE}).status_code == 302
    with platform_scope():
        known = CalendarYear.objects.get(year=2027)
        assert (known.source, known.confirmed_by_name) == (NOTICE, calendar.user.name)
        first = CalendarDay.objects.get(day=date(2027, 2, 5))
    assert client.post(reverse("parks:calendar_remove", kwargs={"calendar_day_id": first.pk})).status_code == 302
    left = [day for day in entered(2027) if day.month == 2]
    assert left == [date(2027, 2, 8), date(2027, 2, 9)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": "2026-02-05"}, "first"),
        ({"first": "2027-02-06", "last": ""}, "first"),
        ({"last": "2027-02-01"}, "last"),
        ({"name_zh": ""}, "name_zh"),
    ],
)
def test_wrong_days_come_back_with_what_was_typed(calendar, given, field):
    days = {"kind": "off", "first": "2027-02-05", "last": "2027-02-09", "name_zh": "春节", "name_en": "Typed name"}
    response = signed_in_client(calendar).post(reverse("parks:calendar_year", kwargs={"year": 2027}), days | given)
    assert response.status_code == 422
    assert list(response.context["days_form"].errors) == [field]
    assert b"Typed name" in response.content
    assert entered(2027) == {}


def test_people_of_a_park_read_it_and_enter_nothing(scene, calendar):
    page = reverse("parks:calendar_year", kwargs={"year": 2026})
    for membership in (scene.ours.staff[Role.REVIEWER], scene.ours.firm.people[Role.APPLICANT]):
        client = signed_in_client(membership)
        assert b"National Day" in client.get(page).content
        days = {"kind": "off", "first": "2026-12-01", "name_zh": "甲", "name_en": "A"}
        assert client.post(page, days).status_code == 200
        confirm = reverse("parks:calendar_confirm", kwargs={"year": 2026})
        assert client.post(confirm, {"source": "x"}).status_code == 403
    assert date(2026, 12, 1) not in entered(2026)


def test_operator_is_told_of_the_year_to_enter(calendar, time_machine):
    ParkFactory()
    time_machine.move_to(datetime(2026, 11, 22, 4, tzinfo=UTC))
    assert b"The working days of 2027 are not entered" in signed_in_client(calendar).get("/operator/").content
    with platform_scope():
        enter_fixed(2027)
        confirm_year(actor(calendar), 2027, source=NOTICE, now=datetime(2026, 11, 4, tzinfo=UTC))
    assert b"are not entered" not in signed_in_client(calendar).get("/operator/").content


def test_year_far_away_is_no_page(calendar):
    client = signed_in_client(calendar)
    assert client.get("/calendar/1800/").status_code == 404
    assert client.post("/calendar/1800/confirm/", {"source": NOTICE}).status_code == 404
