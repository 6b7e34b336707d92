"""Files of readings as people bring them: upload, progress, what was rejected, stopping and going on."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from config.environment import ROOT
from energy.choices import FeedFormat, ImportState
from energy.models import Feed, IntervalBlock, ReadingImport
from energy.services.readings import import_steps
from energy.views.import_words import FAILURES
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.energy.cases import clock
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
# Six rows: four readings, a word for a number, a meter that nobody entered.
ROWS = """meter,time,value
{serial},2026-11-03 00:00,1.5
{serial},2026-11-03 00:15,2.5
{serial},2026-11-03 00:30,#REF!
{serial},2026-11-03 00:45,3.0
TX-0419,2026-11-03 00:00,9
{serial},2026-11-03 01:00,1.0
"""
LIST_QUERIES = 10 + 2


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side, client_of):
    return client_of(side.firm.people[Role.ENERGY_MANAGER])


@pytest.fixture
def feed(side):
    with park_scope(side.park.pk):
        return Feed.objects.create(
            park=side.park, name="Gateway", format=FeedFormat.LONG_TABLE, time_zone="Asia/Shanghai"
        )


def upload(client, feed, body):
    sent = SimpleUploadedFile("november.csv", body.encode())
    return client.post(page("import_upload"), {"feed": str(feed.pk), "upload": sent})


def taken(side):
    with park_scope(side.park.pk):
        return ReadingImport.objects.get(name="november.csv")


def work(side, reading_import):
    with park_scope(side.park.pk):
        for _step in import_steps(reading_import.pk, clock):
            pass


@pytest.fixture
def imported(side, manager, feed):
    """The file, brought by the park's energy manager and read by the worker."""
    upload(manager, feed, ROWS.format(serial=side.firm.meter.serial))
    work(side, taken(side))
    return taken(side)


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_file_waits_for_the_worker_and_then_adds_up(side, manager, feed):
    response = upload(manager, feed, ROWS.format(serial=side.firm.meter.serial))
    waiting = taken(side)
    assertRedirects(response, page("import_detail", waiting.pk))
    assertContains(manager.get(page("import_detail", waiting.pk)), 'hx-trigger="every 1500ms"')
    lively = manager.get(page("import_detail", waiting.pk), headers={"HX-Request": "true"})
    assertContains(lively, "Read so far")
    assertNotContains(lively, "<html")

    work(side, waiting)
    shown = manager.get(page("import_detail", waiting.pk)).content.decode()
    sum_of_it = shown[shown.index("import-sum") : shown.index("</dl>", shown.index("import-sum"))]
    # A list of terms holds groups of terms alone: a sign between two of them stands within one.
    assert re.findall(r"<div[^>]*>\s*(?!<dt>)", sum_of_it) == []
    assert "Readings of the file 6 = Stored 4 + Unchanged 0 + Rejected 2" in plain(sum_of_it)
    assert manager.get(page("import_detail", waiting.pk), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    with park_scope(side.park.pk):
        block = IntervalBlock.objects.get(channel=side.firm.channel)
    assert block.values[:5] == [1.5, 2.5, None, 3.0, 1.0]


def test_rejected_rows_say_where_they_stand_and_what_to_do(manager, imported):
    address = page("import_detail", imported.pk)
    shown = manager.get(address)
    assertContains(shown, "#REF!")
    assertContains(shown, "TX-0419")
    assertContains(shown, "Enter the meter, or give it this serial number and code.")
    unknown = manager.get(f"{address}?rule=unknown_meter")
    assertContains(unknown, "TX-0419")
    assertNotContains(unknown, "#REF!")
    rows = manager.get(page("import_rejected", imported.pk)).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert rows[0].startswith('"Line","Column","Readings","Meter"')
    assert rows[1].startswith('"4",')
    assert '"#REF!","The value is not a number"' in rows[1]
    assert rows[2].startswith('"6",')


def test_same_file_is_in_once(side, manager, feed):
    whole = ROWS.format(serial=side.firm.meter.serial).replace("#REF!", "2").replace("TX-0419,2026-11-03 00:00,9\n", "")
    upload(manager, feed, whole)
    first = taken(side)
    work(side, first)
    again = upload(manager, feed, whole)
    assertRedirects(again, page("import_detail", first.pk), fetch_redirect_response=False)
    assertContains(manager.get(page("import_detail", first.pk)), "This file is in already")


def test_import_is_stopped_and_taken_up_again(side, manager, feed):
    upload(manager, feed, ROWS.format(serial=side.firm.meter.serial))
    waiting = taken(side)
    manager.post(page("import_cancel", waiting.pk))
    assert taken(side).state == ImportState.CANCELLED
    assertContains(manager.get(page("import_detail", waiting.pk)), page("import_resume", waiting.pk))
    manager.post(page("import_resume", waiting.pk))
    work(side, waiting)
    done = taken(side)
    assert (done.state, done.readings_read, done.readings_stored) == (ImportState.DONE, 6, 4)
    refused = manager.post(page("import_cancel", waiting.pk), follow=True)
    assertContains(refused, "This import has ended already.")


def test_unreadable_file_says_why(side, manager, feed):
    upload(manager, feed, "nothing to see here")
    work(side, taken(side))
    failed = taken(side)
    assert failed.state == ImportState.FAILED
    assertContains(manager.get(page("import_detail", failed.pk)), "The file could not be read to its end.")


def test_empty_file_is_refused(manager, feed):
    response = upload(manager, feed, "")
    assertContains(response, "The file is empty.", status_code=422)


def test_enterprise_brings_files_to_its_own_feed_for_its_own_meters(side, own_manager, feed):
    """Readings of a neighbour's meter are of no meter that the feed knows."""
    assert upload(own_manager, feed, ROWS).status_code == 422
    own = {"name": "Our gateway", "format": "long_table", "time_zone": "Asia/Shanghai", "source": "upload"}
    assert own_manager.post(page("feed_create"), own).status_code == 302
    with park_scope(side.park.pk):
        made = Feed.objects.get(name="Our gateway")
    assert made.enterprise_id == side.firm.enterprise.pk
    upload(own_manager, made, ROWS.format(serial=side.neighbour.meter.serial))
    work(side, taken(side))
    told = taken(side)
    assert (told.readings_read, told.readings_stored, told.enterprise_id) == (6, 0, side.firm.enterprise.pk)
    assertContains(own_manager.get(page("import_list")), "november.csv")


def test_owner_gives_the_name_of_a_feed_once_whatever_others_call_theirs(side, own_manager, feed):
    own = {"name": feed.name, "format": "long_table", "time_zone": "Asia/Shanghai", "source": "upload"}
    assert own_manager.post(page("feed_create"), own).status_code == 302
    assertContains(own_manager.post(page("feed_create"), own), "A feed has this name already.", status_code=422)


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ENERGY_MANAGER}))
def test_other_officials_bring_stop_and_resume_nothing(side, client_of, imported, role):
    client = client_of(side.staff[role])
    may_read = role in {Role.AUDITOR, Role.PARK_ADMINISTRATOR}
    for name in ("import_detail", "import_rejected", "import_file"):
        assert client.get(page(name, imported.pk)).status_code == (200 if may_read else 403)
    assert client.get(page("import_upload")).status_code == 403
    assert client.get(page("feed_create")).status_code == 403
    for name in ("import_cancel", "import_resume"):
        assert client.post(page(name, imported.pk)).status_code == 403


def test_every_reason_to_refuse_a_file_has_words():
    sources = [*ROOT.glob("energy/formats/*.py"), *ROOT.glob("energy/services/readings/*.py")]
    found = {code for path in sources for code in re.findall(r'UnreadableFile\(\s*"(\w+)"', path.read_text())}
    assert found > {"nem13", "utf16", "file_gone"}
    columns = {f"no_column_{name}" for name in ("day", "meter", "time", "value")}
    assert found - FAILURES.keys() == set()
    assert columns <= FAILURES.keys()


def test_file_is_handed_out_as_it_came(side, manager, imported):
    body = manager.get(page("import_file", imported.pk))
    assert body.content.decode() == ROWS.format(serial=side.firm.meter.serial)
    assert "attachment" in body["Content-Disposition"]


def test_list_asks_as_much_for_many_files_as_for_one(side, manager, imported, django_assert_num_queries):
    from tests.factories.measured import reading_import

    manager.get(page("import_list"))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(page("import_list"))
    with park_scope(side.park.pk):
        for number in range(12):
            reading_import(imported.feed, side.staff[Role.PARK_ENERGY_MANAGER].user, f"file {number}.csv")
    with django_assert_num_queries(LIST_QUERIES):
        assertContains(manager.get(page("import_list")), "file 11.csv")


def test_empty_list_invites_to_begin(client_of):
    park = ParkFactory()
    assertContains(client_of(person(Role.PARK_ENERGY_MANAGER, park)).get(page("import_list")), page("import_upload"))
    assertNotContains(client_of(person(Role.AUDITOR, park)).get(page("import_list")), page("import_upload"))
    assertContains(client_of(person(Role.PARK_ENERGY_MANAGER, park)).get(page("import_upload")), page("feed_create"))
