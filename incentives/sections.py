"""What this app adds to pages of the apps below."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from enterprises import page_sections as enterprise_pages
from enterprises.models import Enterprise
from enterprises.queries.merging import absorbed_ids
from incentives import queries
from incentives.permissions import can_open_cases
from incentives.row_names import names_of_applications
from lib.periods import local_day
from parks import page_sections as park_pages
from parks import row_names
from parks.models import Park
from parks.page_sections import Section
from parks.requests import ActingRequest

PLACE_OF_PROGRAMMES = 20
PLACE_OF_NOTICES = 30
PLACE_OF_APPLICATIONS = 20
APPLICATIONS_SHOWN = 10
NOTICES_SHOWN = 10


def register() -> None:
    park_pages.public_park.register(PLACE_OF_PROGRAMMES, open_programmes)
    park_pages.public_park.register(PLACE_OF_NOTICES, notices)
    enterprise_pages.enterprise_detail.register(PLACE_OF_APPLICATIONS, filed_applications)
    row_names.register(names_of_applications)


def open_programmes(_request: HttpRequest, park: Park) -> Section | None:
    """The programmes anybody may read about today. Runs in the public scope: only published versions exist there."""
    offers = queries.public_offers(park, local_day(timezone.now(), park.time_zone))
    return Section("incentives/_public_offers.html", {"offers": offers})


def notices(_request: HttpRequest, park: Park) -> Section | None:
    """The public notices that one can object to now; nothing where the park never published one."""
    running = list(queries.running_notices(park, timezone.now())[:NOTICES_SHOWN])
    if not running and not queries.public_notices(park).exists():
        return None
    return Section("incentives/_public_notices.html", {"notices": running})


def filed_applications(request: ActingRequest, enterprise: Enterprise) -> Section | None:
    """The latest that an enterprise filed: for its people, and for officials who may know whose they are.

    Officials find those of what was merged into it as well: they stay with the row under which they were filed.
    """
    if not can_open_cases(request.actor):
        return None
    is_own = request.actor.is_enterprise_person
    of = [enterprise.pk] if is_own else [enterprise.pk, *absorbed_ids(enterprise)]
    filed = queries.applications(request.actor).filter(enterprise__in=of, submitted_at__isnull=False)
    latest = list(filed.order_by("-submitted_at", "-id")[:APPLICATIONS_SHOWN])
    page = "incentives:application_detail" if is_own else "incentives:review_detail"
    return Section("incentives/_filed_applications.html", {"applications": latest, "application_page": page})
