"""Officials leave enterprises that they are tied to out of what they import, and counts stay true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.services import imports, interests
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.clients import actor, run_outbox
from tests.enterprises.imports import (
    CODE,
    NOW,
    OTHER_CODE,
    PILOT_CODE,
    act,
    checked,
    counts,
    official,
    register,
    rows,
    stored,
    table_text,
    take_in,
)
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db
HEADINGS = "统一社会信用代码,企业名称,联系电话"
CHANGES = table_text(f"{CODE},甲公司,2", f"{OTHER_CODE},乙公司,2", headings=HEADINGS)


@pytest.fixture
def registered(side):
    with park_scope(side.park.pk):
        return [
            EnterpriseFactory(park=side.park, credit_code=CODE, name_zh="甲公司", contact_phone="1"),
            EnterpriseFactory(park=side.park, credit_code=OTHER_CODE, name_zh="乙公司", contact_phone="1"),
        ]


def declare(side, enterprise):
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        interests.declare_interest(by, enterprise, reason="shares", now=NOW)


def start(side, found):
    return act(side, imports.start_import, found, with_updates=True, is_code_confirmed=True)


def phones(side):
    return [found.contact_phone for found in register(side, credit_code__in=[CODE, OTHER_CODE])]


def told(side, found):
    return [(row.number, row.outcome, row.reason) for row in rows(side, found)]


def test_check_rejects_changes_of_enterprises_in_which_an_interest_is_declared(side, registered):
    declare(side, registered[0])
    found = checked(side, CHANGES)
    assert counts(found) == ("checked", 2, 0, 1, 0, 1)
    assert told(side, found) == [(2, "rejected", "not_impartial"), (3, "update", "")]
    start(side, found)
    assert sorted(phones(side)) == ["1", "2"]


def test_check_rejects_changes_of_an_enterprise_one_belongs_to(side, registered):
    Membership.objects.create(
        user_id=official(side).user_id, park=side.park, enterprise_id=registered[0].pk, roles=["applicant"]
    )
    assert told(side, checked(side, CHANGES)) == [(2, "rejected", "not_impartial"), (3, "update", "")]


def test_what_the_file_leaves_as_it_is_concerns_nobody(side, registered):
    declare(side, registered[0])
    found = checked(side, table_text(f"{CODE},甲公司,1", headings=HEADINGS))
    assert counts(found) == ("checked", 1, 0, 0, 1, 0)


def test_interest_declared_since_the_check_keeps_the_change_out(side, registered):
    found = checked(side, CHANGES)
    declare(side, registered[1])
    done = start(side, found)
    assert (counts(done), done.rows_done) == (("done", 2, 0, 1, 0, 1), 1)
    assert told(side, found) == [(2, "update", ""), (3, "rejected", "not_impartial")]
    assert sorted(phones(side)) == ["1", "2"]


@pytest.mark.parametrize(("days", "updated"), [(1, 1), (31, 2)])
def test_interest_that_ended_long_ago_is_in_nobodys_way(side, registered, days, updated):
    declare(side, registered[0])
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        interests.end_interest(by, registered[0], now=timezone.now() - timedelta(days=days))
    assert counts(checked(side, CHANGES)) == ("checked", 2, 0, updated, 0, 2 - updated)


def test_ties_cost_the_same_however_many_there_are(side, registered):
    asked = []
    for tied in ([], registered):
        for enterprise in tied:
            declare(side, enterprise)
        run_outbox()
        taken = take_in(side, CHANGES)
        with CaptureQueriesContext(connection) as captured:
            act(side, imports.match_columns, taken, mapping=imports.matched(taken.headings))
        asked.append(len(captured))
    assert asked[0] == asked[1]


# Codes to confirm


def test_codes_are_confirmed_until_they_are_in_or_out(side):
    found = checked(side, table_text(f"{PILOT_CODE},甲公司", f"{CODE},乙公司"))
    assert found.rows_to_confirm == 1
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=PILOT_CODE, name_zh="丙公司")
    done = start(side, found)
    assert (counts(done), done.rows_to_confirm) == (("done", 2, 1, 0, 0, 1), 0)


def test_import_that_was_stopped_asks_only_for_codes_that_wait(side, monkeypatch):
    monkeypatch.setattr(imports.importing, "ROWS_A_STEP", 1)
    found = checked(side, table_text(f"{PILOT_CODE},甲公司", f"{CODE},乙公司"))
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        begun = imports.start_import(by, found, with_updates=True, is_code_confirmed=True, now=NOW)
        next(imports.import_rows(begun.pk, by.user_id, lambda: NOW))
        imports.cancel_import(by, begun, now=NOW)
        list(imports.import_rows(begun.pk, by.user_id, lambda: NOW))
    stopped = stored(side, found)
    assert (stopped.state, stopped.rows_done, stopped.rows_to_confirm) == ("cancelled", 1, 0)
    with park_scope(side.park.pk, by.author):
        imports.start_import(by, stopped, with_updates=True, is_code_confirmed=False, now=NOW)


# While a file is opened


def test_import_is_free_while_its_file_is_opened(side, monkeypatch):
    """Nothing that was written before waits for the file: the sign of life is kept first."""
    taken = take_in(side, table_text(f"{CODE},甲公司"))
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        imports.match_columns(by, taken, mapping={"credit_code": 0, "name_zh": 1}, now=NOW)
    opened = []
    original = imports.checking.rows_of
    monkeypatch.setattr(imports.checking, "rows_of", lambda found: opened.append(found.pk) or original(found))
    now = timezone.now()
    check = imports.check_register_import(taken.pk, by.user_id, lambda: now)
    with park_scope(side.park.pk, by.author):
        next(check)
        assert (opened, stored(side, taken).beat_at) == ([], now)
    with park_scope(side.park.pk, by.author):
        next(check)
        assert opened == [taken.pk]
    check.close()
