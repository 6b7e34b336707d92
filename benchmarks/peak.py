"""`python -m benchmarks.peak COMMAND …`: runs a management command and prints the most memory that it held."""

from __future__ import annotations

import json
import os
import resource
import sys

from config.environment import prepare


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    prepare()
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (settings read what prepare() found)

    execute_from_command_line(["manage.py", *sys.argv[1:]])
    print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)


if __name__ == "__main__":
    main()
