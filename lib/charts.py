"""Drawings of readings as SVG takes them: the curve of a load, bars of months, the heat map of a year.

Places are percent of the drawing's width and height, paths lie in a square of 1000; words stand beside the drawing, so
that neither is stretched. None is a value that is not there: it leaves a gap and is never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from math import ceil, floor, inf, isfinite, log10
from typing import NamedTuple, TypeAlias

Value: TypeAlias = float | None
Point: TypeAlias = tuple[float, float]

SIDE = 1000.0
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
HEAT_LEVELS = 8
# What is less is nothing. A quarter of it, the smallest step, is written with as many decimals.
SMALLEST_SPAN = 1e-9
MARK_DECIMALS = 11
HOURS = 24


class Band(NamedTuple):
    """A rectangle in percent of the drawing."""

    x: str
    y: str
    width: str
    height: str


class Curve(NamedTuple):
    """A load as a curve. `solid` is certain, `dashed` is not, `area` lies under both.

    `estimated` are the intervals that are not certain, `missing` the stretches of which nothing is known; `highest`
    says where the highest value stands, None where there is no value.
    """

    solid: str
    dashed: str
    area: str
    estimated: list[Band]
    missing: list[Band]
    zero: str
    highest: tuple[int, str, str] | None


class Column(NamedTuple):
    """A bar of what is certain, and upon it what is not."""

    solid: Band
    hatched: Band | None


class Heat(NamedTuple):
    """All hours of one level: a path in units of a day and an hour."""

    level: int
    path: str


def marks(highest: float, lowest: float = 0.0, most: int = 4) -> list[float]:
    """Round values from at most `lowest` to at least `highest`, with at most `most` steps between where that goes.

    >>> marks(13.42)
    [0.0, 5.0, 10.0, 15.0]
    >>> marks(0.8)
    [0.0, 0.2, 0.4, 0.6, 0.8]
    >>> marks(21, -6)
    [-10.0, 0.0, 10.0, 20.0, 30.0]
    >>> marks(0), marks(5.55e-17)
    ([0.0, 1.0], [0.0, 1.0])
    """
    bottom, top = min(lowest, 0.0), max(highest, 0.0)
    if not SMALLEST_SPAN <= top - bottom < inf:
        return [0.0, 1.0]
    step = _step((top - bottom) / most)
    first, last = floor(bottom / step + 1e-9), ceil(top / step - 1e-9)
    return [round(number * step, MARK_DECIMALS) + 0.0 for number in range(first, last + 1)]


def _step(least: float) -> float:
    size = 10.0 ** floor(log10(least))
    return next(part * size for part in STEPS if part * size >= least * (1 - 1e-9))


def curve(
    values: Sequence[Value], certain: Sequence[bool], scale: Sequence[float], *, over: int | None = None
) -> Curve:
    """The curve of as many equal intervals as there are values; each value stands in the middle of its own.

    certain: for each whether it was measured. scale: what `marks` says, of which the ends are the drawing's. over: how
    many of the intervals are over; what is not there of the others is not missing.

    >>> drawn = curve([1.0, 2.0, None, 2.0], [True, True, True, False], [0.0, 2.0])
    >>> drawn.solid, drawn.dashed
    ('M125 500L375 0', 'M750 0L1000 0')
    >>> drawn.missing, drawn.highest
    ([Band(x='50%', y='0%', width='25%', height='100%')], (1, '37.5%', '0%'))
    """
    bottom, top = scale[0], scale[-1]
    width = SIDE / max(len(values), 1)
    points = [
        None if value is None else (width * (place + 0.5), _down(value, bottom, top))
        for place, value in enumerate(values)
    ]
    floor_at = _down(0.0, bottom, top)
    lines = list(_lines(points, certain, width))
    return Curve(
        solid="".join(path for path, is_certain in lines if is_certain),
        dashed="".join(path for path, is_certain in lines if not is_certain),
        area="".join(_under(run, width, floor_at) for run in _runs(points)),
        estimated=[
            _interval(place, len(values), point[1], floor_at)
            for place, point in enumerate(points)
            if point is not None and not certain[place]
        ],
        missing=_gaps(values, over),
        zero=percent(floor_at),
        highest=_highest(values, points),
    )


def _down(value: float, bottom: float, top: float) -> float:
    """How far from the upper edge a value stands."""
    return (top - value) / (top - bottom) * SIDE


def _runs(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    for is_known, run in groupby(points, key=lambda point: point is not None):
        if is_known:
            yield [point for point in run if point is not None]


def _lines(points: Sequence[Point | None], certain: Sequence[bool], width: float) -> Iterator[tuple[str, bool]]:
    """Paths between neighbours, certain where both ends are; what has no neighbour is as long as its interval."""
    for place, point in enumerate(points):
        if point is not None and _is_alone(points, place):
            x, y = point
            yield _path([(x - width / 2, y), (x + width / 2, y)]), certain[place]
    links = [
        (start, end, certain[place] and certain[place + 1])
        for place, (start, end) in enumerate(pairwise(points))
        if start is not None and end is not None
    ]
    stretch: list[Point] = []
    kind = True
    for start, end, is_certain in links:
        if not stretch or stretch[-1] != start or kind != is_certain:
            if stretch:
                yield _path(stretch), kind
            stretch, kind = [start], is_certain
        stretch.append(end)
    if stretch:
        yield _path(stretch), kind


def _is_alone(points: Sequence[Point | None], place: int) -> bool:
    before = points[place - 1] if place else None
    after = points[place + 1] if place + 1 < len(points) else None
    return before is None and after is None


def _under(run: Sequence[Point], width: float, floor_at: float) -> str:
    (first, start), (last, end) = run[0], run[-1]
    outline = [
        (first - width / 2, floor_at),
        (first - width / 2, start),
        *run,
        (last + width / 2, end),
        (last + width / 2, floor_at),
    ]
    return f"{_path(outline)}Z"


def _interval(place: int, count: int, y: float, floor_at: float) -> Band:
    share = SIDE / count
    return Band(percent(place * share), percent(min(y, floor_at)), percent(share), percent(abs(floor_at - y)))


def _gaps(values: Sequence[Value], over: int | None) -> list[Band]:
    share = SIDE / max(len(values), 1)
    gaps, place = [], 0
    for is_missing, run in groupby(value is None for value in values[:over]):
        length = len(list(run))
        if is_missing:
            gaps.append(Band(percent(place * share), "0%", percent(length * share), "100%"))
        place += length
    return gaps


def _highest(values: Sequence[Value], points: Sequence[Point | None]) -> tuple[int, str, str] | None:
    known = [(value, -place) for place, value in enumerate(values) if value is not None]
    if not known:
        return None
    place = -max(known)[1]
    point = points[place]
    return None if point is None else (place, percent(point[0]), percent(point[1]))


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)


def _short(number: float) -> str:
    return f"{round(number, 1):g}"


def percent(thousandths: float) -> str:
    """
    >>> percent(375.0), percent(1000 / 3)
    ('37.5%', '33.33%')
    """
    return f"{round(thousandths / 10, 2):g}%"


def columns(values: Sequence[tuple[float, float] | None], scale: Sequence[float]) -> list[Column | None]:
    """A bar for each pair of what is certain and what is not, in equal places.

    >>> columns([(3.0, 1.0), None], [0.0, 4.0])[0].hatched
    Band(x='5.5%', y='0%', width='39%', height='25%')
    """
    top = scale[-1] or 1.0
    share = SIDE / max(len(values), 1)
    drawn: list[Column | None] = []
    for place, pair in enumerate(values):
        if pair is None or not all(map(isfinite, pair)):
            drawn.append(None)
            continue
        certain, rest = (max(part, 0.0) / top * SIDE for part in pair)
        x, width = percent(place * share + share * 0.11), percent(share * 0.78)
        solid = Band(x, percent(SIDE - certain), width, percent(certain))
        hatched = Band(x, percent(SIDE - certain - rest), width, percent(rest)) if rest else None
        drawn.append(Column(solid, hatched))
    return drawn


def heat_map(days: Sequence[Sequence[Value]]) -> tuple[list[Heat], tuple[float, float] | None]:
    """One column a day, midnight at its foot: a path for each level of eight, and the lowest and highest value.

    days: for each day its 24 hours. Levels are equal steps from the lowest value to the highest.

    >>> heats, ends = heat_map([[1.0] * 12 + [9.0] * 12, [None] * 24])
    >>> heats, ends
    ([Heat(level=0, path='M0 12h1v12h-1z'), Heat(level=7, path='M0 0h1v12h-1z')], (1.0, 9.0))
    """
    known = [value for hours in days for value in hours if value is not None]
    if not known:
        return [], None
    lowest, highest = min(known), max(known)
    paths: dict[int, list[str]] = {}
    for day, hours in enumerate(days):
        hour = 0
        for level, run in groupby(_level(value, lowest, highest) for value in hours):
            length = len(list(run))
            hour += length
            if level is not None:
                paths.setdefault(level, []).append(f"M{day} {HOURS - hour}h1v{length}h-1z")
    return [Heat(level, "".join(paths[level])) for level in sorted(paths)], (lowest, highest)


def _level(value: Value, lowest: float, highest: float) -> int | None:
    if value is None:
        return None
    if highest == lowest:
        return HEAT_LEVELS - 1
    return min(int((value - lowest) / (highest - lowest) * HEAT_LEVELS), HEAT_LEVELS - 1)
