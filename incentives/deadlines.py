"""The time left of what waits, beside each row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from incentives.models import Application
from lib.deadlines import clock


def with_clocks(rows: Iterable[Application], now: datetime) -> list[Application]:
    """Rows of the queue, each with its `clock`."""
    found = list(rows)
    for row in found:
        row.clock = clock(row.due_at, getattr(row, "waits_since", None), now)  # type: ignore[attr-defined]
    return found
