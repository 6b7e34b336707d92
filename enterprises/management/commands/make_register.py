"""`make_register`: a workbook of made-up enterprises, the same for the same numbers, to try the import with."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from stdnum.cn import uscc
from xlsxwriter import Workbook

from enterprises.services.imports import HEADINGS, heading_of

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGIONS = ("350203", "350206", "350211", "350213", "320481")
PLACES = ("厦门", "翔安", "同安", "集美", "溧阳")
TRADES = (
    ("光电", "Photonics", "C3562", "光通信模块", "Optical modules"),
    ("精密机械", "Precision", "C3525", "精密模具", "Precision moulds"),
    ("新材料", "Materials", "C2652", "工程塑料", "Engineering plastics"),
    ("储能科技", "Storage", "C3841", "储能电池", "Storage batteries"),
    ("冷链物流", "Cold Chain", "G5920", "冷链仓储", "Cold storage"),
)
KINDS = ("manufacturer", "制造业", "服务业", "Research and development", "物流")
FAMILIES = ("陈", "林", "黄", "吴", "赵", "周")
BREAKS: tuple[Callable[[list[Any], list[list[Any]]], None], ...] = (
    lambda row, _rows: _put(row, "credit_code", row[0][:17]),
    lambda row, _rows: _put(row, "credit_code", ""),
    lambda row, rows: _put(row, "credit_code", rows[0][0]),
    lambda row, _rows: _put(row, "name_zh", ""),
    lambda row, _rows: _put(row, "kind", "太空采矿"),
    lambda row, _rows: _put(row, "established_on", "2024-02-30"),
    lambda row, _rows: _put(row, "registered_capital", "-5"),
    lambda row, _rows: _put(row, "contact_email", "nobody at example"),
    lambda row, _rows: _put(row, "address", "很" * 301),
    lambda row, _rows: _put(row, "industry_code", "光电"),
)


class Command(BaseCommand):
    help = "Write a workbook of made-up enterprises, of which a share in percent is broken in ten ways."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path)
        parser.add_argument("--rows", type=int, default=12_000)
        parser.add_argument("--broken", type=float, default=0, help="percent")
        parser.add_argument("--changed", type=float, default=0, help="percent with another telephone number")

    def handle(self, *_args: Any, **options: Any) -> None:
        table = made_up(options["rows"], broken=options["broken"], changed=options["changed"])
        write_workbook(options["target"], table)
        self.stdout.write(f"{options['target']}: {len(table)} enterprises, {broken_count(table)} broken")


def made_up(rows: int, *, broken: float = 0, changed: float = 0) -> list[list[Any]]:
    """The rows below the headings, in the order of `HEADINGS`; broken and changed in percent, evenly spread."""
    table = [enterprise(number) for number in range(rows)]
    for place, number in enumerate(spread(rows, changed)):
        _put(table[number], "contact_phone", f"0592-8{place:06}")
    # The first stays whole: a later one repeats its code.
    for place, number in enumerate(spread(rows, broken)):
        BREAKS[place % len(BREAKS)](table[number], table)
        table[number].append("broken")
    return table


def spread(rows: int, percent: float) -> list[int]:
    """So many places, evenly from the end of each stretch.

    >>> spread(10, 20), spread(10, 0)
    ([4, 9], [])
    """
    count = round(rows * percent / 100)
    return [(place + 1) * rows // count - 1 for place in range(count)]


def broken_count(table: Sequence[Sequence[Any]]) -> int:
    return sum(len(row) > len(HEADINGS) for row in table)


def enterprise(number: int) -> list[Any]:
    """The cells of an enterprise, its code with the right check character."""
    word, english, industry, product_zh, product_en = TRADES[number % len(TRADES)]
    name = f"{PLACES[number % 5]}{number:05}{word}有限公司"
    cells = {
        "credit_code": credit_code(number),
        "name_zh": name,
        "name_en": f"Torch {english} {number:05} Co., Ltd.",
        "kind": KINDS[number % len(KINDS)],
        "industry_code": industry,
        "industry_zh": product_zh,
        "industry_en": product_en,
        "legal_representative": f"{FAMILIES[number % 6]}建国",
        "established_on": f"{1990 + number % 35}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "registered_capital": 500_000 + number % 900 * 10_000,
        "capital_currency": "人民币",
        "address": f"厦门火炬高新区创业路{number % 900 + 1}号",
        "employees": 20 + number % 480,
        "website": f"https://www.torch{number:05}.example",
        "contact_name": f"{FAMILIES[number % 5]}丽",
        "contact_phone": f"0592-5{number:06}",
        "contact_email": f"office{number:05}@torch.example",
        "energy_contact_name": f"{FAMILIES[number % 4]}伟",
        "energy_contact_phone": f"0592-6{number:06}",
        "energy_contact_email": f"energy{number:05}@torch.example",
        "is_key_energy_user": "是" if number % 40 == 0 else "否",
    }
    return [cells[name] for name in HEADINGS]


def credit_code(number: int) -> str:
    """A code of the right shape for a made-up body.

    >>> credit_code(1)
    '91350206MA00000014'
    """
    body = ""
    rest = number
    for _place in range(6):
        rest, digit = divmod(rest, 31)
        body = ALPHABET[digit] + body
    begun = f"91{REGIONS[number % len(REGIONS)]}MA{body}{ALPHABET[number % 10]}"
    return begun + str(uscc.calc_check_digit(begun))


def _put(row: list[Any], name: str, value: Any) -> None:
    row[list(HEADINGS).index(name)] = value


def write_workbook(target: Any, table: Sequence[Sequence[Any]], *, headings: Sequence[str] | None = None) -> None:
    """A workbook of one sheet; target: a path or an open file. Nothing in it becomes a formula or a link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, options) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, headings or [heading_of(name, "zh-hans") for name in HEADINGS])
        for line, row in enumerate(table, start=1):
            sheet.write_row(line, 0, row[: len(HEADINGS)])
