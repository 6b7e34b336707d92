"""What a person reads when something stands in the way of `make run`: one line, and an exit status that is not 0."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {"DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"}


def start(data_dir, **environment):
    """Run what `make run` runs, as far as the fault lets it get; returns exit status and what was said."""
    clean = {name: value for name, value in os.environ.items() if name not in SERVICES}
    outcome = subprocess.run(
        [sys.executable, "-m", "config.supervisor"],
        cwd=ROOT,
        env=clean | {"DATA_DIR": str(data_dir), "PORT": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


FAULTS = {
    "not an address": (
        {"DATABASE_URL": "nonsense", "OWNER_DATABASE_URL": "nonsense"},
        "DATABASE_URL is not the address of a database: write postgresql://NAME:PASSWORD@HOST:5432/DATABASE, "
        "or leave it out to use the database that comes along.\n",
    ),
    "unreachable database": (
        {
            "DATABASE_URL": "postgresql://app:hidden@127.0.0.1:1/parkzero",
            "OWNER_DATABASE_URL": "postgresql://owner:hidden@127.0.0.1:1/parkzero",
        },
        "DATABASE_URL: no PostgreSQL answers at 127.0.0.1:1: start it, correct the address, "
        "or leave it out to use the database that comes along.\n",
    ),
    "nonsense alone": (
        {"DATABASE_URL": "nonsense"},
        "DATABASE_URL is not the address of a database: write postgresql://NAME:PASSWORD@HOST:5432/DATABASE, "
        "or leave it out to use the database that comes along.\n",
    ),
    "not a broker": (
        {"REDIS_URL": "nonsense"},
        "REDIS_URL is not the address of a broker: write redis://:PASSWORD@HOST:6379/0, "
        "or leave it out to use the one that comes along.\n",
    ),
    "unreachable broker": (
        {"REDIS_URL": "redis://127.0.0.1:1/0"},
        "REDIS_URL: no Redis or Valkey answers there: start it, correct the address, "
        "or leave it out to use the one that comes along.\n",
    ),
    "port out of range": ({"PORT": "70000"}, "PORT is '70000': give a number from 1 to 65535.\n"),
    "demo for the network": (
        {"PARKZERO_MODE": "demo", "HOST": "0.0.0.0"},
        "HOST is '0.0.0.0', and the demo has passwords that everybody knows: leave HOST out, "
        "or set DEMO_ON_NETWORK=yes to let the whole network in.\n",
    ),
    "port is a word": ({"PORT": "http"}, "PORT is 'http': give a number from 1 to 65535.\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_start_says_in_one_line_what_to_do(fault, tmp_path):
    environment, sentence = FAULTS[fault]

    assert start(tmp_path, **{"PORT": str(free_port()), **environment}) == (1, sentence)


def test_start_asks_for_the_login_that_migrates(tmp_path):
    status, said = start(tmp_path, PORT=str(free_port()), DATABASE_URL=os.environ["DATABASE_URL"])

    assert (status, said) == (
        1,
        "DATABASE_URL is set and OWNER_DATABASE_URL is not: name the login that may migrate, "
        "or leave both out to use the database that comes along.\n",
    )


def test_start_refuses_a_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        status, said = start(tmp_path, PORT=str(port))

    assert (status, said) == (
        1,
        f"Port {port} of 127.0.0.1 cannot be used (Address already in use): end the program that has it, "
        f"or choose another one, for example 'make run PORT={port % 65535 + 1}'.\n",
    )


def test_start_refuses_a_data_folder_where_a_file_stands(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    for folder in (file, file / "data"):
        assert start(folder, PORT=str(free_port())) == (
            1,
            f"The data folder {folder} cannot be made, as a file stands in its place: "
            "name another one with DATA_DIR.\n",
        )


def test_start_refuses_a_data_folder_that_is_not_writable():
    # Where nobody may write, whoever runs the tests: not even root makes a folder there.
    status, said = start("/proc/parkzero", PORT=str(free_port()))

    assert status == 1
    assert re.fullmatch(
        r"The data folder /proc/parkzero is not writable \([^)]+\): give yourself the right to write there, "
        r"or name another folder with DATA_DIR\.\n",
        said,
    )


def test_manage_py_says_it_in_one_line_too(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    clean = {name: value for name, value in os.environ.items() if name not in SERVICES}

    outcome = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=clean | {"DATA_DIR": str(file / "data")},
        capture_output=True,
        text=True,
    )

    assert (outcome.returncode, outcome.stderr.count("\n")) == (1, 1)
    assert outcome.stderr.startswith(f"The data folder {file / 'data'} cannot be made")


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_old_python_is_refused_in_one_line(version):
    script = ROOT / "tools" / "check_python.py"
    pretended = f"import sys, runpy; sys.version_info = {version}; runpy.run_path({str(script)!r})"

    outcome = subprocess.run([sys.executable, "-c", pretended], capture_output=True, text=True)

    assert (outcome.returncode, outcome.stderr) == (
        1,
        f"ParkZero needs Python 3.11 or later and this is Python {version[0]}.{version[1]}: install a newer one and "
        "name it, for example 'make run PYTHON=python3.12'.\n",
    )


def test_the_check_of_python_is_written_for_any_python():
    text = (ROOT / "tools" / "check_python.py").read_text()

    assert [word for word in ('f"', ":=", "match ", "from __future__", "print ") if word in text] == []


def test_make_stops_at_an_old_python_before_it_installs_anything(tmp_path):
    copy = tmp_path / "project"
    shutil.copytree(ROOT / "tools", copy / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", copy / "requirements")
    shutil.copy(ROOT / "Makefile", copy)
    old = tmp_path / "python2.7"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import sys, runpy; sys.version_info = (2, 7); runpy.run_path('$1')\"\n"
    )
    old.chmod(0o755)

    outcome = subprocess.run(["make", "run", f"PYTHON={old}"], cwd=copy, capture_output=True, text=True)

    assert outcome.returncode == 2
    assert outcome.stderr.splitlines()[0].startswith("ParkZero needs Python 3.11 or later and this is Python 2.7:")
    assert not (copy / ".venv").exists()
