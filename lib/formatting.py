"""Figures, money and days as people read them, in both languages of the portal."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

MINUS = "\u2212"
THIN_SPACE = "\u2009"
NOTHING = "\u2013"

CURRENCY_SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€"}
WORDS_OF_UNITS = re.compile(r"CO2")

Figure: TypeAlias = Decimal | int | float


def speaks_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")


def localized(thing: object, field: str) -> str:
    """`<field>_en` or `<field>_zh` by the active language, falling back to the other one."""
    suffixes = ("zh", "en") if speaks_chinese() else ("en", "zh")
    values = (str(getattr(thing, f"{field}_{suffix}", None) or "") for suffix in suffixes)
    return next((value for value in values if value), "")


def exact(value: Figure | str) -> Decimal:
    """The value as a Decimal; floats by their shortest form, so that 0.1 stays 0.1.

    >>> exact(0.1)
    Decimal('0.1')
    """
    return value if isinstance(value, Decimal) else Decimal(str(value))


def number(value: Figure, places: int | None = None) -> str:
    """Grouped by thousands, with a real minus; without places, as many as the value has, at most two for floats.

    >>> number(Decimal("-1234567.5"), 2)
    '−1,234,567.50'
    >>> number(11340000)
    '11,340,000'
    >>> number(98.4)
    '98.4'
    >>> number(Decimal("-0.001"), 2)
    '0.00'
    """
    amount = exact(value)
    if places is None and isinstance(value, float):
        amount = exact(round(value, 2))
    if places is not None:
        amount = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    written = f"{abs(amount):,f}"
    return MINUS + written if amount < 0 else written


def money(value: Figure, currency: str = "CNY") -> str:
    """An amount where it is decided or paid, always with two decimals.

    >>> money(Decimal("1500000"))
    '¥1,500,000.00'
    >>> money(Decimal("-1246.5"))
    '−¥1,246.50'
    """
    sign = CURRENCY_SIGNS.get(currency, f"{currency} ")
    written = number(value, 2)
    if written.startswith(MINUS):
        return f"{MINUS}{sign}{written[1:]}"
    return f"{sign}{written}"


def money_short(value: Figure) -> str:
    """An amount in a summary: millions in English, ten thousands in Chinese.

    >>> money_short(Decimal("12382150"))
    '¥12.38 M'
    """
    amount = exact(value)
    if speaks_chinese():
        return f"¥{_in_ten_thousands(amount)} 万" if abs(amount) >= 10_000 else f"¥{number(amount, 0)}"
    if abs(amount) >= 1_000_000:
        return f"¥{number(amount / 1_000_000, 2)} M"
    return f"¥{number(amount, 0)}"


def _in_ten_thousands(amount: Decimal) -> str:
    """Of less than a thousand of them one decimal is told, where there is one."""
    tenths = round(amount / 10_000, 1)
    return number(tenths, 0 if abs(tenths) >= 1000 or tenths == int(tenths) else 1)


def unit(name: str) -> SafeString:
    """A unit in its own weight; CO2 with a real subscript.

    >>> unit("tCO2")
    '<span class="unit">tCO<sub>2</sub></span>'
    """
    written = WORDS_OF_UNITS.sub("CO<sub>2</sub>", conditional_escape(name))
    return format_html('<span class="unit">{}</span>', mark_safe(written))  # noqa: S308


def quantity(value: Figure, unit_name: str, places: int | None = None) -> SafeString:
    """A figure and its unit, a thin space between; percent follows the language.

    >>> quantity(Decimal("211.4"), "MWh")
    '<span class="figure">211.4\u2009<span class="unit">MWh</span></span>'
    """
    if unit_name == "%":
        return format_html('<span class="figure">{}</span>', percent(value, places))
    return format_html('<span class="figure">{}{}{}</span>', number(value, places), THIN_SPACE, unit(unit_name))


def quantity_words(value: Figure, unit_name: str) -> str:
    """The same as plain text, for sentences; without the zeros that a column adds.

    >>> quantity_words(Decimal("100.000"), "tce")
    '100\u2009tce'
    """
    return f"{number(exact(value).normalize() + 0)}{THIN_SPACE}{unit_name}"


def percent(value: Figure, places: int | None = 1) -> str:
    """A percentage (0 to 100), with a space before the sign in English only.

    >>> percent(Decimal("98.4"))
    '98.4\u2009%'
    """
    gap = "" if speaks_chinese() else THIN_SPACE
    return f"{number(value, places)}{gap}%"


def signed_percent(value: float, places: int = 1) -> str:
    """A change in percent, with its sign; what rounds to nothing has none.

    >>> signed_percent(4.06), signed_percent(-12.3), signed_percent(-0.01)
    ('+4.1\u2009%', '\u221212.3\u2009%', '0.0\u2009%')
    """
    words = percent(abs(value), places)
    if words == percent(0, places):
        return words
    return f"{'+' if value > 0 else MINUS}{words}"


def day(value: dt.date, compact: bool = False) -> str:
    """A day in the language of the page; compact is the same in both, for tables.

    >>> day(dt.date(2026, 11, 8))
    '2026-11-08'
    """
    if speaks_chinese() and not compact:
        return f"{value.year}年{value.month}月{value.day}日"
    return value.isoformat()


def zone(moment: dt.datetime) -> str:
    """The offset of an aware instant.

    >>> zone(dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))))
    'UTC+5:30'
    """
    offset = moment.utcoffset() or dt.timedelta()
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else MINUS
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def saved_words(moment: dt.datetime) -> str:
    """When a draft was last kept, to the second, in the active zone, which is named."""
    local = timezone.localtime(moment)
    return _("Saved at %(time)s %(zone)s") % {"time": local.strftime("%H:%M:%S"), "zone": zone(local)}
