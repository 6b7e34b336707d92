"""What a benchmark says."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Measurement:
    """One figure beside the limit that is claimed for it."""

    name: str
    value: float
    unit: str
    limit: float
    bound: Literal["at most", "at least"] = "at most"

    @property
    def holds(self) -> bool:
        return self.value <= self.limit if self.bound == "at most" else self.value >= self.limit

    def as_line(self) -> str:
        return json.dumps(asdict(self) | {"value": round(self.value, 4), "holds": self.holds})


def median_ms(act: Callable[[], object], *, repetitions: int) -> float:
    """The median of the durations, in milliseconds, after one run that warms up and is not counted."""
    act()
    return median(duration_ms(act) for _ in range(repetitions))


def duration_ms(act: Callable[[], object]) -> float:
    started_at = perf_counter()
    act()
    return (perf_counter() - started_at) * 1000


def wall_and_cpu_ms(act: Callable[[], object]) -> tuple[float, float]:
    """How long it took, and what of that this process computed itself, without waiting for others or for its turn."""
    started_at = process_time()
    wall = duration_ms(act)
    return wall, (process_time() - started_at) * 1000
