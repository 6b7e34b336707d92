"""The life of a park: created, configured, suspended, resumed, archived. Acts of the installation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lib.refusals import Refusal
from parks import events
from parks.choices import ParkStatus
from parks.models import PROFILE, Park, SupportSession


class WrongStatus(Refusal):
    """The park is not in a status from which this act leads on."""

    code = "wrong_park_status"


class WrongPeriod(Refusal):
    code = "wrong_period"


@transaction.atomic
def create_park(profile: Mapping[str, Any], now: datetime) -> Park:
    """A new park, active at once. `profile` holds fields named in `PROFILE`."""
    park = Park.objects.create(**_of_profile(profile), status_changed_at=now, created_at=now)
    events.park_created.publish(park_id=park.pk)
    return park


@transaction.atomic
def update_park(park_id: int, profile: Mapping[str, Any]) -> Park:
    """Write the given fields of the profile; the others stay as they are. Without any nothing happens."""
    changed = _of_profile(profile)
    park = Park.objects.select_for_update().get(pk=park_id)
    if not changed:
        return park
    for name, value in changed.items():
        setattr(park, name, value)
    _check_period(park)
    park.save(update_fields=list(changed))
    return park


def _check_period(park: Park) -> None:
    """Each of two people at once may change one of the years: the form of neither sees both."""
    begins, ends = park.construction_start_year, park.construction_end_year
    if begins is not None and ends is not None and ends < begins:
        raise WrongPeriod(_("Construction cannot end before it begins."), field="construction_end_year")


def _of_profile(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Only fields of the profile: status and branding change by acts of their own."""
    unknown = profile.keys() - set(PROFILE)
    if unknown:
        raise ValueError(f"Not of the profile of a park: {', '.join(sorted(unknown))}")
    return dict(profile)


@transaction.atomic
def suspend_park(park_id: int, reason: str, now: datetime) -> Park:
    """From now on everything in the park can be read and nothing changed: the database refuses it."""
    park = _change_status(park_id, {ParkStatus.ACTIVE}, ParkStatus.SUSPENDED, reason, now)
    events.park_suspended.publish(park_id=park.pk)
    return park


@transaction.atomic
def resume_park(park_id: int, reason: str, now: datetime) -> Park:
    """A suspended park works again."""
    park = _change_status(park_id, {ParkStatus.SUSPENDED}, ParkStatus.ACTIVE, reason, now)
    events.park_resumed.publish(park_id=park.pk)
    return park


@transaction.atomic
def archive_park(park_id: int, reason: str, now: datetime) -> Park:
    """Close a park for good: no page of it is public, nobody can act in it, its rows stay. Ends support sessions."""
    park = _change_status(park_id, {ParkStatus.ACTIVE, ParkStatus.SUSPENDED}, ParkStatus.ARCHIVED, reason, now)
    SupportSession.objects.of_park(park.pk).open(now).update(ended_at=now)
    events.park_archived.publish(park_id=park.pk)
    return park


def _change_status(park_id: int, before: set[ParkStatus], after: ParkStatus, reason: str, now: datetime) -> Park:
    park = Park.objects.select_for_update().get(pk=park_id)
    if park.status not in before:
        raise WrongStatus(
            _("The park is %(status)s: this cannot be done now.") % {"status": str(park.get_status_display()).lower()}
        )
    park.status, park.status_reason, park.status_changed_at = after, reason, now
    park.save(update_fields=["status", "status_reason", "status_changed_at"])
    return park
