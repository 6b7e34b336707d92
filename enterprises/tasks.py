from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.permissions import can_register_enterprise
from enterprises.services import company_mail, imports, likeness, papers, registration_mail, vetting_mail
from enterprises.services.registration_ground import NotAllowed
from parks.actors import actor_of
from parks.choices import ParkStatus
from parks.models import Membership, Park
from tenancy.scopes import Scope, park_scope
from tenancy.tasks import PERIODIC, Arguments, LoginTask, PlatformTask, SteppedTask, TenantTask

REMINDERS_FROM_HOUR = 7
"""Of the park's clock: letters arrive in the morning."""


@shared_task(base=LoginTask, name="enterprises.tasks.write_resume_mail")
def write_resume_mail(park_id: int, registration_id: str, registrant_id: int) -> None:
    """The park sees no draft: the login role, which may read people and parks, writes of it."""
    registration_mail.write_resume_mail(
        park_id=park_id, registration_id=UUID(registration_id), registrant_id=registrant_id
    )


@shared_task(base=TenantTask, name="enterprises.tasks.write_registration_mails")
def write_registration_mails(park_id: int, step_id: str) -> None:
    registration_mail.write_registration_mails(UUID(step_id))


@shared_task(base=TenantTask, name="enterprises.tasks.work_out_likeness")
def work_out_likeness(park_id: int, registration_id: str) -> None:
    likeness.work_out_likeness(UUID(registration_id))


@shared_task(base=SteppedTask, name="enterprises.tasks.compare_waiting", **PERIODIC)
def compare_waiting(park_id: int) -> Iterator[None]:
    """Enterprises come and are renamed while a registration waits."""
    for registration_id in likeness.waiting_ids(park_id):
        likeness.work_out_likeness(registration_id)
        yield


@shared_task(base=PlatformTask, name="enterprises.tasks.compare_waiting_of_every_park", **PERIODIC)
def compare_waiting_of_every_park() -> None:
    for park_id in Park.objects.filter(status=ParkStatus.ACTIVE).values_list("pk", flat=True):
        compare_waiting.delay(park_id=park_id)


@shared_task(base=TenantTask, name="enterprises.tasks.write_decision_mail")
def write_decision_mail(park_id: int, step_id: str) -> None:
    vetting_mail.write_decision_mail(UUID(step_id))


@shared_task(base=TenantTask, name="enterprises.tasks.write_merge_mails")
def write_merge_mails(park_id: int, ended_id: str, merged_into_id: str, membership_ids: list[int]) -> None:
    vetting_mail.write_merge_mails(
        enterprise_id=UUID(ended_id), merged_into_id=UUID(merged_into_id), membership_ids=membership_ids
    )


@shared_task(base=TenantTask, name="enterprises.tasks.write_change_mails")
def write_change_mails(park_id: int, change_request_id: str) -> None:
    company_mail.write_change_mails(UUID(change_request_id))


@shared_task(base=TenantTask, name="enterprises.tasks.write_standing_mails")
def write_standing_mails(park_id: int, step_id: str, owner_ids: list[int]) -> None:
    company_mail.write_standing_mails(UUID(step_id), owner_ids)


@shared_task(base=TenantTask, name="enterprises.tasks.write_correction_mails")
def write_correction_mails(park_id: int, step_ids: list[str]) -> None:
    company_mail.write_correction_mails([UUID(step_id) for step_id in step_ids])


@shared_task(base=TenantTask, name="enterprises.tasks.write_ownership_mails")
def write_ownership_mails(park_id: int, step_id: str, membership_ids: list[int]) -> None:
    company_mail.write_ownership_mails(UUID(step_id), membership_ids)


@shared_task(base=TenantTask, name="enterprises.tasks.write_expiry_mails")
def write_expiry_mails(park_id: int, paper_id: str, valid_until: str, days_before: int) -> None:
    company_mail.write_expiry_mails(UUID(paper_id), date.fromisoformat(valid_until), days_before)


@shared_task(base=SteppedTask, name="enterprises.tasks.remind_of_expiry", **PERIODIC)
def remind_of_expiry(park_id: int) -> Iterator[None]:
    zone = Park.objects.values_list("time_zone", flat=True).get(pk=park_id)
    return papers.remind_of_expiry(park_id, timezone.now(), zone)


@shared_task(base=PlatformTask, name="enterprises.tasks.remind_every_park", **PERIODIC)
def remind_every_park() -> None:
    """Asked every hour: a park's day begins at its own midnight, and what was sent is not sent again."""
    now = timezone.now()
    for park in Park.objects.filter(status=ParkStatus.ACTIVE):
        if now.astimezone(ZoneInfo(park.time_zone)).hour >= REMINDERS_FROM_HOUR:
            remind_of_expiry.delay(park_id=park.pk)


class RegisterImportTask(SteppedTask):
    """Works under the name of the person who asked for it, as long as they may: what an import changes is their doing.

    Where they no longer may, the file waits as one that its worker has left, until somebody else goes on with it.
    """

    abstract = True

    @classmethod
    def scope(cls, given: Arguments) -> AbstractContextManager[Scope]:
        places = Membership.objects.filter(user_id=given["by_user_id"], park_id=given["park_id"], enterprise_id=None)
        held = places.filter(is_active=True, user__is_active=True).select_related("user", "park")
        actors = [actor_of(place) for place in held]
        registrar = next(filter(can_register_enterprise, actors), None)
        if registrar is None:
            raise NotAllowed(_("Who asked for this may no longer register enterprises in the park."))
        return park_scope(int(given["park_id"]), registrar.author)


@shared_task(base=RegisterImportTask, name="enterprises.tasks.check_register_import", ignore_result=True)
def check_register_import(park_id: int, register_import_id: str, by_user_id: int) -> Iterator[None]:
    return imports.check_register_import(UUID(register_import_id), by_user_id, timezone.now)


@shared_task(base=RegisterImportTask, name="enterprises.tasks.import_rows", ignore_result=True)
def import_rows(park_id: int, register_import_id: str, by_user_id: int) -> Iterator[None]:
    return imports.import_rows(UUID(register_import_id), by_user_id, timezone.now)


@shared_task(base=SteppedTask, name="enterprises.tasks.forget_import_rows", **PERIODIC)
def forget_import_rows(park_id: int) -> Iterator[None]:
    return imports.forget_rows(park_id, timezone.now())


@shared_task(base=PlatformTask, name="enterprises.tasks.forget_import_rows_of_every_park", **PERIODIC)
def forget_import_rows_of_every_park() -> None:
    """Suspended parks as well: people's names do not stay longer for it."""
    for park_id in Park.objects.values_list("pk", flat=True):
        forget_import_rows.delay(park_id=park_id)
