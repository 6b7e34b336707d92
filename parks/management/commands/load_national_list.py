from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from parks import services
from parks.models import Park
from parks.national_list import listed_parks
from tenancy.scopes import Author, platform_scope


class Command(BaseCommand):
    help = "Create the parks of the national list that are not here yet. Safe to repeat: what exists is left as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_scope(Author(name="ParkZero")):
            numbers = set(Park.objects.values_list("national_list_number", flat=True))
            slugs = set(Park.objects.values_list("slug", flat=True))
            listed = listed_parks()
            missing = [park for park in listed if park.number not in numbers and park.slug not in slugs]
            for park in missing:
                services.create_park(park.profile(), timezone.now())
        self.stdout.write(f"{len(missing)} parks created, {len(listed) - len(missing)} were there")
