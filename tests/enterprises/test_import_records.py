"""What stays of an import: its record for good, its rows for a while, and in the trail what people did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from enterprises import tasks
from enterprises.management.commands.make_register import made_up
from enterprises.models import RegisterImport
from enterprises.models.imports import ROWS_KEPT
from enterprises.services import imports
from parks.services import orphans
from tenancy.models import AuditEvent
from tenancy.scopes import Author, login_scope, park_scope
from tests.enterprises.imports import CODE, act, checked, counts, imported, official, rows, stored, table_text, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(side, client_of):
    return client_of(official(side))


def events_of(side, found):
    with park_scope(side.park.pk):
        events = AuditEvent.objects.filter(table_name=RegisterImport._meta.db_table, row_id=str(found.pk))
        return [(event.action, event.after["state"]) for event in events.order_by("id")]


def ended(side, found, ago):
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(finished_at=timezone.now() - ago)
    return stored(side, found)


def detail(client, found):
    return client.get(reverse("enterprises:import_detail", args=[found.pk]))


def test_trail_tells_each_state_and_no_chunk(side, monkeypatch):
    for module in (imports.checking, imports.importing):
        monkeypatch.setattr(module, "ROWS_A_STEP", 2)
    done = imported(side, workbook(made_up(10)), "a.xlsx")
    assert events_of(side, done) == [
        ("INSERT", "uploaded"),
        ("UPDATE", "checking"),
        ("UPDATE", "checked"),
        ("UPDATE", "importing"),
        ("UPDATE", "done"),
    ]


def test_quiet_columns_hide_nothing_else(side):
    done = imported(side, table_text(f"{CODE},甲公司"))
    before = len(events_of(side, done))
    with park_scope(side.park.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE enterprises_registerimport SET rows_done = 0, beat_at = now() WHERE id = %s", [done.pk])
        assert AuditEvent.objects.filter(row_id=str(done.pk)).count() == before
        cursor.execute("UPDATE enterprises_registerimport SET rows_done = 1, name = 'b' WHERE id = %s", [done.pk])
        (event,) = AuditEvent.objects.filter(row_id=str(done.pk), after__has_key="name", action="UPDATE")
    assert event.after == {"name": "b", "rows_done": 1}


def test_rows_are_forgotten_so_long_after_the_end_and_the_record_stays(side, monkeypatch):
    monkeypatch.setattr(imports.retention, "ROWS_A_STEP", 2)
    old = ended(side, imported(side, workbook(made_up(5)), "a.xlsx"), ROWS_KEPT)
    young = ended(side, checked(side, workbook(made_up(3)), "b.xlsx"), ROWS_KEPT - timedelta(days=1))
    for _again in range(2):
        tasks.forget_import_rows_of_every_park.delay()
    assert (rows(side, old), len(rows(side, young))) == ([], 3)
    assert counts(stored(side, old)) == ("done", 5, 5, 0, 0, 0)


def test_rows_are_deleted_so_many_at_a_time(side, monkeypatch):
    monkeypatch.setattr(imports.retention, "ROWS_A_STEP", 2)
    old = ended(side, checked(side, workbook(made_up(5)), "a.xlsx"), ROWS_KEPT)
    with park_scope(side.park.pk):
        left = [old.rows.count() for _step in imports.forget_rows(side.park.pk, timezone.now())]
    assert left == [3, 1, 0]


@pytest.mark.parametrize(("silent_for", "left"), [(timedelta(minutes=1), 3), (ROWS_KEPT, 0)])
def test_rows_of_an_import_stay_while_it_runs_and_not_where_its_worker_left_it(side, silent_for, left):
    found = checked(side, workbook(made_up(3)), "a.xlsx")
    later = timezone.now() + timedelta(days=400)
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(finished_at=None, beat_at=later - silent_for)
    with time_machine.travel(later):
        tasks.forget_import_rows.delay(park_id=side.park.pk)
    assert len(rows(side, found)) == left


def test_page_says_how_long_the_rows_are_kept_and_that_they_are_gone(side, client):
    found = checked(side, table_text(f"{CODE},甲公司"))
    assertContains(detail(client, found), "The file and its rows are kept until")
    page = detail(client, ended(side, found, ROWS_KEPT))
    assertContains(page, "They are deleted 90 days after the check or the import.")
    assertNotContains(page, "Import 1 new enterprise")


def test_file_is_forgotten_with_its_rows(side):
    old = ended(side, imported(side, workbook(made_up(5)), "a.xlsx"), ROWS_KEPT)
    young = ended(side, checked(side, workbook(made_up(3)), "b.xlsx"), ROWS_KEPT - timedelta(days=1))
    path = old.file.name
    for _again in range(2):
        tasks.forget_import_rows.delay(park_id=side.park.pk)

    assert (stored(side, old).file.name, stored(side, old).sample) == ("", [])
    assert (stored(side, old).name, stored(side, young).file.name) == ("a.xlsx", young.file.name)
    assert default_storage.exists(path)
    with login_scope(Author()):
        orphans.sweep_orphans(list(orphans.sweepable_places(side.park.pk)), timezone.now() + timedelta(days=2))
    assert (default_storage.exists(path), default_storage.exists(young.file.name)) == (False, True)


def test_forgotten_file_is_neither_checked_nor_gone_on_with(side, client):
    found = checked(side, table_text(f"{CODE},甲公司"))
    later = timezone.now() + ROWS_KEPT
    with park_scope(side.park.pk):
        list(imports.forget_rows(side.park.pk, later))
        RegisterImport.objects.filter(pk=found.pk).update(state="checking", beat_at=None)
    with pytest.raises(imports.ImportNotNow, match="Upload it again"):
        act(side, imports.resume_import, found, now=later)
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(state="checked")
    with pytest.raises(imports.ImportNotNow, match="Upload it again"):
        act(side, imports.match_columns, found, mapping=found.mapping, now=later)
    assert detail(client, found).status_code == 200
    assert client.get(reverse("enterprises:import_match", args=[found.pk])).status_code == 200
    assert client.get(reverse("enterprises:import_rejected", args=[found.pk])).status_code == 200
    file_url = reverse("enterprises:import_file", args=[found.pk])
    assert client.get(file_url).status_code == 404
    assertNotContains(detail(client, found), file_url)


def test_check_whose_rows_are_gone_is_made_anew(side):
    found = ended(side, checked(side, table_text(f"{CODE},甲公司")), ROWS_KEPT)
    with pytest.raises(imports.ImportNotNow, match="Upload the file again"):
        act(side, imports.start_import, found, with_updates=True, is_code_confirmed=True, now=timezone.now())
    again = act(side, imports.match_columns, found, mapping=found.mapping, now=timezone.now())
    assert counts(again) == ("checked", 1, 1, 0, 0, 0)
