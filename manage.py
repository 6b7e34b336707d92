#!/usr/bin/env python
"""Django's command line; starts the embedded services where no others are named."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.environment import prepare
    from config.failures import CannotStart

    try:
        prepare()
    except CannotStart as fault:
        sys.exit(str(fault))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
