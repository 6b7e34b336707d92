"""The system account that the embedded servers run under when the person who starts them is root.

PostgreSQL refuses to run as root; the servers of anybody else simply run under their own account.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from config.failures import CannotStart

NAME = "parkzero-services"


def service_account() -> pwd.struct_passwd | None:
    """The account to switch to, made on first use; None where nobody has to switch."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _make_account()


def _make_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(
            f"PostgreSQL does not run as root and the account {NAME} could not be made: "
            "run as another user, or set DATABASE_URL, OWNER_DATABASE_URL and REDIS_URL."
        ) from error
    return pwd.getpwnam(NAME)


def run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments of subprocess.run that start a program under the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def make_private_folder(path: Path, account: pwd.struct_passwd | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    give(path, account)


def write_private(path: Path, text: str, account: pwd.struct_passwd | None = None) -> None:
    """Write a file that only the account may read, at no moment anybody else."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
    give(path, account)


def make_reachable(path: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account pass through the folders above `path`; nothing in them becomes readable."""
    if account is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def make_runnable(program: Path, package: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account run a program of an installed package, also where root's umask closed the package to others."""
    if account is None:
        return
    make_reachable(program, account)
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **run_as(account))
    except (OSError, subprocess.CalledProcessError):
        for path in package.rglob("*"):
            mode = path.stat().st_mode
            path.chmod(mode | 0o044 | (0o011 if path.is_dir() or mode & 0o100 else 0))
