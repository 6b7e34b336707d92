"""Work of the parks that nobody waits for: mail about people's places, on behalf of the installation."""

from __future__ import annotations

from celery import shared_task

from parks.services import mailing
from tenancy.tasks import PlatformTask


@shared_task(base=PlatformTask)
def tell_of_acceptance(invitation_id: int, membership_id: int) -> None:
    mailing.tell_of_acceptance(invitation_id, membership_id)


@shared_task(base=PlatformTask)
def tell_of_roles(membership_id: int, roles: list[str], at: str, by_name: str) -> None:
    mailing.tell_of_roles(membership_id, roles, at, by_name)


@shared_task(base=PlatformTask)
def tell_of_end(membership_id: int, at: str, by_name: str) -> None:
    mailing.tell_of_end(membership_id, at, by_name)
