"""Units in which files give quantities, and how much of the unit of a channel one of them is."""

from __future__ import annotations

# Of each spelling, in lower case: the unit it is counted in and how much of that.
KNOWN: dict[str, tuple[str, float]] = {
    "wh": ("kWh", 0.001),
    "kwh": ("kWh", 1.0),
    "mwh": ("kWh", 1000.0),
    "gwh": ("kWh", 1_000_000.0),
    "千瓦时": ("kWh", 1.0),
    "度": ("kWh", 1.0),
    "兆瓦时": ("kWh", 1000.0),
    "万千瓦时": ("kWh", 10_000.0),
    "varh": ("kvarh", 0.001),
    "kvarh": ("kvarh", 1.0),
    "m3": ("m3", 1.0),
    "m³": ("m3", 1.0),
    "立方米": ("m3", 1.0),
    "吨": ("t", 1.0),
    "l": ("m3", 0.001),
    "mj": ("GJ", 0.001),
    "gj": ("GJ", 1.0),
    "吉焦": ("GJ", 1.0),
    "t": ("t", 1.0),
    "kg": ("t", 0.001),
    "degc": ("degC", 1.0),
    "°c": ("degC", 1.0),
    "℃": ("degC", 1.0),
    "w/m2": ("W/m2", 1.0),
    "w/m²": ("W/m2", 1.0),
    "ug/m3": ("ug/m3", 1.0),
    "µg/m³": ("ug/m3", 1.0),
    "percent": ("percent", 1.0),
    "%": ("percent", 1.0),
}


def unit_factor(given: str, kept: str) -> float | None:
    """By what a value in the unit of a file is multiplied to be in that of the channel; None where they do not fit.

    A file that names no unit means the channel's.

    >>> unit_factor("MWh", "kWh"), unit_factor("", "m3"), unit_factor("Wh", "m3")
    (1000.0, 1.0, None)
    """
    if not given:
        return 1.0
    counted_in, factor = KNOWN.get(given.strip().lower(), ("", 0.0))
    return factor if counted_in == kept else None
