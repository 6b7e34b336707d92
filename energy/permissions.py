"""Who may do what with meters and their readings."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from energy.models import Asset, Channel, Feed, Meter, ReadingImport, ReadingIssue
from parks.actors import Actor
from parks.choices import Role

READERS = (Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR)

OwnedRow = Meter | Channel | Feed | ReadingImport | Asset


def can_read_energy(actor: Actor) -> bool:
    """What an enterprise uses is its own business: of the park's officials those who work with meters read it."""
    return actor.is_enterprise_person or (actor.is_official and actor.has_role(*READERS))


def can_open_cockpit(actor: Actor) -> bool:
    """The page for the wall adds up everybody: it is opened by those of the park who read meters."""
    return actor.is_official and can_read_energy(actor)


def can_keep_meters(actor: Actor) -> bool:
    """Enter, change and retire meters: the energy manager of the park, and that of an enterprise for its own.

    Not in a support session: money hangs on what a meter counts.
    """
    if actor.support_session_id is not None:
        return False
    if actor.is_enterprise_person:
        return actor.has_role(Role.ENERGY_MANAGER)
    return actor.is_official and actor.has_role(Role.PARK_ENERGY_MANAGER)


def can_keep_meters_of_park(actor: Actor) -> bool:
    """Say whose a meter is."""
    return actor.is_official and can_keep_meters(actor)


def can_keep_tariffs(actor: Actor) -> bool:
    """Say what electricity costs, and which channel is charged by which tariff: the energy manager of the park."""
    return can_keep_meters_of_park(actor)


def can_confirm_meter(actor: Actor, meter: Meter) -> bool:
    """Vouch that an enterprise has the device whose number it entered, so that files of the park fill its meter."""
    return can_keep_meters_of_park(actor) and actor.park_id == meter.park_id


def can_import_readings(actor: Actor) -> bool:
    """Bring files of readings, for the meters that the actor keeps."""
    return can_keep_meters(actor)


def can_correct(actor: Actor) -> bool:
    """Decide what becomes of doubtful readings. What people are paid by is corrected by the park, never by a party."""
    return can_keep_meters_of_park(actor)


def can_correct_readings(actor: Actor, issue: ReadingIssue) -> bool:
    return can_correct(actor) and actor.park_id == issue.park_id


def can_change_row(actor: Actor, row: OwnedRow) -> bool:
    """Whether a meter, channel, feed, import or asset is one of those that the actor keeps."""
    if not can_keep_meters(actor) or actor.park_id != row.park_id:
        return False
    return actor.is_official or actor.enterprise_id == row.enterprise_id


def guard(allowed: bool) -> None:
    """Refuse what the caller found not to be allowed."""
    if not allowed:
        raise PermissionDenied
