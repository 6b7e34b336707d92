"""What the columns of a table of readings mean, told from their headings or from the mapping of the feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WORDS = {
    meaning: frozenset(words.split())
    for meaning, words in {
        "meter": "meter meterid meterno meternumber serial serialnumber nmi device"
        " 表号 电表 电表号 表计 表计编号 仪表编号 计量点 计量点编号 设备编号 出厂编号",
        "code": "channel register code obis 通道 寄存器 测点 数据项",
        "time": "time timestamp datetime readat at 时间 采集时间 数据时间 抄表时间 日期时间 时刻",
        "day": "day date 日期 数据日期",
        "value": "value reading usage use energy kwh consumption 读数 值 数值 电量 用量 用电量 示数 用水量",
        "unit": "unit uom 单位",
    }.items()
}


# Brackets as Chinese text has them.
BRACKETS = str.maketrans("\uff08\uff09", "()")


def narrow(heading: str) -> str:
    return heading.translate(BRACKETS)


def plain(heading: str) -> str:
    """A heading without case, spaces, marks, and what stands in brackets.

    >>> plain(" Meter No. (kWh)"), plain("电量(千瓦时)")
    ('meterno', '电量')
    """
    before = narrow(heading).split("(", maxsplit=1)[0]
    return "".join(char for char in before.lower() if char.isalnum())


def columns_of(headings: Sequence[str], mapping: Mapping[str, Any]) -> dict[str, int]:
    """The place of each column by its meaning: as the feed's mapping names it, else as its heading says."""
    found: dict[str, int] = {}
    for meaning, words in WORDS.items():
        wanted = mapping.get(meaning)
        for place, heading in enumerate(headings):
            is_it = heading.strip() == wanted if wanted else plain(heading) in words
            if is_it and place not in found.values():
                found.setdefault(meaning, place)
    return found


def unit_in(heading: str) -> str:
    """The unit that a heading names in brackets.

    >>> unit_in("Energy (MWh)"), unit_in("电量(千瓦时)"), unit_in("value")
    ('MWh', '千瓦时', '')
    """
    flat = narrow(heading)
    return flat.split("(", maxsplit=1)[1].split(")", maxsplit=1)[0].strip() if "(" in flat else ""
