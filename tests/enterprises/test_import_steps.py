"""Imports that stop, die, or meet another worker, and go on."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from accounts.models import User
from enterprises import tasks
from enterprises.management.commands.make_register import made_up
from enterprises.models import RegisterImport
from enterprises.services import imports
from enterprises.services.registration_ground import NotAllowed
from parks.models import Membership, Park
from tenancy.scopes import park_scope
from tests.enterprises.imports import (
    CHECK,
    CODE,
    NAME,
    NOW,
    act,
    begun,
    checked,
    counts,
    imported,
    official,
    register,
    rows,
    start,
    stored,
    table_text,
    take_in,
    workbook,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def _small_steps(monkeypatch):
    """Several chunks out of few rows."""
    for module in (imports.checking, imports.importing):
        monkeypatch.setattr(module, "ROWS_A_STEP", 4)


def steps_of(side, service, found, taken_steps):
    """So many steps of the worker, which then dies."""
    run = service(found.pk)
    for _step in range(taken_steps):
        with park_scope(side.park.pk):
            next(run)
    run.close()


IMPORT = partial(imports.import_rows, by_user_id=1, clock=lambda: NOW)


@pytest.mark.usefixtures("_small_steps")
def test_check_goes_on_where_the_worker_died(side):
    taken = take_in(side, workbook(made_up(10, broken=20)), "a.xlsx")
    found = begun(side, imports.match_columns, taken, mapping=imports.matched(taken.headings))
    steps_of(side, CHECK, found, 2)
    half = stored(side, found)
    assert (half.state, half.rows_total, half.rows_checked, half.beat_at) == ("checking", 10, 4, NOW)
    assert counts(act(side, imports.resume_import, found, now=LATER)) == ("checked", 10, 8, 0, 0, 2)
    assert [row.number for row in rows(side, found)] == list(range(2, 12))


@pytest.mark.usefixtures("_small_steps")
def test_import_goes_on_where_the_worker_died(side):
    found = begun(
        side,
        imports.start_import,
        checked(side, workbook(made_up(10)), "a.xlsx"),
        with_updates=True,
        is_code_confirmed=False,
    )
    steps_of(side, IMPORT, found, 1)
    assert (stored(side, found).rows_done, len(register(side))) == (4, 6)
    done = act(side, imports.resume_import, found, now=LATER)
    assert (counts(done), done.rows_done, len(register(side))) == (("done", 10, 10, 0, 0, 0), 10, 12)


@pytest.mark.usefixtures("_small_steps")
def test_two_workers_at_one_import_do_everything_once(side):
    found = begun(
        side,
        imports.start_import,
        checked(side, workbook(made_up(10)), "a.xlsx"),
        with_updates=True,
        is_code_confirmed=False,
    )
    first, second = IMPORT(found.pk), IMPORT(found.pk)
    over = object()
    while True:
        with park_scope(side.park.pk):
            ended = [next(run, over) is over for run in (first, second)]
        if all(ended):
            break
    done = stored(side, found)
    assert (counts(done), done.rows_done, len(register(side))) == (("done", 10, 10, 0, 0, 0), 10, 12)


def end_place(membership):
    Membership.objects.filter(pk=membership.pk).update(is_active=False, ended_at=NOW)


def close_account(membership):
    User.objects.filter(pk=membership.user_id).update(is_active=False)


@pytest.mark.parametrize("end", [end_place, close_account])
def test_who_was_dismissed_imports_nothing_more(side, end):
    found = begun(
        side,
        imports.start_import,
        checked(side, table_text(f"{CODE},{NAME}")),
        with_updates=True,
        is_code_confirmed=False,
    )
    end(official(side))
    with pytest.raises(NotAllowed):
        tasks.import_rows(park_id=side.park.pk, register_import_id=str(found.pk), by_user_id=official(side).user_id)
    assert (stored(side, found).state, register(side, credit_code=CODE)) == ("importing", [])


@pytest.mark.usefixtures("_small_steps")
def test_second_worker_at_a_check_leaves_it_to_the_first(side):
    taken = take_in(side, workbook(made_up(10)), "a.xlsx")
    found = begun(side, imports.match_columns, taken, mapping=imports.matched(taken.headings))
    late = CHECK(found.pk)
    with park_scope(side.park.pk):
        next(late)
    steps_of(side, CHECK, found, 2)
    with park_scope(side.park.pk):
        assert list(late) == []
    assert stored(side, found).rows_checked == 4


@pytest.mark.usefixtures("_small_steps")
def test_import_stops_between_chunks_and_goes_on(side):
    found = begun(
        side,
        imports.start_import,
        checked(side, workbook(made_up(10)), "a.xlsx"),
        with_updates=True,
        is_code_confirmed=False,
    )
    steps_of(side, IMPORT, found, 1)
    asked = begun(side, imports.cancel_import, found)
    assert (asked.state, asked.is_cancel_asked) == ("importing", True)
    steps_of(side, lambda pk: iter_once(IMPORT(pk)), found, 1)
    stopped = stored(side, found)
    assert (stopped.state, stopped.rows_done, len(register(side))) == ("cancelled", 4, 6)
    assert start(side, stopped).rows_done == 10
    assert len(register(side)) == 12


def iter_once(run):
    """One step more than there is."""
    yield list(run)


@pytest.mark.usefixtures("_small_steps")
def test_stopped_check_waits_for_its_columns_again(side):
    taken = take_in(side, workbook(made_up(10)), "a.xlsx")
    found = begun(side, imports.match_columns, taken, mapping=imports.matched(taken.headings))
    steps_of(side, CHECK, found, 2)
    stopped = begun(side, imports.cancel_import, found, now=LATER)
    assert counts(stopped) == ("uploaded", 0, 0, 0, 0, 0), "nobody is at it: it stops at once"
    again = act(side, imports.match_columns, stopped, mapping=imports.matched(taken.headings))
    assert counts(again) == ("checked", 10, 10, 0, 0, 0)


def test_silent_worker_is_told_from_a_slow_one(side):
    found = begun(side, imports.match_columns, take_in(side, table_text(f"{CODE},{NAME}")), mapping={"credit_code": 0})
    assert not found.is_abandoned(NOW + timedelta(seconds=180))
    assert found.is_abandoned(NOW + timedelta(seconds=181))
    begun(side, imports.resume_import, found, now=NOW + timedelta(seconds=10))
    assert stored(side, found).beat_at == NOW, "a worker that lives is not asked a second time"


def test_time_in_which_nobody_was_at_it_tells_nothing_of_the_pace(side):
    found = begun(side, imports.match_columns, take_in(side, table_text(f"{CODE},{NAME}")), mapping={"credit_code": 0})
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(beat_at=NOW + timedelta(seconds=20))
    gone_on = begun(side, imports.resume_import, found, now=NOW + timedelta(seconds=320))
    assert gone_on.beat_at - gone_on.started_at == timedelta(seconds=20)


def test_suspended_park_is_not_written_to(side):
    found = begun(
        side,
        imports.start_import,
        checked(side, table_text(f"{CODE},{NAME}")),
        with_updates=True,
        is_code_confirmed=False,
    )
    Park.objects.filter(pk=side.park.pk).update(status="suspended")
    steps_of(side, lambda pk: iter_once(IMPORT(pk)), found, 1)
    assert (stored(side, found).state, register(side, credit_code=CODE)) == ("cancelled", [])


def test_every_task_twice_changes_nothing(side):
    done = imported(side, workbook(made_up(5)), "a.xlsx")
    before = [(row.pk, row.done_at) for row in rows(side, done)]
    arguments = {
        "park_id": side.park.pk,
        "register_import_id": str(done.pk),
        "by_user_id": official(side).user_id,
    }
    tasks.check_register_import(**arguments)
    tasks.import_rows(**arguments)
    assert (stored(side, done).rows_done, len(register(side))) == (5, 7)
    assert [(row.pk, row.done_at) for row in rows(side, done)] == before
