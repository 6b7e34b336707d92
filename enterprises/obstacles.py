"""What stands in the way of ending an enterprise's registration, told by the apps above.

An app above registers in `AppConfig.ready` a function that says, in sentences of the active language, what of the
enterprise is still under way with it:

    obstacles.register(open_applications)

Whoever ends a registration, by deregistering or by merging, asks `to_ending` and shows the sentences: it goes on only
when the official has said that they know. The functions run in the scope of the official who acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from enterprises.models import Enterprise

Obstacle: TypeAlias = Callable[[Enterprise], Iterable[str]]

_found_by: list[Obstacle] = []


def register(obstacle: Obstacle) -> None:
    """Ask this function too. Safe to repeat."""
    if obstacle not in _found_by:
        _found_by.append(obstacle)


def forget(obstacle: Obstacle) -> None:
    """Ask it no longer: for tests, which leave no trace."""
    if obstacle in _found_by:
        _found_by.remove(obstacle)


def to_ending(enterprise: Enterprise) -> list[str]:
    """What is under way, one sentence each, in the order in which the apps registered; empty when nothing is."""
    return [sentence for obstacle in _found_by for sentence in obstacle(enterprise)]
