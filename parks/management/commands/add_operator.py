from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from parks.choices import Role
from parks.models import Membership


class Command(BaseCommand):
    help = "Make somebody an operator of this installation. They choose a password by “Forgotten password”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    @transaction.atomic
    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        """Safe to repeat. Runs outside a scope: there is nobody yet who could act."""
        user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, name)
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        Membership.objects.get_or_create(
            user=user, park=None, enterprise_id=None, defaults={"roles": [Role.OPERATOR.value]}
        )
        self.stdout.write(f"{user.email} is an operator.")
