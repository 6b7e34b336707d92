"""Brings database and static files up to date, in one process that sets Django up once. Safe to repeat.

What it does goes to standard error; standard output is what the demo prints: the accounts.
"""

from __future__ import annotations

import logging
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Who starts the portal is told the steps; that each demo event was queued would bury them.
    logging.getLogger("django_structlog.celery").setLevel(logging.WARNING)
    say("Migrating the database")
    call_command("migrate", verbosity=0, interactive=False)
    say("Collecting the static files")
    call_command("collectstatic", verbosity=0, interactive=False)
    if settings.IS_DEMO:
        say("Seeding the demo parks")
        call_command("seed_demo")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
