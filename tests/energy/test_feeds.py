"""Feeds as people keep them: added, changed, paused; their secrets; when they are fetched."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.schedule import next_fetch
from energy.models import Feed, FeedSecret
from energy.services import feeds as services
from lib.sealing import unseal
from parks.actors import actor_of
from parks.choices import PARK_ROLES, Role
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, open_scope, park_scope
from tests.energy.cases import bring_in, counts, held

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 7, tzinfo=UTC)
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
LIST_QUERIES = 10 + 2
FACTS = {"name": "Utility", "source": "https", "format": "long_table", "time_zone": "Asia/Shanghai"}
PLACE = {"address": "https://meters.example.com/a.csv", "account": "park", "every_minutes": 60, "daily_at": None}


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def keeper(side):
    return actor_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def feed(side, keeper):
    with open_scope(keeper.scope):
        added = services.add_feed(keeper, park=side.park, facts=FACTS, now=NOW)
        return services.change_feed(keeper, added, facts=PLACE, secret="open sesame", now=NOW)


@pytest.mark.parametrize(
    ("after", "every", "daily", "zone", "expected"),
    [
        ("2026-11-22T04:00:00", 15, None, "Asia/Shanghai", "2026-11-22T04:15:00"),
        ("2026-11-22T15:50:00", 360, None, "Asia/Shanghai", "2026-11-22T16:00:00"),
        ("2026-11-22T18:30:00", 1440, time(2, 30), "Asia/Shanghai", "2026-11-23T18:30:00"),
        # The clocks of London go forward at 01:00 UTC on 28 March 2027, and back on 31 October 2026.
        ("2027-03-27T12:00:00", 1440, time(1, 30), "Europe/London", "2027-03-28T01:30:00"),
        ("2026-10-31T23:10:00", 1440, time(0, 30), "Europe/London", "2026-11-01T00:30:00"),
        ("2026-10-24T23:10:00", 360, None, "Europe/London", "2026-10-25T05:00:00"),
        ("2026-10-25T23:30:00", 360, None, "Europe/London", "2026-10-26T00:00:00"),
    ],
)
def test_next_fetch_is_by_the_clock_of_the_park(after, every, daily, zone, expected):
    found = next_fetch(datetime.fromisoformat(after).replace(tzinfo=UTC), every, daily, ZoneInfo(zone))
    assert found.isoformat() == f"{expected}+00:00"


def test_schedule_begins_when_it_is_set_and_stops_with_a_pause(keeper, feed):
    assert feed.next_fetch_at == datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
    with open_scope(keeper.scope):
        assert services.pause_feed(keeper, feed, now=NOW).next_fetch_at is None
        later = datetime(2026, 11, 22, 9, 59, tzinfo=UTC)
        resumed = services.resume_feed(keeper, feed, now=later)
    assert (resumed.is_paused, resumed.next_fetch_at) == (False, datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    assert resumed.waits_since == later


def test_secret_is_sealed_and_told_nowhere(side, manager, feed):
    with park_scope(side.park.pk):
        sealed = FeedSecret.objects.get(feed=feed).sealed
        told = [str(event.after) for event in AuditEvent.objects.filter(row_id=str(feed.pk))]
    assert unseal(sealed, services.SEALED_FOR) == "open sesame"
    assert len(told) == 2
    for text in (sealed, *told):
        assert "sesame" not in text
    for name in ("feed_detail", "feed_edit"):
        shown = manager.get(page(name, feed.pk))
        assertNotContains(shown, "sesame")
        assertNotContains(shown, sealed)


@pytest.mark.parametrize("moved", [{"address": "https://elsewhere.example.com/"}, {"account": "other"}])
def test_secret_goes_to_no_other_place(keeper, feed, moved):
    with open_scope(keeper.scope):
        with pytest.raises(services.SecretAgain), transaction.atomic():
            services.change_feed(keeper, feed, facts=PLACE | moved, secret="", now=NOW)
        kept = services.change_feed(keeper, feed, facts=PLACE | {"every_minutes": None}, secret="", now=NOW)
        assert (kept.secret_set_at, kept.next_fetch_at) == (NOW, None)
        services.change_feed(keeper, feed, facts=PLACE | moved, secret="again", now=NOW)
        assert unseal(FeedSecret.objects.get(feed=feed).sealed, services.SEALED_FOR) == "again"


def test_enterprise_has_no_folder_of_the_park(side):
    own = actor_of(side.firm.people[Role.ENERGY_MANAGER])
    with open_scope(own.scope), pytest.raises(services.FolderOfPark), transaction.atomic():
        services.add_feed(own, park=side.park, facts=FACTS | {"source": "folder"}, now=NOW)
    within = enterprise_scope(side.park.pk, side.firm.enterprise.pk)
    with within, pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.filter(pk=side.firm.feed.pk).update(source="folder")


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_feeds_are_read_by_who_works_with_meters_and_kept_by_the_energy_manager(side, client_of, feed, role):
    client = client_of(side.staff[role])
    for name in ("feed_list", "feed_detail"):
        answer = client.get(page(name, *([feed.pk] if name == "feed_detail" else [])))
        assert answer.status_code == (200 if role in READERS else 403)
    assert client.get(page("feed_edit", feed.pk)).status_code == (200 if role == Role.PARK_ENERGY_MANAGER else 403)
    actor = actor_of(side.staff[role])
    if role != Role.PARK_ENERGY_MANAGER:
        with open_scope(actor.scope), pytest.raises(PermissionDenied):
            services.pause_feed(actor, feed, now=NOW)


def test_enterprise_sees_its_own_feeds_alone(side, client_of, feed):
    own = client_of(side.firm.people[Role.ENERGY_MANAGER])
    shown = own.get(page("feed_list"))
    assertContains(shown, "OURS first firm feed")
    for foreign in (feed, side.neighbour.feed):
        assertNotContains(shown, foreign.name)
        assert own.get(page("feed_detail", foreign.pk)).status_code == 404
        assert own.post(page("feed_pause", foreign.pk)).status_code == 404


def test_feed_is_added_changed_and_paused_by_its_pages(side, manager):
    added = manager.post(page("feed_create"), FACTS | {"name": "Weather"})
    with park_scope(side.park.pk):
        feed = Feed.objects.get(name="Weather")
    assert added["Location"] == page("feed_edit", feed.pk)
    sent = {"name": "Weather", "format": "long_table", "time_zone": "Asia/Shanghai", "every_minutes": "1440"}
    for address in ("http://meters.example.com/", "https://me:pw@meters.example.com/", "https:///x"):
        refused = manager.post(page("feed_edit", feed.pk), sent | {"address": address, "daily_at": "06:15"})
        assert refused.status_code == 422
    at = {"address": "https://meters.example.com/x.csv"}
    assertContains(manager.post(page("feed_edit", feed.pk), sent | at), "Say at what time of the day.", status_code=422)
    assert manager.post(page("feed_edit", feed.pk), sent | at | {"daily_at": "06:15"}).status_code == 302
    assertContains(manager.get(page("feed_detail", feed.pk)), "Every day at 06:15")
    manager.post(page("feed_pause", feed.pk))
    assertContains(manager.get(page("feed_list") + "?state=paused"), "Weather")
    manager.post(page("feed_resume", feed.pk))
    assertNotContains(manager.get(page("feed_list") + "?state=paused"), "Weather")
    assertContains(manager.get(page("feed_list") + "?export=csv&q=weath"), "Every day at 06:15")


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_feeds_takes_the_same_queries(side, manager, django_assert_num_queries, count):
    with park_scope(side.park.pk):
        for number in range(count):
            Feed.objects.create(park=side.park, name=f"Feed {number:02}", format="nem12", time_zone="Asia/Shanghai")
    manager.get(page("feed_list"))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(page("feed_list"))


def test_pushed_readings_come_in_their_own_format(side, manager):
    manager.post(page("feed_create"), FACTS | {"name": "Box", "source": "push", "format": ""})
    with park_scope(side.park.pk):
        assert Feed.objects.get(name="Box").format == "pushed"
    assertContains(
        manager.post(page("feed_create"), FACTS | {"name": "Box 2", "format": ""}), "Choose one.", status_code=422
    )


def test_columns_of_a_table_are_named_and_read_so(side, manager):
    manager.post(page("feed_create"), FACTS | {"name": "Odd", "source": "upload"})
    with park_scope(side.park.pk):
        feed = Feed.objects.get(name="Odd")
    address = page("feed_columns", feed.pk)
    assert manager.post(address, {"meter": "Zaehler", "time": "Zaehler"}).status_code == 422
    assert manager.post(address, {"names": "no sign"}).status_code == 422
    sent = {"meter": "Zaehler", "time": "Zeit", "value": "Wert", "stamp": "end", "decimal": ","}
    answer = manager.post(address, sent | {"names": f"hall = {side.firm.meter.serial}\n\n"})
    assert answer["Location"] == page("feed_try", feed.pk)
    with park_scope(side.park.pk):
        feed.refresh_from_db()
        assert feed.mapping == sent | {"names": {"hall": side.firm.meter.serial}}
        row = bring_in(feed, "Zaehler;Zeit;Wert\nhall;2026-11-03 00:15;1,5\nhall;2026-11-03 00:30;2,5\n")
        assert counts(row) == (2, 2, 0, 0)
        assert held(side.firm.channel)["2026-11-03"][:3] == [1.5, 2.5, None]
    assertContains(manager.get(address), "Zaehler")


def test_key_of_a_file_server_keeps_its_lines_and_does_not_come_back(side, manager):
    manager.post(page("feed_create"), FACTS | {"name": "Files", "source": "sftp"})
    with park_scope(side.park.pk):
        feed = Feed.objects.get(name="Files")
    sent = {"name": "Files", "format": "long_table", "time_zone": "Asia/Shanghai", "account": "park"}
    sent |= {"address": "files.example.com/out", "secret": "-----BEGIN\nsecret lines\n-----END\n"}
    refused = manager.post(page("feed_edit", feed.pk), sent | {"host_key": "SHA256:short"})
    assertContains(refused, "A fingerprint is SHA256: and 43 characters.", status_code=422)
    assertNotContains(refused, "secret lines", status_code=422)
    assert manager.post(page("feed_edit", feed.pk), sent | {"host_key": f"SHA256:{'a' * 43}="}).status_code == 302
    with park_scope(side.park.pk):
        assert unseal(FeedSecret.objects.get(feed=feed).sealed, services.SEALED_FOR) == sent["secret"]
