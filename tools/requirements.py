"""Keeps the lock files: `--lock` resolves requirements/*.in anew, `--check` says whether they may be committed."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
# A lock with an address in it ties every machine to one index.
ADDRESS = re.compile(r"://|^\s*-{1,2}(?:i|index-url|extra-index-url|find-links|f|trusted-host)\b", re.MULTILINE)
PIN = re.compile(r"^[A-Za-z0-9][^\s]*==", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--lock", action="store_true")
    action.add_argument("--check", action="store_true")
    if parser.parse_args().lock:
        for name in ("base", "dev"):
            compile_lock(name)
    complaints = [complaint for path in sorted(FOLDER.glob("*.*")) for complaint in complaints_about(path)]
    if complaints:
        sys.exit("\n".join(complaints))


def compile_lock(name: str) -> None:
    """Resolve one .in file. What the current lock already names stays at its version unless it has to move."""
    command = [
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-header",
        "--universal",
        "--python-version",
        "3.11",
    ]
    # The development lock is resolved within the base lock, so that both always name the same versions.
    constraints = ["--constraints", "base.txt"] if name != "base" else []
    uv = Path(sys.executable).with_name(command[0])
    subprocess.run(
        [uv, *command[1:], *constraints, f"{name}.in", "--output-file", f"{name}.txt"], cwd=FOLDER, check=True
    )


def complaints_about(path: Path) -> list[str]:
    text = path.read_text()
    complaints = [f"{path.name} names an address: {match.group(0).strip()}" for match in ADDRESS.finditer(text)]
    if path.suffix == ".txt":
        requirements = re.split(r"\n(?=[A-Za-z0-9])", text)
        complaints += [f"{path.name}: {part.split()[0]} has no hash" for part in requirements if "--hash=" not in part]
        complaints += [f"{path.name}: {part.split()[0]} is not pinned" for part in requirements if not PIN.match(part)]
    return complaints


if __name__ == "__main__":
    main()
