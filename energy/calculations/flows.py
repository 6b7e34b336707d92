"""Where the electricity of a month came from and where it went, balanced to the kilowatt-hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Owner = TypeVar("Owner")

SOURCES = ("import", "generation", "discharge")
SINKS = ("ev_charging", "charge", "export")
NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Balance(Generic[Owner]):
    """All in whole kWh. `sources` by flow, with `NOT_MEASURED` for what left meters without having come through one;
    `users` by owner what they used on their sites, `sinks` by flow what went on."""

    sources: dict[str, int]
    users: dict[Owner, int]
    sinks: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.sources.values())

    @property
    def went(self) -> int:
        return sum(self.users.values()) + sum(self.sinks.values())


def balance_of(flows: Mapping[Owner, Mapping[str, float]]) -> Balance[Owner]:
    """The balance of what each owner's channels counted, by flow in kWh.

    Use on site = drawn + generated + discharged − vehicle charging − charged − fed in, owner by owner. Where an
    owner's meters counted more going out than coming in, the difference is a source of its own: it is not measured.

    >>> both = balance_of({"A": {"import": 90.2, "generation": 20.0, "export": 5.0}, "B": {"ev_charging": 7.0}})
    >>> both.sources, both.users, both.sinks
    ({'import': 90, 'generation': 20, 'not_measured': 7}, {'A': 105}, {'ev_charging': 7, 'export': 5})
    >>> both.total == both.went
    True
    """
    sources = dict.fromkeys((*SOURCES, NOT_MEASURED), 0)
    sinks = dict.fromkeys(SINKS, 0)
    users: dict[Owner, int] = {}
    for owner, counted in flows.items():
        whole = {flow: round(value) for flow, value in counted.items()}
        came = sum(whole.get(flow, 0) for flow in SOURCES)
        went = sum(whole.get(flow, 0) for flow in SINKS)
        for flow in SOURCES:
            sources[flow] += whole.get(flow, 0)
        for flow in SINKS:
            sinks[flow] += whole.get(flow, 0)
        sources[NOT_MEASURED] += max(went - came, 0)
        if came > went:
            users[owner] = came - went
    return Balance(_there(sources), users, _there(sinks))


def _there(flows: Mapping[str, int]) -> dict[str, int]:
    return {flow: value for flow, value in flows.items() if value}


def largest(users: Mapping[Owner, int], most: int) -> tuple[list[tuple[Owner, int]], list[Owner]]:
    """The largest users, the largest first, and who is not among them; one alone is never put together.

    >>> largest({"A": 1, "B": 3, "C": 2}, 1)
    ([('B', 3)], ['C', 'A'])
    """
    ordered: Sequence[tuple[Owner, int]] = sorted(users.items(), key=lambda pair: -pair[1])
    if len(ordered) <= most + 1:
        return list(ordered), []
    return list(ordered[:most]), [owner for owner, _use in ordered[most:]]
