"""Days of many channels as one curve: blocks as the database sends them, laid on one grid and added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags

# What `array_send` writes before the elements of an array of one dimension: dimensions, nulls, type, length, bound.
HEADER = 20
ELEMENT = np.dtype([("size", ">i4"), ("value", ">f8")])
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """A day as steps of `minutes`. `loads` are the sums of what is known per hour, NaN where nothing is; `present` and
    `measured` how many channels gave a value, or a measured one, for the step."""

    minutes: int
    loads: Floats
    present: Counts
    measured: Counts

    @property
    def total(self) -> float | None:
        """What was used in the day, of what is known."""
        known = self.loads[~np.isnan(self.loads)]
        return float(known.sum()) * self.minutes / 60 if len(known) else None


def values_of(sent: bytes, length: int) -> Floats:
    """Arrays as `array_send` writes them one after another: a row each; all are `length` long and have no null.

    >>> import struct
    >>> one = struct.pack(">iiiii", 1, 0, 701, 2, 1) + struct.pack(">idid", 8, 1.5, 8, 2.5)
    >>> values_of(one + one, 2).tolist()
    [[1.5, 2.5], [1.5, 2.5]]
    """
    layout = np.dtype([("header", "V", HEADER), ("elements", ELEMENT, (length,))])
    values: Floats = np.frombuffer(sent, dtype=layout)["elements"]["value"].astype(np.float64)
    return values


def summed(values: Floats, marks: NDArray[np.uint8], minutes: int) -> Curve:
    """Channels of one interval length as one curve. values, marks: a row a channel; NaN is what is not there.

    >>> curve = summed(np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([[1, 1], [2, 0]], dtype=np.uint8), 30)
    >>> curve.loads.tolist(), curve.present.tolist(), curve.measured.tolist()
    ([8.0, 4.0], [2, 1], [1, 1])
    """
    present = (~np.isnan(values)).sum(axis=0)
    loads = np.where(present > 0, np.nansum(values, axis=0) * (60 / minutes), np.nan)
    return Curve(minutes, loads, present, (marks == flags.MEASURED).sum(axis=0))


def together(curves: Sequence[Curve]) -> Curve | None:
    """Curves of the same day as one, in the longest steps that fit into all of theirs.

    >>> quarter = Curve(15, np.array([1.0, 1.0, 3.0, 3.0]), np.ones(4, int), np.ones(4, int))
    >>> half = Curve(30, np.array([10.0, np.nan]), np.array([1, 0]), np.array([1, 0]))
    >>> both = together([quarter, half])
    >>> both.minutes, both.loads.tolist(), both.present.tolist()
    (15, [11.0, 11.0, 3.0, 3.0], [2, 2, 1, 1])
    """
    if not curves:
        return None
    minutes = gcd(*(curve.minutes for curve in curves))
    fine = [_in_steps(curve, minutes) for curve in curves]
    present = np.sum([curve.present for curve in fine], axis=0)
    known = np.nansum([curve.loads for curve in fine], axis=0)
    loads = np.where(present > 0, known, np.nan)
    return Curve(minutes, loads, present, np.sum([curve.measured for curve in fine], axis=0))


def _in_steps(curve: Curve, minutes: int) -> Curve:
    times = curve.minutes // minutes
    present, measured = np.repeat(curve.present, times), np.repeat(curve.measured, times)
    return Curve(minutes, np.repeat(curve.loads, times), present, measured)
