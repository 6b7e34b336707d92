from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenancy import services
from tenancy.scopes import Author, platform_scope


class Command(BaseCommand):
    help = "Try again to send the events that were given up. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_scope(Author(name="ParkZero")):
            again = services.resend_given_up_events()
        self.stdout.write(f"{again} events will be sent again.")
