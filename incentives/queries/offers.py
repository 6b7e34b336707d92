"""Reads of what a park offers today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from incentives.choices import ApplicationState
from incentives.models import (
    Application,
    ProgrammeVersion,
)
from incentives.queries.applications import applications
from parks.actors import Actor
from parks.models import Park


@dataclass(frozen=True, slots=True)
class Offer:
    """An open programme and what the own enterprise has done about it."""

    version: ProgrammeVersion
    days_left: int
    application: Application | None
    closes_on: date


def open_offers(actor: Actor, today: date) -> list[Offer]:
    """Programmes that take applications on `today`, what closes first at the top."""
    versions = list(ProgrammeVersion.objects.of_park(actor.park_id).open_on(today))
    own = applications(actor).filter(programme_version__in=versions).exclude(state=ApplicationState.WITHDRAWN)
    latest = {application.programme_version_id: application for application in own.order_by("started_at")}
    return _in_order(_offer(version, today, latest.get(version.pk)) for version in versions)


def _offer(version: ProgrammeVersion, today: date, application: Application | None) -> Offer:
    closes_on = version.window_at(today).closes_on
    return Offer(version, (closes_on - today).days, application, closes_on)


def _in_order(offers: Iterable[Offer]) -> list[Offer]:
    """What closes first at the top."""
    return sorted(offers, key=lambda offer: (offer.closes_on, offer.version.code))


def has_open_version(version: ProgrammeVersion, today: date) -> bool:
    """Whether the programme of a version takes applications today, under whichever version."""
    versions = ProgrammeVersion.objects.of_park(version.park_id).open_on(today)
    return versions.filter(programme_id=version.programme_id).exists()


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A programme that opens, for the first time or again."""

    version: ProgrammeVersion
    opens_on: date


def upcoming_offers(actor: Actor, today: date) -> list[Upcoming]:
    """What opens first at the top."""
    versions = ProgrammeVersion.objects.of_park(actor.park_id).current()
    found = (Upcoming(version, version.window_at(today).opens_on) for version in versions)
    return sorted((one for one in found if one.opens_on > today), key=lambda one: (one.opens_on, one.version.code))


def public_offers(park: Park, today: date) -> list[Offer]:
    """Open programmes for a visitor who need not be signed in."""
    versions = ProgrammeVersion.objects.of_park(park.pk).open_on(today)
    return _in_order(_offer(version, today, None) for version in versions)
