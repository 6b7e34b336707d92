"""Work of the parks that nobody waits for: mail about people's places, and tidying, on behalf of the installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from celery import shared_task
from django.utils import timezone

from parks.services import mailing, orphans
from tenancy.tasks import PERIODIC, LoginTask, PlatformTask

PLACES_A_TASK = 500


@shared_task(base=PlatformTask)
def tell_of_acceptance(invitation_id: int, membership_id: int) -> None:
    mailing.tell_of_acceptance(invitation_id, membership_id)


@shared_task(base=PlatformTask)
def tell_of_invited_administrator(invitation_id: int, at: str) -> None:
    mailing.tell_of_invited_administrator(invitation_id, at)


@shared_task(base=PlatformTask)
def tell_of_roles(membership_id: int, roles: list[str], at: str, by_name: str) -> None:
    mailing.tell_of_roles(membership_id, roles, at, by_name)


@shared_task(base=PlatformTask)
def tell_of_end(membership_id: int, at: str, by_name: str) -> None:
    mailing.tell_of_end(membership_id, at, by_name)


@shared_task(base=LoginTask, name="parks.tasks.sweep_every_park", **PERIODIC)
def sweep_every_park() -> None:
    for park_id in orphans.parks_with_files():
        sweep_park.delay(park_id=park_id)


@shared_task(base=LoginTask, name="parks.tasks.sweep_park", **PERIODIC)
def sweep_park(park_id: int) -> None:
    """One task for so many folders, each in a transaction of its own."""
    for places in batched(orphans.sweepable_places(park_id), PLACES_A_TASK):
        sweep_orphans.delay(places=places)


@shared_task(base=LoginTask, name="parks.tasks.sweep_orphans", **PERIODIC)
def sweep_orphans(places: list[str]) -> int:
    return orphans.sweep_orphans(places, timezone.now())


def batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, size)):
        yield batch
