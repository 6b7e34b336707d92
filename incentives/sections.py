"""What this app adds to the public page of a park."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from incentives import queries
from lib.periods import local_day
from parks.models import Park
from parks.page_sections import Section

PLACE_OF_PROGRAMMES = 20


def open_programmes(_request: HttpRequest, park: Park) -> Section | None:
    """The programmes anybody may read about today. Runs in the public scope: only published versions exist there."""
    offers = queries.public_offers(park, local_day(timezone.now(), park.time_zone))
    return Section("incentives/_public_offers.html", {"offers": offers})
