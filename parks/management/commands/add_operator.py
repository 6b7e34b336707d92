from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from parks.services.installation import make_operator
from tenancy.scopes import Author, login_scope


class Command(BaseCommand):
    help = "Make somebody an operator of this installation. Without an account, they choose a password by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name", help="of somebody who has no account yet")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        """Safe to repeat."""
        with login_scope(Author(name="add_operator")):
            membership = make_operator(email=email, name=name, now=timezone.now())
        self.stdout.write(f"{membership.user.email} is an operator.")
