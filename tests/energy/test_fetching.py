"""Feeds that the portal fetches: when it is time, each file once, what went wrong, and silence."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import OutgoingMail
from energy.models import Feed, FeedFile, FeedSecret, IntervalBlock, ReadingImport, RejectedReading
from energy.services import feeds as services
from energy.services import trials
from energy.services.fetching import ask_for_due, fetch_steps, place_of, tell_of_silence
from parks.actors import actor_of
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, open_scope, park_scope, platform_scope
from tests.energy.servers import certificate, https_server, reply
from tests.factories import measured

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 7, tzinfo=UTC)
FACTS = {"name": "Utility", "source": "folder", "format": "long_table", "time_zone": "Asia/Shanghai"}
PLACE = {"address": "gateway", "file_pattern": "*.csv", "every_minutes": 60, "daily_at": None}


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def keeper(side):
    return actor_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def folder(side, settings, tmp_path):
    settings.FEED_FOLDER = str(tmp_path)
    inner = tmp_path / side.park.slug / "gateway"
    inner.mkdir(parents=True)
    return inner


@pytest.fixture
def feed(side, keeper, folder):
    with open_scope(keeper.scope):
        added = services.add_feed(keeper, park=side.park, facts=FACTS, now=NOW)
        return services.change_feed(keeper, added, facts=PLACE | {"silent_after_hours": 6}, secret="", now=NOW)


def rows(side, value):
    serial = side.firm.meter.serial
    return f"meter,time,value\n{serial},2026-11-03 00:00,{value}\n{serial},2026-11-03 00:15,#REF!\n"


def fetch(side, feed, now=NOW):
    with park_scope(side.park.pk):
        for _step in fetch_steps(feed.pk, lambda: now):
            pass
        names = list(ReadingImport.objects.filter(feed=feed).order_by("pk").values_list("name", flat=True))
        return names, Feed.objects.get(pk=feed.pk)


def test_each_file_is_taken_once_and_a_changed_one_again(side, feed, folder):
    (folder / "a.csv").write_text(rows(side, 1))
    (folder / "b.csv").write_text(rows(side, 2))
    for number, name in enumerate("ab"):
        os.utime(folder / f"{name}.csv", (number, number))
    names, told = fetch(side, feed)
    assert (names, told.last_problem, told.last_fetch_at, told.last_file_at) == (["a.csv", "b.csv"], "", NOW, NOW)
    assert fetch(side, feed)[0] == ["a.csv", "b.csv"]
    # Touched, with the bytes of before; then written anew.
    os.utime(folder / "a.csv", (9, 9))
    assert fetch(side, feed)[0] == ["a.csv", "b.csv"]
    (folder / "a.csv").write_text(rows(side, 3))
    assert fetch(side, feed)[0] == ["a.csv", "b.csv", "a.csv"]
    with park_scope(side.park.pk):
        assert FeedFile.objects.filter(feed=feed).count() == 4


def test_names_that_are_no_utf_8_hold_up_no_other_file(side, feed, folder):
    """A meter of old software writes its names in GB 18030, and some write what nobody sees."""
    for number, name in enumerate(["电表.csv".encode("gb18030"), b"line\n\x1b[1m.csv", b"z.csv"]):
        at = folder / os.fsdecode(name)
        at.write_text(rows(side, number))
        os.utime(at, (number, number))
    names = ["电表.csv", "line��[1m.csv", "z.csv"]
    for _time in range(2):
        told = fetch(side, feed)
        assert (told[0], told[1].last_problem, told[1].last_fetch_at) == (names, "", NOW)


@pytest.mark.parametrize("name", ["%00.csv", "%ff%fe.csv", "x" * 450])
def test_names_at_web_addresses_are_taken(side, keeper, settings, tmp_path, name):
    settings.FEED_NETWORKS, settings.FEED_CA_FILE = ["127.0.0.0/8"], str(certificate(tmp_path))
    answer = rows(side, 1).encode()
    with (
        https_server(settings.FEED_CA_FILE, lambda handler: reply(handler, answer)) as port,
        open_scope(keeper.scope),
    ):
        feed = services.add_feed(keeper, park=side.park, facts=FACTS | {"source": "https"}, now=NOW)
        services.change_feed(keeper, feed, facts={"address": f"https://localhost:{port}/{name}"}, secret="", now=NOW)
        taken, told = fetch(side, feed)
    assert (len(taken), told.last_problem) == (1, "")


def test_secret_goes_with_the_address_that_it_was_entered_for(side, keeper):
    """Also when somebody changes both while a worker is about to fetch."""
    with open_scope(keeper.scope):
        feed = services.add_feed(keeper, park=side.park, facts=FACTS | {"source": "https"}, now=NOW)
        at = {"address": "https://one.example/", "account": "a"}
        services.change_feed(keeper, feed, facts=at, secret="first", now=NOW)
        seen = Feed.objects.select_related("park").get(pk=feed.pk)
        services.change_feed(keeper, feed, facts=at | {"address": "https://two.example/"}, secret="second", now=NOW)
        place = place_of(seen)
    assert (place.address, place.secret) == ("https://two.example/", "second")


def test_web_address_that_stays_the_same_is_taken_once(side, keeper, settings, tmp_path):
    settings.FEED_NETWORKS, settings.FEED_CA_FILE = ["127.0.0.0/8"], str(certificate(tmp_path))
    bodies = [rows(side, 1)]
    with (
        https_server(settings.FEED_CA_FILE, lambda handler: reply(handler, bodies[-1].encode())) as port,
        open_scope(keeper.scope),
    ):
        feed = services.add_feed(keeper, park=side.park, facts=FACTS | {"source": "https"}, now=NOW)
        services.change_feed(
            keeper, feed, facts={"address": f"https://localhost:{port}/now.csv"}, secret="token", now=NOW
        )
        for _time in range(2):
            assert fetch(side, feed)[0] == ["now.csv"]
        bodies.append(rows(side, 2))
        assert fetch(side, feed)[0] == ["now.csv", "now.csv"]
        settings.FEED_NETWORKS = []
        assert fetch(side, feed)[1].last_problem == "address_refused"


def test_problem_is_told_and_goes_when_it_is_over(side, feed, folder, client_of):
    folder.rmdir()
    told = fetch(side, feed)[1]
    assert told.last_problem == "folder_missing"
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    assertContains(client.get(page("feed_detail", feed.pk)), "There is no such folder.")
    assertContains(client.get(page("feed_list") + "?state=troubled"), "Utility")
    folder.mkdir()
    assert fetch(side, feed)[1].last_problem == ""


def asked(side):
    with platform_scope():
        return OutboxEvent.objects.filter(name="energy.feed_due", payload__park_id=side.park.pk).count()


def test_due_feeds_are_asked_for_once(side, keeper, feed):
    with park_scope(side.park.pk):
        counts = [ask_for_due(side.park, NOW + timedelta(minutes=minutes)) for minutes in (52, 53, 54, 240, 241)]
        assert Feed.objects.get(pk=feed.pk).next_fetch_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert counts == [0, 1, 0, 1, 0]
    with open_scope(keeper.scope):
        services.pause_feed(keeper, feed, now=NOW)
        assert ask_for_due(side.park, NOW + timedelta(days=9)) == 0


def letters(side):
    mails = OutgoingMail.objects.filter(kind__startswith="energy.")
    return [(mail.recipient_id, mail.subject) for mail in mails]


def test_silence_is_told_once_until_a_file_comes(side, keeper, feed, folder):
    def tell(hours):
        with park_scope(side.park.pk):
            return tell_of_silence(side.park, NOW + timedelta(hours=hours))

    assert [tell(hours) for hours in (6, 6.1, 7, 99)] == [0, 1, 0, 0]
    manager = side.staff[Role.PARK_ENERGY_MANAGER].user
    assert [who for who, _subject in letters(side)] == [manager.pk]
    (folder / "a.csv").write_text(rows(side, 1))
    fetch(side, feed, NOW + timedelta(hours=100))
    assert [tell(hours) for hours in (106, 107, 108)] == [0, 1, 0]
    assert len(letters(side)) == 2


def test_trial_says_what_would_become_of_the_newest_file_and_keeps_nothing(side, keeper, feed, folder, client_of):
    (folder / "a.csv").write_text(rows(side, 1.5))
    models = (ReadingImport, IntervalBlock, RejectedReading, FeedFile)
    with open_scope(keeper.scope):
        before = [model.objects.count() for model in models]
        trial = trials.try_source(keeper, feed, now=NOW)
        assert [model.objects.count() for model in models] == before
    counts = trial.counts
    assert (counts.read, counts.stored, counts.unchanged, counts.rejected) == (2, 1, 0, 1)
    assert [(row.name, row.value) for row in trial.rows] == [(side.firm.meter.serial, 1.5)]
    assert [(row.line, row.rule, row.value) for row in trial.refused] == [(3, "unreadable_value", "#REF!")]
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    assertContains(client.post(page("feed_try", feed.pk)), "#REF!")
    sent = SimpleUploadedFile("b.csv", b"nothing to see")
    assertContains(client.post(page("feed_try", feed.pk), {"upload": sent}), "The file could not be read.")
    (folder / "a.csv").unlink()
    assertContains(client.post(page("feed_try", feed.pk)), "There is no file whose name fits.")
    assert client_of(side.staff[Role.AUDITOR]).post(page("feed_try", feed.pk)).status_code == 403


def test_trial_reads_no_archive_that_is_large_inside(side, keeper, feed, folder, monkeypatch):
    """A person, and one of the few who answer pages, waits for it meanwhile."""
    monkeypatch.setattr(trials, "MOST_UNPACKED", 2000)
    with ZipFile(folder / "day.csv", "w", ZIP_DEFLATED) as archive:
        archive.writestr("day.csv", rows(side, 1) + "\n" * 3000)
    with open_scope(keeper.scope):
        assert trials.try_source(keeper, feed, now=NOW).failure == "archive_bomb"


def test_trials_end_some_time(side, keeper, feed, folder):
    with open_scope(keeper.scope):
        for _number in range(trials.MOST_TRIALS):
            trials.try_source(keeper, feed, now=NOW)
        with pytest.raises(trials.TooManyTrials):
            trials.try_source(keeper, feed, now=NOW)


def test_fetch_is_asked_for_by_hand_where_there_is_a_place(side, keeper, feed, client_of):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    before = asked(side)
    client.post(page("feed_fetch", feed.pk))
    assert asked(side) == before + 1
    with open_scope(keeper.scope):
        other = services.add_feed(
            keeper, park=side.park, facts=FACTS | {"name": "By hand", "source": "upload"}, now=NOW
        )
    answer = client.post(page("feed_fetch", other.pk), follow=True)
    assertContains(answer, "This feed is paused, or has no address to look at.")
    assert asked(side) == before + 1


@pytest.mark.parametrize("table", ["import", "file", "secret"])
def test_what_an_enterprise_hangs_on_a_feed_of_the_park_is_refused_by_the_database(side, table):
    """Of a feed of the park it could say that a file was taken already, whatever code writes it."""
    enterprise = side.firm.enterprise
    with park_scope(side.park.pk):
        feed = measured.feed(side.park, name="Of the park")
        own = measured.reading_import(measured.feed(side.park, enterprise), side.firm.people[Role.ENERGY_MANAGER].user)
    about = {"park_id": side.park.pk, "enterprise": enterprise, "feed": feed}
    told = {"name": "day.csv", "mark": "1-1", "reading_import": own, "found_at": NOW}
    rows = {
        "import": ReadingImport(**about, name="a.csv", sha256="0" * 64, size_bytes=1, file="parks/1/a"),
        "file": FeedFile(**about, **told),
        "secret": FeedSecret(**about, sealed="-"),
    }
    with enterprise_scope(side.park.pk, enterprise.pk), pytest.raises(IntegrityError, match="hangs on a feed"):
        rows[table].save(force_insert=True)
