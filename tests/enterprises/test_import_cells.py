"""Cells as facts: the words people use in tables, by the same rules as typed by hand."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from enterprises.choices import EnterpriseKind
from enterprises.forms import EnterpriseForm
from enterprises.forms.imports import MatchingForm
from enterprises.imports.template import LANGUAGES, template_workbook
from enterprises.services import imports
from enterprises.services.imports import HEADINGS, IMPORTED, NAMES, RowProblem, capital_scale, heading_of, matched
from tests.enterprises.imports import CODE

TODAY = date(2026, 11, 20)
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)

# As a workbook holds them.
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(repr).map(Decimal)


def read(name, cell, scale=1):
    """What a cell of one fact gives: the fact, or the rule it breaks and what may be meant."""
    found = imports.read_facts([CODE, cell], {"credit_code": 0, name: 1}, today=TODAY, scale=scale)
    if found.problems:
        return found.problems[0]["rule"], found.problems[0]["suggestion"]
    return found.facts.get(name)


def read_code(cell):
    found = imports.read_facts([cell], {"credit_code": 0}, today=TODAY)
    return found.credit_code or (found.problems[0]["rule"], found.problems[0]["suggestion"])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (CODE, CODE),
        (" 91350200 ma2yj1-xr9g ", CODE),
        ("９１３５０２００ＭＡ２ＹＪ１ＸＲ９Ｇ", CODE),
        ("", ("code_missing", "")),
        ("　", ("code_missing", "")),
        ("9135", ("code_length", "")),
        ("9135O2OOMA2YJ1XR9G", ("code_characters", CODE)),
        ("91350200MA2YJ1XR9!", ("code_characters", "")),
        (Decimal(913502001234567936), ("code_digits_lost", "")),
        (Decimal(9135), ("code_length", "")),
    ],
)
def test_credit_codes(cell, code):
    assert read_code(cell) == code


@pytest.mark.parametrize(
    ("name", "cell", "fact"),
    [
        ("name_zh", "　厦门　晨光\n", "厦门 晨光"),
        ("name_zh", "厦门（晨光）有限公司", "厦门（晨光）有限公司"),
        ("name_zh", "厦门\u202e晨光", ("unreadable_name", "")),
        ("name_zh", "很" * 201, ("too_long", "")),
        ("name_zh", Decimal(3150), "3150"),
        ("kind", "Manufacturer", "manufacturer"),
        ("kind", " 生产型企业 ", "manufacturer"),
        ("kind", "生产" + "类" * 100_000, ("kind_unknown", "")),
        ("kind", "ＥＳＣＯ", "energy_service"),
        ("kind", "太空采矿", ("kind_unknown", "")),
        ("capital_currency", "人民币", "CNY"),
        ("capital_currency", "美元", ("currency_unknown", "")),
        ("industry_code", Decimal(3562), "C3562"),
        ("industry_code", "c35", "C35"),
        ("industry_code", "光电", ("industry_shape", "")),
        ("established_on", "2019-05-20", "2019-05-20"),
        ("established_on", "2019/5/2", "2019-05-02"),
        ("established_on", "2019年5月2日", "2019-05-02"),
        ("established_on", "２０１９．５．２", "2019-05-02"),
        ("established_on", Decimal(20190502), "2019-05-02"),
        ("established_on", "2024-02-30", ("not_a_day", "")),
        ("established_on", Decimal(45234), ("not_a_day", "2023-11-04")),
        ("established_on", "yesterday", ("not_a_day", "")),
        ("registered_capital", "1,500,000.5", "1500000.50"),
        ("registered_capital", "￥５００万元", "5000000.00"),
        ("registered_capital", "1.2345亿", "123450000.00"),
        ("registered_capital", "1,234.5678万元", "12345678.00"),
        ("registered_capital", Decimal("0.1"), "0.10"),
        ("registered_capital", "-5", ("out_of_range", "")),
        ("registered_capital", "1.234", ("out_of_range", "")),
        ("registered_capital", "9" * 20, ("out_of_range", "")),
        ("registered_capital", "five", ("not_an_amount", "")),
        ("registered_capital", "NaN", ("not_an_amount", "")),
        ("employees", "1,200人", "1200"),
        ("employees", Decimal("120.0"), "120"),
        ("employees", "12.5", ("not_a_count", "")),
        ("employees", "-3", ("out_of_range", "")),
        ("employees", "1000001", ("out_of_range", "")),
        ("employees", "²", "2"),
        ("established_on", "2026-11-20", "2026-11-20"),
        ("established_on", "2026-11-21", ("day_to_come", "")),
        ("website", "www.example.com", "https://www.example.com"),
        ("website", "http://example.com/a", "http://example.com/a"),
        ("website", "javascript:alert(1)", ("not_a_website", "")),
        ("website", "no site", ("not_a_website", "")),
        ("contact_email", "ａ@example.com", "a@example.com"),
        ("contact_email", "a at b", ("not_an_email", "")),
        ("contact_phone", Decimal(13800000000), "13800000000"),
        ("contact_phone", "０５９２－1234567转8 王工", "0592-1234567转8 王工"),
        ("contact_phone", "暂无", None),
        ("website", "N/A", None),
        ("contact_phone", "王工", ("not_a_telephone", "")),
        ("energy_contact_phone", "<b>12345</b>", ("not_a_telephone", "")),
        ("contact_phone", "1" * 41, ("too_long", "")),
        ("is_key_energy_user", "是", "True"),
        ("is_key_energy_user", "TRUE", "True"),
        ("is_key_energy_user", "×", "False"),
        ("is_key_energy_user", "maybe", ("neither_yes_nor_no", "")),
        ("address", "=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("address", "", None),
    ],
)
def test_cells_become_facts(name, cell, fact):
    assert read(name, cell) == fact


@pytest.mark.parametrize("cell", ["无", "N/A", " － ", "——", "暂无", "none"])
def test_words_for_nothing_leave_every_fact_blank(cell):
    names = [name for name in IMPORTED if name not in {"credit_code", "is_key_energy_user"}]
    mapping = {name: place for place, name in enumerate(["credit_code", *names])}
    found = imports.read_facts([CODE, *[cell] * len(names)], mapping, today=TODAY)
    assert (found.facts, found.problems) == ({"credit_code": CODE}, [])
    assert read_code(cell) == ("code_missing", "")


@pytest.mark.parametrize(("cell", "answer"), [("无", "False"), ("N/A", None)])
def test_no_is_an_answer_where_it_is_one(cell, answer):
    assert read("is_key_energy_user", cell) == answer


def test_amounts_follow_the_unit_of_their_heading():
    assert capital_scale("注册资本（万元）") == 10_000
    assert read("registered_capital", Decimal("500.5"), 10_000) == "5005000.00"


def test_short_rows_say_nothing_of_the_missing_columns():
    assert imports.read_facts([CODE], {"credit_code": 0, "address": 7}, today=TODAY).facts == {"credit_code": CODE}


def test_words_of_types_are_read_in_both_languages():
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = {kind.value: str(kind.label) for kind in EnterpriseKind}
        assert {kind: read("kind", word) for kind, word in words.items()} == {kind: kind for kind in words}


def test_same_names_are_held_to_what_can_be_read():
    assert set(NAMES) == set(EnterpriseForm.names)


def by_hand(name, typed):
    """Whether the form takes what is typed, and as what."""
    form = EnterpriseForm({name: typed})
    form.cleaned_data, form._errors = {}, {}
    try:
        form.cleaned_data[name] = form.fields[name].clean(typed)
        return getattr(form, f"clean_{name}", lambda: form.cleaned_data[name])()
    except ValidationError:
        return None


@settings(deadline=None, max_examples=60)
@given(LETTERS)
def test_credit_codes_are_taken_as_the_form_takes_them(typed):
    found = imports.read_facts([typed], {"credit_code": 0}, today=TODAY)
    assert (found.credit_code or None) == (by_hand("credit_code", typed) if typed.strip() else None)


@settings(deadline=None, max_examples=60)
@given(st.from_regex(r"[A-Za-z]?[0-9]{0,5}", fullmatch=True))
def test_industry_codes_are_taken_as_the_form_takes_them(typed):
    fact = read("industry_code", typed)
    assert (fact if isinstance(fact, str) else None) == (by_hand("industry_code", typed) or None)


@settings(deadline=None, max_examples=60)
@given(st.lists(LETTERS | NUMBERS, max_size=len(IMPORTED)))
def test_any_cells_are_read_or_told(cells):
    mapping = {name: place for place, name in enumerate(IMPORTED)}
    found = imports.read_facts(cells, mapping, today=TODAY)
    assert set(found.facts) | {wrong["column"] for wrong in found.problems} <= set(IMPORTED)
    assert {wrong["rule"] for wrong in found.problems} <= set(RowProblem.values)
    assert found.credit_code or found.problems


# Headings


def test_headings_of_the_templates_are_known_in_both_languages():
    assert set(HEADINGS) == set(IMPORTED)
    everything = {name: place for place, name in enumerate(HEADINGS)}
    for language in ("en", "zh-hans"):
        assert matched([heading_of(name, language) for name in HEADINGS]) == everything


def test_headings_of_the_templates_are_the_words_of_the_pages():
    for template, language in LANGUAGES.items():
        book = CalamineWorkbook.from_filelike(io.BytesIO(template_workbook(template)))
        with translation.override(language):
            words = [str(field.label) for field in MatchingForm(headings=[], matching={}).fields.values()]
        assert book.get_sheet_by_index(0).to_python()[0] == words


def test_earlier_templates_are_known():
    """Files that were begun before the words of the pages were those of the templates."""
    earlier = {
        "企业名称": "name_zh",
        "企业类型": "kind",
        "主要产品": "industry_zh",
        "注册资本币种": "capital_currency",
        "从业人数": "employees",
        "网址": "website",
        "能源联系人电话": "energy_contact_phone",
        "能源联系人邮箱": "energy_contact_email",
    }
    assert matched(list(earlier)) == {name: place for place, name in enumerate(earlier.values())}


def test_headings_as_people_write_them():
    written = ["序号", " *统一社会信用代码 ", "公司名称", "注册资金(万元)", "公司名称", "E-MAIL", "法人", "备注"]
    assert matched(written) == {
        "credit_code": 1,
        "name_zh": 2,
        "legal_representative": 6,
        "registered_capital": 3,
        "contact_email": 5,
    }
    assert matched(["x", ""]) == {}


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("企业全称", "name_zh"),
        ("单位名称（全称）", "name_zh"),
        ("企业名称(中文)", "name_zh"),
        ("统一社会信用代码（18位）", "credit_code"),
        ("营业执照注册号", "credit_code"),
        ("企业名称（英文）", "name_en"),
        ("法定代表人姓名", "legal_representative"),
        ("注册资本金（万元）", "registered_capital"),
        ("注册地址", "address"),
        ("企业联系人", "contact_name"),
        ("联系方式", "contact_phone"),
        ("手机号码", "contact_phone"),
        ("员工人数", "employees"),
    ],
)
def test_usual_headings_of_chinese_tables_are_known(heading, name):
    assert matched([heading]) == {name: 0}


@pytest.mark.parametrize(
    ("heading", "scale"),
    [
        ("注册资本", 1),
        ("注册资本（元）", 1),
        ("注册资本/万元", 10_000),
        ("Capital (10,000 CNY)", 10_000),
        ("资金（亿元）", 10**8),
    ],
)
def test_units_of_headings(heading, scale):
    assert capital_scale(heading) == scale
