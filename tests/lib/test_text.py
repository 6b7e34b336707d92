"""Names that others read."""

from __future__ import annotations

import doctest

import pytest
from django.core.exceptions import ValidationError

from accounts.forms import SignupForm
from enterprises.forms import EnterpriseForm, KeptFactsForm
from enterprises.forms.registration import BusinessForm, ContactsForm
from incentives.forms.filing import ProjectForm
from lib import text
from lib.text import validate_full_name, validate_name, validate_person_name, validate_telephone
from parks.forms.park import ParkForm

UNREADABLE = ["Li\u202eNa", "\u200b", "Li\r\nNa", "\u3164", "\u2800 \u0301", "\x00", "a\u2028b"]


@pytest.mark.parametrize("name", UNREADABLE)
def test_name_that_is_not_what_it_seems_is_refused(name):
    with pytest.raises(ValidationError):
        validate_name(name)


@pytest.mark.parametrize("name", ["Li Na", "阿依古丽·买买提", "O\u2019Neill-García", "𠮷田", "e\u0301", "3号厂房"])
def test_name_of_any_script_is_taken(name):
    validate_person_name(name)


@pytest.mark.parametrize(
    "name", ["URGENT: see http://evil.example", "WWW.evil.example", "\uff57\uff57\uff57.evil.example"]
)
def test_person_is_not_called_by_an_address(name):
    with pytest.raises(ValidationError):
        validate_person_name(name)


@pytest.mark.parametrize("name", ["Li Na", "Иван Li", "王伟 Wang", "O\u2019Neill-García", "Łukasz", "3号 Chen"])
def test_full_name_of_one_alphabet_a_word_is_taken(name):
    validate_full_name(name)


@pytest.mark.parametrize(
    "name", ["System", " ｐａｒｋｚｅｒｏ", "系统", "Ch\u0435n Wei", "Chen We\u03b9", "not  signed in"]
)
def test_full_name_that_stands_for_another_is_refused(name):
    with pytest.raises(ValidationError):
        validate_full_name(name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "field"),
    [(SignupForm, "name"), (EnterpriseForm, "name_zh"), (ParkForm, "name_en"), (ProjectForm, "project_title")],
)
def test_forms_refuse_such_a_name_beside_its_field(form, field):
    assert [error.code for error in form({field: "Li\u202eNa"}).errors.as_data()[field]] == ["invisible"]


@pytest.mark.parametrize(
    "written",
    [
        "0592-1234567转8",
        "13800000000/13900000000",
        "+86 (0)592 555 0100",
        "０５９２－５５５０１００",
        "400-820-8820 ext. 5",
        "95598",
    ],
)
def test_telephone_as_registers_have_it_is_taken(written):
    validate_telephone(written)


@pytest.mark.parametrize(
    "written", ["abc", "<b>0592-1234567</b>", "1234", "0592 555\u200b0100", "tel:05921234567", "转转转"]
)
def test_what_nobody_can_call_is_refused(written):
    with pytest.raises(ValidationError):
        validate_telephone(written)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "name"),
    [
        (ContactsForm, "contact_phone"),
        (EnterpriseForm, "energy_contact_phone"),
        (KeptFactsForm, "contact_phone"),
        (ParkForm, "contact_phone"),
    ],
)
def test_forms_refuse_a_telephone_that_is_none_and_keep_one_of_old(form, name):
    assert form({name: "abc"}).errors[name] == ["Enter a telephone number, for example 0592-1234567转8."]
    assert name not in form({name: "see the office"}, initial={name: "see the office"}).errors


@pytest.mark.django_db
@pytest.mark.parametrize("form", [BusinessForm, EnterpriseForm, KeptFactsForm])
def test_forms_take_a_likely_number_of_employees(form):
    assert form({"employees": "1000001"}).errors["employees"] == ["Enter at most 1,000,000 employees."]
    assert "employees" not in form({"employees": "1000000"}).errors


def test_examples_hold():
    outcome = doctest.testmod(text)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
