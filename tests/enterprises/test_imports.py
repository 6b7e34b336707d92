"""A file on its way into the register: checked row by row, then imported."""

from __future__ import annotations

import pytest

from enterprises import services
from enterprises.management.commands.make_register import made_up
from enterprises.services import imports
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.clients import actor
from tests.enterprises.imports import (
    CODE,
    NAME,
    NOW,
    PILOT_CODE,
    act,
    change,
    checked,
    counts,
    imported,
    official,
    register,
    registered,
    rows,
    start,
    table_text,
    take_in,
    workbook,
)
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _small_steps(monkeypatch):
    """Several chunks out of few rows."""
    for module in (imports.checking, imports.importing):
        monkeypatch.setattr(module, "ROWS_A_STEP", 4)


def told(side, register_import):
    """What the report says, as (row, outcome, column, rule, suggestion)."""
    return [
        (row.number, row.outcome, wrong["column"], wrong["rule"], wrong["suggestion"])
        for row in rows(side, register_import)
        for wrong in row.problems
    ]


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


def test_odd_codes_are_confirmed_for_the_whole_file(side):
    found = checked(side, table_text(f"{PILOT_CODE},{NAME}", f"{CODE},{NAME}"))
    assert (counts(found), found.rows_to_confirm) == (("checked", 2, 2, 0, 0, 0), 1)
    assert told(side, found) == [(2, "new", "credit_code", "odd_code", "")]
    with pytest.raises(imports.acts.CodesUnconfirmed):
        start(side, found, is_code_confirmed=False)
    assert start(side, found).is_code_confirmed
    assert len(register(side, credit_code=PILOT_CODE)) == 1


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


def test_new_row_with_the_name_of_a_registered_enterprise_has_a_note(side):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh="厦门晨光光电有限公司")
        EnterpriseFactory(park=side.park, credit_code=made_up(1)[0][0], name_zh="厦门海沧远洋国际物流科技有限公司")
    names = [
        "厦门晨光光电股份有限公司",  # the same but for the legal form
        "厦门海沧远洋国际物流科枝有限公司",  # one character of eleven: 2 * 8 / (10 + 9)
        "厦门晨光电子有限公司",  # alike where one name is looked at, not among thousands
        "厦门新能源有限公司",
    ]
    codes = [row[0] for row in made_up(6)[2:]]
    found = checked(side, table_text(*(f"{code},{name}" for code, name in zip(codes, names, strict=True))))

    assert counts(found) == ("checked", 4, 4, 0, 0, 0)
    assert [[problem["suggestion"] for problem in row.problems] for row in rows(side, found)] == [
        [f"厦门晨光光电有限公司 {CODE}"],
        [f"厦门海沧远洋国际物流科技有限公司 {made_up(1)[0][0]}"],
        [],
        [],
    ]
    assert {(row.outcome, row.needs_confirmation) for row in rows(side, found)} == {("new", False)}
    assert counts(act(side, imports.start_import, found, with_updates=True, is_code_confirmed=False))[0] == "done"
    assert set(names) <= {row.name_zh for row in register(side)}


def test_names_of_another_park_are_none_of_ours(scene):
    with park_scope(scene.others.park.pk):
        EnterpriseFactory(park=scene.others.park, credit_code=CODE, name_zh=NAME)
    found = checked(scene.ours, table_text(f"{made_up(1)[0][0]},{NAME}"))
    assert [row.problems for row in rows(scene.ours, found)] == [[]]


def test_odd_code_and_name_alike_are_both_noted(side):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME)
    (row,) = rows(side, checked(side, table_text(f"{PILOT_CODE},{NAME}")))
    assert [problem["rule"] for problem in row.problems] == ["odd_code", "name_alike"]
