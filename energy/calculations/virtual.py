"""Values worked out from those of other channels: exact, and no better than what they are worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from lib.formulas import Formula, FormulaError

Floats = NDArray[np.float64]
Marks = NDArray[np.uint8]
# From the best to the worst: what somebody read and wrote down is surer than what was estimated.
WORSE = (flags.MEASURED, flags.EDITED, flags.ESTIMATED, flags.SUSPECT, flags.MISSING)
RANK = np.array([WORSE.index(flag) for flag in range(len(WORSE))], dtype=np.uint8)
FLAG = np.array(WORSE, dtype=np.uint8)
LARGEST = 1e12


def worst(marks: Marks) -> Marks:
    """Of each column the worst: an interval is as good as the worst that it is worked out from.

    >>> worst(np.array([[1, 1, 2, 1], [1, 3, 4, 0]], dtype=np.uint8)).tolist()
    [1, 3, 4, 0]
    """
    return np.asarray(FLAG[RANK[marks].max(axis=0)], dtype=np.uint8)


def worked_out(formula: Formula, inputs: Mapping[str, tuple[Floats, Marks]]) -> tuple[Floats, Marks]:
    """The values of each interval and what they are worth. inputs: by name values and flags, equally long each.

    Numbers are taken as they are written, 0.1 for 0.1, so that 0.3 − 0.1 is 0.2. Where an input is missing, or the
    formula has no value, nothing is there.

    >>> from lib.formulas import read_formula
    >>> formula = read_formula("max(0, c1 - c2)", frozenset({"c1", "c2"}))
    >>> measured = np.ones(3, dtype=np.uint8)
    >>> head = np.array([0.3, 5.0, 1.0]), measured
    >>> below = np.array([0.1, 6.0, np.nan]), np.array([1, 2, 0], dtype=np.uint8)
    >>> values, marks = worked_out(formula, {"c1": head, "c2": below})
    >>> values.tolist(), marks.tolist()
    ([0.2, 0.0, nan], [1, 2, 0])
    """
    names = sorted(inputs)
    marks = worst(np.stack([inputs[name][1] for name in names]))
    values = np.full(len(marks), np.nan)
    columns = [inputs[name][0].tolist() for name in names]
    for place in np.flatnonzero(marks != flags.MISSING).tolist():
        told = {name: Decimal(repr(column[place])) for name, column in zip(names, columns, strict=True)}
        try:
            value = float(formula.value(told))
        except FormulaError:
            continue
        if abs(value) < LARGEST:
            values[place] = value
    marks[np.isnan(values)] = flags.MISSING
    return values, marks


def coarser(values: Floats, marks: Marks, step: int, *, is_state: bool) -> tuple[Floats, Marks]:
    """`step` intervals together as one: the sum, of states the mean; missing where one of them is.

    >>> values, marks = coarser(np.array([1.0, 2.0, 3.0, np.nan]), np.array([1, 2, 1, 0], np.uint8), 2, is_state=False)
    >>> values.tolist(), marks.tolist()
    ([3.0, nan], [2, 0])
    """
    if step == 1:
        return values, marks
    together = values.reshape(-1, step)
    sums = together.mean(axis=1) if is_state else together.sum(axis=1)
    quality = worst(marks.reshape(-1, step).T)
    return np.where(quality == flags.MISSING, np.nan, sums), quality
