"""What this app adds to pages of the app below."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from enterprises import page_sections as enterprise_pages
from enterprises.queries.registrations import begun_registrations
from enterprises.row_names import names_of_register
from enterprises.services.registration import CHECK_WORKING_DAYS
from enterprises.views.merging import merged_from
from enterprises.views.registering import state_badge
from parks import page_sections, row_names
from parks.models import Park
from parks.page_sections import Section

PLACE_OF_REGISTRATION = 30
PLACE_OF_MERGED = 40


def register() -> None:
    page_sections.public_park.register(PLACE_OF_REGISTRATION, way_in)
    page_sections.membership_choose.register(PLACE_OF_REGISTRATION, own_registrations)
    enterprise_pages.enterprise_detail.register(PLACE_OF_MERGED, merged_from)
    row_names.register(names_of_register)


def way_in(_request: HttpRequest, park: Park) -> Section | None:
    """A suspended park lets nobody in."""
    if park.is_read_only:
        return None
    return Section("enterprises/_public_registration.html", {"working_days": CHECK_WORKING_DAYS})


def own_registrations(_request: HttpRequest, person: User) -> Section | None:
    begun = begun_registrations(person.pk)
    if not begun:
        return None
    entries = [{"entry": found, "badge": state_badge(found)} for found in begun]
    return Section("enterprises/_begun_registrations.html", {"begun": entries})
