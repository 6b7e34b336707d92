from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections

from tenancy.grants import grant_shared_tables


class Command(migrate.Command):
    help = f"{migrate.Command.help} Runs as the owner and grants the runtime role its shared tables."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grant_shared_tables(connections[options["database"]])
