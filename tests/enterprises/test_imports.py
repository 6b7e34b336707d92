"""A file of enterprises on its way into the register: checked, imported once, stopped and resumed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from enterprises import services, tasks
from enterprises.management.commands.make_register import made_up
from enterprises.models import Enterprise, RegisterImport
from enterprises.services import imports
from enterprises.services.imports import HEADINGS, steps
from enterprises.services.registration_ground import NotAllowed
from lib.spreadsheets import UnreadableSheet
from parks.choices import Role
from parks.models import Membership, Park
from parks.services.files import UnacceptableFile
from tenancy.models import AuditEvent, OutboxEvent
from tenancy.scopes import Author, park_scope, platform_scope
from tests.clients import actor, run_outbox
from tests.enterprises.imports import (
    CODE,
    NOW,
    PILOT_CODE,
    act,
    checked,
    counts,
    imported,
    official,
    register,
    rows,
    stored,
    table_text,
    take_in,
    workbook,
)
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db
NAME = "厦门晨光光电有限公司"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def side(scene):
    return scene.ours


@pytest.fixture
def _small_steps(monkeypatch):
    """Several chunks out of few rows."""
    for module in (imports.checking, imports.importing):
        monkeypatch.setattr(module, "ROWS_A_STEP", 4)


def start(side, register_import, **options):
    wanted = {"with_updates": True, "is_code_confirmed": True, **options}
    return act(side, imports.start_import, register_import, **wanted)


def registered(side, **facts):
    with park_scope(side.park.pk):
        return EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME, **facts)


def change(side, enterprise, **facts):
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=enterprise.pk).update(**facts)


def told(side, register_import):
    """What the report says, as (row, outcome, column, rule, suggestion)."""
    return [
        (row.number, row.outcome, wrong["column"], wrong["rule"], wrong["suggestion"])
        for row in rows(side, register_import)
        for wrong in row.problems
    ]


# The way of a file


@pytest.mark.usefixtures("_small_steps")
def test_workbook_is_imported_once_and_then_unchanged(side):
    file = workbook(made_up(10))
    assert counts(checked(side, file, "a.xlsx")) == ("checked", 10, 10, 0, 0, 0)
    assert len(register(side)) == 2, "the check changes nothing"
    done = imported(side, file, "a.xlsx")
    assert (counts(done), done.rows_done) == (("done", 10, 10, 0, 0, 0), 10)
    assert len(register(side)) == 12
    again = checked(side, file, "a.xlsx")
    assert counts(again) == ("checked", 10, 0, 0, 10, 0)
    with pytest.raises(imports.ImportNotNow):
        start(side, again)


def test_facts_arrive_as_if_typed_by_hand(side):
    table = made_up(1)
    imported(side, workbook(table), "a.xlsx")
    (found,) = register(side, credit_code=table[0][0])
    assert (found.name_zh, found.kind, found.industry_code, str(found.established_on)) == (
        "厦门00000光电有限公司",
        "manufacturer",
        "C3562",
        "1990-01-01",
    )
    assert (found.registered_capital, found.employees, found.is_key_energy_user) == (500_000, 20, True)
    assert (found.created_at > NOW, found.status) == (True, "active")


@pytest.mark.usefixtures("_small_steps")
def test_broken_rows_are_rejected_with_reasons_and_the_rest_is_in(side):
    table = made_up(40, broken=25)
    found = checked(side, workbook(table), "a.xlsx")
    assert counts(found) == ("checked", 40, 30, 0, 0, 10)
    assert [(column, rule) for _row, _outcome, column, rule, _suggestion in told(side, found)] == [
        ("credit_code", "code_length"),
        ("credit_code", "code_missing"),
        ("credit_code", "code_twice"),
        ("name_zh", "name_missing"),
        ("kind", "kind_unknown"),
        ("established_on", "not_a_day"),
        ("registered_capital", "out_of_range"),
        ("contact_email", "not_an_email"),
        ("address", "too_long"),
        ("industry_code", "industry_shape"),
    ]
    assert start(side, found).rows_done == 30
    assert len(register(side)) == 32


def test_row_with_two_faults_tells_both(side):
    found = checked(side, table_text("9135,,x", headings="统一社会信用代码,企业名称,联系邮箱"))
    assert told(side, found) == [
        (2, "rejected", "credit_code", "code_length", ""),
        (2, "rejected", "contact_email", "not_an_email", ""),
    ]
    assert [row.reason for row in rows(side, found)] == ["code_length"]


@pytest.mark.usefixtures("_small_steps")
def test_same_code_twice_in_a_file_counts_once_even_across_chunks(side):
    lines = [
        *(f"{row[0]},{row[1]}" for row in made_up(6)),
        f"{made_up(1)[0][0]},again",
        f"{made_up(1)[0][0]},and again",
    ]
    found = checked(side, table_text(*lines))
    assert told(side, found) == [
        (8, "rejected", "credit_code", "code_twice", "2"),
        (9, "rejected", "credit_code", "code_twice", "2"),
    ]


def test_title_above_the_headings_is_passed_over(side):
    text = f"火炬高新区企业登记表,\r\n\r\n统一社会信用代码,企业名称\r\n{CODE},{NAME}\r\n".encode("gb18030")
    taken = take_in(side, text)
    assert (taken.headings, taken.sample) == (["统一社会信用代码", "企业名称"], [[CODE, NAME]])
    assert (taken.reading["encoding"], taken.reading["heading_row"]) == ("gb18030", 3)
    found = act(side, imports.match_columns, taken, mapping={"credit_code": 0, "name_zh": 1})
    assert [row.number for row in rows(side, found)] == [4]


# What is registered already


def test_changes_stand_before_and_after_and_then_happen(side):
    enterprise = registered(side, contact_phone="1", employees=5)
    text = table_text(f"{CODE},{NAME},2,", headings="统一社会信用代码,企业名称,联系电话,从业人数")
    found = checked(side, text)
    assert [row.changes for row in rows(side, found)] == [{"contact_phone": ["1", "2"]}]
    assert counts(start(side, found)) == ("done", 1, 0, 1, 0, 0)
    (now,) = register(side, credit_code=CODE)
    assert (now.pk, now.contact_phone, now.employees) == (enterprise.pk, "2", 5), "an empty cell leaves what is there"
    assert now.updated_at > enterprise.updated_at


def test_every_kind_of_fact_can_change(side):
    table = made_up(1)
    enterprise = registered(side)
    change(side, enterprise, credit_code=table[0][0])
    done = imported(side, workbook(table), "a.xlsx")
    assert (counts(done), done.rows_done) == (("done", 1, 0, 1, 0, 0), 1)
    assert counts(checked(side, workbook(table), "a.xlsx")) == ("checked", 1, 0, 0, 1, 0)


def test_updates_can_be_left_out(side):
    registered(side)
    found = checked(side, table_text(f"{CODE},另一名称", f"{made_up(1)[0][0]},新企业"))
    done = start(side, found, with_updates=False)
    assert (counts(done), done.rows_done, done.rows_wanted) == (("done", 2, 1, 1, 0, 0), 1, 1)
    assert [found.name_zh for found in register(side, credit_code=CODE)] == [NAME]


def test_people_of_an_enterprise_see_its_new_name(side):
    enterprise = side.firm.enterprise
    imported(side, table_text(f"{enterprise.credit_code},改名公司"))
    names = Membership.objects.filter(enterprise_id=enterprise.pk).values_list("enterprise_name_zh", flat=True)
    assert set(names) == {"改名公司"}


@pytest.mark.parametrize("status", ["deregistered"])
def test_ended_registration_is_not_changed(side, status):
    change(side, registered(side), status=status)
    found = checked(side, table_text(f"{CODE},另一名称"))
    assert told(side, found) == [(2, "rejected", "credit_code", "has_ended", "")]


def test_enterprise_of_another_park_is_none_of_ours(scene):
    registered(scene.others)
    assert counts(checked(scene.ours, table_text(f"{CODE},{NAME}"))) == ("checked", 1, 1, 0, 0, 0)


# Codes of the early pilots


def test_odd_codes_are_confirmed_for_the_whole_file(side):
    found = checked(side, table_text(f"{PILOT_CODE},{NAME}", f"{CODE},{NAME}"))
    assert (counts(found), found.rows_to_confirm) == (("checked", 2, 2, 0, 0, 0), 1)
    assert told(side, found) == [(2, "new", "credit_code", "odd_code", "")]
    with pytest.raises(imports.acts.CodesUnconfirmed):
        start(side, found, is_code_confirmed=False)
    assert start(side, found).is_code_confirmed
    assert len(register(side, credit_code=PILOT_CODE)) == 1


# Somebody is faster


def test_code_registered_since_the_check_is_rejected_with_the_reason(side):
    found = checked(side, table_text(f"{CODE},别的名称", f"{made_up(1)[0][0]},新企业"))
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        facts = services.EnterpriseFacts(credit_code=CODE, name_zh=NAME)
        services.register_enterprise(by, park=side.park, facts=facts, now=NOW)
    done = start(side, found)
    assert (counts(done), done.rows_done) == (("done", 2, 1, 0, 0, 1), 1)
    assert told(side, done) == [(2, "rejected", "credit_code", "registered_meanwhile", "")]
    assert [found.name_zh for found in register(side, credit_code=CODE)] == [NAME]


def test_same_facts_registered_since_the_check_are_unchanged(side):
    found = checked(side, table_text(f"{CODE},{NAME}", f"{made_up(1)[0][0]},新企业"))
    registered(side)
    assert counts(start(side, found)) == ("done", 2, 1, 0, 1, 0)


def test_change_that_was_not_shown_does_not_happen(side):
    enterprise = registered(side, contact_phone="1")
    found = checked(side, table_text(f"{CODE},{NAME},2", headings="统一社会信用代码,企业名称,联系电话"))
    change(side, enterprise, contact_phone="3")
    assert counts(start(side, found)) == ("done", 1, 0, 0, 0, 1)
    assert told(side, found) == [(2, "rejected", "credit_code", "changed_meanwhile", "")]
    assert [found.contact_phone for found in register(side, credit_code=CODE)] == ["3"]


def test_enterprise_that_ended_since_the_check_is_left(side):
    enterprise = registered(side, contact_phone="1")
    found = checked(side, table_text(f"{CODE},{NAME},2", headings="统一社会信用代码,企业名称,联系电话"))
    change(side, enterprise, status="deregistered")
    assert counts(start(side, found)) == ("done", 1, 0, 0, 0, 1)


# Stopping and going on


def steps_of(side, service, found, taken_steps):
    """So many steps of the worker, which then dies."""
    run = service(found.pk)
    for _step in range(taken_steps):
        with park_scope(side.park.pk):
            next(run)
    run.close()


def begun(side, act_of_person, found, **options):
    """An act whose event the worker has not seen yet."""
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        act_of_person(by, found, **{"now": NOW, **options})
    with platform_scope():
        OutboxEvent.objects.filter(dispatched_at=None).delete()
    return stored(side, found)


CHECK = partial(imports.check_register_import, by_user_id=1, clock=lambda: NOW)
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


def test_who_was_dismissed_imports_nothing_more(side):
    found = begun(
        side,
        imports.start_import,
        checked(side, table_text(f"{CODE},{NAME}")),
        with_updates=True,
        is_code_confirmed=False,
    )
    Membership.objects.filter(pk=official(side).pk).update(is_active=False, ended_at=NOW)
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


# Who, and what is told


def test_audit_names_the_person_and_subscribers_hear_once_a_chunk(side):
    done = imported(side, workbook(made_up(5)), "a.xlsx")
    (event,) = events_named("enterprises.enterprises_imported")
    ids = {str(found.pk) for found in register(side, name_zh__contains="0000")}
    assert (event["register_import_id"], set(event["registered"]), event["updated"]) == (str(done.pk), ids, [])
    with park_scope(side.park.pk):
        changes = AuditEvent.objects.filter(table_name="enterprises_enterprise", row_id__in=ids)
        assert {(change.action, change.user_name) for change in changes} == {("INSERT", official(side).user.name)}
        assert changes.count() == 5


def events_named(name):
    with platform_scope():
        return list(OutboxEvent.objects.filter(name=name).values_list("payload", flat=True))


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.EXPERT])
def test_only_registrars_bring_files(side, role):
    by = actor(side.staff[role])
    found = checked(side, table_text(f"{CODE},{NAME}"))
    with park_scope(side.park.pk, by.author):
        for service, options in (
            (imports.match_columns, {"mapping": {"credit_code": 0}}),
            (imports.start_import, {"with_updates": True, "is_code_confirmed": True}),
            (imports.cancel_import, {}),
            (imports.resume_import, {}),
        ):
            with pytest.raises(PermissionDenied):
                service(by, found, now=NOW, **options)


# What is refused


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf" + "统一社会信用代码,企业名称\r\n".encode(), "only_headings"),
        (b"%PDF-1.7", "another_type"),
    ],
)
def test_file_that_cannot_be_read_is_not_kept(side, content, code):
    with pytest.raises(UnreadableSheet) as caught:
        take_in(side, content, "register.xlsx")
    assert caught.value.code == code
    with park_scope(side.park.pk):
        assert RegisterImport.objects.count() == 1


def test_empty_and_large_files_are_refused_with_their_size(side, settings):
    with pytest.raises(UnacceptableFile, match="empty"):
        take_in(side, b"")
    settings.LARGEST_UPLOAD_BYTES = 10
    with pytest.raises(UnacceptableFile, match="at most 10"):
        take_in(side, table_text(f"{CODE},{NAME}"))


def test_file_that_breaks_off_fails_with_words(side, monkeypatch):
    taken = take_in(side, table_text(*[f"{row[0]},{row[1]}" for row in made_up(30)]))
    monkeypatch.setattr("lib.spreadsheets.rows.MOST_ROWS", 20)
    failed = act(side, imports.match_columns, taken, mapping={"credit_code": 0, "name_zh": 1})
    assert (failed.state, failed.failure) == ("failed", "too_many_rows")


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"name_zh": 1}, "credit_code"),
        ({"credit_code": 0, "name_zh": 0}, "name_zh"),
        ({"credit_code": 0, "name_zh": 2}, "name_zh"),
        ({"credit_code": -1}, "credit_code"),
    ],
)
def test_unclear_matching_is_refused_at_the_field(side, mapping, field):
    with pytest.raises(imports.MatchingUnclear) as caught:
        act(side, imports.match_columns, take_in(side, table_text(f"{CODE},{NAME}")), mapping=mapping)
    assert caught.value.field == field


def test_acts_out_of_turn_are_refused(side):
    taken = take_in(side, table_text(f"{CODE},{NAME}"))
    for service, options in (
        (imports.start_import, {"with_updates": True, "is_code_confirmed": True}),
        (imports.resume_import, {}),
    ):
        with pytest.raises(imports.ImportNotNow):
            act(side, service, taken, **options)
    done = imported(side, table_text(f"{CODE},{NAME}"))
    for service, options in ((imports.match_columns, {"mapping": {"credit_code": 0}}), (imports.cancel_import, {})):
        with pytest.raises(imports.ImportNotNow):
            act(side, service, done, **options)


def test_steps_belong_to_their_park(scene):
    found = begun(
        scene.ours, imports.match_columns, take_in(scene.ours, table_text(f"{CODE},x")), mapping={"credit_code": 0}
    )
    with park_scope(scene.others.park.pk, Author()):
        assert list(CHECK(found.pk)) == []
        assert steps.taken_up(found.pk, found.state, NOW) is None
    assert stored(scene.ours, found).rows_checked == 0
    assert run_outbox() == 0
    assert set(HEADINGS) == set(imports.IMPORTED)
