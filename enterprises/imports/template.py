"""The workbook to fill in: a sheet with the headings, and one that explains them."""

from __future__ import annotations

import io

from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from enterprises.choices import EnterpriseKind
from enterprises.forms.imports import REQUIRED
from enterprises.imports.words import longest
from enterprises.services.imports import HEADINGS, heading_of
from lib.spreadsheets import MOST_ROWS

LANGUAGES = {"en": "en", "zh": "zh-hans"}
WIDTHS = {"credit_code": 24, "name_zh": 32, "name_en": 36, "address": 36, "website": 28, "industry_zh": 28}
USUAL_WIDTH = 18
EXAMPLES = {
    "credit_code": "91350200MA2YJ1XR9G",
    "name_zh": "厦门晨光光电有限公司",
    "name_en": "Xiamen Chengguang Photonics Co., Ltd.",
    "industry_code": "C3562",
    "industry_zh": "光通信模块",
    "industry_en": "Optical modules",
    "legal_representative": "林悦",
    "established_on": "2019-05-20",
    "registered_capital": "5000000",
    "capital_currency": "CNY",
    "address": "厦门火炬高新区创业路1号",
    "employees": "120",
    "website": "https://www.example.com",
    "contact_name": "陈伟",
    "contact_phone": "0592-5550000",
    "contact_email": "office@example.com",
    "energy_contact_name": "吴昊",
    "energy_contact_phone": "0592-5550001",
    "energy_contact_email": "energy@example.com",
}


def template_workbook(language: str) -> bytes:
    """language: "en" or "zh". Every column is text, so that codes and telephone numbers keep their digits."""
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override(LANGUAGES[language]), Workbook(target, options) as book:
        _headings(book, language)
        _explanations(book, language)
    return target.getvalue()


def _headings(book: Workbook, language: str) -> None:
    sheet = book.add_worksheet(_("Enterprises"))
    text = book.add_format({"num_format": "@"})
    heads = {True: book.add_format({"bold": True, "bottom": 2}), False: book.add_format({"bottom": 2})}
    for place, name in enumerate(HEADINGS):
        sheet.set_column(place, place, WIDTHS.get(name, USUAL_WIDTH), text)
        sheet.write_string(0, place, heading_of(name, LANGUAGES[language]), heads[name in REQUIRED])
    sheet.freeze_panes(1, 2)
    _offer(sheet, "kind", [str(kind.label) for kind in EnterpriseKind])
    _offer(sheet, "is_key_energy_user", [_("Yes"), _("No")])


def _offer(sheet: Worksheet, name: str, words: list[str]) -> None:
    """Words to choose from; others may be typed and are told by the check."""
    place = list(HEADINGS).index(name)
    sheet.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": words, "error_type": "warning"})


def _explanations(book: Workbook, language: str) -> None:
    sheet = book.add_worksheet(_("How to fill it in"))
    bold, wrapped = book.add_format({"bold": True, "bottom": 2}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((30, 14, 64, 36)):
        sheet.set_column(place, place, width, wrapped)
    for line, row in enumerate(_explained(language)):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell, bold if line == 0 else wrapped)


def _explained(language: str) -> list[list[str]]:
    rows = [[_("Column"), _("Needed"), _("What to write"), _("Example")]]
    for name in HEADINGS:
        needed = _("always") if name == "credit_code" else _("if new") if name == "name_zh" else _("no")
        rows.append([heading_of(name, LANGUAGES[language]), needed, _explanation(name), EXAMPLES.get(name, "")])
    return [
        *rows,
        [],
        [_("A cell that is empty, or says 无, N/A or -, leaves what is registered already as it is.")],
        [_("One row for each enterprise. Other columns may stand in the sheet; they are not read.")],
    ]


def _explanation(name: str) -> str:
    explained = {
        "credit_code": _("18 characters, as on the business licence. An enterprise is known by it."),
        "kind": _("One of: %(words)s.") % {"words": _(", ").join(str(kind.label) for kind in EnterpriseKind)},
        "industry_code": _("GB/T 4754, two to four digits, with or without the letter."),
        "established_on": _("Year-month-day."),
        "registered_capital": _("In yuan; 500万 is read as 5,000,000. A heading with 万元 counts in ten thousands."),
        "capital_currency": _("CNY; empty means the same."),
        "employees": _("A whole number."),
        "is_key_energy_user": _("Yes or no."),
    }
    limit = longest(name)
    return explained.get(name) or (_("At most %(limit)s characters.") % {"limit": limit} if limit else "")


def template_name(language: str) -> str:
    return {"en": "register-template", "zh": "企业登记模板"}[language] + ".xlsx"
