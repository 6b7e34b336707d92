"""Who may open a view. Every view says so with exactly one of these decorators; what says nothing is refused.

`open_to_all` and `signed_in` run outside any scope and can touch no tenant table; `public_park` sees what the park of
the address publishes; `registering` sees what its visitor files to come into that park; `acting` sees the rows of the
actor, provided the predicate holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from django.conf import settings

from parks.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])


class Door(Enum):
    OPEN = auto()
    PUBLIC_PARK = auto()
    SIGNED_IN = auto()
    REGISTERING = auto()
    ACTING = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of its visitor. `allowed` is asked only behind `Door.ACTING`.

    `outside_support`: an operator in a support session acts here as themselves, not as the park's official.
    """

    door: Door
    allowed: Callable[[Actor], bool] | None = None
    outside_support: bool = False

    def admits(self, actor: Actor | None) -> bool:
        if self.door is not Door.ACTING:
            return True
        return actor is not None and self.allowed is not None and self.allowed(actor)


def open_to_all(view: View) -> View:
    view.access = Access(Door.OPEN)  # type: ignore[attr-defined]
    return view


def public_park(view: View) -> View:
    """For addresses with `park_slug`; the park is at `request.park`."""
    view.access = Access(Door.PUBLIC_PARK)  # type: ignore[attr-defined]
    return view


def registering(view: View) -> View:
    """For addresses with `park_slug`: a signed-in person, with or without a place, who files to come into that park.

    They are at `request.registrant`, the park at `request.park`; of tenants' rows they see what they filed themselves.
    """
    view.access = Access(Door.REGISTERING)  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    view.access = Access(Door.SIGNED_IN)  # type: ignore[attr-defined]
    return view


def acting(allowed: Callable[[Actor], bool]) -> Callable[[View], View]:
    """For an actor of whom `allowed(actor)` is true. The outermost decorator of a view or a class of API views."""

    def mark(view: View) -> View:
        view.access = Access(Door.ACTING, allowed)  # type: ignore[attr-defined]
        return view

    return mark


def acting_outside_support(allowed: Callable[[Actor], bool]) -> Callable[[View], View]:
    """Like `acting`, but the operator has left the park for this one act: the way out of a support session."""

    def mark(view: View) -> View:
        view.access = Access(Door.ACTING, allowed, outside_support=True)  # type: ignore[attr-defined]
        return view

    return mark


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view declares, itself or through its class; None when nobody said.

    Views of libraries are listed by module in `settings.ACCESS_OF_LIBRARIES`, each with the door it is behind.
    """
    for owner in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        declared = getattr(owner, "access", None)
        if isinstance(declared, Access):
            return declared
    module = getattr(view, "__module__", "")
    owner_module = getattr(getattr(view, "view_class", None) or getattr(view, "cls", None), "__module__", module)
    for prefix, door in settings.ACCESS_OF_LIBRARIES.items():
        if module.startswith(prefix) or owner_module.startswith(prefix):
            return Access(Door[door])
    return None
