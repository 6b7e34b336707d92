"""`python -m benchmarks NAME …`: runs benchmarks, by default all, and prints one JSON object a line.

`python -m benchmarks --remove NAME …` deletes what a large one keeps for the next time.

Runs on a database of its own in var/benchmarks, which is kept between runs. Exit status 1 where a limit does not hold.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from pathlib import Path

import benchmarks
from config.environment import ROOT, prepare
from config.failures import CannotStart

NOT_BENCHMARKS = {"__main__", "measurement", "peak"}


def main() -> int:
    known = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - NOT_BENCHMARKS)
    is_removal = sys.argv[1:2] == ["--remove"]
    chosen = sys.argv[1 + is_removal :] or known
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}: choose from {', '.join(known)}.", file=sys.stderr)
        return 2
    try:
        set_up(ROOT / "var" / "benchmarks")
    except CannotStart as fault:
        print(fault, file=sys.stderr)
        return 1
    if is_removal:
        return remove(chosen)
    outcomes = [run(name) for name in chosen]
    return 0 if all(outcomes) else 1


def set_up(data_dir: Path) -> None:
    os.environ.setdefault("DATA_DIR", str(data_dir))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    prepare()
    import django  # noqa: PLC0415 (settings read the addresses that prepare() found)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def remove(names: list[str]) -> int:
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "remove"):
            module.remove()
    return 0


def run(name: str) -> bool:
    """Print what the benchmark measures; whether all of it is within its limits."""
    holds = True
    for measurement in importlib.import_module(f"benchmarks.{name}").measure():
        print(measurement.as_line(), flush=True)
        holds = holds and measurement.holds
    return holds


if __name__ == "__main__":
    sys.exit(main())
