"""Amounts of money as people write them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

# Digits have one place each: where two could take the same, a long row of them would be tried in every way.
AMOUNT = re.compile(
    r"[¥￥$]?(-?(?:\d+(?:,\d{3,4})*)?(?:\.\d+|(?<=\d)))(万|亿)?((?:元|人民币|CNY|RMB|YUAN)*)\Z", re.IGNORECASE
)
LONGEST = 60
CENT = Decimal("0.01")
POWERS = {"万": 10_000, "亿": 100_000_000}


def written_amount(written: str, scale: int = 1) -> Decimal:
    """An amount in yuan, grouped by threes or fours or not at all; 万 and 亿 count.

    A unit in the text goes before `scale`.

    Raises `ValueError` where it is none. An amount with half cents stays one: that is for a person to look at.

    >>> written_amount("1,500,000.50"), written_amount("￥ 1.2345亿"), written_amount("1234.5678", 10_000)
    (Decimal('1500000.50'), Decimal('123450000.00'), Decimal('12345678.00'))
    >>> written_amount("500万元", 10_000), written_amount("5000000元", 10_000), written_amount("８００万")
    (Decimal('5000000.00'), Decimal('5000000.00'), Decimal('8000000.00'))
    """
    if len(written) > LONGEST:
        raise ValueError("no amount: too long")
    shaped = AMOUNT.match(unicodedata.normalize("NFKC", written).replace(" ", "").replace("，", ","))
    if shaped is None:
        raise ValueError(f"no amount: {written!r}")
    figure, power, unit = shaped.groups()
    try:
        value = Decimal(figure.replace(",", "")) * (POWERS.get(power or "", 1) if power or unit else scale)
        # Only the decimals that multiplying left over.
        return value.quantize(CENT) if value == value.quantize(CENT) else value
    except InvalidOperation as error:
        raise ValueError(f"no amount: {written!r}") from error
