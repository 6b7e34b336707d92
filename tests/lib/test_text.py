"""Names that others read."""

from __future__ import annotations

import doctest

import pytest
from django.core.exceptions import ValidationError

from accounts.forms import SignupForm
from enterprises.forms import EnterpriseForm
from incentives.forms.filing import ProjectForm
from lib import text
from lib.text import validate_full_name, validate_name, validate_person_name
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


def test_examples_hold():
    outcome = doctest.testmod(text)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
