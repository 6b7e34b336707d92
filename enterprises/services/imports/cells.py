"""Cells of a table as facts of an enterprise, by the same rules as typed by hand, with words people use in tables.

Every fact is kept as the text of `enterprises.facts`; an empty cell says nothing of its fact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from enterprises.calculations import LENGTH, check_character_fits, has_code_shape, is_to_come, normalised_code
from enterprises.choices import EnterpriseKind
from enterprises.facts import stored_text
from enterprises.industries import is_known_shape, normalised
from enterprises.models import Enterprise
from enterprises.services.imports.problems import RowProblem, WrongCell, problem
from enterprises.services.register import FACTS
from lib.amounts import written_amount
from lib.spreadsheets import Cell
from lib.text import is_no_telephone, validate_name
from parks.choices import Currency

IMPORTED = FACTS
# What others read on pages and in mail.
NAMES = ("name_zh", "name_en", "legal_representative", "contact_name", "energy_contact_name")
# With these the tables of others say that there is nothing.
NOTHING = frozenset(
    {
        *("无", "暂无", "没有", "未填", "未知", "不详", "不适用", "none", "nil", "null", "n/a", "na"),
        *("-", "--", "---", "–", "—", "——", "/", "//", "\\"),
    }
)
# A spreadsheet keeps fifteen digits of a number.
MOST_DIGITS = 15
DAY_ZERO = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 80_000
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?\Z|(\d{4})(\d{2})(\d{2})\Z")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
KINDS = {
    EnterpriseKind.MANUFACTURER: ("manufacturer", "manufacturing", "production", "生产", "制造", "制造业", "生产制造"),
    EnterpriseKind.SERVICE: ("service", "services", "服务", "服务业"),
    EnterpriseKind.ENERGY_SERVICE: ("energy service company", "energy service", "esco", "节能服务", "能源服务"),
    EnterpriseKind.RESEARCH: ("research and development", "research", "r&d", "研发", "研究", "科研", "研发机构"),
    EnterpriseKind.LOGISTICS: ("logistics", "warehousing", "物流", "仓储", "物流业", "仓储物流"),
    EnterpriseKind.OTHER: ("other", "others", "其他", "其它"),
}
COMPANY_WORDS = re.compile(r"(?:型?企业|公司|类){1,3}\Z")
LONGEST_KIND = 60
CURRENCIES = {Currency.CNY: ("cny", "rmb", "yuan", "chinese yuan", "人民币", "元", "人民币元", "¥")}
YES = frozenset({"yes", "y", "true", "1", "是", "有", "√", "✓", "对"})
NO = frozenset({"no", "n", "false", "0", "否", "无", "不是", "×", "x", "✗"})


@dataclass(slots=True)
class ReadRow:
    """What a row says: `facts` as texts without the empty ones, and what is wrong with it."""

    facts: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def credit_code(self) -> str:
        return self.facts.get("credit_code", "")


def read_facts(cells: Sequence[Cell], mapping: Mapping[str, int], *, today: date, scale: int = 1) -> ReadRow:
    """The facts of a row. scale: by how much amounts of capital are multiplied, as the heading says."""
    row = ReadRow()
    for name, place in mapping.items():
        cell = cells[place] if place < len(cells) else ""
        written = plain(cell)
        if not written or _says_nothing(name, written):
            continue
        try:
            value = _read(name, cell, written, scale)
            _refuse_to_come(name, value, today)
        except WrongCell as wrong:
            row.problems.append(problem(name, written, wrong.rule, wrong.suggestion))
        else:
            row.facts[name] = stored_text(name, value)
    _ask_for_code(row)
    return row


def _says_nothing(name: str, written: str) -> bool:
    """Of a question to be answered with yes or no, 无 is the answer."""
    word = folded(written)
    return word in NOTHING and not (name == "is_key_energy_user" and word in NO)


def _ask_for_code(row: ReadRow) -> None:
    if not row.credit_code and not any(wrong["column"] == "credit_code" for wrong in row.problems):
        row.problems.insert(0, problem("credit_code", "", RowProblem.CODE_MISSING))


def plain(cell: Cell) -> str:
    """The cell as text on one line, without the spaces of whatever width around and between its words.

    >>> plain("　厦门　 晨光\\n"), plain(Decimal("1.50")), plain(Decimal("1E+3"))
    ('厦门 晨光', '1.5', '1000')
    """
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return " ".join(unicodedata.normalize("NFC", cell).split())


def folded(written: str) -> str:
    """As it compares: half width, small letters.

    >>> folded("ＹＥＳ")
    'yes'
    """
    return unicodedata.normalize("NFKC", written).casefold().strip()


def _read(name: str, cell: Cell, written: str, scale: int) -> Any:
    if name == "credit_code":
        return _code(cell, written)
    if name == "registered_capital":
        value: Any = _capital(written, scale)
    else:
        value = READERS.get(name, _text)(written)
    _validate(name, value)
    return value


def _refuse_to_come(name: str, value: Any, today: date) -> None:
    if name == "established_on" and is_to_come(value, today):
        raise WrongCell(RowProblem.DAY_TO_COME)


def _validate(name: str, value: Any) -> None:
    """By the validators of the column, which the forms ask as well."""
    try:
        if name in NAMES:
            validate_name(value)
        _validators(name)(value)
    except ValidationError as error:
        raise WrongCell(_rule_of(name, error.error_list[0].code)) from error


@cache
def _validators(name: str) -> Callable[[Any], None]:
    found: models.Field[Any, Any] = Enterprise._meta.get_field(name)  # type: ignore[assignment]
    return found.run_validators


def _rule_of(name: str, code: str | None) -> RowProblem:
    if code in {"invisible", "blank"}:
        return RowProblem.UNREADABLE_NAME
    if code == "max_length":
        return RowProblem.TOO_LONG
    return WRONG.get(name, RowProblem.OUT_OF_RANGE)


WRONG = {
    "contact_email": RowProblem.NOT_AN_EMAIL,
    "energy_contact_email": RowProblem.NOT_AN_EMAIL,
    "website": RowProblem.NOT_A_WEBSITE,
}


def _code(cell: Cell, written: str) -> str:
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) > MOST_DIGITS:
        raise WrongCell(RowProblem.CODE_DIGITS_LOST)
    code = normalised_code(written)
    if len(code) != LENGTH:
        raise WrongCell(RowProblem.CODE_LENGTH)
    if not has_code_shape(code):
        raise WrongCell(RowProblem.CODE_CHARACTERS, _likely_code(code))
    return code


def _likely_code(code: str) -> str:
    """The code with digits in place of the letters that codes avoid, where that makes one that fits.

    >>> _likely_code("9135O2OOMA2YJ1XR9G"), _likely_code("91350200MA2YJ1XR9Ö")
    ('91350200MA2YJ1XR9G', '')
    """
    likely = code.translate(str.maketrans("OISZ", "0152"))
    return likely if has_code_shape(likely) and check_character_fits(likely) else ""


def _text(written: str) -> str:
    return written


def _kind(written: str) -> str:
    if len(written) > LONGEST_KIND:
        raise WrongCell(RowProblem.KIND_UNKNOWN)
    word = COMPANY_WORDS.sub("", folded(written)) or folded(written)
    for kind, words in KINDS.items():
        if word in words or word == kind.value or folded(written) in words:
            return kind.value
    raise WrongCell(RowProblem.KIND_UNKNOWN)


def _currency(written: str) -> str:
    for currency, words in CURRENCIES.items():
        if folded(written) in words:
            return currency.value
    raise WrongCell(RowProblem.CURRENCY_UNKNOWN)


def _industry(written: str) -> str:
    code = normalised(written)
    if not is_known_shape(code):
        raise WrongCell(RowProblem.INDUSTRY_SHAPE)
    return code


def _day(written: str) -> date:
    shaped = DAY.match(unicodedata.normalize("NFKC", written))
    try:
        if shaped:
            return date(*(int(part) for part in shaped.groups() if part))
    except ValueError as error:
        raise WrongCell(RowProblem.NOT_A_DAY) from error
    raise WrongCell(RowProblem.NOT_A_DAY, _day_of_serial(written))


def _day_of_serial(written: str) -> str:
    """The day that a spreadsheet would show for a number, had the cell the format of a day.

    >>> _day_of_serial("45234"), _day_of_serial("12")
    ('2023-11-04', '')
    """
    if written.isascii() and written.isdigit() and FIRST_SERIAL < int(written[:6]) < LAST_SERIAL and len(written) < 6:
        return (DAY_ZERO + timedelta(days=int(written))).isoformat()
    return ""


def _capital(written: str, scale: int) -> Decimal:
    try:
        return written_amount(written, scale)
    except ValueError as error:
        raise WrongCell(RowProblem.NOT_AN_AMOUNT) from error


def _count(written: str) -> int:
    digits = unicodedata.normalize("NFKC", written).replace(",", "").removesuffix("人").strip()
    if not digits.isascii() or not digits.removeprefix("-").isdigit() or len(digits) > MOST_DIGITS:
        raise WrongCell(RowProblem.NOT_A_COUNT)
    return int(digits)


def _website(written: str) -> str:
    """As people write it: without the scheme more often than with it."""
    address = unicodedata.normalize("NFKC", written)
    return address if SCHEME.match(address) else f"https://{address}"


def _half_width(written: str) -> str:
    return unicodedata.normalize("NFKC", written)


def _telephone(written: str) -> str:
    """As it stands in registers, with whatever words beside it, so long as there is a number."""
    if is_no_telephone(written):
        raise WrongCell(RowProblem.NOT_A_TELEPHONE)
    return _half_width(written)


def _answer(written: str) -> bool:
    word = folded(written)
    if word not in YES | NO:
        raise WrongCell(RowProblem.NEITHER_YES_NOR_NO)
    return word in YES


READERS: dict[str, Callable[[str], Any]] = {
    "kind": _kind,
    "industry_code": _industry,
    "established_on": _day,
    "capital_currency": _currency,
    "employees": _count,
    "website": _website,
    "contact_phone": _telephone,
    "contact_email": _half_width,
    "energy_contact_phone": _telephone,
    "energy_contact_email": _half_width,
    "is_key_energy_user": _answer,
}
