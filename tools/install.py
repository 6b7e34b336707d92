"""Makes the virtual environment and installs one lock file into it, every package checked against its hash.

pip fetches uv, in the locked version; uv installs the rest in a tenth of pip's time. Where uv cannot (a platform
without a wheel of it, an index that only pip's configuration knows), pip does it all. Safe to repeat.
Uses the standard library only: nothing is installed yet when it runs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", type=Path)
    parser.add_argument("lock", type=Path)
    arguments = parser.parse_args()
    python = arguments.environment / "bin" / "python"
    try:
        make_environment(arguments.environment, python)
        if not install_with_uv(python, arguments.lock):
            pip(python, "install", "--require-hashes", "--requirement", str(arguments.lock))
    except subprocess.CalledProcessError:
        sys.exit(f"Installing {arguments.lock} failed (see above): check the network and run the same command again.")


def make_environment(environment: Path, python: Path) -> None:
    if (
        python.exists()
        and subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    ):
        return
    print(f"Making the virtual environment {environment}", flush=True)
    try:
        venv.create(environment, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("This Python cannot make virtual environments: install its venv package (on Debian: python3-venv).")


def install_with_uv(python: Path, lock: Path) -> bool:
    """Install exactly what the lock file names, removing what it does not name; False where uv could not do it."""
    uv = python.with_name("uv")
    print(f"Installing {lock}", flush=True)
    if not uv.exists() and not fetch_uv(python, lock):
        return False
    command: list[str | Path] = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock]
    # Hard links fail between file systems, and a warning about it is nothing that a person could act on.
    environment = os.environ | {"UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    return subprocess.run(command, env=environment, check=False).returncode == 0


def fetch_uv(python: Path, lock: Path) -> bool:
    pinned = re.search(r"^uv==(?:.*\\\n)*.*$", lock.read_text(), re.MULTILINE)
    if pinned is None:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(pinned[0] + "\n")
        requirement.flush()
        try:
            pip(python, "install", "--require-hashes", "--no-deps", "--requirement", requirement.name)
        except subprocess.CalledProcessError:
            return False
    return True


def pip(python: Path, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


if __name__ == "__main__":
    main()
