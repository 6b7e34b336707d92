from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo import content, register
from config.demo.seeding import seed


class Command(BaseCommand):
    help = "Put three demo parks into an empty installation and print their accounts. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("Demo parks are never put into a production installation.")
        seed(timezone.now())
        self.stdout.write(f"Demo accounts, all with the password {content.PASSWORD}")
        torch = content.PARKS[0]
        people = (content.OPERATOR, content.OBSERVER, *torch.staff, *torch.enterprises[0].people)
        for someone in people:
            roles = ", ".join(str(role.label).lower() for role in someone.roles)
            self.stdout.write(f"  {someone.email:<34} {roles}")
        for newcomer in register.NEWCOMERS[torch.slug]:
            self.stdout.write(f"  {newcomer.person.email:<34} registers an enterprise ({newcomer.reached})")
