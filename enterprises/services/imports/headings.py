"""Which column of a table says which fact: guessed from its heading in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from django.conf import settings
from django.utils import translation

from enterprises.facts import label_of
from enterprises.services.imports.cells import plain
from lib.spreadsheets import Cell

LONGEST_HEADING = 200
ROWS_BEFORE_HEADINGS = 10
# Units at the end of the heading of an amount.
UNITS = (
    ("亿元", 100_000_000),
    ("亿", 100_000_000),
    ("万元", 10_000),
    ("万", 10_000),
    ("10000yuan", 10_000),
    ("10000cny", 10_000),
    ("yuan", 1),
    ("cny", 1),
    ("rmb", 1),
    ("元", 1),
)


# What people write above the column of a fact besides its words on our pages, which the templates carry.
HEADINGS: dict[str, tuple[str, ...]] = {
    "credit_code": (
        *("credit code", "uscc", "code", "信用代码", "社会信用代码", "统一信用代码", "税号", "纳税人识别号"),
        *("统一社会信用代码18位", "统一社会信用代码注册号", "营业执照号", "营业执照注册号"),
    ),
    "name_zh": (
        *("name", "chinese name", "company", "company name", "enterprise", "enterprise name"),
        *("企业名称", "公司名称", "企业中文名称", "名称", "企业全称", "公司全称", "单位名称", "单位全称", "全称"),
        *("企业名称全称", "公司名称全称", "单位名称全称", "企业名称中文", "公司名称中文", "中文全称", "中文名"),
        *("企业", "公司", "单位", "市场主体名称"),
    ),
    "name_en": ("english name", "企业英文名称", "公司英文名称", "英文名", "企业名称英文", "公司名称英文", "英文全称"),
    "kind": ("kind", "enterprise type", "company type", "企业类型", "企业类别", "类别"),
    "industry_code": (
        *("industry code", "industry", "gb/t 4754"),
        *("行业代码", "国民经济行业代码", "行业分类代码", "行业"),
    ),
    "industry_zh": ("主要产品", "主营产品", "主要产品中文", "主营业务", "products", "main products"),
    "industry_en": ("英文主要产品", "products in english"),
    "legal_representative": ("法人", "法人代表", "法人姓名", "法定代表", "法定代表人姓名", "负责人"),
    "established_on": ("founded", "date of establishment", "成立时间", "注册日期", "注册时间", "设立日期"),
    "registered_capital": ("capital", "注册资金", "注册资本金"),
    "capital_currency": ("currency", "注册资本币种", "币种", "注册币种"),
    "address": ("address", "地址", "住所", "企业地址", "公司地址", "注册地址", "注册住所", "详细地址"),
    "employees": ("number of employees", "staff", "从业人数", "职工人数", "人数", "员工人数", "员工数", "从业人员数"),
    "website": ("web", "homepage", "url", "网址", "官网", "企业网址"),
    "contact_name": ("contact", "contact name", "联系人姓名", "企业联系人"),
    "contact_phone": (
        "telephone",
        "phone",
        "contact phone",
        "电话",
        "联系人电话",
        "手机",
        "手机号",
        "手机号码",
        "联系方式",
    ),
    "contact_email": ("email", "e-mail", "contact email", "邮箱", "电子邮箱", "电子邮件", "联系人邮箱"),
    "energy_contact_name": ("energy contact", "能源管理员"),
    "energy_contact_phone": ("energy phone", "能源联系人电话"),
    "energy_contact_email": ("energy email", "能源联系人邮箱"),
    "is_key_energy_user": ("key user", "重点用能企业", "是否重点用能单位", "重点用能"),
}


def heading_of(name: str, language: str) -> str:
    """What the template writes above the column of a fact: its words on the pages. language: "en" or "zh-hans"."""
    with translation.override(language):
        return label_of(name)


@cache
def known_headings() -> Mapping[str, str]:
    """The fact by what may stand above its column, as `compared`."""
    languages = [code for code, _name in settings.LANGUAGES]
    others = {compared(words): name for name, written in HEADINGS.items() for words in written}
    return others | {compared(heading_of(name, code)): name for name in HEADINGS for code in languages}


def plain_heading(cell: Cell) -> str:
    return plain(cell)[:LONGEST_HEADING]


def compared(heading: str) -> str:
    """A heading without case, width, spaces and signs.

    >>> compared("＊ 注册资本（万元）"), compared("E-mail: ")
    ('注册资本万元', 'email')
    """
    return "".join(char for char in unicodedata.normalize("NFKC", heading).casefold() if char.isalnum())


def fact_of(heading: str) -> str | None:
    """The fact that a heading names, whatever unit of an amount follows.

    >>> fact_of("* 企业名称"), fact_of("Registered capital (10,000 yuan)"), fact_of("Remarks")
    ('name_zh', 'registered_capital', None)
    """
    words, known = compared(heading), known_headings()
    if words in known:
        return known[words]
    for unit, _scale in UNITS:
        if words.endswith(unit) and known.get(words.removesuffix(unit)) == "registered_capital":
            return "registered_capital"
    return None


def capital_scale(heading: str) -> int:
    """By how much the amounts below a heading are multiplied: tables of China count capital in ten thousands.

    >>> capital_scale("注册资本（万元）"), capital_scale("Registered capital (10,000 yuan)"), capital_scale("注册资本")
    (10000, 10000, 1)
    """
    words = compared(heading)
    return next((scale for unit, scale in UNITS if words.endswith(unit)), 1)


def matched(headings: Sequence[str]) -> dict[str, int]:
    """The facts that the headings name, each with the first column that does."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = fact_of(heading)
        if name is not None:
            found.setdefault(name, place)
    return {name: found[name] for name in HEADINGS if name in found}


def heading_row(rows: Sequence[Sequence[Cell]]) -> int:
    """Which of the first rows holds the headings: the one with the most that are known, else the first.

    Tables often begin with a title or a note.
    """
    known = [len(matched([plain_heading(cell) for cell in row])) for row in rows[:ROWS_BEFORE_HEADINGS]]
    return known.index(max(known)) if known else 0


def scale_of(headings: Sequence[str], mapping: Mapping[str, int]) -> int:
    """By how much amounts of the matched column of capital are multiplied."""
    place = mapping.get("registered_capital")
    return 1 if place is None else capital_scale(headings[place])
