"""How the invented meters of the demo run: shifts, weekends, holidays, summers, the sun and its clouds.

Every value depends on its place and time alone, so that each start of the demo makes the same year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from math import acos, cos, exp, pi, radians, sin, sqrt, tan

from lib.periods import is_weekend

# Chinese factories are slow to come back from the Spring Festival, and nearly stop in it.
SPRING_FESTIVAL_SHARE = 0.18
STANDARD_MERIDIAN = 120.0


@dataclass(frozen=True, slots=True)
class Place:
    latitude: float
    longitude: float


def chance(name: str, day: date, slot: int = 0) -> float:
    """A number from 0 to 1 that looks random and is always the same."""
    told = blake2b(f"{name} {day.toordinal()} {slot}".encode(), digest_size=4).digest()
    return int.from_bytes(told, "big") / 2**32


def is_day_off(day: date, exceptions: Mapping[date, bool]) -> bool:
    """exceptions: whether a day is worked where that is not what its weekday says."""
    return not exceptions.get(day, not is_weekend(day))


def warmth(day: date) -> float:
    """How much of the summer there is: 0 in late January, 1 in late July.

    >>> round(warmth(date(2026, 7, 26)), 2), round(warmth(date(2026, 1, 25)), 2)
    (1.0, 0.0)
    """
    return (1 - cos(2 * pi * (day.timetuple().tm_yday - 25) / 365)) / 2


def height_of_sun(at: datetime, place: Place) -> float:
    """The sine of the sun's height over the horizon, 0 at night; `at` by the clock of UTC+8.

    Cooper's declination and the hour angle, without the equation of time: enough for a demo.

    >>> place = Place(24.5, 118.1)
    >>> height_of_sun(datetime(2026, 6, 21, 0, 0), place)
    0.0
    >>> round(height_of_sun(datetime(2026, 6, 21, 12, 8), place), 3)
    1.0
    """
    declination = radians(23.45) * sin(2 * pi * (284 + at.timetuple().tm_yday) / 365)
    solar_hour = at.hour + at.minute / 60 + (place.longitude - STANDARD_MERIDIAN) / 15
    hour_angle = radians(15 * (solar_hour - 12))
    latitude = radians(place.latitude)
    height = sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)
    return max(height, 0.0)


def hours_of_daylight(day: date, place: Place) -> float:
    declination = radians(23.45) * sin(2 * pi * (284 + day.timetuple().tm_yday) / 365)
    return 24 / pi * acos(-tan(radians(place.latitude)) * tan(declination))


def photovoltaics(name: str, at: datetime, place: Place) -> float:
    """The share of the rated power that the modules give: the clear sky by the sun's height, the clouds of the day."""
    height = height_of_sun(at, place)
    if not height:
        return 0.0
    clear = height * exp(-0.13 / height)
    sky = 0.35 + 0.65 * sqrt(chance(f"{name} sky", at.date()))
    passing = 1 - 0.5 * (1 - sky) * chance(name, at.date(), at.hour * 4 + at.minute // 15)
    return 0.86 * clear * sky * passing


def plant(name: str, at: datetime, exceptions: Mapping[date, bool], *, shifts: int = 2) -> float:
    """The load of a factory as a share of its highest: two or three shifts, little on days off, cooling in summer."""
    day = at.date()
    hour = at.hour + at.minute / 60
    if shifts == 3:
        running = 0.93 if 7.5 <= hour < 8.25 or 15.5 <= hour < 16.25 else 1.0
    elif 8 <= hour < 20:
        running = 0.9 if 11.5 <= hour < 13 else 1.0
    else:
        running = 0.62 if hour >= 20 or hour < 1 else 0.38
    share = 0.3 + 0.5 * running + 0.2 * warmth(day) * (0.6 + 0.4 * max(sin(pi * (hour - 7) / 14), 0.0))
    if is_day_off(day, exceptions):
        share *= 0.62 if shifts == 3 else 0.45
    if exceptions.get(day) is False and day.month in {1, 2}:
        share = SPRING_FESTIVAL_SHARE
    return share * _about(name, at, 0.05)


def lighting(name: str, at: datetime, place: Place) -> float:
    """Street lamps and signs by night, the park's own offices by day."""
    night = 1.0 if height_of_sun(at, place) < 0.05 else 0.0
    office = 0.45 if 8 <= at.hour < 18 and not is_weekend(at.date()) else 0.12
    return (0.75 * night + office) * _about(name, at, 0.04)


def charging(name: str, at: datetime) -> float:
    """Cars that come to work, lorries at noon, taxis in the valley of the night."""
    hour = at.hour + at.minute / 60
    peaks = sum(size * exp(-(((hour - middle) / width) ** 2)) for middle, width, size in CHARGING_PEAKS)
    weekend = 0.6 if is_weekend(at.date()) else 1.0
    return weekend * peaks * _about(name, at, 0.5)


CHARGING_PEAKS = ((9.5, 1.6, 0.7), (13.0, 1.2, 0.5), (23.5, 1.8, 0.8), (0.5, 1.8, 0.7))


def office(name: str, at: datetime, exceptions: Mapping[date, bool]) -> float:
    """A building of offices that is lit and cooled while people are in it, and sleeps else."""
    hour = at.hour + at.minute / 60
    if is_day_off(at.date(), exceptions) or not 7.5 <= hour < 19:
        return 0.12 * _about(name, at, 0.1)
    return (0.55 + 0.35 * warmth(at.date()) * max(sin(pi * (hour - 6) / 14), 0.0)) * _about(name, at, 0.1)


# Hours of the clock in which a store is charged and discharged, as a share of its rated power: twice a day, filled in
# the valley and at noon, emptied at the peaks of morning and evening.
STORED = ((1.0, 3.5, 0.8), (12.0, 13.25, 0.8))
GIVEN_BACK = ((9.0, 11.0, 0.87), (18.0, 19.0, 0.87))
EMPTY_PERCENT, PERCENT_AN_HOUR = 4.0, 37.2


def _in_hours(at: datetime, hours: tuple[tuple[float, float, float], ...]) -> float:
    hour = at.hour + at.minute / 60
    return next((share for start, end, share in hours if start <= hour < end), 0.0)


def _worth_of_day(name: str, day: date) -> float:
    """How much of a store a day uses: less on days off, when the load is small."""
    return (0.6 if is_weekend(day) else 0.85) + 0.15 * chance(f"{name} worth", day)


def storage_charge(name: str, at: datetime) -> float:
    """The share of its rated power with which a store is charged."""
    return _in_hours(at, STORED) * _worth_of_day(name, at.date()) * _about(f"{name} in", at, 0.02)


def storage_discharge(name: str, at: datetime) -> float:
    """The share of its rated power that it gives back, 87 % of what it took."""
    return _in_hours(at, GIVEN_BACK) * _worth_of_day(name, at.date()) * _about(f"{name} out", at, 0.02)


def storage_state_percent(name: str, at: datetime) -> float:
    """How full it is: as much at midnight as the midnight before."""
    hour = at.hour + at.minute / 60
    filled = sum(min(max(hour - start, 0.0), end - start) for start, end, _share in STORED)
    emptied = sum(min(max(hour - start, 0.0), end - start) * 1.25 for start, end, _share in GIVEN_BACK)
    return EMPTY_PERCENT + PERCENT_AN_HOUR * (filled - emptied) * _worth_of_day(name, at.date())


def _about(name: str, at: datetime, spread: float) -> float:
    return 1 + spread * (chance(name, at.date(), at.hour * 4 + at.minute // 15) - 0.5)
