"""The page and the API by which an import is undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from energy.models import MOST_TAKEN_UP, ImportUndo, IntervalBlock, ReadingImport, ReadingIssue
from energy.services import quality
from lib.templatetags.ui import local_day
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.energy.cases import NOW, bring_in, take_in
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.quality import usual

pytestmark = pytest.mark.django_db
FIRST = date(2026, 10, 12)
HEAD = "meter,time,value\n"


def days(count, first=FIRST, changed=None):
    rows = [
        f"M1,{day} {hour:02}:00,{(changed or {}).get((day, hour), value)}\n"
        for day in (first + timedelta(days=step) for step in range(count))
        for hour, value in enumerate(usual(day))
    ]
    return HEAD + "".join(rows)


@pytest.fixture
def brought(side):
    with park_scope(side.park.pk):
        channel = meter_with_channel(side.park, interval_minutes=60, rated_power_kw=100)
        feed = feed_of(side.park, name="Of the meters")
        bring_in(feed, days(14), "october.csv")
        wrong = bring_in(feed, days(1, FIRST + timedelta(days=14), {(FIRST + timedelta(days=14), 3): 99}), "wrong.csv")
        later = bring_in(feed, HEAD + f"M1,{FIRST + timedelta(days=14)} 05:00,3.5\n", "later.csv")
    return channel, wrong, later


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


def page(row, name="import_undo"):
    return reverse(f"energy:{name}", args=[row.pk])


def test_page_shows_what_would_change_and_asks_why(side, brought, manager):
    _channel, wrong, later = brought
    shown = manager.get(page(wrong)).content.decode()
    assert str(local_day(FIRST + timedelta(days=14))) in shown
    assert later.name in shown

    answer = manager.post(page(wrong), {"reason": ""})

    assert answer.status_code == 422
    with park_scope(side.park.pk):
        assert not ImportUndo.objects.exists()


def test_import_is_undone_and_its_days_are_looked_at_again(side, brought, manager, run_outbox):
    channel, wrong, _later = brought
    day = FIRST + timedelta(days=14)
    with park_scope(side.park.pk):
        assert quality.check_import(wrong.pk, after=None, now=NOW) is None

    answer = manager.post(page(wrong), {"reason": "of another meter"})
    assert (answer.status_code, answer["Location"]) == (302, page(wrong, "import_detail"))
    assert "of another meter" in manager.get(answer["Location"]).content.decode()
    # The worker tells that it is done, and then the days are looked at.
    run_outbox(), run_outbox()

    with park_scope(side.park.pk):
        row, undo = ReadingImport.objects.get(pk=wrong.pk), ImportUndo.objects.get()
        block = IntervalBlock.objects.get(channel=channel, day=day)
        missing = ReadingIssue.objects.get(channel=channel, day=day, rule="missing")
    assert (row.state, undo.readings_restored, undo.readings_kept) == ("undone", 23, 1)
    assert block.values == [None] * 5 + [3.5] + [None] * 18
    assert (missing.state, len(missing.places)) == ("open", 23)
    told = manager.get(page(wrong, "import_detail")).content.decode()
    assert ("23 readings are as before" in told, "1 stays as it was settled since" in told) == (True, True)
    assert page(wrong) not in told
    again = manager.post(page(wrong), {"reason": "again"})
    assert again.status_code == 422


def test_page_asks_for_news_while_the_worker_is_at_it(side, brought, manager):
    _channel, wrong, _later = brought
    manager.post(page(wrong), {"reason": "of another meter"})
    with park_scope(side.park.pk):
        undo = ImportUndo.objects.get()
        ImportUndo.objects.update(finished_at=None, beat_at=None, at=undo.at)
        is_over = ReadingImport.objects.get(pk=wrong.pk).state == "undone"
    assert is_over is False
    live = manager.get(page(wrong, "import_detail"), headers={"HX-Request": "true"})
    assert "Being undone" in live.content.decode()

    with park_scope(side.park.pk):
        ImportUndo.objects.update(at=undo.at - timedelta(hours=1))

    assert manager.get(page(wrong, "import_detail"), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    told = manager.get(page(wrong, "import_detail")).content.decode()
    assert page(wrong, "import_undo_resume") in told
    assert "Another worker takes it up within minutes" in told
    with park_scope(side.park.pk):
        ImportUndo.objects.update(taken_up=MOST_TAKEN_UP)
    told = manager.get(page(wrong, "import_detail")).content.decode()
    assert ("Another worker" in told, "Undoing does not get on." in told) == (False, True)
    assert manager.post(page(wrong, "import_undo_resume")).status_code == 302


def test_api_undoes_an_import_and_tells_how_it_went(side, brought, manager, run_outbox):
    _channel, wrong, later = brought
    address = reverse("api:energy:import_undo", args=[wrong.pk])
    preview = manager.get(reverse("api:energy:import_undo_preview", args=[wrong.pk])).json()
    assert preview == {
        "added": 24,
        "corrected": 0,
        "channel_count": 1,
        "first_day": "2026-10-26",
        "last_day": "2026-10-26",
        "later_imports": [str(later.pk)],
        "later_count": 1,
        "act_count": 0,
    }
    assert manager.get(address).status_code == 404

    asked = manager.post(address, {"reason": "of another meter"}, content_type="application/json")
    assert (asked.status_code, asked.json()["finished_at"]) == (202, None)
    run_outbox()

    told = manager.get(address).json()
    assert (told["readings_restored"], told["readings_kept"], told["finished_at"] is None) == (23, 1, False)
    assert manager.post(address, {"reason": "twice"}, content_type="application/json").status_code == 409


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PARK_ADMINISTRATOR])
def test_who_does_not_keep_meters_undoes_nothing(side, brought, client_of, role):
    _channel, wrong, _later = brought
    client = client_of(side.staff[role])

    assert client.post(page(wrong), {"reason": "no"}).status_code == 403
    address = reverse("api:energy:import_undo", args=[wrong.pk])
    assert client.post(address, {"reason": "no"}, content_type="application/json").status_code == 403
    with park_scope(side.park.pk):
        assert not ImportUndo.objects.exists()


@pytest.fixture
def own(side):
    """A feed of an enterprise, the channel that it fills, and the enterprise's energy manager."""
    person = side.firm.people[Role.ENERGY_MANAGER]
    with park_scope(side.park.pk):
        meter_with_channel(side.park, "E1", side.firm.enterprise, interval_minutes=60)
        return feed_of(side.park, name="Our own", enterprise=side.firm.enterprise), person


def state_of(side, row):
    with park_scope(side.park.pk):
        return ReadingImport.objects.get(pk=row.pk).state


def test_enterprise_undoes_its_own_files(side, own, client_of, run_outbox):
    feed, person = own
    with park_scope(side.park.pk):
        row = bring_in(feed, HEAD + "E1,2026-10-12 00:00,4\n")

    assert client_of(person).post(page(row), {"reason": "ours, and wrong"}).status_code == 302
    run_outbox()

    assert state_of(side, row) == "undone"


def test_enterprise_stops_its_own_file_that_waits(side, own, client_of):
    feed, person = own
    with park_scope(side.park.pk):
        row = take_in(feed, HEAD + "E1,2026-10-12 00:00,4\n")

    assert client_of(person).post(page(row, "import_cancel")).status_code == 302

    assert state_of(side, row) == "cancelled"
