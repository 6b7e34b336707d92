"""Reads of what a park offers today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

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


def open_offers(actor: Actor, today: date) -> list[Offer]:
    """Programmes that take applications on `today`, what closes first at the top."""
    versions = list(ProgrammeVersion.objects.of_park(actor.park_id).open_on(today))
    own = applications(actor).filter(programme_version__in=versions).exclude(state=ApplicationState.WITHDRAWN)
    latest = {application.programme_version_id: application for application in own.order_by("started_at")}
    return [Offer(version, (version.closes_on - today).days, latest.get(version.pk)) for version in versions]


def has_open_version(version: ProgrammeVersion, today: date) -> bool:
    """Whether the programme of a version takes applications today, under whichever version."""
    versions = ProgrammeVersion.objects.of_park(version.park_id).open_on(today)
    return versions.filter(programme_id=version.programme_id).exists()


def upcoming_offers(actor: Actor, today: date) -> QuerySet[ProgrammeVersion]:
    return ProgrammeVersion.objects.of_park(actor.park_id).current().filter(opens_on__gt=today).order_by("opens_on")


def public_offers(park: Park, today: date) -> list[Offer]:
    """Open programmes for a visitor who need not be signed in."""
    versions = ProgrammeVersion.objects.of_park(park.pk).open_on(today)
    return [Offer(version, (version.closes_on - today).days, None) for version in versions]
