"""Measure lines laid out in percent: solid parts, hatched parts, the track that is left, and the tick of a limit."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from lib.formatting import Figure, exact

TONES = frozenset(
    {"accent", "accent-2", "elec", "pv", "stor", "chg", "gas", "heat", "water", "ref", "ok", "warn", "bad", "info"}
)


class Part(NamedTuple):
    """One stretch of the line; `start` and `width` are percent of the whole, as SVG takes them."""

    start: str
    width: str
    tone: str
    hatched: bool
    label: str


class Bar(NamedTuple):
    """One day of a small bar chart; places in percent of its width and height."""

    x: str
    width: str
    y: str
    height: str
    hatched: bool


def _percent(share: Decimal) -> str:
    return f"{(share * 100).quantize(Decimal('0.01')).normalize():f}%"


def share(value: Figure, maximum: Figure) -> Decimal:
    """The value as a share of the maximum, held between 0 and 1; 0 of nothing is 0.

    >>> share(3, 4)
    Decimal('0.75')
    >>> share(9, 4), share(1, 0)
    (Decimal('1'), Decimal('0'))
    """
    whole = exact(maximum)
    if whole <= 0:
        return Decimal(0)
    return min(max(exact(value) / whole, Decimal(0)), Decimal(1))


def percent_of(value: Figure, maximum: Figure) -> str:
    """Where on the line a value lies.

    >>> percent_of(Decimal("10.96"), Decimal("12.60"))
    '86.98%'
    """
    return _percent(share(value, maximum))


def lay_out(parts: Iterable[Mapping[str, Any]], maximum: Figure) -> list[Part]:
    """The parts one after another; what would run over the end is cut there.

    >>> [(part.start, part.width) for part in lay_out([{"value": 6}, {"value": 3, "hatched": True}], 12)]
    [('0%', '50%'), ('50%', '25%')]
    """
    placed, start = [], Decimal(0)
    for part in parts:
        width = min(share(part["value"], maximum), 1 - start)
        tone = part.get("tone", "accent")
        if tone not in TONES:
            raise ValueError(f'"{tone}" is not a tone of the measure line')
        hatched = bool(part.get("hatched", False))
        placed.append(Part(_percent(start), _percent(width), tone, hatched, str(part.get("label", ""))))
        start += width
    return placed


def bars_of(values: Sequence[Figure | None], slots: int, hatched: Iterable[int] = ()) -> list[Bar]:
    """One bar a value in `slots` equal places; None leaves a gap, `hatched` are the places of estimated ones.

    >>> [(bar.x, bar.height, bar.hatched) for bar in bars_of([2, None, 4], 4, hatched=[2])]
    [('0%', '50%', False), ('50%', '100%', True)]
    """
    known = [value for value in values if value is not None]
    highest = max(known, default=0)
    estimated = set(hatched)
    width = Decimal(1) / max(slots, 1)
    return [
        Bar(
            x=_percent(width * place),
            width=_percent(width * Decimal("0.78")),
            y=_percent(1 - share(value, highest)),
            height=_percent(share(value, highest)),
            hatched=place in estimated,
        )
        for place, value in enumerate(values)
        if value is not None
    ]
